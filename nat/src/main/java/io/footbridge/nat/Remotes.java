package io.footbridge.nat;

import io.footbridge.memory.Epochs;
import io.footbridge.memory.Region;
import io.footbridge.memory.SeededHash;
import io.footbridge.memory.Words;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * Which addresses a mapping has sessions with, for address-dependent filtering; there only if that was asked for. A record
 * counts the sessions of a mapping with an address. It is 32 bytes in the machine's byte order, whatever the family:
 *
 * <pre>
 * offset  width  name      meaning
 *  0     16      address   upper half, then lower half
 * 16      4      mapping   its number
 * 20      4      sessions  0: it has ended, and never begins again
 * 24      4      link      of a record that is free, the next free one
 * </pre>
 *
 * <p>Any thread; nothing waits.
 */
final class Remotes implements AutoCloseable {
    static final int RECORD = 32;

    private static final int HIGH = 0;
    private static final int LOW = 8;
    private static final int MAPPING = 16;
    private static final int SESSIONS = 20;
    private static final int LINK = 24;
    private static final int NONE = -1;
    private static final int ATTEMPTS = 8;

    private final Region records;
    private final Region buckets;
    private final MemorySegment segment;
    private final SeededHash hash;
    private final Index index;
    private final RecordPool pool;
    private final Limbo[] limbos;

    Remotes(int recordCount, int capacity, Epochs epochs, int lanes, SeededHash hash) throws IOException {
        this.hash = hash;
        long bucketCount = Index.buckets(capacity);
        records = Region.map("addresses of remote ends", (long) recordCount * RECORD);
        try {
            buckets = Region.map("addresses of remote ends", bucketCount * Index.BUCKET);
        } catch (IOException e) {
            records.close();
            throw e;
        }
        segment = records.segment();
        index = new Index(buckets.segment(), bucketCount, this::compare);
        pool = new RecordPool(segment, recordCount, RECORD, LINK, lanes);
        limbos = new Limbo[lanes];
        for (int lane = 0; lane < lanes; lane++) {
            limbos[lane] = new Limbo(pool, epochs, null);
        }
    }

    /** Counts a session of a mapping with an address; false where there is no room: then the address stays unknown. */
    boolean acquire(Lane lane, int mapping, long high, long low) {
        long at = hash.hash(high, low, mapping);
        int found = find(mapping, high, low, at);
        if (found != NONE && acquire(found)) {
            return true;
        }
        int record = pool.take(lane);
        if (record == RecordPool.NONE) {
            limbos[lane.number].advance(Integer.MAX_VALUE);
            return false;
        }
        long offset = offset(record);
        Words.putLong(segment, offset + HIGH, high);
        Words.putLong(segment, offset + LOW, low);
        Words.putInt(segment, offset + MAPPING, mapping);
        Words.putIntRelease(segment, offset + SESSIONS, 1);
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            int entered = index.insert(at, record);
            if (entered == record) {
                return true;
            }
            if (entered == Index.FULL || acquire(entered)) {
                Words.putIntRelease(segment, offset + SESSIONS, 0);
                limbos[lane.number].add(record);
                return entered != Index.FULL;
            }
        }
        Words.putIntRelease(segment, offset + SESSIONS, 0);
        limbos[lane.number].add(record);
        return false;
    }

    /** Takes back what {@link #acquire} did. */
    void release(Lane lane, int mapping, long high, long low) {
        long at = hash.hash(high, low, mapping);
        int record = find(mapping, high, low, at);
        if (record != NONE && Words.getAndAddInt(segment, offset(record) + SESSIONS, -1) == 1) {
            index.remove(at, record);
            limbos[lane.number].add(record);
        }
    }

    boolean has(int mapping, long high, long low) {
        return find(mapping, high, low, hash.hash(high, low, mapping)) != NONE;
    }

    private boolean acquire(int record) {
        long at = offset(record) + SESSIONS;
        int sessions;
        do {
            sessions = Words.getIntAcquire(segment, at);
            if (sessions == 0) {
                return false;
            }
        } while (!Words.casInt(segment, at, sessions, sessions + 1));
        return true;
    }

    private int find(int mapping, long high, long low, long at) {
        long first = index.first(at);
        long word = index.word(first);
        int found = findIn(first, word, mapping, high, low, at);
        if (found == NONE && Index.hasDisplaced(word)) {
            long second = index.second(at);
            found = findIn(second, index.word(second), mapping, high, low, at);
        }
        return found;
    }

    private int findIn(long bucket, long word, int mapping, long high, long low, long at) {
        int candidates = index.candidates(bucket, word, at);
        while (candidates != 0) {
            int slot = Integer.numberOfTrailingZeros(candidates);
            long value = index.value(bucket, slot);
            long offset = offset(Index.entry(value));
            if (Index.isOf(value, at) && Words.getIntAcquire(segment, offset + SESSIONS) > 0
                    && Words.getInt(segment, offset + MAPPING) == mapping && Words.getLong(segment, offset + LOW) == low
                    && Words.getLong(segment, offset + HIGH) == high && index.confirm(bucket, slot, word, value)) {
                return Index.entry(value);
            }
            candidates &= candidates - 1;
        }
        return NONE;
    }

    private int compare(int existing, int record) {
        long one = offset(existing);
        long other = offset(record);
        boolean equal = Words.getLong(segment, one + HIGH) == Words.getLong(segment, other + HIGH)
                && Words.getLong(segment, one + LOW) == Words.getLong(segment, other + LOW)
                && Words.getInt(segment, one + MAPPING) == Words.getInt(segment, other + MAPPING);
        if (!equal) {
            return Index.Keys.OTHER;
        }
        return Words.getIntAcquire(segment, one + SESSIONS) > 0 ? Index.Keys.SAME : Index.Keys.ENDED;
    }

    void reclaim(int budget) {
        SessionTable.reclaim(limbos, budget);
    }

    long indexed() {
        return index.entries();
    }

    private static long offset(int record) {
        return (long) record * RECORD;
    }

    @Override
    public void close() {
        records.close();
        buckets.close();
    }
}
