package io.footbridge.tap;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.invoke.MethodHandle;

/**
 * System calls on other processes. Every method returns the kernel's result: zero or more, or the negated error number.
 * Any thread, with a {@link CallState} of its own.
 */
public final class ProcessCalls {
    /** The same numbers on x86-64 and aarch64; called by number because an older C library has no such functions. */
    private static final long SYS_PIDFD_OPEN = 434;
    private static final long SYS_PIDFD_GETFD = 438;

    private static final MethodHandle SYSCALL =
            Downcalls.bindVariadic("syscall", 1, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);

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

    private static int call(CallState state, long number, long first, long second) {
        try {
            return (int) state.result((long) SYSCALL.invokeExact(state.segment(), number, first, second, 0L));
        } catch (Throwable thrown) {
            throw Downcalls.unexpected(thrown);
        }
    }
}
