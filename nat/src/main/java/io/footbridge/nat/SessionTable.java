package io.footbridge.nat;

import io.footbridge.memory.Epochs;
import io.footbridge.memory.Region;
import io.footbridge.memory.SeededHash;
import io.footbridge.memory.Words;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The sessions of one family: found, expired and removed. What opens them is {@link Opening}.
 *
 * <p>Whoever takes a session's state word to its end removes it: out of the index, the outside entry first, so that what
 * comes from outside finds nothing when the inside end may be opened anew; then its mapping has one session less; then
 * the record waits in the lane's {@link Limbo}.
 */
final class SessionTable implements AutoCloseable {
    static final int NONE = -1;
    /** Records beyond capacity, for each lane: its stock, and what was removed and is free only when all workers have passed. */
    static final int RESERVE = 1024;
    /** How many visits the removal of one session takes the time of: two buckets, a mapping and its port, all far away. */
    static final int REMOVAL = 16;

    /** Bytes that the window check has of a session. */
    private static final int WINDOW = 2 * TcpWindow.SIZE;
    private static final int EVICTION_ROUNDS = 4;

    private final int capacity;
    private final Expiry expiry;
    private final Numbered<Owner> owners;
    private final Region records;
    private final Region buckets;
    private final SessionStore store;
    private final Index index;
    private final RecordPool pool;
    private final Limbo[] limbos;
    private final Mappings mappings;
    private final AtomicInteger count = new AtomicInteger();
    private final Eviction eviction;
    private final Epochs epochs;
    private final SeededHash hash;
    private volatile Remotes remotes;
    private volatile Region windows;
    private int sweepHand;

    SessionTable(boolean ipv6, NatSettings settings, Epochs epochs, int lanes, SeededHash hash, Numbered<Owner> owners,
            Numbered<OutsideAddress> outsides) throws IOException {
        this.capacity = settings.capacity();
        this.expiry = new Expiry(settings.timeouts());
        this.owners = owners;
        this.epochs = epochs;
        this.hash = hash;
        int recordCount = records(capacity, lanes);
        int stride = SessionStore.stride(ipv6);
        long bucketCount = Index.buckets(2L * capacity);
        String purpose = ipv6 ? "the IPv6 connection table" : "the IPv4 connection table";
        records = Region.map(purpose, (long) recordCount * stride);
        buckets = mapOrClose(purpose, bucketCount * Index.BUCKET, records);
        store = new SessionStore(records.segment(), ipv6, hash);
        index = new Index(buckets.segment(), bucketCount, store::compare);
        pool = new RecordPool(records.segment(), recordCount, stride, SessionStore.link(ipv6), lanes);
        eviction = new Eviction(this);
        limbos = new Limbo[lanes];
        for (int lane = 0; lane < lanes; lane++) {
            limbos[lane] = new Limbo(pool, epochs, null);
        }
        try {
            mappings = new Mappings(ipv6, recordCount, capacity, epochs, lanes, hash, owners, outsides);
        } catch (IOException e) {
            records.close();
            buckets.close();
            throw e;
        }
    }

    private static Region mapOrClose(String purpose, long bytes, Region other) throws IOException {
        try {
            return Region.map(purpose, bytes);
        } catch (IOException e) {
            other.close();
            throw e;
        }
    }

    /** Records for a capacity. */
    static int records(int capacity, int lanes) {
        return capacity + RESERVE * lanes;
    }

    SessionStore store() {
        return store;
    }

    Index index() {
        return index;
    }

    RecordPool pool() {
        return pool;
    }

    Mappings mappings() {
        return mappings;
    }

    Eviction eviction() {
        return eviction;
    }

    Expiry expiry() {
        return expiry;
    }

    int count() {
        return count.get();
    }

    // Lookup.

    /**
     * The first entry in a hash's first bucket that may be the one, valid at one moment; or NONE, which says nothing. Its
     * record is not looked at.
     */
    int candidate(long hash) {
        long first = index.first(hash);
        long word = index.word(first);
        int candidates = index.candidates(first, word, hash);
        if (candidates == 0) {
            return NONE;
        }
        int slot = Integer.numberOfTrailingZeros(candidates);
        long value = index.value(first, slot);
        return Index.isOf(value, hash) && index.confirm(first, slot, word, value) ? Index.entry(value) : NONE;
    }

