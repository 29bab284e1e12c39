package io.footbridge.dataplane;

import io.footbridge.nat.ConnectionTable;
import io.footbridge.nat.FragmentTable;
import io.footbridge.nat.IcmpErrors;
import io.footbridge.nat.Rewriter;
import io.footbridge.nat.Tracking;
import io.footbridge.nat.Rewriting;
import io.footbridge.nat.Tuple;
import io.footbridge.tap.FrameBuffers;
import io.footbridge.wire.DropReason;
import io.footbridge.wire.Ethernet;
import io.footbridge.wire.Frame;
import io.footbridge.wire.Ipv4;
import io.footbridge.wire.Ipv6;
import io.footbridge.wire.Tcp;
import io.footbridge.wire.VirtioNetHeader;
import java.lang.foreign.MemorySegment;

/**
 * What is decided for one packet that is to leave the network or uplink that it came in by. Owning worker only.
 *
 * <p>The flow comes first: its packets go where its first one went. A packet without one goes to {@link NewFlows}. The
 * flow tells how the packet is to read and in which realm, so next hop and MTU are known before anything is changed, and
 * an error quotes the packet as its sender sent it. Then it is tracked, rewritten, has a hop taken off, and goes out.
 *
 * <p>Most packets belong to a known flow and only cross ({@link #forward}). All others are routed with all that may come up
 * ({@link #route}).
 *
 * <p><b>Hairpin</b>: where that reading has an address of an uplink for its destination, the packet is turned round: it
 * goes on as one that came in by that uplink, with a second flow, and is rewritten by both.
 */
final class Router implements Pending.Taker {
    /** Result of {@link #forward}: a packet for {@link #route}. */
    static final int SPECIAL = 2;

    private static final int HEADERS4 = Ipv4.MIN_HEADER_LENGTH + Tcp.MIN_HEADER_LENGTH;
    private static final int HEADERS6 = Ipv6.HEADER_LENGTH + Tcp.MIN_HEADER_LENGTH;

    private final int worker;
    private final MemorySegment memory;
    private final ConnectionTable table;
    private final Egress egress;
    private final Tracking tracking;
    private final Rewriter rewriter;
    private final IcmpErrors icmpErrors;
    private final FragmentTable fragments;
    private final NewFlows newFlows;
    private final NextHops nextHops;
    private final RouterErrors errors;
    private final SocketFlows sockets;
    private final Rewriting by = new Rewriting();
    private final Tuple reading = by.reading();
    private final Tuple turned = new Tuple();

    Router(int worker, ConnectionTable table, Gateway gateway, Egress egress, FrameBuffers buffers,
            NextHops nextHops, RouterErrors errors, FragmentTable fragments, SocketFlows sockets) {
        this.fragments = fragments;
        this.sockets = sockets;
        this.worker = worker;
        this.memory = buffers.memory();
        this.table = table;
        this.egress = egress;
        this.nextHops = nextHops;
        this.errors = errors;
        tracking = new Tracking(table);
        rewriter = new Rewriter(table);
        icmpErrors = new IcmpErrors(table, worker);
        newFlows = new NewFlows(worker, table, gateway, errors, sockets);
    }

    ConnectionTable table() {
        return table;
    }

    /**
     * Routes a packet of a known flow, where there is nothing special about it; else nothing of it is changed.
     *
     * @param flow that it belongs to
     * @return zero, {@link #SPECIAL} for {@link #route}, {@link NextHops#HELD}, or the negative code of a reason to drop
     */
    int forward(Packet packet, int flow) {
        if (!packet.hasHopsLeft()) {
            return SPECIAL;
        }
        rewriter.read(flow, by);
        Bridge to = packet.topology.realm(reading.realm());
        if (to == null
                || to.isUplink() && packet.topology.local(reading.destinationHigh(), reading.destinationLow()) != null) {
            return SPECIAL;
        }
        int found = nextHops.find(packet, to, reading);
        if (found != 0) {
            return found;
        }
        NextHop hop = nextHops.hop();
        return packet.size > hop.mtu ? SPECIAL : finish(packet, flow, hop);
    }

