package io.footbridge.nat;

import io.footbridge.memory.SeededHash;
import io.footbridge.memory.Words;
import java.lang.foreign.MemorySegment;

/**
 * The mappings of one family and the index that finds them by their inside end. A record, in the machine's byte order:
 *
 * <pre>
 * offset  width  name      meaning
 *  0      8      key       bits 48..63 inside port, 40..47 protocol, 20..39 inside realm, 0..19 number of the pool
 *  8      8      outside   bits 0..19 number of the outside address   bits 20..39 number of its owner
 *                          bits 40..55 outside port
 *                          bit 56 sole: the port's word names it      bit 57 indexed
 * 16      4      sessions  0: it has ended, and never begins again
 * 20      4      link      of a record that is free, the next free one
 * 24      8      low       lower half of the inside address
 * 32      8      high      IPv6 only: its upper half
 * </pre>
 *
 * <p>A pool's number is that of its first address. Any thread; nothing waits.
 */
final class MappingStore {
    static final int IPV4_RECORD = 32;
    static final int IPV6_RECORD = 40;
    static final int KEY = 0;
    static final int OUTSIDE = 8;
    static final int SESSIONS = 16;
    static final int LINK = 20;
    static final int LOW = 24;
    static final int HIGH = 32;
    static final int NONE = -1;

    private static final int NUMBER_MASK = (1 << 20) - 1;
    private static final int OWNER_SHIFT = 20;
    private static final int PORT_SHIFT = 40;
    private static final long SOLE = 1L << 56;
    private static final long INDEXED = 1L << 57;

    private final MemorySegment segment;
    private final boolean ipv6;
    private final int stride;
    private final Index index;
    private final SeededHash seededHash;

    /**
     * @param records zeroed
     * @param buckets zeroed
     */
    MappingStore(MemorySegment records, MemorySegment buckets, long bucketCount, boolean ipv6, SeededHash seededHash) {
        this.segment = records;
        this.ipv6 = ipv6;
        this.stride = stride(ipv6);
        this.seededHash = seededHash;
        this.index = new Index(buckets, bucketCount, this::compare);
    }

    static int stride(boolean ipv6) {
        return ipv6 ? IPV6_RECORD : IPV4_RECORD;
    }

    Index index() {
        return index;
    }

    /** The part of a key that is not an address. */
    static long key(Tuple inside, int pool) {
        return (long) inside.sourcePort() << 48 | (long) inside.protocol() << 40 | (long) inside.realm() << 20 | pool;
    }

    long hash(Tuple inside, int pool) {
        return hash(inside.sourceHigh(), inside.sourceLow(), key(inside, pool));
    }

    private long hash(long high, long low, long key) {
        return ipv6 ? seededHash.hash(high, low, key) : seededHash.hash(low, key);
    }

    /** The mapping of an inside end, or NONE. */
    int find(Tuple inside, int pool, long hash) {
        long first = index.first(hash);
        long word = index.word(first);
        int found = findIn(first, word, inside, pool, hash);
        if (found == NONE && Index.hasDisplaced(word)) {
            long second = index.second(hash);
            found = findIn(second, index.word(second), inside, pool, hash);
        }
        return found;
    }

    private int findIn(long bucket, long word, Tuple inside, int pool, long hash) {
        int candidates = index.candidates(bucket, word, hash);
        while (candidates != 0) {
            int slot = Integer.numberOfTrailingZeros(candidates);
            long value = index.value(bucket, slot);
            int mapping = Index.entry(value);
            if (Index.isOf(value, hash) && isOf(mapping, inside, pool) && index.confirm(bucket, slot, word, value)) {
                return mapping;
            }
            candidates &= candidates - 1;
        }
        return NONE;
    }

    /** Whether a mapping, which may have ended, is or was of this inside end. */
    boolean isOf(int mapping, Tuple inside, int pool) {
        long record = record(mapping);
        return Words.getLong(segment, record + KEY) == key(inside, pool)
                && Words.getLong(segment, record + LOW) == inside.sourceLow()
                && (!ipv6 || Words.getLong(segment, record + HIGH) == inside.sourceHigh());
    }

    /** Reads a mapping's record, to have it near. */
    long touch(int mapping) {
        return Words.getLong(segment, record(mapping) + KEY);
    }

