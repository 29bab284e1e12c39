package io.footbridge.tap;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Hands open descriptors to another process over a unix socket (SCM_RIGHTS, unix(7)): one descriptor beside one byte of
 * data, so that a stream keeps the two together. Any thread; the socket's own mode decides whether a call waits.
 *
 * <p>A control message is {@code {u64 length, s32 level, s32 type}} and its data, padded to eight bytes. The padding
 * means that a buffer made for one descriptor takes two: whatever arrives beyond the one that was asked for is closed.
 */
public final class DescriptorPassing {
    private static final int SCM_RIGHTS = 1;
    private static final long HEADER = 16;
    private static final long ALIGNMENT = 8;
    /** Room for our one descriptor behind whatever else a socket's options let arrive (credentials: 32 bytes). */
    private static final long CONTROL_CAPACITY = 128;

    private DescriptorPassing() {
    }

    /** Sends one descriptor and one byte. The caller keeps its own descriptor and closes it. */
    public static void send(int socket, int descriptor, byte data) throws IOException {
        CallState state = CallState.ofThread();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment payload = arena.allocateFrom(JAVA_BYTE, data);
            MemorySegment control = arena.allocate(HEADER + ALIGNMENT, Long.BYTES);
            control.set(JAVA_LONG, 0, HEADER + Integer.BYTES);
            control.set(JAVA_INT, 8, SocketCalls.SOL_SOCKET);
            control.set(JAVA_INT, 12, SCM_RIGHTS);
            control.set(JAVA_INT, HEADER, descriptor);
            MessageHeader message = new MessageHeader(arena, MemorySegment.NULL, payload, control);
            int result;
            do {
                result = message.send(state, socket, 1, MessageHeader.MSG_NOSIGNAL);
            } while (Errno.EINTR.is(result));
            SystemCallException.check(result, "sendmsg of descriptor " + descriptor);
        }
    }

    /** A descriptor that arrived, the receiver's to close, and the byte that came with it. */
    public record Received(int descriptor, byte data) {
    }

    /**
     * Receives one byte and its one descriptor, which is closed on exec. Anything else than exactly one descriptor is
     * an error, and none of those that came stays open.
     *
     * @throws EOFException when the peer has closed its end
     */
    public static Received receive(int socket) throws IOException {
        CallState state = CallState.ofThread();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment payload = arena.allocate(1);
            MemorySegment control = arena.allocate(CONTROL_CAPACITY, Long.BYTES);
            MessageHeader message = new MessageHeader(arena, MemorySegment.NULL, payload, control);
            int result;
            do {
                result = message.receive(state, socket, MessageHeader.MSG_CMSG_CLOEXEC);
            } while (Errno.EINTR.is(result));
            SystemCallException.check(result, "recvmsg of a descriptor");
            MemorySegment received = control.asSlice(0, message.controlLength());
            int count = closeAllButFirst(state, received);
            boolean truncated = (message.flags() & MessageHeader.MSG_CTRUNC) != 0;
            int descriptor = first(received);
            if (count == 1 && !truncated && result == 1) {
                return new Received(descriptor, payload.get(JAVA_BYTE, 0));
            }
            if (count > 0) {
                FileCalls.close(state, descriptor);
            }
            if (result == 0 && count == 0) {
                throw new EOFException("recvmsg of a descriptor: the peer has closed the connection");
            }
            throw new IOException("recvmsg of a descriptor: " + (truncated ? "more than fit" : String.valueOf(count))
                    + " arrived where one was expected");
        }
    }

    private static int closeAllButFirst(CallState state, MemorySegment control) {
        int count = 0;
        for (long at = 0; holdsMessage(control, at); at += step(control, at)) {
            for (long next = at + HEADER; isRights(control, at) && next + 4 <= end(control, at); next += 4) {
                if (++count > 1) {
                    FileCalls.close(state, control.get(JAVA_INT, next));
                }
            }
        }
        return count;
    }

    private static int first(MemorySegment control) {
        for (long at = 0; holdsMessage(control, at); at += step(control, at)) {
            if (isRights(control, at) && at + HEADER + 4 <= end(control, at)) {
                return control.get(JAVA_INT, at + HEADER);
            }
        }
        return -1;
    }

    private static boolean holdsMessage(MemorySegment control, long at) {
        return at + HEADER <= control.byteSize() && control.get(JAVA_LONG, at) >= HEADER;
    }

    private static boolean isRights(MemorySegment control, long at) {
        return control.get(JAVA_INT, at + 8) == SocketCalls.SOL_SOCKET && control.get(JAVA_INT, at + 12) == SCM_RIGHTS;
    }

    private static long end(MemorySegment control, long at) {
        return Math.min(at + control.get(JAVA_LONG, at), control.byteSize());
    }

    private static long step(MemorySegment control, long at) {
        return (control.get(JAVA_LONG, at) + ALIGNMENT - 1) & -ALIGNMENT;
    }
}
