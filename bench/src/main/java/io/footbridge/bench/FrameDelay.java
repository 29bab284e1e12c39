package io.footbridge.bench;

import io.footbridge.tap.Endpoint;
import io.footbridge.tap.Epoll;
import io.footbridge.tap.FrameBatch;
import io.footbridge.tap.FrameBuffers;
import io.footbridge.tap.PacketSocketEndpoint;
import io.footbridge.tap.Reception;
import io.footbridge.tap.netlink.RouteNetlink;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;

/**
 * A long way between two veth ends: every frame of either direction rests for a while, one in so many is lost. Frames keep
 * their order and are handed on as they came, segmented or not. A process of its own.
 */
final class FrameDelay {
    private static final long MICROSECONDS = 1_000;
    private static final long MILLISECONDS = 1_000_000;
    /** The longest rest while frames are under way: what a frame is late by. */
    private static final long STEP_NANOS = 100 * MICROSECONDS;

    private final FrameBuffers buffers = new FrameBuffers(Arena.global().allocate(FrameBuffers.LENGTH, 4096));
    private final FrameBatch received = new FrameBatch();
    private final Epoll epoll = new Epoll();
    private final Direction[] directions;

    private FrameDelay(Endpoint first, Endpoint second, long nanos, int lossOneIn) throws IOException {
        directions = new Direction[] {new Direction(first, second, nanos, lossOneIn), new Direction(second, first, nanos, lossOneIn)};
        epoll.add(first.descriptor(), 0);
        epoll.add(second.descriptor(), 1);
    }

    /** Frames that go one way. */
    private final class Direction {
        private static final int FRAMES = 1 << 16;
        private static final int BYTES = 1 << 27;

        private final Endpoint from;
        private final Endpoint to;
        private final long nanos;
        private final int lossOneIn;
        private final SplittableRandom random = new SplittableRandom(1);
        private final MemorySegment memory = Arena.global().allocate(BYTES, 4096);
        private final long[] due = new long[FRAMES];
        private final int[] lengths = new int[FRAMES];
        private final int[] places = new int[FRAMES];
        private final FrameBatch one = new FrameBatch();
        private long head;
        private long tail;
        private long written;
        private long released;

        Direction(Endpoint from, Endpoint to, long nanos, int lossOneIn) {
            this.from = from;
            this.to = to;
            this.nanos = nanos;
            this.lossOneIn = lossOneIn;
        }

        /** Takes what is there. What finds no room is lost, as in any queue. */
        boolean take() {
            int count = from.receive(buffers, received);
            long arrival = System.nanoTime();
            for (int i = 0; i < count; i++) {
                if (received.result(i) == 0 && (lossOneIn == 0 || random.nextInt(lossOneIn) != 0)) {
                    keep(received.offset(i), received.length(i), arrival + nanos);
                }
            }
            return count > 0;
        }

        private void keep(long offset, int length, long when) {
            int size = length + FrameBuffers.VIRTIO_HEADER_LENGTH;
            int place = (int) (written % BYTES);
            // A frame lies in one piece.
            long skipped = place + size > BYTES ? BYTES - place : 0;
            if (tail - head == FRAMES || written + skipped + size - released > BYTES) {
                return;
            }
            place = skipped > 0 ? 0 : place;
            MemorySegment.copy(buffers.memory(), offset - FrameBuffers.VIRTIO_HEADER_LENGTH, memory, place, size);
            int index = (int) (tail % FRAMES);
            places[index] = place;
            lengths[index] = length;
            due[index] = when;
            written += skipped + size;
            tail++;
        }

        /** Sends what has rested; returns the time until the next is due, or a long time. */
        long give(long now) {
            while (head < tail) {
                int index = (int) (head % FRAMES);
                if (due[index] - now > 0) {
                    return due[index] - now;
                }
                int size = lengths[index] + FrameBuffers.VIRTIO_HEADER_LENGTH;
                MemorySegment.copy(memory, places[index], buffers.memory(), FrameBuffers.scratch(), size);
                one.clear();
                one.add(FrameBuffers.scratch() + FrameBuffers.VIRTIO_HEADER_LENGTH, lengths[index]);
                to.transmit(buffers, one);
                int place = (int) (released % BYTES);
                released += (places[index] < place ? BYTES - place : 0) + size;
                head++;
            }
            return Long.MAX_VALUE;
        }
    }

    private void run() {
        while (!Thread.currentThread().isInterrupted()) {
            boolean busy = false;
            for (Direction direction : directions) {
                busy |= direction.take();
            }
            long next = Long.MAX_VALUE;
            for (Direction direction : directions) {
                next = Math.min(next, direction.give(System.nanoTime()));
            }
            if (next == Long.MAX_VALUE && !busy) {
                epoll.await(-1);
            } else if (!busy && next > 2 * MILLISECONDS) {
                epoll.await(1);
            } else if (!busy) {
                LockSupport.parkNanos(Math.min(next, STEP_NANOS));
            }
        }
    }

    /** The names of two devices, the delay in microseconds, and of how many frames one is lost, 0 for none. */
    public static void main(String[] arguments) throws IOException {
        Endpoint first = open(arguments[0]);
        Endpoint second = open(arguments[1]);
        FrameDelay delay = new FrameDelay(first, second, Long.parseLong(arguments[2]) * MICROSECONDS, Integer.parseInt(arguments[3]));
        System.out.println("ready");
        delay.run();
    }

    private static Endpoint open(String device) throws IOException {
        try (RouteNetlink netlink = RouteNetlink.open()) {
            int index = netlink.link(device).orElseThrow(() -> new IOException("no device " + device)).index();
            return PacketSocketEndpoint.open(index, device, new Reception.Promiscuous());
        }
    }
}
