package io.footbridge.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A workload over several test beds in interleaved rounds: what is compared is each round's own ratio, and what is told
 * is the median of those with the least and the most. A first round is not counted.
 */
final class Rounds {
    private final List<TestBed> beds;
    private final int rounds;
    private final Map<TestBed, double[]> figures = new LinkedHashMap<>();
    private final Map<TestBed, double[]> busy = new LinkedHashMap<>();

    private Rounds(List<TestBed> beds, int rounds) {
        this.beds = beds;
        this.rounds = rounds;
    }

    /** Runs all rounds and prints a table; the first bed is what the others are compared with. */
    static Rounds of(Workload workload, List<TestBed> beds, int rounds, String basis) throws IOException {
        Rounds all = new Rounds(beds, rounds);
        all.run(workload);
        all.print(workload, basis);
        return all;
    }

    private void run(Workload workload) throws IOException {
        beds.forEach(bed -> figures.put(bed, new double[rounds]));
        beds.forEach(bed -> busy.put(bed, new double[rounds]));
        for (int round = -1; round < rounds; round++) {
            for (TestBed bed : beds) {
                long[] before = processorTicks();
                double figure = workload.run(bed);
                long[] after = processorTicks();
                if (round >= 0) {
                    figures.get(bed)[round] = figure;
                    busy.get(bed)[round] = (after[0] - before[0]) / (double) Math.max(1, after[1] - before[1]);
                }
            }
        }
    }

    private void print(Workload workload, String basis) {
        int cores = Runtime.getRuntime().availableProcessors();
        System.out.printf(Locale.ROOT, "%n%s, %d rounds%n%-26s %9s %9s %9s  %8s %15s %11s%n", workload.name(), rounds, "",
                "median", "least", "most", "/" + basis, "spread", "busy cores");
        figures.forEach((bed, values) -> {
            double[] ratios = ratios(bed, beds.getFirst());
            double cpu = median(busy.get(bed)) * cores;
            System.out.printf(Locale.ROOT, "%-26s %9.2f %9.2f %9.2f  %8.2f %6.2f .. %5.2f %11.2f%n", bed.name(),
                    median(values), least(values), most(values), median(ratios), least(ratios), most(ratios), cpu);
        });
    }

    /** Prints what one bed reaches of another, and returns the median. */
    double ratio(TestBed ours, TestBed other) {
        double[] ratios = ratios(ours, other);
        System.out.printf(Locale.ROOT, "  %-44s %6.2f   %6.2f .. %5.2f%n", ours.name() + " / " + other.name(), median(ratios),
                least(ratios), most(ratios));
        return median(ratios);
    }

    private double[] ratios(TestBed ours, TestBed other) {
        double[] ratios = new double[rounds];
        for (int i = 0; i < rounds; i++) {
            ratios[i] = figures.get(ours)[i] / figures.get(other)[i];
        }
        return ratios;
    }

    static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private static double least(double[] values) {
        return Arrays.stream(values).min().orElse(0);
    }

    private static double most(double[] values) {
        return Arrays.stream(values).max().orElse(0);
    }

    /** Ticks of all processors: busy, and in all (proc(5), /proc/stat). */
    private static long[] processorTicks() throws IOException {
        String[] fields = Files.readAllLines(Path.of("/proc/stat")).getFirst().strip().split("\\s+");
        long all = 0;
        for (int i = 1; i < fields.length; i++) {
            all += Long.parseLong(fields[i]);
        }
        long idle = Long.parseLong(fields[4]) + Long.parseLong(fields[5]);
        return new long[] {all - idle, all};
    }
}
