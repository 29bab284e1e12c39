package io.footbridge.nat;

import io.footbridge.memory.SeededHash;
import io.footbridge.memory.Words;
import java.lang.foreign.MemorySegment;

/**
 * Finds records by the hash of their key, for any number of threads at once; nobody waits for anybody. An entry is an
 * int, zero or more: a record's number, or a record's and a direction's.
 *
 * <p>A bucket is a line of 64 bytes, aligned, in the machine's byte order:
 * <pre>
 * offset  width  name   meaning
 *  0      8      word   bits  0..6  valid: slot n holds an entry that readers may use
 *                       bits  7..12 displaced: entries in other buckets whose first bucket this is; 63 stays 63
 *                       bits 13..15 pending: 1 + the slot of a displaced entry that is to become valid, 0 when there is none
 *                       bits 16..38 in which bucket that slot is
 *                       bits 39..63 version, counted up by each change of the word
 *  8      56     slots  seven of 8 bytes: bit 63 set, 31 bits of the hash, 32 bits of the entry; 0 when empty
 * </pre>
 *
 * <p>A key has two buckets. Each entry is made valid by a compare-and-set of the word of its key's <em>first</em> bucket,
 * wherever its slot is: the writer reads that word, looks for the key, claims a slot, and changes the word. If another
 * entry came meanwhile the word is another, and the writer looks again: of two writers of one key one finds the other's.
 *
 * <p>A displaced entry needs two words changed. The change of the first bucket's word decides, and names the slot as
 * pending; then its valid bit is set in its own bucket's word, and pending is cleared. Whoever is to look for a key first
 * completes what is pending, whoever began it. So no thread that stops halfway holds another up.
 *
 * <p>An entry is taken out by the thread that ended what it names: its valid bit is cleared, then its slot. A writer of the
 * same key that comes between clears the bit itself.
 *
 * <p>Versions have 25 bits: a word is mistaken for an older one only if a thread stops between a read and its
 * compare-and-set for exactly a multiple of 2<sup>25</sup> changes of one bucket.
 */
final class Index {
    static final int BUCKET = 64;
    static final int SLOTS = 7;
    /** {@link #insert}: no slot is free in the key's two buckets. */
    static final int FULL = -1;
    static final int NONE = -1;

    private static final int VALID = (1 << SLOTS) - 1;
    private static final long DISPLACED_UNIT = 1L << SLOTS;
    private static final long DISPLACED = 63 * DISPLACED_UNIT;
    private static final int PENDING_SLOT_SHIFT = 13;
    private static final int PENDING_BUCKET_SHIFT = 16;
    private static final int BUCKET_BITS = 23;
    private static final long PENDING_SLOT = 7L << PENDING_SLOT_SHIFT;
    private static final long PENDING = (1L << PENDING_BUCKET_SHIFT + BUCKET_BITS) - (1L << PENDING_SLOT_SHIFT);
    private static final long VERSION_UNIT = 1L << PENDING_BUCKET_SHIFT + BUCKET_BITS;

    /** A key goes to its first bucket while this many slots are taken there at most; then to the emptier one. */
    private static final int PREFERRED = 3;
    /** Slots per entry, in thirds: a load of 0.6. */
    private static final int SLOTS_PER_THREE_ENTRIES = 5;
    /** Odd, and about as many ones as zeros: makes the second bucket of all bits of the hash. */
    private static final long SECOND = 0xD6E8_FEB8_6659_FD93L;
    private static final long TAG_UNIT = 1L << 32;
    private static final int RETRY = -2;
    private static final long NOWHERE = -1;

    private final MemorySegment segment;
    private final long buckets;
    private final Keys keys;

    /** Compares the keys of records. */
    interface Keys {
        /** Another key. */
        int OTHER = 0;
        /** The same key. */
        int SAME = 1;
        /** The same key, but what it names has ended and is about to be taken out. */
        int ENDED = 2;

        /** How the key of an entry that is in the index compares with that of one that is to go there. */
        int compare(int existing, int entry);
    }

    /** @param segment zeroed, 64-byte aligned */
    Index(MemorySegment segment, long buckets, Keys keys) {
        this.segment = segment;
        this.buckets = buckets;
        this.keys = keys;
    }

    /** Buckets for a number of entries. */
    static long buckets(long entries) {
        long slots = (entries * SLOTS_PER_THREE_ENTRIES + 2) / 3;
        return Math.max(2, (slots + SLOTS - 1) / SLOTS);
    }

    /** Where the first bucket of a hash is. */
    long first(long hash) {
        return SeededHash.range(hash, buckets) * BUCKET;
    }

