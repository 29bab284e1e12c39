package io.footbridge.dataplane;

import io.footbridge.fdb.ForwardingTable;
import io.footbridge.wire.Ethernet;
import io.footbridge.wire.Icmpv6;
import io.footbridge.wire.Ipv6;
import io.footbridge.wire.MacAddress;
import io.footbridge.wire.NeighbourDiscovery;
import io.footbridge.wire.Protocol;
import java.lang.foreign.MemorySegment;

/** What the engine asks and says on a link as a neighbour itself: ARP requests and solicitations. Owning worker only. */
final class Questions {
    private static final int SOLICITATION = 24;

    private final Answers answers;
    private final Egress egress;
    private final Ipv6Gateway ipv6;
    private final MemorySegment memory;

    Questions(Answers answers, Egress egress, Ipv6Gateway ipv6) {
        this.answers = answers;
        this.egress = egress;
        this.ipv6 = ipv6;
        this.memory = answers.memory();
    }

    /**
     * Asks who has an address.
     *
     * @param high upper half of the address as tuples hold it
     * @param mac whom to ask: its last known MAC, or {@link MacAddress#BROADCAST} for all
     */
    void ask(Bridge bridge, GatewayAddresses gateway, boolean isIpv6, long high, long low, long mac) {
        boolean all = mac == MacAddress.BROADCAST;
        if (!isIpv6) {
            emit(bridge, answers.arpRequest(mac, gateway.mac, gateway.ipv4, (int) low), Answers.ARP_LENGTH, mac);
            return;
        }
        // A network's own address may be the host's, who would get the answer; the router's fe80 address never is.
        boolean local = gateway.isRouter || Ipv6.isLinkLocal(high);
        long destination = all ? MacAddress.ofIpv6Multicast(Ipv6.solicitedNodeLow(low)) : mac;
        long question = answers.begin(Ethernet.HEADER_LENGTH + Ipv6.MIN_MTU, destination, gateway.mac, Ethernet.IPV6);
        int length = NeighbourDiscovery.writeSolicitation(memory, question + Ethernet.HEADER_LENGTH,
                local ? Ipv6.LINK_LOCAL_HIGH : gateway.ipv6High, local ? gateway.linkLocalLow : gateway.ipv6Low, high,
                low, gateway.mac);
        emit(bridge, question, Ethernet.HEADER_LENGTH + length, mac);
    }

    /** Sends to the port behind which a MAC is, or to all but the host's. */
    private void emit(Bridge bridge, long frame, int length, long mac) {
        PortTable ports = bridge.portTable();
        int index = bridge.fdbTable().lookup(ForwardingTable.key(0, mac), bridge.tick());
        Port known = index < 0 ? null : ports.get(index);
        if (known != null) {
            answers.send(bridge, known, frame, length);
            return;
        }
        for (int i = 0; i < ports.size(); i++) {
            if (ports.at(i) != ports.host()) {
                egress.send(ports.at(i), frame, length);
            }
        }
    }

    /** Asks whether an address is free: an ARP probe (RFC 5227), or a solicitation from :: (RFC 4862 section 5.4.2). */
    void probe(Bridge bridge, Port port, long mac, boolean isIpv6, long high, long low) {
        if (!isIpv6) {
            answers.sendArpRequest(bridge, port, MacAddress.BROADCAST, mac, 0, (int) low);
            return;
        }
        long group = Ipv6.solicitedNodeLow(low);
        int length = Ethernet.HEADER_LENGTH + Ipv6.HEADER_LENGTH + SOLICITATION;
        long frame = answers.begin(length, MacAddress.ofIpv6Multicast(group), mac, Ethernet.IPV6);
        long packet = frame + Ethernet.HEADER_LENGTH;
        long message = packet + Ipv6.write(memory, packet, 0, 0, Ipv6.LINK_MULTICAST_HIGH, group, Protocol.ICMPV6,
                NeighbourDiscovery.HOP_LIMIT, SOLICITATION);
        Icmpv6.type(memory, message, NeighbourDiscovery.NEIGHBOUR_SOLICITATION);
        Icmpv6.code(memory, message, 0);
        Icmpv6.rest(memory, message, 0);
        NeighbourDiscovery.target(memory, message, high, low);
        Icmpv6.writeChecksum(memory, packet, message, SOLICITATION);
        answers.send(bridge, port, frame, length);
    }

    /** Says that an address is ours: an ARP announcement (RFC 5227), or an unsolicited advertisement. */
    void announce(Bridge bridge, Port port, long mac, boolean isIpv6, long high, long low) {
        if (isIpv6) {
            ipv6.announce(bridge, port, mac, high, low);
        } else {
            answers.sendArpRequest(bridge, port, MacAddress.BROADCAST, mac, (int) low, (int) low);
        }
    }
}
