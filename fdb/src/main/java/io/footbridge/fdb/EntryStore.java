package io.footbridge.fdb;

import io.footbridge.memory.SeededHash;
import io.footbridge.memory.Words;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/**
 * The table's slots: finds, reads, fills and empties them, without waiting and for any number of threads at once. Knows
 * keys and lives, not what ports, kinds and ages mean. Why its steps are safe, the package's description says.
 */
final class EntryStore {
    /** No slot: the key is not here. */
    static final long ABSENT = -1;

    /** {@link #insert}: the entry is there. */
    static final int INSERTED = 0;
    /** {@link #insert}: no slot is free within reach of the key's home. */
    static final int NO_SLOT = 1;
    /** {@link #insert}: another thread has put an entry for this key there. */
    static final int EXISTS = 2;
    /** {@link #insert}: another thread enters or removes this key at this moment. */
    static final int RIVAL = 3;

    private final MemorySegment segment;
    private final long bytes;
    private final long lines;
    private final SeededHash hash;

    /** @param segment zeroed, 64-byte aligned, a multiple of 64 bytes and more than {@link Entry#MAX_REACH} lines long */
    EntryStore(MemorySegment segment, long seed) {
        this.segment = segment;
        this.bytes = segment.byteSize();
        this.lines = bytes / Entry.LINE;
        this.hash = new SeededHash(seed);
    }

    /** All slots are the multiples of {@link Entry#BYTES} below this. */
    long bytes() {
        return bytes;
    }

    /** The offset of the key's home line. */
    long home(long key) {
        return SeededHash.range(hash.hash(key), lines) * Entry.LINE;
    }

    /** Reads the key's home line into the cache; its offset is {@link #homeOf} what is returned. */
    long touch(long key) {
        long home = home(key);
        // The result carries bits of what was read: a read without use would be compiled away.
        return home | Entry.reachCode(Words.getLong(segment, home));
    }

    static long homeOf(long touched) {
        return touched & -Entry.LINE;
    }

    /** The slot whose key word is this key, unclaimed; or ABSENT. */
    long find(long key, long home) {
        MemorySegment table = segment;
        // Acquire: what the plain reads below see is no older than this one, nor than the caller's last call.
        int reach = Entry.reach(Words.getLongAcquire(table, home));
        long line = home;
        while (true) {
            long slot = slotIn(table, line, key);
            if (slot != ABSENT || --reach < 0) {
                return slot;
            }
            line = next(line);
        }
    }

    /**
     * As {@link #find}, in one line. Without a branch on which of the four it is: that is as good as random, and a
     * processor that guesses it wrong, while it waits for the line, throws away the misses it had begun for the next
     * keys.
     */
    private static long slotIn(MemorySegment table, long line, long key) {
        int first = isZero((Words.getLong(table, line + Entry.KEY) ^ key) & Entry.MATCH_BITS);
        int second = isZero((Words.getLong(table, line + Entry.BYTES + Entry.KEY) ^ key) & Entry.MATCH_BITS);
        int third = isZero((Words.getLong(table, line + 2 * Entry.BYTES + Entry.KEY) ^ key) & Entry.MATCH_BITS);
        int fourth = isZero((Words.getLong(table, line + 3 * Entry.BYTES + Entry.KEY) ^ key) & Entry.MATCH_BITS);
        // Two match if the entry was removed here and made anew there meanwhile; read() then finds the slot changed.
        int index = second | third << 1 | fourth << 1 | fourth;
        return (first | second | third | fourth) == 0 ? ABSENT : line + index * (long) Entry.BYTES;
    }

    /** 1 or 0. */
    private static int isZero(long word) {
        return Long.numberOfLeadingZeros(word) >>> 6;
    }

    /** The value that belongs to this key in this slot, or a dead one: value, key, value, all of one life. */
    long read(long slot, long key) {
        MemorySegment table = segment;
        long value = Words.getLongAcquire(table, slot + Entry.VALUE);
        long keyBetween = Words.getLongAcquire(table, slot + Entry.KEY) & Entry.MATCH_BITS;
        long valueAfter = Words.getLongOpaque(table, slot + Entry.VALUE);
        return keyBetween == key && Entry.sameLife(value, valueAfter) ? value : Entry.dead(value);
    }

