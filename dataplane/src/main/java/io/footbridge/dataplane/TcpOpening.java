package io.footbridge.dataplane;

import io.footbridge.memory.SeededHash;
import io.footbridge.nat.Tuple;
import io.footbridge.tap.Errno;
import io.footbridge.tap.FrameBuffers;
import io.footbridge.wire.DropReason;
import io.footbridge.wire.Ethernet;
import io.footbridge.wire.Frame;
import io.footbridge.wire.Ipv4;
import io.footbridge.wire.Ipv6;
import io.footbridge.wire.Tcp;
import java.lang.foreign.MemorySegment;

/**
 * How connections begin. A container's SYN begins a connection of the host, and is answered only when that one is there: with
 * SYN-ACK; or, as the host was told, with RST or an ICMP error. Owning worker only.
 */
final class TcpOpening {
    /** Result: the container has reset the connection, or refused it. */
    static final int RESET = 1;
    /** Result: the container's connection is there. */
    static final int ESTABLISHED = 2;

    /** Shift of the windows that containers are told: up to 16 MiB, in steps of 256 bytes. */
    static final int WINDOW_SCALE = 8;

    private static final int MAX_WINDOW_SCALE = 14;
    private static final int MAX_WINDOW = 0xFFFF;
    /** What Linux takes for the least that can be meant (tcp_min_snd_mss is less, but such segments are an attack). */
    private static final int MIN_MSS = 88;
    private static final int DEFAULT_MSS4 = 536;
    private static final int DEFAULT_MSS6 = 1220;
    private static final int HEADERS4 = Ipv4.MIN_HEADER_LENGTH + Tcp.MIN_HEADER_LENGTH;
    private static final int HEADERS6 = Ipv6.HEADER_LENGTH + Tcp.MIN_HEADER_LENGTH;
    /** RFC 9293 section 3.4.1: the clock of initial sequence numbers has steps of 4 µs. */
    private static final int CLOCK_STEP_NANOS = 4000;

    private final TcpRecords records;
    private final HostStreams host;
    private final TcpSegments segments;
    private final Egress egress;
    private final RouterErrors errors;
    private final Packet quoted;
    private final Tuple quotedTuple = new Tuple();
    /** Keys the initial sequence numbers (RFC 6528). */
    private SeededHash hash;

    TcpOpening(TcpRecords records, HostStreams host, TcpSegments segments, Egress egress, RouterErrors errors) {
        this.records = records;
        this.host = host;
        this.segments = segments;
        this.egress = egress;
        this.errors = errors;
        this.quoted = new Packet(segments.memory());
    }

    void seed(long seed) {
        hash = new SeededHash(seed);
    }

    /** The initial sequence number of a connection between these. */
    int initialSequence(Tuple tuple, long now) {
        long ends = hash.hash(tuple.sourceHigh() ^ tuple.destinationLow(), tuple.sourceLow() ^ tuple.destinationHigh(),
                (long) tuple.sourcePort() << 16 | tuple.destinationPort());
        return (int) (ends + now / CLOCK_STEP_NANOS);
    }

    /** The most payload that a segment to or from a port has. */
    static int segmentSize(Port port, boolean ipv6) {
        return Math.max(MIN_MSS, port.policy().mtu - (ipv6 ? HEADERS6 : HEADERS4));
    }

    /** Notes what a SYN or SYN-ACK of a container says. */
    void negotiate(int c, MemorySegment memory, long tcp, boolean ipv6) {
        int offered = Tcp.maxSegmentSize(memory, tcp);
        int mss = offered < 0 ? ipv6 ? DEFAULT_MSS6 : DEFAULT_MSS4 : Math.max(offered, MIN_MSS);
        records.mss(c, Math.min(mss, segmentSize(records.port(c), ipv6)));
        int scale = Tcp.windowScale(memory, tcp);
        records.sndScale(c, Math.clamp(scale, 0, MAX_WINDOW_SCALE));
        records.rcvScale(c, scale < 0 ? 0 : WINDOW_SCALE);
        if (Tcp.option(memory, tcp, Tcp.OPTION_SACK_PERMITTED) >= 0) {
            records.raise(c, TcpState.SACK);
        }
        records.sndWnd(c, Tcp.window(memory, tcp));
        records.rcvNxt(c, Tcp.sequence(memory, tcp) + 1);
        records.rcvEdge(c, records.rcvNxt(c) + MAX_WINDOW);
    }

    /** Sets where the stream to the container begins. */
    void begin(int c, int sequence) {
        records.sndUna(c, sequence);
        records.sndNxt(c, sequence + 1);
        records.sndMax(c, sequence + 1);
        records.consumed(c, sequence + 1);
        records.peekAt(c, sequence + 1);
        records.recover(c, sequence);
        records.holeEnd(c, sequence);
    }

