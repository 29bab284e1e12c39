package io.footbridge.wire;

import static io.footbridge.wire.BigEndian.i32;
import static io.footbridge.wire.BigEndian.u16;
import static io.footbridge.wire.BigEndian.u8;

import java.lang.foreign.MemorySegment;

/**
 * ICMP (RFC 792).
 *
 * <pre>
 * offset  width  name
 *      0      1  type
 *      1      1  code
 *      2      2  checksum over the message; no pseudo-header
 *      4      4  rest: echo: identifier, sequence; fragmentation needed: 0, MTU of the next hop (RFC 1191)
 *      8         errors: the packet that caused it, from its IP header on
 * </pre>
 */
public final class Icmp {
    /** Bytes before the body. */
    public static final int HEADER_LENGTH = 8;
    /** An error with its IP header is at most this long (RFC 1812 section 4.3.2.3). */
    public static final int MAX_ERROR_LENGTH = 576;

    /** Type: echo reply. */
    public static final int ECHO_REPLY = 0;
    /** Type: destination unreachable. */
    public static final int UNREACHABLE = 3;
    /** Type: source quench, no longer used. */
    public static final int SOURCE_QUENCH = 4;
    /** Type: redirect. */
    public static final int REDIRECT = 5;
    /** Type: echo request. */
    public static final int ECHO_REQUEST = 8;
    /** Type: time exceeded. */
    public static final int TIME_EXCEEDED = 11;
    /** Type: parameter problem. */
    public static final int PARAMETER_PROBLEM = 12;
    /** Type: timestamp request. */
    public static final int TIMESTAMP_REQUEST = 13;
    /** Type: timestamp reply. */
    public static final int TIMESTAMP_REPLY = 14;

    /** Code of {@link #UNREACHABLE}: no route to the network. */
    public static final int NETWORK_UNREACHABLE = 0;
    /** Code of {@link #UNREACHABLE}: the host does not answer ARP. */
    public static final int HOST_UNREACHABLE = 1;
    /** Code of {@link #UNREACHABLE}: nobody listens at the port. */
    public static final int PORT_UNREACHABLE = 3;
    /** Code of {@link #UNREACHABLE}: too big, and may not be fragmented. */
    public static final int FRAGMENTATION_NEEDED = 4;
    /** Code of {@link #UNREACHABLE}: forbidden by an administrator (RFC 1812). */
    public static final int ADMINISTRATIVELY_PROHIBITED = 13;

    private static final int TYPE = 0;
    private static final int CODE = 1;
    private static final int CHECKSUM = 2;
    private static final int REST = 4;
    private static final int IDENTIFIER = 4;
    private static final int SEQUENCE = 6;

    private static final int INTERNETWORK_CONTROL = 0xC0;
    private static final int TIME_TO_LIVE = 64;

    private Icmp() {
    }

    /** {@link #HEADER_LENGTH}, or {@link DropReason#RUNT}'s code if the IP payload is shorter. */
    public static int check(int available) {
        return available < HEADER_LENGTH ? DropReason.RUNT.code() : HEADER_LENGTH;
    }

    /** Message type. */
    public static int type(MemorySegment memory, long offset) {
        return u8(memory, offset + TYPE);
    }

    /** Sets the message type. */
    public static void type(MemorySegment memory, long offset, int type) {
        u8(memory, offset + TYPE, type);
    }

    /** Code within the type. */
    public static int code(MemorySegment memory, long offset) {
        return u8(memory, offset + CODE);
    }

    /** Sets the code within the type. */
    public static void code(MemorySegment memory, long offset, int code) {
        u8(memory, offset + CODE, code);
    }

    /** The checksum, always full. */
    public static int checksum(MemorySegment memory, long offset) {
        return u16(memory, offset + CHECKSUM);
    }

    /** Sets the checksum. */
    public static void checksum(MemorySegment memory, long offset, int checksum) {
        u16(memory, offset + CHECKSUM, checksum);
    }

    /** The four bytes whose meaning depends on the type. */
    public static int rest(MemorySegment memory, long offset) {
        return i32(memory, offset + REST);
    }

    /** Sets the four bytes whose meaning depends on the type. */
    public static void rest(MemorySegment memory, long offset, int rest) {
        i32(memory, offset + REST, rest);
    }

    /** Identifier of a query. */
    public static int identifier(MemorySegment memory, long offset) {
        return u16(memory, offset + IDENTIFIER);
    }

    /** Sets the identifier of a query. */
    public static void identifier(MemorySegment memory, long offset, int identifier) {
        u16(memory, offset + IDENTIFIER, identifier);
    }

    /** Sequence number of a query. */
    public static int sequence(MemorySegment memory, long offset) {
        return u16(memory, offset + SEQUENCE);
    }

    /** Sets the sequence number of a query. */
    public static void sequence(MemorySegment memory, long offset, int number) {
        u16(memory, offset + SEQUENCE, number);
    }

