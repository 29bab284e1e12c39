package io.footbridge.dataplane;

import io.footbridge.memory.Epochs;
import io.footbridge.memory.Reclaimer;
import io.footbridge.memory.SeededHash;
import io.footbridge.nat.NatStatistics;
import io.footbridge.nat.SessionView;
import io.footbridge.tap.Endpoint;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The data plane: bridges, their ports, and the workers that forward between them.
 *
 * <p>Every method may be called by any thread; those that change something are done one after another and return when
 * the change is in force.
 */
public final class Engine implements AutoCloseable {
    private static final long EPOCH_POLL_NANOS = 20_000;
    /** A link's hosts are learned for the listing alone: there is only one port. */
    private static final BridgeSettings UPLINK = new BridgeSettings(BridgeSettings.DEFAULT.ageing(), 1024, false);

    private final EngineSettings settings;
    private final Epochs epochs;
    private final Reclaimer reclaimer;
    private final SeededHash seeds;
    private final Worker[] workers;
    private final WorkerThreads threads;
    private final Housekeeping housekeeping;
    private final Routes routes = new Routes();
    private final Routing routing;
    private final List<Bridge> bridges = new CopyOnWriteArrayList<>();
    private final List<Consumer<Port>> lostListeners = new CopyOnWriteArrayList<>();
    private final Set<Port> down = ConcurrentHashMap.newKeySet();
    private final Services services = new Services(bridges);
    private long serials;
    private boolean closed;

    private Engine(EngineSettings settings) throws IOException {
        this.settings = settings;
        this.epochs = new Epochs(settings.workers());
        this.reclaimer = new Reclaimer(epochs);
        this.seeds = new SeededHash(settings.seed());
        this.workers = new Worker[settings.workers()];
        this.housekeeping = new Housekeeping(this);
        this.routing = new Routing(routes, settings.nat(), epochs, settings.workers(), seeds.hash(0), settings.clock(),
                new LinkHooks(this::awaitEpoch, housekeeping, workers, seeds.hash(-1)));
        for (int i = 0; i < workers.length; i++) {
            workers[i] = new Worker(epochs.register(), epochs, settings.clock(), new Lost(), routes);
        }
        this.threads = new WorkerThreads(workers);
    }

    /** Starts workers, warmed up where the settings say so. */
    public static Engine start(EngineSettings settings) throws IOException {
        if (settings.warmUp()) {
            WarmUp.run();
        }
        Engine engine = new Engine(settings);
        engine.threads.start();
        engine.housekeeping.start();
        return engine;
    }

    /**
     * Tells the listener of each port whose device has gone, once per port, off the frame path. The port stays until
     * {@link #removePort}.
     */
    public void onLost(Consumer<Port> listener) {
        lostListeners.add(listener);
    }

    /** Lets somebody answer what is asked at gateways that are served, as long as the engine runs; once. */
    public synchronized void serve(GatewayService service) throws IOException {
        requireOpen();
        services.begin(workers, service);
    }

    /** Makes a bridge without ports. */
    public synchronized Bridge addBridge(String name, BridgeSettings bridgeSettings, Optional<GatewaySettings> gateway)
            throws IOException {
        requireOpen();
        Bridge bridge = newBridge(name, bridgeSettings);
        bridge.gateway(gateway);
        bridges.add(bridge);
        routing.add(bridge);
        return bridge;
    }

    private Bridge newBridge(String name, BridgeSettings bridgeSettings) throws IOException {
        return new Bridge(name, routing.newRealm(), bridgeSettings, settings.clock(), seeds.hash(++serials),
                this::neighbourHeard);
    }

    private void neighbourHeard() {
        for (Worker worker : workers) {
            worker.neighbourHeard();
        }
    }

    /** Removes a bridge and its ports. */
    public synchronized void removeBridge(Bridge bridge) {
        if (bridges.remove(bridge)) {
            bridge.ports().forEach(this::removePort);
            bridge.captures().end();
            routing.remove(bridge);
            awaitEpoch();
            bridge.free();
        }
    }

    /** The bridges there are. */
    public List<Bridge> bridges() {
        return List.copyOf(bridges);
    }

    /**
     * Makes a port and begins to receive from it.
     *
     * @param name unique on the bridge
     * @param endpoint the engine's from now on, also when this fails
     */
    public synchronized Port addPort(Bridge bridge, String name, Endpoint endpoint, PortSettings portSettings)
            throws IOException {
        Port port;
        try {
            requireOpen();
            routing.sockets().portComes(bridge);
            port = newPort(bridge, name, endpoint, portSettings);
        } catch (IOException | RuntimeException failed) {
            endpoint.close();
            throw failed;
        }
        bridge.limitFdb(port);
        routing.giveOwner(port);
        bridge.portTable(bridge.portTable().with(port));
        try {
            port.owner().execute(() -> port.owner().serve(port)).join();
        } catch (CompletionException failed) {
            removePort(port);
            throw new IOException(failed.getCause().getMessage(), failed.getCause());
        }
        return port;
    }

