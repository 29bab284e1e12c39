package io.footbridge.dataplane;

import io.footbridge.wire.IpAddress;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv6Address;
import java.util.Optional;

/**
 * A range of ports of an uplink that leads to a container. Immutable.
 *
 * @param protocol TCP's or UDP's number
 * @param address the uplink's address that it is for; empty for all
 * @param firstPort the first port outside, 1 to 65,535
 * @param count how many ports
 * @param container whose sessions they are
 * @param ipv4 the container's address for IPv4 clients; where it is absent, the ports are not published to them
 * @param ipv6 the container's address for IPv6 clients; where it is absent, the ports are not published to them
 * @param containerPort the first port inside
 */
public record PortForward(int protocol, Optional<IpAddress> address, int firstPort, int count, Port container,
        Optional<Ipv4Address> ipv4, Optional<Ipv6Address> ipv6, int containerPort) {
}
