package io.footbridge.bench.traffic;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * One byte there and back at a fixed rate over one connection. A round trip counts from when its request was due. The
 * client sleeps until shortly before that and spins from there, because a timer of the system is late by as much as a round
 * trip takes; what it spins is part of the machine's busy time in every mode alike.
 */
final class RoundTrips {
    private static final long SPIN_NANOS = 120_000;
    private static final long HIGHEST_NANOS = 60_000_000_000L;
    private static final int DIGITS = 3;
    private static final long LEAD_NANOS = 1_000_000;

    private RoundTrips() {
    }

    static Outcome run(Task task, Place place, Channels channels) throws IOException {
        SocketChannel connection = place.call(() -> channels.add(SocketChannel.open()));
        connection.setOption(StandardSocketOptions.TCP_NODELAY, true);
        place.call(() -> connection.connect(task.target()));
        Blocks.write(connection, Wish.ECHO);
        Histogram histogram = new Histogram(HIGHEST_NANOS, DIGITS);
        long unsent = measure(connection, histogram, 1_000_000_000L / task.perSecond(), task.nanos());
        channels.close(connection);
        ByteBuffer encoded = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
        int length = histogram.encodeIntoCompressedByteBuffer(encoded);
        byte[] bytes = new byte[length];
        encoded.get(0, bytes);
        return new Outcome(histogram.getValueAtPercentile(50), Map.of("p50", (double) histogram.getValueAtPercentile(50),
                "p99", (double) histogram.getValueAtPercentile(99), "unsent", (double) unsent),
                Base64.getEncoder().encodeToString(bytes));
    }

    /** Gives how many requests never got their turn; each counts as having waited until the end. */
    private static long measure(SocketChannel connection, Histogram histogram, long period, long nanos) throws IOException {
        ByteBuffer one = ByteBuffer.allocateDirect(1);
        long count = Math.max(1, nanos / period);
        long start = System.nanoTime() + LEAD_NANOS;
        long sent = 0;
        while (sent < count && System.nanoTime() - start < 2 * nanos) {
            long due = start + sent * period;
            await(due);
            Blocks.write(connection, one.clear());
            Blocks.read(connection, one);
            histogram.recordValue(Math.max(1, System.nanoTime() - due));
            sent++;
        }
        long end = System.nanoTime();
        for (long i = sent; i < count; i++) {
            histogram.recordValue(Math.max(1, end - start - i * period));
        }
        return count - sent;
    }

    private static void await(long due) {
        long left = due - System.nanoTime();
        if (left > SPIN_NANOS) {
            LockSupport.parkNanos(left - SPIN_NANOS);
        }
        while (System.nanoTime() - due < 0) {
            Thread.onSpinWait();
        }
    }
}
