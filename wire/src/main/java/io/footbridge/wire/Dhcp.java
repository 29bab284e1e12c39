package io.footbridge.wire;

import static io.footbridge.wire.BigEndian.i32;
import static io.footbridge.wire.BigEndian.i64;
import static io.footbridge.wire.BigEndian.u16;
import static io.footbridge.wire.BigEndian.u48;
import static io.footbridge.wire.BigEndian.u8;

import java.lang.foreign.MemorySegment;

/**
 * DHCP for IPv4 over Ethernet (RFC 2131, options RFC 2132): 240 bytes, then options.
 *
 * <pre>
 * offset  width  name
 *      0      1  operation: 1 request, 2 reply
 *      1      1  hardware type: 1
 *      2      1  hardware address length: 6
 *      3      1  hops
 *      4      4  transaction
 *      8      2  seconds
 *     10      2  flags: 0x8000, the answer is to be broadcast
 *     12      4  client address, that it has and answers for
 *     16      4  your address, that it is given
 *     20      4  server address
 *     24      4  relay address
 *     28      6  client MAC, in a field of 16
 *     44     64  server name
 *    108    128  file
 *    236      4  magic cookie: 0x63825363
 *    240         options: code, length, value; 0 is padding, 255 the end
 * </pre>
 *
 * <p>Options in the fields for server name and file (option overload) are not read.
 */
public final class Dhcp {
    /** Bytes before the options. */
    public static final int HEADER_LENGTH = 240;
    /** Operation of a client's message. */
    public static final int REQUEST_OPERATION = 1;
    /** Operation of a server's message. */
    public static final int REPLY_OPERATION = 2;
    /** Flag: the client cannot yet take what is sent to its address. */
    public static final int BROADCAST_FLAG = 0x8000;

    /** Message type: who has an address for me? */
    public static final int DISCOVER = 1;
    /** Message type: I have. */
    public static final int OFFER = 2;
    /** Message type: I take it, or keep it. */
    public static final int REQUEST = 3;
    /** Message type: somebody has it already. */
    public static final int DECLINE = 4;
    /** Message type: it is yours. */
    public static final int ACK = 5;
    /** Message type: it is not yours. */
    public static final int NAK = 6;
    /** Message type: I need it no longer. */
    public static final int RELEASE = 7;
    /** Message type: I have an address, and want to know the rest. */
    public static final int INFORM = 8;

    /** Option: the subnet's mask. */
    public static final int SUBNET_MASK = 1;
    /** Option: routers. */
    public static final int ROUTER = 3;
    /** Option: DNS servers. */
    public static final int DNS_SERVER = 6;
    /** Option: the link's MTU. */
    public static final int INTERFACE_MTU = 26;
    /** Option: the address that the client would like. */
    public static final int REQUESTED_ADDRESS = 50;
    /** Option: seconds that the address may be used. */
    public static final int LEASE_TIME = 51;
    /** Option: which of the types this message is. */
    public static final int MESSAGE_TYPE = 53;
    /** Option: the server that speaks or is spoken to. */
    public static final int SERVER_IDENTIFIER = 54;

    private static final int OPERATION = 0;
    private static final int TRANSACTION = 4;
    private static final int FLAGS = 10;
    private static final int CLIENT_ADDRESS = 12;
    private static final int YOUR_ADDRESS = 16;
    private static final int RELAY_ADDRESS = 24;
    private static final int CLIENT_MAC = 28;
    private static final int MAGIC_COOKIE = 236;
    private static final int MAGIC = 0x6382_5363;
    /** Hardware type Ethernet and the length of a MAC, the two bytes behind the operation. */
    private static final int ETHERNET = 0x0106;
    private static final int PAD = 0;
    private static final int END = 255;
    private static final int NONE = -1;

    private Dhcp() {
    }

    /**
     * Checks operation, kind of hardware, magic cookie, and that each option is all there.
     *
     * @param available bytes of the UDP payload
     * @return the message's length up to its end option, or a drop code
     */
    public static int check(MemorySegment memory, long offset, int available) {
        if (available < HEADER_LENGTH) {
            return DropReason.RUNT.code();
        }
        int operation = operation(memory, offset);
        if (operation != REQUEST_OPERATION && operation != REPLY_OPERATION || u16(memory, offset + 1) != ETHERNET
                || i32(memory, offset + MAGIC_COOKIE) != MAGIC) {
            return DropReason.BAD_HEADER.code();
        }
        int at = HEADER_LENGTH;
        while (at < available) {
            int code = u8(memory, offset + at);
            if (code == END) {
                return at;
            }
            int next = code == PAD ? at + 1 : at + 1 < available ? at + 2 + u8(memory, offset + at + 1) : available + 1;
            if (next > available) {
                return DropReason.BAD_HEADER.code();
            }
            at = next;
        }
        return at;
    }

    /** {@link #REQUEST_OPERATION} or {@link #REPLY_OPERATION}. */
    public static int operation(MemorySegment memory, long offset) {
        return u8(memory, offset + OPERATION);
    }

    /** Sets the operation. */
    public static void operation(MemorySegment memory, long offset, int operation) {
        u8(memory, offset + OPERATION, operation);
    }

    /** What request and answer have in common. */
    public static int transaction(MemorySegment memory, long offset) {
        return i32(memory, offset + TRANSACTION);
    }

    /** Sets the transaction. */
    public static void transaction(MemorySegment memory, long offset, int transaction) {
        i32(memory, offset + TRANSACTION, transaction);
    }

