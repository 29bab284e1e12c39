package io.footbridge.wire;

import static io.footbridge.wire.BigEndian.i32;
import static io.footbridge.wire.BigEndian.i64;
import static io.footbridge.wire.BigEndian.u16;
import static io.footbridge.wire.BigEndian.u8;

import java.lang.foreign.MemorySegment;

/**
 * The IPv6 header (RFC 8200), 40 bytes, and the walk over its extension headers.
 *
 * <pre>
 * offset  width  name
 *      0      4  version 4 bits (6), traffic class 8 bits, flow label 20 bits
 *      4      2  payload length: all behind these 40 bytes
 *      6      1  next header
 *      7      1  hop limit
 *      8     16  source address
 *     24     16  destination address
 * </pre>
 *
 * <p>The walk passes hop-by-hop options, routing, destination options, fragment and authentication headers, at most
 * {@link #MAX_EXTENSION_HEADERS} of them. Anything else ends it and counts as the transport protocol. Jumbograms
 * (RFC 2675) are not known.
 */
public final class Ipv6 {
    /** Bytes of the fixed header. */
    public static final int HEADER_LENGTH = 40;
    /** The largest payload length. */
    public static final int MAX_PAYLOAD_LENGTH = 0xFFFF;
    /** The smallest MTU of any link (RFC 8200 section 5). */
    public static final int MIN_MTU = 1280;
    /** More extension headers than this, and the packet is dropped as {@link DropReason#BAD_HEADER}. */
    public static final int MAX_EXTENSION_HEADERS = 8;
    /** The high half of link-local addresses, fe80::/64; {@link MacAddress#eui64} makes a low half. */
    public static final long LINK_LOCAL_HIGH = 0xFE80_0000_0000_0000L;
    /** The high half of ff02::1 and its like, multicast on the link. */
    public static final long LINK_MULTICAST_HIGH = 0xFF02_0000_0000_0000L;
    /** The low half of ff02::1, all nodes. */
    public static final long ALL_NODES_LOW = 1;
    /** The low half of ff02::2, all routers. */
    public static final long ALL_ROUTERS_LOW = 2;

    private static final int PAYLOAD_LENGTH = 4;
    private static final int NEXT_HEADER = 6;
    private static final int HOP_LIMIT = 7;
    private static final int SOURCE = 8;
    private static final int DESTINATION = 24;

    /** Bytes of a fragment header. */
    public static final int FRAGMENT_HEADER_LENGTH = 8;

    private static final int EXTENSION_UNIT = 8;
    private static final int FRAGMENT_OFFSET = 2;
    private static final int FRAGMENT_IDENTIFICATION = 4;
    private static final int FRAGMENT_OFFSET_MASK = 0xFFF8;
    private static final int MORE_FRAGMENTS = 1;
    private static final long SOLICITED_NODE_LOW = 0x1_FF00_0000L;

    private static final int FRAGMENT_SHIFT = 8;
    private static final int TRANSPORT_SHIFT = 16;

    private Ipv6() {
    }

    /**
     * Checks version and payload length.
     *
     * @param available bytes from the header to the frame's end, padding included
     * @return {@link #HEADER_LENGTH}, or a drop code
     */
    public static int check(MemorySegment memory, long offset, int available) {
        if (available < HEADER_LENGTH) {
            return DropReason.RUNT.code();
        }
        if (u8(memory, offset) >>> 4 != 6 || HEADER_LENGTH + payloadLength(memory, offset) > available) {
            return DropReason.BAD_HEADER.code();
        }
        return HEADER_LENGTH;
    }

    /**
     * Checks the version alone, of a packet quoted in an ICMPv6 error: its payload may be cut off.
     *
     * @return {@link #HEADER_LENGTH}, or a drop code
     */
    public static int checkQuoted(MemorySegment memory, long offset, int available) {
        if (available < HEADER_LENGTH) {
            return DropReason.RUNT.code();
        }
        return u8(memory, offset) >>> 4 == 6 ? HEADER_LENGTH : DropReason.BAD_HEADER.code();
    }

