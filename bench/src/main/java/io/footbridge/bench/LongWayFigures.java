package io.footbridge.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What one TCP stream of a container carries by the host's own sockets over a round trip of 20 ms, beside the host itself: with
 * and without a loss of one frame in 10,000, by frames of up to 64 KiB and by such as a wire has. What the host reaches bounds
 * us: its congestion control is at work in both.
 *
 * <p>Arguments: the path of {@code ./footbridge}, the number of rounds and, of {@link LongWayBed.Frames}, the one that is wanted
 * where it is not all.
 */
public final class LongWayFigures {
    private static final int LOSS = 10_000;

    private LongWayFigures() {
    }

    /** Runs the rounds and prints tables and ratios. */
    public static void main(String[] arguments) throws IOException {
        String launcher = Path.of(arguments[0]).toAbsolutePath().toString();
        int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 3;
        List<LongWayBed.Frames> all = arguments.length > 2 ? List.of(LongWayBed.Frames.valueOf(arguments[2].toUpperCase(Locale.ROOT)))
                : List.of(LongWayBed.Frames.values());
        for (LongWayBed.Frames frames : all) {
            for (int loss : new int[] {0, LOSS}) {
                compare(launcher, rounds, frames, loss);
            }
        }
        Runtime.getRuntime().halt(0);
    }

    private static void compare(String launcher, int rounds, LongWayBed.Frames frames, int loss) throws IOException {
        List<TestBed> beds = new ArrayList<>();
        try {
            for (boolean container : new boolean[] {true, false}) {
                TestBed bed = new LongWayBed(container, launcher, frames, loss);
                beds.add(bed);
                bed.setUp(2);
            }
            String what = frames.label + (loss == 0 ? ", none lost" : ", one of " + loss + " lost");
            // The second of the window's growth is not counted.
            for (Workload workload : List.of(new Stream("out, Gbit/s, " + what, 1, "-O 1"),
                    new Stream("in, Gbit/s, " + what, 1, "-R -O 1"))) {
                Rounds.of(workload, beds, rounds, "ours").ratio(beds.getFirst(), beds.getLast());
            }
            for (TestBed bed : beds) {
                System.out.print(bed.statistics());
            }
        } finally {
            beds.reversed().forEach(TestBed::close);
        }
    }
}
