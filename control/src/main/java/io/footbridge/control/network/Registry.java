package io.footbridge.control.network;

import io.footbridge.control.model.RefusedException;
import io.footbridge.dataplane.Port;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The networks by name. Guarded by the service's lock. */
final class Registry {
    private final Map<String, Network> networks = new TreeMap<>();

    Collection<Network> all() {
        return networks.values();
    }

    Network get(String name) throws RefusedException {
        return find(name).orElseThrow(() -> RefusedException.notFound("network " + name + " not found"));
    }

    Optional<Network> find(String name) {
        return Optional.ofNullable(networks.get(name));
    }

    /** One network, or all. */
    Collection<Network> select(Optional<String> name) throws RefusedException {
        return name.isPresent() ? List.of(get(name.get())) : all();
    }

    void add(Network network) {
        networks.put(network.name(), network);
    }

    void remove(Network network) {
        networks.remove(network.name());
    }

    /** The network that a port is on. */
    Optional<Network> ofPort(Port port) {
        return networks.values().stream()
            .filter(network -> network.endpoints().values().stream().anyMatch(endpoint -> endpoint.port() == port)).findFirst();
    }
}
