package io.footbridge.tap;

/**
 * A list of at most {@value #CAPACITY} frames in one worker's {@link FrameBuffers}: what was received from an endpoint,
 * or what is about to be sent to one. Each frame is the offset of its Ethernet header and its length without FCS; the
 * {@value FrameBuffers#VIRTIO_HEADER_LENGTH} bytes before that offset are its virtio-net header.
 *
 * <p>Owning worker only.
 */
public final class FrameBatch {
    /** How many frames a batch holds. */
    public static final int CAPACITY = 32;

    private final long[] offsets = new long[CAPACITY];
    private final int[] lengths = new int[CAPACITY];
    private final int[] results = new int[CAPACITY];
    private int count;

    /** An empty batch. */
    public FrameBatch() {
    }

    /** How many frames the batch holds now. */
    public int count() {
        return count;
    }

    /** Whether no other frame fits. */
    public boolean isFull() {
        return count == CAPACITY;
    }

    /** Byte offset of frame {@code index}'s Ethernet header in the worker's buffers. */
    public long offset(int index) {
        return offsets[index];
    }

    /** Length in bytes of frame {@code index}, from its Ethernet header on, without FCS. */
    public int length(int index) {
        return lengths[index];
    }

    /** What became of frame {@code index}: zero, or the negated error number that the kernel gave for it. */
    public int result(int index) {
        return results[index];
    }

    /** Notes what became of a frame. */
    public void result(int index, int result) {
        results[index] = result;
    }

    /** Appends a frame; the batch must not be full. */
    public void add(long offset, int length) {
        int index = count;
        offsets[index] = offset;
        lengths[index] = length;
        results[index] = 0;
        count = index + 1;
    }

    /** Empties the batch. */
    public void clear() {
        count = 0;
    }
}
