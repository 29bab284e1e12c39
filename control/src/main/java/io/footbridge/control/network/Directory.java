package io.footbridge.control.network;

import io.footbridge.control.dhcp.Lease;
import io.footbridge.control.dns.Zone;
import io.footbridge.control.gateway.GatewayServices;
import io.footbridge.control.model.AddressPool;
import io.footbridge.control.model.NetworkKey;
import io.footbridge.dataplane.Port;
import io.footbridge.wire.IpAddress;
import io.footbridge.wire.IpPrefix;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv4Prefix;
import io.footbridge.wire.Ipv6Address;
import io.footbridge.wire.Ipv6Prefix;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Tells the gateways' services which names and addresses a network's endpoints have, after each change. Guarded by the
 * service's lock.
 */
final class Directory {
    private final Optional<GatewayServices> services;

    /**
     * @param services who is told, if anybody
     */
    Directory(Optional<GatewayServices> services) {
        this.services = services;
    }

    /** Whether gateways are served at all. */
    boolean serves() {
        return services.isPresent();
    }

    /** Tells of a network as it is now, if it has a gateway. */
    void update(Network network) {
        if (network.hasGateway()) {
            services.ifPresent(told -> told.update(network.bridge(), zone(network), leases(network)));
        }
    }

    /** Tells that a network is gone. */
    void remove(Network network) {
        services.ifPresent(told -> told.remove(network.bridge()));
    }

    private static Zone zone(Network network) {
        List<Zone.Host> hosts = network.endpoints().values().stream().filter(endpoint -> !endpoint.addresses().isEmpty())
            .map(endpoint -> new Zone.Host(endpoint.name(), endpoint.aliases(),
                endpoint.addresses().stream().map(IpPrefix::asAddress).toList())).toList();
        return new Zone(network.name(), network.pools().stream().<IpPrefix>map(AddressPool::subnet).toList(), hosts,
            !network.settings().isOn(NetworkKey.INTERNAL));
    }

    private static Map<Port, Lease> leases(Network network) {
        List<IpAddress> gateways = network.gateways().stream().map(IpPrefix::asAddress).toList();
        Map<Port, Lease> leases = new HashMap<>();
        for (AttachedEndpoint endpoint : network.endpoints().values()) {
            if (endpoint.target().isContainer()) {
                leases.put(endpoint.port(), new Lease(endpoint.mac(), first(endpoint.addresses(), Ipv4Prefix.class),
                    first(endpoint.addresses(), Ipv6Prefix.class).map(Ipv6Prefix::asAddress), first(gateways, Ipv4Address.class),
                    first(gateways, Ipv6Address.class), network.gatewayMac(), !network.routers().isEmpty(), endpoint.mtu()));
            }
        }
        return leases;
    }

    private static <T> Optional<T> first(List<?> among, Class<T> type) {
        return among.stream().filter(type::isInstance).map(type::cast).findFirst();
    }
}
