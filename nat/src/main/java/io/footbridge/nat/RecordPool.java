package io.footbridge.nat;

import io.footbridge.memory.Words;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Which records of one kind are free: a stack of those that were used, linked through the records themselves, and beyond
 * it those that never were. Any thread; nothing waits.
 */
final class RecordPool {
    static final int NONE = -1;

    private final MemorySegment segment;
    private final int records;
    private final int stride;
    private final int link;
    /** Upper half: a count of changes, lest a head that came back is mistaken. Lower half: the record's number plus 1. */
    private final AtomicLong head = new AtomicLong();
    private final AtomicInteger used = new AtomicInteger();

    /**
     * @param stride bytes of a record
     * @param link where in a record is an int that serves as link while it is in use by nobody
     */
    RecordPool(MemorySegment segment, int records, int stride, int link) {
        this.segment = segment;
        this.records = records;
        this.stride = stride;
        this.link = link;
    }

    /** All records that were ever taken are below this. */
    int highWater() {
        return Math.min(used.get(), records);
    }

    /** A record, or NONE when none is free. */
    int take() {
        while (true) {
            long top = head.get();
            int record = (int) top - 1;
            if (record == NONE) {
                return takeUnused();
            }
            // If it is taken meanwhile, the link may be anything, and the compare-and-set fails.
            long below = Integer.toUnsignedLong(next(record) + 1);
            if (head.compareAndSet(top, next(top) | below)) {
                return record;
            }
        }
    }

    /** Reads the records that are likely the next to be taken, at most so many, to have them near. */
    long touch(int most) {
        long read = 0;
        int record = (int) head.get() - 1;
        // Of a record that is taken meanwhile the link may be anything.
        for (int i = 0; i < most && record >= 0 && record < records; i++) {
            read ^= Words.getLong(segment, (long) record * stride);
            record = next(record);
        }
        return read;
    }

    private int takeUnused() {
        if (used.get() >= records) {
            return NONE;
        }
        int record = used.getAndIncrement();
        return record < records ? record : NONE;
    }

    /** Gives one record back. */
    void give(int record) {
        give(record, record);
    }

    /** Gives a chain of records back. */
    void give(int first, int last) {
        long top;
        do {
            top = head.get();
            link(last, (int) top - 1);
        } while (!head.compareAndSet(top, next(top) | first + 1));
    }

    /** The next one in a chain, or NONE. */
    int next(int record) {
        return Words.getIntOpaque(segment, (long) record * stride + link);
    }

    void link(int record, int next) {
        Words.putIntOpaque(segment, (long) record * stride + link, next);
    }

    private static long next(long top) {
        return (top & 0xFFFF_FFFF_0000_0000L) + (1L << 32);
    }
}