    /** The key of the entry in this slot, or 0 when there is none. */
    long keyAt(long slot) {
        long word = Words.getLongAcquire(segment, slot + Entry.KEY) & Entry.MATCH_BITS;
        return word > 0 ? word : 0;
    }

    /** The value of the entry in this slot, whatever its key, for {@link #remove}; a dead one when there is none. */
    long valueAt(long slot) {
        MemorySegment table = segment;
        long value = Words.getLongAcquire(table, slot + Entry.VALUE);
        // Until its inserter has taken the claim off, the slot is not to be emptied: he would take off another's.
        boolean claimed = (Words.getLongAcquire(table, slot + Entry.KEY) & Entry.CLAIMED) != 0;
        return claimed ? Entry.dead(value) : value;
    }

    /** Changes an entry in its place; false when it is not as it was read. */
    boolean change(long slot, long value, long changed) {
        return Words.casLong(segment, slot + Entry.VALUE, value, changed);
    }

    /** Ends the life that this value was read from; false when the entry is not as it was read. */
    boolean remove(long slot, long value) {
        MemorySegment table = segment;
        if (!Words.casLong(table, slot + Entry.VALUE, value, Entry.dead(value))) {
            return false;
        }
        Words.getAndBitwiseAndLong(table, slot + Entry.KEY, Entry.REACH_BITS);
        return true;
    }

    /** Puts an entry where none was found. */
    int insert(long key, long home, int port, int kind, boolean sticky, int tick) {
        MemorySegment table = segment;
        long slot = claim(table, key, home);
        if (slot == ABSENT) {
            return NO_SLOT;
        }
        int others = others(table, key, home, slot);
        if (others != INSERTED) {
            Words.getAndBitwiseAndLong(table, slot + Entry.KEY, Entry.REACH_BITS);
            return others;
        }
        long dead = Words.getLong(table, slot + Entry.VALUE);
        Words.putLongRelease(table, slot + Entry.VALUE, Entry.alive(dead, port, kind, sticky, tick));
        Words.getAndBitwiseAndLong(table, slot + Entry.KEY, ~Entry.CLAIMED);
        return INSERTED;
    }

    /** Claims the free slot nearest to home; ABSENT when there is none within reach. */
    private long claim(MemorySegment table, long key, long home) {
        long line = home;
        for (int distance = 0; distance <= Entry.MAX_REACH; distance++) {
            for (long slot = line; slot < line + Entry.LINE; slot += Entry.BYTES) {
                if (claim(table, key, home, distance, slot)) {
                    return slot;
                }
            }
            line = next(line);
        }
        return ABSENT;
    }

    private static boolean claim(MemorySegment table, long key, long home, int distance, long slot) {
        long free;
        while (((free = Words.getLongOpaque(table, slot + Entry.KEY)) & Entry.MATCH_BITS) == 0) {
            raiseReach(table, home, distance);
            if (Words.casLong(table, slot + Entry.KEY, free, free | Entry.CLAIMED | key)) {
                return true;
            }
        }
        return false;
    }

    private static void raiseReach(MemorySegment table, long home, int distance) {
        long word;
        while (Entry.reach(word = Words.getLongOpaque(table, home)) < distance) {
            Words.casLong(table, home, word, Entry.withReach(word, distance));
        }
    }

    /** After a claim, who else is at this key: INSERTED when nobody is, else EXISTS or RIVAL. */
    private int others(MemorySegment table, long key, long home, long mine) {
        // The claim is seen by all before anything below is read; so of two claims at least one sees the other.
        VarHandle.fullFence();
        int reach = Entry.reach(Words.getLongAcquire(table, home));
        long line = home;
        for (int distance = 0; distance <= reach; distance++) {
            for (long slot = line; slot < line + Entry.LINE; slot += Entry.BYTES) {
                if (slot != mine && (Words.getLongAcquire(table, slot + Entry.KEY) & Entry.KEY_BITS) == key) {
                    return Entry.isAlive(read(slot, key)) ? EXISTS : RIVAL;
                }
            }
            line = next(line);
        }
        return INSERTED;
    }

    private long next(long line) {
        long next = line + Entry.LINE;
        return next == bytes ? 0 : next;
    }
}
