package io.footbridge.dataplane;

import java.util.Arrays;

/**
 * When connections have something to do: a wheel of {@value #SLOTS} slots of {@value #SLOT_MILLIS} ms. Each connection stands
 * in one of them, linked through its record; one whose time is farther away than the wheel reaches is visited meanwhile, which
 * is how it is found out that a session has gone. A time put off does not move its connection: it is put further when it is
 * visited. Owning worker only.
 */
final class TcpTimers {
    private static final int SLOTS = 512;
    private static final int SLOT_MILLIS = 16;
    private static final long SLOT_NANOS = SLOT_MILLIS * 1_000_000L;
    /** Connections visited at most at a time. */
    private static final int BUDGET = 64;

    /** Who is told. */
    interface Visitor {
        /** The connection's slot has come; it stands in none. */
        void visit(int c, long now);
    }

    private final TcpRecords records;
    private final int[] heads = new int[SLOTS];
    private final long[] occupied = new long[SLOTS / Long.SIZE];
    /** The slot that comes next, as a moment divided by the slot's length. */
    private long next;
    private int count;
    private boolean started;

    TcpTimers(TcpRecords records) {
        this.records = records;
        Arrays.fill(heads, TcpRecords.NONE);
    }

    /** Sets when a connection has something to do; at once where that is past. */
    void set(int c, long due, long now) {
        records.due(c, due);
        start(now);
        long wanted = Math.clamp((due + SLOT_NANOS - 1) / SLOT_NANOS, next, next + SLOTS - 1);
        int slot = records.timerSlot(c);
        if (slot >= 0) {
            long stands = next + (slot - next & SLOTS - 1);
            if (stands <= wanted) {
                return;
            }
            remove(c);
        }
        add(c, (int) (wanted & SLOTS - 1));
    }

    private void start(long now) {
        if (!started) {
            started = true;
            next = now / SLOT_NANOS;
        } else if (count == 0) {
            next = Math.max(next, now / SLOT_NANOS);
        }
    }

    private void add(int c, int slot) {
        int head = heads[slot];
        records.timerSlot(c, slot);
        records.timerPrevious(c, TcpRecords.NONE);
        records.timerNext(c, head);
        if (head >= 0) {
            records.timerPrevious(head, c);
        }
        heads[slot] = c;
        occupied[slot >>> 6] |= 1L << slot;
        count++;
    }

    /** Forgets a connection. */
    void remove(int c) {
        int slot = records.timerSlot(c);
        if (slot < 0) {
            return;
        }
        int after = records.timerNext(c);
        int before = records.timerPrevious(c);
        if (after >= 0) {
            records.timerPrevious(after, before);
        }
        if (before >= 0) {
            records.timerNext(before, after);
        } else {
            heads[slot] = after;
            if (after < 0) {
                occupied[slot >>> 6] &= ~(1L << slot);
            }
        }
        records.timerSlot(c, TcpRecords.NONE);
        count--;
    }

    /** Visits those whose slots have come, some at a time. */
    void advance(long now, Visitor visitor) {
        int budget = BUDGET;
        long current = now / SLOT_NANOS;
        while (count > 0 && next <= current) {
            int slot = (int) (next & SLOTS - 1);
            while (heads[slot] >= 0) {
                if (budget-- == 0) {
                    return;
                }
                int c = heads[slot];
                remove(c);
                visitor.visit(c, now);
            }
            next = count > 0 ? nextOccupied(current + 1) : current + 1;
        }
    }

    /** When the next slot comes that somebody stands in; {@link Long#MAX_VALUE} where nobody does. */
    long deadline() {
        return count == 0 ? Long.MAX_VALUE : nextOccupied(Long.MAX_VALUE) * SLOT_NANOS;
    }

    /** The first slot from {@link #next} on that somebody stands in, or the limit if that is nearer. */
    private long nextOccupied(long limit) {
        int from = (int) (next & SLOTS - 1);
        for (int step = 0; step <= occupied.length; step++) {
            int word = (from >>> 6) + step & occupied.length - 1;
            long bits = occupied[word];
            if (step == 0) {
                bits &= -1L << from;
            } else if (step == occupied.length) {
                bits &= ~(-1L << from);
            }
            if (bits != 0) {
                int slot = word << 6 | Long.numberOfTrailingZeros(bits);
                return Math.min(limit, next + (slot - from & SLOTS - 1));
            }
        }
        return limit;
    }
}
