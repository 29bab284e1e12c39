package io.footbridge.tap;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Classic BPF programs for packet sockets (linux/filter.h): struct sock_fprog, whose instructions live in the arena. */
final class PacketFilter {
    private static final int LOAD_WORD = 0x20;
    private static final int LOAD_HALF = 0x28;
    private static final int LOAD_BYTE = 0x30;
    private static final int JUMP_EQUAL = 0x15;
    private static final int JUMP_SET = 0x45;
    private static final int RETURN = 0x06;
    private static final int INSTRUCTION_LENGTH = 8;
    private static final int ALL = 0x40000;

    private PacketFilter() {
    }

    /** Accepts frames whose destination is {@code mac} or multicast. */
    static MemorySegment unicast(Arena arena, long mac) {
        return program(arena, new int[][] {
            {LOAD_BYTE, 0, 0, 0},
            {JUMP_SET, 4, 0, 1},
            {LOAD_WORD, 0, 0, 0},
            {JUMP_EQUAL, 0, 3, (int) (mac >>> 16)},
            {LOAD_HALF, 0, 0, 4},
            {JUMP_EQUAL, 0, 1, (int) (mac & 0xffff)},
            {RETURN, 0, 0, ALL},
            {RETURN, 0, 0, 0},
        });
    }

    /** Lays out instructions given as code, jump if true, jump if false, operand. */
    private static MemorySegment program(Arena arena, int[][] instructions) {
        MemorySegment code = arena.allocate((long) instructions.length * INSTRUCTION_LENGTH, 8);
        for (int i = 0; i < instructions.length; i++) {
            long at = (long) i * INSTRUCTION_LENGTH;
            code.set(JAVA_SHORT, at, (short) instructions[i][0]);
            code.set(JAVA_BYTE, at + 2, (byte) instructions[i][1]);
            code.set(JAVA_BYTE, at + 3, (byte) instructions[i][2]);
            code.set(JAVA_INT, at + 4, instructions[i][3]);
        }
        MemorySegment program = arena.allocate(16, 8);
        program.set(JAVA_SHORT, 0, (short) instructions.length);
        program.set(ADDRESS, 8, code);
        return program;
    }
}
