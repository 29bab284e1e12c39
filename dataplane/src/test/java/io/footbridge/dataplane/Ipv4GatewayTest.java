package io.footbridge.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.wire.Arp;
import io.footbridge.wire.DropReason;
import io.footbridge.wire.Ethernet;
import io.footbridge.wire.Icmp;
import io.footbridge.wire.Ipv4;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.MacAddress;
import io.footbridge.wire.Tcp;
import io.footbridge.wire.VirtioNetHeader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** ARP and echo at the gateway's IPv4 address. */
class Ipv4GatewayTest {
    private static final int GATEWAY = TestBridge.GATEWAY_IPV4.address();
    private static final int P = TestFrames.PACKET;

    private final TestBridge net = new TestBridge().withGateway();
    private Station a;
    private Station b;

    @BeforeEach
    void ports() {
        a = net.add(TestBridge.container());
        b = net.add(TestBridge.container());
        net.acquaint();
    }

    @AfterEach
    void close() {
        net.close();
    }

    private MemorySegment onlyAnswer() {
        assertThat(b.taken()).isEmpty();
        assertThat(net.drops()).isEmpty();
        return a.taken().getFirst();
    }

    private void dropped(DropReason reason, MemorySegment frame) {
        long before = a.drops(reason);
        net.forward(a, frame);
        assertThat(a.taken()).isEmpty();
        assertThat(b.taken()).isEmpty();
        assertThat(a.drops(reason)).as(() -> net.drops().toString()).isEqualTo(before + 1);
    }

    private void isArpReplyTo(MemorySegment answer, int target) {
        assertThat(answer.byteSize()).isEqualTo(TestFrames.HEADER + 42);
        assertThat(Ethernet.destination(answer, TestFrames.HEADER)).isEqualTo(a.mac);
        assertThat(Ethernet.source(answer, TestFrames.HEADER)).isEqualTo(TestBridge.GATEWAY_MAC);
        assertThat(Arp.check(answer, P, 28)).isEqualTo(28);
        assertThat(Arp.operation(answer, P)).isEqualTo(Arp.REPLY);
        assertThat(Arp.senderMac(answer, P)).isEqualTo(TestBridge.GATEWAY_MAC);
        assertThat(Arp.senderAddress(answer, P)).isEqualTo(GATEWAY);
        assertThat(Arp.targetMac(answer, P)).isEqualTo(a.mac);
        assertThat(Arp.targetAddress(answer, P)).isEqualTo(target);
    }

    @Test
    void aBroadcastArpRequestForItIsAnsweredAndGoesNoFurther() {
        net.forward(a, a.toAll().arpRequest(a.ipv4, GATEWAY));
        isArpReplyTo(onlyAnswer(), a.ipv4);
    }

    @Test
    void aUnicastArpRequestForItIsAnswered() {
        net.forward(a, TestFrames.padded(a.toGateway().arpRequest(a.ipv4, GATEWAY), 18));
        isArpReplyTo(onlyAnswer(), a.ipv4);
    }

    @Test
    void anArpProbeForItIsAnsweredAndTeachesNothing() {
        net.forward(a, a.toAll().arpRequest(0, GATEWAY));
        isArpReplyTo(onlyAnswer(), 0);
        assertThat(net.bridge.neighbours()).isEmpty();
    }

    @Test
    void arpForOthersIsFlooded() {
        net.forward(a, a.toAll().arpRequest(a.ipv4, b.ipv4));
        assertThat(b.taken()).hasSize(1);
        assertThat(a.taken()).isEmpty();
    }

    @Test
    void arpUnderATagIsFlooded() {
        net.forward(a, TestFrames.tagged(a.toAll().arpRequest(a.ipv4, GATEWAY), 5));
        assertThat(b.taken()).hasSize(1);
        assertThat(a.taken()).isEmpty();
    }

