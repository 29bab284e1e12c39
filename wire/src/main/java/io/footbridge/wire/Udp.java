package io.footbridge.wire;

import static io.footbridge.wire.BigEndian.i32;
import static io.footbridge.wire.BigEndian.u16;

import java.lang.foreign.MemorySegment;

/**
 * The UDP header (RFC 768), 8 bytes.
 *
 * <pre>
 * offset  width  name
 *      0      2  source port
 *      2      2  destination port
 *      4      2  length: header and payload
 *      6      2  checksum: 0 if the sender made none (IPv4 only)
 * </pre>
 */
public final class Udp {
    /** Bytes of the header. */
    public static final int HEADER_LENGTH = 8;

    /** Where the checksum stands in the header. */
    public static final int CHECKSUM = 6;
    private static final int SOURCE = 0;
    private static final int DESTINATION = 2;
    private static final int LENGTH = 4;

    private Udp() {
    }

    /**
     * Checks the length field.
     *
     * @param available bytes of the IP payload from here on
     * @return {@link #HEADER_LENGTH}, or a drop code
     */
    public static int check(MemorySegment memory, long offset, int available) {
        if (available < HEADER_LENGTH) {
            return DropReason.RUNT.code();
        }
        int length = length(memory, offset);
        return length < HEADER_LENGTH || length > available ? DropReason.BAD_HEADER.code() : HEADER_LENGTH;
    }

    /** Source port. */
    public static int source(MemorySegment memory, long offset) {
        return u16(memory, offset + SOURCE);
    }

    /** Sets the source port. */
    public static void source(MemorySegment memory, long offset, int port) {
        u16(memory, offset + SOURCE, port);
    }

    /** Destination port. */
    public static int destination(MemorySegment memory, long offset) {
        return u16(memory, offset + DESTINATION);
    }

    /** Sets the destination port. */
    public static void destination(MemorySegment memory, long offset, int port) {
        u16(memory, offset + DESTINATION, port);
    }

    /** Both ports, of a UDP or a TCP header: the source in the upper half, the destination in the lower. */
    public static int ports(MemorySegment memory, long offset) {
        return i32(memory, offset + SOURCE);
    }

    /** Sets both ports, of a UDP or a TCP header: the source in the upper half, the destination in the lower. */
    public static void ports(MemorySegment memory, long offset, int ports) {
        i32(memory, offset + SOURCE, ports);
    }

    /** Bytes of header and payload. */
    public static int length(MemorySegment memory, long offset) {
        return u16(memory, offset + LENGTH);
    }

    /** Sets the bytes of header and payload. */
    public static void length(MemorySegment memory, long offset, int length) {
        u16(memory, offset + LENGTH, length);
    }

    /** The checksum; 0 if there is none. */
    public static int checksum(MemorySegment memory, long offset) {
        return u16(memory, offset + CHECKSUM);
    }

    /** Sets the checksum. */
    public static void checksum(MemorySegment memory, long offset, int checksum) {
        u16(memory, offset + CHECKSUM, checksum);
    }

    /** Whether the checksum of a checked datagram is right; none is right, for IPv4. */
    public static boolean verify(MemorySegment memory, long offset, int pseudoHeader) {
        return checksum(memory, offset) == 0
                || Checksum.add(pseudoHeader, Checksum.sum(memory, offset, length(memory, offset))) == 0xFFFF;
    }

    /** Computes and stores the full checksum over {@code length} bytes, as the length field says. */
    public static void writeChecksum(MemorySegment memory, long offset, int pseudoHeader) {
        checksum(memory, offset, 0);
        int sum = Checksum.sum(memory, offset, length(memory, offset));
        checksum(memory, offset, Checksum.finishUdp(Checksum.add(pseudoHeader, sum)));
    }

    /**
     * Applies deltas to the checksum, see {@link Checksum#update(int, int, int, boolean)}. A full checksum of 0 stays
     * 0, and one that becomes 0 is stored as 0xFFFF.
     */
    public static void updateChecksum(MemorySegment memory, long offset, int addresses, int ports, boolean partial) {
        int before = checksum(memory, offset);
        if (!partial && before == 0) {
            return;
        }
        int after = Checksum.update(before, addresses, ports, partial);
        checksum(memory, offset, !partial && after == 0 ? 0xFFFF : after);
    }

    /** Writes a header whose checksum is 0; answers {@link #HEADER_LENGTH}. */
    public static int write(MemorySegment memory, long offset, int source, int destination, int length) {
        source(memory, offset, source);
        destination(memory, offset, destination);
        length(memory, offset, length);
        checksum(memory, offset, 0);
        return HEADER_LENGTH;
    }

    /** One line for people. Off the frame path. */
    public static String describe(MemorySegment memory, long offset) {
        return "UDP %d > %d, length %d".formatted(source(memory, offset), destination(memory, offset),
                length(memory, offset));
    }
}
