package io.footbridge.nat;

import java.lang.foreign.MemorySegment;

/** ICMP errors: the flow that they speak of, and their rewriting, outside and inside (RFC 5508). Owning worker only. */
public final class IcmpErrors {
    private final ConnectionTable table;
    private final int lane;

    /** @param table whose flows are looked up */
    public IcmpErrors(ConnectionTable table, int lane) {
        this.table = table;
        this.lane = lane;
    }

    /**
     * Finds the flow that an ICMP error speaks of: the direction in which the error itself travels, so that
     * {@link ConnectionTable#targetRealm} says where to.
     *
     * @param parsed what Frame.parse made of it: ICMP or ICMPv6, whole, an error
     * @param realm that the error came from
     * @return the flow, or the negative code of a reason to drop; never {@link ConnectionTable#NONE} as such
     */
    public int find(MemorySegment memory, long header, long frame, long parsed, int realm, int now) {
        throw new UnsupportedOperationException(table + " " + lane);
    }

    /** Rewrites the error's own addresses and the packet that it quotes, as the flow wants; refreshes nothing. */
    public void rewrite(MemorySegment memory, long frame, long parsed, int flow) {
        throw new UnsupportedOperationException();
    }
}
