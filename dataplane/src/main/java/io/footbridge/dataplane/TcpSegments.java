package io.footbridge.dataplane;

import io.footbridge.nat.ConnectionTable;
import io.footbridge.nat.Tracking;
import io.footbridge.nat.Tuple;
import io.footbridge.wire.BigEndian;
import io.footbridge.wire.Checksum;
import io.footbridge.wire.Ethernet;
import io.footbridge.wire.Frame;
import io.footbridge.wire.Ipv4;
import io.footbridge.wire.Ipv6;
import io.footbridge.wire.Protocol;
import io.footbridge.wire.Tcp;
import io.footbridge.wire.VirtioNetHeader;
import java.lang.foreign.MemorySegment;

/**
 * Makes the segments that a container is sent, and sends them. Their headers are copied from the connection's template; the
 * checksum stays partial, and what is longer than the container's MSS is one GSO frame. Owning worker only.
 */
final class TcpSegments {
    /** Bytes of a frame's payload at most; at the largest MTU one segment. */
    static final int MAX_PAYLOAD = 65_520 - Ipv4.MIN_HEADER_LENGTH - Tcp.MIN_HEADER_LENGTH;

    private static final int HOPS = 64;
    private static final int HEADERS4 = Ethernet.HEADER_LENGTH + Ipv4.MIN_HEADER_LENGTH + Tcp.MIN_HEADER_LENGTH;
    /** The longest headers without options. */
    static final int MAX_HEADERS = Ethernet.HEADER_LENGTH + Ipv6.HEADER_LENGTH + Tcp.MIN_HEADER_LENGTH;
    private static final int HEADERS6 = MAX_HEADERS;
    private static final int MAX_WINDOW = 0xFFFF;
    /** MSS, SACK permitted, and window scale, each padded to four bytes. */
    private static final int SYN_OPTIONS = 12;

    private final Answers answers;
    private final Egress egress;
    private final TcpRecords records;
    private final MemorySegment memory;
    /** Null until something is routed. */
    private Tracking tracking;
    /** The cycle's time in the connection table's ticks. */
    private int tick;

    TcpSegments(Answers answers, Egress egress, TcpRecords records) {
        this.answers = answers;
        this.egress = egress;
        this.records = records;
        this.memory = answers.memory();
    }

    void enable(ConnectionTable table) {
        tracking = new Tracking(table);
    }

    /** Takes note of a segment of a flow; zero, or the negative code of a reason to drop. */
    int track(int flow, MemorySegment of, long frame, long parsed) {
        return tracking.packet(flow, of, frame, parsed, false, tick);
    }

    /** Sets the time by which segments are tracked. */
    void tick(int now) {
        tick = now;
    }

    MemorySegment memory() {
        return memory;
    }

    private int headers(int c) {
        return records.is(c, TcpState.IPV6) ? HEADERS6 : HEADERS4;
    }

    /** Writes the template of IPv4 segments: from the remote end to the container. */
    void template4(int c, long containerMac, long gatewayMac, int remote, int remotePort, int container, int containerPort) {
        MemorySegment at = records.memory();
        long frame = records.template(c);
        Ethernet.write(at, frame, containerMac, gatewayMac, Ethernet.IPV4);
        Ipv4.write(at, frame + Ethernet.HEADER_LENGTH, remote, container, Protocol.TCP, HOPS, 0);
        Tcp.write(at, frame + HEADERS4 - Tcp.MIN_HEADER_LENGTH, remotePort, containerPort, 0, 0, 0, 0);
    }

    /** Writes the template of IPv6 segments: from the remote end to the container. */
    void template6(int c, long containerMac, long gatewayMac, long remoteHigh, long remoteLow, int remotePort,
            long containerHigh, long containerLow, int containerPort) {
        MemorySegment at = records.memory();
        long frame = records.template(c);
        records.raise(c, TcpState.IPV6);
        Ethernet.write(at, frame, containerMac, gatewayMac, Ethernet.IPV6);
        Ipv6.write(at, frame + Ethernet.HEADER_LENGTH, remoteHigh, remoteLow, containerHigh, containerLow, Protocol.TCP,
                HOPS, 0);
        Tcp.write(at, frame + HEADERS6 - Tcp.MIN_HEADER_LENGTH, remotePort, containerPort, 0, 0, 0, 0);
    }

