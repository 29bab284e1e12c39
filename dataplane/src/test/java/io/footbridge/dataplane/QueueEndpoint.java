package io.footbridge.dataplane;

import io.footbridge.tap.CallState;
import io.footbridge.tap.Endpoint;
import io.footbridge.tap.Errno;
import io.footbridge.tap.FileCalls;
import io.footbridge.tap.FrameBatch;
import io.footbridge.tap.FrameBuffers;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * An endpoint in memory that a real worker may wait on: an eventfd says that frames are there. Queues have no end, so
 * that a test loses nothing on its way. Frames have the virtio-net header first; the test's side is for any thread.
 */
final class QueueEndpoint implements Endpoint {
    private final Queue<MemorySegment> incoming = new ConcurrentLinkedQueue<>();
    private final Queue<MemorySegment> outgoing = new ConcurrentLinkedQueue<>();
    private final MemorySegment counter = Arena.ofAuto().allocate(Long.BYTES, Long.BYTES);
    private final MemorySegment one = Arena.ofAuto().allocate(Long.BYTES, Long.BYTES);
    private final int eventfd = FileCalls.eventfd(new CallState());

    QueueEndpoint() {
        if (eventfd < 0) {
            throw new AssertionError("eventfd: " + Errno.text(-eventfd));
        }
        one.set(ValueLayout.JAVA_LONG, 0, 1);
    }

    /** Lets a frame wait to be received. */
    void offer(MemorySegment frame) {
        incoming.add(frame);
        ring();
    }

    /** The next frame that was sent here. */
    Optional<MemorySegment> poll() {
        return Optional.ofNullable(outgoing.poll());
    }

    private void ring() {
        FileCalls.write(CallState.ofThread(), eventfd, one.address(), Long.BYTES);
    }

    @Override
    public int descriptor() {
        return eventfd;
    }

    @Override
    public int offloads() {
        return OFFLOAD_TSO | OFFLOAD_USO;
    }

    @Override
    public int receive(FrameBuffers buffers, FrameBatch batch) {
        batch.clear();
        FileCalls.read(buffers.state(), eventfd, counter.address(), Long.BYTES);
        long bytes = 0;
        MemorySegment frame;
        while (!batch.isFull() && bytes < FrameBuffers.BYTE_BUDGET && (frame = incoming.poll()) != null) {
            long size = frame.byteSize();
            long start = FrameBuffers.slot(batch.count()) + FrameBuffers.HEADROOM;
            MemorySegment.copy(frame, 0, buffers.memory(), start, size);
            batch.add(start + FrameBuffers.VIRTIO_HEADER_LENGTH, (int) size - FrameBuffers.VIRTIO_HEADER_LENGTH);
            bytes += size;
        }
        if (!incoming.isEmpty()) {
            ring();
        }
        return batch.count();
    }

    @Override
    public void transmit(FrameBuffers buffers, FrameBatch batch) {
        for (int i = 0; i < batch.count(); i++) {
            long size = FrameBuffers.VIRTIO_HEADER_LENGTH + (long) batch.length(i);
            MemorySegment copy = Arena.ofAuto().allocate(size);
            MemorySegment.copy(buffers.memory(), batch.offset(i) - FrameBuffers.VIRTIO_HEADER_LENGTH, copy, 0, size);
            outgoing.add(copy);
            batch.result(i, 0);
        }
    }

    @Override
    public boolean exists() {
        return true;
    }

    @Override
    public long kernelDrops() {
        return 0;
    }

    @Override
    public void close() {
        FileCalls.close(CallState.ofThread(), eventfd);
    }
}
