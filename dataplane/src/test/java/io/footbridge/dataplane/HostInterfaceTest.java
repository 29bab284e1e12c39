package io.footbridge.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.wire.DropReason;
import io.footbridge.wire.Icmpv6;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv6;
import io.footbridge.wire.MacAddress;
import io.footbridge.wire.NeighbourDiscovery;
import io.footbridge.wire.Protocol;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Where the host has an interface on the network it holds the gateway's address, and the engine is the next hop. */
class HostInterfaceTest {
    private static final int GATEWAY = TestBridge.GATEWAY_IPV4.address();
    private static final long GATEWAY6 = TestBridge.GATEWAY_IPV6.low();
    private static final long HIGH = TestBridge.HIGH;

    private final TestBridge net = new TestBridge().withGateway();
    private Station a;
    private Station b;
    private Station host;

    @BeforeEach
    void ports() {
        a = net.add(TestBridge.container());
        b = net.add(TestBridge.container());
        host = net.add(PortSettings.of(PortRole.HOST, TestBridge.MTU));
        net.acquaint();
    }

    @AfterEach
    void close() {
        net.close();
    }

    private void reachesHostAlone(MemorySegment frame) {
        byte[] bytes = TestFrames.bytes(frame);
        net.forward(a, frame);
        assertThat(host.taken()).singleElement().extracting(TestFrames::bytes).isEqualTo(bytes);
        assertThat(a.taken()).isEmpty();
        assertThat(b.taken()).isEmpty();
        assertThat(net.drops()).isEmpty();
    }

    @Test
    void packetsForTheGatewaysAddressGoToIt() {
        reachesHostAlone(a.toGateway().echo4(a.ipv4, GATEWAY, 56));
        reachesHostAlone(a.toGateway().tcp4(a.ipv4, GATEWAY, 60_000, 1448));
        reachesHostAlone(a.toGateway().tcp6(a.ipv6Low, GATEWAY6, HIGH, 100, 0));
        reachesHostAlone(a.toGateway().echo6(HIGH, a.ipv6Low, HIGH, GATEWAY6, 56));
        reachesHostAlone(TestFrames.fragment(a.toGateway().udp4(a.ipv4, GATEWAY, 9, 80, 0), 64, false));
    }

    @Test
    void arpToTheGatewaysMacGoesToIt() {
        reachesHostAlone(a.toGateway().arpReply(a.ipv4, GATEWAY));
        reachesHostAlone(a.toGateway().arpRequest(a.ipv4, GATEWAY));
    }

    @Test
    void packetsForElsewhereStayWithTheEngine() {
        net.forward(a, a.toGateway().udp4(a.ipv4, 0x0808_0808, 53, 20, 0));
        assertThat(host.taken()).isEmpty();
        assertThat(a.taken()).as("network unreachable").hasSize(1);
        assertThat(a.drops(DropReason.NO_UPLINK)).isOne();
    }

    @Test
    void arpForTheGatewayIsLeftToItAndTeaches() {
        net.forward(a, a.toAll().arpRequest(a.ipv4, GATEWAY));
        assertThat(a.taken()).isEmpty();
        assertThat(host.taken()).hasSize(1);
        assertThat(b.taken()).hasSize(1);
        assertThat(net.bridge.neighbours()).extracting(Neighbour::address).containsExactly(new Ipv4Address(a.ipv4));
    }

    @Test
    void solicitationsForTheGatewayAreLeftToIt() {
        long group = MacAddress.ofIpv6Multicast(Ipv6.solicitedNodeLow(GATEWAY6));
        net.forward(a, a.to(group).solicitation(HIGH, a.ipv6Low, HIGH, GATEWAY6),
                TestFrames.dadProbe(a.to(group), HIGH, GATEWAY6));
        assertThat(a.taken()).isEmpty();
        assertThat(host.taken()).hasSize(2);
    }

