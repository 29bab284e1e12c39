package io.footbridge.bench.result;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Medians and how sure they are. */
public final class Statistics {
    /** Rounds below which no interval is told: of fewer the bootstrap knows too little. */
    public static final int LEAST_ROUNDS = 5;
    private static final int RESAMPLES = 10_000;
    private static final double LEVEL = 0.95;
    /** Fixed, so that the same figures always give the same interval. */
    private static final long SEED = 0x5eed;

    private Statistics() {
    }

    /** A range. */
    public record Interval(double low, double high) {
        /** Whether a value lies in it. */
        public boolean contains(double value) {
            return low <= value && value <= high;
        }
    }

    /** The median; NaN of nothing. */
    public static double median(double... values) {
        if (values.length == 0) {
            return Double.NaN;
        }
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /** The least; NaN of nothing. */
    public static double least(double... values) {
        return Arrays.stream(values).min().orElse(Double.NaN);
    }

    /** The most; NaN of nothing. */
    public static double most(double... values) {
        return Arrays.stream(values).max().orElse(Double.NaN);
    }

    /** As an array. */
    public static double[] array(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /** Where the median lies with 95 % (percentile bootstrap); least and most where there are too few values. */
    public static Interval interval(double... values) {
        if (values.length < LEAST_ROUNDS) {
            return new Interval(least(values), most(values));
        }
        SplittableRandom random = new SplittableRandom(SEED);
        double[] medians = new double[RESAMPLES];
        for (int i = 0; i < RESAMPLES; i++) {
            medians[i] = median(resample(values, random));
        }
        return middle(medians);
    }

    /**
     * Where the ratio of two medians lies with 95 %, of values that are not paired: after by before. Of too few values, from
     * the least that it could be to the most.
     */
    public static Interval ratio(double[] before, double[] after) {
        if (Math.min(before.length, after.length) < LEAST_ROUNDS) {
            return new Interval(least(after) / most(before), most(after) / least(before));
        }
        SplittableRandom random = new SplittableRandom(SEED);
        double[] ratios = new double[RESAMPLES];
        for (int i = 0; i < RESAMPLES; i++) {
            ratios[i] = median(resample(after, random)) / median(resample(before, random));
        }
        return middle(ratios);
    }

    private static Interval middle(double[] estimates) {
        Arrays.sort(estimates);
        int cut = (int) (estimates.length * (1 - LEVEL) / 2);
        return new Interval(estimates[cut], estimates[estimates.length - 1 - cut]);
    }

    private static double[] resample(double[] values, SplittableRandom random) {
        double[] drawn = new double[values.length];
        for (int i = 0; i < drawn.length; i++) {
            drawn[i] = values[random.nextInt(values.length)];
        }
        return drawn;
    }
}
