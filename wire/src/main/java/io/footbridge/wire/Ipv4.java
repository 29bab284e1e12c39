package io.footbridge.wire;

import static io.footbridge.wire.BigEndian.i32;
import static io.footbridge.wire.BigEndian.i64;
import static io.footbridge.wire.BigEndian.u16;
import static io.footbridge.wire.BigEndian.u8;

import java.lang.foreign.MemorySegment;

/**
 * The IPv4 header (RFC 791), 20 to 60 bytes.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-------+-------+---------------+-------------------------------+
 * |version|  IHL  | type of serv. |          total length         |
 * +-------+-------+---------------+-----+-------------------------+
 * |         identification        |flags|     fragment offset     |
 * +---------------+---------------+-----+-------------------------+
 * | time to live  |   protocol    |        header checksum        |
 * +---------------+---------------+-------------------------------+
 * |                         source address                        |
 * +---------------------------------------------------------------+
 * |                      destination address                      |
 * +---------------------------------------------------------------+
 * |                    options, 0 to 40 bytes                     |
 * +---------------------------------------------------------------+
 * </pre>
 *
 * <p>Setters leave the header checksum alone, except where they say so.
 */
public final class Ipv4 {
    /** Bytes of a header without options. */
    public static final int MIN_HEADER_LENGTH = 20;
    /** The largest total length. */
    public static final int MAX_LENGTH = 0xFFFF;
    /** Flag bit of {@link #flagsAndFragmentOffset}: don't fragment. */
    public static final int DONT_FRAGMENT = 0x4000;
    /** Flag bit of {@link #flagsAndFragmentOffset}: more fragments. */
    public static final int MORE_FRAGMENTS = 0x2000;

    private static final int VERSION_AND_LENGTH = 0;
    private static final int TYPE_OF_SERVICE = 1;
    private static final int TOTAL_LENGTH = 2;
    private static final int IDENTIFICATION = 4;
    private static final int FRAGMENT = 6;
    private static final int TIME_TO_LIVE = 8;
    private static final int PROTOCOL = 9;
    private static final int CHECKSUM = 10;
    private static final int SOURCE = 12;
    private static final int DESTINATION = 16;

    private static final int FRAGMENT_OFFSET_MASK = 0x1FFF;
    /** The delta of the word that has the hops left in its upper half, when one is taken off: 0xFFFF - 0x100. */
    private static final int HOP_TAKEN = 0xFEFF;
    private static final int LOOPBACK = 127;
    /** Upper four bits of the first address that is a group's; reserved ones follow. */
    private static final int CLASS_D = 0xE;
    /** One, where the time to live stands in the word that it shares with protocol and checksum. */
    private static final int TIME_TO_LIVE_UNIT = 1 << 24;

    private Ipv4() {
    }

    /**
     * Checks version, header length and total length; neither the checksum nor the addresses.
     *
     * @param available bytes from the header to the frame's end, padding included
     * @return the header's length, or a drop code
     */
    public static int check(MemorySegment memory, long offset, int available) {
        if (available < MIN_HEADER_LENGTH) {
            return DropReason.RUNT.code();
        }
        int start = u8(memory, offset + VERSION_AND_LENGTH);
        int headerLength = (start & 0xF) << 2;
        int totalLength = totalLength(memory, offset);
        if (start >>> 4 != 4 || headerLength < MIN_HEADER_LENGTH || totalLength < headerLength
                || totalLength > available) {
            return DropReason.BAD_HEADER.code();
        }
        return headerLength;
    }

    /**
     * Checks version and header length alone, of a packet quoted in an ICMP error: its payload may be cut off.
     *
     * @param available bytes from the quoted header to the quote's end
     * @return the header's length, or a drop code
     */
    public static int checkQuoted(MemorySegment memory, long offset, int available) {
        if (available < MIN_HEADER_LENGTH) {
            return DropReason.RUNT.code();
        }
        int headerLength = headerLength(memory, offset);
        if (u8(memory, offset + VERSION_AND_LENGTH) >>> 4 != 4 || headerLength < MIN_HEADER_LENGTH
                || headerLength > available) {
            return DropReason.BAD_HEADER.code();
        }
        return headerLength;
    }

