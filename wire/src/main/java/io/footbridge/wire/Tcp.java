package io.footbridge.wire;

import static io.footbridge.wire.BigEndian.i32;
import static io.footbridge.wire.BigEndian.u16;
import static io.footbridge.wire.BigEndian.u8;

import java.lang.foreign.MemorySegment;

/**
 * The TCP header (RFC 9293 section 3.1), 20 to 60 bytes.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-------------------------------+-------------------------------+
 * |          source port          |       destination port        |
 * +-------------------------------+-------------------------------+
 * |                        sequence number                        |
 * +---------------------------------------------------------------+
 * |                     acknowledgement number                    |
 * +-------+-------+---------------+-------------------------------+
 * |  data |       |C E U A P R S F|                               |
 * | offset|   0   |W C R C S S Y I|            window             |
 * |       |       |R E G K H T N N|                               |
 * +-------+-------+---------------+-------------------------------+
 * |           checksum            |        urgent pointer         |
 * +-------------------------------+-------------------------------+
 * |                    options, 0 to 40 bytes                     |
 * +---------------------------------------------------------------+
 * </pre>
 *
 * <p>Options are visited by position, the bytes from the header's start. A malformed option ends the visit.
 */
public final class Tcp {
    /** Bytes of a header without options. */
    public static final int MIN_HEADER_LENGTH = 20;

    /** Flag: no more data. */
    public static final int FIN = 0x01;
    /** Flag: synchronise. */
    public static final int SYN = 0x02;
    /** Flag: reset. */
    public static final int RST = 0x04;
    /** Flag: push. */
    public static final int PSH = 0x08;
    /** Flag: the acknowledgement number counts. */
    public static final int ACK = 0x10;
    /** Flag: the urgent pointer counts. */
    public static final int URG = 0x20;
    /** Flag: congestion was experienced (RFC 3168). */
    public static final int ECE = 0x40;
    /** Flag: congestion window reduced (RFC 3168). */
    public static final int CWR = 0x80;

    /** Option: end of options. */
    public static final int OPTION_END = 0;
    /** Option: no operation. */
    public static final int OPTION_NOP = 1;
    /** Option: maximum segment size, 4 bytes. */
    public static final int OPTION_MSS = 2;
    /** Option: window scale, 3 bytes (RFC 7323). */
    public static final int OPTION_WINDOW_SCALE = 3;
    /** Option: selective acknowledgement permitted, 2 bytes (RFC 2018). */
    public static final int OPTION_SACK_PERMITTED = 4;
    /** Option: selective acknowledgement (RFC 2018). */
    public static final int OPTION_SACK = 5;
    /** Option: timestamps, 10 bytes (RFC 7323). */
    public static final int OPTION_TIMESTAMPS = 8;

    /** Where the checksum stands in the header. */
    public static final int CHECKSUM = 16;
    private static final int SOURCE = 0;
    private static final int DESTINATION = 2;
    private static final int SEQUENCE = 4;
    private static final int ACKNOWLEDGEMENT = 8;
    private static final int DATA_OFFSET = 12;
    private static final int FLAGS = 13;
    private static final int WINDOW = 14;
    private static final int URGENT_POINTER = 18;

    private static final int MSS_LENGTH = 4;
    private static final int WINDOW_SCALE_LENGTH = 3;

    private Tcp() {
    }

