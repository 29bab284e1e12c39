package io.footbridge.tap;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.invoke.MethodHandle;

/** System calls of epoll(7). Every method returns the kernel's result: zero or more, or the negated error number. */
final class EpollCalls {
    static final int EPOLL_CTL_ADD = 1;
    static final int EPOLL_CTL_DEL = 2;
    static final int EPOLL_CTL_MOD = 3;

    private static final int EPOLL_CLOEXEC = FileCalls.O_CLOEXEC;

    private static final MethodHandle CREATE = Downcalls.bind("epoll_create1", JAVA_INT, JAVA_INT);
    private static final MethodHandle CTL =
            Downcalls.bind("epoll_ctl", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG);
    private static final MethodHandle WAIT =
            Downcalls.bind("epoll_wait", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT);

    private EpollCalls() {
    }

    static int create(CallState state) {
        try {
            return state.result((int) CREATE.invokeExact(state.segment(), EPOLL_CLOEXEC));
        } catch (Throwable thrown) {
            throw Downcalls.unexpected(thrown);
        }
    }

    static int control(CallState state, int epoll, int operation, int descriptor, long event) {
        try {
            return state.result((int) CTL.invokeExact(state.segment(), epoll, operation, descriptor, event));
        } catch (Throwable thrown) {
            throw Downcalls.unexpected(thrown);
        }
    }

    static int await(CallState state, int epoll, long events, int capacity, int milliseconds) {
        try {
            return state.result((int) WAIT.invokeExact(state.segment(), epoll, events, capacity, milliseconds));
        } catch (Throwable thrown) {
            throw Downcalls.unexpected(thrown);
        }
    }
}