    /** Whether the header checksum of a checked header is right. */
    public static boolean verify(MemorySegment memory, long offset) {
        int length = headerLength(memory, offset);
        return length == MIN_HEADER_LENGTH ? Checksum.verify20(memory, offset)
                : Checksum.sum(memory, offset, length) == 0xFFFF;
    }

    /** Header bytes, options included. */
    public static int headerLength(MemorySegment memory, long offset) {
        return (u8(memory, offset + VERSION_AND_LENGTH) & 0xF) << 2;
    }

    /** Sets version 4 and the header bytes, a multiple of 4 from 20 to 60. */
    static void headerLength(MemorySegment memory, long offset, int length) {
        u8(memory, offset + VERSION_AND_LENGTH, 0x40 | length >>> 2);
    }

    /** Bytes of header and payload. */
    public static int totalLength(MemorySegment memory, long offset) {
        return u16(memory, offset + TOTAL_LENGTH);
    }

    /** Sets the bytes of header and payload. */
    public static void totalLength(MemorySegment memory, long offset, int length) {
        u16(memory, offset + TOTAL_LENGTH, length);
    }

    /** Differentiated services and ECN. */
    public static int typeOfService(MemorySegment memory, long offset) {
        return u8(memory, offset + TYPE_OF_SERVICE);
    }

    /** Sets differentiated services and ECN. */
    public static void typeOfService(MemorySegment memory, long offset, int value) {
        u8(memory, offset + TYPE_OF_SERVICE, value);
    }

    /** What the fragments of one packet have in common. */
    public static int identification(MemorySegment memory, long offset) {
        return u16(memory, offset + IDENTIFICATION);
    }

    /** Sets the identification. */
    public static void identification(MemorySegment memory, long offset, int value) {
        u16(memory, offset + IDENTIFICATION, value);
    }

    /** The 16 bits of flags and fragment offset as they are. */
    public static int flagsAndFragmentOffset(MemorySegment memory, long offset) {
        return u16(memory, offset + FRAGMENT);
    }

    /** Sets the 16 bits of flags and fragment offset. */
    public static void flagsAndFragmentOffset(MemorySegment memory, long offset, int value) {
        u16(memory, offset + FRAGMENT, value);
    }

    /** Whether routers may not fragment the packet. */
    public static boolean dontFragment(MemorySegment memory, long offset) {
        return (flagsAndFragmentOffset(memory, offset) & DONT_FRAGMENT) != 0;
    }

    /** Whether fragments follow this one. */
    public static boolean moreFragments(MemorySegment memory, long offset) {
        return (flagsAndFragmentOffset(memory, offset) & MORE_FRAGMENTS) != 0;
    }

    /** The fragment's place in the payload, in bytes. */
    public static int fragmentOffset(MemorySegment memory, long offset) {
        return (flagsAndFragmentOffset(memory, offset) & FRAGMENT_OFFSET_MASK) << 3;
    }

    /** One of the constants of {@link Fragment}. */
    public static int fragment(MemorySegment memory, long offset) {
        int field = flagsAndFragmentOffset(memory, offset);
        return Fragment.of(field & FRAGMENT_OFFSET_MASK, (field & MORE_FRAGMENTS) != 0);
    }

    /** Hops left. */
    public static int timeToLive(MemorySegment memory, long offset) {
        return u8(memory, offset + TIME_TO_LIVE);
    }

    /** Sets the hops left. */
    public static void timeToLive(MemorySegment memory, long offset, int hops) {
        u8(memory, offset + TIME_TO_LIVE, hops);
    }

    /** Takes one hop off and updates the header checksum; the caller has seen that more than one was left. */
    public static void decrementTimeToLive(MemorySegment memory, long offset) {
        u8(memory, offset + TIME_TO_LIVE, u8(memory, offset + TIME_TO_LIVE) - 1);
        updateChecksum(memory, offset, HOP_TAKEN);
    }

    /**
     * As {@link #addresses(MemorySegment, long, long)} and {@link #decrementTimeToLive}, with one change of the checksum.
     *
     * @param delta what the addresses add to a checksum
     */
    public static void forward(MemorySegment memory, long offset, long addresses, int delta) {
        int word = i32(memory, offset + TIME_TO_LIVE);
        int checksum = Checksum.update(word & 0xFFFF, Checksum.add(delta, HOP_TAKEN));
        i32(memory, offset + TIME_TO_LIVE, (word & 0xFFFF_0000) - TIME_TO_LIVE_UNIT | checksum);
        addresses(memory, offset, addresses);
    }

