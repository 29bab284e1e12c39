package io.footbridge.dataplane;

import io.footbridge.nat.Tuple;
import io.footbridge.wire.DropReason;
import io.footbridge.wire.Frame;
import io.footbridge.wire.MacAddress;
import io.footbridge.wire.VirtioNetHeader;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Packets that wait for a neighbour to answer, of one worker: up to {@value #ADDRESSES} addresses with up to
 * {@value #FRAMES} packets each, as their senders sent them, in the worker's own memory. They are taken up again from the
 * start when the neighbour is known. It is asked at once, after one second and after two; after three it is given up,
 * the senders are told, and the packets are dropped.
 *
 * <p>One port may have {@value #SHARE} addresses waited for at a time, and the last {@value #RESERVED} places are for next
 * hops of uplinks: who sweeps a subnet keeps neither other ports' neighbours nor the way out from being asked for.
 *
 * <p>A packet longer than {@value #MAX_LENGTH} bytes does not wait: bulk frames come when a flow is under way.
 *
 * <p>Owning worker only, but for what says otherwise.
 */
final class Pending {
    /** Addresses that may be waited for at a time. */
    static final int ADDRESSES = 64;
    /** Packets that may wait for one address. */
    static final int FRAMES = 4;
    /** The longest frame that waits. */
    static final int MAX_LENGTH = 1984;

    /** Addresses that packets of one port may wait for at a time. */
    static final int SHARE = 8;
    /** Places that only next hops get. */
    static final int RESERVED = 8;

    private static final int HEADROOM = 64;
    private static final int SLOT = HEADROOM + MAX_LENGTH;
    private static final long ASK_NANOS = 1_000_000_000L;
    private static final int MAX_ASKED = 3;

    /** Bytes of memory for all of them. */
    static final int LENGTH = ADDRESSES * FRAMES * SLOT;

    /** Who takes packets up again. */
    interface Taker {
        /** The neighbour that it waited for has answered. */
        void resume(Packet packet);

        /** The neighbour that it waited for has not answered. */
        void abandon(Packet packet);
    }

    /** An address that is waited for. */
    private static final class Entry {
        Bridge to;
        boolean ipv6;
        long high;
        long low;
        long asked;
        int times;
        int frames;
        boolean leaving;
        final Port[] ingress = new Port[FRAMES];
        final Bridge[] from = new Bridge[FRAMES];
        final int[] lengths = new int[FRAMES];
        final int[] sizes = new int[FRAMES];
        final int[] identifications = new int[FRAMES];
        final Tuple[] tuples = new Tuple[FRAMES];
    }

    private final MemorySegment memory;
    private final long base;
    private final Questions questions;
    private final Egress egress;
    private final Entry[] entries = new Entry[ADDRESSES];
    private volatile int count;
    private volatile boolean answered;

    /** @param base where in the worker's memory they wait, {@link #LENGTH} bytes */
    Pending(MemorySegment memory, long base, Questions questions, Egress egress) {
        this.memory = memory;
        this.base = base;
        this.questions = questions;
        this.egress = egress;
        for (int i = 0; i < ADDRESSES; i++) {
            entries[i] = new Entry();
            Arrays.setAll(entries[i].tuples, place -> new Tuple());
        }
    }

    /** Whether anything waits; any thread. */
    boolean isWaiting() {
        return count > 0;
    }

    /** Notes that some neighbour has become known; any thread. */
    void answered() {
        answered = true;
    }

    /** Whether {@link #answered()} was called since {@link #resume}. */
    boolean hasAnswers() {
        return answered;
    }

    /**
     * Lets a packet wait for a neighbour, and asks for it.
     *
     * @return {@link NextHops#HELD}, or the negative code of a reason to drop
     */
    int hold(Packet packet, Bridge to, boolean ipv6, long high, long low) {
        int length = packet.length;
        int at = find(packet.ingress, to, high, low);
        if (at < 0 || length > MAX_LENGTH) {
            return DropReason.NEIGHBOUR.code();
        }
        Entry entry = entries[at];
        if (entry.to == null) {
            entry.to = to;
            entry.ipv6 = ipv6;
            entry.high = high;
            entry.low = low;
            entry.times = 0;
            entry.frames = 0;
            count = count + 1;
            ask(entry, packet.now);
        }
        int place = entry.frames;
        if (place == FRAMES) {
            return DropReason.NEIGHBOUR.code();
        }
        long frame = frame(at, place);
        VirtioNetHeader.copy(memory, packet.header(), memory, frame - VirtioNetHeader.LENGTH);
        MemorySegment.copy(memory, packet.frame, memory, frame, length);
        entry.ingress[place] = packet.ingress;
        entry.from[place] = packet.from;
        entry.lengths[place] = length;
        entry.sizes[place] = packet.size;
        entry.identifications[place] = packet.identification;
        entry.tuples[place].set(packet.tuple);
        entry.frames = place + 1;
        return NextHops.HELD;
    }

    /** The entry of an address, or a free one, or -1. */
    private int find(Port ingress, Bridge to, long high, long low) {
        int free = -1;
        int share = 0;
        for (int i = 0; i < ADDRESSES; i++) {
            Entry entry = entries[i];
            if (entry.to == null) {
                free = free < 0 ? i : free;
            } else if (entry.to == to && entry.low == low && entry.high == high && !entry.leaving) {
                return i;
            } else if (entry.ingress[0] == ingress) {
                share++;
            }
        }
        GatewayAddresses gateway = to.gatewayAddresses();
        boolean mayTake = gateway != null && gateway.isHop(high, low) || share < SHARE && free < ADDRESSES - RESERVED;
        return mayTake ? free : -1;
    }

    private void ask(Entry entry, long now) {
        entry.asked = now;
        entry.times++;
        GatewayAddresses gateway = entry.to.gatewayAddresses();
        if (gateway != null) {
            questions.ask(entry.to, gateway, entry.ipv6, entry.high, entry.low, MacAddress.BROADCAST);
        }
    }

    /** Takes up all packets whose neighbour is known now; flushes the egress. */
    void resume(Packet packet, Taker taker) {
        answered = false;
        for (int i = 0; i < ADDRESSES && count > 0; i++) {
            Entry entry = entries[i];
            if (entry.to == null) {
                continue;
            }
            if (!isThere(packet, entry.to)) {
                leave(i, packet, null);
            } else if (entry.to.neighbourTable().lookup(entry.high, entry.low, 0) != Neighbours.UNKNOWN) {
                leave(i, packet, taker);
            }
        }
    }

    /** Asks again for who has not answered, or gives up; flushes the egress. */
    void tick(Packet packet, Taker taker) {
        resume(packet, taker);
        for (int i = 0; i < ADDRESSES && count > 0; i++) {
            Entry entry = entries[i];
            if (entry.to == null || packet.now - entry.asked < ASK_NANOS) {
                continue;
            }
            if (entry.times < MAX_ASKED) {
                ask(entry, packet.now);
            } else {
                abandon(i, packet, taker);
            }
        }
        egress.flush();
    }

    private void leave(int at, Packet packet, Taker taker) {
        Entry entry = entries[at];
        entry.leaving = true;
        for (int place = 0; place < entry.frames; place++) {
            if (taker != null && set(packet, at, place)) {
                taker.resume(packet);
            }
        }
        free(entry);
    }

    private void abandon(int at, Packet packet, Taker taker) {
        Entry entry = entries[at];
        entry.leaving = true;
        for (int place = 0; place < entry.frames; place++) {
            if (set(packet, at, place)) {
                taker.abandon(packet);
            }
        }
        free(entry);
    }

    /** Sets up a packet that waited; false where it came in by a port that is gone. */
    private boolean set(Packet packet, int at, int place) {
        Entry entry = entries[at];
        packet.ingress = entry.ingress[place];
        packet.from = entry.from[place];
        long frame = frame(at, place);
        long parsed = Frame.parse(memory, frame, entry.lengths[place]);
        packet.set(frame, entry.sizes[place], parsed, entry.tuples[place]);
        packet.identification = entry.identifications[place];
        return parsed >= 0 && packet.ingress.isAttached() && isThere(packet, packet.ingress.bridge()) && isThere(packet, packet.from);
    }

    /** The frames stood in this memory until now, so they go before it is used for others. */
    private void free(Entry entry) {
        egress.flush();
        entry.to = null;
        entry.leaving = false;
        count = count - 1;
    }

    private static boolean isThere(Packet packet, Bridge bridge) {
        return packet.topology.realm(bridge.realm()) == bridge;
    }

    private long frame(int at, int place) {
        return base + (long) (at * FRAMES + place) * SLOT + HEADROOM;
    }
}
