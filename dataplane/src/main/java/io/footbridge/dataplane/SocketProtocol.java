package io.footbridge.dataplane;

import io.footbridge.nat.ConnectionTable;
import io.footbridge.tap.SystemCallException;

/** How flows of one protocol become sockets of the host, and sockets become frames. Owning worker only. */
interface SocketProtocol {
    /** Makes what is kept beside the connection table; once, before anything else. */
    void enable(ConnectionTable table);

    /**
     * Takes the first packet of a flow; the flow stands in the connection table, and is removed by the caller where this
     * refuses it.
     *
     * @param flow in the packet's direction
     * @param target where it leads on the host
     * @return zero or more, or the negative code of a reason to drop
     */
    int open(Packet packet, int flow, SocketTarget target);

    /**
     * Takes a packet of a known flow.
     *
     * @return zero or more, or the negative code of a reason to drop
     */
    int packet(Packet packet, int flow);

    /** Sends what waits to be sent together: a batch has been decided, and its frames are about to go. */
    default void flush() {
        // Nothing waits.
    }

    /**
     * Serves a descriptor that epoll says is ready.
     *
     * @param number what its token says beside the protocol
     * @param events of {@link io.footbridge.tap.Epoll}
     * @param now the cycle's time in nanoseconds
     */
    void ready(int number, int events, long now);

    /**
     * Takes what comes to ports of the host that lead to a container, whose owner this worker is.
     *
     * @throws SystemCallException somebody else has one of them, or it is not for this process; nothing is taken then
     */
    default void listen(PublishedPort published) throws SystemCallException {
        throw new UnsupportedOperationException("nothing comes in by this protocol");
    }

    /** Takes it no longer; what has come in stays where the protocol knows an end of it. */
    default void unlisten(PublishedPort published) {
        // There is nothing.
    }

    /** Ends all that leads to a port, which has left its bridge. */
    void leave(Port port);

    /** Does what is due; often, so this must be quick where nothing is. */
    void tick(long now);

    /** When something is due next, in the clock's nanoseconds; {@link Long#MAX_VALUE} where nothing is. */
    long deadline();

    /** Closes every descriptor. */
    void free();
}
