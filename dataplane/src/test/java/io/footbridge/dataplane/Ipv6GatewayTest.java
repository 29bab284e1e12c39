package io.footbridge.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.wire.DropReason;
import io.footbridge.wire.Ethernet;
import io.footbridge.wire.Icmpv6;
import io.footbridge.wire.Ipv6;
import io.footbridge.wire.Ipv6Address;
import io.footbridge.wire.MacAddress;
import io.footbridge.wire.NeighbourDiscovery;
import io.footbridge.wire.Protocol;
import io.footbridge.wire.VirtioNetHeader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Neighbour discovery, router advertisements and echo at the gateway's IPv6 addresses. */
class Ipv6GatewayTest {
    private static final long HIGH = TestBridge.HIGH;
    private static final long GATEWAY = TestBridge.GATEWAY_IPV6.low();
    private static final long FE80 = Ipv6.LINK_LOCAL_HIGH;
    private static final long GATEWAY_LINK_LOCAL = MacAddress.eui64(TestBridge.GATEWAY_MAC);
    private static final long ALL_NODES = 0x3333_0000_0001L;
    private static final long ALL_ROUTERS = 0x3333_0000_0002L;
    private static final int P = TestFrames.PACKET;
    private static final int T = TestFrames.TRANSPORT6;

    private final TestBridge net = new TestBridge().withGateway();
    private Station a;
    private Station b;

    @BeforeEach
    void ports() {
        a = net.add(TestBridge.container());
        b = net.add(TestBridge.link());
        net.acquaint();
    }

    @AfterEach
    void close() {
        net.close();
    }

    private MemorySegment onlyAnswer() {
        assertThat(b.taken()).isEmpty();
        assertThat(net.drops()).isEmpty();
        List<MemorySegment> taken = a.taken();
        assertThat(taken).hasSize(1);
        return taken.getFirst();
    }

    private void dropped(DropReason reason, MemorySegment frame) {
        long before = a.drops(reason);
        long all = a.drops();
        net.forward(a, frame);
        assertThat(a.taken()).isEmpty();
        assertThat(b.taken()).isEmpty();
        assertThat(a.drops(reason)).as(() -> net.drops().toString()).isEqualTo(before + 1);
        assertThat(a.drops()).isEqualTo(all + 1);
    }

    private static void isAdvertisement(MemorySegment answer, long targetHigh, long targetLow, int flags) {
        assertThat(answer.byteSize()).isEqualTo(T + 32);
        assertThat(Ethernet.source(answer, TestFrames.HEADER)).isEqualTo(TestBridge.GATEWAY_MAC);
        assertThat(Ipv6.sourceHigh(answer, P)).isEqualTo(targetHigh);
        assertThat(Ipv6.sourceLow(answer, P)).isEqualTo(targetLow);
        assertThat(Icmpv6.type(answer, T)).isEqualTo(NeighbourDiscovery.NEIGHBOUR_ADVERTISEMENT);
        assertThat(NeighbourDiscovery.check(answer, P, T, 32)).isEqualTo(24);
        assertThat(Icmpv6.verify(answer, P, T, 32)).isTrue();
        assertThat(NeighbourDiscovery.targetHigh(answer, T)).isEqualTo(targetHigh);
        assertThat(NeighbourDiscovery.targetLow(answer, T)).isEqualTo(targetLow);
        assertThat(NeighbourDiscovery.flags(answer, T)).isEqualTo(flags);
        int option = NeighbourDiscovery.option(answer, T, 32, NeighbourDiscovery.TARGET_LINK_LAYER);
        assertThat(NeighbourDiscovery.linkLayerAddress(answer, T, option)).isEqualTo(TestBridge.GATEWAY_MAC);
    }

    private SampleFrames toGroupOf(long low) {
        return a.to(MacAddress.ofIpv6Multicast(Ipv6.solicitedNodeLow(low)));
    }

