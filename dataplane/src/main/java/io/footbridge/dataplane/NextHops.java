package io.footbridge.dataplane;

import io.footbridge.fdb.ForwardingTable;
import io.footbridge.nat.Tuple;
import io.footbridge.wire.DropReason;
import io.footbridge.wire.MacAddress;

/**
 * Which port and MAC a packet goes to: the neighbour that has its destination, or the uplink's own gateway; the FDB tells
 * behind which port that neighbour is. Owning worker only.
 */
final class NextHops {
    /** Result of {@link #find}: the packet waits until the neighbour has answered. */
    static final int HELD = 1;

    private final Pending pending;
    private final Questions questions;
    private final RouterErrors errors;

    private Port port;
    private long mac;
    private long sourceMac;
    private int mtu;

    NextHops(Pending pending, Questions questions, RouterErrors errors) {
        this.pending = pending;
        this.questions = questions;
        this.errors = errors;
    }

    /** The port found; null where the packet is to go to all, since nothing was heard from the neighbour's MAC. */
    Port port() {
        return port;
    }

    /** The MAC found. */
    long mac() {
        return mac;
    }

    /** The MAC that the packet is to come from. */
    long sourceMac() {
        return sourceMac;
    }

    /** The longest packet that goes there. */
    int mtu() {
        return mtu;
    }

    /**
     * Finds the next hop of a packet, which is as it came.
     *
     * @param to the network or uplink that it goes to
     * @param destination where it is for as it reads there
     * @return zero, {@link #HELD}, or the negative code of a reason to drop
     */
    int find(Packet packet, Bridge to, Tuple destination) {
        GatewayAddresses gateway = to.gatewayAddresses();
        if (gateway == null) {
            return DropReason.NO_EGRESS.code();
        }
        long high = destination.destinationHigh();
        long low = destination.destinationLow();
        boolean ipv6 = destination.isIpv6();
        sourceMac = gateway.mac;
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
        return neighbour(packet, to, gateway, ipv6, high, low);
    }

    /** The host's interface has the gateway's address and MAC, and knows the uplink's addresses by the uplink's MAC. */
    private int toHost(Bridge network, GatewayAddresses gateway) {
        RoutePolicy route = network.routePolicy();
        port = network.portTable().host();
        if (port == null || route == null) {
            return DropReason.NOT_SERVED.code();
        }
        mac = gateway.mac;
        sourceMac = route.uplinkMac;
        mtu = port.policy().mtu;
        return 0;
    }

    private int neighbour(Packet packet, Bridge to, GatewayAddresses gateway, boolean ipv6, long high, long low) {
        Neighbours neighbours = to.neighbourTable();
        int tick = to.tick(packet.now);
        long found = neighbours.lookup(high, low, tick);
        if (found == Neighbours.UNKNOWN) {
            return pending.hold(packet, to, ipv6, high, low);
        }
        mac = found & MacAddress.MASK;
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
        if (!gateway.isRouter) {
            if (ports.size() == 0) {
                return DropReason.NO_EGRESS.code();
            }
            port = ports.at(0);
        } else {
            long key = ForwardingTable.key(0, mac);
            int index = to.fdbTable().lookup(key, to.fdbTable().touch(key), tick);
            port = index < 0 ? null : ports.get(index);
        }
        mtu = port == null ? gateway.settings().mtu() : port.policy().mtu;
        return 0;
    }
}
