package io.footbridge.nat;

/**
 * Which session a flow is of, for those who keep something beside the connection table: a number for an array, and what tells
 * one session from the next that has the same number. Any thread.
 */
public final class SessionIdentity {
    private final ConnectionTable table;
    private final int capacity;

    /** The identity of a table's sessions. */
    public SessionIdentity(ConnectionTable table) {
        this.table = table;
        this.capacity = Math.toIntExact(table.statistics().capacity());
    }

    /** The number of a flow's session, 0 to {@link #limit()}-1, the same for both directions. */
    public int number(int flow) {
        int entry = ConnectionTable.entry(flow);
        return (entry == flow ? 0 : capacity) + (entry >> 1);
    }

    /** How many numbers there are. */
    public int limit() {
        return 2 * capacity;
    }

    /** What no other session that has or had the same number has, but for one in four billion. */
    public long life(int flow) {
        return State.generation(table.state(flow));
    }

    /** Whether the session that had this {@link #life} is still there. */
    public boolean isAlive(int flow, long life) {
        long state = table.state(flow);
        return State.phase(state) != State.FREE && State.generation(state) == life;
    }
}
