package io.footbridge.bench.result;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.HdrHistogram.Histogram;

/** Runs that nobody ran. */
public final class SampleRuns {
    public static final String TCP = "tcp";
    public static final String ROUND_TRIPS = "rr";
    private static final int ROUNDS = 7;

    private SampleRuns() {
    }

    /** Host mode, a bridge at a part of it, and a rival that failed; figures of the rounds vary by a percent. */
    public static Run run(double bridgeToHost) {
        List<Row> rows = List.of(row("host", TCP, 30, ""), row("fb-tap", TCP, 30 * bridgeToHost, ""),
                row("host", ROUND_TRIPS, 40, histogram(40_000)), row("fb-tap", ROUND_TRIPS, 40 / bridgeToHost, histogram(80_000)));
        return new Run(Run.FORMAT, "2026-11-25T08:00:00Z", 12.5, false, ROUNDS, 2, 42,
                new Environment(Map.of("kernel", "6.18 <test> & \"quoted\"")), new Run.Idle(0.02, 0.03, 0),
                List.of(new ModeEntry("host", "host (loopback)", "HOST", "Loopback.", ""),
                        new ModeEntry("fb-tap", "Footbridge, TAP", "FOOTBRIDGE", "Ours <here>.", ""),
                        new ModeEntry("ovs", "Open vSwitch", "RIVAL", "Theirs.", "failed: it said \"<no>\" & ended")),
                List.of(new WorkloadEntry(TCP, "TCP, 1 stream", "Gbit/s", true, "Blocks."),
                        new WorkloadEntry(ROUND_TRIPS, "round trip, median", "us", false, "A byte.")),
                rows, List.of(new CrossCheck("host", TCP, "iperf3", List.of(30.0, 31.0), List.of(29.0, 30.0), "")),
                List.of("A note & <more>."));
    }

    private static Row row(String mode, String workload, double value, String histogram) {
        List<Sample> samples = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            samples.add(new Sample(round, value * (1 + 0.01 * (round - ROUNDS / 2)), 1.5, 0, mode.equals("host") ? Optional.empty()
                    : Optional.of(0.75), Map.of("p99", 90_000.0)));
        }
        return new Row(mode, workload, samples, mode.equals("host") ? List.of() : List.of("round 3: it <broke>"), histogram);
    }

    private static String histogram(long nanos) {
        Histogram histogram = new Histogram(60_000_000_000L, 3);
        for (int i = 1; i <= 1000; i++) {
            histogram.recordValue(nanos + nanos * i * i / 100_000);
        }
        ByteBuffer buffer = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
        byte[] bytes = new byte[histogram.encodeIntoCompressedByteBuffer(buffer)];
        buffer.get(0, bytes);
        return Base64.getEncoder().encodeToString(bytes);
    }
}
