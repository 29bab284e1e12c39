package io.footbridge.tap;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * System calls by which a thread gives up rights: capabilities(7), no_new_privs, seccomp(2). Every method returns zero or
 * more, or the negated error number. Any thread, with a {@link CallState} of its own.
 *
 * <p>Rights are a thread's, not a process's: a thread that lays them down and then executes a program makes it the
 * program's; threads beside it that go on keep theirs.
 */
public final class PrivilegeCalls {
    /** To bind ports below 1024 (linux/capability.h). */
    public static final int CAP_NET_BIND_SERVICE = 10;

    private static final int PR_CAPBSET_DROP = 24;
    private static final int PR_SET_NO_NEW_PRIVS = 38;
    private static final int PR_CAP_AMBIENT = 47;
    private static final long PR_CAP_AMBIENT_CLEAR_ALL = 4;
    private static final int CAPABILITY_VERSION_3 = 0x2008_0522;
    private static final int CAPABILITY_WORDS = 6;
    private static final int SECCOMP_SET_MODE_FILTER = 1;
    private static final int SECCOMP_FILTER_FLAG_TSYNC = 1;
    private static final long SYS_SECCOMP = "aarch64".equals(System.getProperty("os.arch")) ? 277 : 317;
    /** {@code struct sock_fprog}: how many instructions, and at 8 where. */
    private static final int PROGRAM_LENGTH = 16;
    private static final int INSTRUCTION_LENGTH = 8;

    private static final MethodHandle PRCTL =
            Downcalls.bindVariadic("prctl", 1, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle CAPSET = Downcalls.bind("capset", JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle SECCOMP =
            Downcalls.bindVariadic("syscall", 1, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_LONG);

    private PrivilegeCalls() {
    }

    /** From here on no program that is executed has more rights than its caller (PR_SET_NO_NEW_PRIVS). */
    public static int setNoNewPrivileges(CallState state) {
        return prctl(state, PR_SET_NO_NEW_PRIVS, 1, 0);
    }

    /** Takes a capability from the bounding set; EINVAL where the kernel has no such number. */
    public static int dropFromBoundingSet(CallState state, int capability) {
        return prctl(state, PR_CAPBSET_DROP, capability, 0);
    }

    /** Empties the ambient set. */
    public static int clearAmbientSet(CallState state) {
        return prctl(state, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0);
    }

    /** capset(2): permitted, effective and inheritable set become these, a bit for each of the first 32 capabilities. */
    public static int setCapabilities(CallState state, int effective, int permitted, int inheritable) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment header = arena.allocate(JAVA_INT, 2);
            header.set(JAVA_INT, 0, CAPABILITY_VERSION_3);
            MemorySegment sets = arena.allocate(JAVA_INT, CAPABILITY_WORDS);
            sets.setAtIndex(JAVA_INT, 0, effective);
            sets.setAtIndex(JAVA_INT, 1, permitted);
            sets.setAtIndex(JAVA_INT, 2, inheritable);
            return state.result((int) CAPSET.invokeExact(state.segment(), header.address(), sets.address()));
        } catch (Throwable thrown) {
            throw Downcalls.unexpected(thrown);
        }
    }

    /**
     * seccomp(2): filters the system calls of all threads of the process from here on. The caller has done
     * {@link #setNoNewPrivileges} first, which then holds for all threads, too.
     *
     * @param program instructions of eight bytes ({@code struct sock_filter})
     * @return zero, or the id of a thread that has another filter, or the negated error number
     */
    public static int filterAllThreads(CallState state, MemorySegment program) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment description = arena.allocate(PROGRAM_LENGTH, Long.BYTES);
            description.set(JAVA_INT, 0, (int) (program.byteSize() / INSTRUCTION_LENGTH));
            description.set(JAVA_LONG, Long.BYTES, program.address());
            return (int) state.result((long) SECCOMP.invokeExact(state.segment(), SYS_SECCOMP, SECCOMP_SET_MODE_FILTER,
                    SECCOMP_FILTER_FLAG_TSYNC, description.address()));
        } catch (Throwable thrown) {
            throw Downcalls.unexpected(thrown);
        }
    }

    private static int prctl(CallState state, int option, long first, long second) {
        try {
            return state.result((int) PRCTL.invokeExact(state.segment(), option, first, second, 0L, 0L));
        } catch (Throwable thrown) {
            throw Downcalls.unexpected(thrown);
        }
    }
}
