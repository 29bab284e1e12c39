package io.footbridge.dataplane;

import io.footbridge.nat.ConnectionTable;
import io.footbridge.nat.SessionIdentity;

/**
 * Which of a worker's connections a session of the connection table has: an array by the session's number, in pieces that are
 * made when they are first needed. A session may end without a word, and its number be another's: its life tells. Owning
 * worker only.
 */
final class TcpSessions {
    private static final int PIECE_BITS = 10;
    private static final int PIECE = 1 << PIECE_BITS;

    private final int worker;
    private ConnectionTable table;
    private SessionIdentity identity;
    /** Connections plus one; 0 for none. */
    private int[][] pieces = new int[0][];

    TcpSessions(int worker) {
        this.worker = worker;
    }

    void enable(ConnectionTable of) {
        table = of;
        identity = new SessionIdentity(of);
        pieces = new int[(identity.limit() >> PIECE_BITS) + 1][];
    }

    /** The connection of a flow's session number, or {@link TcpRecords#NONE}. */
    int find(int flow) {
        int number = identity.number(flow);
        int[] piece = pieces[number >> PIECE_BITS];
        return piece == null ? TcpRecords.NONE : piece[number & PIECE - 1] - 1;
    }

    void enter(int flow, int c) {
        int number = identity.number(flow);
        int[] piece = pieces[number >> PIECE_BITS];
        if (piece == null) {
            piece = new int[PIECE];
            pieces[number >> PIECE_BITS] = piece;
        }
        piece[number & PIECE - 1] = c + 1;
    }

    private void leave(int flow, int c) {
        if (find(flow) == c) {
            int number = identity.number(flow);
            pieces[number >> PIECE_BITS][number & PIECE - 1] = 0;
        }
    }

    /** What tells a flow's session from others of its number. */
    long life(int flow) {
        return identity.life(flow);
    }

    boolean isAlive(int flow, long life) {
        return identity.isAlive(flow, life);
    }

    /** A connection is over: so is its session, if it was not before. */
    void end(int flow, long life, int c) {
        leave(flow, c);
        if (identity.isAlive(flow, life)) {
            table.remove(worker, flow);
        }
    }

    /** A connection that was never made has a session no more, which is another's to remove. */
    void forget(int flow, int c) {
        leave(flow, c);
    }
}
