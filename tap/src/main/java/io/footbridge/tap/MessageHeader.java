package io.footbridge.tap;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * One message of recvmsg(2) or sendmsg(2): where its address, its data and its control messages lie. For calls that
 * need more than the data; one thread at a time. The layout (sys/socket.h, 64-bit):
 *
 * <pre>
 * offset width name
 *      0     8 msg_name        address of the peer's address structure
 *      8     4 msg_namelen
 *     16     8 msg_iov         the one vector at 64
 *     24     8 msg_iovlen
 *     32     8 msg_control
 *     40     8 msg_controllen
 *     48     4 msg_flags
 *     56     4 msg_len         of the mmsghdr around it: bytes moved
 *     64     8 iov_base
 *     72     8 iov_len
 * </pre>
 */
public final class MessageHeader {
    /** Flag in: descriptors that arrive are closed on exec. */
    public static final int MSG_CMSG_CLOEXEC = 0x40000000;
    /** Flag in: a peer that is gone is an error, not a signal. */
    public static final int MSG_NOSIGNAL = 0x4000;
    /** Flag out: control messages did not fit, some are lost. */
    public static final int MSG_CTRUNC = 8;

    private static final long NAME_LENGTH = 8;
    private static final long CONTROL_LENGTH = 40;
    private static final long FLAGS = 48;
    private static final long MOVED = 56;
    private static final long VECTOR = 64;
    private static final long VECTOR_LENGTH = 72;
    private static final long SIZE = 80;

    private final MemorySegment header;
    private final MemorySegment name;
    private final MemorySegment data;
    private final MemorySegment control;

    /** A header over the caller's segments, which live in the same arena or longer; each may be empty. */
    public MessageHeader(Arena arena, MemorySegment name, MemorySegment data, MemorySegment control) {
        this.header = arena.allocate(SIZE, Long.BYTES);
        this.name = name;
        this.data = data;
        this.control = control;
        header.set(JAVA_LONG, 0, name.address());
        header.set(JAVA_LONG, 16, VECTOR + header.address());
        header.set(JAVA_LONG, 24, 1);
        header.set(JAVA_LONG, 32, control.address());
        header.set(JAVA_LONG, VECTOR, data.address());
    }

    /** Receives one message: the bytes of data that fitted, or the negated error number. Ends of stream are zero. */
    public int receive(CallState state, int socket, int flags) {
        offer(data.byteSize());
        int result = SocketCalls.recvmmsg(state, socket, header.address(), 1, flags);
        return result < 0 ? result : header.get(JAVA_INT, MOVED);
    }

    /** Sends the first {@code length} bytes of data with the whole control segment: bytes sent, or the negated error. */
    public int send(CallState state, int socket, long length, int flags) {
        offer(length);
        int result = SocketCalls.sendmmsg(state, socket, header.address(), 1, flags);
        return result < 0 ? result : header.get(JAVA_INT, MOVED);
    }

    /** The flags of the message received last. */
    public int flags() {
        return header.get(JAVA_INT, FLAGS);
    }

    /** Bytes of control messages received last. */
    public long controlLength() {
        return Math.min(header.get(JAVA_LONG, CONTROL_LENGTH), control.byteSize());
    }

    private void offer(long length) {
        header.set(JAVA_INT, NAME_LENGTH, (int) name.byteSize());
        header.set(JAVA_LONG, CONTROL_LENGTH, control.byteSize());
        header.set(JAVA_INT, FLAGS, 0);
        header.set(JAVA_INT, MOVED, 0);
        header.set(JAVA_LONG, VECTOR_LENGTH, length);
    }
}
