package io.footbridge.dataplane;

import io.footbridge.nat.ConnectionTable;
import io.footbridge.nat.SessionIdentity;
import java.util.Arrays;

/**
 * Which socket each session goes by, beside the connection table under the sessions' numbers. Sessions end there without a
 * word here: those that have are found by and by, a part of all at a time. Owning worker only; allocates only when there
 * are more sessions than ever before.
 */
final class SessionSockets {
    private static final int PAGE_BITS = 12;
    private static final int PAGE = 1 << PAGE_BITS;
    private static final int NONE = -1;

    private final SessionIdentity identity;
    /** Record numbers plus one by session number, in pages that are made when they are needed. */
    private final int[][] byNumber;
    private int[] flows = new int[PAGE];
    private long[] lives = new long[PAGE];
    /** Null where the record is free. */
    private MappedSocket[] sockets = new MappedSocket[PAGE];
    private long[] remoteHighs = new long[PAGE];
    private long[] remoteLows = new long[PAGE];
    private final RemoteCounts remotes = new RemoteCounts();
    /** Of a free record, the next one. */
    private int[] free = new int[PAGE];
    private int firstFree = NONE;
    private int highWater;
    private int count;
    private int cursor;

    SessionSockets(ConnectionTable table) {
        identity = new SessionIdentity(table);
        byNumber = new int[(identity.limit() + PAGE - 1) >>> PAGE_BITS][];
    }

    /** The socket of a flow's session, or null. */
    MappedSocket find(int flow) {
        int number = identity.number(flow);
        int[] page = byNumber[number >>> PAGE_BITS];
        int record = page == null ? NONE : page[number & PAGE - 1] - 1;
        return record >= 0 && sockets[record] != null && lives[record] == identity.life(flow)
                && identity.number(flows[record]) == number ? sockets[record] : null;
    }

    /** Whether a socket has a session with an address. */
    boolean hasRemote(MappedSocket socket, long high, long low) {
        return remotes.has(socket.number, high, low);
    }

    /** Notes that a flow's session with an address goes by a socket; one that goes by it already stays as it is. */
    void put(int flow, MappedSocket socket, long remoteHigh, long remoteLow) {
        if (find(flow) == socket) {
            return;
        }
        int record = take();
        flows[record] = flow;
        lives[record] = identity.life(flow);
        sockets[record] = socket;
        remoteHighs[record] = remoteHigh;
        remoteLows[record] = remoteLow;
        remotes.add(socket.number, remoteHigh, remoteLow);
        socket.sessions++;
        int number = identity.number(flow);
        int[] page = byNumber[number >>> PAGE_BITS];
        if (page == null) {
            page = new int[PAGE];
            byNumber[number >>> PAGE_BITS] = page;
        }
        page[number & PAGE - 1] = record + 1;
        count++;
    }

    private int take() {
        if (firstFree != NONE) {
            int record = firstFree;
            firstFree = free[record];
            return record;
        }
        if (highWater == flows.length) {
            flows = Arrays.copyOf(flows, 2 * highWater);
            lives = Arrays.copyOf(lives, 2 * highWater);
            sockets = Arrays.copyOf(sockets, 2 * highWater);
            free = Arrays.copyOf(free, 2 * highWater);
            remoteHighs = Arrays.copyOf(remoteHighs, 2 * highWater);
            remoteLows = Arrays.copyOf(remoteLows, 2 * highWater);
        }
        return highWater++;
    }

    /** How many sessions are known. */
    int count() {
        return count;
    }

    /** The sessions' number that may be looked at by {@link #sweep}. */
    int highWater() {
        return highWater;
    }

    /** Who is told that a socket's last session has ended. */
    interface Idle {
        void idle(MappedSocket socket);
    }

    /** Looks for ended sessions in the next part of all. */
    void sweep(int budget, Idle listener) {
        for (int i = Math.min(budget, highWater); i > 0; i--) {
            cursor = cursor + 1 < highWater ? cursor + 1 : 0;
            MappedSocket socket = sockets[cursor];
            if (socket != null && !identity.isAlive(flows[cursor], lives[cursor])) {
                release(cursor);
                if (socket.sessions == 0) {
                    listener.idle(socket);
                }
            }
        }
    }

    /** Forgets all sessions that go by a socket; looks at all that there are. */
    void forget(MappedSocket socket) {
        for (int record = 0; record < highWater && socket.sessions > 0; record++) {
            if (sockets[record] == socket) {
                release(record);
            }
        }
    }

    /** Forgets all sessions that go by a container's sockets. */
    void forget(Port container) {
        for (int record = 0; record < highWater; record++) {
            if (sockets[record] != null && sockets[record].container == container) {
                release(record);
            }
        }
    }

    private void release(int record) {
        sockets[record].sessions--;
        remotes.remove(sockets[record].number, remoteHighs[record], remoteLows[record]);
        sockets[record] = null;
        free[record] = firstFree;
        firstFree = record;
        count--;
    }
}
