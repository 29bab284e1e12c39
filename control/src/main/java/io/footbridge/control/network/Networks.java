package io.footbridge.control.network;

import io.footbridge.control.edge.Edge;
import io.footbridge.control.model.AddressPool;
import io.footbridge.control.model.NetworkKey;
import io.footbridge.control.model.NetworkSpec;
import io.footbridge.control.model.RefusedException;
import io.footbridge.control.model.Settings;
import io.footbridge.control.model.SubnetChooser;
import io.footbridge.control.model.SubnetRequest;
import io.footbridge.dataplane.Engine;
import io.footbridge.wire.IpPrefix;
import io.footbridge.wire.Ipv4Prefix;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Makes, changes and removes networks. Guarded by the service's lock. */
final class Networks {
    /** The network that exists from the start and stays. */
    static final String DEFAULT = "bridge";

    private final Registry registry;
    private final Engine engine;
    private final Edge edge;
    private final Identifiers identifiers;
    private final InstantSource clock;
    private final Outside outside;
    private final Directory directory;

    Networks(Registry registry, Engine engine, Edge edge, Identifiers identifiers, InstantSource clock, Outside outside,
        Directory directory) {
        this.registry = registry;
        this.engine = engine;
        this.edge = edge;
        this.identifiers = identifiers;
        this.clock = clock;
        this.outside = outside;
        this.directory = directory;
    }

    /**
     * Makes a network.
     *
     * @param atOnce whether it is refused if it cannot have its uplink now; if not, it waits for that
     */
    Network create(NetworkSpec spec, boolean atOnce) throws IOException, RefusedException {
        if (registry.find(spec.name()).isPresent()) {
            throw RefusedException.conflict("network with name " + spec.name() + " already exists");
        }
        Optional<Ipv4Prefix> subnet = subnet(spec);
        if (spec.subnet6().isPresent()) {
            refuseOverlap(spec.subnet6().get());
        }
        Network network =
            new Network(identifiers.id(), clock.instant(), spec, subnet, identifiers.mac(), directory.serves(), engine::addBridge);
        registry.add(network);
        try {
            // First, since flows by sockets are led to where names are served over TCP.
            directory.update(network);
            outside.connect(network, atOnce);
            return network;
        } catch (RefusedException refused) {
            discard(network);
            throw ofNetwork(spec.name(), refused);
        } catch (IOException | RuntimeException failed) {
            discard(network);
            throw failed;
        }
    }

    private void discard(Network network) {
        registry.remove(network);
        directory.remove(network);
        engine.removeBridge(network.bridge());
    }

    void remove(String name) throws RefusedException {
        Network network = registry.get(name);
        if (name.equals(DEFAULT)) {
            throw RefusedException.conflict("bridge is a pre-defined network and cannot be removed");
        }
        if (!network.endpoints().isEmpty()) {
            throw RefusedException.conflict("error while removing network: network " + name + " has active endpoints: "
                + String.join(", ", network.endpoints().keySet()) + "; detach them first");
        }
        registry.remove(network);
        directory.remove(network);
        outside.disconnect(network);
        engine.removeBridge(network.bridge());
    }

    private static RefusedException ofNetwork(String name, RefusedException refused) {
        return new RefusedException(refused.kind(), "network " + name + ": " + refused.getMessage(), refused);
    }

    Network set(String name, Map<String, String> changes) throws IOException, RefusedException {
        Network network = registry.get(name);
        Settings<NetworkKey> settings = network.settings();
        try {
            for (Map.Entry<String, String> change : changes.entrySet()) {
                settings = settings.changed(change.getKey(), change.getValue());
            }
            NetworkSpec.checkUplink(network.hasGateway(), settings);
        } catch (IllegalArgumentException wrong) {
            throw RefusedException.invalid(wrong.getMessage());
        }
        Settings<NetworkKey> before = network.settings();
        network.settings(settings);
        try {
            outside.connect(network, true);
        } catch (RefusedException refused) {
            restore(network, before, refused);
            throw ofNetwork(name, refused);
        } catch (IOException | RuntimeException failed) {
            restore(network, before, failed);
            throw failed;
        }
        return network;
    }

    private void restore(Network network, Settings<NetworkKey> before, Exception failed) {
        try {
            network.settings(before);
            outside.connect(network, false);
        } catch (IOException | RefusedException | RuntimeException again) {
            failed.addSuppressed(again);
        }
    }

    private Optional<Ipv4Prefix> subnet(NetworkSpec spec) throws IOException, RefusedException {
        return switch (spec.subnet()) {
            case SubnetRequest.None _ -> Optional.empty();
            case SubnetRequest.Given(Ipv4Prefix subnet) -> {
                refuseOverlap(subnet);
                yield Optional.of(subnet);
            }
            case SubnetRequest.Automatic _ -> {
                List<IpPrefix> inUse = new ArrayList<>(edge.prefixesOfHost());
                inUse.addAll(subnets());
                inUse.addAll(outside.uplinks().prefixes());
                yield Optional.of(spec.name().equals(DEFAULT)
                    ? SubnetChooser.chooseForBridge(inUse) : SubnetChooser.choose(inUse));
            }
        };
    }

    private void refuseOverlap(IpPrefix subnet) throws RefusedException {
        refuseOverlapOutside(subnet);
        for (Network network : registry.all()) {
            for (AddressPool pool : network.pools()) {
                if (pool.subnet().overlaps(subnet)) {
                    throw RefusedException.conflict("Pool overlaps with other one on this address space: " + subnet
                        + " and network " + network.name() + "'s " + pool.subnet());
                }
            }
        }
    }

    private void refuseOverlapOutside(IpPrefix subnet) throws RefusedException {
        for (IpPrefix prefix : outside.uplinks().prefixes()) {
            if (prefix.overlaps(subnet)) {
                throw RefusedException.conflict("Pool overlaps with other one on this address space: " + subnet
                    + " and an uplink's " + prefix.network());
            }
        }
    }

    private List<IpPrefix> subnets() {
        return registry.all().stream().flatMap(network -> network.pools().stream()).map(AddressPool::subnet).toList();
    }
}
