package io.footbridge.proxy;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.footbridge.tap.CallState;
import io.footbridge.tap.FileCalls;
import io.footbridge.tap.Sockaddr;
import io.footbridge.tap.SocketCalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;

/**
 * The sockets of relays and their options (asm-generic/socket.h, linux/tcp.h, linux/in.h, linux/in6.h). Every method
 * returns a descriptor or zero, or the negated error number. Any thread.
 */
final class RelaySockets {
    /** Streams: a connection's keep-alive interval and the silence before it, seconds. */
    static final int KEEP_ALIVE_SECONDS = 15;
    /** More than any net.core.somaxconn: the kernel cuts it to that. */
    static final int BACKLOG = Integer.MAX_VALUE;

    static final int IPPROTO_IP = 0;
    static final int IPPROTO_IPV6 = 41;
    static final int IP_PKTINFO = 8;
    static final int IPV6_PKTINFO = 50;

    private static final int IPPROTO_TCP = 6;
    private static final int SO_REUSEADDR = 2;
    private static final int SO_TYPE = 3;
    private static final int SO_ERROR = 4;
    private static final int SO_KEEPALIVE = 9;
    private static final int SO_LINGER = 13;
    private static final int SO_ACCEPTCONN = 30;
    private static final int SO_PROTOCOL = 38;
    private static final int TCP_NODELAY = 1;
    private static final int TCP_KEEPIDLE = 4;
    private static final int TCP_KEEPINTVL = 5;
    private static final int IPV6_V6ONLY = 26;
    private static final int IPV6_RECVPKTINFO = 49;
    private static final int NAME_CAPACITY = 128;
    private static final int FLAGS = SocketCalls.SOCK_NONBLOCK | SocketCalls.SOCK_CLOEXEC;

    private static final MemorySegment ONE = Arena.global().allocateFrom(JAVA_INT, 1);
    private static final MemorySegment INTERVAL = Arena.global().allocateFrom(JAVA_INT, KEEP_ALIVE_SECONDS);
    private static final MemorySegment LINGER_NOT = Arena.global().allocateFrom(JAVA_INT, 1, 0);

    private RelaySockets() {
    }

    /** What failed of making a listener: Go names it in its errors. */
    enum Step {
        SOCKET, SETSOCKOPT, BIND, LISTEN
    }

    /** A socket bound to an address, or what failed and the negated error number. */
    record Bound(int descriptor, Step step) {
    }

    /** A listening TCP socket; an IPv6 one takes IPv6 only, unless {@code bothFamilies}. */
    static Bound listener(CallState state, InetSocketAddress address, boolean bothFamilies) {
        Bound bound = bound(state, SocketCalls.SOCK_STREAM, address, bothFamilies);
        if (bound.descriptor() < 0) {
            return bound;
        }
        int result = SocketCalls.listen(state, bound.descriptor(), BACKLOG);
        return result < 0 ? failed(state, bound.descriptor(), Step.LISTEN, result) : bound;
    }

    /** A bound UDP socket. */
    static Bound datagram(CallState state, InetSocketAddress address, boolean bothFamilies) {
        return bound(state, SocketCalls.SOCK_DGRAM, address, bothFamilies);
    }

    private static Bound bound(CallState state, int type, InetSocketAddress address, boolean bothFamilies) {
        int family = Sockaddr.family(address.getAddress());
        int socket = SocketCalls.socket(state, family, type | FLAGS, 0);
        if (socket < 0) {
            return new Bound(socket, Step.SOCKET);
        }
        // On a datagram socket it would let another bind the same port and take what comes in.
        int option = type == SocketCalls.SOCK_STREAM
                ? SocketCalls.setsockopt(state, socket, SocketCalls.SOL_SOCKET, SO_REUSEADDR, ONE) : 0;
        if (option == 0 && family == SocketCalls.AF_INET6) {
            option = SocketCalls.setsockopt(state, socket, IPPROTO_IPV6, IPV6_V6ONLY, bothFamilies ? 0 : 1);
        }
        if (option < 0) {
            return failed(state, socket, Step.SETSOCKOPT, option);
        }
        try (Arena arena = Arena.ofConfined()) {
            int result = SocketCalls.bind(state, socket, Sockaddr.of(arena, address.getAddress(), address.getPort()));
            return result < 0 ? failed(state, socket, Step.BIND, result) : new Bound(socket, Step.BIND);
        }
    }

