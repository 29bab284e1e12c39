package io.footbridge.tap;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.invoke.MethodHandle;

/**
 * System calls that move the calling thread between network namespaces. Both return zero or the negated error number.
 * Only for threads that end soon after: whatever such a thread starts is born in the namespace it stands in.
 */
public final class NamespaceCalls {
    /** Network namespaces (linux/sched.h). */
    public static final int CLONE_NEWNET = 0x40000000;
    /** Mount namespaces. */
    public static final int CLONE_NEWNS = 0x20000;
    /** ioctl on a namespace's descriptor: its kind, one of the {@code CLONE_NEW} constants (linux/nsfs.h). */
    public static final long NS_GET_NSTYPE = 0xb703;

    private static final MethodHandle SETNS = Downcalls.bind("setns", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle UNSHARE = Downcalls.bind("unshare", JAVA_INT, JAVA_INT);

    private NamespaceCalls() {
    }

    /** setns(2): moves the calling platform thread into the namespace of a descriptor, if it is of this kind. */
    public static int setns(CallState state, int descriptor, int kind) {
        try {
            return state.result((int) SETNS.invokeExact(state.segment(), descriptor, kind));
        } catch (Throwable thrown) {
            throw Downcalls.unexpected(thrown);
        }
    }

    /** unshare(2): gives the calling platform thread new namespaces of these kinds. */
    public static int unshare(CallState state, int kinds) {
        try {
            return state.result((int) UNSHARE.invokeExact(state.segment(), kinds));
        } catch (Throwable thrown) {
            throw Downcalls.unexpected(thrown);
        }
    }
}
