package io.footbridge.dataplane;

/**
 * How many sessions each socket has with each address, whatever the port. Open addressing; allocates only when there are more
 * pairs than ever before. Owning worker only.
 */
final class RemoteCounts {
    private static final long SPREAD = 0x9E37_79B9_7F4A_7C15L;
    private static final int LEAST = 256;

    /** Socket numbers plus one; 0 where the place is free. */
    private int[] sockets = new int[LEAST];
    private long[] highs = new long[LEAST];
    private long[] lows = new long[LEAST];
    private int[] counts = new int[LEAST];
    private int used;

    /** Whether there is any. */
    boolean has(int socket, long high, long low) {
        return counts[find(socket, high, low)] > 0;
    }

    /** One more. */
    void add(int socket, long high, long low) {
        if (2 * (used + 1) > sockets.length) {
            grow();
        }
        add(socket, high, low, 1);
    }

    private void add(int socket, long high, long low, int count) {
        int at = find(socket, high, low);
        if (counts[at] == 0) {
            sockets[at] = socket + 1;
            highs[at] = high;
            lows[at] = low;
            used++;
        }
        counts[at] += count;
    }

    /** One less; there was one. */
    void remove(int socket, long high, long low) {
        int hole = find(socket, high, low);
        if (--counts[hole] > 0) {
            return;
        }
        int mask = sockets.length - 1;
        for (int at = hole + 1 & mask; sockets[at] != 0; at = at + 1 & mask) {
            int wanted = place(sockets[at] - 1, highs[at], lows[at]);
            if ((at - wanted & mask) >= (at - hole & mask)) {
                sockets[hole] = sockets[at];
                highs[hole] = highs[at];
                lows[hole] = lows[at];
                counts[hole] = counts[at];
                hole = at;
            }
        }
        sockets[hole] = 0;
        counts[hole] = 0;
        used--;
    }

    private void grow() {
        int[] oldSockets = sockets;
        long[] oldHighs = highs;
        long[] oldLows = lows;
        int[] oldCounts = counts;
        int size = 2 * oldSockets.length;
        sockets = new int[size];
        highs = new long[size];
        lows = new long[size];
        counts = new int[size];
        used = 0;
        for (int i = 0; i < oldSockets.length; i++) {
            if (oldSockets[i] != 0) {
                add(oldSockets[i] - 1, oldHighs[i], oldLows[i], oldCounts[i]);
            }
        }
    }

    /** Where a pair stands, or would. */
    private int find(int socket, long high, long low) {
        int at = place(socket, high, low);
        while (sockets[at] != 0 && (sockets[at] != socket + 1 || lows[at] != low || highs[at] != high)) {
            at = at + 1 & sockets.length - 1;
        }
        return at;
    }

    private int place(int socket, long high, long low) {
        long key = ((high * SPREAD ^ low) * SPREAD ^ socket) * SPREAD;
        return (int) (key >>> 33) & sockets.length - 1;
    }
}
