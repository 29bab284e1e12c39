package io.footbridge.nat;

import io.footbridge.wire.VirtioNetHeader;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** Later fragments that wait for their first one: whole frames in slots of fixed size. Owning worker only. */
final class HeldFragments {
    /** Slots. */
    static final int SLOTS = 64;
    /** Bytes of a slot. */
    static final int SLOT_SIZE = 9728;
    /** The longest frame that a slot takes: that of a 9,000 byte MTU and more. */
    static final int MAX_FRAME = SLOT_SIZE - 16;
    /** Slots of one packet. */
    static final int PER_PACKET = 8;
    /** Slots of one source. */
    static final int PER_SOURCE = 16;

    private static final int FREE = -1;
    private static final int FRAME = 16;

    private final MemorySegment memory;
    private final long start;
    private final FragmentRecords records;
    /** Of each slot the record of its packet, or {@link #FREE}; its frame's length; and its place in the order of coming. */
    private final int[] owners = new int[SLOTS];
    private final int[] lengths = new int[SLOTS];
    private final int[] orders = new int[SLOTS];
    private int next;
    private int used;

    /** @param start where in the memory the slots begin */
    HeldFragments(MemorySegment memory, long start, FragmentRecords records) {
        this.memory = memory;
        this.start = start;
        this.records = records;
        Arrays.fill(owners, FREE);
    }

    boolean isEmpty() {
        return used == 0;
    }

    /** A slot for a fragment of this record's packet: free, or the one that has waited longest; FREE if it may have none. */
    int slot(int record) {
        int ofPacket = 0;
        int ofSource = 0;
        int oldest = 0;
        int free = FREE;
        for (int slot = 0; slot < SLOTS; slot++) {
            int owner = owners[slot];
            if (owner == FREE) {
                free = slot;
                continue;
            }
            ofPacket += owner == record ? 1 : 0;
            ofSource += records.isOfOneSource(owner, record) ? 1 : 0;
            oldest = orders[slot] - orders[oldest] < 0 ? slot : oldest;
        }
        return ofPacket >= PER_PACKET || ofSource >= PER_SOURCE ? FREE : free != FREE ? free : oldest;
    }

    /** Whether a slot holds a frame. */
    boolean isUsed(int slot) {
        return owners[slot] != FREE;
    }

    /** Empties a slot. */
    void empty(int slot) {
        owners[slot] = FREE;
        used--;
    }

    /** Copies a frame with its virtio-net header into an empty slot. */
    void put(int slot, int record, MemorySegment from, long header, long frame, int length) {
        long at = at(slot);
        VirtioNetHeader.copy(from, header, memory, at - VirtioNetHeader.LENGTH);
        MemorySegment.copy(from, frame, memory, at, length);
        owners[slot] = record;
        lengths[slot] = length;
        orders[slot] = next++;
        used++;
    }

    /** The slot of a record's that has waited longest, or -1. */
    int first(int record) {
        int first = FREE;
        for (int slot = 0; slot < SLOTS; slot++) {
            if (owners[slot] == record && (first == FREE || orders[slot] - orders[first] < 0)) {
                first = slot;
            }
        }
        return first;
    }

    /** The record whose fragment a slot holds. */
    int owner(int slot) {
        return owners[slot];
    }

    /** Copies a slot's frame out, its virtio-net header before it, and empties the slot; answers the frame's length. */
    int take(int slot, MemorySegment to, long frame) {
        long at = at(slot);
        VirtioNetHeader.copy(memory, at - VirtioNetHeader.LENGTH, to, frame - VirtioNetHeader.LENGTH);
        MemorySegment.copy(memory, at, to, frame, lengths[slot]);
        empty(slot);
        return lengths[slot];
    }

    private long at(int slot) {
        return start + (long) slot * SLOT_SIZE + FRAME;
    }
}
