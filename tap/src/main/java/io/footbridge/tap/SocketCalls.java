package io.footbridge.tap;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * System calls on sockets. Every method returns the kernel's result: zero or more, or the negated error number. Any
 * thread, with a {@link CallState} of its own.
 */
public final class SocketCalls {
    /** IPv4. */
    public static final int AF_INET = 2;
    /** IPv6. */
    public static final int AF_INET6 = 10;
    /** Socket type: a byte stream. */
    public static final int SOCK_STREAM = 1;
    /** How {@link #shutdown} ends a stream: nothing more is sent. */
    public static final int SHUT_WR = 1;
    /** Message flag: a peer that is gone is an error, not a signal. */
    public static final int MSG_NOSIGNAL = 0x4000;
    /** Unix domain. */
    public static final int AF_UNIX = 1;
    /** rtnetlink and its kin. */
    public static final int AF_NETLINK = 16;
    /** Link-layer packets. */
    public static final int AF_PACKET = 17;
    /** Socket type. */
    public static final int SOCK_DGRAM = 2;
    /** Socket type. */
    public static final int SOCK_RAW = 3;
    /** Socket type: datagrams in order, connected. */
    public static final int SOCK_SEQPACKET = 5;
    /** Type flag: reads and writes do not wait. */
    public static final int SOCK_NONBLOCK = 0x800;
    /** Type flag: closed on exec. */
    public static final int SOCK_CLOEXEC = 0x80000;
    /** Message flag: this call does not wait. */
    public static final int MSG_DONTWAIT = 0x40;
    /** Message flag, in and out: the datagram was longer than the buffer; of a byte stream, what is read is discarded. */
    public static final int MSG_TRUNC = 0x20;
    /** Message flag: what is read stays in the queue. */
    public static final int MSG_PEEK = 2;

    /** Option level: options of every socket. */
    public static final int SOL_SOCKET = 1;
    /** ioctl(2) request: bytes that a stream has sent and its peer has not acknowledged. */
    public static final long SIOCOUTQ = 0x5411;
    static final int SO_SNDBUF = 7;
    static final int SO_RCVBUF = 8;
    static final int SO_ATTACH_FILTER = 26;
    static final int SO_SNDBUFFORCE = 32;
    static final int SO_RCVBUFFORCE = 33;

