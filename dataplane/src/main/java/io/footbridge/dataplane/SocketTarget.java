package io.footbridge.dataplane;

import io.footbridge.nat.Tuple;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv6Address;
import io.footbridge.wire.Protocol;

/**
 * Where a container's flow leads on the host: to its destination, or, if that is the gateway, to a service of ours or to the
 * host's loopback where that is open. A worker has one. Owning worker only.
 */
final class SocketTarget {
    /** The port of DNS. */
    static final int DNS = 53;

    private static final int DHCP_SERVER = 67;
    private static final int DHCPV6_SERVER = 547;
    private static final int LOOPBACK4 = Ipv4Address.parse("127.0.0.1").address();
    private static final Ipv6Address LOOPBACK6 = Ipv6Address.parse("::1");

    /** The address in the form of a {@link Tuple}. */
    long high;
    /** The address in the form of a {@link Tuple}. */
    long low;
    int port;
    /** The upper half of the address that the socket leaves from, or 0. */
    long fromHigh;
    /** The lower half of that address, or an IPv4 address; both 0 for what the host's routes choose. */
    long fromLow;

    /** Whether the socket leaves from an address that is set. */
    boolean isBound() {
        return (fromHigh | fromLow) != 0;
    }

    /** Whether UDP to this port of the gateway is the gateway's own affair. */
    static boolean isService(int udpPort) {
        return udpPort == DNS || udpPort == DHCP_SERVER || udpPort == DHCPV6_SERVER;
    }

    /** Finds the target of a flow; false where there is none, since the host's loopback is closed. */
    boolean find(Tuple tuple, GatewayAddresses gateway, SocketsSettings settings) {
        high = tuple.destinationHigh();
        low = tuple.destinationLow();
        port = tuple.destinationPort();
        fromHigh = settings.fromHigh(tuple.isIpv6());
        fromLow = settings.fromLow(tuple.isIpv6());
        boolean toGateway = tuple.isIpv6() ? gateway.has(high, low) : gateway.has((int) low);
        if (!toGateway) {
            return true;
        }
        if (tuple.protocol() == Protocol.TCP && port == DNS && settings.nameServer().isPresent()) {
            ServerAddress server = settings.nameServer().get();
            high = Tuple.high(server.address());
            low = Tuple.low(server.address());
            port = server.port();
            return true;
        }
        high = tuple.isIpv6() ? LOOPBACK6.high() : 0;
        low = tuple.isIpv6() ? LOOPBACK6.low() : Tuple.mapped(LOOPBACK4);
        return settings.hostLoopback();
    }

}
