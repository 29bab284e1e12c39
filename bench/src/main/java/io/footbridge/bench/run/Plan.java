package io.footbridge.bench.run;

import io.footbridge.bench.mode.Mode;
import java.util.List;

/**
 * What is to be done.
 *
 * @param modes in the order of tables
 * @param workloads in the order of tables
 * @param quick whether it is the quick run
 * @param rounds how many are counted
 * @param nanos how long each measurement takes
 * @param seed of the order of the modes
 * @param crossCheck how many pairs with known tools; 0 for none
 */
public record Plan(List<Mode> modes, List<Workload> workloads, boolean quick, int rounds, long nanos, long seed, int crossCheck) {
    /** How long a measurement of the warm-up takes. */
    long warmUpNanos() {
        return Math.min(nanos, quick ? 100_000_000L : 500_000_000L);
    }

    /** How long the idle baseline is looked at. */
    long idleNanos() {
        return Math.max(500_000_000L, quick ? nanos : 2 * nanos);
    }
}