    /** Where the second bucket of a hash is; never the first one. */
    long second(long hash) {
        long bucket = SeededHash.range(hash * SECOND, buckets);
        if (bucket == SeededHash.range(hash, buckets)) {
            bucket = bucket + 1 == buckets ? 0 : bucket + 1;
        }
        return bucket * BUCKET;
    }

    /** Reads the first bucket of a hash, to have it near; what it gives is of no other use. */
    long touch(long hash) {
        return Words.getLong(segment, first(hash));
    }

    long word(long bucket) {
        return Words.getLongAcquire(segment, bucket);
    }

    static boolean hasDisplaced(long word) {
        return (word & DISPLACED) != 0;
    }

    /**
     * The valid slots of a bucket whose tag is this hash's, as bits. Without a branch on which of the seven it is: that is
     * as good as random, and a wrong guess throws away the misses that were begun for the next keys.
     */
    int candidates(long bucket, long word, long hash) {
        MemorySegment table = segment;
        long tag = content(hash, 0);
        long found = 0;
        for (int slot = SLOTS - 1; slot >= 0; slot--) {
            // The top bit of every tag is set, so that of the difference is not: it comes by a borrow, where the tags are the same.
            long difference = Words.getLong(table, bucket, 8 + slot * 8) ^ tag;
            found = found << 1 | difference - TAG_UNIT >>> Long.SIZE - 1;
        }
        return (int) (found & word & VALID);
    }

    /** The content of a slot. */
    long value(long bucket, int slot) {
        return Words.getLongAcquire(segment, bucket + 8 + slot * 8L);
    }

    static boolean isOf(long value, long hash) {
        return (int) (value >>> 32) == tag(hash);
    }

    static int entry(long value) {
        return (int) value;
    }

    /**
     * Whether what was read from a slot was valid at one moment, after its record was looked at. The word that was read
     * first may be older than the slot's content.
     */
    boolean confirm(long bucket, int slot, long word, long value) {
        MemorySegment table = segment;
        long now = Words.getLongAcquire(table, bucket);
        return now == word || (now >>> slot & 1) != 0 && Words.getLongAcquire(table, bucket + 8 + slot * 8L) == value;
    }

    /**
     * Enters a key, unless it is there.
     *
     * @return the entry itself; or that of a record that has the same key; or {@link #FULL}
     */
    int insert(long hash, int entry) {
        MemorySegment table = segment;
        long value = content(hash, entry);
        long first = first(hash);
        long second = second(hash);
        long slot = NOWHERE;
        while (true) {
            long word = Words.getLongAcquire(table, first);
            if ((word & PENDING_SLOT) != 0) {
                complete(first);
                continue;
            }
            int existing = look(first, second, word, hash, entry);
            if (existing == RETRY) {
                continue;
            }
            if (existing != NONE) {
                if (slot != NOWHERE) {
                    Words.putLongRelease(table, slot, 0);
                }
                return existing;
            }
            if (slot == NOWHERE) {
                slot = claim(first, word, second, value);
                if (slot == NOWHERE) {
                    return FULL;
                }
            }
            if (enter(first, word, slot)) {
                return entry;
            }
        }
    }

    /** Makes a claimed slot valid, if the first bucket's word is still this one. */
    private boolean enter(long first, long word, long slot) {
        long bucket = slot & -BUCKET;
        long number = (slot - bucket >>> 3) - 1;
        if (bucket == first) {
            return Words.casLong(segment, first, word, word + VERSION_UNIT | 1L << number);
        }
        long displaced = (word & DISPLACED) == DISPLACED ? word : word + DISPLACED_UNIT;
        long pending = number + 1 << PENDING_SLOT_SHIFT | bucket / BUCKET << PENDING_BUCKET_SHIFT;
        if (!Words.casLong(segment, first, word, displaced + VERSION_UNIT | pending)) {
            return false;
        }
        complete(first);
        return true;
    }

    /** Makes a pending entry valid in its own bucket, and then no longer pending here. */
    private void complete(long first) {
        MemorySegment table = segment;
        while (true) {
            long word = Words.getLongAcquire(table, first);
            if ((word & PENDING_SLOT) == 0) {
                return;
            }
            long bucket = ((word & PENDING) >>> PENDING_BUCKET_SHIFT) * BUCKET;
            long bit = 1L << (word >>> PENDING_SLOT_SHIFT & 7) - 1;
            long other = Words.getLongAcquire(table, bucket);
            if ((other & bit) != 0) {
                // Read after the word, which still says so if the compare-and-set succeeds.
                if (Words.casLong(table, first, word, (word & ~PENDING) + VERSION_UNIT)) {
                    return;
                }
            } else if (((Words.getLongVolatile(table, first) ^ word) & PENDING) == 0) {
                // Pending since the other word was read: if that changes now, it is because somebody set the bit.
                Words.casLong(table, bucket, other, other + VERSION_UNIT | bit);
            }
        }
    }

