package io.footbridge.dataplane;

import io.footbridge.memory.Words;
import io.footbridge.nat.Tuple;
import io.footbridge.tap.FrameBuffers;
import io.footbridge.wire.BigEndian;
import io.footbridge.wire.DropReason;
import io.footbridge.wire.Fragment;
import io.footbridge.wire.Frame;
import io.footbridge.wire.Ipv4;
import io.footbridge.wire.Ipv6;
import io.footbridge.wire.Protocol;
import io.footbridge.wire.VirtioNetHeader;
import java.lang.foreign.MemorySegment;

/**
 * Puts fragments together to the packets that they are of, for those who need them whole: a socket of the host sends
 * datagrams, not fragments. Of fixed memory; owning worker only.
 *
 * <p>What comes here has passed the virtual reassembly (FragmentTable): the first fragment comes first. Each packet under way
 * has a place of {@value #PLACE} bytes, and beside it a bit for each eight bytes that are there. A fragment that overlaps
 * what is there ends its packet (RFC 5722, in IPv4 for the same reasons), as does {@value #LIFETIME} ticks of 100 ms without
 * an end. No container has more than {@value #SHARE} places.
 */
final class Reassembly {
    /** Packets that may be under way. */
    static final int PLACES = 8;
    /** Packets that one container may have under way. */
    static final int SHARE = 4;
    /** How long a packet may be under way, in ticks. */
    static final int LIFETIME = 21;
    /** Bytes of a place: headroom, Ethernet and IP header, and the longest payload. */
    static final int PLACE = 1035 * 64;
    /** Result of {@link #accept}: the packet is not whole yet. */
    static final int WAITING = 0;
    /** Result of {@link #accept}: {@link #complete} has it. */
    static final int WHOLE = 1;

    private static final int UNIT = 8;
    private static final int MAX_PACKET = 0xFFFF;
    private static final int UNITS = MAX_PACKET / UNIT + 1;
    private static final int BITMAP = UNITS / Byte.SIZE;
    private static final int UNKNOWN = -1;

    /** How much memory all places take. */
    static final long MEMORY = (long) PLACES * (PLACE + BITMAP);

    private final MemorySegment memory;
    private final long start;
    private final Place[] places = new Place[PLACES];
    private Place whole;

    /** A packet under way. */
    private final class Place {
        final long frame;
        final long bitmap;
        final Tuple key = new Tuple();
        Port ingress;
        int identification;
        int since;
        /** From the frame's start to the part that was fragmented. */
        int headers;
        /** Bytes of the fragmented part that are there. */
        int present;
        /** Bytes of the fragmented part in all, or {@link #UNKNOWN}. */
        int total;

        Place(int number) {
            frame = start + (long) number * PLACE + FrameBuffers.HEADROOM + FrameBuffers.VIRTIO_HEADER_LENGTH;
            bitmap = start + (long) PLACES * PLACE + (long) number * BITMAP;
        }

        boolean isFree(int tick) {
            return ingress == null || tick - since > LIFETIME;
        }

        boolean isOf(Tuple tuple, int of) {
            return ingress != null && identification == of && key.realm() == tuple.realm() && key.protocol() == tuple.protocol()
                    && key.sourceLow() == tuple.sourceLow() && key.destinationLow() == tuple.destinationLow()
                    && key.sourceHigh() == tuple.sourceHigh() && key.destinationHigh() == tuple.destinationHigh();
        }
    }

    /**
     * Nothing is under way.
     *
     * @param memory with {@link #MEMORY} bytes for this alone
     * @param start where those begin, a multiple of eight
     */
    Reassembly(MemorySegment memory, long start) {
        this.memory = memory;
        this.start = start;
        for (int i = 0; i < PLACES; i++) {
            places[i] = new Place(i);
        }
    }

