package io.footbridge.dataplane;

import io.footbridge.nat.ConnectionTable;
import io.footbridge.nat.Owner;
import io.footbridge.nat.Tuple;
import io.footbridge.tap.CallState;
import io.footbridge.tap.Epoll;
import io.footbridge.tap.Errno;
import io.footbridge.tap.FileCalls;
import io.footbridge.wire.DropReason;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * The host's datagram sockets of one protocol, found by the container's address and port that each stands for, and by the
 * session. A socket is opened with the first session of its port and closed when the last one has ended. Owning worker only.
 */
final class MappedSockets {
    /** How often ended sessions are looked for. */
    private static final long SWEEP_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    /** Sessions that are looked at each time, at least. */
    private static final int SWEEP_LEAST = 1024;
    /** All are looked at within so many sweeps. */
    private static final int SWEEPS = 4;
    private static final long SPREAD = 0x9E37_79B9_7F4A_7C15L;

    /** How long an asker of a well-known port must be silent before its socket gives way to another, in ticks. */
    private static final int SILENT_TICKS = 100;
    /** Sockets that are looked at for one that gives way. */
    private static final int EVICTIONS = 64;

    private final Kind kind;
    private final Epoll epoll;
    private final int protocol;
    private final CallState state;
    private final int limit;
    private final int lane;
    private MappedSocket[] all = new MappedSocket[64];
    private int made;
    private MappedSocket[] spare = new MappedSocket[64];
    private int spares;
    /** Open addressing; a power of two, at most half full. */
    private MappedSocket[] index = new MappedSocket[256];
    private int indexed;
    private int open;
    private DatagramSessions sessions;
    private long due = Long.MAX_VALUE;
    private int refused;
    private int candidate;
    private final DatagramSessions.Idle closing = this::closeIdle;

    /** How a socket of the protocol is made. */
    interface Kind {
        /** The descriptor of a bound socket for what the given one says it stands for, or the negated error number. */
        int open(MappedSocket socket);
    }

    /**
     * None yet.
     *
     * @param protocol the protocol's number in epoll tokens
     * @param limit how many there may be
     * @param lane the worker's number
     */
    MappedSockets(Kind kind, Epoll epoll, int protocol, CallState state, int limit, int lane) {
        this.lane = lane;
        this.kind = kind;
        this.epoll = epoll;
        this.protocol = protocol;
        this.state = state;
        this.limit = limit;
    }

    void enable(ConnectionTable table) {
        sessions = new DatagramSessions(table);
    }

    /** The socket with a number, or null where it is not open. */
    MappedSocket at(int number) {
        return number < made && all[number].isOpen() ? all[number] : null;
    }

    /** How many are open. */
    int count() {
        return open;
    }

    /** What is kept of the sessions; null until {@link #enable}. */
    DatagramSessions sessions() {
        return sessions;
    }

    /**
     * The session of a new flow of a container, whose socket is opened if need be.
     *
     * @param tuple of its first packet
     * @return null where no socket could be had; {@link #refusal} says why
     */
    DatagramSession obtain(int flow, Tuple tuple, Port container, int tick, long now) {
        long high = tuple.sourceHigh();
        long low = tuple.sourceLow();
        int port = tuple.sourcePort();
        int realm = tuple.realm();
        MappedSocket socket = find(high, low, port, realm);
        if (socket == null) {
            socket = open(high, low, port, tuple.isIpv6(), container, realm);
            if (socket == null && evict(container, tick)) {
                socket = open(high, low, port, tuple.isIpv6(), container, realm);
            }
            if (socket == null) {
                return null;
            }
        }
        watch(now);
        return sessions.put(flow, socket, tuple.destinationHigh(), tuple.destinationLow(), tuple.destinationPort());
    }

    /** Sessions are looked after from now on. */
    void watch(long now) {
        if (due == Long.MAX_VALUE) {
            due = now + SWEEP_NANOS;
        }
    }

    /**
     * Takes in a socket of a published port, which stays open without sessions.
     *
     * @param like what it stands for
     * @param speaks whether the container speaks to others by it too
     * @return zero, or the negated error number: it is not taken in
     */
    int publish(PublishedPort published, MappedSocket like, int descriptor, boolean speaks) {
        MappedSocket socket = take();
        int added = epoll.add(descriptor, WorkerSockets.token(protocol, socket.number), Epoll.IN);
        if (added < 0) {
            spare[spares++] = socket;
            return added;
        }
        socket.set(like);
        socket.owner = null;
        socket.published = published;
        socket.descriptor = descriptor;
        socket.keepsWhole = true;
        socket.sessions = 0;
        socket.indexed = false;
        open++;
        if (speaks && find(socket.high, socket.low, socket.port, socket.realm) == null) {
            enter(socket);
        }
        return 0;
    }

    /** Closes a published port's sockets, and ends the sessions that go by them. */
    void unpublish(PublishedPort published) {
        for (int i = 0; i < made; i++) {
            if (all[i].isOpen() && all[i].published == published) {
                sessions.end(all[i], lane);
                close(all[i]);
            }
        }
    }

    private void closeIdle(MappedSocket socket) {
        if (socket.published == null) {
            close(socket);
        }
    }

    /** Why {@link #obtain} had none: the code of a reason to drop. */
    int refusal() {
        return refused;
    }

    /** The socket that stands for an address and port, or null. */
    MappedSocket find(long high, long low, int port, int realm) {
        int at = place(high, low, port, realm);
        while (index[at] != null && !index[at].isOf(high, low, port, realm)) {
            at = at + 1 & index.length - 1;
        }
        return index[at];
    }

