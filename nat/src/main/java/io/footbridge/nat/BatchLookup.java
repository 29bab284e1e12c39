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
     * @param lookup whose tuple stays as it is until {@link #find}; gets its hash
     */
    public void add(Lookup lookup) {
        Tuple tuple = lookup.tuple();
        boolean isIpv6 = tuple.isIpv6();
        lookup.hash = table.sessions(isIpv6).store().hash(tuple);
        (isIpv6 ? ipv6 : ipv4).add(lookup);
    }

    /**
     * Finds the flows of what was added.
     *
     * @return whether all have one
     */
    public boolean find(int now) {
        boolean all = true;
        if (ipv4.count > 0) {
            all = ipv4.find(table.sessions(false), lane, now);
        }
        if (ipv6.count > 0) {
            all &= ipv6.find(table.sessions(true), lane, now);
        }
        return all;
    }

    /** Those of one family. */
    private static final class Part {
        private final Lookup[] lookups;
        private int count;
        /** What was read and is of no use but to be near now. Written, lest the reading is left out. */
        private long touched;

        private Part(int size) {
            lookups = new Lookup[size];
        }

        private void add(Lookup lookup) {
            lookups[count++] = lookup;
        }

        private boolean find(SessionTable sessions, Lane lane, int now) {
            touchBuckets(sessions.index());
            choose(sessions);
            touchLines(sessions.store());
            int any = 0;
            for (int i = 0; i < count; i++) {
                Lookup lookup = lookups[i];
                Tuple tuple = lookup.tuple();
                lookup.flow = ConnectionTable.flow(sessions.find(lane, tuple, lookup.hash, lookup.candidate, now), tuple);
                any |= lookup.flow;
            }
            return any >= 0;
        }

        private void touchBuckets(Index index) {
            long read = 0;
            for (int i = 0; i < count; i++) {
                read ^= index.touch(lookups[i].hash);
            }
            touched = read;
        }

        private void choose(SessionTable sessions) {
            for (int i = 0; i < count; i++) {
                Lookup lookup = lookups[i];
                lookup.candidate = sessions.candidate(lookup.hash);
            }
        }

        private void touchLines(SessionStore store) {
            long read = touched;
            for (int i = 0; i < count; i++) {
                int candidate = lookups[i].candidate;
                if (candidate != ConnectionTable.NONE) {
                    read ^= store.touch(candidate);
                }
            }
            touched = read;
        }
    }
}
