package io.footbridge.nat;

import io.footbridge.memory.SeededHash;
import io.footbridge.memory.Words;
import io.footbridge.wire.Checksum;
import java.lang.foreign.MemorySegment;

/**
 * The session records of one family, in the machine's byte order. A record is two directions: the original one, then the
 * reply. A direction is one line of 64 bytes (IPv4) or two (IPv6), aligned. An <em>entry</em> names a direction: the
 * record's number times two, plus one for the reply.
 *
 * <pre>
 * offset  width  name            meaning
 *  0      8      ports           key: as {@link Tuple#ports()} gives it
 *  8      8      target          bits  0..19 realm that it goes to           bits 20..39 number of its owner
 *                                bits 40..55 checksum delta of the addresses bit      56 settled
 *                                bit      57 inside: its source is the inside host
 *                                bit      58 its remote address is counted (see RemoteStore)
 * 16      4      translated      ports that it gets: bits 16..31 source, 0..15 destination
 * 20      4      last seen       tick
 * 24      8      state           original direction: {@link State}; bit 63 set while it is being opened
 * 24      4      mapping         reply direction: number of the mapping plus 1, 0 when there is none
 * 28      4      created         reply direction: tick; of a record that is free, the next free one
 * 32      8      packets
 * 40      8      bytes           from the IP header on
 * IPv4:
 * 48      8      addresses       key: upper half source, lower half destination
 * 56      8      translated      addresses that it gets, likewise
 * IPv6:
 * 48     16      source          key
 * 64     16      destination     key
 * 80     32      translated      addresses that it gets: source, then destination
 * </pre>
 *
 * <p>Lines are written before the index leads to them, and then only by their own direction's receiver: last seen, packets,
 * bytes, settled. A thread that is no worker reads them between two reads of the state word.
 */
final class SessionStore {
    static final int IPV4_LINE = 64;
    static final int IPV6_LINE = 128;
    static final int PORTS = 0;
    static final int TARGET = 8;
    static final int TRANSLATED_PORTS = 16;
    static final int LAST_SEEN = 20;
    static final int STATE = 24;
    static final int MAPPING = 24;
    static final int CREATED = 28;
    static final int PACKETS = 32;
    static final int BYTES = 40;
    static final int ADDRESSES = 48;
    static final int TRANSLATED_ADDRESSES = 56;
    static final int SOURCE = 48;
    static final int DESTINATION = 64;
    static final int TRANSLATED_SOURCE = 80;
    static final int TRANSLATED_DESTINATION = 96;

    /** In the state word, beside the generation: not to be removed but by its opener. */
    static final long OPENING = 1L << 63;
    static final int REALM_BITS = 20;
    static final int OWNER_BITS = 20;

    private static final long REALM_MASK = (1 << REALM_BITS) - 1;
    private static final int OWNER_MASK = (1 << OWNER_BITS) - 1;
    private static final int DELTA_SHIFT = REALM_BITS + OWNER_BITS;
    private static final long SETTLED = 1L << 56;
    private static final long INSIDE = 1L << 57;
    private static final long REMOTE = 1L << 58;
    private static final long NEXT_GENERATION = 1L << 32;
    private static final long LOW = 0xFFFF_FFFFL;

    private final MemorySegment segment;
    private final boolean ipv6;
    private final int shift;
    private final SeededHash seededHash;

    SessionStore(MemorySegment segment, boolean ipv6, SeededHash seededHash) {
        this.segment = segment;
        this.ipv6 = ipv6;
        this.shift = Integer.numberOfTrailingZeros(ipv6 ? IPV6_LINE : IPV4_LINE);
        this.seededHash = seededHash;
    }

    /** Bytes of a record. */
    static int stride(boolean ipv6) {
        return 2 * (ipv6 ? IPV6_LINE : IPV4_LINE);
    }

    /** Where in a record a free one's link is. */
    static int link(boolean ipv6) {
        return (ipv6 ? IPV6_LINE : IPV4_LINE) + CREATED;
    }

    private long line(int entry) {
        return (long) entry << shift;
    }

