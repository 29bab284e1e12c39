package io.footbridge.tap;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;

/**
 * One worker's own memory for frames, and the message headers by which the kernel fills and empties it.
 *
 * <table>
 * <caption>Layout, in bytes from the start of the memory</caption>
 * <tr><th>area</th><th>size</th><th>what for</th></tr>
 * <tr><td>receive</td><td>32 × {@value #SLOT_LENGTH}</td><td>frames of the batch under way</td></tr>
 * <tr><td>scratch</td><td>{@value #SCRATCH_LENGTH}</td><td>frames made here: answers, copies, segments</td></tr>
 * <tr><td>receive headers</td><td>32 × (mmsghdr 64, iovec 16, control 64)</td><td>recvmmsg</td></tr>
 * <tr><td>transmit headers</td><td>32 × (mmsghdr 64, iovec 16)</td><td>sendmmsg</td></tr>
 * </table>
 *
 * <p>A slot holds the largest frame there is, and before it room for a tag to be put back and for the virtio-net
 * header. The slot's length is an odd number of cache lines, so that equal places of neighbouring slots fall into
 * different cache sets.
 *
 * <p>Owning worker only.
 */
public final class FrameBuffers {
    /** The virtio-net header as TAP and packet sockets have it by default (linux/virtio_net.h, without num_buffers). */
    public static final int VIRTIO_HEADER_LENGTH = 10;
    /** The longest frame: Ethernet header, two VLAN tags, and an IPv6 packet of the largest payload. */
    public static final int MAX_FRAME_LENGTH = 14 + 2 * 4 + 40 + 65_535;
    /** How many bytes of frames one endpoint is served at a time, as far as that can be known before reading. */
    public static final int BYTE_BUDGET = 256 * 1024;
    /** Room before each received frame's virtio-net header. */
    public static final int HEADROOM = 52;
    /** Bytes of the scratch area. */
    public static final int SCRATCH_LENGTH = 256 * 1024;

    static final int SLOT_LENGTH = 1035 * 64;
    static final int MMSGHDR_LENGTH = 64;
    static final int MSG_LEN_OFFSET = 56;

    private static final int RECEIVE_LENGTH = FrameBatch.CAPACITY * SLOT_LENGTH;
    private static final long SCRATCH = RECEIVE_LENGTH;
    private static final long RECEIVE_HEADERS = SCRATCH + SCRATCH_LENGTH;
    private static final int IOVEC_LENGTH = 16;
    private static final int CONTROL_LENGTH = 64;
    private static final long RECEIVE_VECTORS = RECEIVE_HEADERS + FrameBatch.CAPACITY * MMSGHDR_LENGTH;
    private static final long RECEIVE_CONTROLS = RECEIVE_VECTORS + FrameBatch.CAPACITY * IOVEC_LENGTH;
    private static final long TRANSMIT_HEADERS = RECEIVE_CONTROLS + FrameBatch.CAPACITY * CONTROL_LENGTH;
    private static final long TRANSMIT_VECTORS = TRANSMIT_HEADERS + FrameBatch.CAPACITY * MMSGHDR_LENGTH;

    /** How much memory a worker's buffers take, in bytes. */
    public static final long LENGTH = TRANSMIT_VECTORS + FrameBatch.CAPACITY * IOVEC_LENGTH;

    // struct msghdr, from the start of struct mmsghdr
    private static final int MSG_IOV = 16;
    private static final int MSG_IOVLEN = 24;
    private static final int MSG_CONTROL = 32;
    private static final int MSG_CONTROLLEN = 40;
    private static final int MSG_FLAGS = 48;

    private final MemorySegment memory;
    private final long address;
    private final CallState state = new CallState();

