package io.footbridge.wire;

import static io.footbridge.wire.BigEndian.i32;
import static io.footbridge.wire.BigEndian.i64;
import static io.footbridge.wire.BigEndian.u16;

import java.lang.foreign.MemorySegment;

/**
 * The VLAN tag (IEEE 802.1Q clause 9), 4 bytes between the addresses and the type. Offsets are those of the Ethernet
 * header; the outermost tag is meant.
 *
 * <pre>
 * offset  width  name
 *     12      2  TPID: 0x8100 (customer tag) or 0x88a8 (service tag)
 *     14      2  TCI: priority 3 bits, drop eligible 1 bit, VLAN id 12 bits
 *     16      2  the next type
 * </pre>
 *
 * <p>Insertion and removal move the twelve address bytes and leave the rest in place: a frame needs 4 bytes of
 * headroom to be tagged. A virtio-net header before the frame must move along, see {@link VirtioNetHeader#move}, and
 * its offsets shift, see {@link VirtioNetHeader#adjust}.
 */
public final class Vlan {
    /** Bytes of a tag. */
    public static final int TAG_LENGTH = 4;
    /** Tags that are looked behind; with more, the type is that of the third tag. */
    public static final int MAX_TAGS = 2;
    /** The largest VLAN id in use; 0 marks a priority tag, 4095 is reserved. */
    public static final int MAX_ID = 4094;

    static final int TPID = 12;
    static final int TCI = 14;
    private static final int ID_MASK = 0xFFF;
    private static final int PRIORITY_SHIFT = 13;

    private Vlan() {
    }

    /** Whether an ether type is that of a tag. */
    public static boolean isTag(int etherType) {
        return etherType == Ethernet.VLAN || etherType == Ethernet.SERVICE_VLAN;
    }

    /** {@link #TAG_LENGTH} if a whole tag and the type behind it are available, else {@link DropReason#RUNT}'s code. */
    public static int check(int available) {
        return available < Ethernet.HEADER_LENGTH + TAG_LENGTH ? DropReason.RUNT.code() : TAG_LENGTH;
    }

    /** Tag control information of the outermost tag. */
    public static int tci(MemorySegment memory, long frameOffset) {
        return u16(memory, frameOffset + TCI);
    }

    /** Sets the tag control information of the outermost tag. */
    public static void tci(MemorySegment memory, long frameOffset, int tci) {
        u16(memory, frameOffset + TCI, tci);
    }

    /** VLAN id of the outermost tag, 0 to 4095. */
    public static int id(MemorySegment memory, long frameOffset) {
        return tci(memory, frameOffset) & ID_MASK;
    }

    /** Sets the VLAN id of the outermost tag; its priority stays. */
    public static void id(MemorySegment memory, long frameOffset, int id) {
        tci(memory, frameOffset, tci(memory, frameOffset) & ~ID_MASK | id & ID_MASK);
    }

    /** Priority of the outermost tag, 0 to 7. */
    public static int priority(MemorySegment memory, long frameOffset) {
        return tci(memory, frameOffset) >>> PRIORITY_SHIFT;
    }

    /**
     * Puts a tag outermost, in the 4 bytes before the frame.
     *
     * @param tpid {@link Ethernet#VLAN} or {@link Ethernet#SERVICE_VLAN}
     * @return the frame's new offset, {@code frameOffset - 4}; the frame is 4 bytes longer
     */
    public static long insert(MemorySegment memory, long frameOffset, int tpid, int tci) {
        long moved = frameOffset - TAG_LENGTH;
        moveAddresses(memory, frameOffset, moved);
        u16(memory, moved + TPID, tpid);
        u16(memory, moved + TCI, tci);
        return moved;
    }

    /**
     * Takes the outermost tag off a frame that has one.
     *
     * @return the frame's new offset, {@code frameOffset + 4}; the frame is 4 bytes shorter
     */
    public static long remove(MemorySegment memory, long frameOffset) {
        long moved = frameOffset + TAG_LENGTH;
        moveAddresses(memory, frameOffset, moved);
        return moved;
    }

    /** One line for people. Off the frame path. */
    public static String describe(MemorySegment memory, long frameOffset) {
        return "vlan %d, priority %d".formatted(id(memory, frameOffset), priority(memory, frameOffset));
    }

    /** Both halves are read before either is written, so the ranges may overlap. */
    private static void moveAddresses(MemorySegment memory, long from, long to) {
        long first = i64(memory, from);
        int last = i32(memory, from + 8);
        i64(memory, to, first);
        i32(memory, to + 8, last);
    }
}