    /**
     * Checks the data offset.
     *
     * @param available bytes of the IP payload from here on
     * @return the header's length, options included, or a drop code
     */
    public static int check(MemorySegment memory, long offset, int available) {
        if (available < MIN_HEADER_LENGTH) {
            return DropReason.RUNT.code();
        }
        int length = headerLength(memory, offset);
        return length < MIN_HEADER_LENGTH || length > available ? DropReason.BAD_HEADER.code() : length;
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

    /** Sequence number, modulo 2<sup>32</sup>. */
    public static int sequence(MemorySegment memory, long offset) {
        return i32(memory, offset + SEQUENCE);
    }

    /** Sets the sequence number. */
    public static void sequence(MemorySegment memory, long offset, int number) {
        i32(memory, offset + SEQUENCE, number);
    }

    /** Acknowledgement number, modulo 2<sup>32</sup>. */
    public static int acknowledgement(MemorySegment memory, long offset) {
        return i32(memory, offset + ACKNOWLEDGEMENT);
    }

    /** Sets the acknowledgement number. */
    public static void acknowledgement(MemorySegment memory, long offset, int number) {
        i32(memory, offset + ACKNOWLEDGEMENT, number);
    }

    /** Header bytes, options included. */
    public static int headerLength(MemorySegment memory, long offset) {
        return u8(memory, offset + DATA_OFFSET) >>> 4 << 2;
    }

    /** Sets the header bytes, a multiple of 4 from 20 to 60; the reserved bits become 0. */
    public static void headerLength(MemorySegment memory, long offset, int length) {
        u8(memory, offset + DATA_OFFSET, length >>> 2 << 4);
    }

    /** The eight flags. */
    public static int flags(MemorySegment memory, long offset) {
        return u8(memory, offset + FLAGS);
    }

    /** Sets the eight flags. */
    public static void flags(MemorySegment memory, long offset, int flags) {
        u8(memory, offset + FLAGS, flags);
    }

    /** Receive window, not scaled. */
    public static int window(MemorySegment memory, long offset) {
        return u16(memory, offset + WINDOW);
    }

    /** Sets the receive window. */
    public static void window(MemorySegment memory, long offset, int window) {
        u16(memory, offset + WINDOW, window);
    }

    /** The checksum, full or partial. */
    public static int checksum(MemorySegment memory, long offset) {
        return u16(memory, offset + CHECKSUM);
    }

    /** Sets the checksum. */
    public static void checksum(MemorySegment memory, long offset, int checksum) {
        u16(memory, offset + CHECKSUM, checksum);
    }

    /** Urgent pointer. */
    public static int urgentPointer(MemorySegment memory, long offset) {
        return u16(memory, offset + URGENT_POINTER);
    }

    /** Sets the urgent pointer. */
    public static void urgentPointer(MemorySegment memory, long offset, int pointer) {
        u16(memory, offset + URGENT_POINTER, pointer);
    }

    /** Whether the full checksum of a segment of {@code length} bytes is right. */
    public static boolean verify(MemorySegment memory, long offset, int length, int pseudoHeader) {
        return Checksum.add(pseudoHeader, Checksum.sum(memory, offset, length)) == 0xFFFF;
    }

    /** Computes and stores the full checksum of a segment of {@code length} bytes, header included. */
    public static void writeChecksum(MemorySegment memory, long offset, int length, int pseudoHeader) {
        checksum(memory, offset, 0);
        int sum = Checksum.sum(memory, offset, length);
        checksum(memory, offset, Checksum.finish(Checksum.add(pseudoHeader, sum)));
    }

    /** Applies deltas to the checksum, see {@link Checksum#update(int, int, int, boolean)}. */
    public static void updateChecksum(MemorySegment memory, long offset, int addresses, int ports, boolean partial) {
        checksum(memory, offset, Checksum.update(checksum(memory, offset), addresses, ports, partial));
    }

    /** Position of the first option of a checked header, or -1. */
    public static int firstOption(MemorySegment memory, long offset) {
        return optionFrom(memory, offset, MIN_HEADER_LENGTH);
    }

    /** Position of the option behind the one at {@code position}, or -1. */
    public static int nextOption(MemorySegment memory, long offset, int position) {
        return optionFrom(memory, offset, position + optionLength(memory, offset, position));
    }

    /** Kind of the option at a position. */
    public static int optionKind(MemorySegment memory, long offset, int position) {
        return u8(memory, offset + position);
    }

    /** Bytes of the option at a position, kind and length included; at least 2, and inside the header. */
    public static int optionLength(MemorySegment memory, long offset, int position) {
        return u8(memory, offset + position + 1);
    }

    /** Position of the first option of a kind in a checked header, or -1. */
    public static int option(MemorySegment memory, long offset, int kind) {
        int position = firstOption(memory, offset);
        while (position >= 0 && optionKind(memory, offset, position) != kind) {
            position = nextOption(memory, offset, position);
        }
        return position;
    }

    private static int optionFrom(MemorySegment memory, long offset, int from) {
        int end = headerLength(memory, offset);
        int position = from;
        while (position < end && u8(memory, offset + position) == OPTION_NOP) {
            position++;
        }
        if (position + 1 >= end || u8(memory, offset + position) == OPTION_END) {
            return -1;
        }
        int length = optionLength(memory, offset, position);
        return length < 2 || position + length > end ? -1 : position;
    }

    /** The maximum segment size offered in a checked header, or -1. */
    public static int maxSegmentSize(MemorySegment memory, long offset) {
        int position = option(memory, offset, OPTION_MSS);
        return position < 0 || optionLength(memory, offset, position) != MSS_LENGTH ? -1
                : u16(memory, offset + position + 2);
    }

    /** The window scale offered in a checked header, 0 to 255 as it stands, or -1. */
    public static int windowScale(MemorySegment memory, long offset) {
        int position = option(memory, offset, OPTION_WINDOW_SCALE);
        return position < 0 || optionLength(memory, offset, position) != WINDOW_SCALE_LENGTH ? -1
                : u8(memory, offset + position + 2);
    }

    /**
     * Lowers the maximum segment size that a checked header offers to {@code limit}, and updates a full checksum.
     *
     * @param partial whether the checksum is partial, see {@link VirtioNetHeader#needsChecksum}
     * @return whether it was lowered; false too if none is offered
     */
    public static boolean clampMaxSegmentSize(MemorySegment memory, long offset, int limit, boolean partial) {
        int before = maxSegmentSize(memory, offset);
        if (before <= limit) {
            return false;
        }
        int field = option(memory, offset, OPTION_MSS) + 2;
        u16(memory, offset + field, limit);
        int delta = Checksum.delta16(before, limit);
        updateChecksum(memory, offset, 0, (field & 1) == 0 ? delta : Checksum.swap(delta), partial);
        return true;
    }

    /** Writes a header without options, checksum and urgent pointer 0; answers {@link #MIN_HEADER_LENGTH}. */
    public static int write(MemorySegment memory, long offset, int source, int destination, int sequence,
            int acknowledgement, int flags, int window) {
        source(memory, offset, source);
        destination(memory, offset, destination);
        sequence(memory, offset, sequence);
        acknowledgement(memory, offset, acknowledgement);
        headerLength(memory, offset, MIN_HEADER_LENGTH);
        flags(memory, offset, flags);
        window(memory, offset, window);
        checksum(memory, offset, 0);
        urgentPointer(memory, offset, 0);
        return MIN_HEADER_LENGTH;
    }

    /** One line for people, of a checked header. Off the frame path. */
    public static String describe(MemorySegment memory, long offset) {
        return "TCP %d > %d, flags %s, seq %d, ack %d, win %d".formatted(source(memory, offset),
                destination(memory, offset), describeFlags(flags(memory, offset)),
                Integer.toUnsignedLong(sequence(memory, offset)),
                Integer.toUnsignedLong(acknowledgement(memory, offset)), window(memory, offset));
    }

    private static String describeFlags(int flags) {
        String letters = "FSRPAUEC";
        StringBuilder text = new StringBuilder();
        for (int bit = 0; bit < letters.length(); bit++) {
            if ((flags >>> bit & 1) != 0) {
                text.append(letters.charAt(bit));
            }
        }
        return text.isEmpty() ? "none" : text.toString();
    }
}
