package io.footbridge.tap;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.VarHandle;

/**
 * Where one thread's system calls leave {@code errno}. A thread on the frame path owns one and passes it to each call;
 * other threads take {@link #ofThread()}.
 */
public final class CallState {
    private static final StructLayout LAYOUT = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = LAYOUT.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final ThreadLocal<CallState> OF_THREAD = ThreadLocal.withInitial(CallState::new);

    private final MemorySegment segment = Arena.ofAuto().allocate(LAYOUT);

    /** A state of the caller's own; one thread at a time may use it. */
    public CallState() {
    }

    /** The calling thread's own state. */
    public static CallState ofThread() {
        return OF_THREAD.get();
    }

    /** The segment that a downcall made with {@code captureCallState("errno")} takes as its first argument. */
    MemorySegment segment() {
        return segment;
    }

    /** The error number of the last call that failed. */
    int errno() {
        return (int) ERRNO.get(segment, 0L);
    }

    /** The kernel's own convention: the result if it is no error, else the negated error number. */
    int result(int returned) {
        return returned >= 0 ? returned : -errno();
    }

    /** As {@link #result(int)}, for calls that return a {@code ssize_t}. */
    long result(long returned) {
        return returned >= 0 ? returned : -errno();
    }
}
