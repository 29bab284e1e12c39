package io.footbridge.control.network;

import io.footbridge.control.model.NetworkKey;
import io.footbridge.control.model.Settings;
import io.footbridge.wire.Ipv4Prefix;
import io.footbridge.wire.Ipv6Prefix;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A network at one moment.
 *
 * @param id 64 hexadecimal digits
 * @param name its name
 * @param created when it was made
 * @param gateway the gateway's IPv4 address with the subnet's length
 * @param gateway6 the gateway's IPv6 address with the subnet's length
 * @param mtu longest network-layer packet in bytes
 * @param settings what was set
 * @param endpoints its endpoints, by name
 */
public record NetworkView(String id, String name, Instant created, Optional<Ipv4Prefix> gateway, Optional<Ipv6Prefix> gateway6,
    int mtu, Settings<NetworkKey> settings, List<EndpointView> endpoints) {
    /** Keeps a copy of the list. */
    public NetworkView {
        endpoints = List.copyOf(endpoints);
    }
}
