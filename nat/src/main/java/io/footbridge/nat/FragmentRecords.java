package io.footbridge.nat;

import io.footbridge.memory.SeededHash;
import io.footbridge.memory.Words;
import java.lang.foreign.MemorySegment;

/**
 * The fragmented packets under way: what they are known by, their ports, and which parts of them have come. Owning worker
 * only.
 *
 * <p>A record stands in one of {@link #SETS} sets of {@link #WAYS}, chosen by a seeded hash of the source address. A set
 * that is full loses its oldest record, and a source that has half a set loses its own oldest: no source pushes the packets
 * of others out, and no look-up visits more than one set.
 *
 * <pre>
 * offset  width  name
 *      0     16  source address, upper and lower half
 *     16     16  destination address, upper and lower half
 *     32      4  identification
 *     36      4  realm (upper 24 bits) and protocol (lower 8); of IPv6, whose fragments may differ in it, 0
 *     40      4  ports: source (upper 16 bits) and destination
 *     44      4  bytes that have come
 *     48      4  bytes in all; 0 until the last fragment has come
 *     52      4  flags: 1 the ports are known, 2 poisoned: nothing more of this packet is let through
 *     56      4  the identification that its fragments get, and above it, from bit 16, the transport protocol
 *     60      4  fragments that have come
 *     64    512  those fragments: first unit of eight bytes (upper 16 bits), and the unit behind the last
 * </pre>
 */
final class FragmentRecords {
    /** Bytes of a record. */
    static final int SIZE = 576;
    /** Sets. */
    static final int SETS = 16;
    /** Records of a set. */
    static final int WAYS = 64;
    /** Records in all. */
    static final int CAPACITY = SETS * WAYS;
    /** Records of one source. */
    static final int PER_SOURCE = WAYS / 2;
    /** Fragments of one packet: with MTU 576 a packet of 64 KiB has 119. */
    static final int MAX_FRAGMENTS = 128;
    /** No record. */
    static final int NONE = -1;

    /** {@link #add}: the part is new. */
    static final int NEW = 0;
    /** {@link #add}: just this part has come before. */
    static final int DUPLICATE = 1;
    /** {@link #add}: the part overlaps another, contradicts the packet's length, or is one too many. */
    static final int CONTRADICTION = 2;

    static final int SOURCE = 0;
    static final int DESTINATION = 16;
    static final int IDENTIFICATION = 32;
    static final int CONTEXT = 36;
    static final int PORTS = 40;
    static final int RECEIVED = 44;
    static final int TOTAL = 48;
    static final int FLAGS = 52;
    static final int GIVEN = 56;
    static final int COUNT = 60;
    static final int FRAGMENTS = 64;

    private static final int PORTS_KNOWN = 1;
    private static final int POISONED = 2;
    private static final int UNIT = 8;

    private final MemorySegment memory;
    private final SeededHash hash;
    /** Of each record its hash, or 0 where it is free; its source's hash; and when it was made, in ticks. */
    private final int[] tags = new int[CAPACITY];
    private final int[] sources = new int[CAPACITY];
    private final int[] born = new int[CAPACITY];

    /** @param memory zeroed, of {@link #SIZE} times {@link #CAPACITY} bytes */
    FragmentRecords(MemorySegment memory, long seed) {
        this.memory = memory;
        hash = new SeededHash(seed);
    }

    /** The hash of a packet's source; the upper half chooses the set. */
    long sourceHash(Tuple key) {
        return hash.hash(key.sourceHigh(), key.sourceLow(), key.realm());
    }

    /** The record of a packet, or {@link #NONE}. */
    int find(long sourceHash, Tuple key, int identification) {
        int tag = tag(sourceHash, key, identification);
        int first = set(sourceHash);
        for (int record = first; record < first + WAYS; record++) {
            if (tags[record] == tag && matches(record, key, identification)) {
                return record;
            }
        }
        return NONE;
    }

    /** The record that is to go so that a packet of this source can have one: a free one, or the one to be given up. */
    int victim(long sourceHash, int now) {
        int first = set(sourceHash);
        int own = 0;
        int oldestOwn = NONE;
        int oldest = first;
        int free = NONE;
        for (int record = first; record < first + WAYS; record++) {
            if (tags[record] == 0) {
                free = record;
                continue;
            }
            if (sources[record] == (int) sourceHash) {
                own++;
                oldestOwn = oldestOwn == NONE || age(record, now) > age(oldestOwn, now) ? record : oldestOwn;
            }
            if (tags[oldest] == 0 || age(record, now) > age(oldest, now)) {
                oldest = record;
            }
        }
        return own >= PER_SOURCE ? oldestOwn : free != NONE ? free : oldest;
    }