    /** The entry of a record that has this entry's key, NONE, or RETRY when a bucket changed under way. */
    private int look(long first, long second, long word, long hash, int entry) {
        int found = lookIn(first, word, hash, entry);
        if (found == NONE && hasDisplaced(word)) {
            found = lookIn(second, Words.getLongAcquire(segment, second), hash, entry);
        }
        return found;
    }

    private int lookIn(long bucket, long word, long hash, int entry) {
        int candidates = candidates(bucket, word, hash);
        while (candidates != 0) {
            int slot = Integer.numberOfTrailingZeros(candidates);
            long value = value(bucket, slot);
            int compared = isOf(value, hash) ? keys.compare(entry(value), entry) : Keys.OTHER;
            if (compared == Keys.ENDED) {
                // Else two entries of one key would be valid at a time, and a reader might take the wrong one.
                Words.casLong(segment, bucket, word, (word & ~(1L << slot)) + VERSION_UNIT);
                return RETRY;
            }
            if (compared == Keys.SAME) {
                return Words.getLongAcquire(segment, bucket) == word ? entry(value) : RETRY;
            }
            candidates &= candidates - 1;
        }
        return NONE;
    }

    /** Claims a slot; which bucket's, its valid slots tell well enough: the others are claimed for a moment only, or empty. */
    private long claim(long first, long word, long second, long value) {
        int validInFirst = valid(word);
        boolean inFirst = validInFirst <= PREFERRED || validInFirst <= valid(word(second));
        long slot = claimIn(inFirst ? first : second, value);
        return slot != NOWHERE ? slot : claimIn(inFirst ? second : first, value);
    }

    private static int valid(long word) {
        return Integer.bitCount((int) word & VALID);
    }

    private int taken(long bucket) {
        int taken = 0;
        for (long slot = bucket + 8; slot < bucket + BUCKET; slot += 8) {
            taken += Words.getLongOpaque(segment, slot) != 0 ? 1 : 0;
        }
        return taken;
    }

    private long claimIn(long bucket, long value) {
        MemorySegment table = segment;
        // A slot that is valid is not empty.
        for (int left = ~(int) word(bucket) & VALID; left != 0; left &= left - 1) {
            long slot = bucket + 8 + Integer.numberOfTrailingZeros(left) * 8L;
            if (Words.getLongAcquire(table, slot) == 0 && Words.casLong(table, slot, 0, value)) {
                return slot;
            }
        }
        return NOWHERE;
    }

    /** Takes an entry out whose {@link #insert} has returned; by one thread only. */
    void remove(long hash, int entry) {
        long value = content(hash, entry);
        long first = first(hash);
        if (!removeFrom(first, value) && removeFrom(second(hash), value)) {
            countDown(first);
        }
    }

    private boolean removeFrom(long bucket, long value) {
        MemorySegment table = segment;
        for (long slot = bucket + 8; slot < bucket + BUCKET; slot += 8) {
            if (Words.getLongAcquire(table, slot) == value) {
                long bit = 1L << (slot - bucket >>> 3) - 1;
                long word;
                do {
                    word = Words.getLongAcquire(table, bucket);
                } while ((word & bit) != 0 && !Words.casLong(table, bucket, word, (word & ~bit) + VERSION_UNIT));
                Words.putLongRelease(table, slot, 0);
                return true;
            }
        }
        return false;
    }

    private void countDown(long first) {
        long word;
        do {
            word = Words.getLongAcquire(segment, first);
            if ((word & DISPLACED) == DISPLACED) {
                return;
            }
        } while (!Words.casLong(segment, first, word, word - DISPLACED_UNIT + VERSION_UNIT));
    }

    /** Entries in all buckets, valid or claimed; when nobody changes them. */
    long entries() {
        long entries = 0;
        for (long bucket = 0; bucket < buckets * BUCKET; bucket += BUCKET) {
            entries += taken(bucket);
        }
        return entries;
    }

    private static int tag(long hash) {
        return (int) hash | Integer.MIN_VALUE;
    }

    private static long content(long hash, int entry) {
        return (long) tag(hash) << 32 | entry;
    }
}