    @Test
    void advertisementsToTheGatewayReachItUnderAnyMac() {
        net.forward(a, TestFrames.advertisement(a.to(0x3333_0000_0001L), HIGH, a.ipv6Low, HIGH, GATEWAY6,
                NeighbourDiscovery.SOLICITED_FLAG, HIGH, a.ipv6Low, a.mac));
        assertThat(host.taken()).hasSize(1);
        assertThat(b.taken()).hasSize(1);
        reachesHostAlone(TestFrames.advertisement(a.toGateway(), HIGH, a.ipv6Low, HIGH, GATEWAY6,
                NeighbourDiscovery.SOLICITED_FLAG, HIGH, a.ipv6Low, a.mac));
    }

    @Test
    void theRoutersLinkLocalAddressStaysTheEngines() {
        long linkLocal = MacAddress.eui64(TestBridge.GATEWAY_MAC);
        long group = MacAddress.ofIpv6Multicast(Ipv6.solicitedNodeLow(linkLocal));
        net.forward(a, a.to(group).solicitation(HIGH, a.ipv6Low, Ipv6.LINK_LOCAL_HIGH, linkLocal));
        assertThat(a.taken()).hasSize(1);
        net.forward(a, a.toGateway().echo6(HIGH, a.ipv6Low, Ipv6.LINK_LOCAL_HIGH, linkLocal, 56));
        assertThat(a.taken()).singleElement()
                .matches(answer -> Icmpv6.type(answer, TestFrames.TRANSPORT6) == Icmpv6.ECHO_REPLY);
        assertThat(host.taken()).isEmpty();
    }

    @Test
    void itsOwnBroadcastsAndPacketsReachTheContainers() {
        SampleFrames fromHost = host.as(TestBridge.GATEWAY_MAC, a.mac);
        net.forward(host, fromHost.echo4(GATEWAY, a.ipv4, 56));
        assertThat(a.taken()).hasSize(1);
        net.forward(host, host.as(TestBridge.GATEWAY_MAC, MacAddress.BROADCAST).arpRequest(GATEWAY, a.ipv4));
        assertThat(a.taken()).hasSize(1);
        assertThat(b.taken()).hasSize(1);
        assertThat(host.taken()).isEmpty();
        assertThat(net.drops()).isEmpty();
    }

    @Test
    void whatItSendsToTheGatewaysMacIsItsOwnAndDropped() {
        net.forward(host, host.toGateway().echo4(host.ipv4, GATEWAY, 56));
        assertThat(host.taken()).isEmpty();
        assertThat(host.drops(DropReason.NOT_SERVED)).isOne();
    }

    @Test
    void itsRouterSolicitationIsNotAnswered() {
        net.forward(host, TestFrames.routerSolicitation(host.to(0x3333_0000_0002L), 0, 0));
        assertThat(host.taken()).isEmpty();
        assertThat(a.taken()).hasSize(1);
    }

    @Test
    void itsMtuHolds() {
        net.forward(a, a.toGateway().ipv4(a.ipv4, GATEWAY, Protocol.UDP, 1490));
        assertThat(host.taken()).isEmpty();
        MemorySegment big = a.toGateway().udp4(a.ipv4, GATEWAY, 9, 1490, 0);
        net.forward(a, big);
        assertThat(host.drops(DropReason.MTU)).isOne();
    }

    @Test
    void isolationHoldsTowardsItToo() {
        host.settings(new PortSettings(PortRole.HOST, TestBridge.MTU, false, true, 0, 0, 0, 0, Optional.empty()));
        net.forward(a, a.toGateway().echo4(a.ipv4, GATEWAY, 56));
        assertThat(host.taken()).hasSize(1);
        a.settings(new PortSettings(PortRole.CONTAINER, TestBridge.MTU, false, true, 0, 0, 0, 0, Optional.empty()));
        net.forward(a, a.toGateway().echo4(a.ipv4, GATEWAY, 56));
        assertThat(host.taken()).isEmpty();
        assertThat(a.drops(DropReason.ISOLATED)).isOne();
    }
}