    /** @param memory at least {@link #LENGTH} bytes of native memory, aligned to a cache line, for this alone */
    public FrameBuffers(MemorySegment memory) {
        if (memory.byteSize() < LENGTH || !memory.isNative()) {
            throw new IllegalArgumentException("frame buffers need " + LENGTH + " bytes of native memory");
        }
        this.memory = memory;
        this.address = memory.address();
        for (int i = 0; i < FrameBatch.CAPACITY; i++) {
            long receiveVector = RECEIVE_VECTORS + (long) i * IOVEC_LENGTH;
            memory.set(JAVA_LONG, receiveVector, address + slot(i) + HEADROOM);
            memory.set(JAVA_LONG, receiveVector + 8, VIRTIO_HEADER_LENGTH + (long) MAX_FRAME_LENGTH);
            long receiveHeader = receiveHeader(i);
            memory.set(JAVA_LONG, receiveHeader + MSG_IOV, address + receiveVector);
            memory.set(JAVA_LONG, receiveHeader + MSG_IOVLEN, 1);
            memory.set(JAVA_LONG, receiveHeader + MSG_CONTROL, address + control(i));
            memory.set(JAVA_LONG, receiveHeader + MSG_CONTROLLEN, CONTROL_LENGTH);
            long transmitHeader = TRANSMIT_HEADERS + (long) i * MMSGHDR_LENGTH;
            memory.set(JAVA_LONG, transmitHeader + MSG_IOV, address + TRANSMIT_VECTORS + (long) i * IOVEC_LENGTH);
            memory.set(JAVA_LONG, transmitHeader + MSG_IOVLEN, 1);
        }
    }

    /** The memory that offsets of frames count from. */
    public MemorySegment memory() {
        return memory;
    }

    /** The native address of offset zero. */
    public long address() {
        return address;
    }

    /** Where the worker's system calls leave their error number. */
    public CallState state() {
        return state;
    }

    /** Offset of the scratch area, {@value #SCRATCH_LENGTH} bytes. */
    public static long scratch() {
        return SCRATCH;
    }

    /** Offset of receive slot {@code index}; the first slot's is also where frames may be packed one after another. */
    public static long slot(int index) {
        return (long) index * SLOT_LENGTH;
    }

    long receiveHeadersAddress() {
        return address + RECEIVE_HEADERS;
    }

    long transmitHeadersAddress(int first) {
        return address + TRANSMIT_HEADERS + (long) first * MMSGHDR_LENGTH;
    }

    /** Bytes that recvmmsg put into slot {@code index}. */
    int received(int index) {
        return memory.get(JAVA_INT, receiveHeader(index) + MSG_LEN_OFFSET);
    }

    /** Flags that recvmmsg set for slot {@code index}. */
    int receivedFlags(int index) {
        return memory.get(JAVA_INT, receiveHeader(index) + MSG_FLAGS);
    }

    /** Bytes of ancillary data that came with slot {@code index}, at {@link #control(int)}. */
    long controlLength(int index) {
        return memory.get(JAVA_LONG, receiveHeader(index) + MSG_CONTROLLEN);
    }

    /** Readies slot {@code index} for the next recvmmsg, which overwrote the size of its control buffer. */
    void rearm(int index) {
        memory.set(JAVA_LONG, receiveHeader(index) + MSG_CONTROLLEN, CONTROL_LENGTH);
    }

    static long control(int index) {
        return RECEIVE_CONTROLS + (long) index * CONTROL_LENGTH;
    }

    /** Points transmit header {@code index} at a frame with its virtio-net header. */
    void transmit(int index, long offset, int length) {
        long vector = TRANSMIT_VECTORS + (long) index * IOVEC_LENGTH;
        memory.set(JAVA_LONG, vector, address + offset - VIRTIO_HEADER_LENGTH);
        memory.set(JAVA_LONG, vector + 8, VIRTIO_HEADER_LENGTH + (long) length);
    }

    private static long receiveHeader(int index) {
        return RECEIVE_HEADERS + (long) index * MMSGHDR_LENGTH;
    }
}
