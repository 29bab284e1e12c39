package io.footbridge.dataplane;

import io.footbridge.nat.Filtering;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv6Address;
import java.util.Optional;

/**
 * How a network reaches the world by the host's own sockets. Immutable.
 *
 * @param filtering from whom a UDP port that a flow opened takes datagrams
 * @param hostLoopback whether the gateway's address leads to the host's loopback; if not, it is unreachable there
 * @param nameServer where TCP connections to the gateway's port 53 are led; empty for nowhere
 * @param from4 the host's address that sockets of IPv4 flows are bound to; 0.0.0.0 for what the host's routes choose
 * @param from6 the host's address that sockets of IPv6 flows are bound to; :: for what the host's routes choose
 */
public record SocketsSettings(Filtering filtering, boolean hostLoopback, Optional<ServerAddress> nameServer, Ipv4Address from4,
        Ipv6Address from6) {
    /** As users of masquerading expect it. */
    public static final SocketsSettings DEFAULT = new SocketsSettings(Filtering.ADDRESS_AND_PORT, false, Optional.empty());

    /** The same for flows that leave from the address that the host's routes choose. */
    public SocketsSettings(Filtering filtering, boolean hostLoopback, Optional<ServerAddress> nameServer) {
        this(filtering, hostLoopback, nameServer, Ipv4Address.UNSPECIFIED, Ipv6Address.UNSPECIFIED);
    }

    /** The upper half of the IPv6 address that sockets are bound to; 0 for IPv4. */
    long fromHigh(boolean ipv6) {
        return ipv6 ? from6.high() : 0;
    }

    /** The lower half of the IPv6 address that sockets are bound to, or the IPv4 address. */
    long fromLow(boolean ipv6) {
        return ipv6 ? from6.low() : from4.address();
    }
}
