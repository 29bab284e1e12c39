package io.footbridge.nat;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Whose sessions and mappings are counted and limited together, and go together: usually a container. Made by
 * {@link ConnectionTable#newOwner}; any thread.
 */
public final class Owner {
    private final int id;
    private final AtomicInteger flows = new AtomicInteger();
    private final AtomicInteger ports = new AtomicInteger();
    private final int flowDefault;
    private final int portDefault;
    private volatile int flowLimit;
    private volatile int portLimit;
    private volatile boolean retired;

    Owner(int id, int flowLimit, int portLimit, int flowDefault, int portDefault) {
        this.id = id;
        this.flowDefault = flowDefault;
        this.portDefault = portDefault;
        limits(flowLimit, portLimit);
    }

    int id() {
        return id;
    }

    /** Changes the limits, 0 for the default ones; what it has beyond them stays. */
    public void limits(int ofFlows, int ofPorts) {
        flowLimit = ofFlows == 0 ? flowDefault : ofFlows;
        portLimit = ofPorts == 0 ? portDefault : ofPorts;
    }

    /** It gets no more sessions; those that workers are about to open it may still get. */
    public void retire() {
        retired = true;
    }

    /** Whether a session or a mapping is still its own. */
    boolean hasAny() {
        return flows.get() != 0 || ports.get() != 0;
    }

    /** Sessions it has. */
    public int flows() {
        return flows.get();
    }

    /** Outside ports it has. */
    public int ports() {
        return ports.get();
    }

    /** Counts a session in, unless it has all it may have, or gets no more. */
    boolean takeFlow() {
        return !retired && take(flows, flowLimit);
    }

    /** Counts many sessions in, unless fewer than {@code margin} could come after them, or others are just counted. */
    boolean takeFlows(int many, int margin) {
        return !retired && Allotment.countIn(flows, many, flowLimit - margin);
    }

    void releaseFlow() {
        releaseFlows(1);
    }

    void releaseFlows(int many) {
        flows.addAndGet(-many);
    }

    /** Counts an outside port in, unless it has all it may have. */
    public boolean takePort() {
        return take(ports, portLimit);
    }

    /** As {@link #takeFlows}, of outside ports. */
    boolean takePorts(int many, int margin) {
        return Allotment.countIn(ports, many, portLimit - margin);
    }

    /** Counts an outside port out. */
    public void releasePort() {
        releasePorts(1);
    }

    void releasePorts(int many) {
        ports.addAndGet(-many);
    }

    private static boolean take(AtomicInteger count, int limit) {
        if (count.incrementAndGet() <= limit) {
            return true;
        }
        count.decrementAndGet();
        return false;
    }
}
