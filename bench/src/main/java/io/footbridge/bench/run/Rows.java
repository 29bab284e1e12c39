package io.footbridge.bench.run;

import io.footbridge.bench.mode.Standing;
import io.footbridge.bench.result.Row;
import io.footbridge.bench.result.Sample;
import io.footbridge.bench.site.ProcessorTime;
import io.footbridge.bench.traffic.Outcome;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.zip.DataFormatException;
import org.HdrHistogram.Histogram;

/** The rounds, and what comes of them. Main thread. */
final class Rows {
    private static final int DIGITS = 3;
    private static final long HIGHEST_NANOS = 60_000_000_000L;

    /** A row while it fills. */
    private static final class Growing {
        private final List<Sample> samples = new ArrayList<>();
        private final List<String> errors = new ArrayList<>();
        private final Histogram histogram = new Histogram(HIGHEST_NANOS, DIGITS);
    }

    private record Key(String mode, String workload) {
    }

    private final Plan plan;
    private final Progress progress;
    private final Map<Key, Growing> rows = new LinkedHashMap<>();

    Rows(Plan plan, Progress progress) {
        this.plan = plan;
        this.progress = progress;
    }

    /** Runs everything once, for a short time, and forgets it; what fails will fail again where it counts. */
    void warmUp(Collection<Standing> modes) {
        for (Standing mode : modes) {
            for (Workload workload : plan.workloads()) {
                rows.put(new Key(mode.mode().id(), workload.id()), new Growing());
                progress.tell("warming up ", mode.mode().title());
                try {
                    workload.run(mode, plan.warmUpNanos());
                } catch (IOException again) {
                    // It is told when it happens in a round.
                }
                progress.done(workload.expectedNanos(plan.warmUpNanos()));
            }
        }
    }

    /** Runs each workload over each mode, the modes in an order of chance. */
    void round(int round, Collection<Standing> modes, Random random) {
        for (Workload workload : plan.workloads()) {
            List<Standing> order = new ArrayList<>(modes);
            Collections.shuffle(order, random);
            for (Standing mode : order) {
                progress.tell("round " + (round + 1) + " of " + plan.rounds() + ": ",
                        workload.entry().title() + ", " + mode.mode().title());
                Growing row = rows.get(new Key(mode.mode().id(), workload.id()));
                try {
                    row.samples.add(sample(round, workload, mode, row.histogram));
                } catch (IOException failed) {
                    row.errors.add("round " + (round + 1) + ": " + failed.getMessage());
                }
                progress.done(workload.expectedNanos(plan.nanos()));
            }
        }
    }

    private Sample sample(int round, Workload workload, Standing mode, Histogram histogram) throws IOException {
        ProcessorTime before = mode.processorTime();
        long start = System.nanoTime();
        Outcome outcome = workload.run(mode, plan.nanos());
        double ticks = (System.nanoTime() - start) / 1e9 * ProcessorTime.TICKS;
        ProcessorTime spent = mode.processorTime().since(before);
        if (!outcome.histogram().isEmpty()) {
            add(histogram, outcome.histogram());
        }
        return new Sample(round, outcome.value(), spent.busy() / ticks, spent.steal() / ticks,
                mode.hasDataPlane() ? Optional.of(spent.dataPlane() / ticks) : Optional.empty(), outcome.details());
    }

    private static void add(Histogram sum, String encoded) throws IOException {
        try {
            sum.add(Histogram.decodeFromCompressedByteBuffer(ByteBuffer.wrap(Base64.getDecoder().decode(encoded)), 1));
        } catch (DataFormatException malformed) {
            throw new IOException("the client's histogram is malformed", malformed);
        }
    }

    /**
     * All rows, by workload, then by mode.
     *
     * @param idleCores cores that are busy when nothing is done: taken off what was busy
     */
    List<Row> rows(double idleCores) {
        List<Row> all = new ArrayList<>();
        for (Workload workload : plan.workloads()) {
            rows.forEach((key, row) -> {
                if (key.workload().equals(workload.id())) {
                    all.add(new Row(key.mode(), key.workload(), above(idleCores, row.samples), List.copyOf(row.errors),
                            encoded(row.histogram)));
                }
            });
        }
        return all;
    }

    private static List<Sample> above(double idleCores, List<Sample> samples) {
        return samples.stream().map(sample -> new Sample(sample.round(), sample.value(), Math.max(0, sample.busyCores() - idleCores),
                sample.stealCores(), sample.dataPlaneCores(), sample.details())).toList();
    }

    private static String encoded(Histogram histogram) {
        if (histogram.getTotalCount() == 0) {
            return "";
        }
        ByteBuffer buffer = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
        int length = histogram.encodeIntoCompressedByteBuffer(buffer);
        byte[] bytes = new byte[length];
        buffer.get(0, bytes);
        return Base64.getEncoder().encodeToString(bytes);
    }
}