    /** Fills the record of a container's SYN. */
    void outwards(int c, Packet packet) {
        MemorySegment memory = packet.memory;
        Tuple tuple = packet.tuple;
        long container = Ethernet.source(memory, packet.frame);
        long gateway = Ethernet.destination(memory, packet.frame);
        if (tuple.isIpv6()) {
            segments.template6(c, container, gateway, tuple.destinationHigh(), tuple.destinationLow(),
                    tuple.destinationPort(), tuple.sourceHigh(), tuple.sourceLow(), tuple.sourcePort());
        } else {
            segments.template4(c, container, gateway, (int) tuple.destinationLow(), tuple.destinationPort(),
                    (int) tuple.sourceLow(), tuple.sourcePort());
        }
        negotiate(c, memory, packet.transport(), tuple.isIpv6());
        begin(c, initialSequence(tuple, packet.now));
    }

    /** Makes the host's side. Zero, {@code -EINPROGRESS}, or another negated error number. */
    int connect(int c, SocketTarget target, boolean ipv6) {
        int socket = host.open(ipv6);
        if (socket < 0) {
            return socket;
        }
        records.socket(c, socket);
        int bound = target.isBound() ? host.leaveFrom(socket, ipv6, target.fromHigh, target.fromLow) : 0;
        return bound < 0 ? bound : host.connect(socket, ipv6, target.high, target.low, target.port);
    }

    /** What a packet is dropped for whose connection found no socket. */
    int refuse(Packet packet) {
        errors.prohibited(packet);
        return DropReason.NO_SOCKET.code();
    }

    /** The host's connection is there: so is the container's. */
    void connected(int c) {
        int socket = records.socket(c);
        if (host.peeksFromOffset(socket)) {
            records.raise(c, TcpState.PEEK_OFFSET);
        }
        records.phase(c, TcpState.SYN_RECEIVED);
        room(c);
        answer(c);
    }

    /** Sends the SYN-ACK. */
    void answer(int c) {
        segments.synchronise(c, Tcp.ACK, segmentSize(records.port(c), records.is(c, TcpState.IPV6)), records.is(c, TcpState.SACK));
    }

    /** Sends the SYN of a client. */
    void ask(int c) {
        segments.synchronise(c, 0, segmentSize(records.port(c), records.is(c, TcpState.IPV6)), true);
    }

    /** The host's connection is not to be had: tells the container why. */
    void refused(int c, int error, long now) {
        if (error == Errno.ECONNREFUSED.number() || error == Errno.ECONNRESET.number()) {
            segments.reset(c, Tcp.ACK, 0);
            return;
        }
        long frame = egress.allocate(FrameBuffers.HEADROOM + TcpSegments.MAX_HEADERS);
        int length = segments.quoteSyn(c, frame);
        long parsed = Frame.parse(segments.memory(), frame, length);
        Port port = records.port(c);
        quoted.ingress = port;
        quoted.from = port.bridge();
        quoted.now = now;
        quoted.set(frame, length - Ethernet.HEADER_LENGTH, parsed, quotedTuple);
        if (error == Errno.ENETUNREACH.number() || error == Errno.ENETDOWN.number()) {
            errors.noRoute(quoted);
        } else if (error == Errno.EACCES.number() || error == Errno.EPERM.number() || error == Errno.EADDRNOTAVAIL.number()) {
            errors.prohibited(quoted);
        } else {
            errors.noNeighbour(quoted);
        }
    }

    /** Takes a segment of a container whose connection is not there yet; a result above, or the negative code of a reason. */
    int segment(int c, Packet packet) {
        MemorySegment memory = packet.memory;
        long tcp = packet.transport();
        int flags = Tcp.flags(memory, tcp);
        int phase = records.phase(c);
        boolean acknowledges = (flags & Tcp.ACK) != 0 && Tcp.acknowledgement(memory, tcp) == records.sndMax(c);
        if ((flags & Tcp.RST) != 0) {
            boolean right = phase == TcpState.SYN_SENT ? acknowledges : Tcp.sequence(memory, tcp) == records.rcvNxt(c);
            return right ? RESET : DropReason.BAD_STATE.code();
        }
        return switch (phase) {
            case TcpState.SYN_SENT -> {
                if ((flags & Tcp.SYN) == 0 || !acknowledges) {
                    yield DropReason.BAD_STATE.code();
                }
                negotiate(c, memory, tcp, packet.isIpv6());
                room(c);
                yield ESTABLISHED;
            }
            case TcpState.SYN_RECEIVED -> {
                if ((flags & Tcp.SYN) != 0) {
                    if (Tcp.sequence(memory, tcp) + 1 == records.rcvNxt(c)) {
                        answer(c);
                    }
                    yield 0;
                }
                if (!acknowledges) {
                    yield DropReason.BAD_STATE.code();
                }
                records.sndWnd(c, Tcp.window(memory, tcp) << records.sndScale(c));
                yield ESTABLISHED;
            }
            // The SYN again, of which nothing is known yet.
            default -> 0;
        };
    }

    /** Tells what the socket has room for, as far as a window without scale can. */
    private void room(int c) {
        records.rcvEdge(c, records.rcvNxt(c) + Math.min(TcpReceiveWindow.told(host.space(records.socket(c)), 0), MAX_WINDOW));
    }
}
