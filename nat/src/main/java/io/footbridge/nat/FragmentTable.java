package io.footbridge.nat;

import io.footbridge.memory.Region;
import io.footbridge.wire.DropReason;
import io.footbridge.wire.Ethernet;
import io.footbridge.wire.Fragment;
import io.footbridge.wire.Frame;
import io.footbridge.wire.Ipv4;
import io.footbridge.wire.Ipv6;
import io.footbridge.wire.Protocol;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * Virtual reassembly: later fragments learn their ports from the first, and wait for it where it comes late. Nothing is
 * put together. Of fixed memory; owning worker only, since all fragments of a packet come in by one port.
 *
 * <p>A packet under way has a record ({@link FragmentRecords}) from its first fragment to come until all have, at most
 * {@link #LIFETIME}. Fragments that come before the first one are kept ({@link HeldFragments}), a few of each packet, and
 * given back after it; they are then to be accepted as if they came just then.
 *
 * <p>Refused are: a part that overlaps another, and then all that still comes of that packet (RFC 5722; in IPv4 for the
 * same reasons); a part that came already, alone; parts that contradict each other about where the packet ends; parts of
 * no bytes, and parts but the last of a length that is no multiple of eight; a packet of more than 65,535 bytes or
 * {@value FragmentRecords#MAX_FRAGMENTS} fragments; and the second eight bytes of TCP, where the flags are, apart from the
 * first (RFC 1858, RFC 3128). That the first fragment has the whole transport header is Frame.parse's to check.
 *
 * <p>What one source may have is bounded: {@link FragmentRecords#PER_SOURCE} packets under way, and
 * {@link HeldFragments#PER_SOURCE} fragments held.
 */
public final class FragmentTable implements AutoCloseable {
    /** What {@link #accept} says of a fragment that was kept until the first one comes. */
    public static final long HELD = 1L << 32;
    /** The longest frame that is kept, and so the longest that {@link #release} gives back. */
    public static final int MAX_HELD = HeldFragments.MAX_FRAME;
    /** How long a packet may be under way, in ticks: a little more than the 2 s that RFC 6146 section 4 asks for. */
    public static final int LIFETIME = 21;

    private static final int MAX_PACKET = 0xFFFF;
    private static final int UNIT = 8;
    private static final long PORTS = 0xFFFF_FFFFL;

    private final Region region;
    private final FragmentRecords records;
    private final HeldFragments held;
    private final Tuple key = new Tuple();
    private int current = FragmentRecords.NONE;
    private int identification;
    private int protocol;
    private int counter;
    private int givenUp;

    /**
     * Maps the memory, a little more than 1 MiB.
     *
     * @param seed for hashing and for the first identification
     * @throws IOException there is not enough memory
     */
    public FragmentTable(long seed) throws IOException {
        long slots = (long) FragmentRecords.SIZE * FragmentRecords.CAPACITY;
        region = Region.map("the fragment table", slots + (long) HeldFragments.SLOT_SIZE * HeldFragments.SLOTS);
        records = new FragmentRecords(region.segment(), seed);
        held = new HeldFragments(region.segment(), slots, records);
        counter = (int) (seed >>> 16 ^ seed);
    }

    /**
     * Takes a fragment.
     *
     * @param header offset of the virtio-net header
     * @param frame offset of the Ethernet header
     * @param length of the frame
     * @param parsed what Frame.parse made of it: a first or later fragment
     * @param realm that it came from
     * @return the packet's ports (source in the upper 16 bits, destination in the lower, of 32) as a {@link Tuple} has
     *     them; {@link #HELD}; or the negative code of a reason to drop
     */
    public long accept(MemorySegment memory, long header, long frame, int length, long parsed, int realm, int now) {
        current = FragmentRecords.NONE;
        long packet = frame + Frame.networkOffset(parsed);
        boolean first = Frame.fragment(parsed) == Fragment.FIRST;
        int before;
        int outside = 0;
        int from;
        int of;
        boolean more;
        if (Frame.etherType(parsed) == Ethernet.IPV4) {
            before = Frame.transportOffset(parsed) - Frame.networkOffset(parsed);
            from = Ipv4.fragmentOffset(memory, packet);
            more = Ipv4.moreFragments(memory, packet);
            of = Ipv4.identification(memory, packet);
        } else {
            int at = Ipv6.fragmentHeader(memory, packet);
            if (at < 0) {
                return refused();
            }
            before = at + Ipv6.FRAGMENT_HEADER_LENGTH;
            // The fixed header does not count, and the fragment header goes.
            outside = Ipv6.HEADER_LENGTH + Ipv6.FRAGMENT_HEADER_LENGTH;
            from = Ipv6.fragmentOffset(memory, packet + at);
            more = Ipv6.moreFragments(memory, packet + at);
            of = Ipv6.identification(memory, packet + at);
        }
        int to = from + Frame.packetLength(parsed) - before;
        if (to <= from || more && to % UNIT != 0 || before - outside + to > MAX_PACKET || first != (from == 0)
                || from == UNIT && Frame.protocol(parsed) == Protocol.TCP) {
            return refused();
        }
        key.readAddresses(memory, frame, parsed, realm);
        int record = record(of, now);
        if (records.isPoisoned(record)) {
            return refused();
        }
        if (!first && !records.hasPorts(record)) {
            return hold(record, memory, header, frame, length);
        }
        return pass(record, memory, frame, parsed, from, to, more);
    }

    private int record(int of, int now) {
        long source = records.sourceHash(key);
        int record = records.find(source, key, of);
        if (record != FragmentRecords.NONE && records.age(record, now) <= LIFETIME) {
            return record;
        }
        if (record == FragmentRecords.NONE) {
            record = records.victim(source, now);
        }
        giveUp(record);
        records.make(record, source, key, of, now);
        records.given(record, freshIdentification());
        return record;
    }

    private long hold(int record, MemorySegment memory, long header, long frame, int length) {
        int slot = length > HeldFragments.MAX_FRAME ? -1 : held.slot(record);
        if (slot < 0) {
            return refused();
        }
        if (held.isUsed(slot)) {
            held.empty(slot);
            givenUp++;
        }
        held.put(slot, record, memory, header, frame, length);
        return HELD;
    }

    private long pass(int record, MemorySegment memory, long frame, long parsed, int from, int to, boolean more) {
        current = record;
        int added = records.add(record, from, to, !more);
        if (added != FragmentRecords.NEW) {
            if (added == FragmentRecords.CONTRADICTION) {
                records.poison(record);
                emptySlots(record);
            }
            return refused();
        }
        if (from == 0) {
            key.readPorts(memory, frame + Frame.transportOffset(parsed), Frame.protocol(parsed));
            records.ports(record, key.sourcePort() << 16 | key.destinationPort(), Frame.protocol(parsed));
        }
        identification = records.given(record);
        protocol = records.protocol(record);
        int ports = records.ports(record);
        if (records.isComplete(record)) {
            giveUp(record);
            current = FragmentRecords.NONE;
        }
        return ports & PORTS;
    }

    /**
     * After a fragment was accepted: gives back one that was kept for the same packet, which is to be accepted next.
     *
     * @param frame where to put its Ethernet header; the virtio-net header goes before it
     * @return the frame's length, at most {@link #MAX_HELD}, or 0 when there is none left
     */
    public int release(MemorySegment memory, long frame) {
        if (current == FragmentRecords.NONE || held.isEmpty()) {
            return 0;
        }
        int slot = held.first(current);
        return slot < 0 ? 0 : held.take(slot, memory, frame);
    }

    /** The identification that the fragments of the packet last accepted are to carry after SNAT (RFC 6864). */
    public int identification() {
        return identification;
    }

    /**
     * The transport protocol of the packet last accepted: of a later IPv6 fragment more than Frame.protocol knows, where
     * extension headers stand in the first one.
     */
    public int protocol() {
        return protocol;
    }

    /** An identification for another packet that may be fragmented later (RFC 6864 section 5.3.1), 0 to 65,535. */
    public int freshIdentification() {
        return counter++ & 0xFFFF;
    }

    /** How many kept fragments were given up since the last call: drops for {@link DropReason#FRAGMENT}. */
    public int expired(int now) {
        if (!held.isEmpty()) {
            for (int slot = 0; slot < HeldFragments.SLOTS; slot++) {
                if (held.isUsed(slot) && records.age(held.owner(slot), now) > LIFETIME) {
                    giveUp(held.owner(slot));
                }
            }
        }
        int count = givenUp;
        givenUp = 0;
        return count;
    }

    private void giveUp(int record) {
        if (!records.isFree(record)) {
            emptySlots(record);
            records.free(record);
        }
    }

    private void emptySlots(int record) {
        if (held.isEmpty()) {
            return;
        }
        for (int slot = held.first(record); slot >= 0; slot = held.first(record)) {
            held.empty(slot);
            givenUp++;
        }
    }

    private static long refused() {
        return DropReason.FRAGMENT.code();
    }

    @Override
    public void close() {
        region.close();
    }
}
