package io.footbridge.wire;

import static io.footbridge.memory.DirectAccess.at;
import static io.footbridge.memory.DirectAccess.base;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The Internet checksum (RFC 1071): sums, pseudo-headers, incremental update (RFC 1624), and the completion of partial
 * checksums.
 *
 * <p>A <em>sum</em> is a ones-complement sum of 16-bit big-endian words, folded to 0..0xFFFF and not complemented; sums
 * are joined with {@link #add}. A <em>checksum</em> is what stands in a header:
 * <ul>
 * <li><em>full</em>: the complement of the sum over pseudo-header, header and payload ({@link #finish});
 * <li><em>partial</em>: the sum of the pseudo-header alone, not complemented. The virtio-net header says so with
 *     {@link VirtioNetHeader#NEEDS_CSUM}; whoever needs the full one completes it.
 * </ul>
 *
 * <p>A <em>delta</em> is the sum {@code ~old + new} of a changed field. It can be computed once per flow and applied to
 * each frame: a full checksum takes the deltas of addresses and ports (equation 3 of RFC 1624); a partial one takes
 * only those of addresses, without complement, for ports are not in the pseudo-header.
 */
public final class Checksum {
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final boolean LITTLE_ENDIAN = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    private static final long LOW = 0xFFFF_FFFFL;

    private static final int SCTP_CHECKSUM = 8;
    private static final int SCTP_HEADER_LENGTH = 12;

    private Checksum() {
    }

    /**
     * The sum of a range. A last odd byte counts as the upper half of a word. The range may start at any address, but
     * stands at an even place of what is summed; at an odd place {@link #swap} the result.
     *
     * <p>Words are added in the machine's order, eight bytes at a time, the two halves apart: the carries gather in
     * the upper half of each accumulator, and one swap at the end restores the order of the wire (RFC 1071 section 2).
     * The loop is this plain because the compiler turns just this into vector code; unrolled by hand it takes twice
     * the time.
     *
     * @param length bytes, 0 to 2<sup>31</sup>-1
     */
    public static int sum(MemorySegment memory, long offset, int length) {
        long even = 0;
        long odd = 0;
        int at = 0;
        for (int end = length & ~7; at < end; at += 8) {
            long word = memory.get(LONG, offset + at);
            even += word & LOW;
            odd += word >>> 32;
        }
        if ((length & 4) != 0) {
            even += memory.get(INT, offset + at) & LOW;
            at += 4;
        }
        if ((length & 2) != 0) {
            even += memory.get(SHORT, offset + at) & 0xFFFF;
            at += 2;
        }
        if ((length & 1) != 0) {
            int last = BigEndian.u8(memory, offset + at);
            even += LITTLE_ENDIAN ? last : last << 8;
        }
        int folded = add(fold(even), fold(odd));
        return LITTLE_ENDIAN ? swap(folded) : folded;
    }

    /** Whether the sum of 20 bytes, an IPv4 header without options, is all ones: so it is in either order of bytes. */
    static boolean verify20(MemorySegment memory, long offset) {
        long first = base(memory).get(LONG, at(memory, offset));
        long second = base(memory).get(LONG, at(memory, offset + 8));
        return fold((first & LOW) + (first >>> 32) + (second & LOW) + (second >>> 32)
                + (base(memory).get(INT, at(memory, offset + 16)) & LOW)) == 0xFFFF;
    }

    /** Folds any number of 16-bit words, added up in a {@code long}, to a sum. */
    public static int fold(long total) {
        long folded = (total >>> 32) + (total & LOW);
        int both = (int) ((folded >>> 32) + (folded & LOW));
        // Each half is added to the other: the upper sum takes the carry of the lower one, which is the same.
        return both + Integer.rotateRight(both, 16) >>> 16;
    }

    /** The ones-complement sum of two sums. */
    public static int add(int first, int second) {
        int total = first + second;
        return (total >>> 16) + (total & 0xFFFF);
    }

    /** The sum of the same bytes placed one byte further. */
    public static int swap(int sum) {
        return sum >>> 8 | (sum & 0xFF) << 8;
    }

    /** The full checksum of a sum. */
    public static int finish(int sum) {
        return ~sum & 0xFFFF;
    }

    /** The full checksum of a sum for UDP, where 0 means "none" and 0xFFFF stands for it (RFC 768). */
    public static int finishUdp(int sum) {
        int checksum = finish(sum);
        return checksum == 0 ? 0xFFFF : checksum;
    }

    /** The sum of an IPv4 pseudo-header (RFC 9293 section 3.1); {@code length} is that of the transport packet. */
    public static int pseudoHeader(int source, int destination, int protocol, int length) {
        return fold((source & LOW) + (destination & LOW) + protocol + length);
    }

    /** The sum of an IPv6 pseudo-header (RFC 8200 section 8.1); {@code length} is that of the transport packet. */
    public static int pseudoHeader(long sourceHigh, long sourceLow, long destinationHigh, long destinationLow,
            int protocol, int length) {
        return fold((sourceHigh >>> 32) + (sourceHigh & LOW) + (sourceLow >>> 32) + (sourceLow & LOW)
                + (destinationHigh >>> 32) + (destinationHigh & LOW) + (destinationLow >>> 32) + (destinationLow & LOW)
                + protocol + length);
    }

    /** The delta of a 16-bit field at an even place. */
    public static int delta16(int before, int after) {
        return add(~before & 0xFFFF, after & 0xFFFF);
    }

    /** The delta of a 32-bit field at an even place. */
    public static int delta32(int before, int after) {
        return fold((~before & LOW) + (after & LOW));
    }

    /** The delta of a 128-bit field at an even place. */
    public static int delta128(long beforeHigh, long beforeLow, long afterHigh, long afterLow) {
        return fold((~beforeHigh >>> 32) + (~beforeHigh & LOW) + (~beforeLow >>> 32) + (~beforeLow & LOW)
                + (afterHigh >>> 32) + (afterHigh & LOW) + (afterLow >>> 32) + (afterLow & LOW));
    }

    /** A full checksum after a change: equation 3 of RFC 1624. */
    public static int update(int checksum, int delta) {
        return finish(add(finish(checksum), delta));
    }

    /** A full checksum after a change of a 16-bit field. */
    public static int update16(int checksum, int before, int after) {
        return update(checksum, delta16(before, after));
    }

    /** A full checksum after a change of a 32-bit field. */
    public static int update32(int checksum, int before, int after) {
        return update(checksum, delta32(before, after));
    }

    /** A full checksum after a change of a 128-bit field. */
    public static int update128(int checksum, long beforeHigh, long beforeLow, long afterHigh, long afterLow) {
        return update(checksum, delta128(beforeHigh, beforeLow, afterHigh, afterLow));
    }

    /**
     * A transport checksum, full or partial, after changes to addresses and ports.
     *
     * @param addresses the delta of all changed fields of the pseudo-header
     * @param ports     the delta of all changed fields of the transport packet itself
     */
    public static int update(int checksum, int addresses, int ports, boolean partial) {
        return partial ? add(checksum, addresses) : update(checksum, add(addresses, ports));
    }

    /**
     * Completes a partial checksum in place and clears the virtio-net header. A frame without {@link
     * VirtioNetHeader#NEEDS_CSUM} stays as it is. For frames that are not GSO; {@link Segmenter} serves those.
     *
     * <p>All bytes up to the frame's end are summed, padding too, as the virtio specification has it; a checksum of 0 in
     * UDP's place becomes 0xFFFF. SCTP, whose checksum is no Internet checksum, is told by its place and the IP header.
     *
     * @return 0, or {@link DropReason#BAD_VIRTIO_HEADER}'s code if the field is not inside the frame
     */
    public static int complete(MemorySegment memory, long headerOffset, long frameOffset, int frameLength) {
        if (!VirtioNetHeader.needsChecksum(memory, headerOffset)) {
            return 0;
        }
        int start = VirtioNetHeader.checksumStart(memory, headerOffset);
        int field = VirtioNetHeader.checksumOffset(memory, headerOffset);
        if (start + field + 2 > frameLength) {
            return DropReason.BAD_VIRTIO_HEADER.code();
        }
        if (field != SCTP_CHECKSUM || !completeSctp(memory, frameOffset, frameLength, start)) {
            int sum = sum(memory, frameOffset + start, frameLength - start);
            int checksum = field == Udp.CHECKSUM ? finishUdp(sum) : finish(sum);
            BigEndian.u16(memory, frameOffset + start + field, checksum);
        }
        VirtioNetHeader.clear(memory, headerOffset);
        return 0;
    }

    /** The CRC is transmitted with its lowest byte first (RFC 9260 appendix A). */
    private static boolean completeSctp(MemorySegment memory, long frameOffset, int frameLength, int start) {
        long parsed = Frame.parse(memory, frameOffset, frameLength);
        if (parsed < 0 || Frame.protocol(parsed) != Protocol.SCTP || Frame.transportOffset(parsed) != start
                || Frame.fragment(parsed) != Fragment.WHOLE || Frame.transportLength(parsed) < SCTP_HEADER_LENGTH) {
            return false;
        }
        long transport = frameOffset + start;
        BigEndian.i32(memory, transport + SCTP_CHECKSUM, 0);
        int crc = Crc32c.of(memory, transport, Frame.transportLength(parsed));
        BigEndian.i32(memory, transport + SCTP_CHECKSUM, Integer.reverseBytes(crc));
        return true;
    }
}
