package io.footbridge.tap;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Datagrams as recvmmsg(2) gives them: into memory of the caller's, with their senders, and with what control messages say
 * (UDP_GRO, IP_PKTINFO, IPV6_PKTINFO). One thread at a time; allocates nothing.
 */
public final class DatagramReceiver {
    /** How many messages are received at once. */
    public static final int MESSAGES = 32;

    private static final int IPPROTO_IP = 0;
    private static final int IP_PKTINFO = 8;
    private static final int IPPROTO_IPV6 = 41;
    private static final int IPV6_PKTINFO = 50;
    private static final int SOL_UDP = 17;
    private static final int UDP_GRO = 104;

    private static final int HEADER = 64;
    private static final int VECTOR = 16;
    private static final int NAME = 32;
    private static final int CONTROL = 128;
    private static final int CONTROL_HEADER = 16;

    private static final ValueLayout.OfShort NETWORK_SHORT = JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt NETWORK_INT = JAVA_INT.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong NETWORK_LONG = JAVA_LONG.withOrder(ByteOrder.BIG_ENDIAN);

    private final MemorySegment headers;
    private final MemorySegment vectors;
    private final MemorySegment names;
    private final MemorySegment controls;
    /** How many headers the kernel has written to. */
    private int written = MESSAGES;

    /**
     * A receiver.
     *
     * @param arena of its own memory
     * @param data native address of the first message's place
     * @param stride bytes from one message's place to the next
     * @param capacity bytes of a message's place; what is longer is cut
     */
    public DatagramReceiver(Arena arena, long data, long stride, int capacity) {
        headers = arena.allocate((long) MESSAGES * HEADER, 64);
        vectors = arena.allocate((long) MESSAGES * VECTOR, 64);
        names = arena.allocate((long) MESSAGES * NAME, 64);
        controls = arena.allocate((long) MESSAGES * CONTROL, 64);
        for (int i = 0; i < MESSAGES; i++) {
            headers.set(JAVA_LONG, header(i), names.address() + name(i));
            headers.set(JAVA_LONG, header(i) + 16, vectors.address() + (long) i * VECTOR);
            headers.set(JAVA_LONG, header(i) + 24, 1);
            headers.set(JAVA_LONG, header(i) + 32, controls.address() + control(i));
            vectors.set(JAVA_LONG, (long) i * VECTOR, data + i * stride);
            vectors.set(JAVA_LONG, (long) i * VECTOR + 8, capacity);
        }
    }

    /**
     * Receives what is there, without waiting.
     *
     * @param most messages, up to {@link #MESSAGES}
     * @return how many came, or the negated error number
     */
    public int receive(CallState state, int descriptor, int most) {
        for (int i = 0; i < written; i++) {
            headers.set(JAVA_INT, header(i) + 8, NAME);
            headers.set(JAVA_LONG, header(i) + 40, CONTROL);
            headers.set(JAVA_INT, header(i) + 48, 0);
        }
        int received = SocketCalls.recvmmsg(state, descriptor, headers.address(), most, SocketCalls.MSG_DONTWAIT);
        written = Math.max(received, 0);
        return received;
    }

    /** Bytes of a message. */
    public int length(int message) {
        return headers.get(JAVA_INT, header(message) + 56);
    }

    /** Whether a message was longer than its place. */
    public boolean isCut(int message) {
        return (headers.get(JAVA_INT, header(message) + 48) & SocketCalls.MSG_TRUNC) != 0;
    }

    /** Whether the sender has an IPv6 address. */
    public boolean isIpv6(int message) {
        return names.get(JAVA_SHORT, name(message)) == SocketCalls.AF_INET6;
    }

    /** The sender's port. */
    public int port(int message) {
        return Short.toUnsignedInt(names.get(NETWORK_SHORT, name(message) + Sockaddr.PORT));
    }

    /** The sender's IPv4 address. */
    public int address(int message) {
        return names.get(NETWORK_INT, name(message) + Sockaddr.ADDRESS_INET);
    }

    /** The upper half of the sender's IPv6 address. */
    public long high(int message) {
        return names.get(NETWORK_LONG, name(message) + Sockaddr.ADDRESS_INET6);
    }

    /** The lower half of the sender's IPv6 address. */
    public long low(int message) {
        return names.get(NETWORK_LONG, name(message) + Sockaddr.ADDRESS_INET6 + 8);
    }

    /** The number of the interface by which the sender's link-local address is reached, else 0. */
    public int scope(int message) {
        return names.get(JAVA_INT, name(message) + Sockaddr.SCOPE);
    }

    /** Bytes of each datagram of a message that is several, the last one perhaps shorter; 0 of one that is one. */
    public int segmentSize(int message) {
        long at = find(message, SOL_UDP, UDP_GRO, Integer.BYTES);
        return at < 0 ? 0 : controls.get(JAVA_INT, at);
    }

    /** The local IPv4 address that a message was sent to; 0 where that is not told. */
    public int localAddress(int message) {
        long at = find(message, IPPROTO_IP, IP_PKTINFO, 12);
        return at < 0 ? 0 : controls.get(NETWORK_INT, at + 8);
    }

    /** The upper half of the local IPv6 address that a message was sent to; 0 where that is not told. */
    public long localHigh(int message) {
        long at = find(message, IPPROTO_IPV6, IPV6_PKTINFO, 20);
        return at < 0 ? 0 : controls.get(NETWORK_LONG, at);
    }

    /** The lower half of the local IPv6 address that a message was sent to; 0 where that is not told. */
    public long localLow(int message) {
        long at = find(message, IPPROTO_IPV6, IPV6_PKTINFO, 20);
        return at < 0 ? 0 : controls.get(NETWORK_LONG, at + 8);
    }

    /** The data of a control message, or -1. */
    private long find(int message, int level, int type, int length) {
        long start = control(message);
        long end = start + Math.min(headers.get(JAVA_LONG, header(message) + 40), CONTROL);
        for (long at = start; at + CONTROL_HEADER <= end;) {
            long size = controls.get(JAVA_LONG, at);
            if (size < CONTROL_HEADER || size > end - at) {
                return -1;
            }
            if (controls.get(JAVA_INT, at + 8) == level && controls.get(JAVA_INT, at + 12) == type
                    && size >= CONTROL_HEADER + length) {
                return at + CONTROL_HEADER;
            }
            at += size + 7 & ~7;
        }
        return -1;
    }

    private static long header(int message) {
        return (long) message * HEADER;
    }

    private static long name(int message) {
        return (long) message * NAME;
    }

    private static long control(int message) {
        return (long) message * CONTROL;
    }
}
