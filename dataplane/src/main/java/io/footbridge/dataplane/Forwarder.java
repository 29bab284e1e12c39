package io.footbridge.dataplane;

import io.footbridge.fdb.ForwardingTable;
import io.footbridge.fdb.LearnOutcome;
import io.footbridge.tap.FrameBatch;
import io.footbridge.tap.FrameBuffers;
import io.footbridge.wire.DropReason;
import io.footbridge.wire.Ethernet;
import io.footbridge.wire.Frame;
import io.footbridge.wire.MacAddress;
import io.footbridge.wire.VirtioNetHeader;
import io.footbridge.wire.Vlan;
import java.lang.foreign.MemorySegment;

/**
 * The bridge's step: takes the batch that one port received and sees each frame to where it belongs. Owning worker only.
 *
 * <p>Pass by pass over the batch, so that the cache misses of its frames overlap: parse all, touch both FDB buckets of
 * all, then learn and decide one by one; of a batch that is all from one host to the gateway, once. What is for the gateway's
 * MAC is routed after that ({@link RouteBatch}). Every frame ends as forwarded, answered or dropped with a reason.
 */
final class Forwarder {
    /** No key of the FDB. */
    private static final long NOBODY = -1;

    private final int worker;
    private final FrameBuffers buffers;
    private final Egress egress;
    private final Gateway gateway;
    private final RouteBatch routed;

    private final long[] sources = new long[FrameBatch.CAPACITY];
    private final long[] destinations = new long[FrameBatch.CAPACITY];
    private final long[] sourceBuckets = new long[FrameBatch.CAPACITY];
    private final long[] destinationBuckets = new long[FrameBatch.CAPACITY];
    /** The length to hold against an MTU, or the negative code of a reason to drop. */
    private final int[] sizes = new int[FrameBatch.CAPACITY];
    // Of the batch under way:
    /** Whether anything is routed. */
    private boolean routing;
    /** Whether MACs are learned: an uplink has only one port. */
    private boolean learns;
    /** Whether one frame differs from another in its source, or is for somebody else than the gateway. */
    private boolean varied;
    /** The first frame's source, by its FDB key; or nobody. */
    private long first;
    /** The FDB's key of the gateway's MAC, whose entry is permanent and need not be looked up. */
    private long gatewayKey;
    /** The key that was learned last. */
    private long learned;

    /** A forwarder that routes nothing. */
    Forwarder(int worker, FrameBuffers buffers, Egress egress, Gateway gateway) {
        this(worker, buffers, egress, gateway, new RouteBatch(worker, buffers, egress, gateway, new Routes()));
    }

    Forwarder(int worker, FrameBuffers buffers, Egress egress, Gateway gateway, RouteBatch routed) {
        this.worker = worker;
        this.buffers = buffers;
        this.egress = egress;
        this.gateway = gateway;
        this.routed = routed;
    }

    /**
     * Forwards a batch and flushes the egress.
     *
     * @param now the cycle's time in nanoseconds
     */
    void forward(Port ingress, FrameBatch batch, long now) {
        Bridge bridge = ingress.bridge();
        PortTable ports = bridge.portTable();
        PortPolicy policy = ingress.policy();
        ForwardingTable fdb = bridge.fdbTable();
        int tick = bridge.tick(now);
        routing = routed.begin(ingress, ports, now);
        parse(ingress, policy, bridge, batch);
        learned = NOBODY;
        if (varied) {
            touch(fdb, batch.count());
            forward(bridge, fdb, ports, ingress, policy, batch, now, tick);
        } else {
            takeAll(bridge, fdb, ports, ingress, policy, batch, now, tick);
        }
        if (routing) {
            routed.run();
        }
        egress.flush();
    }

    /** Third pass, of any batch: learns and decides, frame by frame. */
    private void forward(Bridge bridge, ForwardingTable fdb, PortTable ports, Port ingress, PortPolicy policy,
            FrameBatch batch, long now, int tick) {
        for (int i = 0; i < batch.count(); i++) {
            int verdict = sizes[i];
            if (verdict >= 0) {
                verdict = learn(fdb, ingress, policy, sources[i], sourceBuckets[i], tick);
            }
            if (verdict >= 0) {
                verdict = destinations[i] == gatewayKey ? take(bridge, ports, ingress, batch, i, now)
                        : decide(bridge, fdb, ports, ingress, policy, batch, i, now, tick);
            }
            if (verdict < 0) {
                ingress.lane(worker).counters.dropped(verdict);
            }
        }
    }

