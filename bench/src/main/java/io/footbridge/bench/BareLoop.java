package io.footbridge.bench;

import io.footbridge.tap.CallState;
import io.footbridge.tap.Endpoint;
import io.footbridge.tap.Epoll;
import io.footbridge.tap.FileCalls;
import io.footbridge.tap.FrameBuffers;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The yardstick: frames from one descriptor to another with nothing in between, one read and one write each, neither
 * parsed nor looked up nor counted. What is lost against it is what the bridge costs; what this loses against the
 * kernel's bridge is what crossing into user space costs, which no user-space bridge can win back.
 */
final class BareLoop implements Runnable {
    private static final long SPIN_NANOS = 50_000;
    private static final int BURST = 32;

    private final int first;
    private final int second;
    private final Epoll epoll;
    private final MemorySegment frame = Arena.global().allocate(
            FrameBuffers.VIRTIO_HEADER_LENGTH + (long) FrameBuffers.MAX_FRAME_LENGTH, 4096);
    private final CallState state = new CallState();

    BareLoop(Endpoint first, Endpoint second) throws IOException {
        this.first = first.descriptor();
        this.second = second.descriptor();
        this.epoll = new Epoll();
        epoll.add(this.first, 0);
        epoll.add(this.second, 1);
    }

    /** Forwards until the thread is interrupted while something is ready; spins and blocks as a worker does. */
    @Override
    public void run() {
        long idleSince = System.nanoTime();
        while (!Thread.currentThread().isInterrupted()) {
            int ready = epoll.await(System.nanoTime() - idleSince > SPIN_NANOS ? -1 : 0);
            for (int i = 0; i < ready; i++) {
                if (epoll.token(i) == 0) {
                    copy(first, second);
                } else {
                    copy(second, first);
                }
            }
            if (ready > 0) {
                idleSince = System.nanoTime();
            }
        }
    }

    private void copy(int from, int to) {
        long address = frame.address();
        for (int i = 0; i < BURST; i++) {
            long length = FileCalls.read(state, from, address, frame.byteSize());
            if (length <= 0) {
                return;
            }
            FileCalls.write(state, to, address, length);
        }
    }
}
