package io.footbridge.dataplane;

import io.footbridge.nat.Filtering;
import java.util.Optional;

/**
 * How a network reaches the world by the host's own sockets. Immutable.
 *
 * @param filtering from whom a UDP port that a flow opened takes datagrams
 * @param hostLoopback whether the gateway's address leads to the host's loopback; if not, it is unreachable there
 * @param nameServer where TCP connections to the gateway's port 53 are led; empty for nowhere
 */
public record SocketsSettings(Filtering filtering, boolean hostLoopback, Optional<ServerAddress> nameServer) {
    /** As users of masquerading expect it. */
    public static final SocketsSettings DEFAULT = new SocketsSettings(Filtering.ADDRESS_AND_PORT, false, Optional.empty());
}