    /** What the payload is, see {@link Protocol}. */
    public static int protocol(MemorySegment memory, long offset) {
        return u8(memory, offset + PROTOCOL);
    }

    /** Sets what the payload is. */
    public static void protocol(MemorySegment memory, long offset, int protocol) {
        u8(memory, offset + PROTOCOL, protocol);
    }

    /** The header checksum. */
    public static int checksum(MemorySegment memory, long offset) {
        return u16(memory, offset + CHECKSUM);
    }

    /** Sets the header checksum. */
    public static void checksum(MemorySegment memory, long offset, int checksum) {
        u16(memory, offset + CHECKSUM, checksum);
    }

    /** Computes and stores the checksum of a checked header. */
    public static void writeChecksum(MemorySegment memory, long offset) {
        checksum(memory, offset, 0);
        checksum(memory, offset, Checksum.finish(Checksum.sum(memory, offset, headerLength(memory, offset))));
    }

    /** Applies a delta, see {@link Checksum#delta32}, to the header checksum. */
    public static void updateChecksum(MemorySegment memory, long offset, int delta) {
        checksum(memory, offset, Checksum.update(checksum(memory, offset), delta));
    }

    /** Source address. */
    public static int source(MemorySegment memory, long offset) {
        return i32(memory, offset + SOURCE);
    }

    /** Whether one host may have an address: not this network, loopback, multicast, reserved or broadcast. */
    public static boolean isHost(int address) {
        int first = address >>> 24;
        return first != 0 && first != LOOPBACK && address >>> 28 < CLASS_D;
    }

    /** Sets the source address. */
    public static void source(MemorySegment memory, long offset, int address) {
        i32(memory, offset + SOURCE, address);
    }

    /** Destination address. */
    public static int destination(MemorySegment memory, long offset) {
        return i32(memory, offset + DESTINATION);
    }

    /** Sets the destination address. */
    public static void destination(MemorySegment memory, long offset, int address) {
        i32(memory, offset + DESTINATION, address);
    }

    /** Both addresses: the source in the upper half, the destination in the lower. */
    public static long addresses(MemorySegment memory, long offset) {
        return i64(memory, offset + SOURCE);
    }

    /** Sets both addresses: the source in the upper half, the destination in the lower. */
    public static void addresses(MemorySegment memory, long offset, long addresses) {
        i64(memory, offset + SOURCE, addresses);
    }

    /** The sum of the pseudo-header of a transport packet of {@code length} bytes. */
    public static int pseudoHeader(MemorySegment memory, long offset, int protocol, int length) {
        return Checksum.pseudoHeader(source(memory, offset), destination(memory, offset), protocol, length);
    }

    /**
     * Writes a header without options, don't-fragment set, identification 0 (RFC 6864 section 4.1), and its checksum.
     *
     * @return {@link #MIN_HEADER_LENGTH}
     */
    public static int write(MemorySegment memory, long offset, int source, int destination, int protocol,
            int timeToLive, int totalLength) {
        u8(memory, offset + VERSION_AND_LENGTH, 0x45);
        typeOfService(memory, offset, 0);
        totalLength(memory, offset, totalLength);
        identification(memory, offset, 0);
        flagsAndFragmentOffset(memory, offset, DONT_FRAGMENT);
        timeToLive(memory, offset, timeToLive);
        protocol(memory, offset, protocol);
        source(memory, offset, source);
        destination(memory, offset, destination);
        writeChecksum(memory, offset);
        return MIN_HEADER_LENGTH;
    }

    /** One line for people, of a checked header. Off the frame path. */
    public static String describe(MemorySegment memory, long offset) {
        String fragment = fragment(memory, offset) == Fragment.WHOLE ? ""
                : ", fragment at %d%s".formatted(fragmentOffset(memory, offset),
                        moreFragments(memory, offset) ? " and more" : "");
        return "%s > %s, %s, ttl %d, id %d, length %d%s".formatted(Ipv4Address.format(source(memory, offset)),
                Ipv4Address.format(destination(memory, offset)), Protocol.nameOf(protocol(memory, offset)),
                timeToLive(memory, offset), identification(memory, offset), totalLength(memory, offset), fragment);
    }
}
