package io.footbridge.dataplane;

import io.footbridge.wire.IpAddress;

/**
 * One line of a gateway's neighbour table.
 *
 * @param address the neighbour's IP address
 * @param mac its 48-bit MAC
 * @param state what is known of it
 */
public record Neighbour(IpAddress address, long mac, State state) {
    /** What is known of a neighbour, in the words of {@code ip neigh}. */
    public enum State {
        /** Known from the endpoint's own settings. */
        PERMANENT,
        /** Heard of within the last 30 seconds. */
        REACHABLE,
        /** Heard of before. */
        STALE
    }
}