    private static final MethodHandle SOCKET = Downcalls.bind("socket", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle SOCKETPAIR =
            Downcalls.bind("socketpair", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG);
    private static final MethodHandle BIND = Downcalls.bind("bind", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle LISTEN = Downcalls.bind("listen", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle ACCEPT =
            Downcalls.bind("accept4", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
    private static final MethodHandle CONNECT = Downcalls.bind("connect", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle SHUTDOWN = Downcalls.bind("shutdown", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle GETSOCKNAME =
            Downcalls.bind("getsockname", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle GETPEERNAME =
            Downcalls.bind("getpeername", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle SETSOCKOPT =
            Downcalls.bind("setsockopt", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle GETSOCKOPT =
            Downcalls.bind("getsockopt", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle SEND =
            Downcalls.bind("send", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
    private static final MethodHandle RECV =
            Downcalls.bind("recv", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
    private static final MethodHandle RECVMSG = Downcalls.bind("recvmsg", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle RECVMMSG =
            Downcalls.bind("recvmmsg", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_LONG);
    private static final MethodHandle SENDMMSG =
            Downcalls.bind("sendmmsg", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT);

    private SocketCalls() {
    }

    /** socket(2). */
    public static int socket(CallState state, int family, int type, int protocol) {
        try {
            return state.result((int) SOCKET.invokeExact(state.segment(), family, type, protocol));
        } catch (Throwable thrown) {
            throw Downcalls.unexpected(thrown);
        }
    }

    /** socketpair(2): {@code pair} receives the two descriptors. */
    public static int socketpair(CallState state, int type, int[] pair) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment both = arena.allocate(JAVA_INT, 2);
            int result = state.result(
                    (int) SOCKETPAIR.invokeExact(state.segment(), AF_UNIX, type, 0, both.address()));
            pair[0] = both.getAtIndex(JAVA_INT, 0);
            pair[1] = both.getAtIndex(JAVA_INT, 1);
            return result;
        } catch (Throwable thrown) {
            throw Downcalls.unexpected(thrown);
        }
    }

    /** bind(2) to the address structure in {@code name}. */
    public static int bind(CallState state, int descriptor, MemorySegment name) {
        try {
            return state.result(
                    (int) BIND.invokeExact(state.segment(), descriptor, name.address(), (int) name.byteSize()));
        } catch (Throwable thrown) {
            throw Downcalls.unexpected(thrown);
        }
    }

    /** listen(2); a backlog beyond net.core.somaxconn is cut to it. */
    public static int listen(CallState state, int descriptor, int backlog) {
        try {
            return state.result((int) LISTEN.invokeExact(state.segment(), descriptor, backlog));
        } catch (Throwable thrown) {
            throw Downcalls.unexpected(thrown);
        }
    }

    /** accept4(2): the descriptor of a connection; flags are {@link #SOCK_NONBLOCK} and {@link #SOCK_CLOEXEC}. */
    public static int accept(CallState state, int descriptor, int flags) {
        try {
            return state.result((int) ACCEPT.invokeExact(state.segment(), descriptor, 0L, 0L, flags));
        } catch (Throwable thrown) {
            throw Downcalls.unexpected(thrown);
        }
    }

    /** connect(2) to the address structure in {@code name}. */
    public static int connect(CallState state, int descriptor, MemorySegment name) {
        try {
            return state.result(
                    (int) CONNECT.invokeExact(state.segment(), descriptor, name.address(), (int) name.byteSize()));
        } catch (Throwable thrown) {
            throw Downcalls.unexpected(thrown);
        }
    }

    /** accept4(2), that allocates nothing: fills the address structure at {@code name}, its size at {@code length}. */
    public static int accept(CallState state, int descriptor, long name, long length, int flags) {
        try {
            return state.result((int) ACCEPT.invokeExact(state.segment(), descriptor, name, length, flags));
        } catch (Throwable thrown) {
            throw Downcalls.unexpected(thrown);
        }
    }

    /** connect(2), that allocates nothing: to the address structure of {@code length} bytes at {@code name}. */
    public static int connect(CallState state, int descriptor, long name, int length) {
        try {
            return state.result((int) CONNECT.invokeExact(state.segment(), descriptor, name, length));
        } catch (Throwable thrown) {
            throw Downcalls.unexpected(thrown);
        }
    }

    /** setsockopt(2), that allocates nothing: with the {@code length} bytes at {@code value}. */
    public static int setsockopt(CallState state, int descriptor, int level, int option, long value, int length) {
        try {
            return state.result((int) SETSOCKOPT.invokeExact(state.segment(), descriptor, level, option, value, length));
        } catch (Throwable thrown) {
            throw Downcalls.unexpected(thrown);
        }
    }

    /** getsockopt(2), that allocates nothing: fills the bytes at {@code value}, whose size is the int at {@code length}. */
    public static int getsockopt(CallState state, int descriptor, int level, int option, long value, long length) {
        try {
            return state.result((int) GETSOCKOPT.invokeExact(state.segment(), descriptor, level, option, value, length));
        } catch (Throwable thrown) {
            throw Downcalls.unexpected(thrown);
        }
    }

    /** recvmsg(2) by the message header at {@code address}. */
    public static long recvmsg(CallState state, int descriptor, long address, int flags) {
        try {
            return state.result((long) RECVMSG.invokeExact(state.segment(), descriptor, address, flags));
        } catch (Throwable thrown) {
            throw Downcalls.unexpected(thrown);
        }
    }

    /** shutdown(2): {@link #SHUT_WR}. */
    public static int shutdown(CallState state, int descriptor, int how) {
        try {
            return state.result((int) SHUTDOWN.invokeExact(state.segment(), descriptor, how));
        } catch (Throwable thrown) {
            throw Downcalls.unexpected(thrown);
        }
    }

    /** getsockname(2): fills {@code name} as far as it reaches. */
    public static int getsockname(CallState state, int descriptor, MemorySegment name) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment size = arena.allocateFrom(JAVA_INT, (int) name.byteSize());
            return state.result((int) GETSOCKNAME.invokeExact(state.segment(), descriptor, name.address(),
                    size.address()));
        } catch (Throwable thrown) {
            throw Downcalls.unexpected(thrown);
        }
    }

    /** getpeername(2): fills {@code name} as far as it reaches. */
    public static int getpeername(CallState state, int descriptor, MemorySegment name) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment size = arena.allocateFrom(JAVA_INT, (int) name.byteSize());
            return state.result((int) GETPEERNAME.invokeExact(state.segment(), descriptor, name.address(),
                    size.address()));
        } catch (Throwable thrown) {
            throw Downcalls.unexpected(thrown);
        }
    }

    /** setsockopt(2) with a structure. */
    public static int setsockopt(CallState state, int descriptor, int level, int option, MemorySegment value) {
        try {
            return state.result((int) SETSOCKOPT.invokeExact(state.segment(), descriptor, level, option,
                    value.address(), (int) value.byteSize()));
        } catch (Throwable thrown) {
            throw Downcalls.unexpected(thrown);
        }
    }

    /** setsockopt(2) with an {@code int}. */
    public static int setsockopt(CallState state, int descriptor, int level, int option, int value) {
        try (Arena arena = Arena.ofConfined()) {
            return setsockopt(state, descriptor, level, option, arena.allocateFrom(JAVA_INT, value));
        }
    }

    /** getsockopt(2): fills {@code value}, which must have the option's exact size. */
    public static int getsockopt(CallState state, int descriptor, int level, int option, MemorySegment value) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment size = arena.allocateFrom(JAVA_INT, (int) value.byteSize());
            return state.result((int) GETSOCKOPT.invokeExact(state.segment(), descriptor, level, option,
                    value.address(), size.address()));
        } catch (Throwable thrown) {
            throw Downcalls.unexpected(thrown);
        }
    }

    /** send(2) of {@code length} bytes at {@code address}. */
    public static long send(CallState state, int descriptor, long address, long length, int flags) {
        try {
            return state.result((long) SEND.invokeExact(state.segment(), descriptor, address, length, flags));
        } catch (Throwable thrown) {
            throw Downcalls.unexpected(thrown);
        }
    }

    /** recv(2) into {@code length} bytes at {@code address}. */
    public static long recv(CallState state, int descriptor, long address, long length, int flags) {
        try {
            return state.result((long) RECV.invokeExact(state.segment(), descriptor, address, length, flags));
        } catch (Throwable thrown) {
            throw Downcalls.unexpected(thrown);
        }
    }

    /** recvmmsg(2) into {@code count} message headers at {@code address}, without a time limit. */
    public static int recvmmsg(CallState state, int descriptor, long address, int count, int flags) {
        try {
            return state.result((int) RECVMMSG.invokeExact(state.segment(), descriptor, address, count, flags, 0L));
        } catch (Throwable thrown) {
            throw Downcalls.unexpected(thrown);
        }
    }

    /** sendmmsg(2) of {@code count} message headers at {@code address}. */
    public static int sendmmsg(CallState state, int descriptor, long address, int count, int flags) {
        try {
            return state.result((int) SENDMMSG.invokeExact(state.segment(), descriptor, address, count, flags));
        } catch (Throwable thrown) {
            throw Downcalls.unexpected(thrown);
        }
    }
}
