package io.footbridge.tap;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Datagrams that wait until they are sent together, by sendmmsg(2), from where they lie. A message may be several datagrams
 * of one length, the last one perhaps shorter (UDP_SEGMENT): then the kernel looks up the route once and cuts late. One
 * thread at a time; allocates nothing.
 *
 * <p>Each message is a {@code struct mmsghdr} (see {@link MessageHeader}) with an address of {@value #NAME} bytes, control
 * messages of {@value #CONTROL} and up to {@value #SEGMENTS} vectors, one for each datagram.
 */
public final class DatagramSender {
    /** How many messages may wait. */
    public static final int MESSAGES = 32;
    /** How many datagrams a message may be: what every kernel with UDP_SEGMENT takes. */
    public static final int SEGMENTS = 64;

    private static final int IPPROTO_IP = 0;
    private static final int IP_TTL = 2;
    private static final int IP_PKTINFO = 8;
    private static final int IPPROTO_IPV6 = 41;
    private static final int IPV6_PKTINFO = 50;
    private static final int IPV6_HOPLIMIT = 52;
    private static final int SOL_UDP = 17;
    private static final int UDP_SEGMENT = 103;

    private static final int HEADER = 64;
    private static final int VECTOR = 16;
    private static final int NAME = 32;
    private static final int CONTROL = 96;
    private static final int CONTROL_HEADER = 16;
    /** The longest payload of UDP over IPv4, which the sum of a message's datagrams must not exceed. */
    private static final int LONGEST = 65_507;
    private static final int FLAGS = SocketCalls.MSG_DONTWAIT | SocketCalls.MSG_NOSIGNAL;

    private static final ValueLayout.OfShort NETWORK_SHORT = JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt NETWORK_INT = JAVA_INT.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong NETWORK_LONG = JAVA_LONG.withOrder(ByteOrder.BIG_ENDIAN);

    private final MemorySegment headers;
    private final MemorySegment vectors;
    private final MemorySegment names;
    private final MemorySegment controls;
    /** One more message and vector, for datagrams that go one by one. */
    private final MemorySegment single;
    private final int[] descriptors = new int[MESSAGES];
    private final int[] counts = new int[MESSAGES];
    private final int[] segments = new int[MESSAGES];
    private final int[] bytes = new int[MESSAGES];
    private final int[] results = new int[MESSAGES];
    private int count;

    /** @param arena of its memory */
    public DatagramSender(Arena arena) {
        headers = arena.allocate((long) MESSAGES * HEADER, 64);
        vectors = arena.allocate((long) MESSAGES * SEGMENTS * VECTOR, 64);
        names = arena.allocate((long) MESSAGES * NAME, 64);
        controls = arena.allocate((long) MESSAGES * CONTROL, 64);
        single = arena.allocate(HEADER + VECTOR, 64);
        single.set(JAVA_LONG, 16, single.address() + HEADER);
        single.set(JAVA_LONG, 24, 1);
        for (int i = 0; i < MESSAGES; i++) {
            headers.set(JAVA_LONG, header(i), names.address() + name(i));
            headers.set(JAVA_LONG, header(i) + 16, vectors.address() + vector(i, 0));
        }
    }

    /** How many messages wait. */
    public int count() {
        return count;
    }

    /** Whether no further message has room. */
    public boolean isFull() {
        return count == MESSAGES;
    }

    /**
     * Adds a message to an IPv4 address; there must be room.
     *
     * @param data native address of the payload, which must stay until {@link #send}
     */
    public void add(int descriptor, int address, int port, long data, int length) {
        long name = name(count);
        names.set(JAVA_SHORT, name, (short) SocketCalls.AF_INET);
        names.set(NETWORK_SHORT, name + Sockaddr.PORT, (short) port);
        names.set(NETWORK_INT, name + Sockaddr.ADDRESS_INET, address);
        names.set(JAVA_LONG, name + 8, 0);
        add(descriptor, Sockaddr.LENGTH_INET, data, length);
    }

    /**
     * Adds a message to an IPv6 address; there must be room.
     *
     * @param scope the interface's number where the address is link-local, else 0
     * @param data native address of the payload, which must stay until {@link #send}
     */
    public void add(int descriptor, long high, long low, int port, int scope, long data, int length) {
        long name = name(count);
        names.set(JAVA_SHORT, name, (short) SocketCalls.AF_INET6);
        names.set(NETWORK_SHORT, name + Sockaddr.PORT, (short) port);
        names.set(JAVA_INT, name + 4, 0);
        names.set(NETWORK_LONG, name + Sockaddr.ADDRESS_INET6, high);
        names.set(NETWORK_LONG, name + Sockaddr.ADDRESS_INET6 + 8, low);
        names.set(JAVA_INT, name + Sockaddr.SCOPE, scope);
        add(descriptor, Sockaddr.LENGTH_INET6, data, length);
    }

    private void add(int descriptor, int nameLength, long data, int length) {
        headers.set(JAVA_INT, header(count) + 8, nameLength);
        headers.set(JAVA_LONG, header(count) + 24, 1);
        headers.set(JAVA_LONG, header(count) + 32, 0);
        headers.set(JAVA_LONG, header(count) + 40, 0);
        vectors.set(JAVA_LONG, vector(count, 0), data);
        vectors.set(JAVA_LONG, vector(count, 0) + 8, length);
        descriptors[count] = descriptor;
        counts[count] = 1;
        segments[count] = 0;
        bytes[count] = length;
        count++;
    }

    /** Makes the message added last several datagrams of {@code size} bytes each, the last one perhaps shorter. */
    public void segment(int size) {
        segments[count - 1] = size;
        counts[count - 1] = SEGMENTS;
    }

    /**
     * Adds a datagram to the message added last, if they may go together: one that is alone or of equal ones, of that length
     * or, as the last one, shorter. That both go to the same place in the same way is for the caller to know.
     */
    public boolean join(long data, int length) {
        int last = count - 1;
        int together = counts[last];
        int size = together == 1 ? bytes[last] : segments[last];
        if (together >= SEGMENTS || length == 0 || length > size || bytes[last] + length > LONGEST) {
            return false;
        }
        vectors.set(JAVA_LONG, vector(last, together), data);
        vectors.set(JAVA_LONG, vector(last, together) + 8, length);
        headers.set(JAVA_LONG, header(last) + 24, together + 1);
        segments[last] = size;
        bytes[last] += length;
        // Nothing comes behind a shorter one.
        counts[last] = length < size ? SEGMENTS : together + 1;
        return true;
    }

    /** Sets the time to live, or hop limit, of the message added last. */
    public void hops(boolean ipv6, int hops) {
        long at = control(ipv6 ? IPPROTO_IPV6 : IPPROTO_IP, ipv6 ? IPV6_HOPLIMIT : IP_TTL, Integer.BYTES);
        controls.set(JAVA_INT, at, hops);
    }

    /** Sets the local IPv4 address that the message added last comes from. */
    public void from(int address) {
        long at = control(IPPROTO_IP, IP_PKTINFO, 12);
        controls.set(JAVA_INT, at, 0);
        controls.set(NETWORK_INT, at + 4, address);
        controls.set(JAVA_INT, at + 8, 0);
    }

    /** Sets the local IPv6 address that the message added last comes from. */
    public void from(long high, long low) {
        long at = control(IPPROTO_IPV6, IPV6_PKTINFO, 20);
        controls.set(NETWORK_LONG, at, high);
        controls.set(NETWORK_LONG, at + 8, low);
        controls.set(JAVA_INT, at + 16, 0);
    }

    /** Begins a control message of the message added last: where its data go. */
    private long control(int level, int type, int length) {
        return control(count - 1, level, type, length);
    }

    private long control(int message, int level, int type, int length) {
        long used = headers.get(JAVA_LONG, header(message) + 40);
        long at = (long) message * CONTROL + used;
        controls.set(JAVA_LONG, at, CONTROL_HEADER + length);
        controls.set(JAVA_INT, at + 8, level);
        controls.set(JAVA_INT, at + 12, type);
        headers.set(JAVA_LONG, header(message) + 32, controls.address() + (long) message * CONTROL);
        headers.set(JAVA_LONG, header(message) + 40, used + CONTROL_HEADER + (length + 7 & ~7));
        return at + CONTROL_HEADER;
    }

    /** Sends all, in order; {@link #result} says what became of each. The messages stay until {@link #clear}. */
    public void send(CallState state) {
        for (int i = 0; i < count;) {
            int end = i + 1;
            while (end < count && descriptors[end] == descriptors[i]) {
                end++;
            }
            for (int at = i; at < end; at++) {
                if (segments[at] > 0) {
                    controls.set(JAVA_SHORT, control(at, SOL_UDP, UDP_SEGMENT, Short.BYTES), (short) segments[at]);
                }
            }
            send(state, i, end);
            i = end;
        }
    }

    private void send(CallState state, int start, int end) {
        boolean again = true;
        for (int at = start; at < end;) {
            int sent = SocketCalls.sendmmsg(state, descriptors[at], headers.address() + header(at), end - at, FLAGS);
            if (sent > 0) {
                for (int i = 0; i < sent; i++) {
                    results[at++] = 0;
                }
                again = true;
            } else if (again && !Errno.EAGAIN.is(sent)) {
                // It may have been the news of an earlier datagram, and this one has not been tried.
                again = false;
            } else {
                results[at] = segments[at] > 0 && !Errno.EAGAIN.is(sent) ? sendOneByOne(state, at) : sent;
                at++;
                again = true;
            }
        }
    }

    /** What a way out takes only one by one: datagrams that are longer than its MTU, or need a checksum made. */
    private int sendOneByOne(CallState state, int message) {
        int failed = 0;
        MemorySegment.copy(headers, header(message), single, 0, 16);
        int more = (int) headers.get(JAVA_LONG, header(message) + 24);
        long control = headers.get(JAVA_LONG, header(message) + 40) - CONTROL_HEADER - Long.BYTES;
        single.set(JAVA_LONG, 32, control > 0 ? controls.address() + (long) message * CONTROL : 0);
        for (int vector = 0; vector < more; vector++) {
            long data = vectors.get(JAVA_LONG, vector(message, vector));
            long left = vectors.get(JAVA_LONG, vector(message, vector) + 8);
            while (left > 0) {
                long length = Math.min(left, segments[message]);
                single.set(JAVA_LONG, 40, control);
                single.set(JAVA_LONG, HEADER, data);
                single.set(JAVA_LONG, HEADER + 8, length);
                int sent = SocketCalls.sendmmsg(state, descriptors[message], single.address(), 1, FLAGS);
                failed = sent < 0 && failed == 0 ? sent : failed;
                data += length;
                left -= length;
            }
        }
        return failed;
    }

    /** What {@link #send} made of a message: zero, or the negated number of the first error. */
    public int result(int message) {
        return results[message];
    }

    /** Forgets all messages. */
    public void clear() {
        count = 0;
    }

    private static long header(int message) {
        return (long) message * HEADER;
    }

    private static long vector(int message, int index) {
        return ((long) message * SEGMENTS + index) * VECTOR;
    }

    private static long name(int message) {
        return (long) message * NAME;
    }
}
