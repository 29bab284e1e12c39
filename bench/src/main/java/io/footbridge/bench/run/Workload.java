package io.footbridge.bench.run;

import io.footbridge.bench.mode.Standing;
import io.footbridge.bench.result.WorkloadEntry;
import io.footbridge.bench.traffic.Outcome;
import io.footbridge.bench.traffic.Task;
import java.io.IOException;
import java.util.List;

/**
 * A workload: a task and how its figure is told.
 *
 * @param entry as results name it
 * @param kind the traffic
 * @param streams connections at once
 * @param payload bytes of UDP payload
 * @param perSecond requests a second, where the rate is fixed
 * @param scale what a task's value is divided by to get the entry's unit
 * @param quick whether the quick run has it
 */
public record Workload(WorkloadEntry entry, Task.Kind kind, int streams, int payload, int perSecond, double scale, boolean quick) {
    private static final int MANY = 4;
    private static final int HTTP_CONNECTIONS = 8;
    private static final int REQUESTS = 1000;
    /** Ethernet, IPv4 and UDP headers. */
    private static final int HEADERS = 42;
    private static final int LONGEST_FRAME = 1514;
    /** A search makes many trials, each this part of the time of other measurements. */
    private static final int TRIAL_PART = 5;
    /** Trials that a search usually takes. */
    private static final int TRIALS = 10;

    private static final String STREAM = "Blocks of 128 KiB over TCP, counted by the receiver from its first byte to the end of the"
            + " stream.";
    private static final String SEARCH = "UDP in frames of this length without FCS; halving between a rate that passed and one that did"
            + " not,"
            + " after RFC 2544. Where nothing is ever lost, it is the sender's own limit.";

    /** All, in the order of tables. */
    public static List<Workload> all() {
        return List.of(
                stream("tcp", "TCP, 1 stream", Task.Kind.STREAM, 1, true),
                stream("tcp-back", "TCP, 1 stream, from the server", Task.Kind.STREAM_BACK, 1, false),
                stream("tcp-" + MANY, "TCP, " + MANY + " streams", Task.Kind.STREAM, MANY, false),
                stream("tcp-" + MANY + "-back", "TCP, " + MANY + " streams, from the server", Task.Kind.STREAM_BACK, MANY, false),
                new Workload(new WorkloadEntry("udp", "UDP, as fast as it goes", "Gbit/s", true,
                        "Payloads of 1472 bytes from one socket without a limit; what arrived."), Task.Kind.DATAGRAMS, 1,
                        LONGEST_FRAME - HEADERS, 0, 1e9, false),
                frames(60), frames(508), frames(LONGEST_FRAME),
                new Workload(new WorkloadEntry("rr", "round trip, median", "us", false, "One byte there and back over TCP, " + REQUESTS
                        + " times a second, each counted from when it was due (no coordinated omission)."), Task.Kind.ROUND_TRIPS, 1, 0,
                        REQUESTS, 1e3, true),
                new Workload(new WorkloadEntry("crr", "connect, request, response, close", "per second", true,
                        "One after the other, a byte each way; the server closes first."), Task.Kind.CONNECTIONS, 1, 0, 0, 1, true),
                new Workload(new WorkloadEntry("http", "HTTP, answers of 1 kB", "per second", true, HTTP_CONNECTIONS
                        + " connections that stay, each asking again when it is answered."), Task.Kind.HTTP, HTTP_CONNECTIONS, 0, 0, 1,
                        false));
    }

    private static Workload stream(String id, String title, Task.Kind kind, int streams, boolean quick) {
        return new Workload(new WorkloadEntry(id, title, "Gbit/s", true, STREAM), kind, streams, 0, 0, 1e9, quick);
    }

    private static Workload frames(int length) {
        return new Workload(new WorkloadEntry("frames-" + length, "UDP frames of " + length + " bytes, loss at most 0.1 %", "kpps", true,
                SEARCH), Task.Kind.FRAME_RATE, 1, length - HEADERS, 0, 1e3, false);
    }

    /** As {@code --workloads} names it. */
    public String id() {
        return entry.id();
    }

    /** Does it once over a mode; other measurements than searches take this long. */
    Outcome run(Standing mode, long nanos) throws IOException {
        Outcome outcome = mode.run(kind, streams, payload, perSecond, kind == Task.Kind.FRAME_RATE ? nanos / TRIAL_PART : nanos);
        return new Outcome(outcome.value() / scale, outcome.details(), outcome.histogram());
    }

    /** How long it takes, roughly. */
    long expectedNanos(long nanos) {
        return kind == Task.Kind.FRAME_RATE ? nanos / TRIAL_PART * TRIALS : nanos;
    }
}
