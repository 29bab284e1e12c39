package io.footbridge.control.edge;

import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv4Prefix;
import io.footbridge.wire.Ipv6Address;
import io.footbridge.wire.Ipv6Prefix;
import java.util.Optional;

/**
 * What the host has configured on a link: its first address of each family that is good beyond the link, and the next
 * hops of the host's default routes over it.
 *
 * @param ipv4 its IPv4 address with the subnet's length
 * @param ipv6 its IPv6 address with the subnet's length; none while the link is held, since IPv6 is off on it then
 * @param gateway4 next hop for IPv4
 * @param gateway6 next hop for IPv6
 */
public record LinkConfiguration(Optional<Ipv4Prefix> ipv4, Optional<Ipv6Prefix> ipv6, Optional<Ipv4Address> gateway4,
    Optional<Ipv6Address> gateway6) {
}
