package io.footbridge.control.network;

import io.footbridge.control.model.EndpointKey;
import io.footbridge.control.model.Settings;
import io.footbridge.wire.IpAddress;
import io.footbridge.wire.IpPrefix;
import java.util.List;

/**
 * An endpoint at one moment.
 *
 * @param id 64 hexadecimal digits
 * @param name its name on the network
 * @param aliases what else it is called there
 * @param ifname its interface's name
 * @param mac its MAC in the low 48 bits
 * @param addresses its addresses with their subnets' lengths, IPv4 first
 * @param gateways the network's gateway addresses, IPv4 first
 * @param mtu longest network-layer packet in bytes
 * @param settings what was set
 */
public record EndpointView(String id, String name, List<String> aliases, String ifname, long mac, List<IpPrefix> addresses,
    List<IpAddress> gateways, int mtu, Settings<EndpointKey> settings) {
    /** Keeps copies of the lists. */
    public EndpointView {
        aliases = List.copyOf(aliases);
        addresses = List.copyOf(addresses);
        gateways = List.copyOf(gateways);
    }
}
