package io.footbridge.control.edge;

import io.footbridge.wire.IpPrefix;
import java.util.List;

/**
 * An interface that the host is to have on a network.
 *
 * @param ifname its name
 * @param mac the gateway's MAC
 * @param mtu its longest network-layer packet in bytes
 * @param addresses the gateway's addresses with their subnets' lengths
 */
public record HostInterface(String ifname, long mac, int mtu, List<IpPrefix> addresses) {
}
