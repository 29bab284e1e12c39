package io.footbridge.tap;

/**
 * Where frames enter and leave: a TAP device or a packet socket on a link. Frames carry the 10-byte virtio-net header
 * before them, native byte order, verbatim from the kernel and to it.
 *
 * <p>{@link #receive} is for the one worker that owns the endpoint; {@link #transmit} for any worker, with its own
 * buffers. {@link #close} only when no worker can reach the endpoint any more: the number of a closed descriptor is
 * given out again.
 */
public interface Endpoint extends AutoCloseable {
    /** Offload: TCP segments over IPv4 and IPv6 may be handed over unsegmented. */
    int OFFLOAD_TSO = 1;
    /** Offload: UDP segments (virtio's UDP_L4) may be handed over unsegmented. */
    int OFFLOAD_USO = 2;

    /** Result of {@link #receive}: the link is down now and may come back. */
    int DOWN = -1;
    /** Result of {@link #receive}: the device is gone for good. */
    int GONE = -2;

    /** The descriptor that epoll waits on, or negative where there is none. */
    int descriptor();

    /** What the receiving side takes unsegmented: a set of {@code OFFLOAD_} bits. */
    int offloads();

    /**
     * Receives what is there, without waiting, at most 32 frames and about {@value FrameBuffers#BYTE_BUDGET} bytes.
     *
     * @param batch cleared first, then filled; a frame that the kernel cut has result {@code -EMSGSIZE}
     * @return the number of frames, or {@link #DOWN} or {@link #GONE}
     */
    int receive(FrameBuffers buffers, FrameBatch batch);

    /**
     * Sends every frame of the batch, in order. A frame that the kernel refuses is skipped, its result is the negated
     * error number; the others' are zero.
     */
    void transmit(FrameBuffers buffers, FrameBatch batch);

    /** Whether the device behind a link that was {@link #DOWN} still exists. */
    boolean exists();

    /** Frames that the kernel dropped before we could read them, since the endpoint was made. Off the frame path. */
    long kernelDrops();

    @Override
    void close();
}