    /**
     * Takes a fragment, whose tuple has its packet's ports.
     *
     * @return {@link #WAITING}, {@link #WHOLE}, or the negative code of a reason to drop
     */
    int accept(Packet packet) {
        boolean ipv6 = packet.isIpv6();
        long network = packet.network();
        int header = ipv6 ? Ipv6.fragmentHeader(memory, network) : 0;
        if (ipv6 && header != Ipv6.HEADER_LENGTH) {
            return DropReason.FRAGMENT.code();
        }
        long field = network + header;
        int from = ipv6 ? Ipv6.fragmentOffset(memory, field) : Ipv4.fragmentOffset(memory, network);
        boolean more = ipv6 ? Ipv6.moreFragments(memory, field) : Ipv4.moreFragments(memory, network);
        int of = ipv6 ? Ipv6.identification(memory, field) : Ipv4.identification(memory, network);
        int before = Frame.networkOffset(packet.parsed)
                + (ipv6 ? header + Ipv6.FRAGMENT_HEADER_LENGTH : Ipv4.headerLength(memory, network));
        int to = from + Frame.packetEnd(packet.parsed) - before;
        if (to <= from || more && to % UNIT != 0 || to > MAX_PACKET - Ipv4.MIN_HEADER_LENGTH) {
            return DropReason.FRAGMENT.code();
        }
        Place place = find(packet.tuple, of);
        if (Frame.fragment(packet.parsed) == Fragment.FIRST) {
            place = place != null ? place : take(packet);
            if (place == null) {
                return DropReason.FRAGMENT.code();
            }
            begin(place, packet, of, ipv6);
        }
        if (place == null || place.isFree(packet.tick) || !mark(place, from, to)
                || !more && place.total != UNKNOWN || place.total != UNKNOWN && to > place.total) {
            return refuse(place);
        }
        MemorySegment.copy(memory, packet.frame + before, memory, place.frame + place.headers + from, to - from);
        place.present += to - from;
        if (!more) {
            place.total = to;
        }
        if (place.total != UNKNOWN && place.present >= place.total) {
            if (place.present > place.total) {
                return refuse(place);
            }
            whole = place;
            return WHOLE;
        }
        return WAITING;
    }

    private static int refuse(Place place) {
        if (place != null) {
            place.ingress = null;
        }
        return DropReason.FRAGMENT.code();
    }

    private Place find(Tuple tuple, int of) {
        for (Place place : places) {
            if (place.isOf(tuple, of)) {
                return place;
            }
        }
        return null;
    }

    private Place take(Packet packet) {
        Place found = null;
        Place oldest = null;
        int own = 0;
        for (Place place : places) {
            if (place.isFree(packet.tick)) {
                found = place;
            } else if (place.ingress == packet.ingress) {
                own++;
                oldest = oldest == null || place.since - oldest.since < 0 ? place : oldest;
            }
        }
        return own >= SHARE ? oldest : found;
    }

    private void begin(Place place, Packet packet, int of, boolean ipv6) {
        place.key.set(packet.tuple);
        place.ingress = packet.ingress;
        place.identification = of;
        place.since = packet.tick;
        place.present = 0;
        place.total = UNKNOWN;
        int network = Frame.networkOffset(packet.parsed);
        place.headers = network + (ipv6 ? Ipv6.HEADER_LENGTH : Ipv4.headerLength(memory, packet.network()));
        MemorySegment.copy(memory, packet.frame, memory, place.frame, place.headers);
        VirtioNetHeader.clear(memory, place.frame - VirtioNetHeader.LENGTH);
        if (ipv6) {
            Ipv6.nextHeader(memory, place.frame + network, BigEndian.u8(memory, packet.network() + Ipv6.HEADER_LENGTH));
        }
        for (long at = place.bitmap; at < place.bitmap + BITMAP; at += Long.BYTES) {
            Words.putLong(memory, at, 0);
        }
    }

    /** Marks a range as present; false where a part of it is already. */
    private boolean mark(Place place, int from, int to) {
        int end = (to + UNIT - 1) / UNIT;
        for (int unit = from / UNIT; unit < end;) {
            int bit = unit % Long.SIZE;
            int bits = Math.min(end - unit, Long.SIZE - bit);
            long mask = (bits == Long.SIZE ? -1L : (1L << bits) - 1) << bit;
            long word = place.bitmap + (long) (unit / Long.SIZE) * Long.BYTES;
            long before = Words.getLong(memory, word);
            if ((before & mask) != 0) {
                return false;
            }
            Words.putLong(memory, word, before | mask);
            unit += bits;
        }
        return true;
    }

    /**
     * Makes a packet the one that was completed last, whose place is then free; it stays until the next fragment comes.
     *
     * @return zero, or the negative code of a reason to drop: it is none that a frame could have
     */
    int complete(Packet packet) {
        Place place = whole;
        place.ingress = null;
        long network = place.frame + Frame.networkOffset(packet.parsed);
        int length = place.headers + place.total;
        if (packet.isIpv6()) {
            Ipv6.payloadLength(memory, network, place.total);
        } else {
            int total = length - Frame.networkOffset(packet.parsed);
            if (total > MAX_PACKET) {
                return DropReason.FRAGMENT.code();
            }
            Ipv4.totalLength(memory, network, total);
            Ipv4.flagsAndFragmentOffset(memory, network, 0);
            Ipv4.writeChecksum(memory, network);
        }
        long parsed = Frame.parse(memory, place.frame, length);
        if (parsed < 0) {
            return (int) parsed;
        }
        if (Frame.protocol(parsed) != packet.tuple.protocol() || Frame.protocol(parsed) == Protocol.TCP) {
            return DropReason.FRAGMENT.code();
        }
        packet.set(place.frame, length, parsed, packet.tuple);
        return 0;
    }
}
