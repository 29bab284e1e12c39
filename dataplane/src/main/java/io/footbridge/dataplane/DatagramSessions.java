package io.footbridge.dataplane;

import io.footbridge.nat.ConnectionTable;
import io.footbridge.nat.SessionIdentity;
import java.util.Arrays;

/**
 * What is kept of the sessions of one protocol, beside the connection table under the sessions' numbers. Sessions end there
 * without a word here: those that have are found by and by, a part of all at a time. Owning worker only; allocates only when
 * there are more sessions than ever before.
 */
final class DatagramSessions {
    private static final int PAGE_BITS = 12;
    private static final int PAGE = 1 << PAGE_BITS;

    private static final int WELL_KNOWN = 1023;

    private final ConnectionTable table;
    private final SessionIdentity identity;
    /** Our numbers plus one by the table's, in pages that are made when they are needed. */
    private final int[][] byNumber;
    /** How many sessions each socket has with each address, whatever the port. */
    private final AddressMap remotes = new AddressMap();
    /** Our numbers plus one of sessions whose other end the container does not see, by socket, port and address of that. */
    private final AddressMap hidden = new AddressMap();
    private DatagramSession[] all = new DatagramSession[64];
    private int made;
    private DatagramSession[] spare = new DatagramSession[64];
    private int spares;
    private int cursor;

    DatagramSessions(ConnectionTable table) {
        this.table = table;
        identity = new SessionIdentity(table);
        byNumber = new int[(identity.limit() + PAGE - 1) >>> PAGE_BITS][];
    }

    /** What is kept of a flow's session, or null. */
    DatagramSession of(int flow) {
        int number = identity.number(flow);
        int[] page = byNumber[number >>> PAGE_BITS];
        int own = page == null ? 0 : page[number & PAGE - 1];
        if (own == 0) {
            return null;
        }
        DatagramSession session = all[own - 1];
        return session.socket != null && session.life == identity.life(flow) && identity.number(session.flow) == number
                ? session : null;
    }

    /** Whether a socket has a session with an address as the container sees it. */
    boolean hasRemote(MappedSocket socket, long high, long low) {
        return remotes.get(socket.number, high, low) > 0;
    }

    /**
     * Keeps something of a flow's session, which goes by a socket from now on.
     *
     * @param high the other end's address, as the container sees it
     * @param low the other end's address, as the container sees it
     * @param port the other end's port, as the container sees it
     */
    DatagramSession put(int flow, MappedSocket socket, long high, long low, int port) {
        DatagramSession session = of(flow);
        if (session != null) {
            if (session.socket == socket) {
                return session;
            }
            release(session);
        }
        session = take();
        session.used = 0;
        session.flow = flow;
        session.life = identity.life(flow);
        session.socket = socket;
        session.seenHigh = high;
        session.seenLow = low;
        session.seenPort = port;
        remotes.put(socket.number, high, low, remotes.get(socket.number, high, low) + 1);
        socket.sessions++;
        int number = identity.number(flow);
        int[] page = byNumber[number >>> PAGE_BITS];
        if (page == null) {
            page = new int[PAGE];
            byNumber[number >>> PAGE_BITS] = page;
        }
        page[number & PAGE - 1] = session.number + 1;
        return session;
    }

    private DatagramSession take() {
        if (spares > 0) {
            return spare[--spares];
        }
        if (made == all.length) {
            all = Arrays.copyOf(all, 2 * made);
            spare = Arrays.copyOf(spare, 2 * made);
        }
        all[made] = new DatagramSession(made);
        return all[made++];
    }

    /** The session of another end that the container sees as the gateway, or null. */
    DatagramSession hidden(MappedSocket socket, long high, long low, int port) {
        int own = hidden.get(hiddenId(socket, port), high, low);
        return own == 0 ? null : all[own - 1];
    }

    /** Makes a session one whose other end is found by {@link #hidden}. */
    void hide(DatagramSession session) {
        session.hidden = true;
        hidden.put(hiddenId(session.socket, session.port), session.high, session.low, session.number + 1);
    }

    private static long hiddenId(MappedSocket socket, int port) {
        return (long) socket.number << Short.SIZE | port;
    }

    /** How many sessions there are, ended ones among them. */
    int count() {
        return made - spares;
    }

    /** As many as there ever were at a time. */
    int highWater() {
        return made;
    }

    /** Who is told that a socket's last session has ended. */
    interface Idle {
        void idle(MappedSocket socket);
    }

    /** Looks for ended sessions in the next part of all. */
    void sweep(int budget, Idle listener) {
        for (int i = Math.min(budget, made); i > 0; i--) {
            cursor = cursor + 1 < made ? cursor + 1 : 0;
            DatagramSession session = all[cursor];
            MappedSocket socket = session.socket;
            if (socket != null && !identity.isAlive(session.flow, session.life)) {
                release(session);
                if (socket.sessions == 0) {
                    listener.idle(socket);
                }
            }
        }
    }

    /** Forgets all sessions that go by a socket; looks at all that there are. */
    void forget(MappedSocket socket) {
        for (int i = 0; i < made && socket.sessions > 0; i++) {
            if (all[i].socket == socket) {
                release(all[i]);
            }
        }
    }

    /** Ends all sessions that came in by a socket, in the connection table too. */
    void end(MappedSocket socket, int lane) {
        for (int i = 0; i < made; i++) {
            DatagramSession session = all[i];
            if (session.socket == socket && identity.isAlive(session.flow, session.life)) {
                table.remove(lane, session.flow);
            }
        }
    }

    /**
     * Ends the session of a socket that has one alone, if that is a question to a well-known port (RFC 4787 REQ-5 a: such may
     * end sooner than others) whose asker has been silent for a while.
     *
     * @return whether the socket is not needed any more
     */
    boolean endQuestion(MappedSocket socket, int silentTicks, int lane, int tick) {
        DatagramSession session = socket.last;
        if (socket.published != null || socket.sessions != 1 || session == null || session.socket != socket
                || session.seenPort > WELL_KNOWN || tick - session.used < silentTicks) {
            return false;
        }
        if (identity.isAlive(session.flow, session.life)) {
            table.remove(lane, session.flow);
        }
        return true;
    }

    /** Forgets all sessions that go by a container's sockets. */
    void forget(Port container) {
        for (int i = 0; i < made; i++) {
            if (all[i].socket != null && all[i].socket.container == container) {
                release(all[i]);
            }
        }
    }

    private void release(DatagramSession session) {
        MappedSocket socket = session.socket;
        socket.sessions--;
        remotes.put(socket.number, session.seenHigh, session.seenLow,
                remotes.get(socket.number, session.seenHigh, session.seenLow) - 1);
        if (session.hidden) {
            hidden.put(hiddenId(socket, session.port), session.high, session.low, 0);
            session.hidden = false;
        }
        session.inbound = false;
        session.socket = null;
        spare[spares++] = session;
    }
}
