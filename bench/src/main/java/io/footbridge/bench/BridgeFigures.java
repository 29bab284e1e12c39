package io.footbridge.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Footbridge's bridge against the kernel's, the bare loop and Open vSwitch in one run: every workload over every test
 * bed, in interleaved rounds, and the median of each round's own ratio to the kernel's bridge, with its spread.
 *
 * <p>Arguments: the path of {@code ./footbridge}, the number of rounds, and optionally words that a workload's name must
 * contain one of.
 */
public final class BridgeFigures {
    private static final int PAIRS = 5;

    private final List<TestBed> beds = new ArrayList<>();
    private final int rounds;

    private BridgeFigures(String launcher, int rounds) {
        this.rounds = rounds;
        beds.add(new KernelBridge());
        beds.add(new BareBed(true));
        beds.add(new FootbridgeBed(launcher, true));
        beds.add(new BareBed(false));
        beds.add(new FootbridgeBed(launcher, false));
        if (OpenVSwitchBed.isInstalled()) {
            beds.add(new OpenVSwitchBed());
        }
    }

    /** Runs the rounds and prints a table. */
    public static void main(String[] arguments) throws IOException {
        String launcher = Path.of(arguments[0]).toAbsolutePath().toString();
        int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 5;
        List<String> wanted = Arrays.asList(arguments).subList(Math.min(2, arguments.length), arguments.length);
        List<Workload> workloads = new ArrayList<>(List.of(
                new Stream("TCP, 1 stream, Gbit/s", 1, ""),
                new Stream("TCP, 1 stream, reverse, Gbit/s", 1, "-R"),
                new Stream("TCP, 4 streams both ways, Gbit/s", 1, "-P 4 --bidir"),
                new Stream("TCP, 5 pairs at once, Gbit/s", PAIRS, ""),
                new FairShare(PAIRS),
                new SmallFrames(),
                new RequestResponse(50),
                new RequestResponse(99)));
        workloads.removeIf(workload -> !wanted.isEmpty() && wanted.stream().noneMatch(workload.name()::contains));
        new BridgeFigures(launcher, rounds).run(workloads);
        Runtime.getRuntime().halt(0);
    }

    private void run(List<Workload> workloads) throws IOException {
        try {
            int hosts = workloads.stream().mapToInt(Workload::hosts).max().orElse(2);
            for (TestBed bed : beds) {
                bed.setUp(hosts);
            }
            for (Workload workload : workloads) {
                measure(workload);
            }
            for (TestBed bed : beds) {
                if (bed instanceof FootbridgeBed footbridge) {
                    System.out.println(footbridge.statistics());
                }
            }
        } finally {
            beds.reversed().forEach(TestBed::close);
        }
    }

    private void measure(Workload workload) throws IOException {
        Map<TestBed, double[]> figures = new LinkedHashMap<>();
        Map<TestBed, double[]> busy = new LinkedHashMap<>();
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
        print(workload, figures, busy);
    }

    private void print(Workload workload, Map<TestBed, double[]> figures, Map<TestBed, double[]> busy) {
        int cores = Runtime.getRuntime().availableProcessors();
        double[] kernel = figures.get(beds.getFirst());
        System.out.printf(Locale.ROOT, "%n%s, %d rounds%n%-26s %9s %9s %9s  %8s %15s %11s%n", workload.name(), rounds, "",
                "median", "least", "most", "/kernel", "spread", "busy cores");
        figures.forEach((bed, values) -> {
            double[] ratios = new double[rounds];
            for (int i = 0; i < rounds; i++) {
                ratios[i] = values[i] / kernel[i];
            }
            double cpu = median(busy.get(bed)) * cores;
            System.out.printf(Locale.ROOT, "%-26s %9.2f %9.2f %9.2f  %8.2f %6.2f .. %5.2f %11.2f%n", bed.name(),
                    median(values), least(values), most(values), median(ratios), least(ratios), most(ratios), cpu);
        });
        ratio("Footbridge, TAP / bare loop", figures, 2, 1);
        ratio("Footbridge, veth / bare loop", figures, 4, 3);
        if (beds.size() > 5) {
            ratio("Footbridge, TAP / Open vSwitch", figures, 2, 5);
            ratio("Footbridge, veth / Open vSwitch", figures, 4, 5);
        }
    }

    private void ratio(String name, Map<TestBed, double[]> figures, int ours, int other) {
        double[] ratios = new double[rounds];
        for (int i = 0; i < rounds; i++) {
            ratios[i] = figures.get(beds.get(ours))[i] / figures.get(beds.get(other))[i];
        }
        System.out.printf(Locale.ROOT, "  %-32s %6.2f   %6.2f .. %5.2f%n", name, median(ratios), least(ratios),
                most(ratios));
    }

    private static double median(double[] values) {
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
