package io.footbridge.memory;

import static io.footbridge.memory.DirectAccess.atWord;
import static io.footbridge.memory.DirectAccess.base;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * Shared words in off-heap records: aligned longs (offset a multiple of 8) and ints (a multiple of 4) in the
 * machine's byte order, with the memory order in the method's name. Any thread.
 *
 * <p>Where assertions are on, an offset that is not aligned is an {@link IllegalArgumentException}, and one that lies outside
 * the segment an {@link IndexOutOfBoundsException}; nowhere else ({@link DirectAccess}). Wire fields are none of
 * these: they are unaligned and big-endian.
 */
public final class Words {
    private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle().withInvokeExactBehavior();
    private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle().withInvokeExactBehavior();

    /** Of words whose offset is known to be aligned, though the compiler does not see it. */
    private static final VarHandle LONG_OF_RECORD = ValueLayout.JAVA_LONG_UNALIGNED.varHandle().withInvokeExactBehavior();
    /** As {@link #LONG_OF_RECORD}. */
    private static final VarHandle INT_OF_RECORD = ValueLayout.JAVA_INT_UNALIGNED.varHandle().withInvokeExactBehavior();

    private Words() {
    }

    /** Plain read: for words that only the calling thread writes. */
    public static long getLong(MemorySegment segment, long offset) {
        return (long) LONG.get(base(segment), atWord(segment, offset, Long.BYTES));
    }

    /**
     * As {@link #getLong(MemorySegment, long)}, of a record's field: several of one record cost the compiler one address.
     *
     * @param field where in the record it is, a multiple of 8
     */
    public static long getLong(MemorySegment segment, long record, int field) {
        assert (record + field & Long.BYTES - 1) == 0 : "not aligned";
        return (long) LONG_OF_RECORD.get(base(segment), atWord(segment, record, Long.BYTES) + field);
    }

    /** Whole and current, but ordered with nothing else: for counters that another thread writes. */
    public static long getLongOpaque(MemorySegment segment, long offset) {
        return (long) LONG.getOpaque(base(segment), atWord(segment, offset, Long.BYTES));
    }

    /** No later access of this thread is done before it. */
    public static long getLongAcquire(MemorySegment segment, long offset) {
        return (long) LONG.getAcquire(base(segment), atWord(segment, offset, Long.BYTES));
    }

    /** In the one order that all volatile accesses share. */
    public static long getLongVolatile(MemorySegment segment, long offset) {
        return (long) LONG.getVolatile(base(segment), atWord(segment, offset, Long.BYTES));
    }

    /** Plain write: for words that nobody else reads yet. */
    public static void putLong(MemorySegment segment, long offset, long value) {
        LONG.set(base(segment), atWord(segment, offset, Long.BYTES), value);
    }

    /** Whole and soon visible, but ordered with nothing else: for counters that another thread reads. */
    public static void putLongOpaque(MemorySegment segment, long offset, long value) {
        LONG.setOpaque(base(segment), atWord(segment, offset, Long.BYTES), value);
    }

    /** No earlier access of this thread is done after it. */
    public static void putLongRelease(MemorySegment segment, long offset, long value) {
        LONG.setRelease(base(segment), atWord(segment, offset, Long.BYTES), value);
    }

    /** In the one order that all volatile accesses share. */
    public static void putLongVolatile(MemorySegment segment, long offset, long value) {
        LONG.setVolatile(base(segment), atWord(segment, offset, Long.BYTES), value);
    }

    /** Puts {@code value} where {@code expected} stands, with volatile order; false when something else stood there. */
    public static boolean casLong(MemorySegment segment, long offset, long expected, long value) {
        return LONG.compareAndSet(base(segment), atWord(segment, offset, Long.BYTES), expected, value);
    }

    /** Adds with volatile order and returns what stood there before. */
    public static long getAndAddLong(MemorySegment segment, long offset, long delta) {
        return (long) LONG.getAndAdd(base(segment), atWord(segment, offset, Long.BYTES), delta);
    }

    /** Clears the bits that are not in the mask, with volatile order, and returns what stood there before. */
    public static long getAndBitwiseAndLong(MemorySegment segment, long offset, long mask) {
        return (long) LONG.getAndBitwiseAnd(base(segment), atWord(segment, offset, Long.BYTES), mask);
    }

    /** Plain read: for words that only the calling thread writes. */
    public static int getInt(MemorySegment segment, long offset) {
        return (int) INT.get(base(segment), atWord(segment, offset, Integer.BYTES));
    }

    /**
     * As {@link #getInt(MemorySegment, long)}, of a record's field: several of one record cost the compiler one address.
     *
     * @param record a multiple of 8
     * @param field where in the record it is, a multiple of 4
     */
    public static int getInt(MemorySegment segment, long record, int field) {
        assert (record & Long.BYTES - 1 | field & Integer.BYTES - 1) == 0 : "not aligned";
        return (int) INT_OF_RECORD.get(base(segment), atWord(segment, record, Long.BYTES) + field);
    }

    /** Whole and current, but ordered with nothing else: for counters that another thread writes. */
    public static int getIntOpaque(MemorySegment segment, long offset) {
        return (int) INT.getOpaque(base(segment), atWord(segment, offset, Integer.BYTES));
    }

    /** No later access of this thread is done before it. */
    public static int getIntAcquire(MemorySegment segment, long offset) {
        return (int) INT.getAcquire(base(segment), atWord(segment, offset, Integer.BYTES));
    }

    /** In the one order that all volatile accesses share. */
    public static int getIntVolatile(MemorySegment segment, long offset) {
        return (int) INT.getVolatile(base(segment), atWord(segment, offset, Integer.BYTES));
    }

    /** Plain write: for words that nobody else reads yet. */
    public static void putInt(MemorySegment segment, long offset, int value) {
        INT.set(base(segment), atWord(segment, offset, Integer.BYTES), value);
    }

    /** Whole and soon visible, but ordered with nothing else: for counters that another thread reads. */
    public static void putIntOpaque(MemorySegment segment, long offset, int value) {
        INT.setOpaque(base(segment), atWord(segment, offset, Integer.BYTES), value);
    }

    /** No earlier access of this thread is done after it. */
    public static void putIntRelease(MemorySegment segment, long offset, int value) {
        INT.setRelease(base(segment), atWord(segment, offset, Integer.BYTES), value);
    }

    /** In the one order that all volatile accesses share. */
    public static void putIntVolatile(MemorySegment segment, long offset, int value) {
        INT.setVolatile(base(segment), atWord(segment, offset, Integer.BYTES), value);
    }

    /** Puts {@code value} where {@code expected} stands, with volatile order; false when something else stood there. */
    public static boolean casInt(MemorySegment segment, long offset, int expected, int value) {
        return INT.compareAndSet(base(segment), atWord(segment, offset, Integer.BYTES), expected, value);
    }

    /** Adds with volatile order and returns what stood there before. */
    public static int getAndAddInt(MemorySegment segment, long offset, int delta) {
        return (int) INT.getAndAdd(base(segment), atWord(segment, offset, Integer.BYTES), delta);
    }
}
