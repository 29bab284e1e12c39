package io.footbridge.memory;

import java.lang.foreign.MemorySegment;

/**
 * How an accessor that is given a segment and an offset reaches the memory behind them: native memory by its address, with
 * neither bounds nor life of the segment checked; any other by its segment.
 *
 * <pre>{@code DirectAccess.base(memory).get(LONG, DirectAccess.at(memory, offset))}</pre>
 *
 * <p>Where assertions are on, as in all tests, every access goes by its segment, which holds it against its bounds. Those
 * checks are not free: of a frame that is routed they are a quarter of the time, more than all that is decided about it.
 * What they would find is a mistake of ours, not of a sender: lengths are checked once, when headers are parsed, and numbers of
 * records are below the number of records.
 *
 * <p>The compiler is told as much: an address is masked by what it cannot have set, which costs one instruction where a
 * comparison and a branch for bounds, and another for alignment, stood at each field.
 *
 * <p>Whoever holds native memory keeps it mapped for as long as somebody accesses it (see {@link Epochs}).
 */
public final class DirectAccess {
    private static final boolean CHECKED = DirectAccess.class.desiredAssertionStatus();
    /** In a constant, so that the compiler knows its bounds. */
    private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
    /** The bits that an address of a process can have. What is masked by them is inside {@link #ALL}: the compiler checks no bounds. */
    private static final long ADDRESS = (1L << 56) - 1;

    private DirectAccess() {
    }

    /** The segment to access. */
    public static MemorySegment base(MemorySegment memory) {
        return isDirect(memory) ? ALL : memory;
    }

    /** Where in {@link #base} an offset of the memory is. */
    public static long at(MemorySegment memory, long offset) {
        return isDirect(memory) ? memory.address() + offset & ADDRESS : offset;
    }

    /** As {@link #at}, of a word that is aligned to its size in bytes: the compiler sees that it is, and does not check that either. */
    static long atWord(MemorySegment memory, long offset, int size) {
        return isDirect(memory) ? memory.address() + offset & ADDRESS & -size : offset;
    }

    private static boolean isDirect(MemorySegment memory) {
        return !CHECKED && memory.isNative();
    }
}
