package io.footbridge.wire;

import static io.footbridge.memory.DirectAccess.at;
import static io.footbridge.memory.DirectAccess.base;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The legacy virtio-net header (virtio 1.2 section 5.1.6, {@code linux/virtio_net.h}), 10 bytes before each frame, in
 * the machine's byte order.
 *
 * <pre>
 * offset  width  name
 *      0      1  flags: 1 NEEDS_CSUM, 2 DATA_VALID, 4 RSC_INFO
 *      1      1  gso_type: 0 none, 1 TCPv4, 3 UFO, 4 TCPv6, 5 UDP segmentation; 0x80 ECN beside TCP
 *      2      2  hdr_len: a hint, never read here
 *      4      2  gso_size: payload bytes of each segment
 *      6      2  csum_start: from the frame's start, where summing begins
 *      8      2  csum_offset: from csum_start, where the checksum stands
 * </pre>
 */
public final class VirtioNetHeader {
    /** Bytes of the header. */
    public static final int LENGTH = 10;

    /** Flag: the transport checksum is partial. */
    public static final int NEEDS_CSUM = 1;
    /** Flag: the transport checksum has been verified. */
    public static final int DATA_VALID = 2;

    /** GSO type: an ordinary frame. */
    public static final int GSO_NONE = 0;
    /** GSO type: TCP over IPv4. */
    public static final int GSO_TCPV4 = 1;
    /** GSO type: UDP fragmentation, always refused. */
    public static final int GSO_UFO = 3;
    /** GSO type: TCP over IPv6. */
    public static final int GSO_TCPV6 = 4;
    /** GSO type: UDP segmentation, over either. */
    public static final int GSO_UDP_L4 = 5;
    /** GSO type bit, beside TCP: the first segment bears CWR. */
    public static final int GSO_ECN = 0x80;

    /** The most segments that the kernel takes in one UDP frame (UDP_MAX_SEGMENTS). */
    public static final int MAX_UDP_SEGMENTS = 128;

    private static final int FLAGS = 0;
    private static final int GSO_TYPE = 1;
    private static final int HEADER_LENGTH = 2;
    private static final int GSO_SIZE = 4;
    private static final int CHECKSUM_START = 6;
    private static final int CHECKSUM_OFFSET = 8;

    private static final ValueLayout.OfByte U8 = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG_UNALIGNED;

    private VirtioNetHeader() {
    }

    /**
     * Whether the header fits the frame behind it, by the kernel's own rules where they are certain to be applied:
     * <ul>
     * <li>a partial checksum starts behind an IP header, and its field is inside the frame;
     * <li>the GSO type is TCPv4, TCPv6 or UDP segmentation, matches the ether type behind up to two tags, and gso_size
     *     is not zero; ECN stands only beside TCP; UFO and tunnel types are refused;
     * <li>a partial checksum of a GSO frame is at TCP's or UDP's place, the header it is in is inside the frame, and
     *     UDP segmentation has one and makes at most 128 segments.
     * </ul>
     * IP headers are not walked; {@link Frame#networkLength} and {@link Segmenter#count} do that for GSO frames.
     *
     * @param headerOffset of this header
     * @param frameOffset  of the frame, commonly {@code headerOffset + 10}
     * @param frameLength  bytes of the frame, without this header; at least 0
     * @return 0, or a drop code
     */
    public static int check(MemorySegment memory, long headerOffset, long frameOffset, int frameLength) {
        int type = gsoType(memory, headerOffset);
        boolean partial = needsChecksum(memory, headerOffset);
        if (type == GSO_NONE && !partial) {
            return 0;
        }
        long link = Frame.parseLink(memory, frameOffset, frameLength);
        if (link < 0) {
            return (int) link;
        }
        int transport = switch (type) {
            case GSO_NONE -> 0;
            case GSO_TCPV4, GSO_TCPV6, GSO_TCPV4 | GSO_ECN, GSO_TCPV6 | GSO_ECN -> Tcp.MIN_HEADER_LENGTH;
            case GSO_UDP_L4 -> Udp.HEADER_LENGTH;
            default -> -1;
        };
        if (transport < 0
                || type != GSO_NONE && (gsoSize(memory, headerOffset) == 0 || !matches(type, Frame.etherType(link)))
                || type == GSO_UDP_L4 && !partial) {
            return DropReason.BAD_VIRTIO_HEADER.code();
        }
        if (partial && !checksumFits(memory, headerOffset, frameLength, link, type, transport)) {
            return DropReason.BAD_VIRTIO_HEADER.code();
        }
        return 0;
    }

    private static boolean checksumFits(MemorySegment memory, long headerOffset, int frameLength, long link, int type,
            int transport) {
        int start = checksumStart(memory, headerOffset);
        int field = checksumOffset(memory, headerOffset);
        int network = Frame.etherType(link) == Ethernet.IPV6 ? Ipv6.HEADER_LENGTH : Ipv4.MIN_HEADER_LENGTH;
        if (start < Frame.networkOffset(link) + network || start + Math.max(transport, field + 2) > frameLength) {
            return false;
        }
        return switch (type) {
            case GSO_NONE -> true;
            case GSO_UDP_L4 -> field == Udp.CHECKSUM
                    && frameLength - start - Udp.HEADER_LENGTH <= gsoSize(memory, headerOffset) * MAX_UDP_SEGMENTS;
            default -> field == Tcp.CHECKSUM;
        };
    }

