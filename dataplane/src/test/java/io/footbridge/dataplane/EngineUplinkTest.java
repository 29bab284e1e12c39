package io.footbridge.dataplane;

import static io.footbridge.tap.TestNamespaces.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.footbridge.tap.TapEndpoint;
import io.footbridge.wire.Arp;
import io.footbridge.wire.Ethernet;
import io.footbridge.wire.Icmp;
import io.footbridge.wire.Icmpv6;
import io.footbridge.wire.Ipv4;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv4Prefix;
import io.footbridge.wire.Ipv6;
import io.footbridge.wire.Ipv6Address;
import io.footbridge.wire.Ipv6Prefix;
import io.footbridge.wire.NeighbourDiscovery;
import io.footbridge.wire.Protocol;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;
import org.agrona.concurrent.SystemNanoClock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Uplinks of an engine with its own threads, over socket pairs: how they come, what they do meanwhile, how they go. */
@Timeout(60)
class EngineUplinkTest {
    private static final int P = TestFrames.PACKET;
    private static final UplinkSettings IPV4_ONLY = new UplinkSettings(TestUplink.UPLINK_MAC,
            TestUplink.SETTINGS.ipv4(), Optional.empty(), TestUplink.SETTINGS.gateway4(), Optional.empty(), 1500);
    private static final long ROUTER_MAC = 0x0242_c633_6401L;
    private static final int ROUTER = Ipv4Address.parse("198.51.100.1").address();
    private static final int ADDRESS = TestUplink.ADDRESS.address();
    private static final long CONTAINER_MAC = 0x0242_0a01_0002L;
    private static final Ipv4Address CONTAINER = Ipv4Address.parse("10.1.0.2");
    private static final int FAR = TestUplink.FAR.address();

    private final List<FarEnd> farEnds = new ArrayList<>();
    private final FarEnd link = farEnd();
    private final FarEnd container = farEnd();
    private final SampleFrames router = new SampleFrames(Arena.ofAuto(), ROUTER_MAC, TestUplink.UPLINK_MAC);
    private Engine engine;
    private Bridge web;
    private Port port;

    @AfterEach
    void close() {
        engine.close();
        farEnds.forEach(FarEnd::close);
    }

    private FarEnd farEnd() {
        FarEnd far = FarEnd.ofPackets();
        farEnds.add(far);
        return far;
    }

    private void start(int workers) throws IOException {
        engine = Engine.start(new EngineSettings(workers, false, SystemNanoClock.INSTANCE, 42));
        web = engine.addBridge("web", BridgeSettings.DEFAULT, Optional.of(new GatewaySettings(TestUplink.WEB_MAC,
                Optional.of(Ipv4Prefix.parse("10.1.0.1/24")), Optional.of(Ipv6Prefix.parse("fd01::1/64")), 1500, true)));
        port = engine.addPort(web, "c", TapEndpoint.overDatagrams(container.near()),
                PortSettings.of(PortRole.CONTAINER, 1500));
        web.addNeighbour(CONTAINER, CONTAINER_MAC);
        web.addFdb(CONTAINER_MAC, 0, port, FdbEntry.Kind.STATIC, false);
    }