    /** Tracks, rewrites as {@link #by} says, and sends; zero, or the negative code of a reason to drop. */
    private int finish(Packet packet, int flow, NextHop hop) {
        boolean inwards = packet.from.isUplink();
        RoutePolicy policy = (inwards ? hop.to : packet.from).routePolicy();
        int tracked = tracking.packet(flow, memory, packet.frame, packet.parsed, policy != null && policy.windowCheck,
                packet.tick);
        if (tracked < 0) {
            return tracked;
        }
        if (!inwards && !Frame.isAtomic(packet.parsed) && !packet.isIpv6()) {
            identify(packet);
        }
        rewriter.forward(memory, packet.header(), packet.frame, packet.parsed, by);
        if (tracked == Tcp.SYN) {
            clamp(packet, policy, hop.mtu);
        }
        return emit(packet, hop);
    }

    /**
     * Routes any packet.
     *
     * @param hash its tuple's
     * @return zero or more, or the negative code of a reason to drop
     */
    int route(Packet packet, long hash) {
        if (packet.isIcmpError()) {
            return icmpError(packet);
        }
        int flow = table.find(worker, packet.tuple, hash, packet.tick);
        if (flow < 0) {
            flow = newFlow(packet);
            if (flow < 0 || flow == NewFlows.ANSWERED) {
                return flow;
            }
        } else if (!packet.hasHopsLeft()) {
            return timeExceeded(packet);
        }
        rewriter.read(flow, by);
        Bridge to = packet.topology.realm(reading.realm());
        if (to == null) {
            return reading.realm() == packet.topology.socketsRealm ? sockets.packet(packet, flow)
                    : DropReason.NO_EGRESS.code();
        }
        if (to.isUplink()) {
            LocalAddress local = packet.topology.local(reading.destinationHigh(), reading.destinationLow());
            if (local != null) {
                return turn(packet, flow, local);
            }
        }
        return send(packet, flow, ConnectionTable.NONE, to);
    }

    private int newFlow(Packet packet) {
        if (!packet.from.isUplink()) {
            return newFlows.fromNetwork(packet);
        }
        Tuple tuple = packet.tuple;
        LocalAddress local = packet.topology.local(tuple.destinationHigh(), tuple.destinationLow());
        // An address of another uplink is nothing to this link's hosts.
        return newFlows.fromUplink(packet, tuple, local != null && local.uplink == packet.from ? local : null, false);
    }

    /** On with a packet that goes back in by an uplink's address: {@link #reading} is how it reads there. */
    private int turn(Packet packet, int flow, LocalAddress local) {
        turned.set(reading);
        turned.realm(local.uplink.realm());
        long hash = table.hash(turned);
        int second = table.find(worker, turned, hash, packet.tick);
        if (second < 0) {
            second = newFlows.fromUplink(packet, turned, local, true);
            if (second < 0) {
                return second;
            }
        }
        rewriter.read(second, by);
        Bridge to = packet.topology.realm(reading.realm());
        if (to == null || to.isUplink()) {
            return DropReason.NO_EGRESS.code();
        }
        return send(packet, flow, second, to);
    }

    /**
     * Sends a packet on its way.
     *
     * @param flow by which it is rewritten
     * @param second by which it is rewritten after that, or {@link ConnectionTable#NONE}
     */
    private int send(Packet packet, int flow, int second, Bridge to) {
        int found = nextHops.find(packet, to, reading);
        if (found != 0) {
            return found;
        }
        NextHop hop = nextHops.hop();
        if (packet.size > hop.mtu && !mayFragment(packet)) {
            errors.tooBig(packet, hop.mtu);
            return DropReason.MTU.code();
        }
        if (second >= 0) {
            int refused = tracking.packet(flow, memory, packet.frame, packet.parsed, false, packet.tick);
            if (refused < 0) {
                return refused;
            }
            rewriter.rewrite(memory, packet.header(), packet.frame, packet.parsed, flow);
            return finish(packet, second, hop);
        }
        return finish(packet, flow, hop);
    }

    /**
     * Fragments of different inside hosts, made by them or further on, would be mixed under one address (RFC 6864 section
     * 5.3.1): who may be fragmented gets an identification of the router's.
     */
    private void identify(Packet packet) {
        boolean whole = !packet.isFragment();
        if (whole && VirtioNetHeader.isGso(memory, packet.header())) {
            return;
        }
        Rewriter.identification(memory, packet.frame, packet.parsed,
                whole ? fragments.freshIdentification() : packet.identification);
    }

