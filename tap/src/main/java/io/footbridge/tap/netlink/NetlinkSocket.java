package io.footbridge.tap.netlink;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.footbridge.tap.CallState;
import io.footbridge.tap.Cures;
import io.footbridge.tap.Errno;
import io.footbridge.tap.FileCalls;
import io.footbridge.tap.MessageHeader;
import io.footbridge.tap.SocketCalls;
import io.footbridge.tap.SystemCallException;
import io.footbridge.tap.namespace.NetworkNamespace;
import io.footbridge.tap.netlink.NetlinkExchange.Answer;
import io.footbridge.tap.netlink.NetlinkExchange.Decoder;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A NETLINK_ROUTE socket that carries one exchange at a time. One thread at a time. */
final class NetlinkSocket implements AutoCloseable {
    private static final int NETLINK_ROUTE = 0;
    private static final int SOL_NETLINK = 270;
    private static final int NETLINK_CAP_ACK = 10;
    private static final int NETLINK_EXT_ACK = 11;
    private static final int NETLINK_GET_STRICT_CHK = 12;
    private static final int SOL_SOCKET = 1;
    private static final int SO_RCVTIMEO = 20;
    /** ioctl on a socket: a descriptor of its network namespace (linux/sockios.h). */
    private static final long SIOCGSKNS = 0x894c;

    private static final int ADDRESS_SIZE = 12;
    private static final int ADDRESS_PORT = 4;
    /** Twice the largest datagram that the kernel makes for a dump. */
    private static final int CAPACITY = 64 << 10;
    private static final long LIMIT_SECONDS = 10;
    private static final int DUMP_ATTEMPTS = 16;
    /** Datagrams of an exchange that may belong to nobody. */
    private static final int STRAY_LIMIT = 1000;

    private final CallState state = new CallState();
    private final MemorySegment sender;
    private final MemorySegment buffer;
    private final MessageHeader header;
    private int descriptor;
    private int sequence = 1;

    private NetlinkSocket(int descriptor) {
        Arena arena = Arena.ofAuto();
        this.descriptor = descriptor;
        this.sender = arena.allocate(ADDRESS_SIZE, Integer.BYTES);
        this.buffer = arena.allocate(CAPACITY, Long.BYTES);
        this.header = new MessageHeader(arena, sender, buffer, MemorySegment.NULL);
    }

    /** A socket in the namespace of the calling thread. */
    static NetlinkSocket open() throws SystemCallException {
        CallState state = CallState.ofThread();
        int descriptor = SocketCalls.socket(
                state, SocketCalls.AF_NETLINK, SocketCalls.SOCK_RAW | SocketCalls.SOCK_CLOEXEC, NETLINK_ROUTE);
        if (descriptor < 0) {
            throw new SystemCallException("socket of rtnetlink", -descriptor, Cures.of(-descriptor));
        }
        // Each only makes answers shorter or richer: an older kernel without one is served as well.
        SocketCalls.setsockopt(state, descriptor, SOL_NETLINK, NETLINK_CAP_ACK, 1);
        SocketCalls.setsockopt(state, descriptor, SOL_NETLINK, NETLINK_EXT_ACK, 1);
        SocketCalls.setsockopt(state, descriptor, SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment limit = arena.allocateFrom(JAVA_LONG, LIMIT_SECONDS, 0L);
            SocketCalls.setsockopt(state, descriptor, SOL_SOCKET, SO_RCVTIMEO, limit);
        }
        return new NetlinkSocket(descriptor);
    }

    /** Sends a request and reads until the kernel has answered it; a dump that was disturbed is asked for again. */
    <T> Answer<T> exchange(NetlinkRequest request, Decoder<T> decoder) throws IOException {
        for (int attempt = 0; attempt < DUMP_ATTEMPTS; attempt++) {
            NetlinkExchange<T> exchange = new NetlinkExchange<>(++sequence, decoder);
            send(request);
            int datagrams = 0;
            while (!exchange.ended()) {
                int before = exchange.size();
                receive(request, exchange);
                if (exchange.size() == before && ++datagrams > STRAY_LIMIT) {
                    throw new NetlinkFormatException("no end to the answer of " + request.name());
                }
            }
            if (!exchange.interrupted()) {
                return exchange.answer();
            }
        }
        throw new SystemCallException(request.name(), Errno.EAGAIN.number(), "the table keeps changing; try again");
    }

    /** The namespace that this socket speaks for. */
    NetworkNamespace namespace(String name) throws SystemCallException {
        int result = FileCalls.ioctl(state, descriptor, SIOCGSKNS, 0);
        if (result < 0) {
            throw new SystemCallException("SIOCGSKNS in namespace " + name, -result, Cures.of(-result));
        }
        return NetworkNamespace.ofDescriptor(result, name);
    }

    @Override
    public void close() {
        if (descriptor >= 0) {
            FileCalls.close(state, descriptor);
            descriptor = -1;
        }
    }

    private void send(NetlinkRequest request) throws SystemCallException {
        if (descriptor < 0) {
            throw new IllegalStateException("the netlink socket is closed");
        }
        MemorySegment message = request.sealed(sequence);
        long sent;
        do {
            sent = SocketCalls.send(state, descriptor, message.address(), message.byteSize(), 0);
        } while (Errno.EINTR.is(sent));
        if (sent < 0) {
            throw new SystemCallException("send of " + request.name(), (int) -sent, Cures.of((int) -sent));
        }
    }

    private void receive(NetlinkRequest request, NetlinkExchange<?> exchange) throws IOException {
        int received;
        do {
            received = header.receive(state, descriptor, 0);
        } while (Errno.EINTR.is(received));
        if (received < 0) {
            int errno = Errno.EAGAIN.is(received) ? Errno.ETIMEDOUT.number() : -received;
            throw new SystemCallException("receive for " + request.name(), errno);
        }
        if ((header.flags() & SocketCalls.MSG_TRUNC) != 0) {
            throw new SystemCallException("receive for " + request.name(), Errno.EMSGSIZE.number());
        }
        if (sender.get(JAVA_SHORT, 0) == SocketCalls.AF_NETLINK && sender.get(JAVA_INT, ADDRESS_PORT) == 0) {
            exchange.accept(buffer.asSlice(0, received));
        }
    }
}
