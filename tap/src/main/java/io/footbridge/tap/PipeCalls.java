package io.footbridge.tap;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * System calls on pipes and on what moves through them inside the kernel. Every method returns the kernel's result: zero
 * or more, or the negated error number. Any thread, with a {@link CallState} of its own.
 */
public final class PipeCalls {
    /** Pages are moved, not copied, where that is possible (splice(2)). */
    public static final int SPLICE_F_MOVE = 1;
    /** The pipe's end of a splice does not wait. */
    public static final int SPLICE_F_NONBLOCK = 2;

    private static final int F_SETPIPE_SZ = 1031;
    private static final int F_GETPIPE_SZ = 1032;

    private static final MethodHandle PIPE = Downcalls.bind("pipe2", JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle SPLICE =
            Downcalls.bind("splice", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);

    private PipeCalls() {
    }

    /** pipe2(2), non-blocking, closed on exec: {@code ends} receives the reading and the writing descriptor. */
    public static int pipe(CallState state, int[] ends) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment both = arena.allocate(JAVA_INT, 2);
            int flags = FileCalls.O_NONBLOCK | FileCalls.O_CLOEXEC;
            int result = state.result((int) PIPE.invokeExact(state.segment(), both.address(), flags));
            ends[0] = both.getAtIndex(JAVA_INT, 0);
            ends[1] = both.getAtIndex(JAVA_INT, 1);
            return result;
        } catch (Throwable thrown) {
            throw Downcalls.unexpected(thrown);
        }
    }

    /** Bytes that a pipe holds at most, if each of its pages is full. */
    public static int size(CallState state, int pipe) {
        return FileCalls.fcntl(state, pipe, F_GETPIPE_SZ, 0);
    }

    /**
     * Changes what a pipe holds; the kernel rounds up to a power of two of pages.
     *
     * @return the new size in bytes; EPERM where the user's share of pipe memory, or pipe-max-size, does not allow it
     */
    public static int resize(CallState state, int pipe, int bytes) {
        return FileCalls.fcntl(state, pipe, F_SETPIPE_SZ, bytes);
    }

    /** splice(2) between a pipe and another descriptor, neither at an offset: bytes moved, 0 at the end of the source. */
    public static long splice(CallState state, int from, int to, long length, int flags) {
        try {
            return state.result((long) SPLICE.invokeExact(state.segment(), from, 0L, to, 0L, length, flags));
        } catch (Throwable thrown) {
            throw Downcalls.unexpected(thrown);
        }
    }
}
