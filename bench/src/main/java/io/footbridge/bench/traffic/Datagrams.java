package io.footbridge.bench.traffic;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * Datagrams from one socket: as fast as it can, or at the highest rate that loses next to nothing, by halving the interval
 * between a rate that passed and one that did not (after RFC 2544, 26.1, with trials far shorter than its 60 s).
 */
final class Datagrams {
    private static final double LOSS = 0.001;
    private static final int STEPS = 7;
    /** A shared machine loses frames on its own account now and then: a rate fails when it fails each time. */
    private static final int ATTEMPTS = 2;
    private static final long QUIET_NANOS = 20_000_000;
    private static final int QUIET_TIMES = 10;
    private static final long POLL_NANOS = 5_000_000;

    private final DatagramChannel sender;
    private final SocketChannel control;
    private final ByteBuffer payload;
    private final ByteBuffer question = ByteBuffer.allocateDirect(1);
    private final ByteBuffer answer = ByteBuffer.allocateDirect(2 * Long.BYTES);

    private Datagrams(Task task, Place place, Channels channels) throws IOException {
        sender = place.call(() -> channels.add(DatagramChannel.open()).connect(task.target()));
        control = place.call(() -> channels.add(SocketChannel.open()));
        place.call(() -> control.connect(task.target()));
        Blocks.write(control, Wish.COUNT);
        payload = ByteBuffer.allocateDirect(task.payload());
    }

    static Outcome flood(Task task, Place place, Channels channels) throws IOException {
        Trial trial = new Datagrams(task, place, channels).trial(Double.MAX_VALUE, task.nanos());
        return new Outcome(trial.received() * task.payload() * 8e9 / trial.nanos(), Map.of("loss", trial.loss()), "");
    }

    static Outcome search(Task task, Place place, Channels channels) throws IOException {
        Datagrams datagrams = new Datagrams(task, place, channels);
        Trial flood = datagrams.trial(Double.MAX_VALUE, task.nanos());
        if (flood.loss() <= LOSS) {
            return outcome(flood.sentPerSecond(), flood);
        }
        double received = Math.max(1, flood.received() * 1e9 / flood.nanos());
        double low = received / 20;
        double high = Math.min(flood.sentPerSecond(), 1.5 * received);
        double best = 0;
        for (int i = 0; i < STEPS; i++) {
            double rate = Math.sqrt(low * high);
            double carried = datagrams.carried(rate, task.nanos());
            if (carried > 0) {
                low = rate;
                best = Math.max(best, carried);
            } else {
                high = rate;
            }
        }
        return outcome(best, flood);
    }

    private static Outcome outcome(double rate, Trial flood) {
        return new Outcome(rate, Map.of("floodReceived", flood.received() * 1e9 / flood.nanos(), "floodLoss", flood.loss()), "");
    }

    /** The rate that was really sent, or 0 where too much was lost. */
    private double carried(double rate, long nanos) throws IOException {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Trial trial = trial(rate, nanos);
            if (trial.loss() <= LOSS) {
                return trial.sentPerSecond();
            }
        }
        return 0;
    }

    private Trial trial(double rate, long nanos) throws IOException {
        long before = counted();
        long start = System.nanoTime();
        long sent = 0;
        long now = start;
        while (now - start < nanos) {
            long due = rate == Double.MAX_VALUE ? sent + 16 : (long) ((now - start) * rate / 1e9);
            while (sent < due) {
                sender.write(payload.clear());
                sent++;
            }
            now = System.nanoTime();
        }
        return new Trial(sent, settled(before, sent) - before, now - start);
    }

    /** What the responder has counted once no more comes. */
    private long settled(long before, long sent) throws IOException {
        long last = -1;
        long counted = counted();
        for (int i = 0; i < QUIET_TIMES && counted != last && counted - before < sent; i++) {
            last = counted;
            long end = System.nanoTime() + QUIET_NANOS;
            while (System.nanoTime() - end < 0 && counted - before < sent) {
                LockSupport.parkNanos(POLL_NANOS);
                counted = counted();
            }
        }
        return counted;
    }

    private long counted() throws IOException {
        Blocks.write(control, question.clear());
        return Blocks.read(control, answer).getLong();
    }

    private record Trial(long sent, long received, long nanos) {
        double loss() {
            return sent == 0 ? 1 : Math.max(0, 1 - received / (double) sent);
        }

        double sentPerSecond() {
            return sent * 1e9 / nanos;
        }
    }
}
