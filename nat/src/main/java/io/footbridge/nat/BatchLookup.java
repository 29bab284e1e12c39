package io.footbridge.nat;

/**
 * Finds the flows of a batch of packets, pass by pass: their hashes, as they are added; all buckets; which entry of each it
 * may be; all their lines; and only then one by one whether it is. Between two misses of a pass there is so little to do that
 * the processor has as many of them under way at a time as it can.
 *
 * <p>A worker has one; owning worker only.
 */
public final class BatchLookup {
    private final ConnectionTable table;
    private final Lane lane;
    private final Part ipv4;
    private final Part ipv6;

    /**
     * Makes one for batches of at most {@code size} packets.
     *
     * @param lane the worker's number
     */
    public BatchLookup(ConnectionTable table, int lane, int size) {
        this.table = table;
        this.lane = table.lane(lane);
        this.ipv4 = new Part(size);
        this.ipv6 = new Part(size);
    }

    /** Begins a batch. */
    public void begin() {
        ipv4.count = 0;
        ipv6.count = 0;
    }

    /**
     * Adds a packet.
     *
     * @param tuple what it is looked up by; stays as it is until {@link #find}
     * @param slot its position in the flows
     * @return what {@link ConnectionTable#hash} would
     */
    public long add(Tuple tuple, int slot) {
        boolean isIpv6 = tuple.isIpv6();
        long hash = table.sessions(isIpv6).store().hash(tuple);
        (isIpv6 ? ipv6 : ipv4).add(tuple, slot, hash);
        return hash;
    }

    /**
     * Finds the flows of what was added.
     *
     * @param flows gets what {@link ConnectionTable#find} would, at the slots that were named
     * @return whether all have one
     */
    public boolean find(int[] flows, int now) {
        boolean all = true;
        if (ipv4.count > 0) {
            all = ipv4.find(table.sessions(false), lane, flows, now);
        }
        if (ipv6.count > 0) {
            all &= ipv6.find(table.sessions(true), lane, flows, now);
        }
        return all;
    }

    /** Those of one family. */
    private static final class Part {
        private final Tuple[] tuples;
        private final int[] slots;
        private final long[] hashes;
        private final int[] candidates;
        private int count;
        /** What was read and is of no use but to be near now. Written, lest the reading is left out. */
        private long touched;

        private Part(int size) {
            tuples = new Tuple[size];
            slots = new int[size];
            hashes = new long[size];
            candidates = new int[size];
        }

        private void add(Tuple tuple, int slot, long hash) {
            int at = count;
            tuples[at] = tuple;
            slots[at] = slot;
            hashes[at] = hash;
            count = at + 1;
        }

        private boolean find(SessionTable sessions, Lane lane, int[] flows, int now) {
            touchBuckets(sessions.index());
            choose(sessions);
            touchLines(sessions.store());
            int any = 0;
            for (int i = 0; i < count; i++) {
                Tuple tuple = tuples[i];
                int flow = ConnectionTable.flow(sessions.find(lane, tuple, hashes[i], candidates[i], now), tuple);
                flows[slots[i]] = flow;
                any |= flow;
            }
            return any >= 0;
        }

        private void touchBuckets(Index index) {
            long read = 0;
            for (int i = 0; i < count; i++) {
                read ^= index.touch(hashes[i]);
            }
            touched = read;
        }

        private void choose(SessionTable sessions) {
            for (int i = 0; i < count; i++) {
                candidates[i] = sessions.candidate(hashes[i]);
            }
        }

        private void touchLines(SessionStore store) {
            long read = touched;
            for (int i = 0; i < count; i++) {
                int candidate = candidates[i];
                if (candidate != ConnectionTable.NONE) {
                    read ^= store.touch(candidate);
                }
            }
            touched = read;
        }
    }
}