    @Test
    void withoutAGatewayArpIsFlooded() {
        net.bridge.gateway(Optional.empty());
        net.forward(a, a.toAll().arpRequest(a.ipv4, GATEWAY));
        assertThat(b.taken()).hasSize(1);
        assertThat(a.taken()).isEmpty();
    }

    @Test
    void whoSpeaksToItIsANeighbour() {
        net.forward(a, a.toAll().arpRequest(a.ipv4, GATEWAY));
        net.forward(b, b.toGateway().arpReply(b.ipv4, GATEWAY));
        assertThat(net.bridge.neighbours()).containsExactlyInAnyOrder(
                new Neighbour(new Ipv4Address(a.ipv4), a.mac, Neighbour.State.REACHABLE),
                new Neighbour(new Ipv4Address(b.ipv4), b.mac, Neighbour.State.REACHABLE));
        assertThat(net.drops()).isEmpty();
        net.advance(java.time.Duration.ofSeconds(31));
        assertThat(net.bridge.neighbours()).extracting(Neighbour::state).containsOnly(Neighbour.State.STALE);
    }

    @Test
    void whoClaimsItsAddressIsNone() {
        net.forward(a, a.toAll().arpRequest(GATEWAY, GATEWAY));
        assertThat(net.bridge.neighbours()).isEmpty();
        assertThat(a.taken()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 0xffff_ffff_ffffL, 0x0100_5e00_0001L})
    void aMacThatNoStationCanHaveIsNoNeighbours(long mac) {
        MemorySegment frame = a.toAll().arpRequest(a.ipv4, GATEWAY);
        Arp.senderMac(frame, P, mac);
        net.forward(a, frame);
        assertThat(net.bridge.neighbours()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0xe000_0001, 0x7f00_0001, 0x0000_0005})
    void anAddressThatNoHostCanHaveIsNoNeighbours(int address) {
        net.forward(a, a.toAll().arpRequest(address, GATEWAY));
        assertThat(net.bridge.neighbours()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 55, 56, 1473 - 1, 60_000})
    void anEchoRequestIsAnswered(int payload) {
        MemorySegment request = a.toGateway().echo4(a.ipv4, GATEWAY, payload);
        Icmp.identifier(request, TestFrames.TRANSPORT4, 0x1234);
        Icmp.sequence(request, TestFrames.TRANSPORT4, 7);
        for (int i = 0; i < payload; i++) {
            request.set(ValueLayout.JAVA_BYTE, TestFrames.TRANSPORT4 + 8 + i, (byte) (i * 31));
        }
        Icmp.writeChecksum(request, TestFrames.TRANSPORT4, 8 + payload);
        Ipv4.timeToLive(request, P, 3);
        Ipv4.writeChecksum(request, P);
        if (payload > 1500) {
            a.settings(PortSettings.of(PortRole.CONTAINER, 65_535));
        }
        net.forward(a, request);
        MemorySegment answer = onlyAnswer();
        assertThat(answer.byteSize()).isEqualTo(request.byteSize());
        assertThat(Ethernet.destination(answer, TestFrames.HEADER)).isEqualTo(a.mac);
        assertThat(Ethernet.source(answer, TestFrames.HEADER)).isEqualTo(TestBridge.GATEWAY_MAC);
        assertThat(Ipv4.verify(answer, P)).isTrue();
        assertThat(Ipv4.source(answer, P)).isEqualTo(GATEWAY);
        assertThat(Ipv4.destination(answer, P)).isEqualTo(a.ipv4);
        assertThat(Ipv4.timeToLive(answer, P)).isEqualTo(64);
        assertThat(Icmp.type(answer, TestFrames.TRANSPORT4)).isZero();
        assertThat(Icmp.verify(answer, TestFrames.TRANSPORT4, 8 + payload)).isTrue();
        assertThat(TestFrames.bytes(answer.asSlice(TestFrames.TRANSPORT4 + 4)))
                .isEqualTo(TestFrames.bytes(request.asSlice(TestFrames.TRANSPORT4 + 4)));
    }

