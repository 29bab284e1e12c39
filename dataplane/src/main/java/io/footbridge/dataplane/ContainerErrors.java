package io.footbridge.dataplane;

import io.footbridge.nat.ConnectionTable;
import io.footbridge.nat.Tuple;
import io.footbridge.tap.CallState;
import io.footbridge.tap.FrameBuffers;
import io.footbridge.tap.SocketErrorQueue;
import io.footbridge.wire.DropReason;
import io.footbridge.wire.Ethernet;
import io.footbridge.wire.Icmp;
import io.footbridge.wire.Icmpv6;
import io.footbridge.wire.Ipv4;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv6;
import io.footbridge.wire.Protocol;
import io.footbridge.wire.Udp;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * ICMP errors that came back to datagram sockets of the host, told on to the container whose datagram each is about (RFC 5508
 * REQ-4). The quote is made anew: the container's own header, and as much of the payload as came back. An error neither
 * refreshes nor ends a flow. Owning worker only.
 */
final class ContainerErrors {
    /** Messages that are taken from one socket at a time. */
    private static final int BUDGET = 32;
    private static final int HOPS = 64;
    private static final int LOOPBACK4 = Ipv4Address.parse("127.0.0.1").address();

    private final int worker;
    private final MemorySegment memory;
    private final CallState state;
    private final Answers answers;
    private final SocketErrorQueue queue;
    private final MemorySegment quote;
    private final Tuple sent = new Tuple();
    private ConnectionTable table;

    ContainerErrors(int worker, FrameBuffers buffers, Egress egress, Arena arena) {
        this.worker = worker;
        this.memory = buffers.memory();
        this.state = buffers.state();
        this.answers = new Answers(worker, buffers, egress);
        this.queue = new SocketErrorQueue(arena);
        this.quote = arena.allocate(Ipv6.HEADER_LENGTH + Udp.HEADER_LENGTH + SocketErrorQueue.PAYLOAD, 8);
    }

    void enable(ConnectionTable of) {
        table = of;
    }

    /**
     * Takes what has come back to a socket.
     *
     * @param sessions those of the socket's protocol
     * @param protocol of the socket's datagrams: UDP, ICMP or ICMPv6
     * @return the MTU of the path on which the kernel refused a datagram as too long; 0 where it did not
     */
    int take(MappedSocket socket, DatagramSessions sessions, int protocol, int tick) {
        int mtu = 0;
        for (int i = 0; i < BUDGET && queue.next(state, socket.descriptor); i++) {
            if (!queue.isError() || queue.isIpv6() != socket.ipv6) {
                continue;
            }
            if (queue.origin() == SocketErrorQueue.LOCAL) {
                mtu = queue.mtu();
            } else if (queue.origin() == (socket.ipv6 ? SocketErrorQueue.ICMPV6 : SocketErrorQueue.ICMP)) {
                tell(socket, sessions, protocol, tick);
            }
        }
        return mtu;
    }

    private void tell(MappedSocket socket, DatagramSessions sessions, int protocol, int tick) {
        GatewayAddresses gateway = socket.container.bridge().gatewayAddresses();
        boolean isError = socket.ipv6 ? Icmpv6.isError(queue.type())
                : Icmp.isError(queue.type()) && queue.type() != Icmp.REDIRECT && queue.type() != Icmp.SOURCE_QUENCH;
        if (gateway == null || socket.ipv6 != socket.isInsideIpv6() || !(socket.ipv6 ? gateway.hasIpv6 : gateway.hasIpv4)
                || !isError || !isOfFlow(socket, sessions, protocol, gateway, tick)) {
            socket.container.lane(worker).counters.dropped(DropReason.BAD_QUOTE);
            return;
        }
        int length = queue.payloadLength();
        int header = protocol == Protocol.UDP ? Udp.HEADER_LENGTH : 0;
        int transport = header + length;
        long answer = answers.begin(Ethernet.HEADER_LENGTH + (socket.ipv6 ? Icmpv6.MAX_ERROR_LENGTH : Icmp.MAX_ERROR_LENGTH),
                socket.mac, gateway.mac, socket.ipv6 ? Ethernet.IPV6 : Ethernet.IPV4);
        int made = socket.ipv6 ? write6(socket, gateway, protocol, header, transport, answer + Ethernet.HEADER_LENGTH)
                : write4(socket, gateway, protocol, header, transport, answer + Ethernet.HEADER_LENGTH);
        answers.send(socket.container.bridge(), socket.container, answer, Ethernet.HEADER_LENGTH + made);
    }

