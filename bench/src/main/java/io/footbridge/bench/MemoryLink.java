package io.footbridge.bench;

import io.footbridge.tap.CallState;
import io.footbridge.tap.Endpoint;
import io.footbridge.tap.FileCalls;
import io.footbridge.tap.FrameBatch;
import io.footbridge.tap.FrameBuffers;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * An endpoint in memory that a real worker waits on: an eventfd says that there may be frames. What comes and what becomes
 * of what is sent is for those that extend it; both happen on workers' threads.
 */
abstract class MemoryLink implements Endpoint {
    private final MemorySegment counter = Arena.global().allocate(Long.BYTES, Long.BYTES);
    private final MemorySegment one = Arena.global().allocateFrom(ValueLayout.JAVA_LONG, 1L);
    private final int eventfd;

    MemoryLink() throws IOException {
        eventfd = FileCalls.eventfd(new CallState());
        if (eventfd < 0) {
            throw new IOException("eventfd: error " + -eventfd);
        }
    }

    /** Tells the worker that there are frames; any thread. */
    final void ring() {
        FileCalls.write(CallState.ofThread(), eventfd, one.address(), Long.BYTES);
    }

    /**
     * Puts the next frame that is to be received where the worker wants it.
     *
     * @param frame offset of its Ethernet header; before it stands a virtio-net header of zeros
     * @return the frame's length, or 0 where there is none
     */
    abstract int produce(MemorySegment memory, long frame);

    /** Takes a frame that is sent here; any worker. */
    abstract void consume(MemorySegment memory, long frame, int length);

    /** Whether there is more to {@link #produce} at once. */
    abstract boolean hasMore();

    @Override
    public final int descriptor() {
        return eventfd;
    }

    @Override
    public final int offloads() {
        return OFFLOAD_TSO | OFFLOAD_USO;
    }

    @Override
    public int receive(FrameBuffers buffers, FrameBatch batch) {
        batch.clear();
        FileCalls.read(buffers.state(), eventfd, counter.address(), Long.BYTES);
        MemorySegment memory = buffers.memory();
        while (!batch.isFull()) {
            long header = FrameBuffers.slot(batch.count()) + FrameBuffers.HEADROOM;
            memory.asSlice(header, FrameBuffers.VIRTIO_HEADER_LENGTH).fill((byte) 0);
            int length = produce(memory, header + FrameBuffers.VIRTIO_HEADER_LENGTH);
            if (length == 0) {
                break;
            }
            batch.add(header + FrameBuffers.VIRTIO_HEADER_LENGTH, length);
        }
        if (hasMore()) {
            ring();
        }
        return batch.count();
    }

    @Override
    public final void transmit(FrameBuffers buffers, FrameBatch batch) {
        for (int i = 0; i < batch.count(); i++) {
            consume(buffers.memory(), batch.offset(i), batch.length(i));
            batch.result(i, 0);
        }
    }

    @Override
    public final boolean exists() {
        return true;
    }

    @Override
    public final long kernelDrops() {
        return 0;
    }

    @Override
    public final void close() {
        FileCalls.close(CallState.ofThread(), eventfd);
    }
}
