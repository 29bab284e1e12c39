package io.footbridge.dataplane;

import io.footbridge.tap.CallState;
import io.footbridge.tap.Errno;
import io.footbridge.tap.FileCalls;
import io.footbridge.tap.FrameBuffers;
import io.footbridge.tap.SocketCalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** The kernel's side of an endpoint that stands on a socket pair. One thread at a time. */
final class FarEnd implements AutoCloseable {
    private final CallState state = new CallState();
    private final MemorySegment buffer = Arena.ofAuto().allocate(FrameBuffers.VIRTIO_HEADER_LENGTH
            + (long) FrameBuffers.MAX_FRAME_LENGTH);
    private final int near;
    private final int far;
    private boolean closed;

    private FarEnd(int type) {
        int[] pair = new int[2];
        int result = SocketCalls.socketpair(state, type | SocketCalls.SOCK_NONBLOCK | SocketCalls.SOCK_CLOEXEC, pair);
        if (result < 0) {
            throw new AssertionError("socketpair: " + Errno.text(-result));
        }
        near = pair[0];
        far = pair[1];
    }

    /** A pair whose near end does not notice that this one is closed. */
    static FarEnd ofDatagrams() {
        return new FarEnd(SocketCalls.SOCK_DGRAM);
    }

    /** A pair whose near end reads the end of the other. */
    static FarEnd ofPackets() {
        return new FarEnd(SocketCalls.SOCK_SEQPACKET);
    }

    /** The descriptor for the endpoint, whose it is. */
    int near() {
        return near;
    }

    /** Zero, or the negated error number: the queue may be full, or the endpoint closed. */
    int send(MemorySegment frame) {
        return (int) Math.min(FileCalls.write(state, far, frame.address(), frame.byteSize()), 0);
    }

    /** The next frame that the endpoint was sent, a view until the next call; empty when there is none. */
    Optional<MemorySegment> receive() {
        long length = FileCalls.read(state, far, buffer.address(), buffer.byteSize());
        return length > 0 ? Optional.of(buffer.asSlice(0, length)) : Optional.empty();
    }

    /** Whether the endpoint has closed its end. */
    boolean isNearClosed() {
        int result = send(buffer.asSlice(0, 10));
        return Errno.EPIPE.is(result) || Errno.ECONNREFUSED.is(result) || Errno.ECONNRESET.is(result);
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            FileCalls.close(state, far);
        }
    }
}
