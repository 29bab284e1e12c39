package io.footbridge.wire;

import static io.footbridge.wire.BigEndian.i32;
import static io.footbridge.wire.BigEndian.i64;
import static io.footbridge.wire.BigEndian.u16;
import static io.footbridge.wire.BigEndian.u48;

import java.lang.foreign.MemorySegment;

/**
 * ARP for IPv4 over Ethernet (RFC 826), 28 bytes.
 *
 * <pre>
 * offset  width  name
 *      0      2  hardware type: 1
 *      2      2  protocol type: 0x0800
 *      4      1  hardware address length: 6
 *      5      1  protocol address length: 4
 *      6      2  operation: 1 request, 2 reply
 *      8      6  sender MAC
 *     14      4  sender address
 *     18      6  target MAC
 *     24      4  target address
 * </pre>
 */
public final class Arp {
    /** Bytes of a message. */
    public static final int LENGTH = 28;
    /** Who has the target address? */
    public static final int REQUEST = 1;
    /** The sender has it. */
    public static final int REPLY = 2;

    private static final int OPERATION = 6;
    private static final int SENDER_MAC = 8;
    private static final int SENDER_ADDRESS = 14;
    private static final int TARGET_MAC = 18;
    private static final int TARGET_ADDRESS = 24;

    /** Hardware type, protocol type and both lengths of the only kind there is: the first 6 of 8 bytes. */
    private static final long ETHERNET_IPV4 = 0x0001_0800_0604L;

    private Arp() {
    }

    /** {@link #LENGTH}, or a drop code: too short, another hardware or protocol, neither request nor reply. */
    public static int check(MemorySegment memory, long offset, int available) {
        if (available < LENGTH) {
            return DropReason.RUNT.code();
        }
        long start = i64(memory, offset);
        int operation = (int) (start & 0xFFFF);
        if (start >>> 16 != ETHERNET_IPV4 || operation != REQUEST && operation != REPLY) {
            return DropReason.BAD_HEADER.code();
        }
        return LENGTH;
    }

    /** {@link #REQUEST} or {@link #REPLY}. */
    public static int operation(MemorySegment memory, long offset) {
        return u16(memory, offset + OPERATION);
    }

    /** Sets the operation. */
    public static void operation(MemorySegment memory, long offset, int operation) {
        u16(memory, offset + OPERATION, operation);
    }

    /** Sender MAC address. */
    public static long senderMac(MemorySegment memory, long offset) {
        return u48(memory, offset + SENDER_MAC);
    }

    /** Sets the sender MAC address. */
    public static void senderMac(MemorySegment memory, long offset, long mac) {
        u48(memory, offset + SENDER_MAC, mac);
    }

    /** Sender IPv4 address; 0 in a probe (RFC 5227). */
    public static int senderAddress(MemorySegment memory, long offset) {
        return i32(memory, offset + SENDER_ADDRESS);
    }

    /** Sets the sender IPv4 address. */
    public static void senderAddress(MemorySegment memory, long offset, int address) {
        i32(memory, offset + SENDER_ADDRESS, address);
    }

    /** Target MAC address; meaningless in a request. */
    public static long targetMac(MemorySegment memory, long offset) {
        return u48(memory, offset + TARGET_MAC);
    }

    /** Sets the target MAC address. */
    public static void targetMac(MemorySegment memory, long offset, long mac) {
        u48(memory, offset + TARGET_MAC, mac);
    }

    /** Target IPv4 address. */
    public static int targetAddress(MemorySegment memory, long offset) {
        return i32(memory, offset + TARGET_ADDRESS);
    }

    /** Sets the target IPv4 address. */
    public static void targetAddress(MemorySegment memory, long offset, int address) {
        i32(memory, offset + TARGET_ADDRESS, address);
    }

    /** Writes a request for {@code targetAddress}, its target MAC zero; answers {@link #LENGTH}. */
    public static int writeRequest(MemorySegment memory, long offset, long senderMac, int senderAddress,
            int targetAddress) {
        return write(memory, offset, REQUEST, senderMac, senderAddress, MacAddress.ZERO, targetAddress);
    }

    /** Writes a reply to the target; answers {@link #LENGTH}. */
    public static int writeReply(MemorySegment memory, long offset, long senderMac, int senderAddress,
            long targetMac, int targetAddress) {
        return write(memory, offset, REPLY, senderMac, senderAddress, targetMac, targetAddress);
    }

    private static int write(MemorySegment memory, long offset, int operation, long senderMac, int senderAddress,
            long targetMac, int targetAddress) {
        i64(memory, offset, ETHERNET_IPV4 << 16 | operation);
        senderMac(memory, offset, senderMac);
        senderAddress(memory, offset, senderAddress);
        targetMac(memory, offset, targetMac);
        targetAddress(memory, offset, targetAddress);
        return LENGTH;
    }

    /** One line for people, of a checked message. Off the frame path. */
    public static String describe(MemorySegment memory, long offset) {
        String sender = Ipv4Address.format(senderAddress(memory, offset));
        String target = Ipv4Address.format(targetAddress(memory, offset));
        return operation(memory, offset) == REQUEST
                ? "who has %s? tell %s".formatted(target, sender)
                : "%s is at %s".formatted(sender, MacAddress.format(senderMac(memory, offset)));
    }
}
