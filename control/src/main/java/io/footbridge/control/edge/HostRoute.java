package io.footbridge.control.edge;

import io.footbridge.wire.IpAddress;

/**
 * A route of the host to one address, over an interface of ours.
 *
 * @param destination the address
 * @param ifname the interface
 * @param source what the host's own packets have as source: the gateway's address, which the interface holds
 */
public record HostRoute(IpAddress destination, String ifname, IpAddress source) {
}