    /** Makes a free record one of a packet of which nothing has come. */
    void make(int record, long sourceHash, Tuple key, int identification, int now) {
        long at = at(record);
        Words.putLong(memory, at + SOURCE, key.sourceHigh());
        Words.putLong(memory, at + SOURCE + 8, key.sourceLow());
        Words.putLong(memory, at + DESTINATION, key.destinationHigh());
        Words.putLong(memory, at + DESTINATION + 8, key.destinationLow());
        Words.putInt(memory, at + IDENTIFICATION, identification);
        Words.putInt(memory, at + CONTEXT, context(key));
        for (int field = PORTS; field < FRAGMENTS; field += Integer.BYTES) {
            Words.putInt(memory, at + field, 0);
        }
        tags[record] = tag(sourceHash, key, identification);
        sources[record] = (int) sourceHash;
        born[record] = now;
    }

    /**
     * Notes a part of a packet.
     *
     * @param from its first byte
     * @param to the byte behind its last; only that of the last part may be no multiple of 8
     * @param last whether it is the last part
     * @return {@link #NEW}, {@link #DUPLICATE} or {@link #CONTRADICTION}
     */
    int add(int record, int from, int to, boolean last) {
        long at = at(record);
        int total = Words.getInt(memory, at + TOTAL);
        if (total != 0 && (last ? to != total : to >= total)) {
            return CONTRADICTION;
        }
        int first = from / UNIT;
        int end = (to + UNIT - 1) / UNIT;
        int packed = first << 16 | end;
        int count = Words.getInt(memory, at + COUNT);
        for (int i = 0; i < count; i++) {
            int other = Words.getInt(memory, at + FRAGMENTS + (long) i * Integer.BYTES);
            if (other == packed && last == (total != 0 && to == total)) {
                return DUPLICATE;
            }
            if (first < (other & 0xFFFF) && (last || other >>> 16 < end)) {
                return CONTRADICTION;
            }
        }
        if (count == MAX_FRAGMENTS) {
            return CONTRADICTION;
        }
        Words.putInt(memory, at + FRAGMENTS + (long) count * Integer.BYTES, packed);
        Words.putInt(memory, at + COUNT, count + 1);
        Words.putInt(memory, at + RECEIVED, Words.getInt(memory, at + RECEIVED) + to - from);
        if (last) {
            Words.putInt(memory, at + TOTAL, to);
        }
        return NEW;
    }

    /** Whether all of a packet has come. */
    boolean isComplete(int record) {
        int total = Words.getInt(memory, at(record) + TOTAL);
        return total != 0 && Words.getInt(memory, at(record) + RECEIVED) == total;
    }

    void free(int record) {
        tags[record] = 0;
    }

    boolean isFree(int record) {
        return tags[record] == 0;
    }

    /** Ticks since a record was made. */
    int age(int record, int now) {
        return now - born[record];
    }

    /** Whether two records are of one source. */
    boolean isOfOneSource(int record, int other) {
        return sources[record] == sources[other];
    }

    boolean hasPorts(int record) {
        return (flags(record) & PORTS_KNOWN) != 0;
    }

    int ports(int record) {
        return Words.getInt(memory, at(record) + PORTS);
    }

    /** Notes what the first fragment says. */
    void ports(int record, int ports, int protocol) {
        long at = at(record);
        Words.putInt(memory, at + PORTS, ports);
        Words.putInt(memory, at + GIVEN, given(record) | protocol << 16);
        Words.putInt(memory, at + FLAGS, flags(record) | PORTS_KNOWN);
    }

    /** The transport protocol, once the ports are known. */
    int protocol(int record) {
        return Words.getInt(memory, at(record) + GIVEN) >>> 16;
    }

    /** The identification that the packet's fragments get. */
    int given(int record) {
        return Words.getInt(memory, at(record) + GIVEN) & 0xFFFF;
    }

    void given(int record, int identification) {
        Words.putInt(memory, at(record) + GIVEN, identification);
    }

    boolean isPoisoned(int record) {
        return (flags(record) & POISONED) != 0;
    }

    void poison(int record) {
        Words.putInt(memory, at(record) + FLAGS, flags(record) | POISONED);
    }

    private int flags(int record) {
        return Words.getInt(memory, at(record) + FLAGS);
    }

    private boolean matches(int record, Tuple key, int identification) {
        long at = at(record);
        return Words.getInt(memory, at + IDENTIFICATION) == identification
                && Words.getInt(memory, at + CONTEXT) == context(key)
                && Words.getLong(memory, at + SOURCE + 8) == key.sourceLow()
                && Words.getLong(memory, at + DESTINATION + 8) == key.destinationLow()
                && Words.getLong(memory, at + SOURCE) == key.sourceHigh()
                && Words.getLong(memory, at + DESTINATION) == key.destinationHigh();
    }

    private int tag(long sourceHash, Tuple key, int identification) {
        return (int) hash.hash(sourceHash ^ key.destinationHigh(), key.destinationLow(),
                (long) identification << 32 | context(key)) | 1;
    }

    private static int context(Tuple key) {
        return key.realm() << 8 | (key.isIpv6() ? 0 : key.protocol());
    }

    private static int set(long sourceHash) {
        return (int) SeededHash.range(sourceHash, SETS) * WAYS;
    }

    private static long at(int record) {
        return (long) record * SIZE;
    }
}
