package io.footbridge.control.network;

import io.footbridge.control.model.RefusedException;
import io.footbridge.control.network.SharedUplink.Held;
import io.footbridge.dataplane.Bridge;
import io.footbridge.dataplane.Capture;
import io.footbridge.dataplane.Engine;
import io.footbridge.dataplane.FdbEntry;
import io.footbridge.dataplane.Port;
import io.footbridge.dataplane.Uplink;
import io.footbridge.wire.MacAddress;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What can be seen of the engine, and its forwarding databases changed by hand. Guarded by the service's lock. */
final class Observations {
    private final Registry registry;
    private final Engine engine;
    private final Uplinks uplinks;

    Observations(Registry registry, Engine engine, Uplinks uplinks) {
        this.registry = registry;
        this.engine = engine;
        this.uplinks = uplinks;
    }

    List<FdbView> fdb(Optional<String> name) throws RefusedException {
        List<FdbView> lines = new ArrayList<>();
        for (Network network : name.isPresent() ? List.of(bridge(name.get())) : registry.all()) {
            network.bridge().fdb().forEach(entry -> lines.add(view(network, entry)));
        }
        return lines;
    }

    FdbView fdbEntry(String name, long mac) throws RefusedException {
        return fdb(Optional.of(name)).stream().filter(line -> line.mac() == mac).findFirst()
            .orElseThrow(() -> RefusedException.notFound("Error: Fdb entry not found."));
    }

    void addFdb(String name, long mac, String endpointName, FdbEntry.Kind kind, boolean sticky) throws RefusedException {
        Network network = bridge(name);
        AttachedEndpoint endpoint = network.endpoints().get(endpointName);
        if (endpoint == null) {
            throw RefusedException.notFound("Cannot find device \"" + endpointName + "\"");
        }
        if (!MacAddress.isStation(mac)) {
            throw RefusedException.invalid("Invalid mac address " + MacAddress.format(mac) + ": it is multicast or zero");
        }
        if (sticky && kind == FdbEntry.Kind.PERMANENT) {
            throw RefusedException.invalid("RTNETLINK answers: Invalid argument; a permanent entry never moves, sticky goes with static");
        }
        switch (network.bridge().addFdb(mac, 0, endpoint.port(), kind, sticky)) {
            case ADDED -> { }
            case EXISTS -> throw RefusedException.conflict("RTNETLINK answers: File exists");
            case FULL -> throw RefusedException.conflict("RTNETLINK answers: No space left on device; fdb-limit is reached");
        }
    }

    void removeFdb(String name, long mac) throws RefusedException {
        if (!bridge(name).bridge().removeFdb(mac, 0)) {
            throw RefusedException.notFound("RTNETLINK answers: No such file or directory");
        }
    }

    List<NeighbourView> neighbours(Optional<String> name) throws RefusedException {
        List<NeighbourView> lines = new ArrayList<>();
        List<Held> selected = uplinks(name);
        for (Network network : selected.isEmpty() || name.isEmpty() ? registry.select(name) : List.<Network>of()) {
            network.bridge().neighbours().forEach(neighbour -> lines.add(new NeighbourView(network.name(), neighbour)));
        }
        for (Held held : selected) {
            held.uplink().bridge().neighbours().forEach(neighbour -> lines.add(new NeighbourView(held.uplink().name(), neighbour)));
        }
        return lines;
    }

    List<StatisticsView> statistics(Optional<String> name) throws RefusedException {
        List<StatisticsView> lines = new ArrayList<>();
        List<Held> selected = uplinks(name);
        for (Network network : selected.isEmpty() || name.isEmpty() ? registry.select(name) : List.<Network>of()) {
            network.endpoints().values().forEach(endpoint ->
                lines.add(new StatisticsView(network.name(), endpoint.name(), endpoint.port().statistics())));
        }
        for (Held held : selected) {
            String link = held.uplink().name();
            lines.add(new StatisticsView(link, link, held.uplink().port().statistics()));
        }
        return lines;
    }

    FrameCapture capture(String name, Optional<String> endpointName) throws IOException, RefusedException {
        List<Held> selected = uplinks(Optional.of(name));
        if (!selected.isEmpty()) {
            Uplink uplink = selected.getFirst().uplink();
            if (endpointName.filter(link -> !link.equals(uplink.name())).isPresent()) {
                throw RefusedException.notFound("endpoint " + endpointName.get() + " not found in uplink " + name);
            }
            return new EngineCapture(engine.capture(uplink.bridge(), Optional.of(uplink.port())));
        }
        Network network = registry.get(name);
        Bridge bridge = network.bridge();
        Optional<Port> port = endpointName.isPresent()
            ? Optional.of(network.endpoint(endpointName.get()).port()) : Optional.empty();
        return new EngineCapture(engine.capture(bridge, port));
    }

    /** The uplinks that a name means: all without one, none where it is a network's. */
    private List<Held> uplinks(Optional<String> name) {
        return uplinks.all().stream()
            .filter(uplink -> name.isEmpty() || uplink.ifname().equals(name.get()) && registry.find(name.get()).isEmpty())
            .flatMap(uplink -> uplink.held().stream()).toList();
    }

    private Network bridge(String name) throws RefusedException {
        return registry.find(name)
            .orElseThrow(() -> RefusedException.notFound("Cannot find bridge device \"" + name + "\""));
    }

    private static FdbView view(Network network, FdbEntry entry) {
        return new FdbView(network.name(), entry.port().map(Port::name).orElse(network.name()), entry.mac(), entry.vlan(),
            entry.kind(), entry.sticky() && entry.kind() != FdbEntry.Kind.PERMANENT);
    }

    /** The engine's own. */
    private record EngineCapture(Capture capture) implements FrameCapture {
        @Override
        public void copyTo(OutputStream pcapng, long maxFrames) throws IOException {
            capture.copyTo(pcapng, maxFrames);
        }

        @Override
        public void close() {
            capture.close();
        }
    }
}
