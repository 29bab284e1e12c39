package io.footbridge.dataplane;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.footbridge.tap.CallState;
import io.footbridge.tap.FileCalls;
import io.footbridge.tap.Sockaddr;
import io.footbridge.tap.SocketCalls;
import io.footbridge.wire.BigEndian;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * System calls on the host's TCP sockets, as one worker makes them: none waits, none allocates. What returns a result returns
 * the kernel's: zero or more, or the negated error number. Owning worker only.
 */
final class HostStreams {
    /** The most bytes that {@link #peek(int, int, long, int)} skips. */
    static final int MAX_SKIP = 1 << 20;

    private static final int STREAM =
            SocketCalls.SOCK_STREAM | SocketCalls.SOCK_NONBLOCK | SocketCalls.SOCK_CLOEXEC;
    private static final int SO_REUSEADDR = 2;
    private static final int SO_ERROR = 4;
    private static final int SO_KEEPALIVE = 9;
    private static final int SO_OOBINLINE = 10;
    private static final int SO_LINGER = 13;
    private static final int SO_PEEK_OFF = 42;
    private static final int SO_MEMINFO = 55;
    private static final int IPPROTO_IP = 0;
    private static final int IP_BIND_ADDRESS_NO_PORT = 24;
    private static final int IPPROTO_TCP = 6;
    private static final int TCP_NODELAY = 1;
    private static final int TCP_INFO = 11;
    private static final int IPPROTO_IPV6 = 41;
    private static final int IPV6_V6ONLY = 26;
    private static final int ESTABLISHED = 1;
    private static final int CLOSE_WAIT = 8;

    // linux/sock_diag.h: places of 32-bit words in what SO_MEMINFO tells.
    private static final int MEMINFO_LENGTH = 9 * Integer.BYTES;
    private static final long MEMINFO_SNDBUF = 3 * Integer.BYTES;
    private static final long MEMINFO_WMEM_QUEUED = 5 * Integer.BYTES;

    // Offsets in the scratch memory.
    private static final long VALUE = 0;
    private static final long LENGTH = 64;
    private static final long NAME = 128;
    private static final long LINGER = 192;
    private static final long MESSAGE = 256;
    private static final long VECTORS = 320;
    private static final long SCRATCH = VECTORS + (MAX_SKIP / 65_536 + 2) * 16;
    private static final int SKIPPED = 65_536;
    // struct msghdr
    private static final int MSG_IOV = 16;
    private static final int MSG_IOVLEN = 24;

    private final CallState state;
    private final MemorySegment scratch = Arena.ofAuto().allocate(SCRATCH + SKIPPED, 64);
    private final long address = scratch.address();
    /** Whether SO_PEEK_OFF is used where the kernel has it for TCP (Linux 6.9 for IPv4). */
    private final boolean mayPeekFromOffset = !"off".equals(System.getProperty("footbridge.peekoff"));
    private int sendBuffer;
    private int queued;

    HostStreams(CallState state) {
        this.state = state;
        scratch.set(JAVA_INT, LINGER, 1);
        scratch.set(JAVA_INT, LINGER + 4, 0);
    }

    /** A socket of a family. */
    int open(boolean ipv6) {
        int socket = SocketCalls.socket(state, ipv6 ? SocketCalls.AF_INET6 : SocketCalls.AF_INET, STREAM, 0);
        if (socket >= 0) {
            prepare(socket);
        }
        return socket;
    }

    private void prepare(int socket) {
        set(socket, IPPROTO_TCP, TCP_NODELAY, 1);
        set(socket, SocketCalls.SOL_SOCKET, SO_KEEPALIVE, 1);
        // Urgent data is data: it is counted where it stands in the stream.
        set(socket, SocketCalls.SOL_SOCKET, SO_OOBINLINE, 1);
    }

    private int set(int socket, int level, int option, int value) {
        scratch.set(JAVA_INT, VALUE, value);
        return SocketCalls.setsockopt(state, socket, level, option, address + VALUE, Integer.BYTES);
    }

    private int get(int socket, int level, int option, int length) {
        scratch.set(JAVA_INT, LENGTH, length);
        return SocketCalls.getsockopt(state, socket, level, option, address + VALUE, address + LENGTH);
    }

