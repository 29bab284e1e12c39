package io.footbridge.nat;

/**
 * Finds the flows of a batch of packets, pass by pass: all hashes; all buckets; which entry of each it may be; all their
 * lines; and only then one by one whether it is. Between two misses of a pass there is so little to do that the processor
 * has as many of them under way at a time as it can.
 *
 * <p>A worker has one; owning worker only.
 */
public final class BatchLookup {
    private final ConnectionTable table;
    private final int lane;
    private final int[] candidates;
    /** What was read and is of no use but to be near now. Written, lest the reading is left out. */
    private long touched;

    /**
     * Makes one for batches of at most {@code size} packets.
     *
     * @param lane the worker's number
     */
    public BatchLookup(ConnectionTable table, int lane, int size) {
        this.table = table;
        this.lane = lane;
        this.candidates = new int[size];
    }

    /**
     * Finds flows.
     *
     * @param tuples what packets are looked up by
     * @param slots which of them to look up: positions in {@code tuples}, {@code hashes} and {@code flows}
     * @param count how many slots, at most the size
     * @param hashes gets what {@link ConnectionTable#hash} would
     * @param flows gets what {@link ConnectionTable#find} would
     */
    public void find(Tuple[] tuples, int[] slots, int count, long[] hashes, int[] flows, int now) {
        hash(tuples, slots, count, hashes);
        touchBuckets(tuples, slots, count, hashes);
        choose(tuples, slots, count, hashes);
        touchLines(tuples, slots, count);
        for (int i = 0; i < count; i++) {
            int slot = slots[i];
            flows[slot] = table.find(lane, tuples[slot], hashes[slot], candidates[i], now);
        }
    }

    private void hash(Tuple[] tuples, int[] slots, int count, long[] hashes) {
        for (int i = 0; i < count; i++) {
            int slot = slots[i];
            hashes[slot] = table.of(tuples[slot]).sessions.store().hash(tuples[slot]);
        }
    }

    private void touchBuckets(Tuple[] tuples, int[] slots, int count, long[] hashes) {
        long read = 0;
        for (int i = 0; i < count; i++) {
            int slot = slots[i];
            read ^= table.of(tuples[slot]).sessions.touchBucket(hashes[slot]);
        }
        touched = read;
    }

    private void choose(Tuple[] tuples, int[] slots, int count, long[] hashes) {
        for (int i = 0; i < count; i++) {
            int slot = slots[i];
            candidates[i] = table.of(tuples[slot]).sessions.candidate(hashes[slot]);
        }
    }

    private void touchLines(Tuple[] tuples, int[] slots, int count) {
        long read = touched;
        for (int i = 0; i < count; i++) {
            int candidate = candidates[i];
            if (candidate != ConnectionTable.NONE) {
                read ^= table.of(tuples[slots[i]]).sessions.store().touch(candidate);
            }
        }
        touched = read;
    }
}
