package io.footbridge.nat;

import java.lang.foreign.MemorySegment;

/** Takes note of the packets of known flows: counters, time, and TCP's state. Owning worker only. */
public final class Tracking {
    private final ConnectionTable table;

    /** @param table whose flows are given */
    public Tracking(ConnectionTable table) {
        this.table = table;
    }

    /**
     * A packet of a flow came, as it read before it is rewritten.
     *
     * @param frame offset of the Ethernet header
     * @param parsed what Frame.parse made of it
     * @param windowCheck whether TCP segments outside the window are refused
     * @return zero, or the negative code of a reason to drop
     */
    public int packet(int flow, MemorySegment memory, long frame, long parsed, boolean windowCheck, int now) {
        throw new UnsupportedOperationException("of " + table);
    }

    /**
     * Whether a packet may open a session, or belong to one: TCP flags that no TCP sends together are refused.
     *
     * @return zero, or the negative code of a reason to drop
     */
    public static int admit(MemorySegment memory, long frame, long parsed) {
        throw new UnsupportedOperationException();
    }

    /** Whether a packet opens a session: a TCP SYN, an ICMP query, anything of another protocol. */
    public static boolean opens(MemorySegment memory, long frame, long parsed) {
        throw new UnsupportedOperationException();
    }
}
