package io.footbridge.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.nat.Filtering;
import io.footbridge.nat.NatSettings;
import io.footbridge.wire.DropReason;
import io.footbridge.wire.IpAddress;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv4Prefix;
import io.footbridge.wire.Ipv6Address;
import io.footbridge.wire.Ipv6Prefix;
import io.footbridge.wire.MacAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;

/**
 * An engine with two networks behind one uplink, hosts inside and outside, scapy to make and judge what they say, and a
 * clock that the test moves. A test class keeps one and calls {@link #reset} before each test.
 *
 * <pre>
 *   client    10.0.2.10  fd00::a     \                                         server    203.0.113.5   2001:db8:5::5
 *   neighbour 10.0.2.11  fd00::b      } web  \                              /  stranger  203.0.113.6   2001:db8:5::6
 *                                             uplink 198.51.100.10  router {
 *   other     10.0.3.10  fd00:0:0:3::a  db   /       2001:db8:100::10       \  (all behind router, .1)
 * </pre>
 */
final class NatBed implements AutoCloseable {
    static final String UPLINK4 = "198.51.100.10";
    static final String UPLINK6 = "2001:db8:100::10";
    static final long UPLINK_MAC = 0x0242_c633_640aL;
    static final long ROUTER_MAC = 0x0200_0000_ff01L;
    static final int MTU = 1500;

    private static final long PATIENCE_NANOS = 10_000_000_000L;

    final ScapyFrames scapy = ScapyFrames.start();
    final Engine engine;
    final Uplink uplink;
    final Bridge web;
    final Bridge db;
    final NatHost client;
    final NatHost neighbour;
    final NatHost other;
    final NatHost router;
    final NatHost server;
    final NatHost stranger;

    private final AtomicLong clock = new AtomicLong(1_000_000_000_000L);
    private final List<NatLink> links = new ArrayList<>();
    private final NatLink outside = new NatLink();

    NatBed() {
        this(NatSettings.DEFAULT);
    }