    private MappedSocket open(long high, long low, int port, boolean ipv6, Port container, int realm) {
        Owner owner = container.flowOwner();
        if (owner == null || !owner.takePort()) {
            refused = DropReason.PORT_LIMIT.code();
            return null;
        }
        // No container gets more than a quarter of the descriptors, lest one uses up what others need.
        if (open >= limit || owner.ports() > Math.max(1, limit / 4)) {
            owner.releasePort();
            refused = open >= limit ? DropReason.NO_FREE_PORT.code() : DropReason.PORT_LIMIT.code();
            return null;
        }
        MappedSocket socket = take();
        socket.high = high;
        socket.low = low;
        socket.port = port;
        socket.realm = realm;
        socket.ipv6 = ipv6;
        socket.container = container;
        socket.owner = owner;
        socket.published = null;
        socket.indexed = false;
        socket.sessions = 0;
        socket.last = null;
        socket.keepsWhole = false;
        int descriptor = kind.open(socket);
        int added = descriptor < 0 ? descriptor : epoll.add(descriptor, WorkerSockets.token(protocol, socket.number), Epoll.IN);
        if (added < 0) {
            if (descriptor >= 0) {
                FileCalls.close(state, descriptor);
            }
            spare[spares++] = socket;
            owner.releasePort();
            refused = Errno.EACCES.is(added) || Errno.EPERM.is(added) || Errno.EAFNOSUPPORT.is(added)
                    || Errno.EPROTONOSUPPORT.is(added) ? DropReason.EGRESS_REFUSED.code() : DropReason.NO_FREE_PORT.code();
            return null;
        }
        socket.descriptor = descriptor;
        open++;
        enter(socket);
        return socket;
    }

    /** Closes a socket of a container that it has no need of, so that it gets another; false where there is none. */
    private boolean evict(Port container, int tick) {
        for (int i = Math.min(EVICTIONS, made); i > 0; i--) {
            candidate = candidate + 1 < made ? candidate + 1 : 0;
            MappedSocket socket = all[candidate];
            if (socket.isOpen() && socket.container == container && sessions.endQuestion(socket, SILENT_TICKS, lane, tick)) {
                close(socket);
                return true;
            }
        }
        return false;
    }

    private MappedSocket take() {
        if (spares > 0) {
            return spare[--spares];
        }
        if (made == all.length) {
            all = Arrays.copyOf(all, 2 * made);
            spare = Arrays.copyOf(spare, 2 * made);
        }
        all[made] = new MappedSocket(made);
        return all[made++];
    }

    private void enter(MappedSocket socket) {
        if (2 * (indexed + 1) > index.length) {
            index = new MappedSocket[2 * index.length];
            indexed = 0;
            for (int i = 0; i < made; i++) {
                if (all[i].indexed) {
                    place(all[i]);
                }
            }
        }
        place(socket);
    }

    private void place(MappedSocket socket) {
        int at = place(socket.high, socket.low, socket.port, socket.realm);
        while (index[at] != null) {
            at = at + 1 & index.length - 1;
        }
        index[at] = socket;
        socket.indexed = true;
        indexed++;
    }

    /** Closes a socket; its sessions, if it has any, go on without. */
    void close(MappedSocket socket) {
        sessions.forget(socket);
        if (socket.indexed) {
            remove(socket);
        }
        FileCalls.close(state, socket.descriptor);
        socket.descriptor = -1;
        socket.container = null;
        socket.published = null;
        if (socket.owner != null) {
            socket.owner.releasePort();
            socket.owner = null;
        }
        open--;
        spare[spares++] = socket;
    }

    /** Takes a socket out of the index, and lets those behind it move up. */
    private void remove(MappedSocket socket) {
        int mask = index.length - 1;
        int hole = place(socket.high, socket.low, socket.port, socket.realm);
        while (index[hole] != socket) {
            hole = hole + 1 & mask;
        }
        for (int at = hole + 1 & mask; index[at] != null; at = at + 1 & mask) {
            MappedSocket other = index[at];
            int wanted = place(other.high, other.low, other.port, other.realm);
            if ((at - wanted & mask) >= (at - hole & mask)) {
                index[hole] = other;
                hole = at;
            }
        }
        index[hole] = null;
        socket.indexed = false;
        indexed--;
    }

    private int place(long high, long low, int port, int realm) {
        long key = ((high * SPREAD ^ low) * SPREAD ^ port ^ (long) realm << Short.SIZE) * SPREAD;
        return (int) (key >>> 33) & index.length - 1;
    }

    /** Closes all sockets of a container. */
    void leave(Port container) {
        if (open == 0) {
            return;
        }
        sessions.forget(container);
        for (int i = 0; i < made; i++) {
            if (all[i].isOpen() && all[i].container == container) {
                close(all[i]);
            }
        }
    }

    /** Looks for ended sessions, and closes sockets that have none left. */
    void tick(long now) {
        if (now - due >= 0) {
            sessions.sweep(Math.max(SWEEP_LEAST, sessions.highWater() / SWEEPS), closing);
            due = sessions.count() == 0 ? Long.MAX_VALUE : now + SWEEP_NANOS;
        }
    }

    /** When {@link #tick} has something to do; {@link Long#MAX_VALUE} where it has not. */
    long deadline() {
        return due;
    }

    void free() {
        for (int i = 0; i < made; i++) {
            if (all[i].isOpen()) {
                close(all[i]);
            }
        }
    }
}
