package io.footbridge.dataplane;

import io.footbridge.nat.Owner;
import io.footbridge.tap.Endpoint;
import io.footbridge.wire.DropReason;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A port of a bridge: an endpoint, what a person has set of it, and its counters. Made by {@link Engine#addPort}; any
 * thread.
 */
public final class Port {
    private final Bridge bridge;
    private final String name;
    private final int index;
    private final long serial;
    private final Endpoint endpoint;
    private final PortLane[] lanes;
    private final CapturePoint captures = new CapturePoint();
    private final Worker owner;
    private final AtomicBoolean lost = new AtomicBoolean();
    private final ServiceShare services = new ServiceShare();
    private volatile PortPolicy policy;
    /** Null where no flows are tracked. */
    private volatile Owner flowOwner;

    Port(Bridge bridge, String name, int index, long serial, Endpoint endpoint, PortPolicy policy, int workers,
            Worker owner) {
        this.bridge = bridge;
        this.name = name;
        this.index = index;
        this.serial = serial;
        this.endpoint = endpoint;
        this.policy = policy;
        this.owner = owner;
        this.lanes = new PortLane[workers];
        for (int i = 0; i < workers; i++) {
            lanes[i] = new PortLane(this);
        }
    }

    /** Its name, unique on the bridge. */
    public String name() {
        return name;
    }

    /** The bridge that it is a port of. */
    public Bridge bridge() {
        return bridge;
    }

    /** What is set of it now. */
    public PortSettings settings() {
        return policy.settings();
    }

    /** Replaces what is set; frames that are under way may still see the old. The role stays as it is. */
    public void settings(PortSettings settings) {
        if (settings.role() != policy.settings().role()) {
            throw new IllegalArgumentException("the role of port " + name + " cannot change");
        }
        policy = new PortPolicy(settings, bridge.clock().nanoTime());
        bridge.limitFdb(this);
        Owner flows = flowOwner;
        if (flows != null) {
            flows.limits(settings.flowLimit(), settings.portLimit());
        }
    }

    /** Its counters now, summed over the workers. */
    public PortStatistics statistics() {
        long receivedFrames = 0;
        long receivedBytes = 0;
        long transmittedFrames = 0;
        long transmittedBytes = 0;
        Map<DropReason, Long> drops = new EnumMap<>(DropReason.class);
        for (PortLane lane : lanes) {
            PortCounters counters = lane.counters;
            receivedFrames += counters.receivedFrames();
            receivedBytes += counters.receivedBytes();
            transmittedFrames += counters.transmittedFrames();
            transmittedBytes += counters.transmittedBytes();
            for (DropReason reason : DropReason.values()) {
                long count = counters.drops(reason);
                if (count > 0) {
                    drops.merge(reason, count, Long::sum);
                }
            }
        }
        return new PortStatistics(receivedFrames, receivedBytes, transmittedFrames, transmittedBytes, drops,
                endpoint.kernelDrops());
    }

    /** What FDB entries call it; unique on the bridge at a time, reused after it. */
    int index() {
        return index;
    }

    /** Unique in the engine, never reused, never 0. */
    long serial() {
        return serial;
    }

    Endpoint endpoint() {
        return endpoint;
    }

    PortLane lane(int worker) {
        return lanes[worker];
    }

    PortPolicy policy() {
        return policy;
    }

    CapturePoint captures() {
        return captures;
    }

    /** What it has under way at the gateway's services. */
    ServiceShare services() {
        return services;
    }

    /** Whose flows those of its endpoint are. */
    Owner flowOwner() {
        return flowOwner;
    }

    /** Sets whose flows those of its endpoint are. */
    void flowOwner(Owner of) {
        flowOwner = of;
    }

    /** Lets no flows be opened for it any more, once all workers have passed. */
    void retireFlows() {
        Owner flows = flowOwner;
        if (flows != null) {
            flows.retire();
        }
    }

    /** Whether it is still a port of its bridge. */
    boolean isAttached() {
        return bridge.portTable().get(index) == this;
    }

    /** The worker that receives from it. */
    Worker owner() {
        return owner;
    }

    /** Notes that its device is gone; true for the first who does. */
    boolean markLost() {
        return lost.compareAndSet(false, true);
    }

    @Override
    public String toString() {
        return bridge.name() + "/" + name;
    }
}