    /**
     * Finds the transport header of a checked packet, quoted or whole. The transport header itself is not looked at
     * and may be missing.
     *
     * @param available bytes from the header to the frame's or quote's end
     * @return what {@link #walkedProtocol}, {@link #walkedTransport} and {@link #walkedFragment} take apart, or a
     *     negative drop code: an extension header that is not all there, or too many
     */
    public static long walk(MemorySegment memory, long offset, int available) {
        int end = Math.min(available, HEADER_LENGTH + payloadLength(memory, offset));
        int next = nextHeader(memory, offset);
        int at = HEADER_LENGTH;
        int fragment = Fragment.WHOLE;
        for (int headers = 0; isExtension(next) && fragment != Fragment.LATER; headers++) {
            if (headers == MAX_EXTENSION_HEADERS) {
                return DropReason.BAD_HEADER.code();
            }
            if (end - at < EXTENSION_UNIT) {
                return DropReason.RUNT.code();
            }
            if (next == Protocol.FRAGMENT) {
                fragment = Math.max(fragment,
                        Fragment.of(fragmentOffset(memory, offset + at), moreFragments(memory, offset + at)));
            }
            int length = extensionLength(memory, offset + at, next);
            next = u8(memory, offset + at);
            at += length;
            if (at > end) {
                return DropReason.RUNT.code();
            }
        }
        return (long) at << TRANSPORT_SHIFT | fragment << FRAGMENT_SHIFT | next;
    }

    /**
     * Finds the fragment header by which a packet that {@link #walk} took for a fragment is one: the first that is not
     * atomic (RFC 6946).
     *
     * @return where it stands, in bytes from the IPv6 header, or -1
     */
    public static int fragmentHeader(MemorySegment memory, long offset) {
        int end = HEADER_LENGTH + payloadLength(memory, offset);
        int next = nextHeader(memory, offset);
        int at = HEADER_LENGTH;
        for (int headers = 0; headers < MAX_EXTENSION_HEADERS && isExtension(next) && end - at >= EXTENSION_UNIT; headers++) {
            if (next == Protocol.FRAGMENT && (fragmentOffset(memory, offset + at) != 0 || moreFragments(memory, offset + at))) {
                return at;
            }
            int length = extensionLength(memory, offset + at, next);
            next = u8(memory, offset + at);
            at += length;
        }
        return -1;
    }

    private static int extensionLength(MemorySegment memory, long offset, int header) {
        return switch (header) {
            case Protocol.FRAGMENT -> FRAGMENT_HEADER_LENGTH;
            case Protocol.AUTHENTICATION -> u8(memory, offset + 1) + 2 << 2;
            default -> EXTENSION_UNIT + u8(memory, offset + 1) * EXTENSION_UNIT;
        };
    }

    /** The fragment's place in the payload, in bytes, of a fragment header at this offset. */
    public static int fragmentOffset(MemorySegment memory, long offset) {
        return u16(memory, offset + FRAGMENT_OFFSET) & FRAGMENT_OFFSET_MASK;
    }

    /** Whether fragments follow this one, of a fragment header at this offset. */
    public static boolean moreFragments(MemorySegment memory, long offset) {
        return (u16(memory, offset + FRAGMENT_OFFSET) & MORE_FRAGMENTS) != 0;
    }

    /** What the fragments of one packet have in common, of a fragment header at this offset. */
    public static int identification(MemorySegment memory, long offset) {
        return i32(memory, offset + FRAGMENT_IDENTIFICATION);
    }

    private static boolean isExtension(int next) {
        return switch (next) {
            case Protocol.HOP_BY_HOP, Protocol.ROUTING, Protocol.FRAGMENT, Protocol.AUTHENTICATION,
                    Protocol.DESTINATION_OPTIONS -> true;
            default -> false;
        };
    }

    /** The transport protocol that {@link #walk} found. */
    public static int walkedProtocol(long walk) {
        return (int) walk & 0xFF;
    }

    /** Where {@link #walk} found the transport header: bytes from the IPv6 header. */
    public static int walkedTransport(long walk) {
        return (int) (walk >>> TRANSPORT_SHIFT);
    }

    /** One of the constants of {@link Fragment}. */
    public static int walkedFragment(long walk) {
        return (int) walk >>> FRAGMENT_SHIFT & 0x3;
    }

    /** Traffic class: differentiated services and ECN. */
    public static int trafficClass(MemorySegment memory, long offset) {
        return i32(memory, offset) >>> 20 & 0xFF;
    }

    /** Sets the traffic class. */
    public static void trafficClass(MemorySegment memory, long offset, int value) {
        i32(memory, offset, i32(memory, offset) & ~0x0FF0_0000 | (value & 0xFF) << 20);
    }

    /** Flow label, 20 bits. */
    public static int flowLabel(MemorySegment memory, long offset) {
        return i32(memory, offset) & 0xF_FFFF;
    }

    /** Sets the flow label. */
    public static void flowLabel(MemorySegment memory, long offset, int label) {
        i32(memory, offset, i32(memory, offset) & ~0xF_FFFF | label & 0xF_FFFF);
    }