    /** Third pass, of a batch that one host sends to the gateway: what is learned is learned of all. */
    private void takeAll(Bridge bridge, ForwardingTable fdb, PortTable ports, Port ingress, PortPolicy policy,
            FrameBatch batch, long now, int tick) {
        int refused = first == NOBODY ? 0 : learn(fdb, ingress, policy, first, fdb.touch(first), tick);
        for (int i = 0; i < batch.count(); i++) {
            int verdict = sizes[i] < 0 ? sizes[i] : refused < 0 ? refused : take(bridge, ports, ingress, batch, i, now);
            if (verdict < 0) {
                ingress.lane(worker).counters.dropped(verdict);
            }
        }
    }

    /** First pass: what can be told from the frame alone. */
    private void parse(Port ingress, PortPolicy policy, Bridge bridge, FrameBatch batch) {
        MemorySegment memory = buffers.memory();
        boolean vlanAware = bridge.settings().vlanAware();
        GatewayAddresses gatewayAddresses = bridge.gatewayAddresses();
        gatewayKey = gatewayAddresses == null ? NOBODY : ForwardingTable.key(0, gatewayAddresses.mac);
        learns = !bridge.isUplink();
        int count = batch.count();
        long bytes = 0;
        first = NOBODY;
        varied = false;
        for (int i = 0; i < count; i++) {
            long offset = batch.offset(i);
            int length = batch.length(i);
            bytes += Math.max(length, 0);
            sizes[i] = batch.result(i) == 0 ? size(memory, offset, length) : DropReason.TRUNCATED.code();
            if (sizes[i] < 0) {
                continue;
            }
            long source = Ethernet.source(memory, offset);
            if (!MacAddress.isStation(source)) {
                sizes[i] = DropReason.BAD_SOURCE_MAC.code();
                continue;
            }
            if (policy.sourceCheck != null) {
                int refused = policy.sourceCheck.check(memory, offset, length, source);
                if (refused < 0) {
                    sizes[i] = refused;
                    continue;
                }
            }
            int vlan = vlanAware && Vlan.isTag(Ethernet.etherType(memory, offset)) ? Vlan.id(memory, offset) : 0;
            if (vlan != 0 && !policy.host && gatewayAddresses != null && source == gatewayAddresses.mac) {
                // The gateway's own entry is that of untagged frames, and learning would not meet it.
                sizes[i] = DropReason.BOUND_MAC.code();
                continue;
            }
            long from = ForwardingTable.key(vlan, source);
            long to = ForwardingTable.key(vlan, Ethernet.destination(memory, offset));
            sources[i] = from;
            destinations[i] = to;
            first = first == NOBODY ? from : first;
            varied |= from != first || to != gatewayKey;
        }
        ingress.lane(worker).counters.received(count, bytes);
        record(ingress.captures(), ingress, batch);
        record(bridge.captures(), ingress, batch);
    }

    private void record(CapturePoint captures, Port ingress, FrameBatch batch) {
        if (captures.isActive()) {
            for (int i = 0; i < batch.count(); i++) {
                int length = Math.min(batch.length(i), FrameBuffers.MAX_FRAME_LENGTH);
                if (length > 0) {
                    captures.record(worker, buffers.memory(), batch.offset(i), length, ingress.serial(),
                            Capture.INBOUND);
                }
            }
        }
    }

    private static int size(MemorySegment memory, long offset, int length) {
        if (length < Ethernet.HEADER_LENGTH) {
            return DropReason.RUNT.code();
        }
        if (length > FrameBuffers.MAX_FRAME_LENGTH) {
            return DropReason.OVERSIZE.code();
        }
        long header = offset - FrameBuffers.VIRTIO_HEADER_LENGTH;
        int checked = VirtioNetHeader.check(memory, header, offset, length);
        return checked < 0 ? checked : Frame.networkLength(memory, header, offset, length);
    }