    /** Hands the packet to its port. */
    private int emit(Packet packet, NextHop to) {
        Ethernet.addresses(memory, packet.frame, to.mac, to.sourceMac);
        if (to.port == null) {
            return flood(packet, to.to.portTable());
        }
        if (packet.size > to.mtu) {
            egress.fragment(to.port, packet.frame, packet.length, to.mtu);
        } else {
            egress.send(to.port, packet.frame, packet.length);
        }
        return 0;
    }

    private int flood(Packet packet, PortTable ports) {
        RateLimit storm = packet.ingress.policy().storm;
        if (storm != null && !storm.allows(packet.now)) {
            return DropReason.STORM.code();
        }
        for (int i = 0; i < ports.size(); i++) {
            if (ports.at(i) != ports.host()) {
                egress.forward(ports.at(i), packet.frame, packet.length, packet.size);
            }
        }
        return ports.size() > 0 ? 0 : DropReason.NO_EGRESS.code();
    }

    private boolean mayFragment(Packet packet) {
        return !packet.isIpv6() && !Ipv4.dontFragment(memory, packet.network());
    }

    private void clamp(Packet packet, RoutePolicy policy, int mtu) {
        int wanted = policy == null ? RouteSettings.MSS_AUTO : policy.mss;
        if (wanted != RouteSettings.MSS_OFF) {
            int narrowest = wanted > 0 ? wanted + (packet.isIpv6() ? HEADERS6 : HEADERS4)
                    : Math.min(mtu, packet.ingress.policy().mtu);
            Rewriter.clampSegmentSize(memory, packet.header(), packet.frame, packet.parsed, narrowest);
        }
    }

    /** An ICMP error goes the way of the flow that it speaks of, without being of it. */
    private int icmpError(Packet packet) {
        int flow = icmpErrors.find(memory, packet.header(), packet.frame, packet.parsed, packet.from.realm(),
                packet.tick);
        if (flow < 0) {
            return flow;
        }
        if (!packet.from.isUplink() && table.owner(flow) != packet.ingress.flowOwner()) {
            // An endpoint speaks of its own flows; of another's it can only have guessed.
            return DropReason.BAD_QUOTE.code();
        }
        if (!packet.hasHopsLeft()) {
            return DropReason.TTL.code();
        }
        rewriter.read(flow, by);
        Bridge to = packet.topology.realm(reading.realm());
        if (to == null) {
            return DropReason.NO_EGRESS.code();
        }
        if (to.isUplink()) {
            LocalAddress local = packet.topology.local(reading.destinationHigh(), reading.destinationLow());
            if (local != null) {
                icmpErrors.rewrite(memory, packet.frame, packet.parsed, flow);
                packet.from = local.uplink;
                flow = icmpErrors.find(memory, packet.header(), packet.frame, packet.parsed, local.uplink.realm(),
                        packet.tick);
                if (flow < 0) {
                    return flow;
                }
                rewriter.read(flow, by);
                to = packet.topology.realm(reading.realm());
                if (to == null || to.isUplink()) {
                    return DropReason.NO_EGRESS.code();
                }
            }
        }
        int found = nextHops.find(packet, to, reading);
        if (found != 0) {
            return found;
        }
        NextHop hop = nextHops.hop();
        if (packet.size > hop.mtu) {
            return DropReason.MTU.code();
        }
        icmpErrors.rewrite(memory, packet.frame, packet.parsed, flow);
        packet.takeHop();
        return emit(packet, hop);
    }

    private int timeExceeded(Packet packet) {
        errors.timeExceeded(packet);
        return DropReason.TTL.code();
    }

    @Override
    public void resume(Packet packet) {
        int verdict = route(packet, table.hash(packet.tuple));
        if (verdict < 0) {
            drop(packet, verdict);
        }
    }

    @Override
    public void abandon(Packet packet) {
        errors.noNeighbour(packet);
        drop(packet, DropReason.NEIGHBOUR.code());
    }

    private void drop(Packet packet, int verdict) {
        packet.ingress.lane(worker).counters.dropped(verdict);
    }
}
