package io.footbridge.bench.result;

import java.util.ArrayList;
import java.util.List;

/**
 * A workload of ours beside a known tool's, in interleaved pairs.
 *
 * @param mode id
 * @param workload id
 * @param tool {@code iperf3} or {@code wrk}
 * @param ours ours, pair by pair
 * @param theirs the tool's
 * @param error why there are none; empty where there are
 */
public record CrossCheck(String mode, String workload, String tool, List<Double> ours, List<Double> theirs, String error) {
    private static final double CLOSE = 0.15;

    /** Each pair's own ratio, ours by theirs. */
    public double[] ratios() {
        double[] ratios = new double[Math.min(ours.size(), theirs.size())];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = ours.get(i) / theirs.get(i);
        }
        return ratios;
    }

    /** The verdict in words: within 15 %, or within the run's own spread where that is wider, or neither. */
    public String verdict() {
        if (!error.isEmpty()) {
            return error;
        }
        double off = Math.abs(Statistics.median(ratios()) - 1);
        double spread = Math.max(spread(ours), spread(theirs));
        if (off <= CLOSE) {
            return "agrees within 15 %";
        }
        return off <= spread ? "agrees within the run's own spread of " + Math.round(100 * spread) + " %"
                : "differs by more than 15 % and more than the run's own spread of " + Math.round(100 * spread) + " %";
    }

    /** Least to most, by the median. */
    private static double spread(List<Double> values) {
        double[] sorted = Statistics.array(new ArrayList<>(values));
        return (Statistics.most(sorted) - Statistics.least(sorted)) / Statistics.median(sorted);
    }
}
