package io.footbridge.dataplane;

import io.footbridge.wire.IpAddress;
import io.footbridge.wire.Ipv4Prefix;
import io.footbridge.wire.Ipv6Prefix;
import java.util.List;
import java.util.Optional;

/**
 * The gateway of a network: the address that the engine answers at. Immutable.
 *
 * @param mac 48-bit unicast MAC
 * @param ipv4 its IPv4 address with the subnet's prefix length
 * @param ipv6 its IPv6 address with the subnet's prefix length
 * @param mtu the network's MTU, which router advertisements carry
 * @param forwards whether there is a way out of the network, now or later: if not, router advertisements say so
 * @param isServed whether names and addresses are asked for here, of the engine's {@link GatewayService}
 * @param nameServers further addresses of the subnets at which the gateway is, and names are asked for; where there are none,
 *     the gateway's own are told to those who ask
 * @param isAutonomous whether containers may make IPv6 addresses of the prefix themselves
 */
public record GatewaySettings(long mac, Optional<Ipv4Prefix> ipv4, Optional<Ipv6Prefix> ipv6, int mtu,
        boolean forwards, boolean isServed, List<IpAddress> nameServers, boolean isAutonomous) {
    /** Copies the list. */
    public GatewaySettings {
        nameServers = List.copyOf(nameServers);
    }

    /** A gateway that is at its own addresses alone. */
    public GatewaySettings(long mac, Optional<Ipv4Prefix> ipv4, Optional<Ipv6Prefix> ipv6, int mtu, boolean forwards,
            boolean isServed) {
        this(mac, ipv4, ipv6, mtu, forwards, isServed, List.of(), false);
    }

    /** A gateway that has no services. */
    public GatewaySettings(long mac, Optional<Ipv4Prefix> ipv4, Optional<Ipv6Prefix> ipv6, int mtu, boolean forwards) {
        this(mac, ipv4, ipv6, mtu, forwards, false);
    }
}
