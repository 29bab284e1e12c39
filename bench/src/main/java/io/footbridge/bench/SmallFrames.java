package io.footbridge.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The highest rate of 64-byte frames (UDP, 18 bytes of payload) at which at most one in a thousand is lost, in thousands
 * a second: halving the interval between a rate that passed and one that did not (after RFC 2544).
 */
record SmallFrames() implements Workload {
    private static final int PAYLOAD = 18;
    private static final int PORT = 5998;
    private static final double LOSS = 0.001;
    private static final long TRIAL_NANOS = 300_000_000L;
    private static final long DRAIN_NANOS = 50_000_000L;
    /** A shared machine loses frames on its own account now and then: a rate fails when it fails each time. */
    private static final int ATTEMPTS = 3;
    private static final int STEPS = 7;
    private static final double LOWEST = 10_000;
    private static final double HIGHEST = 600_000;
    private static final int BUFFER = 16 << 20;

    @Override
    public String name() {
        return "64-byte frames, loss <= 0.1 %, kpps";
    }

    @Override
    public boolean moreIsBetter() {
        return true;
    }

    @Override
    public double run(TestBed bed) throws IOException {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getByName(bed.address(1)), PORT);
        Thread counter;
        double best = 0;
        try (DatagramChannel receiver = RequestResponse.in(bed, 1, DatagramChannel::open);
                DatagramChannel sender = RequestResponse.in(bed, 0, DatagramChannel::open)) {
            receiver.setOption(StandardSocketOptions.SO_RCVBUF, BUFFER);
            receiver.bind(address);
            sender.connect(address);
            AtomicLong received = new AtomicLong();
            counter = Thread.ofPlatform().daemon().start(() -> count(receiver, received));
            double low = LOWEST;
            double high = HIGHEST;
            for (int i = 0; i < STEPS; i++) {
                double rate = Math.sqrt(low * high);
                double carried = 0;
                for (int attempt = 0; attempt < ATTEMPTS && carried == 0; attempt++) {
                    carried = trial(sender, rate, received);
                }
                if (carried > 0) {
                    low = rate;
                    best = Math.max(best, carried);
                } else {
                    high = rate;
                }
            }
        }
        try {
            counter.join();
            return best / 1e3;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", interrupted);
        }
    }

    /** Sends at a rate; gives the rate that was really sent, or 0 where too much was lost. */
    private static double trial(DatagramChannel sender, double rate, AtomicLong received) throws IOException {
        ByteBuffer payload = ByteBuffer.allocateDirect(PAYLOAD);
        long before = received.get();
        long start = System.nanoTime();
        long sent = 0;
        long now = start;
        while (now - start < TRIAL_NANOS) {
            long due = (long) ((now - start) * rate / 1e9);
            while (sent < due) {
                sender.write(payload.clear());
                sent++;
            }
            now = System.nanoTime();
        }
        long elapsed = now - start;
        while (System.nanoTime() - start < elapsed + DRAIN_NANOS && received.get() - before < sent) {
            Thread.onSpinWait();
        }
        long lost = sent - (received.get() - before);
        return lost <= sent * LOSS ? sent * 1e9 / elapsed : 0;
    }

    private static void count(DatagramChannel receiver, AtomicLong received) {
        ByteBuffer payload = ByteBuffer.allocateDirect(2 * PAYLOAD);
        try {
            while (receiver.receive(payload.clear()) != null) {
                received.lazySet(received.get() + 1);
            }
        } catch (java.nio.channels.ClosedChannelException ended) {
            // The trials are over.
        } catch (IOException failed) {
            throw new java.io.UncheckedIOException(failed);
        }
    }
}