    @Test
    void paddingIsNotSentBack() {
        net.forward(a, TestFrames.padded(a.toGateway().echo4(a.ipv4, GATEWAY, 1), 17));
        assertThat(onlyAnswer().byteSize()).isEqualTo(TestFrames.TRANSPORT4 + 8 + 1);
    }

    @Test
    void ipOptionsAreBlankedInTheAnswer() {
        net.forward(a, TestFrames.withOptions(a.toGateway().echo4(a.ipv4, GATEWAY, 56), 40));
        MemorySegment answer = onlyAnswer();
        assertThat(Ipv4.headerLength(answer, P)).isEqualTo(60);
        assertThat(Ipv4.verify(answer, P)).isTrue();
        assertThat(TestFrames.bytes(answer.asSlice(TestFrames.TRANSPORT4, 40))).containsOnly(0);
        assertThat(Icmp.type(answer, TestFrames.TRANSPORT4 + 40)).isZero();
        assertThat(Icmp.verify(answer, TestFrames.TRANSPORT4 + 40, 64)).isTrue();
    }

    @Test
    void aPartialChecksumIsCompleted() {
        MemorySegment request = a.toGateway().echo4(a.ipv4, GATEWAY, 56);
        Icmp.checksum(request, TestFrames.TRANSPORT4, 0);
        VirtioNetHeader.flags(request, 0, VirtioNetHeader.NEEDS_CSUM);
        VirtioNetHeader.checksumStart(request, 0, 34);
        VirtioNetHeader.checksumOffset(request, 0, 2);
        net.forward(a, request);
        MemorySegment answer = onlyAnswer();
        assertThat(VirtioNetHeader.flags(answer, 0)).isZero();
        assertThat(Icmp.verify(answer, TestFrames.TRANSPORT4, 64)).isTrue();
    }

    @Test
    void fragmentsAreTurnedRoundOneByOneAndTogetherAreTheAnswer() {
        MemorySegment whole = a.toGateway().echo4(a.ipv4, GATEWAY, 2000);
        for (int i = 0; i < 2000; i++) {
            whole.set(ValueLayout.JAVA_BYTE, TestFrames.TRANSPORT4 + 8 + i, (byte) (i * 7));
        }
        Icmp.writeChecksum(whole, TestFrames.TRANSPORT4, 2008);
        MemorySegment first = piece(whole, 0, 1480);
        MemorySegment second = piece(whole, 1480, 528);
        net.forward(a, second, first);
        java.util.List<MemorySegment> answers = a.taken();
        assertThat(answers).hasSize(2).allMatch(answer -> Ipv4.verify(answer, P)
                && Ipv4.source(answer, P) == GATEWAY && Ipv4.destination(answer, P) == a.ipv4);
        assertThat(Ipv4.fragmentOffset(answers.get(0), P)).isEqualTo(Ipv4.fragmentOffset(second, P));
        MemorySegment.copy(answers.get(1), TestFrames.TRANSPORT4, whole, TestFrames.TRANSPORT4, 1480);
        MemorySegment.copy(answers.get(0), TestFrames.TRANSPORT4, whole, TestFrames.TRANSPORT4 + 1480, 528);
        assertThat(Icmp.type(whole, TestFrames.TRANSPORT4)).isEqualTo(Icmp.ECHO_REPLY);
        assertThat(Icmp.verify(whole, TestFrames.TRANSPORT4, 2008)).isTrue();
        assertThat(net.drops()).isEmpty();
    }

    private static MemorySegment piece(MemorySegment whole, int offset, int length) {
        MemorySegment piece = TestFrames.copy(whole.asSlice(0, TestFrames.TRANSPORT4 + (long) length));
        MemorySegment.copy(whole, TestFrames.TRANSPORT4 + offset, piece, TestFrames.TRANSPORT4, length);
        Ipv4.totalLength(piece, P, 20 + length);
        return TestFrames.fragment(piece, offset, offset + length < 2008);
    }

