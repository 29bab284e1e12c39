package io.footbridge.control.slirp;

import io.footbridge.tap.CallState;
import io.footbridge.tap.PrivilegeCalls;
import io.footbridge.tap.SystemCallException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * The system calls that {@code --enable-seccomp} forbids, as a classic BPF program (linux/seccomp.h): whoever makes one of
 * them, or calls by another architecture's numbers, kills the process. They are slirp4netns's, less {@code prctl}, by which a
 * JVM names its threads.
 */
final class SeccompFilter {
    /** Numbers of x86-64 and aarch64 (asm/unistd.h). */
    private enum Forbidden {
        EXECVE(59, 221), EXECVEAT(322, 281), PTRACE(101, 117), PROCESS_VM_READV(310, 270), PROCESS_VM_WRITEV(311, 271),
        PIDFD_OPEN(434, 434), PIDFD_GETFD(438, 438), PIDFD_SEND_SIGNAL(424, 424),
        INIT_MODULE(175, 105), FINIT_MODULE(313, 273), DELETE_MODULE(176, 106),
        KEXEC_LOAD(246, 104), KEXEC_FILE_LOAD(320, 294), REBOOT(169, 142),
        CHROOT(161, 51), PIVOT_ROOT(155, 41), MOUNT(165, 40), UMOUNT2(166, 39), MOVE_MOUNT(429, 429), OPEN_TREE(428, 428),
        FSOPEN(430, 430), FSCONFIG(431, 431), FSMOUNT(432, 432), FSPICK(433, 433), MOUNT_SETATTR(442, 442),
        NAME_TO_HANDLE_AT(303, 264), OPEN_BY_HANDLE_AT(304, 265), LOOKUP_DCOOKIE(212, 18),
        SETNS(308, 268), UNSHARE(272, 97);

        private final int amd64;
        private final int aarch64;

        Forbidden(int amd64, int aarch64) {
            this.amd64 = amd64;
            this.aarch64 = aarch64;
        }
    }

    private static final boolean AARCH64 = System.getProperty("os.arch").equals("aarch64");
    private static final int AUDIT_ARCH = AARCH64 ? 0xC000_00B7 : 0xC000_003E;
    /** From here on are the calls of x32, which are the same under other numbers. */
    private static final int X32_FIRST = 0x4000_0000;
    private static final int RET_KILL_PROCESS = 0x8000_0000;
    private static final int RET_ALLOW = 0x7FFF_0000;

    // linux/bpf_common.h
    private static final int LOAD_WORD = 0x20;
    private static final int JUMP_IF_EQUAL = 0x15;
    private static final int JUMP_IF_GREATER_OR_EQUAL = 0x35;
    private static final int RETURN = 0x06;
    // struct seccomp_data
    private static final int NUMBER = 0;
    private static final int ARCHITECTURE = 4;
    private static final int INSTRUCTION_LENGTH = 8;

    private SeccompFilter() {
    }

    /** Filters the system calls of all threads of this process, for good. */
    static void install() throws SystemCallException {
        CallState state = CallState.ofThread();
        check(PrivilegeCalls.setNoNewPrivileges(state), "prctl PR_SET_NO_NEW_PRIVS");
        try (Arena arena = Arena.ofConfined()) {
            List<long[]> program = program();
            MemorySegment memory = arena.allocate((long) INSTRUCTION_LENGTH * program.size(), Long.BYTES);
            for (int i = 0; i < program.size(); i++) {
                write(memory, (long) INSTRUCTION_LENGTH * i, program.get(i));
            }
            int result = PrivilegeCalls.filterAllThreads(state, memory);
            check(result, "seccomp SECCOMP_SET_MODE_FILTER");
            if (result > 0) {
                throw new IllegalStateException("thread " + result + " has another seccomp filter");
            }
        }
    }

    private static void check(int result, String action) throws SystemCallException {
        if (result < 0) {
            throw new SystemCallException(action, -result, "start without --enable-seccomp");
        }
    }

    /** Each instruction as code, jump if true, jump if false, constant. */
    private static List<long[]> program() {
        List<long[]> program = new ArrayList<>();
        program.add(new long[] {LOAD_WORD, 0, 0, ARCHITECTURE});
        program.add(new long[] {JUMP_IF_EQUAL, 1, 0, AUDIT_ARCH});
        program.add(new long[] {RETURN, 0, 0, RET_KILL_PROCESS});
        program.add(new long[] {LOAD_WORD, 0, 0, NUMBER});
        if (!AARCH64) {
            program.add(new long[] {JUMP_IF_GREATER_OR_EQUAL, 0, 1, X32_FIRST});
            program.add(new long[] {RETURN, 0, 0, RET_KILL_PROCESS});
        }
        for (Forbidden call : Forbidden.values()) {
            program.add(new long[] {JUMP_IF_EQUAL, 0, 1, AARCH64 ? call.aarch64 : call.amd64});
            program.add(new long[] {RETURN, 0, 0, RET_KILL_PROCESS});
        }
        program.add(new long[] {RETURN, 0, 0, RET_ALLOW});
        return program;
    }

    /** {@code struct sock_filter}: 16 bits of code, 8 and 8 of jumps, 32 of constant. */
    private static void write(MemorySegment memory, long offset, long[] instruction) {
        memory.set(ValueLayout.JAVA_SHORT, offset, (short) instruction[0]);
        memory.set(ValueLayout.JAVA_BYTE, offset + 2, (byte) instruction[1]);
        memory.set(ValueLayout.JAVA_BYTE, offset + 3, (byte) instruction[2]);
        memory.set(ValueLayout.JAVA_INT, offset + 4, (int) instruction[3]);
    }
}
