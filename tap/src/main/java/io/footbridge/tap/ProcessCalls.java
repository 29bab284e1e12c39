package io.footbridge.tap;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.List;

/**
 * System calls on processes, this one and others. Every method returns the kernel's result: zero or more, or the negated error number.
 * Any thread, with a {@link CallState} of its own.
 */
public final class ProcessCalls {
    /** The same numbers on x86-64 and aarch64; called by number because an older C library has no such functions. */
    private static final long SYS_PIDFD_SEND_SIGNAL = 424;
    private static final long SYS_PIDFD_OPEN = 434;
    private static final long SYS_PIDFD_GETFD = 438;

    private static final int RLIMIT_NOFILE = 7;

    private static final MethodHandle GETRLIMIT = Downcalls.bind("getrlimit", JAVA_INT, JAVA_INT, JAVA_LONG);
    private static final MethodHandle SETRLIMIT = Downcalls.bind("setrlimit", JAVA_INT, JAVA_INT, JAVA_LONG);
    private static final MethodHandle EXECVE = Downcalls.bind("execve", JAVA_INT, ADDRESS, ADDRESS, ADDRESS);
    private static final MethodHandle SYSCALL =
            Downcalls.bindVariadic("syscall", 1, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);

    private ProcessCalls() {
    }

    /** pidfd_open(2): a descriptor of a process, closed on exec, readable (epoll, poll) once the process has ended. */
    public static int pidfdOpen(CallState state, int pid) {
        return call(state, SYS_PIDFD_OPEN, pid, 0);
    }

    /** pidfd_getfd(2): a duplicate of another process's descriptor, closed on exec. Needs the right to trace it. */
    public static int pidfdGetfd(CallState state, int pidfd, int descriptor) {
        return call(state, SYS_PIDFD_GETFD, pidfd, descriptor);
    }

    /** pidfd_send_signal(2), to the one process that the descriptor is of: a number given to another since does no harm. */
    public static int pidfdSendSignal(CallState state, int pidfd, int signal) {
        return call(state, SYS_PIDFD_SEND_SIGNAL, pidfd, signal);
    }

    /**
     * execve(2): the process becomes another program, under the same process id. The other threads end; the calling
     * thread's rights, namespaces, root and working directory are the program's. Returns only if it fails.
     *
     * @param program the program's file
     * @param arguments the first is its name
     * @param environment entries of the form {@code NAME=VALUE}
     */
    public static int execute(CallState state, String program, List<String> arguments, List<String> environment) {
        try (Arena arena = Arena.ofConfined()) {
            return state.result((int) EXECVE.invokeExact(state.segment(), arena.allocateFrom(program),
                    strings(arena, arguments), strings(arena, environment)));
        } catch (Throwable thrown) {
            throw Downcalls.unexpected(thrown);
        }
    }

    private static MemorySegment strings(Arena arena, List<String> texts) {
        MemorySegment array = arena.allocate(JAVA_LONG, texts.size() + 1L);
        for (int i = 0; i < texts.size(); i++) {
            array.setAtIndex(JAVA_LONG, i, arena.allocateFrom(texts.get(i)).address());
        }
        return array;
    }

    /**
     * Raises this process's limit of open descriptors (RLIMIT_NOFILE) to the hard limit, which needs no right.
     *
     * @return the limit that holds now, or the negated error number
     */
    public static long raiseOpenFiles(CallState state) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment limits = arena.allocate(JAVA_LONG, 2);
            int read = state.result((int) GETRLIMIT.invokeExact(state.segment(), RLIMIT_NOFILE, limits.address()));
            if (read < 0) {
                return read;
            }
            long hard = limits.getAtIndex(JAVA_LONG, 1);
            if (limits.getAtIndex(JAVA_LONG, 0) == hard) {
                return hard;
            }
            limits.setAtIndex(JAVA_LONG, 0, hard);
            int set = state.result((int) SETRLIMIT.invokeExact(state.segment(), RLIMIT_NOFILE, limits.address()));
            return set < 0 ? set : hard;
        } catch (Throwable thrown) {
            throw Downcalls.unexpected(thrown);
        }
    }

    private static int call(CallState state, long number, long first, long second) {
        try {
            return (int) state.result((long) SYSCALL.invokeExact(state.segment(), number, first, second, 0L, 0L));
        } catch (Throwable thrown) {
            throw Downcalls.unexpected(thrown);
        }
    }
}
