package io.footbridge.wire;

import static io.footbridge.wire.BigEndian.i32;
import static io.footbridge.wire.BigEndian.i64;
import static io.footbridge.wire.BigEndian.u16;
import static io.footbridge.wire.BigEndian.u32;
import static io.footbridge.wire.BigEndian.u8;

import java.lang.foreign.MemorySegment;

/**
 * DHCPv6 between client and server (RFC 8415): 4 bytes, then options. Relays' messages are not known.
 *
 * <pre>
 * offset  width  name
 *      0      1  message type
 *      1      3  transaction
 *      4         options: code 2 bytes, length 2 bytes, value
 * </pre>
 *
 * <p>An option may hold options behind its own fields: an IA_NA behind 12 bytes (identifier, T1, T2), an IA_TA behind 4,
 * an address behind 24 (address, preferred and valid lifetime). Each list is checked before it is walked.
 */
public final class Dhcpv6 {
    /** Bytes before the options. */
    public static final int HEADER_LENGTH = 4;
    /** Bytes of an option's code and length. */
    public static final int OPTION_HEADER_LENGTH = 4;
    /** Bytes of an IA_NA's own fields. */
    public static final int IA_NA_LENGTH = 12;
    /** Bytes of an IA_TA's own fields. */
    public static final int IA_TA_LENGTH = 4;
    /** Bytes of an address's own fields. */
    public static final int ADDRESS_LENGTH = 24;
    /** More options in one list than this, and it is refused. */
    public static final int MAX_OPTIONS = 64;

    /** Message type: which servers are there? */
    public static final int SOLICIT = 1;
    /** Message type: here is one. */
    public static final int ADVERTISE = 2;
    /** Message type: I want what was advertised. */
    public static final int REQUEST = 3;
    /** Message type: are my addresses right for this link? */
    public static final int CONFIRM = 4;
    /** Message type: I want to keep it, to the server that gave it. */
    public static final int RENEW = 5;
    /** Message type: I want to keep it, to any server. */
    public static final int REBIND = 6;
    /** Message type: the server's last word. */
    public static final int REPLY = 7;
    /** Message type: I need it no longer. */
    public static final int RELEASE = 8;
    /** Message type: somebody has it already. */
    public static final int DECLINE = 9;
    /** Message type: I want to know the rest, and no address. */
    public static final int INFORMATION_REQUEST = 11;

    /** Option: who the client is. */
    public static final int CLIENT_ID = 1;
    /** Option: who the server is. */
    public static final int SERVER_ID = 2;
    /** Option: an association with addresses. */
    public static final int IA_NA = 3;
    /** Option: an association with temporary addresses. */
    public static final int IA_TA = 4;
    /** Option: an address. */
    public static final int IA_ADDRESS = 5;
    /** Option: what became of it. */
    public static final int STATUS_CODE = 13;
    /** Option: two messages are enough. */
    public static final int RAPID_COMMIT = 14;
    /** Option: DNS servers (RFC 3646). */
    public static final int DNS_SERVERS = 23;
    /** Option: an association with prefixes. */
    public static final int IA_PD = 25;

    /** Status: done. */
    public static final int SUCCESS = 0;
    /** Status: there are no addresses. */
    public static final int NO_ADDRESSES = 2;
    /** Status: the addresses are not of this link. */
    public static final int NOT_ON_LINK = 4;
    /** Status: there are no prefixes. */
    public static final int NO_PREFIXES = 6;

    private static final int TRANSACTION = 1;
    private static final int LENGTH = 2;
    private static final long NONE = -1;

    private Dhcpv6() {
    }

    /**
     * Checks that the options fill the message.
     *
     * @param available bytes of the UDP payload
     * @return {@code available}, or a drop code
     */
    public static int check(MemorySegment memory, long offset, int available) {
        if (available < HEADER_LENGTH) {
            return DropReason.RUNT.code();
        }
        return checkOptions(memory, offset + HEADER_LENGTH, offset + available) ? available : DropReason.BAD_HEADER.code();
    }

