package io.footbridge.dataplane;

import io.footbridge.wire.Ethernet;
import io.footbridge.wire.Icmp;
import io.footbridge.wire.Icmpv6;
import io.footbridge.wire.Ipv4;
import io.footbridge.wire.Ipv6;
import java.lang.foreign.MemorySegment;

/**
 * What a router says to a sender whose packet it does not pass on (RFC 1812 section 4.3, RFC 4443), as often as the
 * limits of the port and of the gateway allow. The packet is quoted as its sender sent it, so it must not have been
 * rewritten yet. Owning worker only.
 */
final class RouterErrors {
    private final Answers answers;
    private final MemorySegment memory;

    RouterErrors(Answers answers) {
        this.answers = answers;
        this.memory = answers.memory();
    }

    /** There is no way to the destination. */
    void noRoute(Packet packet) {
        send(packet, Icmp.UNREACHABLE, Icmp.NETWORK_UNREACHABLE, Icmpv6.UNREACHABLE, Icmpv6.NO_ROUTE, 0);
    }

    /** The next hop does not answer. */
    void noNeighbour(Packet packet) {
        send(packet, Icmp.UNREACHABLE, Icmp.HOST_UNREACHABLE, Icmpv6.UNREACHABLE, Icmpv6.ADDRESS_UNREACHABLE, 0);
    }

    /** Nobody listens there. */
    void noPort(Packet packet) {
        send(packet, Icmp.UNREACHABLE, Icmp.PORT_UNREACHABLE, Icmpv6.UNREACHABLE, Icmpv6.PORT_UNREACHABLE, 0);
    }

    /** Forbidden, or a limit is reached. */
    void prohibited(Packet packet) {
        send(packet, Icmp.UNREACHABLE, Icmp.ADMINISTRATIVELY_PROHIBITED, Icmpv6.UNREACHABLE,
                Icmpv6.ADMINISTRATIVELY_PROHIBITED, 0);
    }

    /** The last hop was used up. */
    void timeExceeded(Packet packet) {
        send(packet, Icmp.TIME_EXCEEDED, 0, Icmpv6.TIME_EXCEEDED, 0, 0);
    }

    /** Too long for the next link, and not to be fragmented on the way. */
    void tooBig(Packet packet, int mtu) {
        send(packet, Icmp.UNREACHABLE, Icmp.FRAGMENTATION_NEEDED, Icmpv6.PACKET_TOO_BIG, 0, mtu);
    }

    private void send(Packet packet, int type4, int code4, int type6, int code6, int rest) {
        Port port = packet.ingress;
        Bridge bridge = port.bridge();
        GatewayAddresses gateway = bridge.gatewayAddresses();
        boolean ipv6 = packet.isIpv6();
        boolean may = gateway != null && (ipv6 ? gateway.hasIpv6 && Icmpv6.mayAnswer(memory, packet.network(), type6)
                : gateway.hasIpv4 && Icmp.mayAnswer(memory, packet.network()));
        if (!may || !port.policy().errors.allows(packet.now) || !gateway.errors.allows(packet.now)) {
            return;
        }
        long frame = packet.frame;
        // From the MAC that was sent to: the host's interface knows the uplink by another than the containers.
        long answer = answers.begin(Ethernet.HEADER_LENGTH + (ipv6 ? Icmpv6.MAX_ERROR_LENGTH : Icmp.MAX_ERROR_LENGTH),
                Ethernet.source(memory, frame), Ethernet.destination(memory, frame),
                ipv6 ? Ethernet.IPV6 : Ethernet.IPV4);
        long network = packet.network();
        long error = answer + Ethernet.HEADER_LENGTH;
        int length = ipv6
                ? Icmpv6.writeError(memory, error, source6High(gateway, network), source6Low(gateway, network),
                        Ipv6.sourceHigh(memory, network), Ipv6.sourceLow(memory, network), type6, code6, rest, memory,
                        network)
                : Icmp.writeError(memory, error, source4(gateway, network), Ipv4.source(memory, network), type4, code4,
                        rest, memory, network);
        answers.send(bridge, port, answer, Ethernet.HEADER_LENGTH + length);
    }

    /** The address that was sent to, if it is one of ours on that link; else the gateway's. */
    private int source4(GatewayAddresses gateway, long network) {
        int destination = Ipv4.destination(memory, network);
        return gateway.has(destination) ? destination : gateway.ipv4;
    }

    private long source6High(GatewayAddresses gateway, long network) {
        long high = Ipv6.destinationHigh(memory, network);
        return gateway.has(high, Ipv6.destinationLow(memory, network)) ? high : gateway.ipv6High;
    }

    private long source6Low(GatewayAddresses gateway, long network) {
        long low = Ipv6.destinationLow(memory, network);
        return gateway.has(Ipv6.destinationHigh(memory, network), low) ? low : gateway.ipv6Low;
    }
}