    private static Bound failed(CallState state, int socket, Step step, int result) {
        FileCalls.close(state, socket);
        return new Bound(result, step);
    }

    /** A socket of a back end's family, not yet connected, in the namespace of the calling thread. */
    static int backEnd(CallState state, BackEnd backEnd, int type) {
        return SocketCalls.socket(state, Sockaddr.family(backEnd.address()), type | FLAGS, 0);
    }

    /** Keep-alive after 15 s of silence, no delay for small segments. A listener's connections inherit both. */
    static void prepareStream(CallState state, int socket) {
        SocketCalls.setsockopt(state, socket, IPPROTO_TCP, TCP_NODELAY, ONE);
        SocketCalls.setsockopt(state, socket, SocketCalls.SOL_SOCKET, SO_KEEPALIVE, ONE);
        SocketCalls.setsockopt(state, socket, IPPROTO_TCP, TCP_KEEPIDLE, INTERVAL);
        SocketCalls.setsockopt(state, socket, IPPROTO_TCP, TCP_KEEPINTVL, INTERVAL);
    }

    /** Datagrams come with the address that their sender asked; on an IPv6 socket an IPv4 one comes mapped. */
    static int wantDestination(CallState state, int socket, int family) {
        return family == SocketCalls.AF_INET6
                ? SocketCalls.setsockopt(state, socket, IPPROTO_IPV6, IPV6_RECVPKTINFO, ONE)
                : SocketCalls.setsockopt(state, socket, IPPROTO_IP, IP_PKTINFO, ONE);
    }

    /** The error that a socket holds, positive, or 0. Asking clears it. {@code scratch} has room for two ints. */
    static int pendingError(CallState state, int socket, MemorySegment scratch) {
        scratch.set(JAVA_INT, 4, 4);
        int result = SocketCalls.getsockopt(state, socket, SocketCalls.SOL_SOCKET, SO_ERROR, scratch.address(), scratch.address() + 4);
        return result < 0 ? -result : scratch.get(JAVA_INT, 0);
    }

    /** SOCK_STREAM, SOCK_DGRAM and so on, or the negated error number (ENOTSOCK). */
    static int type(CallState state, int socket) {
        return option(state, socket, SO_TYPE);
    }

    /** IPPROTO_TCP and so on. */
    static int protocol(CallState state, int socket) {
        return option(state, socket, SO_PROTOCOL);
    }

    /** Whether a stream socket waits for connections. */
    static boolean listens(CallState state, int socket) {
        return option(state, socket, SO_ACCEPTCONN) == 1;
    }

    private static int option(CallState state, int socket, int option) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(JAVA_INT);
            int result = SocketCalls.getsockopt(state, socket, SocketCalls.SOL_SOCKET, option, value);
            return result < 0 ? result : value.get(JAVA_INT, 0);
        }
    }

    /** The address a socket is bound to; null where it is none of IPv4 or IPv6. */
    static InetSocketAddress localAddress(CallState state, int socket) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocate(NAME_CAPACITY, 8);
            return SocketCalls.getsockname(state, socket, name) < 0 ? null : address(name);
        }
    }

    /** The address of a socket's peer; null where it has none. */
    static InetSocketAddress peerAddress(CallState state, int socket) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocate(NAME_CAPACITY, 8);
            return SocketCalls.getpeername(state, socket, name) < 0 ? null : address(name);
        }
    }

    private static InetSocketAddress address(MemorySegment name) {
        int family = Sockaddr.family(name);
        return family == SocketCalls.AF_INET || family == SocketCalls.AF_INET6 ? Sockaddr.toJava(name) : null;
    }

    /** The family a socket is of. */
    static int family(CallState state, int socket) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocate(NAME_CAPACITY, 8);
            int result = SocketCalls.getsockname(state, socket, name);
            return result < 0 ? result : Sockaddr.family(name);
        }
    }

    /** Bytes that a stream has sent and its peer has not acknowledged. */
    static int unacknowledged(CallState state, int socket, MemorySegment scratch) {
        int result = FileCalls.ioctl(state, socket, SocketCalls.SIOCOUTQ, scratch.address());
        return result < 0 ? 0 : scratch.get(JAVA_INT, 0);
    }

    /** The next close of this socket resets its connection. */
    static void resetOnClose(CallState state, int socket) {
        SocketCalls.setsockopt(state, socket, SocketCalls.SOL_SOCKET, SO_LINGER, LINGER_NOT);
    }
}