    private Port newPort(Bridge bridge, String name, Endpoint endpoint, PortSettings portSettings) {
        PortTable ports = bridge.portTable();
        if (!bridges.contains(bridge) && !bridge.isUplink()) {
            throw new IllegalStateException("network " + bridge.name() + " is gone");
        }
        if (ports.named(name).isPresent()) {
            throw new IllegalArgumentException("network " + bridge.name() + " has a port " + name + " already");
        }
        if (portSettings.role() == PortRole.HOST && ports.host() != null) {
            throw new IllegalArgumentException("network " + bridge.name() + " has a host interface already: "
                    + ports.host().name());
        }
        int index = ports.freeIndex();
        if (index >= Bridge.MAX_PORTS) {
            throw new IllegalStateException("network " + bridge.name() + " has all of its " + Bridge.MAX_PORTS
                    + " ports");
        }
        long serial = ++serials;
        Worker owner = workers[(int) (serial % workers.length)];
        return new Port(bridge, name, index, serial, endpoint,
                new PortPolicy(portSettings, settings.clock().nanoTime()), workers.length, owner);
    }

    /**
     * Removes a port: returns when no worker can use it any more, its endpoint is closed and its FDB entries are gone. A
     * port that is not there is ignored. Endpoints of ports that several threads remove are closed side by side: the
     * kernel takes some ten milliseconds for each.
     */
    public void removePort(Port port) {
        if (unlink(port)) {
            port.endpoint().close();
        }
    }

    private synchronized boolean unlink(Port port) {
        Bridge bridge = port.bridge();
        if (bridge.portTable().get(port.index()) != port) {
            return false;
        }
        bridge.portTable(bridge.portTable().without(port));
        port.retireFlows();
        if (!closed) {
            port.owner().execute(() -> port.owner().leave(port)).join();
            awaitEpoch();
        }
        routing.removeOwner(port);
        down.remove(port);
        bridge.fdbTable().removePort(port.index());
        port.captures().end();
        return true;
    }

    /**
     * Makes an uplink. Its addresses are probed first (RFC 5227, RFC 4862), which takes about a second.
     *
     * @param name unique among uplinks
     * @param endpoint the engine's from now on, also when this fails
     * @throws AddressInUseException somebody has one of the addresses
     */
    public Uplink addUplink(String name, UplinkSettings uplinkSettings, Endpoint endpoint) throws IOException {
        Uplink uplink = reserve(name, uplinkSettings, endpoint);
        try {
            AddressProbe.run(uplink.port(), uplinkSettings.mac(), Routing.own(uplinkSettings));
            routing.activate(uplink);
        } catch (IOException | RuntimeException failed) {
            removeUplink(uplink);
            throw failed;
        }
        routing.announce(uplink, Routing.own(uplinkSettings));
        return uplink;
    }

    /** An uplink with its port, that has no addresses yet. */
    private synchronized Uplink reserve(String name, UplinkSettings uplinkSettings, Endpoint endpoint)
            throws IOException {
        Uplink uplink;
        try {
            requireOpen();
            routing.enable(uplinkSettings.ipv6().isPresent());
            uplink = new Uplink(newBridge(name, UPLINK), routing, uplinkSettings);
            uplink.bridge().uplink(uplink);
            uplink.bridge().bindGatewayMac(uplinkSettings.mac());
            routing.reserve(uplink);
        } catch (IOException | RuntimeException failed) {
            endpoint.close();
            throw failed;
        }
        try {
            uplink.port(addPort(uplink.bridge(), name, endpoint, PortSettings.of(PortRole.LINK, uplinkSettings.mtu())));
        } catch (IOException | RuntimeException failed) {
            removeUplink(uplink);
            throw failed;
        }
        return uplink;
    }

    /**
     * Removes an uplink that no network uses any more, with its sessions.
     *
     * @throws IllegalStateException a network uses it
     */
    public void removeUplink(Uplink uplink) {
        routing.remove(uplink);
        uplink.bridge().ports().forEach(this::removePort);
        uplink.bridge().captures().end();
        awaitEpoch();
        uplink.bridge().free();
    }

    /**
     * Sets how a network reaches the world; empty for not at all. Addresses of a pool that the uplink does not have yet are
     * probed first, which takes about half a second.
     *
     * @throws IllegalArgumentException somebody has an address of the pool
     */
    public void route(Bridge bridge, Optional<RouteSettings> route) {
        routing.route(bridge, route);
    }

