package io.footbridge.wire;

import static io.footbridge.wire.BigEndian.i32;
import static io.footbridge.wire.BigEndian.u16;
import static io.footbridge.wire.BigEndian.u8;

import java.lang.foreign.MemorySegment;

/**
 * ICMPv6 (RFC 4443). Neighbour discovery messages are in {@link NeighbourDiscovery}.
 *
 * <pre>
 * offset  width  name
 *      0      1  type: below 128 an error
 *      1      1  code
 *      2      2  checksum over pseudo-header and message
 *      4      4  rest: echo: identifier, sequence; packet too big: MTU
 *      8         errors: the packet that caused it, from its IPv6 header on
 * </pre>
 */
public final class Icmpv6 {
    /** Bytes before the body. */
    public static final int HEADER_LENGTH = 8;
    /** An error with its IPv6 header is at most this long (RFC 4443 section 2.4). */
    public static final int MAX_ERROR_LENGTH = Ipv6.MIN_MTU;

    /** Type: destination unreachable. */
    public static final int UNREACHABLE = 1;
    /** Type: packet too big. */
    public static final int PACKET_TOO_BIG = 2;
    /** Type: time exceeded. */
    public static final int TIME_EXCEEDED = 3;
    /** Type: parameter problem. */
    public static final int PARAMETER_PROBLEM = 4;
    /** Type: echo request. */
    public static final int ECHO_REQUEST = 128;
    /** Type: echo reply. */
    public static final int ECHO_REPLY = 129;
    /** Type: redirect (RFC 4861). */
    public static final int REDIRECT = 137;

    /** Code of {@link #UNREACHABLE}: no route. */
    public static final int NO_ROUTE = 0;
    /** Code of {@link #UNREACHABLE}: forbidden by an administrator. */
    public static final int ADMINISTRATIVELY_PROHIBITED = 1;
    /** Code of {@link #UNREACHABLE}: the neighbour does not answer. */
    public static final int ADDRESS_UNREACHABLE = 3;
    /** Code of {@link #UNREACHABLE}: nobody listens at the port. */
    public static final int PORT_UNREACHABLE = 4;

    private static final int FIRST_INFORMATIONAL = 128;
    private static final int TYPE = 0;
    private static final int CODE = 1;
    private static final int CHECKSUM = 2;
    private static final int REST = 4;
    private static final int IDENTIFIER = 4;
    private static final int SEQUENCE = 6;
    private static final int HOP_LIMIT = 64;

