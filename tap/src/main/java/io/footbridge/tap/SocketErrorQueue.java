package io.footbridge.tap;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * What the kernel tells a socket of datagrams that did not arrive (ip(7), IP_RECVERR): one message at a time, with the
 * destination that was sent to, as much of the payload as came back, and this (linux/errqueue.h):
 *
 * <pre>
 * offset width name
 *      0     4 ee_errno
 *      4     1 ee_origin   1 local, 2 ICMP, 3 ICMPv6
 *      5     1 ee_type     of ICMP
 *      6     1 ee_code     of ICMP
 *      8     4 ee_info     the MTU, where that was it
 *     16       the address structure of who told it
 * </pre>
 *
 * <p>One thread at a time; allocates nothing.
 */
public final class SocketErrorQueue {
    /** Origin: the kernel of this host. */
    public static final int LOCAL = 1;
    /** Origin: an ICMP error. */
    public static final int ICMP = 2;
    /** Origin: an ICMPv6 error. */
    public static final int ICMPV6 = 3;
    /** The most of a payload that is told. */
    public static final int PAYLOAD = 1280;

    private static final int MSG_ERRQUEUE = 0x2000;
    private static final int IP_RECVERR = 11;
    private static final int IPV6_RECVERR = 25;
    private static final int CONTROL = 512;
    private static final int CONTROL_HEADER = 16;
    private static final int ERROR = 16;

    private static final ValueLayout.OfShort NETWORK_SHORT = JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt NETWORK_INT = JAVA_INT.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong NETWORK_LONG = JAVA_LONG.withOrder(ByteOrder.BIG_ENDIAN);

    private final MemorySegment name;
    private final MemorySegment payload;
    private final MemorySegment control;
    private final MessageHeader message;
    private int length;
    private long error;

    /** @param arena of its memory */
    public SocketErrorQueue(Arena arena) {
        name = arena.allocate(32, 8);
        payload = arena.allocate(PAYLOAD, 8);
        control = arena.allocate(CONTROL, 8);
        message = new MessageHeader(arena, name, payload, control);
    }

    /** Takes the next message of a socket; false where there is none. */
    public boolean next(CallState state, int descriptor) {
        name.set(JAVA_SHORT, 0, (short) 0);
        int received = message.receive(state, descriptor, MSG_ERRQUEUE | SocketCalls.MSG_DONTWAIT);
        if (received < 0) {
            return false;
        }
        length = received;
        error = find();
        return true;
    }

    private long find() {
        long end = message.controlLength();
        for (long at = 0; at + CONTROL_HEADER <= end;) {
            long size = control.get(JAVA_LONG, at);
            if (size < CONTROL_HEADER || size > end - at) {
                return -1;
            }
            int level = control.get(JAVA_INT, at + 8);
            int type = control.get(JAVA_INT, at + 12);
            if ((level == 0 && type == IP_RECVERR || level == 41 && type == IPV6_RECVERR) && size >= CONTROL_HEADER + ERROR) {
                return at + CONTROL_HEADER;
            }
            at += size + 7 & ~7;
        }
        return -1;
    }

    /** Whether the message says what happened, and to which destination; if not, nothing else of it may be asked. */
    public boolean isError() {
        int family = name.get(JAVA_SHORT, 0);
        return error >= 0 && (family == SocketCalls.AF_INET || family == SocketCalls.AF_INET6);
    }

    /** The error number, positive. */
    public int error() {
        return control.get(JAVA_INT, error);
    }

    /** {@link #LOCAL}, {@link #ICMP}, {@link #ICMPV6}, or another. */
    public int origin() {
        return Byte.toUnsignedInt(control.get(JAVA_BYTE, error + 4));
    }

    /** The ICMP type. */
    public int type() {
        return Byte.toUnsignedInt(control.get(JAVA_BYTE, error + 5));
    }

    /** The ICMP code. */
    public int code() {
        return Byte.toUnsignedInt(control.get(JAVA_BYTE, error + 6));
    }

    /** The MTU, where the datagram was too long. */
    public int mtu() {
        return control.get(JAVA_INT, error + 8);
    }

    /** Whether the destination is an IPv6 address. */
    public boolean isIpv6() {
        return name.get(JAVA_SHORT, 0) == SocketCalls.AF_INET6;
    }

    /** The destination's port. */
    public int port() {
        return Short.toUnsignedInt(name.get(NETWORK_SHORT, Sockaddr.PORT));
    }

    /** The destination, of IPv4. */
    public int address() {
        return name.get(NETWORK_INT, Sockaddr.ADDRESS_INET);
    }

    /** The upper half of the destination, of IPv6. */
    public long high() {
        return name.get(NETWORK_LONG, Sockaddr.ADDRESS_INET6);
    }

    /** The lower half of the destination, of IPv6. */
    public long low() {
        return name.get(NETWORK_LONG, Sockaddr.ADDRESS_INET6 + 8);
    }

    /** Whether it is known who told it, of the destination's family. */
    public boolean hasOffender() {
        long at = error + ERROR;
        int needed = isIpv6() ? Sockaddr.LENGTH_INET6 : Sockaddr.LENGTH_INET;
        return at + needed <= message.controlLength() && control.get(JAVA_SHORT, at) == name.get(JAVA_SHORT, 0);
    }

    /** Who told it, of IPv4. */
    public int offender() {
        return control.get(NETWORK_INT, error + ERROR + Sockaddr.ADDRESS_INET);
    }

    /** The upper half of who told it, of IPv6. */
    public long offenderHigh() {
        return control.get(NETWORK_LONG, error + ERROR + Sockaddr.ADDRESS_INET6);
    }

    /** The lower half of who told it, of IPv6. */
    public long offenderLow() {
        return control.get(NETWORK_LONG, error + ERROR + Sockaddr.ADDRESS_INET6 + 8);
    }

    /** As much of the payload as came back: {@link #payloadLength} bytes. */
    public MemorySegment payload() {
        return payload;
    }

    /** Bytes of {@link #payload}. */
    public int payloadLength() {
        return length;
    }
}
