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
        SessionTable ipv4 = table.sessions(false);
        SessionTable ipv6 = table.sessions(true);
        Lane own = table.lane(lane);
        hash(ipv4, ipv6, tuples, slots, count, hashes);
        touchBuckets(ipv4, ipv6, tuples, slots, count, hashes);
        choose(ipv4, ipv6, tuples, slots, count, hashes);
        touchLines(ipv4, ipv6, tuples, slots, count);
        for (int i = 0; i < count; i++) {
            int slot = slots[i];
            Tuple tuple = tuples[slot];
            int entry = (tuple.isIpv6() ? ipv6 : ipv4).find(own, tuple, hashes[slot], candidates[i], now);
            flows[slot] = ConnectionTable.flow(entry, tuple);
        }
    }

    private static void hash(SessionTable ipv4, SessionTable ipv6, Tuple[] tuples, int[] slots, int count, long[] hashes) {
        for (int i = 0; i < count; i++) {
            int slot = slots[i];
            Tuple tuple = tuples[slot];
            hashes[slot] = (tuple.isIpv6() ? ipv6 : ipv4).store().hash(tuple);
        }
    }

    private void touchBuckets(SessionTable ipv4, SessionTable ipv6, Tuple[] tuples, int[] slots, int count, long[] hashes) {
        long read = 0;
        for (int i = 0; i < count; i++) {
            int slot = slots[i];
            read ^= (tuples[slot].isIpv6() ? ipv6 : ipv4).touchBucket(hashes[slot]);
        }
        touched = read;
    }

    private void choose(SessionTable ipv4, SessionTable ipv6, Tuple[] tuples, int[] slots, int count, long[] hashes) {
        for (int i = 0; i < count; i++) {
            int slot = slots[i];
            candidates[i] = (tuples[slot].isIpv6() ? ipv6 : ipv4).candidate(hashes[slot]);
        }
    }

    private void touchLines(SessionTable ipv4, SessionTable ipv6, Tuple[] tuples, int[] slots, int count) {
        long read = touched;
        for (int i = 0; i < count; i++) {
            int candidate = candidates[i];
            if (candidate != ConnectionTable.NONE) {
                read ^= (tuples[slots[i]].isIpv6() ? ipv6 : ipv4).store().touch(candidate);
            }
        }
        touched = read;
    }
}
