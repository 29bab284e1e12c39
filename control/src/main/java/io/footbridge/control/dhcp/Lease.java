package io.footbridge.control.dhcp;

import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv4Prefix;
import io.footbridge.wire.Ipv6Address;
import java.util.Optional;

/**
 * What a container is told when it asks.
 *
 * @param mac its MAC
 * @param ipv4 its IPv4 address with the subnet's length
 * @param ipv6 its IPv6 address
 * @param gateway4 the gateway's IPv4 address, which answers names too
 * @param gateway6 the gateway's IPv6 address, which answers names too
 * @param gatewayMac the gateway's MAC
 * @param isRouted whether the gateway is a way out, to be told as router
 * @param mtu longest network-layer packet in bytes
 */
public record Lease(long mac, Optional<Ipv4Prefix> ipv4, Optional<Ipv6Address> ipv6, Optional<Ipv4Address> gateway4,
    Optional<Ipv6Address> gateway6, long gatewayMac, boolean isRouted, int mtu) {
    /** Seconds that an address may be used without asking again: a day. */
    static final int SECONDS = 86_400;
}