    /**
     * Lets a network reach the world by the host's own sockets; empty to end that, with its flows. A network goes by these
     * or by an uplink, not by both.
     *
     * @throws IOException there is not enough memory
     */
    public synchronized void routeBySockets(Bridge bridge, Optional<SocketsSettings> sockets) throws IOException {
        requireOpen();
        routing.sockets().route(bridge, sockets);
    }

    /**
     * Has ports of the host lead to a container whose network goes by the host's sockets.
     *
     * @param forward at an address of the host's, which may be 0.0.0.0 or [::]; without one at all of those whose family the
     *     container has
     * @throws IOException a port is not to be had: a {@link io.footbridge.tap.SystemCallException} says why; none is taken then
     */
    public ListeningPort listen(PortForward forward) throws IOException {
        return routing.sockets().listen(forward);
    }

    /** The tracked flows of a network, or of all. */
    public List<SessionView> flows(Optional<Bridge> of) {
        return routing.flows(of);
    }

    /** Forgets the tracked flows of a network, or of all; returns how many there were. */
    public int flushFlows(Optional<Bridge> of) {
        return routing.flush(of);
    }

    /** How full the connection table is, and what happened in it. */
    public NatStatistics flowStatistics() {
        return routing.statistics();
    }

    /**
     * Begins to capture. The capture ends with what it looks at, if it was not closed before.
     *
     * @param bridge a network's or an uplink's
     * @param port the port to look at, or empty for the whole network
     */
    public synchronized Capture capture(Bridge bridge, Optional<Port> port) throws IOException {
        requireOpen();
        if (!bridges.contains(bridge) && routing.uplinks().stream().noneMatch(uplink -> uplink.bridge() == bridge)) {
            throw new IllegalStateException("network " + bridge.name() + " is gone");
        }
        if (port.filter(wanted -> bridge.portTable().get(wanted.index()) != wanted).isPresent()) {
            throw new IllegalStateException("port " + port.get().name() + " is no longer on network " + bridge.name());
        }
        CapturePoint point = port.map(Port::captures).orElseGet(bridge::captures);
        return new Capture(bridge, point, workers.length, capture -> reclaimer.retire(capture::leave));
    }

    /** Stops the workers, ends every capture and closes every endpoint. */
    @Override
    public void close() {
        // Before the lock: what housekeeping has under way may need it. After it nobody wakes a worker any more.
        housekeeping.close();
        services.close();
        stop();
    }

    private synchronized void stop() {
        if (closed) {
            return;
        }
        closed = true;
        threads.stop();
        Stream.concat(bridges.stream(), routing.uplinks().stream().map(Uplink::bridge)).forEach(bridge -> {
            bridge.ports().forEach(this::removePort);
            bridge.captures().end();
            bridge.free();
        });
        bridges.clear();
        reclaimer.drain();
        for (Worker worker : workers) {
            worker.free();
        }
        services.free();
        routing.close();
    }

    /** Waits until every worker has passed; none of them blocks for longer than one batch takes. */
    void awaitEpoch() {
        long ticket = epochs.retire();
        while (!epochs.passed(ticket)) {
            LockSupport.parkNanos(EPOCH_POLL_NANOS);
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the engine is closed");
        }
    }

    /** What is to be done now and then, off the frame path. */
    void housekeep() {
        reclaimer.drain();
        for (Port port : down) {
            if (hasVanished(port)) {
                announceLost(port);
            }
        }
    }

    /** Under the lock, so that the descriptor that is asked is still the port's. */
    private synchronized boolean hasVanished(Port port) {
        return down.contains(port) && !port.endpoint().exists();
    }

    /** Removes aged entries from the next part of each bridge's forwarding database. */
    synchronized void sweep(int slots) {
        bridges.forEach(bridge -> bridge.sweep(slots));
        routing.uplinks().forEach(uplink -> uplink.bridge().sweep(slots));
    }

    /** Lets each worker ask again for neighbours that its packets wait for. */
    void askNeighbours() {
        for (Worker worker : workers) {
            if (worker.routed().hasTimers()) {
                worker.execute(() -> worker.routed().tick(settings.clock().nanoTime()));
            }
        }
    }

    private void announceLost(Port port) {
        if (port.markLost()) {
            down.remove(port);
            lostListeners.forEach(listener -> listener.accept(port));
        }
    }

    Worker worker() {
        return workers[0];
    }

    Routing routing() {
        return routing;
    }

    /** Takes what workers find out to the housekeeping thread. */
    private final class Lost implements Worker.Listener {
        @Override
        public void gone(Port port) {
            housekeeping.execute(() -> announceLost(port));
        }

        @Override
        public void down(Port port) {
            down.add(port);
        }
    }
}