    private static int original(int entry) {
        return entry & ~1;
    }

    private static int reply(int entry) {
        return entry | 1;
    }

    // Keys.

    long hash(Tuple tuple) {
        if (!ipv6) {
            return seededHash.hash(tuple.addresses(), tuple.ports());
        }
        return hash(tuple.sourceHigh(), tuple.sourceLow(), tuple.destinationHigh(), tuple.destinationLow(), tuple.ports());
    }

    private long hash(long sourceHigh, long sourceLow, long destinationHigh, long destinationLow, long ports) {
        return seededHash.hash(seededHash.hash(sourceHigh, sourceLow, destinationHigh), destinationLow, ports);
    }

    /** The hash of an entry's key. */
    long hash(int entry) {
        MemorySegment memory = segment;
        long line = line(entry);
        long ports = Words.getLong(memory, line, PORTS);
        if (!ipv6) {
            return seededHash.hash(Words.getLong(memory, line, ADDRESSES), ports);
        }
        return hash(Words.getLong(memory, line, SOURCE), Words.getLong(memory, line, SOURCE + 8),
                Words.getLong(memory, line, DESTINATION), Words.getLong(memory, line, DESTINATION + 8), ports);
    }

    /** Reads the entry's line, to have it near. */
    long touch(int entry) {
        return Words.getLong(segment, line(entry), PORTS);
    }

    boolean matches(int entry, Tuple tuple) {
        MemorySegment memory = segment;
        long line = line(entry);
        if (Words.getLong(memory, line, PORTS) != tuple.ports()) {
            return false;
        }
        if (!ipv6) {
            return Words.getLong(memory, line, ADDRESSES) == tuple.addresses();
        }
        return Words.getLong(memory, line, SOURCE) == tuple.sourceHigh()
                && Words.getLong(memory, line, SOURCE + 8) == tuple.sourceLow()
                && Words.getLong(memory, line, DESTINATION) == tuple.destinationHigh()
                && Words.getLong(memory, line, DESTINATION + 8) == tuple.destinationLow();
    }

    /** See {@link Index.Keys#compare}. */
    int compare(int existing, int entry) {
        MemorySegment memory = segment;
        long line = line(existing);
        long other = line(entry);
        boolean equal = Words.getLong(memory, line, PORTS) == Words.getLong(memory, other, PORTS)
                && Words.getLong(memory, line, ADDRESSES) == Words.getLong(memory, other, ADDRESSES);
        if (equal && ipv6) {
            equal = Words.getLong(memory, line, SOURCE + 8) == Words.getLong(memory, other, SOURCE + 8)
                    && Words.getLong(memory, line, DESTINATION) == Words.getLong(memory, other, DESTINATION)
                    && Words.getLong(memory, line, DESTINATION + 8) == Words.getLong(memory, other, DESTINATION + 8);
        }
        if (!equal) {
            return Index.Keys.OTHER;
        }
        return State.phase(state(existing)) == State.FREE ? Index.Keys.ENDED : Index.Keys.SAME;
    }

    /** The tuple that an entry is found by. */
    void key(int entry, Tuple into) {
        MemorySegment memory = segment;
        long line = line(entry);
        read(line, SOURCE, DESTINATION, ADDRESSES, Words.getLong(memory, line, PORTS), into);
    }

    /** What a packet of this direction becomes. */
    void translated(int entry, Tuple into) {
        MemorySegment memory = segment;
        long line = line(entry);
        translated(line, Words.getLong(memory, line, PORTS), Words.getLong(memory, line, TARGET),
                Words.getInt(memory, line, TRANSLATED_PORTS), into);
    }

    /** As {@link #translated}, with the differences that rewriting makes to checksums. */
    void rewriting(int entry, Rewriting into) {
        MemorySegment memory = segment;
        long line = line(entry);
        long ports = Words.getLong(memory, line, PORTS);
        long target = Words.getLong(memory, line, TARGET);
        int translated = Words.getInt(memory, line, TRANSLATED_PORTS);
        translated(line, ports, target, translated, into.reading());
        into.addressDelta = (int) (target >>> DELTA_SHIFT) & 0xFFFF;
        into.portDelta = Checksum.delta32((int) (ports >>> 32), translated);
    }

