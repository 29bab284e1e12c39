package io.footbridge.nat;

import io.footbridge.wire.BigEndian;
import io.footbridge.wire.DropReason;
import io.footbridge.wire.Ethernet;
import io.footbridge.wire.Fragment;
import io.footbridge.wire.Frame;
import io.footbridge.wire.Icmp;
import io.footbridge.wire.Icmpv6;
import io.footbridge.wire.Ipv4;
import io.footbridge.wire.Ipv6;
import io.footbridge.wire.Protocol;
import java.lang.foreign.MemorySegment;

/**
 * The packet that an ICMP or ICMPv6 error quotes, found and checked (RFC 5508 section 4). Static, like the headers of the
 * wire; any thread.
 *
 * <p>What is found is one {@code long}; the methods below take it apart.
 *
 * <pre>
 *  bits    name
 *  0..15   the quoted IP header, from the frame's start
 * 16..31   the quoted transport header, from the frame's start
 * 32..47   bytes of the quoted transport packet that are there; eight at least of TCP, UDP and ICMP
 * 48..55   transport protocol
 *    63    set: the low half is a drop code
 * </pre>
 *
 * <p>IP options and IPv6 extension headers are skipped. Where the error says how long the quote is (RFC 4884), what stands
 * behind is not part of it, and is kept. The quoted transport checksum is not verified: the quote is cut short.
 */
final class Quote {
    private static final int TRANSPORT_SHIFT = 16;
    private static final int AVAILABLE_SHIFT = 32;
    private static final int PROTOCOL_SHIFT = 48;

    /** Where RFC 4884 puts the quote's length, and in which unit. */
    private static final int LENGTH_OFFSET = 5;
    private static final int LENGTH_UNIT = 4;
    private static final int LENGTH_OFFSET_V6 = 4;
    private static final int LENGTH_UNIT_V6 = 8;

    private static final int PORTS_END = 8;

    private Quote() {
    }

    /**
     * Finds the packet that an error quotes.
     *
     * @param frame offset of the Ethernet header
     * @param parsed what Frame.parse made of it: ICMP or ICMPv6, whole
     * @return the quote, or the code of {@link DropReason#BAD_QUOTE}: no error, or one that may not cross a router; a quote
     *     that is cut off before the ports, contradicts itself, or is a later fragment or an error itself
     */
    static long locate(MemorySegment memory, long frame, long parsed) {
        if (Frame.fragment(parsed) != Fragment.WHOLE) {
            return bad();
        }
        long message = frame + Frame.transportOffset(parsed);
        int available = Frame.transportLength(parsed) - Icmp.HEADER_LENGTH;
        int quoted = Frame.transportOffset(parsed) + Icmp.HEADER_LENGTH;
        int type = Icmp.type(memory, message);
        return switch (Frame.protocol(parsed)) {
            case Protocol.ICMP -> Frame.etherType(parsed) != Ethernet.IPV4 || !Icmp.isError(type) || type == Icmp.REDIRECT
                    ? bad() : ipv4(memory, frame, quoted, limit(memory, message, type, available));
            case Protocol.ICMPV6 -> Frame.etherType(parsed) != Ethernet.IPV6 || type < Icmpv6.UNREACHABLE
                    || type > Icmpv6.PARAMETER_PROBLEM
                            ? bad() : ipv6(memory, frame, quoted, limitV6(memory, message, type, available));
            default -> bad();
        };
    }

    private static int limit(MemorySegment memory, long message, int type, int available) {
        int length = type == Icmp.SOURCE_QUENCH ? 0 : BigEndian.u8(memory, message + LENGTH_OFFSET) * LENGTH_UNIT;
        return length == 0 ? available : Math.min(available, length);
    }

    private static int limitV6(MemorySegment memory, long message, int type, int available) {
        int length = type == Icmpv6.UNREACHABLE || type == Icmpv6.TIME_EXCEEDED
                ? BigEndian.u8(memory, message + LENGTH_OFFSET_V6) * LENGTH_UNIT_V6 : 0;
        return length == 0 ? available : Math.min(available, length);
    }

    private static long ipv4(MemorySegment memory, long frame, int quoted, int available) {
        long packet = frame + quoted;
        int header = Ipv4.checkQuoted(memory, packet, available);
        if (header < 0 || !Ipv4.verify(memory, packet) || Ipv4.fragment(memory, packet) == Fragment.LATER) {
            return bad();
        }
        int left = Math.min(available, Ipv4.totalLength(memory, packet)) - header;
        return transport(memory, frame, quoted, quoted + header, left, Ipv4.protocol(memory, packet), Protocol.ICMPV6);
    }

    private static long ipv6(MemorySegment memory, long frame, int quoted, int available) {
        long packet = frame + quoted;
        if (Ipv6.checkQuoted(memory, packet, available) < 0) {
            return bad();
        }
        long walk = Ipv6.walk(memory, packet, available);
        if (walk < 0 || Ipv6.walkedFragment(walk) == Fragment.LATER) {
            return bad();
        }
        int headers = Ipv6.walkedTransport(walk);
        int left = Math.min(available, Ipv6.HEADER_LENGTH + Ipv6.payloadLength(memory, packet)) - headers;
        return transport(memory, frame, quoted, quoted + headers, left, Ipv6.walkedProtocol(walk), Protocol.ICMP);
    }

    private static long transport(MemorySegment memory, long frame, int quoted, int transport, int left, int protocol,
            int alien) {
        if (left < 0 || protocol == alien) {
            return bad();
        }
        boolean icmp = protocol == Protocol.ICMP || protocol == Protocol.ICMPV6;
        if (icmp || protocol == Protocol.TCP || protocol == Protocol.UDP) {
            if (left < PORTS_END || icmp && Tuple.requestOf(protocol, Icmp.type(memory, frame + transport)) < 0) {
                return bad();
            }
        }
        return (long) protocol << PROTOCOL_SHIFT | (long) left << AVAILABLE_SHIFT | (long) transport << TRANSPORT_SHIFT
                | quoted;
    }

    private static long bad() {
        return DropReason.BAD_QUOTE.code();
    }

    /** Where the quoted IP header begins: bytes from the frame's start. */
    static int networkOffset(long quote) {
        return (int) quote & 0xFFFF;
    }

    /** Where the quoted transport header begins: bytes from the frame's start. */
    static int transportOffset(long quote) {
        return (int) (quote >>> TRANSPORT_SHIFT) & 0xFFFF;
    }

    /** Bytes of the quoted transport packet that are there. */
    static int available(long quote) {
        return (int) (quote >>> AVAILABLE_SHIFT) & 0xFFFF;
    }

    /** The quoted transport protocol. */
    static int protocol(long quote) {
        return (int) (quote >>> PROTOCOL_SHIFT) & 0xFF;
    }
}
