package io.footbridge.dataplane;

/**
 * Small numbers by a number and an address: how many, or which. Open addressing; allocates only when there are more keys than
 * ever before. Owning worker only.
 */
final class AddressMap {
    private static final long SPREAD = 0x9E37_79B9_7F4A_7C15L;
    private static final int LEAST = 64;

    private long[] ids = new long[LEAST];
    private long[] highs = new long[LEAST];
    private long[] lows = new long[LEAST];
    /** 0 where the place is free. */
    private int[] values = new int[LEAST];
    private int used;

    /** The value of a key; 0 where it has none. */
    int get(long id, long high, long low) {
        return values[find(id, high, low)];
    }

    /** Sets the value of a key, to no key where it is 0. */
    void put(long id, long high, long low, int value) {
        int at = find(id, high, low);
        if (value == 0) {
            if (values[at] != 0) {
                remove(at);
            }
        } else if (values[at] != 0) {
            values[at] = value;
        } else {
            if (2 * (used + 1) > values.length) {
                grow();
                at = find(id, high, low);
            }
            ids[at] = id;
            highs[at] = high;
            lows[at] = low;
            values[at] = value;
            used++;
        }
    }

    /** How many keys there are. */
    int size() {
        return used;
    }

    /** Empties a place, and lets those behind it move up. */
    private void remove(int place) {
        int mask = values.length - 1;
        int hole = place;
        for (int at = hole + 1 & mask; values[at] != 0; at = at + 1 & mask) {
            int wanted = place(ids[at], highs[at], lows[at]);
            if ((at - wanted & mask) >= (at - hole & mask)) {
                ids[hole] = ids[at];
                highs[hole] = highs[at];
                lows[hole] = lows[at];
                values[hole] = values[at];
                hole = at;
            }
        }
        values[hole] = 0;
        used--;
    }

    private void grow() {
        long[] oldIds = ids;
        long[] oldHighs = highs;
        long[] oldLows = lows;
        int[] oldValues = values;
        int size = 2 * oldValues.length;
        ids = new long[size];
        highs = new long[size];
        lows = new long[size];
        values = new int[size];
        for (int i = 0; i < oldValues.length; i++) {
            if (oldValues[i] != 0) {
                int at = find(oldIds[i], oldHighs[i], oldLows[i]);
                ids[at] = oldIds[i];
                highs[at] = oldHighs[i];
                lows[at] = oldLows[i];
                values[at] = oldValues[i];
            }
        }
    }

    /** Where a key stands, or would. */
    private int find(long id, long high, long low) {
        int at = place(id, high, low);
        while (values[at] != 0 && (ids[at] != id || lows[at] != low || highs[at] != high)) {
            at = at + 1 & values.length - 1;
        }
        return at;
    }

    private int place(long id, long high, long low) {
        long key = ((high * SPREAD ^ low) * SPREAD ^ id) * SPREAD;
        return (int) (key >>> 33) & values.length - 1;
    }
}