    /** Whether the bytes up to {@code end} are options, at most {@link #MAX_OPTIONS}. */
    public static boolean checkOptions(MemorySegment memory, long start, long end) {
        long at = start;
        int count = 0;
        while (at < end) {
            if (end - at < OPTION_HEADER_LENGTH || ++count > MAX_OPTIONS) {
                return false;
            }
            at = next(memory, at);
        }
        return at == end;
    }

    /** One of the message types. */
    public static int messageType(MemorySegment memory, long offset) {
        return u8(memory, offset);
    }

    /** Sets the message type. */
    public static void messageType(MemorySegment memory, long offset, int type) {
        u8(memory, offset, type);
    }

    /** What request and answer have in common, 24 bits. */
    public static int transaction(MemorySegment memory, long offset) {
        return u8(memory, offset + TRANSACTION) << 16 | u16(memory, offset + TRANSACTION + 1);
    }

    /** Sets the transaction. */
    public static void transaction(MemorySegment memory, long offset, int transaction) {
        u8(memory, offset + TRANSACTION, transaction >>> 16);
        u16(memory, offset + TRANSACTION + 1, transaction);
    }

    /** Where the first option of a code in a checked list stands; -1 if there is none. */
    public static long option(MemorySegment memory, long start, long end, int code) {
        for (long at = start; at < end; at = next(memory, at)) {
            if (optionCode(memory, at) == code) {
                return at;
            }
        }
        return NONE;
    }

    /** Where the option behind this one stands, or would. */
    public static long next(MemorySegment memory, long option) {
        return option + OPTION_HEADER_LENGTH + optionLength(memory, option);
    }

    /** An option's code. */
    public static int optionCode(MemorySegment memory, long option) {
        return u16(memory, option);
    }

    /** Bytes of an option's value. */
    public static int optionLength(MemorySegment memory, long option) {
        return u16(memory, option + LENGTH);
    }

    /** Sets the bytes of an option's value. */
    public static void optionLength(MemorySegment memory, long option, int length) {
        u16(memory, option + LENGTH, length);
    }

    /** Where an option's value begins. */
    public static long value(long option) {
        return option + OPTION_HEADER_LENGTH;
    }

    /** Writes an option's code and length; where its value goes. */
    public static long writeOption(MemorySegment memory, long option, int code, int length) {
        u16(memory, option, code);
        optionLength(memory, option, length);
        return value(option);
    }

    /** Writes an option of an IA_NA that has no options yet; where they go. */
    public static long writeAssociation(MemorySegment memory, long option, int identifier, long renewSeconds,
            long rebindSeconds) {
        long at = writeOption(memory, option, IA_NA, IA_NA_LENGTH);
        i32(memory, at, identifier);
        u32(memory, at + 4, renewSeconds);
        u32(memory, at + 8, rebindSeconds);
        return at + IA_NA_LENGTH;
    }

    /** Writes an option of an address; what is behind it. */
    public static long writeAddress(MemorySegment memory, long option, long high, long low, long preferredSeconds,
            long validSeconds) {
        long at = writeOption(memory, option, IA_ADDRESS, ADDRESS_LENGTH);
        i64(memory, at, high);
        i64(memory, at + 8, low);
        u32(memory, at + 16, preferredSeconds);
        u32(memory, at + 20, validSeconds);
        return at + ADDRESS_LENGTH;
    }

    /** Writes an option of a status without words; what is behind it. */
    public static long writeStatus(MemorySegment memory, long option, int status) {
        long at = writeOption(memory, option, STATUS_CODE, Short.BYTES);
        u16(memory, at, status);
        return at + Short.BYTES;
    }

    /** One line for people, of a checked message. Off the frame path. */
    public static String describe(MemorySegment memory, long offset, int length) {
        return "DHCPv6 type %d, transaction %06x, length %d".formatted(messageType(memory, offset),
                transaction(memory, offset), length);
    }
}