    private void translated(long line, long ports, long target, int translated, Tuple into) {
        read(line, TRANSLATED_SOURCE, TRANSLATED_DESTINATION, TRANSLATED_ADDRESSES,
                (long) translated << 32 | ports & LOW & ~REALM_MASK | target & REALM_MASK, into);
    }

    private void read(long line, int source, int destination, int both, long ports, Tuple into) {
        MemorySegment memory = segment;
        if (ipv6) {
            into.setIpv6(Words.getLong(memory, line, source), Words.getLong(memory, line, source + 8),
                    Words.getLong(memory, line, destination), Words.getLong(memory, line, destination + 8), ports);
        } else {
            into.setIpv4(Words.getLong(memory, line, both), ports);
        }
    }

    int protocol(int entry) {
        return (int) (Words.getLong(segment, line(entry), PORTS) >>> 24) & 0xFF;
    }

    int realm(int entry) {
        return (int) (Words.getLong(segment, line(entry), PORTS) & REALM_MASK);
    }

    int targetRealm(int entry) {
        return (int) (Words.getLong(segment, line(entry), TARGET) & REALM_MASK);
    }

    int owner(int entry) {
        return (int) (Words.getLong(segment, line(entry), TARGET) >>> REALM_BITS) & OWNER_MASK;
    }

    int addressDelta(int entry) {
        return (int) (Words.getLong(segment, line(entry), TARGET) >>> DELTA_SHIFT) & 0xFFFF;
    }

    int portDelta(int entry) {
        long line = line(entry);
        return Checksum.delta32((int) (Words.getLong(segment, line, PORTS) >>> 32),
                Words.getInt(segment, line, TRANSLATED_PORTS));
    }

    boolean isInside(int entry) {
        return (Words.getLong(segment, line(entry), TARGET) & INSIDE) != 0;
    }

    boolean isSettled(int entry) {
        return (Words.getLong(segment, line(entry), TARGET) & SETTLED) != 0;
    }

    void settle(int entry, boolean settled) {
        long at = line(entry) + TARGET;
        long target = Words.getLong(segment, at);
        Words.putLongOpaque(segment, at, settled ? target | SETTLED : target & ~SETTLED);
    }

    /** Whether the remote address of the session's mapping is counted. */
    boolean hasRemote(int entry) {
        return (Words.getLong(segment, line(original(entry)) + TARGET) & REMOTE) != 0;
    }

    // The life of a session.

    /**
     * Writes the two directions of a session that nobody can find yet.
     *
     * @param reply what comes back
     * @param answer what that becomes: the inverse of the original
     * @param mapping its number, or -1
     */
    void write(int record, Tuple original, Tuple translated, Tuple reply, Tuple answer, int owner, int mapping,
            boolean insideIsSource, boolean remote, int now) {
        int entry = record << 1;
        long marks = (long) owner << REALM_BITS | (remote ? REMOTE : 0);
        writeLine(line(entry), original, translated, marks | (insideIsSource ? INSIDE : 0), now);
        writeLine(line(reply(entry)), reply, answer, marks | (insideIsSource ? 0 : INSIDE), now);
        Words.putInt(segment, line(reply(entry)) + MAPPING, mapping + 1);
        Words.putIntOpaque(segment, line(reply(entry)) + CREATED, now);
    }

