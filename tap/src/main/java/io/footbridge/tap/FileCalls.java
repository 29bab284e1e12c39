package io.footbridge.tap;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * System calls on file descriptors: open, close, read, write, ioctl, fcntl, poll,
 * eventfd. Every method returns the kernel's
 * result: zero or more, or the negated error number. Any thread, with a {@link CallState} of its own.
 */
public final class FileCalls {
    /** Open flags, x86-64 and aarch64 (asm-generic/fcntl.h). */
    public static final int O_RDONLY = 0;
    /** Open for reading and writing. */
    public static final int O_RDWR = 2;
    /** Reads and writes do not wait. */
    public static final int O_NONBLOCK = 0x800;
    /** Closed on exec. */
    public static final int O_CLOEXEC = 0x80000;

    /** {@link #poll}: there is something to read. */
    public static final int POLLIN = 1;
    /** {@link #poll}: something can be written. */
    public static final int POLLOUT = 4;
    /** {@link #poll}: the other end is gone; always waited for. */
    public static final int POLLHUP = 0x10;

    /** {@code struct pollfd}: the descriptor, at 4 what is waited for, at 6 what has happened. */
    private static final int POLLFD_LENGTH = 8;
    private static final int EFD_FLAGS = O_NONBLOCK | O_CLOEXEC;
    /** The same number on x86-64 and aarch64; called by number because an older C library has no such function. */
    private static final long SYS_CLOSE_RANGE = 436;
    private static final int CLOSE_RANGE_CLOEXEC = 4;
    private static final int F_SETFD = 2;
    private static final int F_GETFL = 3;
    private static final int F_SETFL = 4;

    private static final MethodHandle OPEN = Downcalls.bindVariadic("open", 2, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
    private static final MethodHandle MKFIFO = Downcalls.bind("mkfifo", JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle CLOSE = Downcalls.bind("close", JAVA_INT, JAVA_INT);
    private static final MethodHandle READ = Downcalls.bind("read", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle WRITE = Downcalls.bind("write", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle IOCTL = Downcalls.bindVariadic("ioctl", 2, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle FCNTL = Downcalls.bindVariadic("fcntl", 2, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle CLOSE_RANGE =
            Downcalls.bindVariadic("syscall", 1, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle POLL = Downcalls.bind("poll", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
    private static final MethodHandle EVENTFD = Downcalls.bind("eventfd", JAVA_INT, JAVA_INT, JAVA_INT);

    private FileCalls() {
    }

    /** open(2) of an existing file. */
    public static int open(CallState state, String path, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocateFrom(path);
            return state.result((int) OPEN.invokeExact(state.segment(), text, flags, 0));
        } catch (Throwable thrown) {
            throw Downcalls.unexpected(thrown);
        }
    }

    /** mkfifo(3): a named pipe; {@code mode} as for chmod, less what the process's mask takes away. */
    public static int makeFifo(CallState state, String path, int mode) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocateFrom(path);
            return state.result((int) MKFIFO.invokeExact(state.segment(), text, mode));
        } catch (Throwable thrown) {
            throw Downcalls.unexpected(thrown);
        }
    }

    /** close(2). */
    public static int close(CallState state, int descriptor) {
        try {
            return state.result((int) CLOSE.invokeExact(state.segment(), descriptor));
        } catch (Throwable thrown) {
            throw Downcalls.unexpected(thrown);
        }
    }

    /** read(2) into {@code length} bytes at {@code address}. */
    public static long read(CallState state, int descriptor, long address, long length) {
        try {
            return state.result((long) READ.invokeExact(state.segment(), descriptor, address, length));
        } catch (Throwable thrown) {
            throw Downcalls.unexpected(thrown);
        }
    }

    /** write(2) of {@code length} bytes at {@code address}. */
    public static long write(CallState state, int descriptor, long address, long length) {
        try {
            return state.result((long) WRITE.invokeExact(state.segment(), descriptor, address, length));
        } catch (Throwable thrown) {
            throw Downcalls.unexpected(thrown);
        }
    }

    /** ioctl(2) with an address or a number as argument. */
    public static int ioctl(CallState state, int descriptor, long request, long argument) {
        try {
            return state.result((int) IOCTL.invokeExact(state.segment(), descriptor, request, argument));
        } catch (Throwable thrown) {
            throw Downcalls.unexpected(thrown);
        }
    }

    /** Makes reads and writes of a descriptor return instead of waiting. */
    public static int setNonBlocking(CallState state, int descriptor) {
        try {
            int flags = state.result((int) FCNTL.invokeExact(state.segment(), descriptor, F_GETFL, 0));
            if (flags < 0) {
                return flags;
            }
            return state.result((int) FCNTL.invokeExact(state.segment(), descriptor, F_SETFL, flags | O_NONBLOCK));
        } catch (Throwable thrown) {
            throw Downcalls.unexpected(thrown);
        }
    }

    /** Keeps a descriptor open when the process executes another program. */
    public static int keepOnExecute(CallState state, int descriptor) {
        return fcntl(state, descriptor, F_SETFD, 0);
    }

    /** Closes this descriptor and all higher ones when the process executes another program (close_range, Linux 5.11). */
    public static int closeOnExecuteFrom(CallState state, int first) {
        try {
            return (int) state.result((long) CLOSE_RANGE.invokeExact(state.segment(), SYS_CLOSE_RANGE, first, -1,
                    CLOSE_RANGE_CLOEXEC));
        } catch (Throwable thrown) {
            throw Downcalls.unexpected(thrown);
        }
    }

    /** fcntl(2) with a number as argument. */
    public static int fcntl(CallState state, int descriptor, int command, int argument) {
        try {
            return state.result((int) FCNTL.invokeExact(state.segment(), descriptor, command, argument));
        } catch (Throwable thrown) {
            throw Downcalls.unexpected(thrown);
        }
    }

    /**
     * poll(2).
     *
     * @param descriptors a negative one is left out; one that is not open is an event, too
     * @param events for each what to wait for besides errors; becomes what has happened
     * @param milliseconds how long to wait, -1 for ever
     * @return how many have something
     */
    public static int poll(CallState state, int[] descriptors, int[] events, int milliseconds) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment list = arena.allocate((long) POLLFD_LENGTH * descriptors.length, Integer.BYTES);
            for (int i = 0; i < descriptors.length; i++) {
                list.set(JAVA_INT, (long) POLLFD_LENGTH * i, descriptors[i]);
                list.set(JAVA_SHORT, (long) POLLFD_LENGTH * i + 4, (short) events[i]);
            }
            int count = state.result((int) POLL.invokeExact(state.segment(), list.address(), (long) descriptors.length,
                    milliseconds));
            for (int i = 0; i < descriptors.length; i++) {
                events[i] = count > 0 ? list.get(JAVA_SHORT, (long) POLLFD_LENGTH * i + 6) : 0;
            }
            return count;
        } catch (Throwable thrown) {
            throw Downcalls.unexpected(thrown);
        }
    }

    /** eventfd(2), non-blocking, closed on exec, counting from zero. */
    public static int eventfd(CallState state) {
        try {
            return state.result((int) EVENTFD.invokeExact(state.segment(), 0, EFD_FLAGS));
        } catch (Throwable thrown) {
            throw Downcalls.unexpected(thrown);
        }
    }
}
