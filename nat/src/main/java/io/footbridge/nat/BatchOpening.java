package io.footbridge.nat;

/**
 * Reads, for all packets of a batch that have no flow and are to have one behind an outside port, what their opening will
 * need, so that the misses of the whole batch overlap: {@link ConnectionTable#open} makes one compare-and-set after the
 * other, and those let no later read begin. In passes, each with little between its misses: the words of the ports that
 * the inside ends have themselves, and the mappings' buckets; where a port is taken, who has it, since that may be the
 * inside end itself, and the words of the ports that will be drawn, one after the other until one is free; then the
 * sessions' buckets with the ports that were found.
 *
 * <p>It decides nothing: what was read is read again by the opening, and a packet that opens nothing after all, or that
 * was not added here, only costs time. What is drawn stays the same until the next batch ({@link Lane#draw}).
 *
 * <p>A worker has one; owning worker only.
 */
public final class BatchOpening {
    /** Packets of a batch at most. */
    static final int MAX_SIZE = 32;
    /** Draws that are followed. */
    private static final int DRAWS = 3;

    private final ConnectionTable table;
    private final Lane lane;
    private final Part ipv4;
    private final Part ipv6;
    private Owner owner;

    /**
     * Makes one for batches of at most {@code size} packets.
     *
     * @param lane the worker's number
     * @param size 32 at most
     */
    public BatchOpening(ConnectionTable table, int lane, int size) {
        if (size > MAX_SIZE) {
            throw new IllegalArgumentException("batches of " + size + " packets; " + MAX_SIZE + " at most");
        }
        this.table = table;
        this.lane = table.lane(lane);
        this.ipv4 = new Part(size);
        this.ipv6 = new Part(size);
    }

    /**
     * Begins a batch.
     *
     * @param of whose flows they will be
     */
    public void begin(Owner of) {
        // What a batch that came to no end has left.
        lane.allotment.giveBack();
        owner = of;
        ipv4.count = 0;
        ipv6.count = 0;
        lane.newDraws();
    }

    /**
     * Adds a packet without a flow, unless it can have no port.
     *
     * @param inside the packet as it came; stays as it is until {@link #touch}
     * @param pool the outside addresses that it may get
     * @param realm that it goes to
     */
    public void add(Tuple inside, OutsideAddress[] pool, int realm) {
        if (pool.length > 0 && OutsideAddress.hasPorts(inside.protocol())) {
            boolean isIpv6 = inside.isIpv6();
            (isIpv6 ? ipv6 : ipv4).add(table.sessions(isIpv6).mappings(), inside, pool, realm);
        }
    }

    /** Reads what those that were added will need, and counts them in ahead. */
    public void touch() {
        if (ipv4.count > 0) {
            ipv4.touch(table.sessions(false), lane);
        }
        if (ipv6.count > 0) {
            ipv6.touch(table.sessions(true), lane);
        }
        boolean mostlyIpv6 = ipv6.count > ipv4.count;
        lane.allotment.take(owner, table.sessions(mostlyIpv6), mostlyIpv6 ? ipv6.count : ipv4.count);
    }

    /** Ends a batch, when all that it opens is opened. */
    public void end() {
        lane.allotment.giveBack();
    }

    /** Those of one family. */
    private static final class Part {
        private final Tuple[] insides;
        private final int[] realms;
        private final OutsideAddress[] outsides;
        private final long[] hashes;
        private final int[] ports;
        /** Of the ports. */
        private final int[] words;
        /** Where the sessions' buckets are. */
        private final long[] buckets;
        private int count;

        private Part(int size) {
            insides = new Tuple[size];
            realms = new int[size];
            outsides = new OutsideAddress[size];
            hashes = new long[size];
            ports = new int[size];
            words = new int[size];
            buckets = new long[size];
        }

        private void add(Mappings mappings, Tuple inside, OutsideAddress[] pool, int realm) {
            insides[count] = inside;
            realms[count] = realm;
            outsides[count] = pool[mappings.preferred(inside, pool.length)];
            ports[count] = inside.sourcePort();
            hashes[count++] = mappings.store().hash(inside, pool[0].number());
        }

        private void touch(SessionTable sessions, Lane lane) {
            MappingStore mappings = sessions.mappings().store();
            Index mapped = mappings.index();
            long read = 0;
            for (int i = 0; i < count; i++) {
                words[i] = outsides[i].word(insides[i].protocol(), ports[i]);
                read ^= mapped.touch(hashes[i]);
            }
            for (int i = 0; i < count; i++) {
                int holder = OutsideAddress.mapping(words[i]);
                if (holder >= 0) {
                    read ^= mappings.touch(holder);
                }
            }
            for (int round = 0; round < DRAWS; round++) {
                draw(lane, round);
            }
            locate(sessions, lane.reply);
            Index index = sessions.index();
            for (int i = 0; i < count; i++) {
                read ^= index.word(buckets[i]);
            }
            lane.touched = read ^ sessions.touchFree(lane, count) ^ sessions.mappings().touchFree(lane, count);
        }

        /** Goes on to the next port that will be drawn, where the last one is taken. */
        private void draw(Lane lane, int round) {
            for (int i = 0; i < count; i++) {
                if (words[i] != 0) {
                    Tuple inside = insides[i];
                    ports[i] = Mappings.drawn(lane, inside, hashes[i], round);
                    words[i] = outsides[i].word(inside.protocol(), ports[i]);
                }
            }
        }

        private void locate(SessionTable sessions, Tuple reply) {
            SessionStore store = sessions.store();
            Index index = sessions.index();
            for (int i = 0; i < count; i++) {
                OutsideAddress outside = outsides[i];
                reply.invert(insides[i]);
                reply.realm(realms[i]);
                reply.destination(outside.high(), outside.low(), ports[i]);
                buckets[i] = index.first(store.hash(reply));
            }
        }
    }
}