    /** Second pass: brings the buckets of all frames near, one miss beside the other. */
    private void touch(ForwardingTable fdb, int count) {
        for (int i = 0; i < count; i++) {
            if (sizes[i] >= 0) {
                sourceBuckets[i] = learns ? fdb.touch(sources[i]) : 0;
                destinationBuckets[i] = destinations[i] == gatewayKey ? 0 : fdb.touch(destinations[i]);
            }
        }
    }

    private int learn(ForwardingTable fdb, Port ingress, PortPolicy policy, long source, long bucket, int tick) {
        if (!learns) {
            return source == gatewayKey ? DropReason.BOUND_MAC.code() : 0;
        }
        if (source == learned) {
            return 0;
        }
        int verdict = switch (fdb.learn(source, bucket, ingress.index(), tick)) {
            case LearnOutcome.REFUSED_STICKY -> DropReason.STICKY.code();
            // The host's interface shares the gateway's MAC; no other port may use it, nor one bound to another port.
            case LearnOutcome.REFUSED_PERMANENT -> policy.host ? 0 : DropReason.BOUND_MAC.code();
            default -> 0;
        };
        learned = verdict < 0 ? NOBODY : source;
        return verdict;
    }

    /** What is for the gateway. */
    private int take(Bridge bridge, PortTable ports, Port ingress, FrameBatch batch, int i, long now) {
        if (routing) {
            routed.add(batch.offset(i), batch.length(i), sizes[i]);
            return 0;
        }
        return gateway.receive(bridge, ports, ingress, batch.offset(i), batch.length(i), sizes[i], now);
    }

    /** What is not sent to the gateway's MAC, as far as that was known when the batch began. */
    private int decide(Bridge bridge, ForwardingTable fdb, PortTable ports, Port ingress, PortPolicy policy,
            FrameBatch batch, int i, long now, int tick) {
        long destination = ForwardingTable.mac(destinations[i]);
        long offset = batch.offset(i);
        int length = batch.length(i);
        if (MacAddress.isMulticast(destination)) {
            if (MacAddress.isLinkLocal(destination)) {
                return DropReason.LINK_LOCAL.code();
            }
            if (policy.storm != null && !policy.storm.allows(now)) {
                return DropReason.STORM.code();
            }
            int taken = gateway.takeMulticast(bridge, ports, ingress, offset, length);
            if (taken == Gateway.TAKEN || taken < 0) {
                return Math.min(taken, 0);
            }
            int flooded = flood(ports, ingress, policy, offset, length, sizes[i]);
            return taken == Gateway.HEARD ? 0 : flooded;
        }
        int egressIndex = fdb.lookup(destinations[i], destinationBuckets[i], tick);
        if (egressIndex == Bridge.GATEWAY_INDEX) {
            return take(bridge, ports, ingress, batch, i, now);
        }
        Port port = egressIndex < 0 ? null : ports.get(egressIndex);
        if (port == null) {
            if (policy.storm != null && !policy.storm.allows(now)) {
                return DropReason.STORM.code();
            }
            return flood(ports, ingress, policy, offset, length, sizes[i]);
        }
        return unicast(ingress, policy, port, offset, length, sizes[i]);
    }

    private int unicast(Port ingress, PortPolicy policy, Port port, long offset, int length, int size) {
        if (port == ingress && !policy.hairpin) {
            return DropReason.REFLECTION.code();
        }
        if (policy.isolated && port.policy().isolated) {
            return DropReason.ISOLATED.code();
        }
        egress.forward(port, offset, length, size);
        return 0;
    }

    private int flood(PortTable ports, Port ingress, PortPolicy policy, long offset, int length, int size) {
        int eligible = 0;
        boolean kept = false;
        for (int i = 0; i < ports.size(); i++) {
            Port port = ports.at(i);
            if (port == ingress && !policy.hairpin) {
                continue;
            }
            if (policy.isolated && port.policy().isolated) {
                kept = true;
                continue;
            }
            eligible++;
            egress.forward(port, offset, length, size);
        }
        if (eligible > 0) {
            return 0;
        }
        return kept ? DropReason.ISOLATED.code() : DropReason.NO_EGRESS.code();
    }
}
