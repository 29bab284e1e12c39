package io.footbridge.control.api;

import io.footbridge.control.model.NetworkKey;
import io.footbridge.control.model.Settings;
import io.footbridge.control.network.EndpointView;
import io.footbridge.control.network.FdbView;
import io.footbridge.control.network.NeighbourView;
import io.footbridge.control.network.NetworkView;
import io.footbridge.control.network.StatisticsView;
import io.footbridge.dataplane.FdbEntry;
import io.footbridge.dataplane.PortStatistics;
import io.footbridge.wire.DropReason;
import io.footbridge.wire.IpPrefix;
import io.footbridge.wire.MacAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What is answered, with the names and the order of the tools that are imitated: docker, bridge and ip. */
final class Documents {
    private static final String DEFAULT_NETWORK = "bridge";

    private Documents() {
    }

    /** As {@code docker network inspect}; what has no name of docker's has our option's, under Options. */
    static Map<String, Object> network(NetworkView network) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("Name", network.name());
        document.put("Id", network.id());
        document.put("Created", network.created().toString());
        document.put("Scope", "local");
        document.put("Driver", "bridge");
        document.put("EnableIPv6", network.gateway6().isPresent());
        List<Object> config = new ArrayList<>();
        network.gateway().ifPresent(gateway -> config.add(subnet(gateway)));
        network.gateway6().ifPresent(gateway -> config.add(subnet(gateway)));
        document.put("IPAM", ordered("Driver", "default", "Options", Map.of(), "Config", config));
        document.put("Internal", network.settings().isOn(NetworkKey.INTERNAL));
        document.put("Attachable", false);
        document.put("Ingress", false);
        document.put("ConfigFrom", Map.of("Network", ""));
        document.put("ConfigOnly", false);
        Map<String, Object> containers = new LinkedHashMap<>();
        network.endpoints().forEach(endpoint -> containers.put(endpoint.id(), container(endpoint)));
        document.put("Containers", containers);
        document.put("Options", options(network));
        document.put("Labels", Map.of());
        return document;
    }

    private static Map<String, Object> subnet(IpPrefix gateway) {
        return ordered("Subnet", gateway.network().toString(), "Gateway", gateway.asAddress().toString());
    }

    private static Map<String, Object> container(EndpointView endpoint) {
        return ordered("Name", endpoint.name(), "EndpointID", endpoint.id(), "MacAddress", MacAddress.format(endpoint.mac()),
            "IPv4Address", address(endpoint, true), "IPv6Address", address(endpoint, false));
    }

    private static String address(EndpointView endpoint, boolean ipv4) {
        return endpoint.addresses().stream().filter(address -> address.isIpv4() == ipv4).map(IpPrefix::toString)
            .findFirst().orElse("");
    }

    private static Map<String, Object> options(NetworkView network) {
        Settings<NetworkKey> settings = network.settings();
        Map<String, Object> options = new LinkedHashMap<>();
        if (network.name().equals(DEFAULT_NETWORK)) {
            options.put("com.docker.network.bridge.default_bridge", "true");
        }
        options.put("com.docker.network.bridge.enable_icc", String.valueOf(settings.isOn(NetworkKey.ICC)));
        options.put("com.docker.network.bridge.enable_ip_masquerade", String.valueOf(settings.isOn(NetworkKey.MASQUERADE)));
        options.put("com.docker.network.driver.mtu", String.valueOf(network.mtu()));
        options.put(NetworkKey.UPLINK.label(), settings.text(NetworkKey.UPLINK));
        options.put(NetworkKey.HOST_LOOPBACK.label(), settings.text(NetworkKey.HOST_LOOPBACK));
        options.put(NetworkKey.AGEING.label(), settings.text(NetworkKey.AGEING));
        settings.explicit().forEach((label, value) -> {
            if (!label.equals(NetworkKey.ICC.label()) && !label.equals(NetworkKey.MASQUERADE.label())
                && !label.equals(NetworkKey.INTERNAL.label())) {
                options.put(label, value);
            }
        });
        return options;
    }

    static Map<String, Object> endpoint(EndpointView endpoint) {
        return ordered("id", endpoint.id(), "name", endpoint.name(), "aliases", endpoint.aliases(), "ifname", endpoint.ifname(), "mac",
            MacAddress.format(endpoint.mac()), "addresses", texts(endpoint.addresses()), "gateways", texts(endpoint.gateways()),
            "mtu", endpoint.mtu(), "options", endpoint.settings().explicit());
    }

    /** As {@code bridge -j fdb}. */
    static Map<String, Object> fdb(FdbView line) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("mac", MacAddress.format(line.mac()));
        document.put("ifname", line.endpoint());
        if (line.vlan() != 0) {
            document.put("vlan", line.vlan());
        }
        document.put("flags", line.sticky() ? List.of("sticky") : List.of());
        document.put("master", line.network());
        document.put("state", line.kind() == FdbEntry.Kind.DYNAMIC ? "" : line.kind().name().toLowerCase(Locale.ROOT));
        return document;
    }

    /** As {@code ip -j neigh}. */
    static Map<String, Object> neighbour(NeighbourView line) {
        return ordered("dst", line.neighbour().address().toString(), "dev", line.network(), "lladdr",
            MacAddress.format(line.neighbour().mac()), "state", List.of(line.neighbour().state().name()));
    }

    static Map<String, Object> statistics(StatisticsView line) {
        PortStatistics counters = line.counters();
        Map<String, Object> drops = new LinkedHashMap<>();
        counters.drops().entrySet().stream().sorted(Map.Entry.<DropReason, Long>comparingByValue().reversed()
            .thenComparing(Map.Entry.comparingByKey())).forEach(entry -> drops.put(entry.getKey().label(), entry.getValue()));
        return ordered("network", line.network(), "name", line.endpoint(), "receivedFrames", counters.receivedFrames(),
            "receivedBytes", counters.receivedBytes(), "transmittedFrames", counters.transmittedFrames(),
            "transmittedBytes", counters.transmittedBytes(), "kernelDrops", counters.kernelDrops(), "drops", drops);
    }

    static Map<String, Object> error(String message) {
        return Map.of("message", message);
    }

    private static List<String> texts(List<?> values) {
        return values.stream().map(String::valueOf).toList();
    }

    static Map<String, Object> ordered(Object... namesAndValues) {
        Map<String, Object> document = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            document.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        return document;
    }
}