    NatBed(NatSettings nat) {
        try {
            engine = start(nat);
            web = network("web", "10.0.2.1/24", "fd00::1/64");
            db = network("db", "10.0.3.1/24", "fd00:0:0:3::1/64");
            client = container(web, 10, "10.0.2.10", "fd00::a");
            neighbour = container(web, 11, "10.0.2.11", "fd00::b");
            other = container(db, 10, "10.0.3.10", "fd00:0:0:3::a");
            uplink = newUplink();
            outside.port(uplink.port());
            links.add(outside);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        router = new NatHost(this, outside, ROUTER_MAC, "198.51.100.1", "2001:db8:100::1", UPLINK_MAC);
        server = new NatHost(this, outside, ROUTER_MAC, "203.0.113.5", "2001:db8:5::5", UPLINK_MAC);
        stranger = new NatHost(this, outside, ROUTER_MAC, "203.0.113.6", "2001:db8:5::6", UPLINK_MAC);
        reset();
    }

    private Engine start(NatSettings nat) throws IOException {
        return Engine.start(new EngineSettings(1, false, clock::get, 42, nat));
    }

    private Bridge network(String name, String gateway4, String gateway6) throws IOException {
        return engine.addBridge(name, BridgeSettings.DEFAULT, Optional.of(new GatewaySettings(gatewayMac(gateway4),
                Optional.of(Ipv4Prefix.parse(gateway4)), Optional.of(Ipv6Prefix.parse(gateway6)), MTU, true)));
    }

    private static long gatewayMac(String gateway) {
        return MacAddress.ofIpv4(Ipv4Prefix.parse(gateway).address());
    }

    /** One more network behind the uplink, with one container. */
    NatHost addNetwork(String name, Ipv4Prefix gateway, String ipv4, String ipv6) throws IOException {
        Bridge bridge = network(name, gateway.toString(), ipv6.substring(0, ipv6.lastIndexOf(':')) + ":1/64");
        NatHost container = container(bridge, 10, ipv4, ipv6);
        engine.route(bridge, Optional.of(RouteSettings.by(uplink)));
        return container;
    }

    /** Takes a network away with its container. */
    void removeNetwork(NatHost container) {
        Bridge bridge = container.port().bridge();
        engine.route(bridge, Optional.empty());
        links.remove(container.link());
        engine.removePort(container.port());
        engine.removeBridge(bridge);
    }

    private NatHost container(Bridge bridge, int number, String ipv4, String ipv6) throws IOException {
        NatLink link = new NatLink();
        long mac = MacAddress.ofIpv4(Ipv4Address.parse(ipv4).address());
        String gateway = ipv4.substring(0, ipv4.lastIndexOf('.')) + ".1/24";
        NatHost host = new NatHost(this, link, mac, ipv4, ipv6, gatewayMac(gateway));
        link.port(engine.addPort(bridge, "c" + number, link.endpoint, containerSettings(host)));
        links.add(link);
        return host;
    }

    static PortSettings containerSettings(NatHost host) {
        return containerSettings(host, 0, 0);
    }

    static PortSettings containerSettings(NatHost host, int flowLimit, int portLimit) {
        return new PortSettings(PortRole.CONTAINER, MTU, false, false, 0, 0, flowLimit, portLimit,
                Optional.of(new SourceAddresses(host.mac(), List.of(Ipv4Address.parse(host.ipv4)),
                        List.of(Ipv6Address.parse(host.ipv6)))));
    }

    static UplinkSettings uplinkSettings(int mtu) {
        return new UplinkSettings(UPLINK_MAC, Optional.of(Ipv4Prefix.parse(UPLINK4 + "/24")),
                Optional.of(Ipv6Prefix.parse(UPLINK6 + "/64")), Optional.of(Ipv4Address.parse("198.51.100.1")),
                Optional.of(Ipv6Address.parse("2001:db8:100::1")), mtu);
    }

    /** The address is probed while time goes by. */
    private Uplink newUplink() throws IOException {
        return awaiting(() -> engine.addUplink("wan", uplinkSettings(MTU), outside.endpoint));
    }

    /** Does something that takes a while, and lets that while go by. */
    <T> T awaiting(Callable<T> slow) throws IOException {
        CompletableFuture<T> done = CompletableFuture.supplyAsync(() -> {
            try {
                return slow.call();
            } catch (Exception failed) {
                throw new CompletionException(failed);
            }
        });
        while (!done.isDone()) {
            clock.addAndGet(1_000_000);
            outside.drain();
            Thread.onSpinWait();
        }
        return done.join();
    }

    /** Forgets all flows and unread frames, and puts settings back. */
    void reset() {
        uplink.published().forEach(uplink::unpublish);
        outside.silent(false);
        route(settings -> settings);
        for (NatHost host : List.of(client, neighbour, other)) {
            host.port().settings(containerSettings(host));
        }
        if (uplink.settings().mtu() != MTU) {
            mtu(MTU);
        }
        engine.flushFlows(Optional.empty());
        advance(Duration.ofSeconds(10));
        links.forEach(link -> link.inbox().clear());
        assertThat(engine.flowStatistics().sessions()).as(() -> engine.flows(Optional.empty()).toString()).isZero();
    }

    /** Routes both networks by the uplink, in another way than usual. */
    void route(UnaryOperator<RouteSettings> changed) {
        for (Bridge bridge : List.of(web, db)) {
            engine.route(bridge, Optional.of(changed.apply(RouteSettings.by(uplink))));
        }
    }

    void filtering(Filtering filtering) {
        route(usual -> new RouteSettings(uplink, true, List.of(), filtering, usual.mss(), false));
    }

    void pool(String... addresses) {
        List<IpAddress> pool = new ArrayList<>();
        for (String address : addresses) {
            pool.add(Ipv4Address.parse(address));
        }
        route(usual -> new RouteSettings(uplink, true, pool, usual.filtering(), usual.mss(), false));
    }

    /** Sets the uplink's MTU. */
    void mtu(int mtu) {
        uplink.settings(uplinkSettings(mtu));
    }

    /** Publishes a port of a container at the uplink. */
    PublishedPort publish(int protocol, int port, NatHost container, int containerPort) {
        return uplink.publish(new PortForward(protocol, Optional.empty(), port, 1, container.port(),
                Optional.of(Ipv4Address.parse(container.ipv4)), Optional.of(Ipv6Address.parse(container.ipv6)), containerPort));
    }

    /** Lets time go by, and the engine notice: what its housekeeping does now and then is done at once. */
    void advance(Duration duration) {
        clock.addAndGet(duration.toNanos());
        Worker worker = client.port().owner();
        // What one round removes, the next finds passed by all workers, and frees.
        for (int round = 0; round < 3; round++) {
            worker.execute(() -> worker.routed().tick(clock.get())).join();
            engine.routing().sweep(Integer.MAX_VALUE);
            engine.awaitEpoch();
            settle();
        }
    }

    /** Waits until the engine has done with all that was sent, and with the answers to what it asked. */
    void settle() {
        boolean more;
        do {
            clock.addAndGet(1_000_000);
            links.forEach(this::awaitTaken);
            // A cycle for the frames, one more for what waited for a neighbour's answer, and its end.
            for (int cycle = 0; cycle < 3; cycle++) {
                client.port().owner().execute(() -> { }).join();
            }
            more = false;
            for (NatLink link : links) {
                more |= link.drain();
            }
        } while (more);
    }

    /** Time goes by meanwhile: a worker that lets bulk frames gather waits for it. */
    private void awaitTaken(NatLink link) {
        await("the engine takes what it is sent", () -> {
            clock.addAndGet(1_000);
            return link.isTaken();
        });
    }

    private static void await(String what, BooleanSupplier holds) {
        long start = System.nanoTime();
        while (!holds.getAsBoolean()) {
            assertThat(System.nanoTime() - start).as(what).isLessThan(PATIENCE_NANOS);
            Thread.onSpinWait();
        }
    }

    /** Whether several hosts share a link, so that its frames are told apart by IP address. */
    boolean isShared(NatLink link) {
        return link == outside;
    }

    /** What is plugged in, the uplink's link last. */
    List<NatLink> links() {
        return links;
    }

    /** Drops of all ports by reason. */
    Map<DropReason, Long> drops() {
        Map<DropReason, Long> all = new EnumMap<>(DropReason.class);
        links.forEach(link -> link.port().statistics().drops()
                .forEach((reason, count) -> all.merge(reason, count, Long::sum)));
        return all;
    }

    /** Asserts that what is done makes the engine drop as many frames, for this reason and no other. */
    void drops(int count, DropReason reason, Runnable done) {
        Map<DropReason, Long> before = drops();
        done.run();
        Map<DropReason, Long> after = drops();
        before.forEach((other, earlier) -> after.computeIfPresent(other, (_, now) -> now > earlier ? now - earlier : null));
        assertThat(after).isEqualTo(count == 0 ? Map.of() : Map.of(reason, (long) count));
    }

    /** Asserts that one frame is dropped, for this reason. */
    void drops(DropReason reason, Runnable done) {
        drops(1, reason, done);
    }

    /** Asserts that a frame passes, and gives it as it arrives; nobody drops any. */
    Dissection passes(NatHost from, String expression, NatHost to) {
        drops(0, DropReason.UNSOLICITED, () -> from.sends(expression));
        return to.receives();
    }

    /** Tracked flows now. */
    long flows() {
        return engine.flowStatistics().sessions();
    }

    @Override
    public void close() {
        engine.close();
        scapy.close();
    }
}