    @Test
    void aSolicitationForItIsAnsweredAndGoesNoFurther() {
        net.forward(a, toGroupOf(GATEWAY).solicitation(HIGH, a.ipv6Low, HIGH, GATEWAY));
        MemorySegment answer = onlyAnswer();
        isAdvertisement(answer, HIGH, GATEWAY, 0xe0);
        assertThat(Ethernet.destination(answer, TestFrames.HEADER)).isEqualTo(a.mac);
        assertThat(Ipv6.destinationLow(answer, P)).isEqualTo(a.ipv6Low);
        assertThat(net.bridge.neighbours()).containsExactly(new Neighbour(new Ipv6Address(HIGH, a.ipv6Low), a.mac,
                Neighbour.State.REACHABLE));
    }

    @Test
    void aSolicitationForItsLinkLocalAddressIsAnswered() {
        net.forward(a, toGroupOf(GATEWAY_LINK_LOCAL).solicitation(FE80, MacAddress.eui64(a.mac), FE80, GATEWAY_LINK_LOCAL));
        isAdvertisement(onlyAnswer(), FE80, GATEWAY_LINK_LOCAL, 0xe0);
    }

    @Test
    void aUnicastSolicitationIsAnswered() {
        MemorySegment frame = a.toGateway().ipv6(HIGH, a.ipv6Low, HIGH, GATEWAY, Protocol.ICMPV6, 255, 24);
        Icmpv6.type(frame, T, NeighbourDiscovery.NEIGHBOUR_SOLICITATION);
        NeighbourDiscovery.target(frame, T, HIGH, GATEWAY);
        net.forward(a, TestFrames.resummed(frame));
        isAdvertisement(onlyAnswer(), HIGH, GATEWAY, 0xe0);
    }

    @Test
    void aProbeForItIsAnsweredToAllNodes() {
        net.forward(a, TestFrames.dadProbe(toGroupOf(GATEWAY), HIGH, GATEWAY));
        MemorySegment answer = onlyAnswer();
        isAdvertisement(answer, HIGH, GATEWAY, 0xa0);
        assertThat(Ethernet.destination(answer, TestFrames.HEADER)).isEqualTo(ALL_NODES);
        assertThat(Ipv6.destinationHigh(answer, P)).isEqualTo(Ipv6.LINK_MULTICAST_HIGH);
        assertThat(Ipv6.destinationLow(answer, P)).isOne();
        assertThat(net.bridge.neighbours()).isEmpty();
    }

    @Test
    void aSolicitationForOthersIsFlooded() {
        net.forward(a, toGroupOf(b.ipv6Low).solicitation(HIGH, a.ipv6Low, HIGH, b.ipv6Low));
        assertThat(b.taken()).hasSize(1);
        assertThat(a.taken()).isEmpty();
    }

