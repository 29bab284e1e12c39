package io.footbridge.bench;

import java.io.IOException;
import java.util.List;

/** Several pairs at once: what the slowest got, as a share of the mean. 1 is fair. */
record FairShare(int pairs) implements Workload {
    @Override
    public String name() {
        return pairs + " pairs at once, slowest / mean";
    }

    @Override
    public boolean moreIsBetter() {
        return true;
    }

    @Override
    public int hosts() {
        return 2 * pairs;
    }

    @Override
    public double run(TestBed bed) throws IOException {
        List<Double> figures = new Stream(name(), pairs, "").eachPair(bed);
        double mean = figures.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
        return figures.stream().mapToDouble(Double::doubleValue).min().orElseThrow() / mean;
    }
}
