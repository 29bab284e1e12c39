package io.footbridge.nat;

import java.lang.foreign.MemorySegment;

/** Rewrites packets as their flow wants, in place, checksums kept right by differences. Owning worker only. */
public final class Rewriter {
    private final ConnectionTable table;
    private final Tuple translated = new Tuple();

    /** @param table whose flows are given */
    public Rewriter(ConnectionTable table) {
        this.table = table;
    }

    /**
     * Rewrites addresses, and ports where they are there.
     *
     * @param header offset of the virtio-net header
     * @param frame offset of the Ethernet header
     * @param parsed what Frame.parse made of it
     */
    public void rewrite(MemorySegment memory, long header, long frame, long parsed, int flow) {
        table.translated(flow, translated);
        throw new UnsupportedOperationException();
    }
}