    @Test
    void badChecksumsAreDropped() {
        MemorySegment message = a.toGateway().echo4(a.ipv4, GATEWAY, 56);
        Icmp.sequence(message, TestFrames.TRANSPORT4, 9);
        dropped(DropReason.BAD_CHECKSUM, message);
        MemorySegment header = a.toGateway().echo4(a.ipv4, GATEWAY, 56);
        Ipv4.identification(header, P, 9);
        dropped(DropReason.BAD_CHECKSUM, header);
    }

    @Test
    void brokenHeadersAreDropped() {
        MemorySegment frame = a.toGateway().echo4(a.ipv4, GATEWAY, 56);
        Ipv4.totalLength(frame, P, 200);
        dropped(DropReason.BAD_HEADER, frame);
        dropped(DropReason.RUNT, TestFrames.cut(a.toGateway().echo4(a.ipv4, GATEWAY, 56), 20));
    }

    @Test
    void otherIcmpIsNotServed() {
        MemorySegment reply = a.toGateway().echo4(a.ipv4, GATEWAY, 56);
        Icmp.toEchoReply(reply, TestFrames.TRANSPORT4);
        dropped(DropReason.NOT_SERVED, reply);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 0x7f00_0001, 0xe000_0001, -1, 0x0a00_0201})
    void martianSourcesAreDropped(int source) {
        dropped(DropReason.MARTIAN, a.toGateway().echo4(source, GATEWAY, 56));
        dropped(DropReason.MARTIAN, a.toGateway().udp4(source, 0x0808_0808, 9, 20, 0));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 0x7f00_0001})
    void martianDestinationsAreDropped(int destination) {
        dropped(DropReason.MARTIAN, a.toGateway().udp4(a.ipv4, destination, 9, 20, 0));
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0xe000_00fb, 0xf000_0001})
    void groupsSentToItsMacAreNotServed(int destination) {
        dropped(DropReason.NOT_SERVED, a.toGateway().udp4(a.ipv4, destination, 9, 20, 0));
    }

    @Test
    void whatIsNeitherIpNorArpIsNotServed() {
        dropped(DropReason.NOT_SERVED, a.toGateway().empty(60, 0x88b5));
        dropped(DropReason.NOT_SERVED, TestFrames.tagged(a.toGateway().echo4(a.ipv4, GATEWAY, 56), 5));
    }

    @Test
    void aBroadcastPingIsFloodedNotAnswered() {
        net.forward(a, a.toAll().echo4(a.ipv4, 0x0a00_02ff, 56));
        assertThat(a.taken()).isEmpty();
        assertThat(b.taken()).hasSize(1);
    }

    @Test
    void withoutIpv4AddressNothingIsServed() {
        net.bridge.gateway(Optional.of(new GatewaySettings(TestBridge.GATEWAY_MAC, Optional.empty(),
                Optional.of(TestBridge.GATEWAY_IPV6), 1500, true)));
        dropped(DropReason.NOT_SERVED, a.toGateway().echo4(a.ipv4, GATEWAY, 56));
        net.forward(a, a.toAll().arpRequest(a.ipv4, GATEWAY));
        assertThat(b.taken()).hasSize(1);
    }

    @Test
    void theFrameAfterAnEchoRequestInABatchIsUntouched() {
        MemorySegment hello = a.hello(b);
        net.forward(a, a.toGateway().echo4(a.ipv4, GATEWAY, 56), hello, a.toAll().arpRequest(a.ipv4, GATEWAY),
                a.toGateway().tcp4(a.ipv4, GATEWAY, 10, 0));
        assertThat(b.taken()).singleElement().extracting(TestFrames::bytes).isEqualTo(TestFrames.bytes(hello));
        assertThat(a.taken()).extracting(MemorySegment::byteSize)
                .containsExactly(108L, 52L, 10L + 14 + 20 + 8 + 20 + Tcp.MIN_HEADER_LENGTH + 10);
        assertThat(MacAddress.isStation(TestBridge.GATEWAY_MAC)).isTrue();
    }
}
