package io.footbridge.dataplane;

import io.footbridge.tap.Endpoint;
import io.footbridge.tap.Errno;
import io.footbridge.tap.FrameBatch;
import io.footbridge.tap.FrameBuffers;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * An endpoint without a kernel: frames wait to be received, and what is sent is kept. Frames are native segments with
 * the virtio-net header first.
 *
 * <p>A frame that is alone in its batch stands flush against the end of the worker's memory, so that reading beyond it
 * is an exception; several stand in the receive slots.
 */
final class MemoryEndpoint implements Endpoint {
    /** A frame to be received that the kernel cut. */
    record Incoming(MemorySegment frame, int result) {
    }

    private final Arena arena;
    private final Deque<Incoming> incoming = new ArrayDeque<>();
    private final List<MemorySegment> taken = new ArrayList<>();
    private final Deque<Integer> answers = new ArrayDeque<>();
    private int offloads = OFFLOAD_TSO | OFFLOAD_USO;
    private int state;
    private int transmissions;
    private boolean closed;
    /** Null where frames are offered one by one. */
    private MemorySegment[] replayed;
    private long swallowed;

    MemoryEndpoint(Arena arena) {
        this.arena = arena;
    }

    /** Lets a frame wait to be received. */
    void offer(MemorySegment frame) {
        incoming.add(new Incoming(frame, 0));
    }

    /** As {@link #offer}, for a frame that the kernel cut. */
    void offerTruncated(MemorySegment frame) {
        incoming.add(new Incoming(frame, -Errno.EMSGSIZE.number()));
    }

    /** From now on gives the same frames again and again, counts what it is sent, and allocates nothing. */
    void replay(MemorySegment... frames) {
        replayed = frames;
    }

    /** How many frames it was sent since {@link #replay}. */
    long swallowed() {
        return swallowed;
    }

    /** What becomes of the next frames that it is sent: 0 is taken, a negated error number is refused. */
    void answer(int... results) {
        for (int result : results) {
            answers.add(result);
        }
    }

    void offloads(int set) {
        offloads = set;
    }

    /** {@link #DOWN} or {@link #GONE} from now on; 0 is as usual. */
    void state(int result) {
        state = result;
    }

    /** What it was sent since it was last asked. */
    List<MemorySegment> taken() {
        List<MemorySegment> all = List.copyOf(taken);
        taken.clear();
        return all;
    }

    /** What it was sent before, first again. */
    void putBack(List<MemorySegment> before) {
        taken.addAll(0, before);
    }

    int transmissions() {
        return transmissions;
    }

    boolean isClosed() {
        return closed;
    }

    @Override
    public int descriptor() {
        return -1;
    }

    @Override
    public int offloads() {
        return offloads;
    }

    @Override
    public int receive(FrameBuffers buffers, FrameBatch batch) {
        batch.clear();
        if (state < 0) {
            return state;
        }
        if (replayed != null) {
            return again(buffers.memory(), batch);
        }
        boolean alone = incoming.size() == 1;
        while (!incoming.isEmpty() && !batch.isFull()) {
            Incoming next = incoming.remove();
            long size = next.frame.byteSize();
            MemorySegment memory = buffers.memory();
            long start = alone ? memory.byteSize() - size : FrameBuffers.slot(batch.count()) + FrameBuffers.HEADROOM;
            MemorySegment.copy(next.frame, 0, memory, start, size);
            batch.add(start + FrameBuffers.VIRTIO_HEADER_LENGTH, (int) size - FrameBuffers.VIRTIO_HEADER_LENGTH);
            batch.result(batch.count() - 1, next.result);
        }
        return batch.count();
    }

    private int again(MemorySegment memory, FrameBatch batch) {
        for (int i = 0; i < replayed.length; i++) {
            long start = FrameBuffers.slot(i) + FrameBuffers.HEADROOM;
            long size = replayed[i].byteSize();
            MemorySegment.copy(replayed[i], 0, memory, start, size);
            batch.add(start + FrameBuffers.VIRTIO_HEADER_LENGTH, (int) size - FrameBuffers.VIRTIO_HEADER_LENGTH);
        }
        return batch.count();
    }

    @Override
    public void transmit(FrameBuffers buffers, FrameBatch batch) {
        if (replayed != null) {
            swallowed += batch.count();
            return;
        }
        transmissions++;
        for (int i = 0; i < batch.count(); i++) {
            batch.result(i, answers.isEmpty() ? 0 : answers.remove());
            if (batch.result(i) < 0) {
                continue;
            }
            long size = FrameBuffers.VIRTIO_HEADER_LENGTH + (long) batch.length(i);
            MemorySegment copy = arena.allocate(size);
            MemorySegment.copy(buffers.memory(), batch.offset(i) - FrameBuffers.VIRTIO_HEADER_LENGTH, copy, 0, size);
            taken.add(copy);
        }
    }

    @Override
    public boolean exists() {
        return state != GONE;
    }

    @Override
    public long kernelDrops() {
        return 0;
    }

    @Override
    public void close() {
        closed = true;
    }
}
