package io.footbridge.fdb;

/**
 * The layout of the table's records, in the machine's byte order.
 *
 * <p>An entry is 16 bytes; four make a line of 64 bytes, aligned.
 * <pre>
 * offset  width  name   meaning
 *  0      8      key    bits  0..47 MAC, first octet uppermost   bits 48..59 VLAN, 0 when untagged
 *                       bits 60..62 reach, in a line's first entry only: how many lines beyond this one may
 *                                   hold entries whose home this line is, as a code: 0 none, n up to 2^(n-1)
 *                       bit      63 claimed: somebody is about to put an entry here; readers pass over it
 *                       VLAN and MAC all zero: the slot is free
 *  8      8      value  bits  0..31 tick when last seen           bits 32..47 port
 *                       bits 48..49 kind, 0 when dead             bit      50 sticky
 *                       bits 51..63 life, counted up each time the slot is filled
 * </pre>
 */
final class Entry {
    static final int BYTES = 16;
    static final int LINE = 64;
    static final int KEY = 0;
    static final int VALUE = 8;

    static final long KEY_BITS = (1L << 60) - 1;
    static final long REACH_UNIT = 1L << 60;
    static final long REACH_BITS = 7 * REACH_UNIT;
    /** Lines. */
    static final int MAX_REACH = 64;
    static final long CLAIMED = 1L << 63;
    /** What a reader compares: a claimed key is no match. */
    static final long MATCH_BITS = KEY_BITS | CLAIMED;

    static final int DEAD = 0;
    static final int DYNAMIC = EntryKind.DYNAMIC.code();
    static final int STATIC = EntryKind.STATIC.code();
    static final int PERMANENT = EntryKind.PERMANENT.code();

    private static final long TICK_BITS = 0xFFFF_FFFFL;
    private static final int PORT_SHIFT = 32;
    private static final long PORT_BITS = 0xFFFFL << PORT_SHIFT;
    private static final int KIND_SHIFT = 48;
    private static final long STICKY = 1L << 50;
    private static final long LIFE_UNIT = 1L << 51;
    private static final long LIFE_BITS = -LIFE_UNIT;

    private Entry() {
    }

    /** Lines beyond this one. */
    static int reach(long keyWord) {
        return 1 << reachCode(keyWord) >> 1;
    }

    static int reachCode(long keyWord) {
        return (int) (keyWord >>> 60) & 7;
    }

    /** The same key word, with a reach that covers this distance: 0 to {@link #MAX_REACH} lines. */
    static long withReach(long keyWord, int distance) {
        int code = distance == 0 ? 0 : 33 - Integer.numberOfLeadingZeros(distance - 1);
        return keyWord & ~REACH_BITS | code * REACH_UNIT;
    }

    static int tick(long value) {
        return (int) value;
    }

    static int port(long value) {
        return (int) (value >>> PORT_SHIFT) & 0xFFFF;
    }

    static int kind(long value) {
        return (int) (value >>> KIND_SHIFT) & 3;
    }

    static boolean isAlive(long value) {
        return kind(value) != DEAD;
    }

    static boolean isSticky(long value) {
        return (value & STICKY) != 0;
    }

    static int life(long value) {
        return (int) (value >>> 51);
    }

    static boolean sameLife(long value, long other) {
        return ((value ^ other) & LIFE_BITS) == 0;
    }

    /** Never for static and permanent entries. Ticks may wrap: a later tick is never more than 2^31 ahead. */
    static boolean isExpired(long value, int now, int ageing) {
        return kind(value) == DYNAMIC && now - tick(value) >= ageing;
    }

    /** Another content in the same life. */
    static long with(long value, int port, int kind, boolean sticky, int tick) {
        return value & LIFE_BITS | content(port, kind, sticky, tick);
    }

    static long withTick(long value, int tick) {
        return value & ~TICK_BITS | Integer.toUnsignedLong(tick);
    }

    static long withPort(long value, int port) {
        return value & ~PORT_BITS | (long) port << PORT_SHIFT;
    }

    /** The end of this life. */
    static long dead(long value) {
        return value & LIFE_BITS;
    }

    /** The next life of a dead value. */
    static long alive(long dead, int port, int kind, boolean sticky, int tick) {
        return (dead & LIFE_BITS) + LIFE_UNIT | content(port, kind, sticky, tick);
    }

    private static long content(int port, int kind, boolean sticky, int tick) {
        return (long) kind << KIND_SHIFT | (sticky ? STICKY : 0) | (long) port << PORT_SHIFT
                | Integer.toUnsignedLong(tick);
    }
}
