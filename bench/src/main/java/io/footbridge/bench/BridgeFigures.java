package io.footbridge.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

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
                System.out.print(bed.statistics());
            }
        } finally {
            beds.reversed().forEach(TestBed::close);
        }
    }

    private void measure(Workload workload) throws IOException {
        Rounds figures = Rounds.of(workload, beds, rounds, "kernel");
        figures.ratio(beds.get(2), beds.get(1));
        figures.ratio(beds.get(4), beds.get(3));
        if (beds.size() > 5) {
            figures.ratio(beds.get(2), beds.get(5));
            figures.ratio(beds.get(4), beds.get(5));
        }
    }
}