    private void writeLine(long line, Tuple key, Tuple becomes, long marks, int now) {
        MemorySegment memory = segment;
        Words.putLong(memory, line + PORTS, key.ports());
        int delta;
        if (ipv6) {
            writeIpv6(line + SOURCE, line + DESTINATION, key);
            writeIpv6(line + TRANSLATED_SOURCE, line + TRANSLATED_DESTINATION, becomes);
            delta = Checksum.add(
                    Checksum.delta128(key.sourceHigh(), key.sourceLow(), becomes.sourceHigh(), becomes.sourceLow()),
                    Checksum.delta128(key.destinationHigh(), key.destinationLow(), becomes.destinationHigh(), becomes.destinationLow()));
        } else {
            Words.putLong(memory, line + ADDRESSES, key.addresses());
            Words.putLong(memory, line + TRANSLATED_ADDRESSES, becomes.addresses());
            delta = Checksum.add(Checksum.delta32((int) key.sourceLow(), (int) becomes.sourceLow()),
                    Checksum.delta32((int) key.destinationLow(), (int) becomes.destinationLow()));
        }
        Words.putLong(memory, line + TARGET, becomes.realm() | marks | (long) delta << DELTA_SHIFT);
        Words.putInt(memory, line + TRANSLATED_PORTS, becomes.sourcePort() << 16 | becomes.destinationPort());
        Words.putInt(memory, line + LAST_SEEN, now);
        Words.putLong(memory, line + PACKETS, 0);
        Words.putLong(memory, line + BYTES, 0);
    }

    private void writeIpv6(long source, long destination, Tuple tuple) {
        MemorySegment memory = segment;
        Words.putLong(memory, source, tuple.sourceHigh());
        Words.putLong(memory, source + 8, tuple.sourceLow());
        Words.putLong(memory, destination, tuple.destinationHigh());
        Words.putLong(memory, destination + 8, tuple.destinationLow());
    }

    /** Begins the next life of a free record: from now on nobody takes it for the session it was. */
    void begin(int record, long phase) {
        long at = line(record << 1) + STATE;
        long generation = State.generation(Words.getLong(segment, at)) & ~OPENING;
        Words.putLongRelease(segment, at, generation + NEXT_GENERATION & ~OPENING | OPENING | phase);
    }

    /** The session may be removed by anybody from now on. */
    void opened(int record) {
        Words.getAndBitwiseAndLong(segment, line(record << 1) + STATE, ~OPENING);
    }

    static boolean isOpening(long state) {
        return state < 0;
    }

    long state(int entry) {
        return Words.getLongAcquire(segment, line(original(entry)) + STATE);
    }

    boolean casState(int entry, long expected, long next) {
        assert State.phase(expected) == State.FREE || State.phase(next) != State.FREE : "a session is ended by removal";
        return State.phase(expected) != State.FREE && Words.casLong(segment, line(original(entry)) + STATE, expected,
                State.generation(expected) | next & ~State.generation(next));
    }

    /** Ends a life; of all who try, one does. */
    boolean end(int entry, long state) {
        return Words.casLong(segment, line(original(entry)) + STATE, state, State.generation(state) & ~OPENING);
    }

    /** The mapping's number, or -1. */
    int mapping(int entry) {
        return Words.getInt(segment, line(reply(entry)) + MAPPING) - 1;
    }

    int createdAt(int entry) {
        return Words.getIntOpaque(segment, line(reply(entry)) + CREATED);
    }

    int lastSeen(int entry) {
        return Words.getIntOpaque(segment, line(entry) + LAST_SEEN);
    }

    void seen(int entry, int now) {
        Words.putIntOpaque(segment, line(entry) + LAST_SEEN, now);
    }

    /** Counts a packet and notes that it was seen, if the direction is settled; else does nothing and answers false. */
    boolean seenIfSettled(int entry, int bytes, int now) {
        MemorySegment memory = segment;
        long line = line(entry);
        if ((Words.getLong(memory, line, TARGET) & SETTLED) == 0) {
            return false;
        }
        count(memory, line, bytes);
        Words.putIntOpaque(memory, line + LAST_SEEN, now);
        return true;
    }

    void count(int entry, int bytes) {
        count(segment, line(entry), bytes);
    }

    private static void count(MemorySegment memory, long line, int bytes) {
        long before = Words.getLong(memory, line, BYTES);
        Words.putLongOpaque(memory, line + PACKETS, Words.getLong(memory, line, PACKETS) + 1);
        Words.putLongOpaque(memory, line + BYTES, before + bytes);
    }

    long packets(int entry) {
        return Words.getLongOpaque(segment, line(entry) + PACKETS);
    }

    long bytes(int entry) {
        return Words.getLongOpaque(segment, line(entry) + BYTES);
    }
}