    private int compare(int existing, int mapping) {
        long record = record(existing);
        long other = record(mapping);
        boolean equal = Words.getLong(segment, record + KEY) == Words.getLong(segment, other + KEY)
                && Words.getLong(segment, record + LOW) == Words.getLong(segment, other + LOW)
                && (!ipv6 || Words.getLong(segment, record + HIGH) == Words.getLong(segment, other + HIGH));
        if (!equal) {
            return Index.Keys.OTHER;
        }
        return isAlive(existing) ? Index.Keys.SAME : Index.Keys.ENDED;
    }

    /** Writes a mapping that nobody can find yet, with one session. */
    void write(int mapping, Tuple inside, int pool, int owner, int outside, int port, boolean sole) {
        long record = record(mapping);
        Words.putLong(segment, record + KEY, key(inside, pool));
        Words.putLong(segment, record + LOW, inside.sourceLow());
        if (ipv6) {
            Words.putLong(segment, record + HIGH, inside.sourceHigh());
        }
        Words.putLong(segment, record + OUTSIDE, outside | (long) owner << OWNER_SHIFT | (long) port << PORT_SHIFT
                | (sole ? SOLE : 0));
        Words.putIntRelease(segment, record + SESSIONS, 1);
    }

    /** Writes its port, before a word names it. */
    void port(int mapping, int port) {
        long at = record(mapping) + OUTSIDE;
        Words.putLongRelease(segment, at, Words.getLong(segment, at) & ~(0xFFFFL << PORT_SHIFT) | (long) port << PORT_SHIFT);
    }

    /** Enters a mapping into the index; false where its inside end has another, or no slot is free. */
    boolean enter(int mapping, long hash) {
        long at = record(mapping) + OUTSIDE;
        Words.putLongRelease(segment, at, Words.getLong(segment, at) | INDEXED);
        if (index.insert(hash, mapping) == mapping) {
            return true;
        }
        Words.putLongRelease(segment, at, Words.getLong(segment, at) & ~INDEXED);
        return false;
    }

    /** Takes an ended mapping out of the index, if it is there. */
    void leave(int mapping) {
        long record = record(mapping);
        if ((Words.getLong(segment, record + OUTSIDE) & INDEXED) != 0) {
            index.remove(hash(ipv6 ? Words.getLong(segment, record + HIGH) : 0, Words.getLong(segment, record + LOW),
                    Words.getLong(segment, record + KEY)), mapping);
        }
    }

    /** One session more, unless it has ended. */
    boolean acquire(int mapping) {
        long at = record(mapping) + SESSIONS;
        int sessions;
        do {
            sessions = Words.getIntAcquire(segment, at);
            if (sessions == 0) {
                return false;
            }
        } while (!Words.casInt(segment, at, sessions, sessions + 1));
        return true;
    }

    /** One session less; true for the one that ends it. */
    boolean release(int mapping) {
        return Words.getAndAddInt(segment, record(mapping) + SESSIONS, -1) == 1;
    }

    boolean isAlive(int mapping) {
        return Words.getIntAcquire(segment, record(mapping) + SESSIONS) > 0;
    }

    int outside(int mapping) {
        return (int) Words.getLong(segment, record(mapping) + OUTSIDE) & NUMBER_MASK;
    }

    int owner(int mapping) {
        return (int) (Words.getLong(segment, record(mapping) + OUTSIDE) >>> OWNER_SHIFT) & NUMBER_MASK;
    }

    int port(int mapping) {
        return (int) (Words.getLong(segment, record(mapping) + OUTSIDE) >>> PORT_SHIFT) & 0xFFFF;
    }

    boolean isSole(int mapping) {
        return (Words.getLong(segment, record(mapping) + OUTSIDE) & SOLE) != 0;
    }

    int protocol(int mapping) {
        return (int) (Words.getLong(segment, record(mapping) + KEY) >>> 40) & 0xFF;
    }

    /** The inside end, as a destination. */
    void inside(int mapping, Tuple into) {
        long record = record(mapping);
        long key = Words.getLong(segment, record + KEY);
        into.destination(ipv6 ? Words.getLong(segment, record + HIGH) : 0, Words.getLong(segment, record + LOW), (int) (key >>> 48));
        into.protocol((int) (key >>> 40) & 0xFF, ipv6);
        into.realm((int) (key >>> 20) & NUMBER_MASK);
    }

    private long record(int mapping) {
        return (long) mapping * stride;
    }
}
