package io.footbridge.bench;

import java.lang.management.ManagementFactory;
import java.lang.management.RuntimeMXBean;
import java.lang.management.ThreadMXBean;
import java.util.Locale;

/**
 * The longest of many cycles in CPU time of the thread that runs them, which leaves out what other threads take. One
 * thread measures; any may {@link #begin} and read.
 */
final class LongestCycle {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final RuntimeMXBean UPTIME = ManagementFactory.getRuntimeMXBean();
    private static final long MILLISECOND = 1_000_000;
    private static final int TENTHS = 10;

    private volatile long longest;
    /** Of the JVM's uptime, as its logs have it: what they tell of that moment may say why. */
    private volatile long longestAt;
    private volatile long cycles;
    private volatile long beyond;
    private volatile boolean fresh = true;
    private long last;

    /** Forgets what was measured so far. */
    void begin() {
        longest = 0;
        cycles = 0;
        beyond = 0;
        fresh = true;
    }

    /** A cycle ends here, and the next begins. */
    void tick() {
        long now = THREADS.getCurrentThreadCpuTime();
        if (fresh) {
            fresh = false;
        } else {
            long taken = now - last;
            cycles++;
            if (taken > longest) {
                longest = taken;
                longestAt = UPTIME.getUptime();
            }
            if (taken > MILLISECOND) {
                beyond++;
            }
        }
        last = now;
    }

    /** Nanoseconds. */
    long longest() {
        return longest;
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "longest %7.1f us (at %.3f s) of %d cycles, %d beyond 1 ms", longest / TENTHS / 100.0,
                longestAt / 1000.0, cycles, beyond);
    }
}