    private CompletableFuture<Uplink> add(UplinkSettings settings) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return engine.addUplink("up", settings, TapEndpoint.overDatagrams(link.near()));
            } catch (IOException failed) {
                throw new CompletionException(failed);
            }
        });
    }

    private static MemorySegment await1(FarEnd far, String what, Predicate<MemorySegment> which) {
        List<MemorySegment> found = new ArrayList<>();
        await(what, () -> {
            Optional<MemorySegment> next = far.receive();
            next.filter(which).map(TestFrames::copy).ifPresent(found::add);
            return !found.isEmpty();
        });
        return found.getFirst();
    }

    private static boolean isArp(MemorySegment frame) {
        return Ethernet.etherType(frame, TestFrames.HEADER) == Ethernet.ARP;
    }

    private static boolean isAnnouncement(MemorySegment frame) {
        return isArp(frame) && Arp.senderAddress(frame, P) == ADDRESS && Arp.targetAddress(frame, P) == ADDRESS;
    }

    private static boolean isProbe(MemorySegment frame) {
        return isArp(frame) && Arp.senderAddress(frame, P) == 0 && Arp.targetAddress(frame, P) == ADDRESS;
    }

    private static boolean isIcmpv6(MemorySegment frame, int type) {
        return Ethernet.etherType(frame, TestFrames.HEADER) == Ethernet.IPV6
                && Icmpv6.type(frame, TestFrames.TRANSPORT6) == type;
    }

    private static boolean isEcho(MemorySegment frame) {
        return Ethernet.etherType(frame, TestFrames.HEADER) == Ethernet.IPV4;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void anUplinkProbesThenAnnouncesThenServes(int workers) throws Exception {
        start(workers);
        CompletableFuture<Uplink> added = add(IPV4_ONLY);
        for (int i = 0; i < 3; i++) {
            await1(link, "a probe", EngineUplinkTest::isProbe);
        }
        await1(link, "an announcement", EngineUplinkTest::isAnnouncement);
        Uplink uplink = added.get();
        engine.route(web, Optional.of(RouteSettings.by(uplink)));
        SampleFrames frames = new SampleFrames(Arena.ofAuto(), CONTAINER_MAC, TestUplink.WEB_MAC);
        container.send(frames.echo4(CONTAINER.address(), FAR, 56));
        MemorySegment question = await1(link, "a question for the next hop",
                frame -> isArp(frame) && Arp.targetAddress(frame, P) == ROUTER);
        assertThat(Arp.senderAddress(question, P)).isEqualTo(ADDRESS);
        MemorySegment reply = router.empty(Ethernet.HEADER_LENGTH + Arp.LENGTH, Ethernet.ARP);
        Arp.writeReply(reply, P, ROUTER_MAC, ROUTER, TestUplink.UPLINK_MAC, ADDRESS);
        link.send(reply);
        MemorySegment request = await1(link, "the ping that waited", EngineUplinkTest::isEcho);
        assertThat(Ipv4.source(request, P)).isEqualTo(ADDRESS);
        MemorySegment answer = router.echo4(FAR, ADDRESS, 56);
        Icmp.toEchoReply(answer, TestFrames.TRANSPORT4);
        Icmp.identifier(answer, TestFrames.TRANSPORT4, Icmp.identifier(request, TestFrames.TRANSPORT4));
        Icmp.writeChecksum(answer, TestFrames.TRANSPORT4, 64);
        link.send(answer);
        MemorySegment back = await1(container, "the answer", EngineUplinkTest::isEcho);
        assertThat(Ipv4.destination(back, P)).isEqualTo(CONTAINER.address());
        assertThat(engine.flows(Optional.of(web))).singleElement().matches(flow -> flow.replied());
        assertThat(engine.flowStatistics().sessions()).isOne();
        assertThatThrownBy(() -> engine.removeUplink(uplink)).hasMessageContaining("used by network web");
        engine.removePort(port);
        assertThat(engine.flows(Optional.empty())).isEmpty();
        engine.route(web, Optional.empty());
        engine.removeUplink(uplink);
        assertThat(link.isNearClosed()).isTrue();
    }

    @Test
    void anAddressThatSomebodyAnswersForIsRefusedWithHisMac() throws Exception {
        start(1);
        CompletableFuture<Uplink> added = add(IPV4_ONLY);
        MemorySegment probe = await1(link, "a probe", EngineUplinkTest::isProbe);
        MemorySegment reply = router.empty(Ethernet.HEADER_LENGTH + Arp.LENGTH, Ethernet.ARP);
        Arp.writeReply(reply, P, ROUTER_MAC, ADDRESS, Arp.senderMac(probe, P), 0);
        link.send(reply);
        assertThatThrownBy(added::get).isInstanceOf(ExecutionException.class).cause()
                .isInstanceOf(AddressInUseException.class)
                .hasMessage("address 198.51.100.10 is in use by 02:42:c6:33:64:01");
        assertThat(link.isNearClosed()).as("the endpoint is closed").isTrue();
        assertThat(engine.flows(Optional.empty())).isEmpty();
    }

    @Test
    void anAddressThatSomebodyElseProbesForIsRefused() throws Exception {
        start(1);
        CompletableFuture<Uplink> added = add(IPV4_ONLY);
        await1(link, "a probe", EngineUplinkTest::isProbe);
        SampleFrames toAll = new SampleFrames(Arena.ofAuto(), ROUTER_MAC, -1L >>> 16);
        link.send(toAll.arpRequest(0, ADDRESS));
        assertThatThrownBy(added::get).cause().isInstanceOf(AddressInUseException.class);
    }

    @Test
    void anIpv6AddressThatIsAnsweredForIsRefused() throws Exception {
        start(1);
        CompletableFuture<Uplink> added = add(TestUplink.SETTINGS);
        MemorySegment probe = await1(link, "a solicitation",
                frame -> isIcmpv6(frame, NeighbourDiscovery.NEIGHBOUR_SOLICITATION));
        assertThat(Ipv6.sourceHigh(probe, P) | Ipv6.sourceLow(probe, P)).isZero();
        Ipv6Address address = TestUplink.ADDRESS6;
        link.send(TestFrames.advertisement(new SampleFrames(Arena.ofAuto(), ROUTER_MAC, 0x3333_0000_0001L),
                address.high(), address.low(), Ipv6.LINK_MULTICAST_HIGH, Ipv6.ALL_NODES_LOW,
                NeighbourDiscovery.OVERRIDE_FLAG, address.high(), address.low(), ROUTER_MAC));
        assertThatThrownBy(added::get).cause().isInstanceOf(AddressInUseException.class)
                .hasMessageStartingWith("address 2001:db8::10 is in use by");
    }

    @Test
    void twoUplinksShareNeitherNameNorAddress() throws Exception {
        start(1);
        add(IPV4_ONLY).get();
        FarEnd other = farEnd();
        assertThatThrownBy(() -> engine.addUplink("up", IPV4_ONLY, TapEndpoint.overDatagrams(other.near())))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("already");
        assertThat(other.isNearClosed()).isTrue();
        FarEnd third = farEnd();
        assertThatThrownBy(() -> engine.addUplink("up2", IPV4_ONLY, TapEndpoint.overDatagrams(third.near())))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("198.51.100.10");
    }

    @Test
    void aFollowedAddressIsAnnouncedAndTheOldOneForgotten() throws Exception {
        start(1);
        Uplink uplink = add(IPV4_ONLY).get();
        engine.route(web, Optional.of(RouteSettings.by(uplink)));
        uplink.publish(new PortForward(Protocol.TCP, Optional.empty(), 80, 1, port, Optional.of(CONTAINER),
                Optional.empty(), 80));
        uplink.settings(new UplinkSettings(TestUplink.UPLINK_MAC, Optional.of(Ipv4Prefix.parse("198.51.100.11/24")),
                Optional.empty(), IPV4_ONLY.gateway4(), Optional.empty(), 1400));
        await1(link, "the announcement of the new address",
                frame -> isArp(frame) && Arp.senderAddress(frame, P) == ADDRESS + 1 && Arp.targetAddress(frame, P) == ADDRESS + 1);
        SampleFrames toAll = new SampleFrames(Arena.ofAuto(), ROUTER_MAC, -1L >>> 16);
        link.send(toAll.arpRequest(ROUTER, ADDRESS));
        link.send(toAll.arpRequest(ROUTER, ADDRESS + 1));
        MemorySegment answer = await1(link, "an answer",
                frame -> isArp(frame) && Arp.operation(frame, P) == Arp.REPLY);
        assertThat(Arp.senderAddress(answer, P)).isEqualTo(ADDRESS + 1);
        assertThat(uplink.port().settings().mtu()).isEqualTo(1400);
    }
}
