package io.footbridge.dataplane;

import io.footbridge.nat.Tuple;
import io.footbridge.tap.Epoll;
import io.footbridge.tap.Errno;
import io.footbridge.tap.SystemCallException;
import io.footbridge.wire.IpAddress;
import io.footbridge.wire.Ipv4Address;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One worker's sockets that listen for published TCP ports, one for each port. Owning worker only.
 *
 * <p>As long as no connection can be accepted, since descriptors or memory are at an end, nobody is accepted: clients wait in
 * the kernel's queue, and it is tried again {@value #PAUSE_MILLIS} ms later.
 */
final class TcpListeners {
    /** Bit of an epoll token's number that is a listener's. */
    static final int TOKEN = 1 << 27;

    private static final int NUMBER = 1;
    private static final int PAUSE_MILLIS = 100;
    /** Connections accepted of one port at a time. */
    private static final int BUDGET = 32;

    private final HostStreams host;
    private final Epoll epoll;
    private final Taker taker;
    /** By the number in their tokens; null where there is none. */
    private final List<Listener> listeners = new ArrayList<>();
    /** Numbers below {@link #listeners}' size that no listener has. */
    private final ArrayDeque<Integer> unused = new ArrayDeque<>();
    private long resumed = Long.MAX_VALUE;

    /** Who takes what is accepted. */
    interface Taker {
        /** A client has connected; {@link HostStreams#peerPort} and its kin tell who. */
        void accepted(int socket, PublishedPort published, int containerPort, long now);
    }

    private static final class Listener {
        final int socket;
        final PublishedPort published;
        final int containerPort;
        boolean pauses;

        Listener(int socket, PublishedPort published, int containerPort) {
            this.socket = socket;
            this.published = published;
            this.containerPort = containerPort;
        }
    }

    TcpListeners(HostStreams host, Epoll epoll, Taker taker) {
        this.host = host;
        this.epoll = epoll;
        this.taker = taker;
    }

    /** Listens for all ports of a range, or for none of them. */
    void open(PublishedPort published) throws SystemCallException {
        SocketForwards.open(published.forward(), (address, port, containerPort) -> open(published, address, port, containerPort),
                () -> close(published));
    }

    private void open(PublishedPort published, IpAddress address, int port, int containerPort) throws SystemCallException {
        boolean ipv6 = !(address instanceof Ipv4Address);
        int socket = host.listen(ipv6, Tuple.high(address), Tuple.low(address), port);
        if (socket < 0) {
            throw new SystemCallException("listen on " + (ipv6 ? "[" + address + "]" : address) + ":" + port, -socket);
        }
        int number = unused.isEmpty() ? listeners.size() : unused.removeLast();
        int added = epoll.add(socket, WorkerSockets.token(NUMBER, TOKEN | number), Epoll.IN);
        if (added < 0) {
            host.close(socket);
            if (number < listeners.size()) {
                unused.addLast(number);
            }
            throw new SystemCallException("wait for connections to port " + port, -added);
        }
        Listener listener = new Listener(socket, published, containerPort);
        if (number < listeners.size()) {
            listeners.set(number, listener);
        } else {
            listeners.add(listener);
        }
    }

    /** Listens for a range no longer. */
    void close(PublishedPort published) {
        for (int i = 0; i < listeners.size(); i++) {
            Listener listener = listeners.get(i);
            if (listener != null && listener.published == published) {
                close(i);
            }
        }
    }

    /** Listens for a container no longer. */
    void leave(Port container) {
        for (int i = 0; i < listeners.size(); i++) {
            Listener listener = listeners.get(i);
            if (listener != null && listener.published.forward().container() == container) {
                close(i);
            }
        }
    }

    private void close(int number) {
        host.close(listeners.get(number).socket);
        listeners.set(number, null);
        unused.addLast(number);
    }

    /** Accepts who has connected. */
    void ready(int number, long now) {
        int place = number & ~TOKEN;
        Listener listener = place < listeners.size() ? listeners.get(place) : null;
        if (listener == null) {
            return;
        }
        for (int i = 0; i < BUDGET; i++) {
            int socket = host.accept(listener.socket);
            if (socket >= 0) {
                taker.accepted(socket, listener.published, listener.containerPort, now);
            } else if (Errno.EAGAIN.is(socket)) {
                return;
            } else if (Errno.isExhausted(socket)) {
                listener.pauses = true;
                epoll.modify(listener.socket, WorkerSockets.token(NUMBER, number), 0);
                resumed = now + TimeUnit.MILLISECONDS.toNanos(PAUSE_MILLIS);
                return;
            }
        }
    }

    /** Lets those go on that pause. */
    void tick(long now) {
        if (now - resumed < 0 || resumed == Long.MAX_VALUE) {
            return;
        }
        resumed = Long.MAX_VALUE;
        for (int i = 0; i < listeners.size(); i++) {
            Listener listener = listeners.get(i);
            if (listener != null && listener.pauses) {
                listener.pauses = false;
                epoll.modify(listener.socket, WorkerSockets.token(NUMBER, TOKEN | i), Epoll.IN);
            }
        }
    }

    /** When {@link #tick} has something to do; {@link Long#MAX_VALUE} where it has not. */
    long deadline() {
        return resumed;
    }

    /** Closes all. */
    void free() {
        for (Listener listener : listeners) {
            if (listener != null) {
                host.close(listener.socket);
            }
        }
        listeners.clear();
        unused.clear();
    }
}
