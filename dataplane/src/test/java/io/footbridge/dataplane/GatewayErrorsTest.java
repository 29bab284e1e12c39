package io.footbridge.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.wire.DropReason;
import io.footbridge.wire.Ethernet;
import io.footbridge.wire.Icmp;
import io.footbridge.wire.Icmpv6;
import io.footbridge.wire.Ipv4;
import io.footbridge.wire.Ipv6;
import io.footbridge.wire.Protocol;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the gateway says of packets that have nowhere to go, and how often. */
class GatewayErrorsTest {
    private static final int GATEWAY = TestBridge.GATEWAY_IPV4.address();
    private static final long GATEWAY6 = TestBridge.GATEWAY_IPV6.low();
    private static final long HIGH = TestBridge.HIGH;
    private static final int ELSEWHERE = 0x0808_0808;
    private static final long ELSEWHERE6 = 0x2001_0db8L << 32;
    private static final int P = TestFrames.PACKET;

    private final TestBridge net = new TestBridge().withGateway();
    private Station a;

    @BeforeEach
    void ports() {
        a = net.add(TestBridge.container());
        net.add(TestBridge.container());
        net.acquaint();
        net.advance(Duration.ofSeconds(10));
    }

    @AfterEach
    void close() {
        net.close();
    }

    private void unreachable(MemorySegment packet, DropReason reason) {
        MemorySegment sent = TestFrames.copy(packet);
        long before = a.drops(reason);
        net.forward(a, packet);
        assertThat(a.drops(reason)).as(() -> net.drops().toString()).isEqualTo(before + 1);
        List<MemorySegment> taken = a.taken();
        assertThat(taken).hasSize(1);
        MemorySegment answer = taken.getFirst();
        assertThat(Ethernet.destination(answer, TestFrames.HEADER)).isEqualTo(a.mac);
        assertThat(Ethernet.source(answer, TestFrames.HEADER)).isEqualTo(TestBridge.GATEWAY_MAC);
        if (Ethernet.etherType(sent, TestFrames.HEADER) == Ethernet.IPV4) {
            isUnreachable4(answer, sent);
        } else {
            isUnreachable6(answer, sent);
        }
    }

    private void isUnreachable4(MemorySegment answer, MemorySegment sent) {
        int quoted = Math.min(Ipv4.totalLength(sent, P), 576 - 28);
        assertThat(answer.byteSize()).isEqualTo(TestFrames.TRANSPORT4 + 8 + quoted);
        assertThat(Ipv4.verify(answer, P)).isTrue();
        assertThat(Ipv4.totalLength(answer, P)).isEqualTo(28 + quoted);
        assertThat(Ipv4.source(answer, P)).isEqualTo(GATEWAY);
        assertThat(Ipv4.destination(answer, P)).isEqualTo(a.ipv4);
        assertThat(Icmp.type(answer, TestFrames.TRANSPORT4)).isEqualTo(Icmp.UNREACHABLE);
        assertThat(Icmp.code(answer, TestFrames.TRANSPORT4)).isEqualTo(Icmp.NETWORK_UNREACHABLE);
        assertThat(Icmp.verify(answer, TestFrames.TRANSPORT4, 8 + quoted)).isTrue();
        assertThat(TestFrames.bytes(answer.asSlice(TestFrames.TRANSPORT4 + 8)))
                .isEqualTo(TestFrames.bytes(sent.asSlice(P, quoted)));
    }

    private void isUnreachable6(MemorySegment answer, MemorySegment sent) {
        int quoted = Math.min(40 + Ipv6.payloadLength(sent, P), 1280 - 48);
        assertThat(answer.byteSize()).isEqualTo(TestFrames.TRANSPORT6 + 8 + quoted);
        assertThat(Ipv6.sourceHigh(answer, P)).isEqualTo(HIGH);
        assertThat(Ipv6.sourceLow(answer, P)).isEqualTo(GATEWAY6);
        assertThat(Ipv6.destinationLow(answer, P)).isEqualTo(a.ipv6Low);
        assertThat(Icmpv6.type(answer, TestFrames.TRANSPORT6)).isEqualTo(Icmpv6.UNREACHABLE);
        assertThat(Icmpv6.code(answer, TestFrames.TRANSPORT6)).isEqualTo(Icmpv6.NO_ROUTE);
        assertThat(Icmpv6.verify(answer, P, TestFrames.TRANSPORT6, 8 + quoted)).isTrue();
        assertThat(TestFrames.bytes(answer.asSlice(TestFrames.TRANSPORT6 + 8)))
                .isEqualTo(TestFrames.bytes(sent.asSlice(P, quoted)));
    }

    private void silent(MemorySegment packet, DropReason reason) {
        long before = a.drops(reason);
        net.forward(a, packet);
        assertThat(a.drops(reason)).as(() -> net.drops().toString()).isEqualTo(before + 1);
        assertThat(a.taken()).isEmpty();
    }