    private static boolean matches(int type, int etherType) {
        return switch (type & ~GSO_ECN) {
            case GSO_TCPV4 -> etherType == Ethernet.IPV4;
            case GSO_TCPV6 -> etherType == Ethernet.IPV6;
            default -> etherType == Ethernet.IPV4 || etherType == Ethernet.IPV6;
        };
    }

    /** Whether this is a GSO frame. */
    public static boolean isGso(MemorySegment memory, long offset) {
        return gsoType(memory, offset) != GSO_NONE;
    }

    /** Whether the transport checksum is partial. */
    public static boolean needsChecksum(MemorySegment memory, long offset) {
        return (flags(memory, offset) & NEEDS_CSUM) != 0;
    }

    /** The flags. */
    public static int flags(MemorySegment memory, long offset) {
        return base(memory).get(U8, at(memory, offset + FLAGS)) & 0xFF;
    }

    /** Sets the flags. */
    public static void flags(MemorySegment memory, long offset, int flags) {
        base(memory).set(U8, at(memory, offset + FLAGS), (byte) flags);
    }

    /** The GSO type, the ECN bit included. */
    public static int gsoType(MemorySegment memory, long offset) {
        return base(memory).get(U8, at(memory, offset + GSO_TYPE)) & 0xFF;
    }

    /** Sets the GSO type. */
    public static void gsoType(MemorySegment memory, long offset, int type) {
        base(memory).set(U8, at(memory, offset + GSO_TYPE), (byte) type);
    }

    /** hdr_len: how much the kernel had in one piece; says nothing about headers. */
    public static int headerLength(MemorySegment memory, long offset) {
        return base(memory).get(U16, at(memory, offset + HEADER_LENGTH)) & 0xFFFF;
    }

    /** Sets hdr_len. */
    public static void headerLength(MemorySegment memory, long offset, int length) {
        base(memory).set(U16, at(memory, offset + HEADER_LENGTH), (short) length);
    }

    /** Payload bytes of each segment but the last. */
    public static int gsoSize(MemorySegment memory, long offset) {
        return base(memory).get(U16, at(memory, offset + GSO_SIZE)) & 0xFFFF;
    }

    /** Sets the payload bytes of each segment. */
    public static void gsoSize(MemorySegment memory, long offset, int size) {
        base(memory).set(U16, at(memory, offset + GSO_SIZE), (short) size);
    }

    /** csum_start, from the frame's start. */
    public static int checksumStart(MemorySegment memory, long offset) {
        return base(memory).get(U16, at(memory, offset + CHECKSUM_START)) & 0xFFFF;
    }

    /** Sets csum_start. */
    public static void checksumStart(MemorySegment memory, long offset, int start) {
        base(memory).set(U16, at(memory, offset + CHECKSUM_START), (short) start);
    }

    /** csum_offset, from csum_start. */
    public static int checksumOffset(MemorySegment memory, long offset) {
        return base(memory).get(U16, at(memory, offset + CHECKSUM_OFFSET)) & 0xFFFF;
    }

    /** Sets csum_offset. */
    public static void checksumOffset(MemorySegment memory, long offset, int field) {
        base(memory).set(U16, at(memory, offset + CHECKSUM_OFFSET), (short) field);
    }

    /** All zero: an ordinary frame whose checksums are full. */
    public static void clear(MemorySegment memory, long offset) {
        base(memory).set(I64, at(memory, offset), 0);
        base(memory).set(U16, at(memory, offset + 8), (short) 0);
    }

    /** Copies a header to another place of the same segment; the two may overlap. */
    public static void move(MemorySegment memory, long from, long to) {
        copy(memory, from, memory, to);
    }

    /** Copies a header. */
    public static void copy(MemorySegment memory, long offset, MemorySegment destination, long destinationOffset) {
        long start = base(memory).get(I64, at(memory, offset));
        short end = base(memory).get(U16, at(memory, offset + 8));
        base(destination).set(I64, at(destination, destinationOffset), start);
        base(destination).set(U16, at(destination, destinationOffset + 8), end);
    }

    /**
     * Follows a change of the frame's link header: csum_start, if used, and hdr_len, if not 0, move by {@code bytes},
     * which is 4 for a tag pushed and -4 for a tag popped.
     */
    public static void adjust(MemorySegment memory, long offset, int bytes) {
        if (needsChecksum(memory, offset)) {
            checksumStart(memory, offset, checksumStart(memory, offset) + bytes);
        }
        if (headerLength(memory, offset) != 0) {
            headerLength(memory, offset, headerLength(memory, offset) + bytes);
        }
    }

    /** One line for people. Off the frame path. */
    public static String describe(MemorySegment memory, long offset) {
        return "flags %d, gso type %d, header length %d, gso size %d, checksum at %d + %d".formatted(
                flags(memory, offset), gsoType(memory, offset), headerLength(memory, offset),
                gsoSize(memory, offset), checksumStart(memory, offset), checksumOffset(memory, offset));
    }
}