    @Test
    void aSolicitationThatIsNotOneIsNotAnswered() {
        MemorySegment fromAfar = toGroupOf(GATEWAY).solicitation(HIGH, a.ipv6Low, HIGH, GATEWAY);
        Ipv6.hopLimit(fromAfar, P, 254);
        MemorySegment wrongSum = TestFrames.copy(toGroupOf(GATEWAY).solicitation(HIGH, a.ipv6Low, HIGH, GATEWAY));
        Icmpv6.checksum(wrongSum, T, 1);
        MemorySegment tagged = TestFrames.tagged(toGroupOf(GATEWAY).solicitation(HIGH, a.ipv6Low, HIGH, GATEWAY), 5);
        net.forward(a, fromAfar, wrongSum, tagged);
        assertThat(a.taken()).isEmpty();
        assertThat(b.taken()).hasSize(3);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 0xffff_ffff_ffffL})
    void aMacThatNoStationCanHaveIsNoNeighbours(long mac) {
        MemorySegment frame = a.to(ALL_NODES).ipv6(HIGH, a.ipv6Low, HIGH, GATEWAY, Protocol.ICMPV6, 255, 32);
        NeighbourDiscovery.writeSolicitation(frame, P, HIGH, a.ipv6Low, HIGH, GATEWAY, mac);
        net.forward(a, frame);
        assertThat(net.bridge.neighbours()).isEmpty();
    }

    @Test
    void anAdvertisementToItTeachesAndIsTaken() {
        net.forward(a, TestFrames.advertisement(a.toGateway(), HIGH, a.ipv6Low, HIGH, GATEWAY,
                NeighbourDiscovery.SOLICITED_FLAG, HIGH, a.ipv6Low, a.mac));
        assertThat(a.taken()).isEmpty();
        assertThat(b.taken()).isEmpty();
        assertThat(net.drops()).isEmpty();
        assertThat(net.bridge.neighbours()).extracting(Neighbour::mac).containsExactly(a.mac);
    }

    @Test
    void anAdvertisementToItThatIsBrokenIsADrop() {
        MemorySegment frame = TestFrames.advertisement(a.toGateway(), HIGH, a.ipv6Low, HIGH, GATEWAY,
                NeighbourDiscovery.SOLICITED_FLAG, HIGH, a.ipv6Low, a.mac);
        Icmpv6.checksum(frame, T, 1);
        dropped(DropReason.NOT_SERVED, frame);
        assertThat(net.bridge.neighbours()).isEmpty();
    }

    @Test
    void aRouterSolicitationIsAnsweredAndPassedOn() {
        net.forward(a, TestFrames.routerSolicitation(a.to(ALL_ROUTERS), FE80, MacAddress.eui64(a.mac)));
        assertThat(b.taken()).as("there may be other routers").hasSize(1);
        List<MemorySegment> taken = a.taken();
        assertThat(taken).hasSize(1);
        isRouterAdvertisement(taken.getFirst(), 1800);
        assertThat(net.drops()).isEmpty();
    }

    @Test
    void anAnsweredRouterSolicitationThatNobodyElseHearsIsNoDrop() {
        net.remove(b);
        net.forward(a, TestFrames.routerSolicitation(a.to(ALL_ROUTERS), FE80, MacAddress.eui64(a.mac)));
        isRouterAdvertisement(onlyAnswer(), 1800);
    }

    @Test
    void aRouterSolicitationSentToItAloneIsAnsweredAndNoDrop() {
        net.forward(a, TestFrames.routerSolicitation(a.toGateway(), FE80, MacAddress.eui64(a.mac)));
        isRouterAdvertisement(onlyAnswer(), 1800);
        net.forward(a, TestFrames.icmpv6(a.toGateway(), FE80, MacAddress.eui64(a.mac), FE80, GATEWAY_LINK_LOCAL,
                (byte) 133, (byte) 0, (byte) 0, (byte) 0, (byte) 0, (byte) 0, (byte) 0, (byte) 0));
        isRouterAdvertisement(onlyAnswer(), 1800);
    }

    private static void isRouterAdvertisement(MemorySegment answer, int lifetime) {
        int length = Ipv6.payloadLength(answer, P);
        assertThat(Ethernet.destination(answer, TestFrames.HEADER)).isEqualTo(ALL_NODES);
        assertThat(Ethernet.source(answer, TestFrames.HEADER)).isEqualTo(TestBridge.GATEWAY_MAC);
        assertThat(Ipv6.sourceHigh(answer, P)).isEqualTo(FE80);
        assertThat(Ipv6.sourceLow(answer, P)).isEqualTo(GATEWAY_LINK_LOCAL);
        assertThat(NeighbourDiscovery.check(answer, P, T, length)).isPositive();
        assertThat(Icmpv6.verify(answer, P, T, length)).isTrue();
        assertThat(NeighbourDiscovery.routerLifetime(answer, T)).isEqualTo(lifetime);
        assertThat(NeighbourDiscovery.routerFlags(answer, T)).isZero();
        int prefix = NeighbourDiscovery.option(answer, T, length, NeighbourDiscovery.PREFIX);
        assertThat(NeighbourDiscovery.prefixFlags(answer, T, prefix)).as("on link, not autonomous").isEqualTo(0x80);
        assertThat(NeighbourDiscovery.prefixLength(answer, T, prefix)).isEqualTo(64);
        assertThat(NeighbourDiscovery.prefixHigh(answer, T, prefix)).isEqualTo(HIGH);
        assertThat(NeighbourDiscovery.prefixLow(answer, T, prefix)).isZero();
        int mtu = NeighbourDiscovery.option(answer, T, length, NeighbourDiscovery.MTU);
        assertThat(NeighbourDiscovery.mtu(answer, T, mtu)).isEqualTo(1500);
    }

    @Test
    void withoutAWayOutItIsNobodysDefaultRouter() {
        net.bridge.gateway(Optional.of(new GatewaySettings(TestBridge.GATEWAY_MAC, Optional.empty(),
                Optional.of(TestBridge.GATEWAY_IPV6), 1500, false)));
        net.forward(a, TestFrames.routerSolicitation(a.to(ALL_ROUTERS), 0, 0));
        isRouterAdvertisement(a.taken().getFirst(), 0);
    }

    @Test
    void aLinksRouterSolicitationIsNotAnswered() {
        net.forward(b, TestFrames.routerSolicitation(b.to(ALL_ROUTERS), FE80, MacAddress.eui64(b.mac)));
        assertThat(b.taken()).isEmpty();
        assertThat(a.taken()).hasSize(1);
    }

    @Test
    void advertisementsGoToContainersAlone() {
        Station host = net.add(PortSettings.of(PortRole.HOST, 1500));
        net.gateway.advertise(net.bridge);
        isRouterAdvertisement(onlyAnswer(), 1800);
        assertThat(host.taken()).isEmpty();
        net.bridge.gateway(Optional.empty());
        net.gateway.advertise(net.bridge);
        assertThat(a.taken()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 55, 1452})
    void anEchoRequestIsAnswered(int payload) {
        MemorySegment request = a.toGateway().echo6(HIGH, a.ipv6Low, HIGH, GATEWAY, payload);
        for (int i = 0; i < payload; i++) {
            request.set(ValueLayout.JAVA_BYTE, T + 8 + i, (byte) (i * 31));
        }
        Ipv6.hopLimit(request, P, 2);
        net.forward(a, TestFrames.resummed(request));
        isEchoReply(onlyAnswer(), request, HIGH, GATEWAY);
    }

    @Test
    void anEchoRequestToItsLinkLocalAddressIsAnsweredFromThere() {
        MemorySegment request = a.toGateway().echo6(FE80, MacAddress.eui64(a.mac), FE80, GATEWAY_LINK_LOCAL, 56);
        net.forward(a, request);
        isEchoReply(onlyAnswer(), request, FE80, GATEWAY_LINK_LOCAL);
    }

    private void isEchoReply(MemorySegment answer, MemorySegment request, long high, long low) {
        int length = Ipv6.payloadLength(request, P);
        assertThat(answer.byteSize()).isEqualTo(request.byteSize());
        assertThat(Ethernet.destination(answer, TestFrames.HEADER)).isEqualTo(a.mac);
        assertThat(Ipv6.sourceHigh(answer, P)).isEqualTo(high);
        assertThat(Ipv6.sourceLow(answer, P)).isEqualTo(low);
        assertThat(Ipv6.destinationHigh(answer, P)).isEqualTo(Ipv6.sourceHigh(request, P));
        assertThat(Ipv6.destinationLow(answer, P)).isEqualTo(Ipv6.sourceLow(request, P));
        assertThat(Ipv6.hopLimit(answer, P)).isEqualTo(64);
        assertThat(Icmpv6.type(answer, T)).isEqualTo(Icmpv6.ECHO_REPLY);
        assertThat(Icmpv6.verify(answer, P, T, length)).isTrue();
        assertThat(TestFrames.bytes(answer.asSlice(T + 4))).isEqualTo(TestFrames.bytes(request.asSlice(T + 4)));
    }

    @Test
    void fragmentsAreTurnedRoundOneByOneAndTogetherAreTheAnswer() {
        MemorySegment whole = a.toGateway().echo6(HIGH, a.ipv6Low, HIGH, GATEWAY, 2000);
        MemorySegment first = TestFrames.fragment6(piece(whole, 0, 1232), 0, true);
        MemorySegment second = TestFrames.fragment6(piece(whole, 1232, 776), 1232, false);
        net.forward(a, first, second);
        List<MemorySegment> answers = a.taken();
        assertThat(answers).hasSize(2);
        MemorySegment.copy(answers.get(0), T + 8, whole, T, 1232);
        MemorySegment.copy(answers.get(1), T + 8, whole, T + 1232, 776);
        Ipv6.source(whole, P, HIGH, GATEWAY);
        Ipv6.destination(whole, P, HIGH, a.ipv6Low);
        assertThat(Icmpv6.type(whole, T)).isEqualTo(Icmpv6.ECHO_REPLY);
        assertThat(Icmpv6.verify(whole, P, T, 2008)).isTrue();
    }

    private static MemorySegment piece(MemorySegment whole, int offset, int length) {
        MemorySegment piece = TestFrames.copy(whole.asSlice(0, T + (long) length));
        MemorySegment.copy(whole, T + offset, piece, T, length);
        Ipv6.payloadLength(piece, P, length);
        return piece;
    }

    @Test
    void badChecksumsAreDropped() {
        MemorySegment frame = a.toGateway().echo6(HIGH, a.ipv6Low, HIGH, GATEWAY, 56);
        Icmpv6.sequence(frame, T, 9);
        dropped(DropReason.BAD_CHECKSUM, frame);
        MemorySegment partial = a.toGateway().echo6(HIGH, a.ipv6Low, HIGH, GATEWAY, 56);
        Icmpv6.checksum(partial, T, 0);
        VirtioNetHeader.flags(partial, 0, VirtioNetHeader.NEEDS_CSUM);
        VirtioNetHeader.checksumStart(partial, 0, 54);
        VirtioNetHeader.checksumOffset(partial, 0, 2);
        dropped(DropReason.BAD_CHECKSUM, partial);
    }

    @Test
    void otherIcmpIsNotServed() {
        MemorySegment reply = a.toGateway().echo6(HIGH, a.ipv6Low, HIGH, GATEWAY, 56);
        Icmpv6.type(reply, T, Icmpv6.ECHO_REPLY);
        dropped(DropReason.NOT_SERVED, TestFrames.resummed(reply));
    }

    @Test
    void martiansAreDropped() {
        dropped(DropReason.MARTIAN, a.toGateway().echo6(0, 1, HIGH, GATEWAY, 56));
        dropped(DropReason.MARTIAN, a.toGateway().echo6(0, 0, HIGH, GATEWAY, 56));
        dropped(DropReason.MARTIAN, a.toGateway().echo6(0xff02L << 48, 1, HIGH, GATEWAY, 56));
        dropped(DropReason.MARTIAN, a.toGateway().echo6(HIGH, GATEWAY, HIGH, GATEWAY, 56));
        dropped(DropReason.MARTIAN, a.toGateway().echo6(FE80, GATEWAY_LINK_LOCAL, HIGH, GATEWAY, 56));
        dropped(DropReason.MARTIAN, a.toGateway().echo6(HIGH, a.ipv6Low, 0, 1, 56));
        dropped(DropReason.MARTIAN, a.toGateway().echo6(HIGH, a.ipv6Low, 0, 0xFFFF_7F00_0001L, 56));
        dropped(DropReason.MARTIAN, a.toGateway().echo6(HIGH, a.ipv6Low, 0, 0x7F00_0001L, 56));
    }

    @Test
    void groupsSentToItsMacAreNotServed() {
        dropped(DropReason.NOT_SERVED, a.toGateway().echo6(HIGH, a.ipv6Low, Ipv6.LINK_MULTICAST_HIGH, 1, 56));
    }

    @Test
    void withoutIpv6AddressNothingIsServed() {
        net.bridge.gateway(Optional.of(new GatewaySettings(TestBridge.GATEWAY_MAC,
                Optional.of(TestBridge.GATEWAY_IPV4), Optional.empty(), 1500, true)));
        dropped(DropReason.NOT_SERVED, a.toGateway().echo6(HIGH, a.ipv6Low, HIGH, GATEWAY, 56));
        net.forward(a, toGroupOf(GATEWAY).solicitation(HIGH, a.ipv6Low, HIGH, GATEWAY));
        assertThat(b.taken()).hasSize(1);
        assertThat(a.taken()).isEmpty();
    }
}