    /** Follows the container to the MAC that it sends from. */
    void containerMac(int c, long mac) {
        if (Ethernet.destination(records.memory(), records.template(c)) != mac) {
            Ethernet.destination(records.memory(), records.template(c), mac);
        }
    }

    /** Upper half of the container's address, as tuples hold it. */
    long containerHigh(int c) {
        return records.is(c, TcpState.IPV6)
                ? Ipv6.destinationHigh(records.memory(), records.template(c) + Ethernet.HEADER_LENGTH) : 0;
    }

    /** Lower half of the container's address, as tuples hold it. */
    long containerLow(int c) {
        long network = records.template(c) + Ethernet.HEADER_LENGTH;
        return records.is(c, TcpState.IPV6) ? Ipv6.destinationLow(records.memory(), network)
                : Tuple.mapped(Ipv4.destination(records.memory(), network));
    }

    /** Room for a segment; where its payload is to stand, {@link #payload} says. */
    long begin(int c, int payload) {
        return egress.allocate(headers(c) + payload);
    }

    /** Where the payload of a segment without options stands. */
    long payload(int c, long frame) {
        return frame + headers(c);
    }

    /** Sends a segment without options whose payload stands there. */
    void send(int c, long frame, int flags, int sequence, int payload) {
        send(c, frame, flags, sequence, 0, payload);
    }

    private void send(int c, long frame, int flags, int sequence, int options, int payload) {
        boolean ipv6 = records.is(c, TcpState.IPV6);
        int headers = headers(c);
        MemorySegment.copy(records.memory(), records.template(c), memory, frame, headers);
        int transport = headers - Tcp.MIN_HEADER_LENGTH;
        int segment = Tcp.MIN_HEADER_LENGTH + options + payload;
        long network = frame + Ethernet.HEADER_LENGTH;
        int pseudoHeader;
        if (ipv6) {
            Ipv6.payloadLength(memory, network, segment);
            pseudoHeader = Ipv6.pseudoHeader(memory, network, Protocol.TCP, segment);
        } else {
            Ipv4.totalLength(memory, network, Ipv4.MIN_HEADER_LENGTH + segment);
            Ipv4.writeChecksum(memory, network);
            pseudoHeader = Ipv4.pseudoHeader(memory, network, Protocol.TCP, segment);
        }
        long tcp = frame + transport;
        Tcp.sequence(memory, tcp, sequence);
        if ((flags & Tcp.ACK) != 0) {
            Tcp.acknowledgement(memory, tcp, records.rcvNxt(c));
        }
        Tcp.headerLength(memory, tcp, Tcp.MIN_HEADER_LENGTH + options);
        Tcp.flags(memory, tcp, flags);
        if ((flags & Tcp.RST) == 0) {
            int scale = (flags & Tcp.SYN) != 0 ? 0 : records.rcvScale(c);
            Tcp.window(memory, tcp, Math.clamp(records.rcvEdge(c) - records.rcvNxt(c) >> scale, 0, MAX_WINDOW));
        }
        Tcp.checksum(memory, tcp, pseudoHeader);
        offload(c, frame, ipv6, transport, options, payload);
        int length = headers + options + payload;
        track(ConnectionTable.reverse(records.flow(c)), memory, frame, Frame.parse(memory, frame, length));
        if ((flags & Tcp.ACK) != 0) {
            records.lower(c, TcpState.ACK_DUE);
        }
        Port port = records.port(c);
        answers.send(port.bridge(), port, frame, length);
    }

    private void offload(int c, long frame, boolean ipv6, int transport, int options, int payload) {
        long header = frame - VirtioNetHeader.LENGTH;
        VirtioNetHeader.clear(memory, header);
        VirtioNetHeader.flags(memory, header, VirtioNetHeader.NEEDS_CSUM);
        VirtioNetHeader.checksumStart(memory, header, transport);
        VirtioNetHeader.checksumOffset(memory, header, Tcp.CHECKSUM);
        int mss = records.mss(c);
        if (payload > mss) {
            VirtioNetHeader.gsoType(memory, header, ipv6 ? VirtioNetHeader.GSO_TCPV6 : VirtioNetHeader.GSO_TCPV4);
            VirtioNetHeader.gsoSize(memory, header, mss);
            VirtioNetHeader.headerLength(memory, header, transport + Tcp.MIN_HEADER_LENGTH + options);
        }
    }

