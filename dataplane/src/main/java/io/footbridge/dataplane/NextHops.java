package io.footbridge.dataplane;

import io.footbridge.fdb.ForwardingTable;
import io.footbridge.nat.Tuple;
import io.footbridge.wire.DropReason;
import io.footbridge.wire.MacAddress;
import java.util.Arrays;

/**
 * Which port and MAC a packet goes to: the neighbour that has its destination, or the uplink's own gateway; the FDB tells
 * behind which port that neighbour is. Owning worker only.
 */
final class NextHops {
    private static final int KNOWN_BITS = 8;
    private static final int KNOWN = 1 << KNOWN_BITS;
    private static final int SPREAD = 0x9E37_79B1;

    /** Result of {@link #find}: the packet waits until the neighbour has answered. */
    static final int HELD = 1;

    private final Pending pending;
    private final Questions questions;
    private final RouterErrors errors;

    private final Known[] known = new Known[KNOWN];
    /** Of what is not among the known ones. */
    private final NextHop other = new NextHop();
    private NextHop hop;

    NextHops(Pending pending, Questions questions, RouterErrors errors) {
        this.pending = pending;
        this.questions = questions;
        this.errors = errors;
        Arrays.setAll(known, place -> new Known());
    }

    /** A neighbour that was found within the same tick: what it takes two tables to find out is not asked for each packet. */
    private static final class Known {
        final NextHop hop = new NextHop();
        long high;
        long low;
        int tick;
        int generation;
        PortTable ports;
        PortPolicy policy;
        GatewayAddresses gateway;
    }

    /** What {@link #find} found, until it is asked again. */
    NextHop hop() {
        return hop;
    }

    /**
     * Finds the next hop of a packet, which is as it came.
     *
     * @param to the network or uplink that it goes to
     * @param destination where it is for as it reads there
     * @return zero, and then {@link #hop} is it; {@link #HELD}, or the negative code of a reason to drop
     */
    int find(Packet packet, Bridge to, Tuple destination) {
        GatewayAddresses gateway = to.gatewayAddresses();
        if (gateway == null) {
            return DropReason.NO_EGRESS.code();
        }
        long high = destination.destinationHigh();
        long low = destination.destinationLow();
        boolean ipv6 = destination.isIpv6();
        if (gateway.isRouter) {
            if (ipv6 ? gateway.isIpv6(high, low) : gateway.hasIpv4 && (int) low == gateway.ipv4) {
                return toHost(to, gateway);
            }
        } else if (!gateway.isInSubnet(high, low, ipv6)) {
            if (ipv6 ? !gateway.hasHop6 : gateway.hop4 == 0) {
                errors.noRoute(packet);
                return DropReason.NO_UPLINK.code();
            }
            high = ipv6 ? gateway.hop6High : 0;
            low = ipv6 ? gateway.hop6Low : Tuple.mapped(gateway.hop4);
        }
        Known near = known[((int) low ^ to.realm() << Byte.SIZE) * SPREAD >>> -KNOWN_BITS];
        if (near.low == low && near.high == high && near.gateway == gateway && near.tick == packet.tick
                && near.generation == to.neighbourTable().generation() && near.ports == to.portTable()
                && near.policy == near.hop.port.policy()) {
            hop = near.hop;
            return 0;
        }
        return neighbour(packet, to, gateway, ipv6, high, low, near);
    }

    /** The host's interface has the gateway's address and MAC, and knows the uplink's addresses by the uplink's MAC. */
    private int toHost(Bridge network, GatewayAddresses gateway) {
        RoutePolicy route = network.routePolicy();
        Port host = network.portTable().host();
        if (host == null || route == null) {
            return DropReason.NOT_SERVED.code();
        }
        hop = set(other, network, host, gateway.mac, route.uplinkMac, host.policy().mtu);
        return 0;
    }

    private int neighbour(Packet packet, Bridge to, GatewayAddresses gateway, boolean ipv6, long high, long low,
            Known near) {
        Neighbours neighbours = to.neighbourTable();
        int generation = neighbours.generation();
        int tick = to.tick(packet.now);
        long found = neighbours.lookup(high, low, tick);
        if (found == Neighbours.UNKNOWN) {
            return pending.hold(packet, to, ipv6, high, low);
        }
        long mac = found & MacAddress.MASK;
        if (found != mac) {
            int step = neighbours.probe(high, low, tick);
            if (step == Neighbours.FORGOTTEN) {
                return pending.hold(packet, to, ipv6, high, low);
            }
            if (step == Neighbours.ASK) {
                questions.ask(to, gateway, ipv6, high, low, mac);
            }
        }
        PortTable ports = to.portTable();
        Port port;
        if (!gateway.isRouter) {
            if (ports.size() == 0) {
                return DropReason.NO_EGRESS.code();
            }
            port = ports.at(0);
        } else {
            int index = to.fdbTable().lookup(ForwardingTable.key(0, mac), tick);
            port = index < 0 ? null : ports.get(index);
        }
        if (port == null || found != mac) {
            hop = set(other, to, port, mac, gateway.mac, port == null ? gateway.settings().mtu() : port.policy().mtu);
            return 0;
        }
        PortPolicy policy = port.policy();
        hop = set(near.hop, to, port, mac, gateway.mac, policy.mtu);
        near.high = high;
        near.low = low;
        near.tick = packet.tick;
        near.ports = ports;
        near.policy = policy;
        near.gateway = gateway;
        near.generation = generation;
        return 0;
    }

    private static NextHop set(NextHop hop, Bridge to, Port port, long mac, long sourceMac, int mtu) {
        hop.to = to;
        hop.port = port;
        hop.mac = mac;
        hop.sourceMac = sourceMac;
        hop.mtu = mtu;
        return hop;
    }
}
