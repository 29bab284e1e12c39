package io.footbridge.nat;

import io.footbridge.memory.Words;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Which records of one kind are free: a stack of those that were used, linked through the records themselves, and beyond
 * it those that never were. Any thread; nothing waits.
 *
 * <p>Each lane takes from a stock of its own, which is filled from the stack by one compare-and-set for many.
 */
final class RecordPool {
    static final int NONE = -1;
    /** Records in a lane's stock at most, which no other lane can have. */
    static final int STOCK = 64;

    /** In ints: 128 bytes before a stock and behind it, so that no other lane writes its lines. */
    private static final int MARGIN = 32;
    /** In a stock: how many records it has; they follow. */
    private static final int COUNT = MARGIN;

    private final MemorySegment segment;
    private final int records;
    private final int stride;
    private final int link;
    private final int[][] stocks;
    /** Upper half: a count of changes, lest a head that came back is mistaken. Lower half: the record's number plus 1. */
    private final AtomicLong head = new AtomicLong();
    private final AtomicInteger used = new AtomicInteger();

    /**
     * @param stride bytes of a record
     * @param link where in a record is an int that serves as link while it is in use by nobody
     */
    RecordPool(MemorySegment segment, int records, int stride, int link, int lanes) {
        this.segment = segment;
        this.records = records;
        this.stride = stride;
        this.link = link;
        this.stocks = new int[lanes][MARGIN + 1 + STOCK + MARGIN];
    }

    /** All records that were ever taken are below this. */
    int highWater() {
        return Math.min(used.get(), records);
    }

    /** A record, or NONE when none is free; the lane's thread. */
    int take(Lane lane) {
        int[] stock = stocks[lane.number];
        if (stock[COUNT] == 0) {
            fill(stock);
        }
        int count = stock[COUNT];
        if (count == 0) {
            return NONE;
        }
        stock[COUNT] = count - 1;
        return stock[COUNT + count];
    }

    /** Reads the records that are the next to be taken, at most so many, to have them near; the lane's thread. */
    long touch(Lane lane, int most) {
        int[] stock = stocks[lane.number];
        if (stock[COUNT] < most) {
            fill(stock);
        }
        long read = 0;
        int count = stock[COUNT];
        for (int i = count; i > 0 && i > count - most; i--) {
            long record = (long) stock[COUNT + i] * stride;
            read ^= Words.getLong(segment, record) ^ Words.getIntOpaque(segment, record + link);
        }
        return read;
    }

    private void fill(int[] stock) {
        int had = stock[COUNT];
        int count;
        int record;
        long top;
        do {
            top = head.get();
            count = had;
            record = (int) top - 1;
            if (record == NONE) {
                stock[COUNT] = fillUnused(stock, had);
                return;
            }
            // Of a record that is taken meanwhile the link may be anything: then the compare-and-set fails.
            while (count < STOCK && record >= 0 && record < records) {
                stock[COUNT + ++count] = record;
                record = next(record);
            }
        } while (!head.compareAndSet(top, next(top) | Integer.toUnsignedLong(record + 1)));
        stock[COUNT] = count;
    }

    private int fillUnused(int[] stock, int had) {
        int count = had;
        if (used.get() < records) {
            int first = used.getAndAdd(STOCK - had);
            int end = Math.min(first + STOCK - had, records);
            for (int record = end - 1; record >= first; record--) {
                stock[COUNT + ++count] = record;
            }
        }
        return count;
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