    /** Sends an acknowledgement. */
    void acknowledge(int c) {
        send(c, begin(c, 0), Tcp.ACK, records.sndNxt(c), 0);
    }

    /** Asks the container to tell where it stands: an acknowledgement of something that it has had (RFC 9293 section 3.8.4). */
    void probe(int c) {
        send(c, begin(c, 0), Tcp.ACK, records.sndUna(c) - 1, 0);
    }

    /** Sends RST with what the container has acknowledged or is to. */
    void reset(int c, int flags, int sequence) {
        send(c, begin(c, 0), Tcp.RST | flags, sequence, 0);
    }

    /** Sends SYN, or with {@link Tcp#ACK} SYN-ACK, with what options both know. */
    void synchronise(int c, int flags, int offeredMss, boolean sack) {
        boolean scales = records.rcvScale(c) > 0;
        int options = scales || sack ? SYN_OPTIONS : Integer.BYTES;
        long frame = egress.allocate(headers(c) + options);
        long at = payload(c, frame);
        BigEndian.u8(memory, at, Tcp.OPTION_MSS);
        BigEndian.u8(memory, at + 1, 4);
        BigEndian.u16(memory, at + 2, offeredMss);
        if (options > Integer.BYTES) {
            BigEndian.i32(memory, at + 4, sack ? 0x0101_0000 | Tcp.OPTION_SACK_PERMITTED << 8 | 2 : 0x0101_0101);
            BigEndian.i32(memory, at + 8, scales ? 0x0100_0000 | Tcp.OPTION_WINDOW_SCALE << 16 | 3 << 8 | records.rcvScale(c)
                    : 0x0101_0101);
        }
        send(c, frame, Tcp.SYN | flags, records.sndUna(c), options, 0);
    }

    /** Writes the SYN that opened a connection once more as the container sent it, for an ICMP error to quote; its length. */
    int quoteSyn(int c, long frame) {
        int headers = headers(c);
        MemorySegment.copy(records.memory(), records.template(c), memory, frame, headers);
        long mac = Ethernet.source(memory, frame);
        Ethernet.source(memory, frame, Ethernet.destination(memory, frame));
        Ethernet.destination(memory, frame, mac);
        long network = frame + Ethernet.HEADER_LENGTH;
        if (records.is(c, TcpState.IPV6)) {
            long high = Ipv6.sourceHigh(memory, network);
            long low = Ipv6.sourceLow(memory, network);
            Ipv6.payloadLength(memory, network, Tcp.MIN_HEADER_LENGTH);
            Ipv6.source(memory, network, Ipv6.destinationHigh(memory, network), Ipv6.destinationLow(memory, network));
            Ipv6.destination(memory, network, high, low);
        } else {
            int source = Ipv4.source(memory, network);
            Ipv4.totalLength(memory, network, Ipv4.MIN_HEADER_LENGTH + Tcp.MIN_HEADER_LENGTH);
            Ipv4.source(memory, network, Ipv4.destination(memory, network));
            Ipv4.destination(memory, network, source);
            Ipv4.writeChecksum(memory, network);
        }
        long tcp = frame + headers - Tcp.MIN_HEADER_LENGTH;
        int port = Tcp.source(memory, tcp);
        Tcp.source(memory, tcp, Tcp.destination(memory, tcp));
        Tcp.destination(memory, tcp, port);
        Tcp.sequence(memory, tcp, records.rcvNxt(c) - 1);
        Tcp.flags(memory, tcp, Tcp.SYN);
        return headers;
    }

    /** Whether a segment's checksum is right, or is another's to make. */
    static boolean isIntact(MemorySegment memory, long header, long network, long transport, int length, boolean ipv6) {
        if ((VirtioNetHeader.flags(memory, header) & (VirtioNetHeader.NEEDS_CSUM | VirtioNetHeader.DATA_VALID)) != 0) {
            return true;
        }
        int pseudoHeader = ipv6 ? Ipv6.pseudoHeader(memory, network, Protocol.TCP, length)
                : Ipv4.pseudoHeader(memory, network, Protocol.TCP, length);
        return Checksum.add(pseudoHeader, Checksum.sum(memory, transport, length)) == 0xFFFF;
    }
}