    /** {@link #BROADCAST_FLAG} or 0; the others are reserved. */
    public static int flags(MemorySegment memory, long offset) {
        return u16(memory, offset + FLAGS);
    }

    /** Sets the flags. */
    public static void flags(MemorySegment memory, long offset, int flags) {
        u16(memory, offset + FLAGS, flags);
    }

    /** The address that the client has; 0 for none. */
    public static int clientAddress(MemorySegment memory, long offset) {
        return i32(memory, offset + CLIENT_ADDRESS);
    }

    /** Sets the address that the client has. */
    public static void clientAddress(MemorySegment memory, long offset, int address) {
        i32(memory, offset + CLIENT_ADDRESS, address);
    }

    /** The address that the client is given. */
    public static int yourAddress(MemorySegment memory, long offset) {
        return i32(memory, offset + YOUR_ADDRESS);
    }

    /** Sets the address that the client is given. */
    public static void yourAddress(MemorySegment memory, long offset, int address) {
        i32(memory, offset + YOUR_ADDRESS, address);
    }

    /** The relay that passed the message on; 0 for none. */
    public static int relayAddress(MemorySegment memory, long offset) {
        return i32(memory, offset + RELAY_ADDRESS);
    }

    /** Sets the relay. */
    public static void relayAddress(MemorySegment memory, long offset, int address) {
        i32(memory, offset + RELAY_ADDRESS, address);
    }

    /** The client's MAC. */
    public static long clientMac(MemorySegment memory, long offset) {
        return u48(memory, offset + CLIENT_MAC);
    }

    /** Sets the client's MAC. */
    public static void clientMac(MemorySegment memory, long offset, long mac) {
        u48(memory, offset + CLIENT_MAC, mac);
    }

    /**
     * Where the first option of a code stands, from the message's start; -1 if there is none.
     *
     * @param length what {@link #check} answered
     */
    public static int option(MemorySegment memory, long offset, int length, int code) {
        int at = HEADER_LENGTH;
        while (at < length) {
            int found = u8(memory, offset + at);
            if (found == code) {
                return at;
            }
            at += found == PAD ? 1 : 2 + optionLength(memory, offset, at);
        }
        return NONE;
    }

    /** Bytes of the value of the option at a position. */
    public static int optionLength(MemorySegment memory, long offset, int position) {
        return u8(memory, offset + position + 1);
    }

    /** What kind of message it is; 0 if it does not say. */
    public static int messageType(MemorySegment memory, long offset, int length) {
        int at = option(memory, offset, length, MESSAGE_TYPE);
        return at < 0 || optionLength(memory, offset, at) != 1 ? 0 : u8(memory, offset + at + 2);
    }

    /** The address that an option holds; 0 if there is none, or the option holds something else. */
    public static int optionAddress(MemorySegment memory, long offset, int length, int code) {
        int at = option(memory, offset, length, code);
        return at < 0 || optionLength(memory, offset, at) != Integer.BYTES ? 0 : i32(memory, offset + at + 2);
    }

    /**
     * Writes a reply without addresses: transaction, flags, relay and MAC are the request's.
     *
     * @param request where the request stands, in {@code from}
     * @return {@link #HEADER_LENGTH}, where options go
     */
    public static int writeReply(MemorySegment memory, long offset, MemorySegment from, long request) {
        for (int i = 0; i < HEADER_LENGTH; i += Long.BYTES) {
            i64(memory, offset + i, 0);
        }
        operation(memory, offset, REPLY_OPERATION);
        u16(memory, offset + 1, ETHERNET);
        transaction(memory, offset, transaction(from, request));
        flags(memory, offset, flags(from, request));
        relayAddress(memory, offset, relayAddress(from, request));
        clientMac(memory, offset, clientMac(from, request));
        i32(memory, offset + MAGIC_COOKIE, MAGIC);
        return HEADER_LENGTH;
    }

    /** Writes an option of one byte at a position; the position behind it. */
    public static int writeByte(MemorySegment memory, long offset, int position, int code, int value) {
        u8(memory, offset + position, code);
        u8(memory, offset + position + 1, 1);
        u8(memory, offset + position + 2, value);
        return position + 3;
    }

    /** Writes an option of two bytes at a position; the position behind it. */
    public static int writeShort(MemorySegment memory, long offset, int position, int code, int value) {
        u8(memory, offset + position, code);
        u8(memory, offset + position + 1, Short.BYTES);
        u16(memory, offset + position + 2, value);
        return position + 2 + Short.BYTES;
    }

    /** Writes an option of four bytes, an address or seconds, at a position; the position behind it. */
    public static int writeInt(MemorySegment memory, long offset, int position, int code, int value) {
        u8(memory, offset + position, code);
        u8(memory, offset + position + 1, Integer.BYTES);
        i32(memory, offset + position + 2, value);
        return position + 2 + Integer.BYTES;
    }

    /** Writes the end at a position; the position behind it. */
    public static int writeEnd(MemorySegment memory, long offset, int position) {
        u8(memory, offset + position, END);
        return position + 1;
    }

    /** One line for people, of a checked message. Off the frame path. */
    public static String describe(MemorySegment memory, long offset, int length) {
        return "DHCP type %d of %s, client address %s, your address %s".formatted(messageType(memory, offset, length),
                MacAddress.format(clientMac(memory, offset)), Ipv4Address.format(clientAddress(memory, offset)),
                Ipv4Address.format(yourAddress(memory, offset)));
    }
}
