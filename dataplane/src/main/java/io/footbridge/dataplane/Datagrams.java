package io.footbridge.dataplane;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.footbridge.wire.Checksum;
import io.footbridge.wire.Ethernet;
import io.footbridge.wire.Ipv4;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv6;
import io.footbridge.wire.Ipv6Address;
import io.footbridge.wire.Protocol;
import io.footbridge.wire.Udp;
import java.lang.foreign.MemorySegment;

/** UDP datagrams that the gateway's services send. Owning worker only. */
final class Datagrams {
    private static final int HOPS = 64;

    private final Answers answers;
    private final MemorySegment memory;
    private int identification;

    Datagrams(Answers answers) {
        this.answers = answers;
        this.memory = answers.memory();
    }

    /** Sends an answer: over IPv4 in fragments where it is too long for the port, over IPv6 it fits. */
    void send(Port port, GatewayAddresses gateway, ServiceReply reply) {
        ServiceRequest.Asker to = reply.to();
        if (reply.from() instanceof Ipv4Address from && to.address() instanceof Ipv4Address destination) {
            send4(port, gateway, reply, from.address(), destination.address());
        } else if (reply.from() instanceof Ipv6Address from && to.address() instanceof Ipv6Address destination) {
            send6(port, gateway, reply, from, destination);
        }
    }

    private void send4(Port port, GatewayAddresses gateway, ServiceReply reply, int from, int to) {
        int length = Udp.HEADER_LENGTH + reply.payload().length;
        int total = Ipv4.MIN_HEADER_LENGTH + length;
        long frame = answers.begin(Ethernet.HEADER_LENGTH + total, reply.to().mac(), gateway.mac, Ethernet.IPV4);
        long packet = frame + Ethernet.HEADER_LENGTH;
        Ipv4.write(memory, packet, from, to, Protocol.UDP, HOPS, total);
        write(packet + Ipv4.MIN_HEADER_LENGTH, reply, length,
                Checksum.pseudoHeader(from, to, Protocol.UDP, length));
        int mtu = port.policy().mtu;
        if (total <= mtu) {
            answers.send(port.bridge(), port, frame, Ethernet.HEADER_LENGTH + total);
            return;
        }
        Ipv4.flagsAndFragmentOffset(memory, packet, 0);
        Ipv4.identification(memory, packet, ++identification);
        Ipv4.writeChecksum(memory, packet);
        answers.fragment(port.bridge(), port, frame, Ethernet.HEADER_LENGTH + total, mtu);
    }

    private void send6(Port port, GatewayAddresses gateway, ServiceReply reply, Ipv6Address from, Ipv6Address to) {
        int length = Udp.HEADER_LENGTH + reply.payload().length;
        int total = Ipv6.HEADER_LENGTH + length;
        long frame = answers.begin(Ethernet.HEADER_LENGTH + total, reply.to().mac(), gateway.mac, Ethernet.IPV6);
        long packet = frame + Ethernet.HEADER_LENGTH;
        Ipv6.write(memory, packet, from.high(), from.low(), to.high(), to.low(), Protocol.UDP, HOPS, length);
        write(packet + Ipv6.HEADER_LENGTH, reply, length, Checksum.pseudoHeader(from.high(), from.low(), to.high(), to.low(),
                Protocol.UDP, length));
        answers.send(port.bridge(), port, frame, Ethernet.HEADER_LENGTH + total);
    }

    private void write(long datagram, ServiceReply reply, int length, int pseudoHeader) {
        byte[] payload = reply.payload();
        Udp.write(memory, datagram, reply.fromPort(), reply.to().port(), length);
        MemorySegment.copy(payload, 0, memory, JAVA_BYTE, datagram + Udp.HEADER_LENGTH, payload.length);
        Udp.writeChecksum(memory, datagram, pseudoHeader);
    }
}
