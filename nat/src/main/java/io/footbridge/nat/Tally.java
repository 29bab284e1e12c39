package io.footbridge.nat;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/** What one lane did, counted by its thread; any thread reads. A line of its own, so that no other lane writes it. */
final class Tally {
    static final int OPENED = 0;
    static final int EXPIRED = 1;
    static final int REMOVED = 2;
    static final int EVICTED = 3;
    static final int REFUSED = 4;
    static final int REUSED_PORTS = 5;
    /** Mappings made. */
    static final int MAPPED = 6;
    /** Mappings ended. */
    static final int UNMAPPED = 7;
    /** Mappings whose records are free again. */
    static final int FREED = 8;

    private static final VarHandle COUNT = MethodHandles.arrayElementVarHandle(long[].class).withInvokeExactBehavior();
    /** In longs: 128 bytes before the counters and behind them. */
    private static final int MARGIN = 16;

    private final long[] counts = new long[MARGIN + FREED + 1 + MARGIN];

    void count(int what) {
        int index = MARGIN + what;
        COUNT.setRelease(counts, index, counts[index] + 1);
    }

    long get(int what) {
        return (long) COUNT.getAcquire(counts, MARGIN + what);
    }

    static Tally[] ofLanes(int lanes) {
        Tally[] tallies = new Tally[lanes];
        Arrays.setAll(tallies, lane -> new Tally());
        return tallies;
    }

    static long sum(Tally[] tallies, int what) {
        long sum = 0;
        for (Tally tally : tallies) {
            sum += tally.get(what);
        }
        return sum;
    }
}