    @Test
    void packetsForElsewhereHaveNoUplinkAndAreQuoted() {
        unreachable(a.toGateway().udp4(a.ipv4, ELSEWHERE, 53, 20, 0), DropReason.NO_UPLINK);
        unreachable(a.toGateway().tcp4(a.ipv4, ELSEWHERE, 1400, 0), DropReason.NO_UPLINK);
        unreachable(a.toGateway().tcp4(a.ipv4, ELSEWHERE, 60_000, 1448), DropReason.NO_UPLINK);
        unreachable(a.toGateway().echo4(a.ipv4, ELSEWHERE, 56), DropReason.NO_UPLINK);
        unreachable(TestFrames.withOptions(a.toGateway().udp4(a.ipv4, ELSEWHERE, 53, 20, 0), 40), DropReason.NO_UPLINK);
        unreachable(TestFrames.fragment(a.toGateway().udp4(a.ipv4, ELSEWHERE, 53, 80, 0), 0, true), DropReason.NO_UPLINK);
        unreachable(a.toGateway().echo6(HIGH, a.ipv6Low, ELSEWHERE6, 1, 56), DropReason.NO_UPLINK);
        unreachable(a.toGateway().ipv6(HIGH, a.ipv6Low, ELSEWHERE6, 1, 132, 64, 1400), DropReason.NO_UPLINK);
        unreachable(a.toGateway().tcp6(a.ipv6Low, 99, HIGH, 60_000, 1400), DropReason.NO_UPLINK);
    }

    @Test
    void tcpAndUdpToTheGatewayGetNetworkUnreachable() {
        unreachable(a.toGateway().tcp4(a.ipv4, GATEWAY, 0, 0), DropReason.NOT_SERVED);
        unreachable(a.toGateway().udp4(a.ipv4, GATEWAY, 53, 20, 0), DropReason.NOT_SERVED);
        unreachable(a.toGateway().tcp6(a.ipv6Low, GATEWAY6, HIGH, 0, 0), DropReason.NOT_SERVED);
    }

    @Test
    void laterFragmentsGetNoAnswer() {
        silent(TestFrames.fragment(a.toGateway().udp4(a.ipv4, ELSEWHERE, 53, 80, 0), 64, false), DropReason.NO_UPLINK);
        silent(TestFrames.fragment6(a.toGateway().ipv6(HIGH, a.ipv6Low, ELSEWHERE6, 1, Protocol.UDP, 64, 80), 64, false),
                DropReason.NO_UPLINK);
    }

    @Test
    void icmpErrorsGetNoAnswer() {
        MemorySegment error = a.toGateway().echo4(a.ipv4, ELSEWHERE, 56);
        Icmp.type(error, TestFrames.TRANSPORT4, Icmp.TIME_EXCEEDED);
        silent(error, DropReason.NO_UPLINK);
        MemorySegment error6 = a.toGateway().echo6(HIGH, a.ipv6Low, ELSEWHERE6, 1, 56);
        Icmpv6.type(error6, TestFrames.TRANSPORT6, Icmpv6.PACKET_TOO_BIG);
        silent(error6, DropReason.NO_UPLINK);
    }

    @ParameterizedTest
    @ValueSource(ints = {0x0a00_02ff, -1, 0xe000_00fb})
    void broadcastsAndGroupsGetNoAnswer(int destination) {
        silent(a.toGateway().udp4(a.ipv4, destination, 137, 20, 0), DropReason.NOT_SERVED);
    }

    @Test
    void linkLocalAddressesAreNotRoutedAndNotAnswered() {
        silent(a.toGateway().echo6(HIGH, a.ipv6Low, Ipv6.LINK_LOCAL_HIGH, 77, 56), DropReason.NO_UPLINK);
    }

    @Test
    void fiftyErrorsAtOnceThenAHundredASecondForAPort() {
        assertThat(errors(a, 80)).isEqualTo(50);
        net.advance(Duration.ofMillis(9));
        assertThat(errors(a, 5)).isZero();
        net.advance(Duration.ofMillis(1));
        assertThat(errors(a, 5)).isOne();
        net.advance(Duration.ofMillis(200));
        assertThat(errors(a, 80)).isEqualTo(20);
        net.advance(Duration.ofHours(1));
        assertThat(errors(a, 80)).isEqualTo(50);
        assertThat(a.drops(DropReason.NO_UPLINK)).as("every one is counted").isEqualTo(80 + 5 + 5 + 80 + 80);
    }

    @Test
    void inAllPortsTogetherGetNoMore() {
        for (int i = 0; i < 6; i++) {
            net.add(TestBridge.container());
        }
        int all = 0;
        for (Station station : List.copyOf(net.stations())) {
            all += errors(station, 20);
        }
        assertThat(all).isEqualTo(50);
    }

    /** How many errors so many packets for elsewhere bring, half of them IPv6. */
    private int errors(Station station, int packets) {
        for (int i = 0; i < packets; i++) {
            net.forward(station, i % 2 == 0 ? station.toGateway().udp4(station.ipv4, ELSEWHERE, 53, 20, 0)
                    : station.toGateway().echo6(HIGH, station.ipv6Low, ELSEWHERE6, 1, 56));
        }
        return station.taken().size();
    }
}
