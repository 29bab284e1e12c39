package io.footbridge.bench;

import io.footbridge.tap.Endpoint;
import io.footbridge.tap.Epoll;
import io.footbridge.tap.FrameBatch;
import io.footbridge.tap.FrameBuffers;
import io.footbridge.tap.PacketSocketEndpoint;
import io.footbridge.tap.Reception;
import io.footbridge.tap.netlink.RouteNetlink;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;

/**
 * A long way between two veth ends: every frame of either direction rests for a while, one in so many is lost. Frames keep
 * their order and are handed on as they came, segmented or not, those that are due together with one system call. A process of
 * its own, which answers each line of its standard input with what it has counted.
 */
final class FrameDelay {
    private static final long MICROSECONDS = 1_000;
    private static final long MILLISECONDS = 1_000_000;
    /** The longest rest while frames are under way: what a frame is late by. */
    private static final long STEP_NANOS = 100 * MICROSECONDS;
    /** Bytes that may be under way each way: 10 ms of 100 Gbit/s. */
    private static final int BYTES = 1 << 27;

    private final FrameBuffers buffers = new FrameBuffers(Arena.global().allocate(FrameBuffers.LENGTH + 2L * BYTES, 4096));
    private final FrameBatch batch = new FrameBatch();
    private final Epoll epoll = new Epoll();
    private final Direction[] directions;

    private FrameDelay(Endpoint first, Endpoint second, long nanos, int lossOneIn) throws IOException {
        directions = new Direction[] {new Direction(first, second, nanos, lossOneIn, FrameBuffers.LENGTH),
            new Direction(second, first, nanos, lossOneIn, FrameBuffers.LENGTH + BYTES)};
        epoll.add(first.descriptor(), 0);
        epoll.add(second.descriptor(), 1);
    }

    /** Frames that go one way. They rest behind the buffers, in a ring, from where they are sent. */
    private final class Direction {
        private static final int FRAMES = 1 << 16;

        private final Endpoint from;
        private final Endpoint to;
        private final long nanos;
        private final int lossOneIn;
        private final long ring;
        private final SplittableRandom random = new SplittableRandom(1);
        private final long[] due = new long[FRAMES];
        private final int[] lengths = new int[FRAMES];
        private final int[] places = new int[FRAMES];
        private long head;
        private long written;
        private long released;
        // Read by the thread that answers, too.
        private volatile long tail;
        private volatile long lost;
        private volatile long refused;

        Direction(Endpoint from, Endpoint to, long nanos, int lossOneIn, long ring) {
            this.from = from;
            this.to = to;
            this.nanos = nanos;
            this.lossOneIn = lossOneIn;
            this.ring = ring;
        }

        /** Takes what is there. What finds no room is lost, as in any queue. */
        boolean take() {
            int count = from.receive(buffers, batch);
            long arrival = System.nanoTime();
            for (int i = 0; i < count; i++) {
                if (lossOneIn != 0 && random.nextInt(lossOneIn) == 0) {
                    lost++;
                } else if (batch.result(i) != 0 || !keep(batch.offset(i), batch.length(i), arrival + nanos)) {
                    refused++;
                }
            }
            return count > 0;
        }

        private boolean keep(long offset, int length, long when) {
            int size = length + FrameBuffers.VIRTIO_HEADER_LENGTH;
            int place = (int) (written % BYTES);
            // A frame lies in one piece.
            long skipped = place + size > BYTES ? BYTES - place : 0;
            if (tail - head == FRAMES || written + skipped + size - released > BYTES) {
                return false;
            }
            place = skipped > 0 ? 0 : place;
            MemorySegment.copy(buffers.memory(), offset - FrameBuffers.VIRTIO_HEADER_LENGTH, buffers.memory(), ring + place, size);
            int index = (int) (tail % FRAMES);
            places[index] = place;
            lengths[index] = length;
            due[index] = when;
            written += skipped + size;
            tail++;
            return true;
        }

        /** Sends what has rested; returns the time until the next is due, or a long time. */
        long give(long now) {
            while (head < tail && isDue(head, now)) {
                batch.clear();
                long end = head;
                while (end < tail && !batch.isFull() && isDue(end, now)) {
                    int index = (int) (end++ % FRAMES);
                    batch.add(ring + places[index] + FrameBuffers.VIRTIO_HEADER_LENGTH, lengths[index]);
                }
                to.transmit(buffers, batch);
                for (int i = 0; head < end; i++, head++) {
                    release((int) (head % FRAMES));
                    if (batch.result(i) != 0) {
                        refused++;
                    }
                }
            }
            return head < tail ? due[(int) (head % FRAMES)] - now : Long.MAX_VALUE;
        }

        private boolean isDue(long frame, long now) {
            return due[(int) (frame % FRAMES)] - now <= 0;
        }

        private void release(int index) {
            int place = (int) (released % BYTES);
            released += (places[index] < place ? BYTES - place : 0) + lengths[index] + FrameBuffers.VIRTIO_HEADER_LENGTH;
        }

        String counted() {
            return tail + " frames, " + lost + " lost, " + (refused + from.kernelDrops()) + " found no room";
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

    private void answer() {
        try (BufferedReader questions = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII))) {
            while (questions.readLine() != null) {
                System.out.println("there " + directions[0].counted() + "; back " + directions[1].counted());
            }
        } catch (IOException ended) {
            // Nobody asks any more.
        }
    }

    /** The names of two devices, the delay in microseconds, and of how many frames one is lost, 0 for none. */
    public static void main(String[] arguments) throws IOException {
        Endpoint first = open(arguments[0]);
        Endpoint second = open(arguments[1]);
        FrameDelay delay = new FrameDelay(first, second, Long.parseLong(arguments[2]) * MICROSECONDS, Integer.parseInt(arguments[3]));
        Thread.ofPlatform().daemon().start(delay::answer);
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