    private int name(boolean ipv6, long high, long low, int port) {
        scratch.set(JAVA_LONG, NAME, 0);
        scratch.set(JAVA_SHORT, NAME, (short) (ipv6 ? SocketCalls.AF_INET6 : SocketCalls.AF_INET));
        BigEndian.u16(scratch, NAME + Sockaddr.PORT, port);
        if (ipv6) {
            BigEndian.i64(scratch, NAME + Sockaddr.ADDRESS_INET6, high);
            BigEndian.i64(scratch, NAME + Sockaddr.ADDRESS_INET6 + 8, low);
            scratch.set(JAVA_INT, NAME + Sockaddr.SCOPE, 0);
            return Sockaddr.LENGTH_INET6;
        }
        BigEndian.i32(scratch, NAME + Sockaddr.ADDRESS_INET, (int) low);
        scratch.set(JAVA_LONG, NAME + 8, 0);
        return Sockaddr.LENGTH_INET;
    }

    /** Has a socket leave from an address in the form of a tuple, by a port that the kernel chooses when it connects. */
    int leaveFrom(int socket, boolean ipv6, long high, long low) {
        set(socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
        int length = name(ipv6, high, low, 0);
        return SocketCalls.bind(state, socket, scratch.asSlice(NAME, length));
    }

    /** Begins to connect to an address in the form of a tuple. */
    int connect(int socket, boolean ipv6, long high, long low, int port) {
        return SocketCalls.connect(state, socket, address + NAME, name(ipv6, high, low, port));
    }

    /** A socket that listens at an address in the form of a tuple; an IPv6 one takes no IPv4 clients. */
    int listen(boolean ipv6, long high, long low, int port) {
        int socket = SocketCalls.socket(state, ipv6 ? SocketCalls.AF_INET6 : SocketCalls.AF_INET, STREAM, 0);
        if (socket < 0) {
            return socket;
        }
        int result = set(socket, SocketCalls.SOL_SOCKET, SO_REUSEADDR, 1);
        if (result >= 0 && ipv6) {
            result = set(socket, IPPROTO_IPV6, IPV6_V6ONLY, 1);
        }
        if (result >= 0) {
            int length = name(ipv6, high, low, port);
            result = SocketCalls.bind(state, socket, scratch.asSlice(NAME, length));
        }
        if (result >= 0) {
            result = SocketCalls.listen(state, socket, Integer.MAX_VALUE);
        }
        if (result < 0) {
            close(socket);
            return result;
        }
        return socket;
    }

    /** The next connection of a listening socket; who has connected, {@link #peerHigh} and its kin tell. */
    int accept(int listener) {
        scratch.set(JAVA_INT, LENGTH, Sockaddr.LENGTH_INET6);
        int socket = SocketCalls.accept(state, listener, address + NAME, address + LENGTH,
                SocketCalls.SOCK_NONBLOCK | SocketCalls.SOCK_CLOEXEC);
        if (socket >= 0) {
            prepare(socket);
        }
        return socket;
    }

    /** Whether the client that was accepted last has an IPv6 address. */
    boolean isPeerIpv6() {
        return scratch.get(JAVA_SHORT, NAME) == SocketCalls.AF_INET6;
    }

    /** The accepted client's address: upper half of an IPv6 one. */
    long peerHigh() {
        return BigEndian.i64(scratch, NAME + Sockaddr.ADDRESS_INET6);
    }

    /** The accepted client's address: lower half of an IPv6 one. */
    long peerLow() {
        return BigEndian.i64(scratch, NAME + Sockaddr.ADDRESS_INET6 + 8);
    }

    /** The accepted client's IPv4 address. */
    int peerIpv4() {
        return BigEndian.i32(scratch, NAME + Sockaddr.ADDRESS_INET);
    }

    /** The accepted client's port. */
    int peerPort() {
        return BigEndian.u16(scratch, NAME + Sockaddr.PORT);
    }

    /** The error that a socket has met, positive, which is forgotten by this; 0 for none. */
    int error(int socket) {
        int result = get(socket, SocketCalls.SOL_SOCKET, SO_ERROR, Integer.BYTES);
        return result < 0 ? -result : scratch.get(JAVA_INT, VALUE);
    }

    /** Whether a socket has a connection, the other end of which may have been shut. */
    boolean isConnected(int socket) {
        int result = get(socket, IPPROTO_TCP, TCP_INFO, Integer.BYTES);
        int tcpState = BigEndian.u8(scratch, VALUE);
        return result >= 0 && (tcpState == ESTABLISHED || tcpState == CLOSE_WAIT);
    }

    /** Sends bytes; how many were taken. */
    long send(int socket, long from, int length) {
        return SocketCalls.send(state, socket, from, length, SocketCalls.MSG_NOSIGNAL | SocketCalls.MSG_DONTWAIT);
    }

    /** Has a socket peek from an offset from now on; false where it cannot. */
    boolean peeksFromOffset(int socket) {
        return mayPeekFromOffset && peekOffset(socket, 0) >= 0;
    }

    /** Sets where the next peek begins. */
    int peekOffset(int socket, int offset) {
        return set(socket, SocketCalls.SOL_SOCKET, SO_PEEK_OFF, offset);
    }

    /** Copies what is next, and leaves it in the queue; a socket that {@link #peeksFromOffset} moves on by as much. */
    long peek(int socket, long to, int length) {
        return SocketCalls.recv(state, socket, to, length, SocketCalls.MSG_PEEK | SocketCalls.MSG_DONTWAIT);
    }

    /**
     * As {@link #peek(int, long, int)}, of a socket that cannot peek from an offset: copies what is before it too, and forgets
     * that.
     *
     * @param skip bytes that are not wanted, at most {@link #MAX_SKIP}
     */
    long peek(int socket, int skip, long to, int length) {
        int count = 0;
        for (int left = skip; left > 0; left -= SKIPPED) {
            vector(count++, address + SCRATCH, Math.min(left, SKIPPED));
        }
        vector(count++, to, length);
        for (long field = MESSAGE; field < VECTORS; field += Long.BYTES) {
            scratch.set(JAVA_LONG, field, 0);
        }
        scratch.set(JAVA_LONG, MESSAGE + MSG_IOV, address + VECTORS);
        scratch.set(JAVA_LONG, MESSAGE + MSG_IOVLEN, count);
        long peeked = SocketCalls.recvmsg(state, socket, address + MESSAGE, SocketCalls.MSG_PEEK | SocketCalls.MSG_DONTWAIT);
        return peeked < 0 ? peeked : Math.max(0, peeked - skip);
    }

    private void vector(int index, long base, long length) {
        scratch.set(JAVA_LONG, VECTORS + index * 16L, base);
        scratch.set(JAVA_LONG, VECTORS + index * 16L + 8, length);
    }

    /** Forgets the next bytes of the queue. */
    long discard(int socket, int length) {
        return SocketCalls.recv(state, socket, 0, length, SocketCalls.MSG_TRUNC | SocketCalls.MSG_DONTWAIT);
    }

    /** How many bytes the socket would take, about; 0 where that cannot be told. */
    int space(int socket) {
        if (get(socket, SocketCalls.SOL_SOCKET, SO_MEMINFO, MEMINFO_LENGTH) < 0) {
            sendBuffer = 0;
            queued = 0;
            return 0;
        }
        sendBuffer = scratch.get(JAVA_INT, VALUE + MEMINFO_SNDBUF);
        queued = scratch.get(JAVA_INT, VALUE + MEMINFO_WMEM_QUEUED);
        return Math.max(0, sendBuffer - queued);
    }

    /** The size of the send buffer that {@link #space} last looked at; 0 where that could not be told. */
    int sendBuffer() {
        return sendBuffer;
    }

    /** How full the send buffer was that {@link #space} last looked at: payload, and what the kernel needs to keep it. */
    int queued() {
        return queued;
    }

    /** Bytes that the socket has taken and its peer has not acknowledged; negative where that cannot be told. */
    int unacknowledged(int socket) {
        int result = FileCalls.ioctl(state, socket, SocketCalls.SIOCOUTQ, address + VALUE);
        return result < 0 ? result : scratch.get(JAVA_INT, VALUE);
    }

    /** Sends no more. */
    void finish(int socket) {
        SocketCalls.shutdown(state, socket, SocketCalls.SHUT_WR);
    }

    /** Closes a socket; its peer is sent RST. */
    void reset(int socket) {
        SocketCalls.setsockopt(state, socket, SocketCalls.SOL_SOCKET, SO_LINGER, address + LINGER, 2 * Integer.BYTES);
        close(socket);
    }

    /** Closes a socket; what it was given to send is still sent. */
    void close(int socket) {
        FileCalls.close(state, socket);
    }
}