    /** Whether the container has a flow to that destination; {@link #sent} is how the datagram read there. */
    private boolean isOfFlow(MappedSocket socket, DatagramSessions sessions, int protocol, GatewayAddresses gateway, int tick) {
        sent.protocol(protocol, socket.ipv6);
        sent.realm(socket.realm);
        sent.source(socket.high, socket.low, socket.port);
        int port = switch (protocol) {
            case Protocol.ICMP -> Icmp.ECHO_REQUEST;
            case Protocol.ICMPV6 -> Icmpv6.ECHO_REQUEST;
            default -> queue.port();
        };
        if (socket.ipv6) {
            boolean loopback = queue.high() == 0 && queue.low() == 1;
            sent.destination(loopback ? gateway.ipv6High : queue.high(), loopback ? gateway.ipv6Low : queue.low(), port);
        } else {
            sent.destination(0, Tuple.mapped(queue.address() == LOOPBACK4 ? gateway.ipv4 : queue.address()), port);
        }
        DatagramSession hidden = socket.published == null ? null : sessions.hidden(socket, socket.ipv6 ? queue.high() : 0,
                socket.ipv6 ? queue.low() : Tuple.mapped(queue.address()), queue.port());
        if (hidden != null) {
            sent.destination(hidden.seenHigh, hidden.seenLow, hidden.seenPort);
        }
        return table.find(worker, sent, table.hash(sent), tick) >= 0;
    }

    private int write4(MappedSocket socket, GatewayAddresses gateway, int protocol, int header, int transport, long at) {
        int source = queue.hasOffender() && queue.offender() >>> 24 != LOOPBACK4 >>> 24 && queue.offender() != 0
                ? queue.offender() : gateway.ipv4;
        Ipv4.write(quote, 0, (int) sent.sourceLow(), (int) sent.destinationLow(), protocol, HOPS,
                Ipv4.MIN_HEADER_LENGTH + transport);
        Ipv4.writeChecksum(quote, 0);
        quoteTransport(socket, header, transport, Ipv4.MIN_HEADER_LENGTH);
        int rest = queue.type() == Icmp.UNREACHABLE && queue.code() == Icmp.FRAGMENTATION_NEEDED ? queue.mtu() & 0xFFFF : 0;
        return Icmp.writeError(memory, at, source, (int) socket.low, queue.type(), queue.code(), rest, quote, 0);
    }

    private int write6(MappedSocket socket, GatewayAddresses gateway, int protocol, int header, int transport, long at) {
        boolean known = queue.hasOffender() && !(queue.offenderHigh() == 0 && queue.offenderLow() >>> 1 == 0)
                && !Ipv6.isLinkLocal(queue.offenderHigh());
        Ipv6.write(quote, 0, sent.sourceHigh(), sent.sourceLow(), sent.destinationHigh(), sent.destinationLow(), protocol, HOPS,
                transport);
        quoteTransport(socket, header, transport, Ipv6.HEADER_LENGTH);
        return Icmpv6.writeError(memory, at, known ? queue.offenderHigh() : gateway.ipv6High,
                known ? queue.offenderLow() : gateway.ipv6Low, socket.high, socket.low, queue.type(), queue.code(),
                queue.type() == Icmpv6.PACKET_TOO_BIG ? queue.mtu() : 0, quote, 0);
    }

    private void quoteTransport(MappedSocket socket, int header, int transport, int at) {
        if (header > 0) {
            Udp.write(quote, at, sent.sourcePort(), sent.destinationPort(), transport);
        }
        MemorySegment.copy(queue.payload(), 0, quote, at + header, transport - header);
        if (header == 0 && transport >= Icmp.HEADER_LENGTH) {
            // The socket may have another identifier than the container.
            Icmp.identifier(quote, at, socket.port);
        }
    }
}
