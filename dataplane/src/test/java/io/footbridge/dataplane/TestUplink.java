package io.footbridge.dataplane;

import io.footbridge.memory.Epochs;
import io.footbridge.memory.Region;
import io.footbridge.nat.ConnectionTable;
import io.footbridge.nat.NatSettings;
import io.footbridge.tap.Epoll;
import io.footbridge.tap.FrameBatch;
import io.footbridge.tap.FrameBuffers;
import io.footbridge.wire.DropReason;
import io.footbridge.wire.IpAddress;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv4Prefix;
import io.footbridge.wire.Ipv6Address;
import io.footbridge.wire.Ipv6Prefix;
import io.footbridge.wire.MacAddress;
import io.footbridge.wire.Tcp;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Networks behind an uplink, routed on the test's own thread, over endpoints in memory, under a clock that the test moves.
 *
 * <pre>
 *  web  10.1.0.1/24  fd01::1/64    a 10.1.0.2 fd01::2   b 10.1.0.3 fd01::3
 *  db   10.2.0.1/24  fd02::1/64    c 10.2.0.2 fd02::2
 *  uplink 198.51.100.10/24 2001:db8::10/64, its gateway .1 and ::1 (router), and server .20 and ::20 on its link
 * </pre>
 *
 * <p>Networks are routed by {@link #masquerade}. Hosts outside the uplink's subnet are the router's to speak for.
 */
final class TestUplink implements AutoCloseable {
    static final long UPLINK_MAC = 0x0242_c633_640aL;
    static final Ipv4Address ADDRESS = Ipv4Address.parse("198.51.100.10");
    static final Ipv6Address ADDRESS6 = Ipv6Address.parse("2001:db8::10");
    /** A host somewhere in the world, beyond the router. */
    static final Ipv4Address FAR = Ipv4Address.parse("203.0.113.5");
    static final Ipv6Address FAR6 = Ipv6Address.parse("2001:db8:f00::5");
    static final UplinkSettings SETTINGS = new UplinkSettings(UPLINK_MAC, Optional.of(Ipv4Prefix.parse("198.51.100.10/24")),
            Optional.of(Ipv6Prefix.parse("2001:db8::10/64")), Optional.of(Ipv4Address.parse("198.51.100.1")),
            Optional.of(Ipv6Address.parse("2001:db8::1")), 1500);
    static final long WEB_MAC = 0x0242_0a01_0001L;
    static final long DB_MAC = 0x0242_0a02_0001L;

    private static final int TAIL = FrameBuffers.VIRTIO_HEADER_LENGTH + FrameBuffers.MAX_FRAME_LENGTH + 64;
    private static final long MEMORY = RouteBatch.MEMORY + WorkerSockets.MEMORY + TAIL;
    private static final int SLOTS = 1 << 20;

    final Arena arena = Arena.ofShared();
    final FrameBuffers buffers;
    final Egress egress;
    final RouteBatch routed;
    final Routes routes = new Routes();
    final WorkerSockets sockets;
    final Routing routing;
    final Uplink uplink;
    final Bridge web;
    final Bridge db;
    final TestHost a;
    final TestHost b;
    final TestHost c;
    /** The next hop to the world, and the world's addresses. */
    final TestHost router;
    /** On the uplink's own link. */
    final TestHost server;
    /** Addresses that were announced. */
    final List<IpAddress> announced = new ArrayList<>();

    private final Region region;
    private final Epoll epoll;
    private final Forwarder forwarder;
    private final FrameBatch batch = new FrameBatch();
    private final Epochs epochs = new Epochs(1);
    private final int worker = epochs.register();
    private final Map<Port, MemoryEndpoint> endpoints = new LinkedHashMap<>();
    private final List<Bridge> bridges = new ArrayList<>();
    private final List<TestHost> outside = new ArrayList<>();
    private long serials;
    private long now = 1_000_000_000L;

    TestUplink() {
        this(new NatSettings(4096, NatSettings.DEFAULT.timeouts()), SETTINGS);
    }

    TestUplink(NatSettings nat, UplinkSettings settings) {
        try {
            region = Region.map("a test's frame buffers", MEMORY);
            buffers = new FrameBuffers(region.segment().asSlice(0, MEMORY));
            egress = new Egress(0, buffers);
            Gateway gateway = new Gateway(0, buffers, egress);
            epoll = new Epoll();
            sockets = new WorkerSockets(0, epoll, buffers, gateway, egress, routes);
            routed = new RouteBatch(0, buffers, egress, gateway, routes, sockets);
            forwarder = new Forwarder(0, buffers, egress, gateway, routed);
            epochs.enter(worker);
            routing = new Routing(routes, nat, epochs, 1, 42, () -> now, new Hooks());
            web = network("web", WEB_MAC, "10.1.0.1/24", "fd01::1/64");
            db = network("db", DB_MAC, "10.2.0.1/24", "fd02::1/64");
            routing.enable(true);
            uplink = uplink("up", settings);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        a = container(web, "a", "10.1.0.2", "fd01::2");
        b = container(web, "b", "10.1.0.3", "fd01::3");
        c = container(db, "c", "10.2.0.2", "fd02::2");
        router = outside("198.51.100.1", "2001:db8::1");
        server = outside("198.51.100.20", "2001:db8::20");
        acquaint();
    }

    /** Both networks masquerade behind the uplink. */
    static TestUplink masquerading() {
        TestUplink world = new TestUplink();
        world.masquerade(world.web);
        world.masquerade(world.db);
        return world;
    }

    Bridge network(String name, long mac, String ipv4, String ipv6) throws IOException {
        Bridge bridge = bridge(name);
        bridge.gateway(Optional.of(new GatewaySettings(mac, Optional.of(Ipv4Prefix.parse(ipv4)),
                Optional.of(Ipv6Prefix.parse(ipv6)), 1500, true)));
        routing.add(bridge);
        return bridge;
    }

    private Bridge bridge(String name) throws IOException {
        Bridge bridge = new Bridge(name, routing.newRealm(), BridgeSettings.DEFAULT, () -> now, 42, this::answered);
        bridges.add(bridge);
        return bridge;
    }

    private void answered() {
        if (routed.isWaiting()) {
            routed.answered();
        }
    }

    /** Another uplink, whose link has nobody on it yet. */
    Uplink uplink(String name, UplinkSettings settings) throws IOException {
        Uplink made = new Uplink(bridge(name), routing, settings);
        made.bridge().uplink(made);
        routing.reserve(made);
        made.port(port(made.bridge(), name, PortSettings.of(PortRole.LINK, settings.mtu())));
        routing.activate(made);
        return made;
    }

    /** A port over an endpoint in memory. */
    Port port(Bridge bridge, String name, PortSettings settings) {
        MemoryEndpoint endpoint = new MemoryEndpoint(arena);
        Port port = new Port(bridge, name, bridge.portTable().freeIndex(), ++serials, endpoint,
                new PortPolicy(settings, now), 1, null);
        bridge.limitFdb(port);
        routing.giveOwner(port);
        bridge.portTable(bridge.portTable().with(port));
        endpoints.put(port, endpoint);
        return port;
    }

    /** A container, known as those are that the control plane made. */
    TestHost container(Bridge bridge, String name, String ipv4, String ipv6) {
        return container(bridge, name, PortSettings.of(PortRole.CONTAINER, 1500), ipv4, ipv6);
    }

    TestHost container(Bridge bridge, String name, PortSettings settings, String ipv4, String ipv6) {
        Port port = port(bridge, name, settings);
        long mac = MacAddress.ofIpv4(Ipv4Address.parse(ipv4).address());
        TestHost host = new TestHost(this, port, endpoints.get(port), mac, ipv4, ipv6, bridge.gatewayAddresses().mac);
        bridge.addNeighbour(host.ipv4, mac);
        bridge.addNeighbour(host.ipv6, mac);
        bridge.addFdb(mac, 0, port, FdbEntry.Kind.STATIC, false);
        return host;
    }

    /** The host's own interface on a network: it has the gateway's addresses and MAC, and knows the uplink's MAC. */
    TestHost hostInterface(Bridge bridge) {
        Port port = port(bridge, "host", PortSettings.of(PortRole.HOST, 1500));
        GatewaySettings gateway = bridge.gateway().orElseThrow();
        return new TestHost(this, port, endpoints.get(port), gateway.mac(),
                gateway.ipv4().orElseThrow().asAddress().toString(), gateway.ipv6().orElseThrow().asAddress().toString(),
                UPLINK_MAC);
    }

    /** A host on the uplink's link; nothing is known of it. */
    TestHost outside(String ipv4, String ipv6) {
        Port port = uplink.port();
        TestHost host = new TestHost(this, port, endpoints.get(port),
                MacAddress.ofIpv4(Ipv4Address.parse(ipv4).address()), ipv4, ipv6, UPLINK_MAC);
        outside.add(host);
        return host;
    }

    void masquerade(Bridge network) {
        route(network, RouteSettings.by(uplink));
    }

    void route(Bridge network, RouteSettings route) {
        routing.route(network, Optional.of(route));
    }

    PublishedPort publish(int protocol, int port, TestHost container, int containerPort) {
        return publish(protocol, Optional.empty(), port, 1, container, containerPort);
    }

    PublishedPort publish(int protocol, Optional<IpAddress> address, int port, int count, TestHost container,
            int containerPort) {
        return uplink.publish(new PortForward(protocol, address, port, count, container.port,
                Optional.of(container.ipv4), Optional.of(container.ipv6), containerPort));
    }

    /** Lets router and server be heard by the uplink, and forgets what they were sent for it. */
    void acquaint() {
        for (TestHost host : outside) {
            forward(host, host.to(MacAddress.BROADCAST).arpRequest(host.ipv4.address(), ADDRESS.address()));
            forward(host, new SampleFrames(arena, host.mac, UPLINK_MAC).solicitation(host.ipv6.high(), host.ipv6.low(),
                    ADDRESS6.high(), ADDRESS6.low()));
        }
        endpoints.get(uplink.port()).taken();
    }

    /** The three packets that open a connection from inside to a host of the world; forgets what was sent for it. */
    void connect(TestHost from, IpAddress to, int sourcePort, int destinationPort) {
        from.send(from.tcp(to, sourcePort, destinationPort, Tcp.SYN, 0));
        MemorySegment syn = router.taken1();
        router.send(router.tcp(to, TestHost.source(syn), destinationPort, TestHost.sourcePort(syn), Tcp.SYN | Tcp.ACK, 0));
        from.taken1();
        from.send(from.tcp(to, sourcePort, destinationPort, Tcp.ACK, 0));
        router.taken1();
    }

    /** Lets a network reach the world by the host's sockets, or no longer. */
    void bySockets(Bridge network, Optional<SocketsSettings> settings) {
        try {
            routing.sockets().route(network, settings);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Serves the sockets that are ready within some time, once; how many were. */
    int serveSockets(int millis) {
        int ready = epoll.await(millis);
        for (int i = 0; i < ready; i++) {
            if (WorkerSockets.isOurs(epoll.token(i))) {
                sockets.ready(epoll.token(i), epoll.events(i), now);
            }
        }
        sockets.tick(now);
        epochs.pass(worker);
        return ready;
    }

    /** Receives frames from a host and forwards them, in batches of at most 32. */
    void forward(TestHost from, MemorySegment... frames) {
        for (MemorySegment frame : frames) {
            from.endpoint.offer(frame);
        }
        while (forwardBatch(from.port) > 0) {
            epochs.pass(worker);
        }
    }

    /** Receives one batch from a port and forwards it; allocates nothing. */
    int forwardBatch(Port from) {
        int count = from.endpoint().receive(buffers, batch);
        if (count > 0) {
            forwarder.forward(from, batch, now);
        }
        return count;
    }

    /** Takes a host's port away, as the engine does. */
    void remove(TestHost host) {
        Bridge bridge = host.port.bridge();
        bridge.portTable(bridge.portTable().without(host.port));
        epochs.pass(worker);
        routing.removeOwner(host.port);
        bridge.fdbTable().removePort(host.port.index());
    }

    /** Lets the clock go on without anything else happening. */
    void tick(long nanos) {
        now += nanos;
    }

    /** Lets time pass; hosts outside stay known, unless {@link #advanceSilently} is used. */
    void advance(Duration duration) {
        now += duration.toNanos();
        List<MemorySegment> before = endpoints.get(uplink.port()).taken();
        acquaint();
        endpoints.get(uplink.port()).putBack(before);
    }

    /** Lets time pass without anybody being heard. */
    void advanceSilently(Duration duration) {
        now += duration.toNanos();
        routed.tick(now);
    }

    /** Removes all that has expired. */
    void sweep() {
        routing.sweep(SLOTS);
        epochs.pass(worker);
        routing.sweep(SLOTS);
    }

    ConnectionTable table() {
        return routes.topology().table;
    }

    long now() {
        return now;
    }

    /** Drops of all ports by reason. */
    Map<DropReason, Long> drops() {
        Map<DropReason, Long> all = new EnumMap<>(DropReason.class);
        for (Port port : endpoints.keySet()) {
            port.statistics().drops().forEach((reason, count) -> all.merge(reason, count, Long::sum));
        }
        // What its hosts say to each other, and the announcements of the fixture, are nobody else's.
        all.remove(DropReason.NO_EGRESS);
        return all;
    }

    @Override
    public void close() {
        sockets.free();
        epoll.close();
        routed.free();
        routing.close();
        bridges.forEach(Bridge::free);
        region.close();
        arena.close();
    }

    private final class Hooks implements Routing.Hooks {
        @Override
        public void enable(ConnectionTable table) throws IOException {
            routed.enable(table, 42);
        }

        @Override
        public void awaitEpoch() {
            epochs.pass(worker);
        }

        @Override
        public void probe(Uplink of, List<IpAddress> addresses) {
            // Nobody is asked: that takes threads.
        }

        @Override
        public void announce(Uplink of, Collection<IpAddress> addresses) {
            announced.addAll(addresses);
        }
    }
}