    /** The entry of a tuple, expired or not; or NONE. */
    int look(Tuple tuple, long hash) {
        long first = index.first(hash);
        long word = index.word(first);
        int found = lookIn(first, word, tuple, hash);
        if (found == NONE && Index.hasDisplaced(word)) {
            long second = index.second(hash);
            found = lookIn(second, index.word(second), tuple, hash);
        }
        return found;
    }

    private int lookIn(long bucket, long word, Tuple tuple, long hash) {
        int candidates = index.candidates(bucket, word, hash);
        while (candidates != 0) {
            int slot = Integer.numberOfTrailingZeros(candidates);
            long value = index.value(bucket, slot);
            int entry = Index.entry(value);
            if (Index.isOf(value, hash) && store.matches(entry, tuple) && index.confirm(bucket, slot, word, value)) {
                return entry;
            }
            candidates &= candidates - 1;
        }
        return NONE;
    }

    /** The entry of a tuple whose session has not expired; or NONE. */
    int find(Lane lane, Tuple tuple, long hash, int now) {
        return find(lane, tuple, hash, NONE, now);
    }

    /**
     * As {@link #find(Lane, Tuple, long, int)}.
     *
     * @param touched an entry that was valid since the worker last passed an epoch, and may be it; or NONE. Its record is
     *     not another session's before the next
     */
    int find(Lane lane, Tuple tuple, long hash, int touched, int now) {
        int entry = touched != NONE && store.matches(touched, tuple) ? touched : look(tuple, hash);
        if (entry == NONE) {
            return NONE;
        }
        // The other direction's line is looked at only when this one was silent for long.
        boolean gone = now - store.lastSeen(entry) > expiry.least(tuple.protocol()) ? removeIfExpired(lane, entry, now)
                : (entry & 1) == 0 && State.phase(store.state(entry)) == State.FREE;
        return gone ? NONE : entry;
    }

    private boolean removeIfExpired(Lane lane, int entry, int now) {
        long state = store.state(entry);
        if (!isExpired(entry, state, now)) {
            return false;
        }
        if (!SessionStore.isOpening(state) && end(lane, entry, state, Tally.EXPIRED)) {
            return true;
        }
        // The state changed: a packet came, or somebody else removed it.
        return State.phase(store.state(entry)) == State.FREE;
    }

    boolean isExpired(int entry, long state, int now) {
        return idle(entry, now) > expiry.timeout(store.protocol(entry), state);
    }

    /** Ticks since either direction was seen. */
    int idle(int entry, int now) {
        return Math.min(now - store.lastSeen(entry), now - store.lastSeen(entry ^ 1));
    }

    // Removal.

    /** Removes a session as it is; false when its state is another by now. */
    boolean end(Lane lane, int entry, long state, int why) {
        if (!store.end(entry, state)) {
            return false;
        }
        lane.tally.count(why);
        int inside = store.isInside(entry) ? entry : entry ^ 1;
        index.remove(store.hash(inside ^ 1), inside ^ 1);
        index.remove(store.hash(inside), inside);
        int mapping = store.mapping(entry);
        if (mapping != NONE) {
            forgetRemote(lane, entry, mapping);
            mappings.release(lane, mapping);
        }
        owners.get(store.owner(entry)).releaseFlow();
        count.getAndDecrement();
        limbos[lane.number].add(entry >>> 1);
        return true;
    }

    /** Removes a session in this generation, whatever its state; false when somebody else did, or it is being opened. */
    boolean remove(Lane lane, int entry, long generation) {
        while (true) {
            long state = store.state(entry);
            if (State.phase(state) == State.FREE || State.generation(state) != generation || SessionStore.isOpening(state)) {
                return false;
            }
            if (end(lane, entry, state, Tally.REMOVED)) {
                return true;
            }
        }
    }

    // Remote addresses.

    /** Sessions opened from now on are found by {@link #hasRemote}; under a lock. */
    void enableRemotes() throws IOException {
        if (remotes == null) {
            remotes = new Remotes(records(capacity, limbos.length), capacity, epochs, limbos.length, hash);
        }
    }

    /** Counts the address that a session is to have, if that was asked for. */
    boolean rememberRemote(Lane lane, int mapping, Tuple translated) {
        Remotes all = remotes;
        return all != null && all.acquire(lane, mapping, translated.destinationHigh(), translated.destinationLow());
    }

    private void forgetRemote(Lane lane, int entry, int mapping) {
        if (store.hasRemote(entry)) {
            store.translated(entry & ~1, lane.probe);
            forgetRemote(lane, mapping, lane.probe);
        }
    }

