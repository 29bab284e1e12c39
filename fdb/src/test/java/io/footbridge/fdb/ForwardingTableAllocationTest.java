package io.footbridge.fdb;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

class ForwardingTableAllocationTest {
    private static final int WARM_UP = 60_000;
    private static final int WINDOW = 2_000;
    private static final int WINDOWS = 3;

    private final ForwardingTable table = Tables.of(FdbSettings.of(4096, 8).withPortLimit(256));
    private int step;
    private long sum;

    /** A late compilation may dirty one window; code that allocates dirties all. */
    @Test
    void theFramePathAllocatesNothing() {
        run(WARM_UP);
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        for (int window = 0; window < WINDOWS; window++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            run(WINDOW);
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertThat(least).isZero();
        assertThat(sum).isNotZero();
    }

    /** Refreshes, moves, new entries, refusals, hits, misses, and the sweep that makes room again. */
    private void run(int steps) {
        for (int end = step + steps; step < end; step++) {
            int now = step >> 4;
            long source = Tables.station(step & 0xFFF);
            long destination = Tables.station(step * 7 & 0x1FFF);
            long touchedSource = table.touch(source);
            long touchedDestination = table.touch(destination);
            sum += table.learn(source, touchedSource, (step >> 9) & 7, now);
            sum += table.lookup(destination, touchedDestination, now);
            if ((step & 31) == 0) {
                sum += table.sweep(now, 64);
            }
        }
    }
}
