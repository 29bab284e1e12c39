package io.footbridge.dataplane;

import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv4Prefix;
import io.footbridge.wire.Ipv6Address;
import io.footbridge.wire.Ipv6Prefix;
import java.util.Optional;

/**
 * What an uplink is on its link: a host with addresses of its own. Immutable.
 *
 * @param mac its 48-bit unicast MAC, never the link's
 * @param ipv4 its IPv4 address with the subnet's prefix length
 * @param ipv6 its IPv6 address with the subnet's prefix length
 * @param gateway4 next hop for IPv4 destinations outside the subnet
 * @param gateway6 next hop for IPv6 destinations outside the subnet; may be an fe80 address
 * @param mtu longest network-layer packet in bytes
 */
public record UplinkSettings(long mac, Optional<Ipv4Prefix> ipv4, Optional<Ipv6Prefix> ipv6,
        Optional<Ipv4Address> gateway4, Optional<Ipv6Address> gateway6, int mtu) {
}