    void forgetRemote(Lane lane, int mapping, Tuple translated) {
        remotes.release(lane, mapping, translated.destinationHigh(), translated.destinationLow());
    }

    /** Whether a mapping has a session with this address, be it one that has expired and is not removed yet. */
    boolean hasRemote(int mapping, long high, long low) {
        Remotes all = remotes;
        return all != null && all.has(mapping, high, low);
    }

    // Room.

    /** Counts a session in, unless the table is full of those that stay. */
    boolean reserve(Lane lane, int now) {
        for (int round = 0; round < EVICTION_ROUNDS; round++) {
            int sessions = count.get();
            if (sessions < capacity) {
                if (count.compareAndSet(sessions, sessions + 1)) {
                    return true;
                }
            } else if (!eviction.evictAny(lane, now)) {
                return false;
            }
        }
        return false;
    }

    /** Counts many sessions in, unless there is room for fewer than {@code margin} more, or others are just counted. */
    boolean reserve(int many, int margin) {
        return Allotment.countIn(count, many, capacity - margin);
    }

    void unreserve(int many) {
        count.getAndAdd(-many);
    }

    /** A free record, or NONE. */
    int take(Lane lane) {
        int record = pool.take(lane);
        if (record == NONE) {
            reclaim(limbos, Limbo.BATCH);
            record = pool.take(lane);
        }
        return record;
    }

    /** Reads the records that are the next to be taken, to have them near. */
    long touchFree(Lane lane, int most) {
        return pool.touch(lane, most);
    }

    /** Lets a record wait that was in the index and is not any more. */
    void retire(Lane lane, int record) {
        limbos[lane.number].add(record);
    }

    // Housekeeping.

    /**
     * Removes what has expired of the next records, under the lock; returns how many were visited.
     *
     * @param budget records to visit at most, each that is removed counted as {@link #REMOVAL}
     */
    int sweep(Lane lane, int budget, int now) {
        int high = pool.highWater();
        if (count.get() == 0) {
            return 0;
        }
        int most = Math.min(budget, high);
        int visits = 0;
        for (int left = budget; visits < most && left > 0; visits++) {
            if (sweepHand >= high) {
                sweepHand = 0;
            }
            int entry = sweepHand++ << 1;
            long state = store.state(entry);
            boolean removed = State.phase(state) != State.FREE && !SessionStore.isOpening(state)
                    && isExpired(entry, state, now) && end(lane, entry, state, Tally.EXPIRED);
            left -= removed ? REMOVAL : 1;
        }
        return visits;
    }

    /**
     * Frees what all workers have passed, and lets wait what was removed, of every lane.
     *
     * @param sweepBudget that of {@link #sweep}: what it removes in one call can be freed in one
     */
    void reclaim(int sweepBudget) {
        int budget = Math.max(1, sweepBudget / REMOVAL);
        reclaim(limbos, budget);
        mappings.reclaim(budget);
        Remotes all = remotes;
        if (all != null) {
            all.reclaim(budget);
        }
    }

    static void reclaim(Limbo[] limbos, int budget) {
        for (Limbo limbo : limbos) {
            limbo.advance(budget);
        }
    }

    /** Entries that the indexes hold; when nobody changes them. */
    long indexed() {
        Remotes all = remotes;
        return index.entries() + mappings.store().index().entries() + (all == null ? 0 : all.indexed());
    }

    // Windows.

    void enableWindows() throws IOException {
        if (windows == null) {
            windows = Region.map("the window check", (long) records(capacity, limbos.length) * WINDOW);
        }
    }

    void forgetWindows(int realm) {
        Region mapped = windows;
        int entries = mapped == null ? 0 : pool.highWater() << 1;
        for (int entry = 0; entry < entries; entry++) {
            if (store.realm(entry) == realm || store.targetRealm(entry) == realm) {
                Words.putIntRelease(mapped.segment(), (long) entry * TcpWindow.SIZE + TcpWindow.FLAGS, 0);
            }
        }
    }

    /** A new session's windows are zero. */
    void clearWindow(int record) {
        Region region = windows;
        if (region != null) {
            MemorySegment segment = region.segment();
            for (long at = (long) record * WINDOW; at < (record + 1L) * WINDOW; at += Long.BYTES) {
                Words.putLong(segment, at, 0);
            }
        }
    }

    Region windows() {
        return windows;
    }

    @Override
    public void close() {
        records.close();
        buckets.close();
        mappings.close();
        if (remotes != null) {
            remotes.close();
        }
        Region region = windows;
        if (region != null) {
            region.close();
        }
    }
}
