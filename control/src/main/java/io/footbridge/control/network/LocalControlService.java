package io.footbridge.control.network;

import io.footbridge.control.edge.Edge;
import io.footbridge.control.gateway.GatewayServices;
import io.footbridge.control.model.EndpointSpec;
import io.footbridge.control.model.ConfiguredPublication;
import io.footbridge.control.model.NetworkSpec;
import io.footbridge.control.model.PublishSpec;
import io.footbridge.control.model.RefusedException;
import io.footbridge.control.model.RelayRequest;
import io.footbridge.dataplane.Bridge;
import io.footbridge.dataplane.Engine;
import io.footbridge.dataplane.FdbEntry;
import io.footbridge.dataplane.Port;
import io.footbridge.nat.NatStatistics;
import io.footbridge.nat.SessionView;
import io.footbridge.proxy.Proxy;
import io.footbridge.tap.Endpoint;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The daemon's own service, over an engine and a kernel. One lock guards all of its state; whoever holds it never waits
 * for a client.
 */
public final class LocalControlService implements ControlService, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LocalControlService.class);
    private static final int DETACHED_AT_ONCE = 16;

    private final ReentrantLock lock = new ReentrantLock();
    private final Registry registry = new Registry();
    private final Networks networks;
    private final Endpoints endpoints;
    private final Observations observations;
    private final Outside outside;
    private final NatRules natRules;
    private final Engine engine;
    private final ExecutorService lostPorts = Executors.newSingleThreadExecutor(
        Thread.ofPlatform().name("lost-ports").daemon().factory());
    private volatile BiConsumer<String, String> lostListener = (_, _) -> { };

    /** A service without networks, without relays, and whose gateways answer neither names nor DHCP. */
    public LocalControlService(Engine engine, Edge edge, RandomGenerator random, InstantSource clock) {
        this(engine, edge, () -> {
            throw new IllegalStateException("there are no relays here");
        }, random, clock, Optional.empty());
    }

    /**
     * A service without networks.
     *
     * @param proxy what relays, made when it is first asked for
     * @param gateways what answers names and DHCP at the networks' gateways
     */
    public LocalControlService(Engine engine, Edge edge, Supplier<Proxy> proxy, RandomGenerator random, InstantSource clock,
        Optional<GatewayServices> gateways) {
        Identifiers identifiers = new Identifiers(random);
        this.engine = engine;
        this.outside = new Outside(registry, engine, edge, identifiers, proxy);
        Directory directory = new Directory(gateways);
        this.networks = new Networks(registry, engine, edge, identifiers, clock, outside, directory);
        this.endpoints = new Endpoints(registry, engine, edge, identifiers, outside, directory);
        this.observations = new Observations(registry, engine, outside.uplinks());
        this.natRules = new NatRules(registry, outside.staticAddresses());
        engine.onLost(this::hearLost);
    }

    private void hearLost(Port port) {
        try {
            lostPorts.execute(() -> lost(port));
        } catch (RejectedExecutionException closing) {
            LOG.debug("port {} went while everything is taken away", port.name(), closing);
        }
    }

    /** Who is told the names of network and endpoint when an endpoint's device is gone, after it was detached. */
    public void onLost(BiConsumer<String, String> listener) {
        lostListener = listener;
    }

    @Override
    public List<NetworkView> networks() {
        lock.lock();
        try {
            return registry.all().stream().map(Network::view).toList();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public NetworkView network(String name) throws RefusedException {
        return locked(() -> registry.get(name).view());
    }

    @Override
    public NetworkView create(NetworkSpec spec) throws RefusedException {
        return locked(() -> networks.create(spec, true).view());
    }

    /**
     * Makes a network that a file declares. Its uplink, and what is to be published of its endpoints, comes as soon as it can
     * be: see {@link #lookAfterUplinks()}.
     */
    public void declare(NetworkSpec spec, List<ConfiguredPublication> publications) throws RefusedException {
        locked(() -> {
            Network network = networks.create(spec, false);
            publications.forEach(wanted -> network.declared().add(new Network.Declared(wanted.spec(), wanted.endpoint(), wanted.relay())));
            return network;
        });
    }

    /**
     * Takes up uplinks whose links are there, follows those that have their links' own addresses, and publishes what is
     * declared. To be called now and then.
     */
    public void lookAfterUplinks() {
        lock.lock();
        try {
            outside.lookAfter();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void remove(String name) throws RefusedException {
        locked(() -> {
            networks.remove(name);
            return name;
        });
    }

    @Override
    public NetworkView set(String name, Map<String, String> changes) throws RefusedException {
        return locked(() -> networks.set(name, changes).view());
    }

    @Override
    public EndpointView attach(String network, EndpointSpec spec) throws RefusedException {
        return locked(() -> {
            Network on = registry.get(network);
            return on.view(endpoints.attach(on, spec, Optional.empty()));
        });
    }

    @Override
    public EndpointView attachOpened(String network, EndpointSpec spec, Endpoint opened) throws RefusedException {
        try {
            return locked(() -> {
                Network on = registry.get(network);
                return on.view(endpoints.attach(on, spec, Optional.of(opened)));
            });
        } catch (RefusedException | RuntimeException refused) {
            opened.close();
            throw refused;
        }
    }

    @Override
    public void follow(String network, String endpoint, int pid) throws RefusedException {
        try {
            FollowedCommand.begin(pid, () -> detach(network, endpoint));
        } catch (IOException ended) {
            detach(network, endpoint);
            throw RefusedException.failed(ended);
        }
    }

    @Override
    public void detach(String network, String endpoint) throws RefusedException {
        locked(() -> {
            Network on = registry.get(network);
            endpoints.detach(on, on.endpoint(endpoint));
            return endpoint;
        });
    }

    @Override
    public EndpointView setEndpoint(String network, String endpoint, Map<String, String> changes) throws RefusedException {
        return locked(() -> {
            Network on = registry.get(network);
            return on.view(endpoints.set(on, on.endpoint(endpoint), changes));
        });
    }

    @Override
    public List<FdbView> fdb(Optional<String> network) throws RefusedException {
        return locked(() -> observations.fdb(network));
    }

    @Override
    public FdbView fdbEntry(String network, long mac) throws RefusedException {
        return locked(() -> observations.fdbEntry(network, mac));
    }

    @Override
    public void addFdb(String network, long mac, String endpoint, FdbEntry.Kind kind, boolean sticky) throws RefusedException {
        locked(() -> {
            observations.addFdb(network, mac, endpoint, kind, sticky);
            return mac;
        });
    }

    @Override
    public void removeFdb(String network, long mac) throws RefusedException {
        locked(() -> {
            observations.removeFdb(network, mac);
            return mac;
        });
    }

    @Override
    public List<NeighbourView> neighbours(Optional<String> network) throws RefusedException {
        return locked(() -> observations.neighbours(network));
    }

    @Override
    public List<StatisticsView> statistics(Optional<String> network) throws RefusedException {
        return locked(() -> observations.statistics(network));
    }

    @Override
    public FrameCapture capture(String network, Optional<String> endpoint) throws RefusedException {
        return locked(() -> observations.capture(network, endpoint));
    }

    @Override
    public PublishedView publish(String network, PublishSpec spec, String endpoint) throws RefusedException {
        return locked(() -> {
            Network on = registry.get(network);
            return outside.publish(on, spec, on.endpoint(endpoint));
        });
    }

    @Override
    public PublishedView relay(String network, PublishSpec spec, RelayRequest wanted, String endpoint) throws RefusedException {
        return locked(() -> {
            Network on = registry.get(network);
            return outside.relay(on, spec, wanted, on.endpoint(endpoint));
        });
    }

    @Override
    public void unpublish(String network, String binding) throws RefusedException {
        locked(() -> {
            outside.unpublish(registry.get(network), binding);
            return binding;
        });
    }

    @Override
    public List<BindingView> published(Optional<String> network) throws RefusedException {
        return locked(() -> registry.select(network).stream()
            .flatMap(on -> on.publications().stream().flatMap(publication -> publication.served(on))).toList());
    }

    @Override
    public List<SessionView> flows(Optional<String> network) throws RefusedException {
        return engine.flows(bridge(network));
    }

    @Override
    public int flushFlows(Optional<String> network) throws RefusedException {
        return engine.flushFlows(bridge(network));
    }

    @Override
    public NatStatistics flowStatistics() {
        return engine.flowStatistics();
    }

    /** Looking through the table takes its time: that is done without the lock. */
    private Optional<Bridge> bridge(Optional<String> network) throws RefusedException {
        return network.isEmpty() ? Optional.empty() : Optional.of(locked(() -> registry.get(network.get()).bridge()));
    }

    @Override
    public List<NatRuleView> natRules(Optional<String> network) throws RefusedException {
        return locked(() -> natRules.list(network));
    }

    /**
     * Takes every uplink away and detaches every endpoint; nothing is attached after. Side by side, because the kernel
     * waits some ten milliseconds for each device that goes.
     */
    @Override
    public void close() {
        lostPorts.shutdownNow();
        lock.lock();
        try (ExecutorService detaching = Executors.newFixedThreadPool(DETACHED_AT_ONCE)) {
            outside.close();
            for (Network network : registry.all()) {
                for (AttachedEndpoint endpoint : List.copyOf(network.endpoints().values())) {
                    endpoints.forget(network, endpoint);
                    detaching.execute(() -> endpoints.remove(endpoint));
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private void lost(Port port) {
        List<Runnable> told = new ArrayList<>();
        lock.lock();
        try {
            if (outside.lost(port)) {
                return;
            }
            registry.ofPort(port).ifPresent(network -> {
                AttachedEndpoint endpoint = network.endpoints().get(port.name());
                endpoints.detach(network, endpoint);
                LOG.info("endpoint {} of network {} is gone", endpoint.name(), network.name());
                told.add(() -> lostListener.accept(network.name(), endpoint.name()));
            });
        } finally {
            lock.unlock();
        }
        told.forEach(Runnable::run);
    }

    private <T> T locked(Request<T> request) throws RefusedException {
        lock.lock();
        try {
            return request.carryOut();
        } catch (IOException failed) {
            throw RefusedException.failed(failed);
        } finally {
            lock.unlock();
        }
    }

    /** A request, to be carried out under the lock. */
    private interface Request<T> {
        T carryOut() throws IOException, RefusedException;
    }
}