    /** MTU of the next hop in "fragmentation needed"; 0 from old routers. */
    public static int nextHopMtu(MemorySegment memory, long offset) {
        return sequence(memory, offset);
    }

    /** Whether a type is an error, which quotes a packet. */
    public static boolean isError(int type) {
        return switch (type) {
            case UNREACHABLE, SOURCE_QUENCH, REDIRECT, TIME_EXCEEDED, PARAMETER_PROBLEM -> true;
            default -> false;
        };
    }

    /** Whether the checksum of a message of {@code length} bytes is right. */
    public static boolean verify(MemorySegment memory, long offset, int length) {
        return Checksum.sum(memory, offset, length) == 0xFFFF;
    }

    /** Computes and stores the checksum of a message of {@code length} bytes. */
    public static void writeChecksum(MemorySegment memory, long offset, int length) {
        checksum(memory, offset, 0);
        checksum(memory, offset, Checksum.finish(Checksum.sum(memory, offset, length)));
    }

    /** Applies a delta to the checksum. */
    public static void updateChecksum(MemorySegment memory, long offset, int delta) {
        checksum(memory, offset, Checksum.update(checksum(memory, offset), delta));
    }

    /**
     * Turns an echo request into its reply, checksum included. Where the message becomes all zeros the checksum is the
     * other zero, 0xFFFF: the only right one then, and as good as 0 elsewhere.
     */
    public static void toEchoReply(MemorySegment memory, long offset) {
        int before = u16(memory, offset + TYPE);
        type(memory, offset, ECHO_REPLY);
        updateChecksum(memory, offset, Checksum.delta16(before, u16(memory, offset + TYPE)));
        if (checksum(memory, offset) == 0) {
            checksum(memory, offset, 0xFFFF);
        }
    }

    /**
     * Whether an error may be sent about a checked IPv4 packet (RFC 1122 section 3.2.2): not about an ICMP error, a
     * later fragment, or from or to an address that is no single host's. That the frame was not a broadcast, and the
     * destination not a subnet's broadcast address, is for the caller to know.
     */
    public static boolean mayAnswer(MemorySegment memory, long packetOffset) {
        int source = Ipv4.source(memory, packetOffset);
        if (Ipv4.fragment(memory, packetOffset) == Fragment.LATER || source >>> 24 == 0 || source >>> 24 == 127
                || source >>> 28 >= 0xE || Ipv4.destination(memory, packetOffset) >>> 28 >= 0xE) {
            return false;
        }
        if (Ipv4.protocol(memory, packetOffset) != Protocol.ICMP) {
            return true;
        }
        int headerLength = Ipv4.headerLength(memory, packetOffset);
        return Ipv4.totalLength(memory, packetOffset) > headerLength
                && !isError(type(memory, packetOffset + headerLength));
    }

    /**
     * Writes an error, IPv4 header first, that quotes as much of a packet as {@link #MAX_ERROR_LENGTH} permits. The two
     * packets must not overlap.
     *
     * @param rest         bytes 4 to 7: 0, or the next hop's MTU with {@link #FRAGMENTATION_NEEDED}
     * @param quoted       where the checked IPv4 packet is
     * @param quotedOffset of its IPv4 header
     * @return the length of what was written, IPv4 header included
     */
    public static int writeError(MemorySegment memory, long offset, int source, int destination, int type, int code,
            int rest, MemorySegment quoted, long quotedOffset) {
        int before = Ipv4.MIN_HEADER_LENGTH + HEADER_LENGTH;
        int quote = Math.min(Ipv4.totalLength(quoted, quotedOffset), MAX_ERROR_LENGTH - before);
        long message = offset + Ipv4.MIN_HEADER_LENGTH;
        MemorySegment.copy(quoted, quotedOffset, memory, message + HEADER_LENGTH, quote);
        type(memory, message, type);
        code(memory, message, code);
        rest(memory, message, rest);
        writeChecksum(memory, message, HEADER_LENGTH + quote);
        Ipv4.write(memory, offset, source, destination, Protocol.ICMP, TIME_TO_LIVE, before + quote);
        Ipv4.typeOfService(memory, offset, INTERNETWORK_CONTROL);
        Ipv4.writeChecksum(memory, offset);
        return before + quote;
    }

    /** One line for people, of a checked message. Off the frame path. */
    public static String describe(MemorySegment memory, long offset) {
        int type = type(memory, offset);
        return switch (type) {
            case ECHO_REQUEST, ECHO_REPLY -> "ICMP echo %s, id %d, seq %d".formatted(
                    type == ECHO_REQUEST ? "request" : "reply", identifier(memory, offset), sequence(memory, offset));
            case UNREACHABLE -> "ICMP unreachable, code %d".formatted(code(memory, offset));
            case TIME_EXCEEDED -> "ICMP time exceeded, code %d".formatted(code(memory, offset));
            default -> "ICMP type %d, code %d".formatted(type, code(memory, offset));
        };
    }
}
