package io.footbridge.control.edge;

import io.footbridge.control.model.DeviceType;
import io.footbridge.control.model.EndpointTarget;
import io.footbridge.wire.IpAddress;
import io.footbridge.wire.IpPrefix;
import java.util.List;

/**
 * An interface that a container is to have.
 *
 * @param target whose namespace
 * @param type what kind of device
 * @param ifname its name there
 * @param mac its MAC in the low 48 bits
 * @param mtu its longest network-layer packet in bytes
 * @param addresses its addresses with their subnets' lengths
 * @param routers next hops of default routes, one per family at most, for where none exists
 */
public record ContainerInterface(EndpointTarget target, DeviceType type, String ifname, long mac, int mtu,
    List<IpPrefix> addresses, List<IpAddress> routers) {
}
