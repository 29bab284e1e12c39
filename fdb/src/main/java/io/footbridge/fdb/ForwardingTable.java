package io.footbridge.fdb;

import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * MAC address to port. Any thread may call anything at any time; {@link #touch}, {@link #lookup(long, long, int)} and
 * {@link #learn(long, long, int, int)} allocate nothing and never wait. How, the package's description says.
 *
 * <p>A key is the VLAN and the MAC in one long ({@link #key}). {@code now} is the time in ticks of 100 ms from any
 * start; it may wrap, and threads may differ by some ticks.
 */
public final class ForwardingTable {
    /** No port: the address is unknown, or its entry expired. */
    public static final int NONE = -1;

    private static final long MAC_BITS = (1L << 48) - 1;
    private static final long MULTICAST = 1L << 40;
    private static final int AGAIN = -1;

    private final FdbSettings settings;
    private final EntryStore store;
    private final EntryCounts counts;
    private final AtomicLong swept = new AtomicLong();
    private volatile int ageing;

    /**
     * @param segment zeroed, 64-byte aligned, at least {@link FdbSettings#bytes()} long
     * @param seed for the hash: random at each start, fixed in tests
     */
    public ForwardingTable(MemorySegment segment, FdbSettings settings, long seed) {
        long bytes = settings.bytes();
        if (segment.byteSize() < bytes || segment.address() % Entry.LINE != 0) {
            throw new IllegalArgumentException("forwarding table: " + bytes
                    + " bytes at a multiple of 64 are needed, not " + segment.byteSize() + " at " + segment.address());
        }
        this.settings = settings;
        this.store = new EntryStore(segment.asSlice(0, bytes), seed);
        this.counts = new EntryCounts(settings);
        this.ageing = settings.ageing();
    }

    /**
     * @param vlan 0 to 4095; 0 when untagged
     * @param mac 48 bits, first octet uppermost; higher bits zero
     */
    public static long key(int vlan, long mac) {
        return (long) vlan << 48 | mac;
    }

    /** The VLAN of a key. */
    public static int vlan(long key) {
        return (int) (key >>> 48) & 0xFFF;
    }

    /** The MAC of a key. */
    public static long mac(long key) {
        return key & MAC_BITS;
    }

    /** Whether a station can have this key's address: neither zero nor multicast. */
    public static boolean isStation(long key) {
        return (key & MULTICAST) == 0 && (key & MAC_BITS) != 0;
    }

    /**
     * The first pass of a batch: finds the key's place and reads its line, so that the misses of the batch overlap.
     *
     * @return what the second pass takes; good for this key as long as the table is
     */
    public long touch(long key) {
        return store.touch(key);
    }

    /**
     * The second pass: the port that the address was last seen on.
     *
     * @param touched what {@link #touch} returned for this key
     * @return the port's index, or {@link #NONE}
     */
    public int lookup(long key, long touched, int now) {
        return portOf(key, EntryStore.homeOf(touched), now);
    }

    /** As {@link #lookup(long, long, int)}, in one pass. */
    public int lookup(long key, int now) {
        return portOf(key, store.home(key), now);
    }

    /**
     * A frame with this source came in on this port. Stores nothing when the entry says so already.
     *
     * @param touched what {@link #touch} returned for this key
     * @return a code of {@link LearnOutcome}
     */
    public int learn(long key, long touched, int port, int now) {
        if (!isStation(key)) {
            return LearnOutcome.REFUSED_ADDRESS;
        }
        long home = EntryStore.homeOf(touched);
        int outcome;
        do {
            long slot = store.find(key, home);
            outcome = slot == EntryStore.ABSENT
                    ? learnNew(key, home, port, now)
                    : learnKnown(key, slot, port, now);
        } while (outcome == AGAIN);
        return outcome;
    }

    /** As {@link #learn(long, long, int, int)}, in one pass. */
    public int learn(long key, int port, int now) {
        return learn(key, store.home(key), port, now);
    }

    /**
     * Makes an entry by hand. Takes the place of a dynamic one; regards no port's limit. Not on the frame path: it may
     * wait for a thread that enters or removes the same address.
     *
     * @param sticky the entry does not move when its address is seen on another port
     */
    public AddOutcome add(long key, int port, EntryKind kind, boolean sticky, int now) {
        return put(key, port, kind, sticky, now, false);
    }

    /** As {@link #add}, but takes the place of any entry. */
    public AddOutcome replace(long key, int port, EntryKind kind, boolean sticky, int now) {
        return put(key, port, kind, sticky, now, true);
    }

    /** Removes the entry, of whatever kind; false when there is none. */
    public boolean remove(long key) {
        long slot;
        while ((slot = store.find(key, store.home(key))) != EntryStore.ABSENT) {
            long value = store.read(slot, key);
            if (!Entry.isAlive(value)) {
                return false;
            }
            if (remove(slot, value)) {
                return true;
            }
        }
        return false;
    }

    /** Removes the port's dynamic and static entries, and says how many. Off the frame path: visits the whole table. */
    public int flush(int port) {
        return removeAll(value -> Entry.port(value) == port && Entry.kind(value) != Entry.PERMANENT);
    }

    /**
     * Removes all entries of a port that is gone, permanent ones too, before its index is given to another; says how
     * many. Workers that may still learn from it must have passed their epoch. Off the frame path: visits the whole
     * table.
     */
    public int removePort(int port) {
        return removeAll(value -> Entry.port(value) == port);
    }

    /** Removes the dynamic entries of all ports, and says how many. Off the frame path: visits the whole table. */
    public int flushDynamic() {
        return removeAll(value -> Entry.kind(value) == Entry.DYNAMIC);
    }

    /**
     * Removes expired entries in the next part of the table; each call goes on where the last one ended.
     *
     * @param budget how many slots to visit, at most all; there are half as many again as the capacity
     * @return how many entries were removed
     */
    public int sweep(int now, int budget) {
        int limit = ageing;
        long bytes = Math.min((long) budget * Entry.BYTES, store.bytes());
        long start = swept.getAndAdd(bytes) % store.bytes();
        int removed = 0;
        for (long visited = 0; visited < bytes; visited += Entry.BYTES) {
            long slot = (start + visited) % store.bytes();
            long value = store.valueAt(slot);
            if (Entry.isExpired(value, now, limit) && remove(slot, value)) {
                removed++;
            }
        }
        return removed;
    }

    /** Ticks of 100 ms after which a dynamic entry that was not seen expires. */
    public int ageing() {
        return ageing;
    }

    /** From now on, for entries that are there as well; 0 means that dynamic entries expire at once. */
    public void ageing(int ticks) {
        FdbSettings.check("ageing", ticks, 0, FdbSettings.MAX_AGEING);
        ageing = ticks;
    }

    /** How many entries the port may learn. */
    public int limit(int port) {
        return counts.limit(port);
    }

    /** How many entries the port may learn from now on; what it has it keeps. */
    public void limit(int port, int entries) {
        FdbSettings.check("port limit", entries, 0, Integer.MAX_VALUE);
        counts.limit(port, entries);
    }

    /** Entries of all kinds, expired ones too until they are swept. */
    public int size() {
        return counts.total();
    }

    /** The port's dynamic entries, expired ones too until they are swept. */
    public int learned(int port) {
        return counts.learned(port);
    }

    /** What the table was made with. */
    public FdbSettings settings() {
        return settings;
    }

    /** The entry of one address, if it is there and has not expired. Off the frame path. */
    public Optional<ForwardingEntry> entry(long key, int now) {
        long slot = store.find(key, store.home(key));
        long value = slot == EntryStore.ABSENT ? Entry.DEAD : store.read(slot, key);
        return isValid(value, now) ? Optional.of(ForwardingEntry.of(key, value, now)) : Optional.empty();
    }

    /**
     * Shows all entries that have not expired, in no order. One that is there from beginning to end is shown once. Off
     * the frame path.
     */
    public void forEach(int now, Consumer<ForwardingEntry> visitor) {
        for (long slot = 0; slot < store.bytes(); slot += Entry.BYTES) {
            long key = store.keyAt(slot);
            if (key != 0) {
                long value = store.read(slot, key);
                if (isValid(value, now)) {
                    visitor.accept(ForwardingEntry.of(key, value, now));
                }
            }
        }
    }

    private int portOf(long key, long home, int now) {
        long slot = store.find(key, home);
        if (slot == EntryStore.ABSENT) {
            return NONE;
        }
        long value = store.read(slot, key);
        return isValid(value, now) ? Entry.port(value) : NONE;
    }

    private boolean isValid(long value, int now) {
        return Entry.isAlive(value) && !Entry.isExpired(value, now, ageing);
    }

    private int learnKnown(long key, long slot, int port, int now) {
        long value = store.read(slot, key);
        if (!Entry.isAlive(value)) {
            return LearnOutcome.BUSY;
        }
        if (Entry.isExpired(value, now, ageing)) {
            return learnOver(slot, value, Entry.with(value, port, Entry.DYNAMIC, false, now), LearnOutcome.LEARNED);
        }
        if (Entry.port(value) == port) {
            if (now - Entry.tick(value) > 0) {
                // Whoever comes between has refreshed, moved or removed it: nothing is left to do here.
                store.change(slot, value, Entry.withTick(value, now));
            }
            return LearnOutcome.REFRESHED;
        }
        if (Entry.kind(value) == Entry.PERMANENT) {
            return LearnOutcome.REFUSED_PERMANENT;
        }
        if (Entry.isSticky(value)) {
            return LearnOutcome.REFUSED_STICKY;
        }
        return learnOver(slot, value, Entry.withTick(Entry.withPort(value, port), now), LearnOutcome.MOVED);
    }

    /** Learning changes an entry in its place: the same kind, perhaps another port, whose limit then counts. */
    private int learnOver(long slot, long value, long changed, int outcome) {
        int from = Entry.port(value);
        int to = Entry.port(changed);
        boolean counted = from != to && Entry.kind(value) == Entry.DYNAMIC;
        if (counted && !counts.reserveLearned(to)) {
            return LearnOutcome.REFUSED_LIMIT;
        }
        boolean done = store.change(slot, value, changed);
        if (counted) {
            counts.releaseLearned(done ? from : to);
        }
        return done ? outcome : AGAIN;
    }

    private int learnNew(long key, long home, int port, int now) {
        if (!counts.reserveLearned(port)) {
            return LearnOutcome.REFUSED_LIMIT;
        }
        if (!counts.reserve(settings.learnLimit())) {
            counts.releaseLearned(port);
            return LearnOutcome.REFUSED_LIMIT;
        }
        int inserted = store.insert(key, home, port, Entry.DYNAMIC, false, now);
        if (inserted == EntryStore.INSERTED) {
            return LearnOutcome.LEARNED;
        }
        release(port, Entry.DYNAMIC);
        return switch (inserted) {
            case EntryStore.NO_SLOT -> LearnOutcome.REFUSED_LIMIT;
            case EntryStore.EXISTS -> AGAIN;
            default -> LearnOutcome.BUSY;
        };
    }

    private AddOutcome put(long key, int port, EntryKind kind, boolean sticky, int now, boolean overAny) {
        FdbSettings.check("port", port, 0, settings.ports() - 1);
        if (!isStation(key)) {
            return AddOutcome.BAD_ADDRESS;
        }
        long home = store.home(key);
        while (true) {
            long slot = store.find(key, home);
            if (slot == EntryStore.ABSENT) {
                int inserted = putNew(key, home, port, kind.code(), sticky, now);
                if (inserted == EntryStore.INSERTED || inserted == EntryStore.NO_SLOT) {
                    return inserted == EntryStore.INSERTED ? AddOutcome.ADDED : AddOutcome.FULL;
                }
            } else {
                long value = store.read(slot, key);
                if (!overAny && (Entry.kind(value) == Entry.STATIC || Entry.kind(value) == Entry.PERMANENT)) {
                    return AddOutcome.EXISTS;
                }
                if (Entry.isAlive(value)
                        && putOver(slot, value, Entry.with(value, port, kind.code(), sticky, now))) {
                    return Entry.isExpired(value, now, ageing) ? AddOutcome.ADDED : AddOutcome.REPLACED;
                }
            }
            // Another thread is about this address; it may have lost its processor in the middle of it.
            Thread.yield();
        }
    }

    private int putNew(long key, long home, int port, int kind, boolean sticky, int now) {
        if (!counts.reserve(settings.capacity())) {
            return EntryStore.NO_SLOT;
        }
        if (kind == Entry.DYNAMIC) {
            counts.addLearned(port);
        }
        int inserted = store.insert(key, home, port, kind, sticky, now);
        if (inserted != EntryStore.INSERTED) {
            release(port, kind);
        }
        return inserted;
    }

    private boolean putOver(long slot, long value, long changed) {
        if (Entry.kind(changed) == Entry.DYNAMIC) {
            counts.addLearned(Entry.port(changed));
        }
        boolean done = store.change(slot, value, changed);
        long gone = done ? value : changed;
        if (Entry.kind(gone) == Entry.DYNAMIC) {
            counts.releaseLearned(Entry.port(gone));
        }
        return done;
    }

    private boolean remove(long slot, long value) {
        boolean done = store.remove(slot, value);
        if (done) {
            release(Entry.port(value), Entry.kind(value));
        }
        return done;
    }

    private int removeAll(ValueCondition condition) {
        int removed = 0;
        for (long slot = 0; slot < store.bytes(); slot += Entry.BYTES) {
            long value;
            while (Entry.isAlive(value = store.valueAt(slot)) && condition.holds(value)) {
                if (remove(slot, value)) {
                    removed++;
                }
            }
        }
        return removed;
    }

    private void release(int port, int kind) {
        if (kind == Entry.DYNAMIC) {
            counts.releaseLearned(port);
        }
        counts.release();
    }

    private interface ValueCondition {
        boolean holds(long value);
    }
}
