package io.footbridge.dataplane;

import io.footbridge.wire.Ethernet;
import io.footbridge.wire.Frame;
import io.footbridge.wire.Ipv4;
import io.footbridge.wire.Ipv6;
import io.footbridge.wire.Protocol;
import io.footbridge.wire.Tcp;
import java.lang.foreign.MemorySegment;

/**
 * Answers containers' segments of connections that there are not, or not any more, with RST (RFC 9293 section 3.10.7.1), as
 * often as the port's limit of errors allows: so an end that has missed the other's, or that was left over by a daemon which has
 * ended, learns of it at once. Owning worker only.
 */
final class TcpStrays {
    private static final int HOPS = 64;

    private final Answers answers;

    TcpStrays(Answers answers) {
        this.answers = answers;
    }

    /** Answers a segment, which is no RST. */
    void answer(Packet packet) {
        MemorySegment memory = packet.memory;
        long tcp = packet.transport();
        int flags = Tcp.flags(memory, tcp);
        if ((flags & Tcp.RST) != 0 || packet.isFragment() || !packet.ingress.policy().errors.allows(packet.now)) {
            return;
        }
        boolean ipv6 = packet.isIpv6();
        int headers = (ipv6 ? Ipv6.HEADER_LENGTH : Ipv4.MIN_HEADER_LENGTH) + Tcp.MIN_HEADER_LENGTH;
        long frame = answers.begin(Ethernet.HEADER_LENGTH + headers, Ethernet.source(memory, packet.frame),
                Ethernet.destination(memory, packet.frame), ipv6 ? Ethernet.IPV6 : Ethernet.IPV4);
        long network = frame + Ethernet.HEADER_LENGTH;
        long from = packet.network();
        long segment = network + headers - Tcp.MIN_HEADER_LENGTH;
        int pseudoHeader;
        if (ipv6) {
            Ipv6.write(memory, network, Ipv6.destinationHigh(memory, from), Ipv6.destinationLow(memory, from),
                    Ipv6.sourceHigh(memory, from), Ipv6.sourceLow(memory, from), Protocol.TCP, HOPS, Tcp.MIN_HEADER_LENGTH);
            pseudoHeader = Ipv6.pseudoHeader(memory, network, Protocol.TCP, Tcp.MIN_HEADER_LENGTH);
        } else {
            Ipv4.write(memory, network, Ipv4.destination(memory, from), Ipv4.source(memory, from), Protocol.TCP, HOPS, headers);
            pseudoHeader = Ipv4.pseudoHeader(memory, network, Protocol.TCP, Tcp.MIN_HEADER_LENGTH);
        }
        boolean acknowledges = (flags & Tcp.ACK) != 0;
        int length = Frame.transportLength(packet.parsed) - Tcp.headerLength(memory, tcp)
                + Integer.bitCount(flags & (Tcp.SYN | Tcp.FIN));
        Tcp.write(memory, segment, Tcp.destination(memory, tcp), Tcp.source(memory, tcp),
                acknowledges ? Tcp.acknowledgement(memory, tcp) : 0, acknowledges ? 0 : Tcp.sequence(memory, tcp) + length,
                acknowledges ? Tcp.RST : Tcp.RST | Tcp.ACK, 0);
        Tcp.writeChecksum(memory, segment, Tcp.MIN_HEADER_LENGTH, pseudoHeader);
        answers.send(packet.ingress.bridge(), packet.ingress, frame, Ethernet.HEADER_LENGTH + headers);
    }
}