    /** Bytes behind the fixed header. */
    public static int payloadLength(MemorySegment memory, long offset) {
        return u16(memory, offset + PAYLOAD_LENGTH);
    }

    /** Sets the bytes behind the fixed header. */
    public static void payloadLength(MemorySegment memory, long offset, int length) {
        u16(memory, offset + PAYLOAD_LENGTH, length);
    }

    /** What follows the fixed header, see {@link Protocol}. */
    public static int nextHeader(MemorySegment memory, long offset) {
        return u8(memory, offset + NEXT_HEADER);
    }

    /** Sets what follows the fixed header. */
    public static void nextHeader(MemorySegment memory, long offset, int protocol) {
        u8(memory, offset + NEXT_HEADER, protocol);
    }

    /** Hops left. */
    public static int hopLimit(MemorySegment memory, long offset) {
        return u8(memory, offset + HOP_LIMIT);
    }

    /** Sets the hops left. */
    public static void hopLimit(MemorySegment memory, long offset, int hops) {
        u8(memory, offset + HOP_LIMIT, hops);
    }

    /** High half of the source address. */
    public static long sourceHigh(MemorySegment memory, long offset) {
        return i64(memory, offset + SOURCE);
    }

    /** Low half of the source address. */
    public static long sourceLow(MemorySegment memory, long offset) {
        return i64(memory, offset + SOURCE + 8);
    }

    /** Sets the source address. */
    public static void source(MemorySegment memory, long offset, long high, long low) {
        i64(memory, offset + SOURCE, high);
        i64(memory, offset + SOURCE + 8, low);
    }

    /** High half of the destination address. */
    public static long destinationHigh(MemorySegment memory, long offset) {
        return i64(memory, offset + DESTINATION);
    }

    /** Low half of the destination address. */
    public static long destinationLow(MemorySegment memory, long offset) {
        return i64(memory, offset + DESTINATION + 8);
    }

    /** Sets the destination address. */
    public static void destination(MemorySegment memory, long offset, long high, long low) {
        i64(memory, offset + DESTINATION, high);
        i64(memory, offset + DESTINATION + 8, low);
    }

    /** Whether an address, given by its high half, is multicast: ff00::/8. */
    public static boolean isMulticast(long high) {
        return high >>> 56 == 0xFF;
    }

    /** Whether an address, given by its high half, is link-local unicast: fe80::/10. */
    public static boolean isLinkLocal(long high) {
        return high >>> 54 == 0xFE80 >>> 6;
    }

    /** Whether an address is a solicited-node group: ff02::1:ff00:0/104. */
    public static boolean isSolicitedNode(long high, long low) {
        return high == LINK_MULTICAST_HIGH && low >>> 24 == SOLICITED_NODE_LOW >>> 24;
    }

    /** The low half of an address's solicited-node group, whose high half is {@link #LINK_MULTICAST_HIGH}. */
    public static long solicitedNodeLow(long low) {
        return SOLICITED_NODE_LOW | low & 0xFF_FFFFL;
    }

    /** The sum of the pseudo-header of a transport packet of {@code length} bytes. */
    public static int pseudoHeader(MemorySegment memory, long offset, int protocol, int length) {
        return Checksum.pseudoHeader(sourceHigh(memory, offset), sourceLow(memory, offset),
                destinationHigh(memory, offset), destinationLow(memory, offset), protocol, length);
    }

    /** Writes a header, traffic class and flow label 0; answers {@link #HEADER_LENGTH}. */
    public static int write(MemorySegment memory, long offset, long sourceHigh, long sourceLow, long destinationHigh,
            long destinationLow, int nextHeader, int hopLimit, int payloadLength) {
        i32(memory, offset, 6 << 28);
        payloadLength(memory, offset, payloadLength);
        nextHeader(memory, offset, nextHeader);
        hopLimit(memory, offset, hopLimit);
        source(memory, offset, sourceHigh, sourceLow);
        destination(memory, offset, destinationHigh, destinationLow);
        return HEADER_LENGTH;
    }

    /** One line for people, of a checked header. Off the frame path. */
    public static String describe(MemorySegment memory, long offset) {
        return "%s > %s, next header %d, hop limit %d, payload %d".formatted(
                Ipv6Address.format(sourceHigh(memory, offset), sourceLow(memory, offset)),
                Ipv6Address.format(destinationHigh(memory, offset), destinationLow(memory, offset)),
                nextHeader(memory, offset), hopLimit(memory, offset), payloadLength(memory, offset));
    }
}