    private Icmpv6() {
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

    /** The four bytes whose meaning depends on the type; the MTU in {@link #PACKET_TOO_BIG}. */
    public static int rest(MemorySegment memory, long offset) {
        return i32(memory, offset + REST);
    }

    /** Sets the four bytes whose meaning depends on the type. */
    public static void rest(MemorySegment memory, long offset, int rest) {
        i32(memory, offset + REST, rest);
    }

    /** Identifier of an echo message. */
    public static int identifier(MemorySegment memory, long offset) {
        return u16(memory, offset + IDENTIFIER);
    }

    /** Sets the identifier of an echo message. */
    public static void identifier(MemorySegment memory, long offset, int identifier) {
        u16(memory, offset + IDENTIFIER, identifier);
    }

    /** Sequence number of an echo message. */
    public static int sequence(MemorySegment memory, long offset) {
        return u16(memory, offset + SEQUENCE);
    }

    /** Sets the sequence number of an echo message. */
    public static void sequence(MemorySegment memory, long offset, int number) {
        u16(memory, offset + SEQUENCE, number);
    }

    /** Whether a type is an error, which quotes a packet. */
    public static boolean isError(int type) {
        return type < FIRST_INFORMATIONAL;
    }

    /** Whether the checksum of a message of {@code length} bytes behind the IPv6 header is right. */
    public static boolean verify(MemorySegment memory, long ipv6Offset, long offset, int length) {
        int pseudoHeader = Ipv6.pseudoHeader(memory, ipv6Offset, Protocol.ICMPV6, length);
        return Checksum.add(pseudoHeader, Checksum.sum(memory, offset, length)) == 0xFFFF;
    }

    /** Computes and stores the checksum of a message of {@code length} bytes behind the IPv6 header. */
    public static void writeChecksum(MemorySegment memory, long ipv6Offset, long offset, int length) {
        checksum(memory, offset, 0);
        int pseudoHeader = Ipv6.pseudoHeader(memory, ipv6Offset, Protocol.ICMPV6, length);
        checksum(memory, offset, Checksum.finish(Checksum.add(pseudoHeader, Checksum.sum(memory, offset, length))));
    }

    /** Applies a delta, of addresses or of fields, to the checksum. */
    public static void updateChecksum(MemorySegment memory, long offset, int delta) {
        checksum(memory, offset, Checksum.update(checksum(memory, offset), delta));
    }

    /** Turns an echo request into its reply, checksum included; swapping the addresses does not change it. */
    public static void toEchoReply(MemorySegment memory, long offset) {
        int before = u16(memory, offset + TYPE);
        type(memory, offset, ECHO_REPLY);
        updateChecksum(memory, offset, Checksum.delta16(before, u16(memory, offset + TYPE)));
    }

    /**
     * Whether an error may be sent about a checked IPv6 packet (RFC 4443 section 2.4 (e)): not about an ICMPv6 error or
     * redirect, a later fragment, from an address that is no single host's, or to a multicast group, except {@link
     * #PACKET_TOO_BIG}. That the frame was not a link multicast is for the caller to know.
     *
     * @param type the error's type
     */
    public static boolean mayAnswer(MemorySegment memory, long packetOffset, int type) {
        long sourceHigh = Ipv6.sourceHigh(memory, packetOffset);
        long sourceLow = Ipv6.sourceLow(memory, packetOffset);
        if (Ipv6.isMulticast(sourceHigh) || sourceHigh == 0 && (sourceLow == 0 || sourceLow == 1)
                || Ipv6.isMulticast(Ipv6.destinationHigh(memory, packetOffset)) && type != PACKET_TOO_BIG) {
            return false;
        }
        int length = Ipv6.HEADER_LENGTH + Ipv6.payloadLength(memory, packetOffset);
        long walk = Ipv6.walk(memory, packetOffset, length);
        if (walk < 0 || Ipv6.walkedFragment(walk) == Fragment.LATER) {
            return false;
        }
        if (Ipv6.walkedProtocol(walk) != Protocol.ICMPV6) {
            return true;
        }
        int transport = Ipv6.walkedTransport(walk);
        if (transport >= length) {
            return false;
        }
        int quotedType = type(memory, packetOffset + transport);
        return !isError(quotedType) && quotedType != REDIRECT;
    }

    /**
     * Writes an error, IPv6 header first, that quotes as much of a packet as {@link #MAX_ERROR_LENGTH} permits. The two
     * packets must not overlap.
     *
     * @param rest         bytes 4 to 7: 0, or the MTU with {@link #PACKET_TOO_BIG}
     * @param quoted       where the checked IPv6 packet is
     * @param quotedOffset of its IPv6 header
     * @return the length of what was written, IPv6 header included
     */
    public static int writeError(MemorySegment memory, long offset, long sourceHigh, long sourceLow,
            long destinationHigh, long destinationLow, int type, int code, int rest, MemorySegment quoted,
            long quotedOffset) {
        int before = Ipv6.HEADER_LENGTH + HEADER_LENGTH;
        int quote = Math.min(Ipv6.HEADER_LENGTH + Ipv6.payloadLength(quoted, quotedOffset), MAX_ERROR_LENGTH - before);
        long message = offset + Ipv6.HEADER_LENGTH;
        MemorySegment.copy(quoted, quotedOffset, memory, message + HEADER_LENGTH, quote);
        Ipv6.write(memory, offset, sourceHigh, sourceLow, destinationHigh, destinationLow, Protocol.ICMPV6, HOP_LIMIT,
                HEADER_LENGTH + quote);
        type(memory, message, type);
        code(memory, message, code);
        rest(memory, message, rest);
        writeChecksum(memory, offset, message, HEADER_LENGTH + quote);
        return before + quote;
    }

    /** One line for people, of a checked message. Off the frame path. */
    public static String describe(MemorySegment memory, long offset) {
        int type = type(memory, offset);
        return switch (type) {
            case ECHO_REQUEST, ECHO_REPLY -> "ICMPv6 echo %s, id %d, seq %d".formatted(
                    type == ECHO_REQUEST ? "request" : "reply", identifier(memory, offset), sequence(memory, offset));
            case UNREACHABLE -> "ICMPv6 unreachable, code %d".formatted(code(memory, offset));
            case PACKET_TOO_BIG -> "ICMPv6 packet too big, mtu %d".formatted(
                    Integer.toUnsignedLong(rest(memory, offset)));
            case TIME_EXCEEDED -> "ICMPv6 time exceeded, code %d".formatted(code(memory, offset));
            default -> "ICMPv6 type %d, code %d".formatted(type, code(memory, offset));
        };
    }
}
