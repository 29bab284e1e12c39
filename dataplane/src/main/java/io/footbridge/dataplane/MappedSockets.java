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

    private final Kind kind;
    private final Epoll epoll;
    private final int protocol;
    private final CallState state;
    private final int limit;
    private MappedSocket[] all = new MappedSocket[64];
    private int made;
    private MappedSocket[] spare = new MappedSocket[64];
    private int spares;
    /** Open addressing; a power of two, at most half full. */
    private MappedSocket[] index = new MappedSocket[256];
    private int open;
    private SessionSockets sessions;
    private long due = Long.MAX_VALUE;
    private int refused;
    private final SessionSockets.Idle closing = this::close;

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
     */
    MappedSockets(Kind kind, Epoll epoll, int protocol, CallState state, int limit) {
        this.kind = kind;
        this.epoll = epoll;
        this.protocol = protocol;
        this.state = state;
        this.limit = limit;
    }

    void enable(ConnectionTable table) {
        sessions = new SessionSockets(table);
    }

    /** The socket with a number, or null where it is not open. */
    MappedSocket at(int number) {
        return number < made && all[number].isOpen() ? all[number] : null;
    }

    /** How many are open. */
    int count() {
        return open;
    }

    /** The socket by which a flow goes, or null. */
    MappedSocket of(int flow) {
        return sessions.find(flow);
    }

    /**
     * The socket by which a new flow of a container goes, opened if need be.
     *
     * @param tuple of its first packet
     * @return null where none could be had; {@link #refusal} says why
     */
    MappedSocket obtain(int flow, Tuple tuple, Port container, long now) {
        long high = tuple.sourceHigh();
        long low = tuple.sourceLow();
        int port = tuple.sourcePort();
        int realm = tuple.realm();
        MappedSocket socket = find(high, low, port, realm);
        if (socket == null) {
            socket = open(high, low, port, tuple.isIpv6(), container, realm);
            if (socket == null) {
                return null;
            }
        }
        sessions.put(flow, socket, tuple.destinationHigh(), tuple.destinationLow());
        if (due == Long.MAX_VALUE) {
            due = now + SWEEP_NANOS;
        }
        return socket;
    }

    /** Notes that one more flow goes by a socket; {@code from} is the tuple of who came in by it. */
    void add(int flow, MappedSocket socket, Tuple from) {
        sessions.put(flow, socket, from.sourceHigh(), from.sourceLow());
    }

    /** Whether the container has sent to an address by this socket, as far as is remembered. */
    boolean hasRemote(MappedSocket socket, long high, long low) {
        return sessions.hasRemote(socket, high, low);
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
        socket.sessions = 0;
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
        enter(socket);
        return socket;
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
        if (2 * (open + 1) > index.length) {
            index = new MappedSocket[2 * index.length];
            open = 0;
            for (int i = 0; i < made; i++) {
                if (all[i].isOpen() && all[i] != socket) {
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
        open++;
    }

    /** Closes a socket; its sessions, if it has any, go on without. */
    void close(MappedSocket socket) {
        sessions.forget(socket);
        remove(socket);
        FileCalls.close(state, socket.descriptor);
        socket.descriptor = -1;
        socket.container = null;
        socket.owner.releasePort();
        socket.owner = null;
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
        open--;
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
            due = open == 0 ? Long.MAX_VALUE : now + SWEEP_NANOS;
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
