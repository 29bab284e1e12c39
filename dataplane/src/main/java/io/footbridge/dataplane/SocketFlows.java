package io.footbridge.dataplane;

import io.footbridge.nat.ConnectionTable;
import io.footbridge.wire.DropReason;
import java.io.IOException;

/** Where the router hands packets whose flows end at sockets of the host. Owning worker only. */
interface SocketFlows {
    /** There are none. */
    SocketFlows NONE = new SocketFlows() {
        @Override
        public void enable(ConnectionTable table, long seed) {
            // Nothing is kept.
        }

        @Override
        public int open(Packet packet, SocketsRoute route) {
            return DropReason.NO_UPLINK.code();
        }

        @Override
        public int packet(Packet packet, int flow) {
            return DropReason.NO_UPLINK.code();
        }

        @Override
        public void flush() {
            // Nothing waits.
        }
    };

    /** Makes what is kept beside the connection table; owning worker's thread, once. */
    void enable(ConnectionTable table, long seed) throws IOException;

    /**
     * Takes the first packet of a flow from a network. It has hops left, and may open a flow.
     *
     * @return {@link NewFlows#ANSWERED}, or the negative code of a reason to drop
     */
    int open(Packet packet, SocketsRoute route);

    /** Takes a packet that belongs to no flow and opens none. */
    default void stray(Packet packet) {
        // Nobody is told.
    }

    /**
     * Takes a packet of a known flow.
     *
     * @return zero or more, or the negative code of a reason to drop
     */
    int packet(Packet packet, int flow);

    /** Sends what waits to be sent together: the packets of a batch have been decided, and may go. */
    void flush();
}
