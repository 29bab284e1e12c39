package io.footbridge.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.tap.Endpoint;
import io.footbridge.tap.Errno;
import io.footbridge.wire.DropReason;
import io.footbridge.wire.Frame;
import io.footbridge.wire.Ipv4;
import io.footbridge.wire.Protocol;
import io.footbridge.wire.Tcp;
import io.footbridge.wire.Udp;
import io.footbridge.wire.VirtioNetHeader;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a port can take, what is done for those that cannot, and what becomes of the rest. */
class EgressTest {
    private static final int EXPERIMENTAL = 0x88b5;

    private final TestBridge net = new TestBridge();

    @AfterEach
    void close() {
        net.close();
    }

    private Station narrow(int mtu) {
        return net.add(PortSettings.of(PortRole.LINK, mtu));
    }

    private static PortSettings storm(int limit) {
        return new PortSettings(PortRole.LINK, TestBridge.MTU, false, false, 0, limit, 0, 0, Optional.empty());
    }

    @Test
    void aFrameOverTheEgressMtuIsDroppedAndCountedThere() {
        Station a = net.add(TestBridge.link());
        Station b = narrow(1400);
        net.acquaint();
        net.forward(a, a.to(b).empty(1414, EXPERIMENTAL), a.to(b).empty(1415, EXPERIMENTAL));
        assertThat(b.taken()).extracting(MemorySegment::byteSize).containsExactly(1424L);
        assertThat(b.drops(DropReason.MTU)).isOne();
        assertThat(a.drops()).isZero();
    }

    @Test
    void inAFloodItIsDroppedOnlyWhereItDoesNotFit() {
        Station a = net.add(TestBridge.link());
        Station b = narrow(1400);
        Station c = net.add(TestBridge.link());
        net.forward(a, a.toAll().empty(1514, EXPERIMENTAL));
        assertThat(b.taken()).isEmpty();
        assertThat(b.drops(DropReason.MTU)).isOne();
        assertThat(c.taken()).hasSize(1);
        assertThat(a.drops()).isZero();
    }

    @Test
    void aTagMayExceedTheMtu() {
        Station a = net.add(TestBridge.link());
        Station b = net.add(TestBridge.link());
        net.acquaint();
        net.forward(a, TestFrames.tagged(a.to(b).empty(1514, EXPERIMENTAL), 5));
        assertThat(b.taken()).hasSize(1);
        net.forward(a, TestFrames.tagged(a.to(b).empty(1515, EXPERIMENTAL), 5));
        assertThat(b.taken()).isEmpty();
        assertThat(b.drops(DropReason.MTU)).isOne();
    }

    @Test
    void aGsoFrameIsJudgedByItsSegments() {
        Station a = net.add(TestBridge.link());
        Station b = net.add(TestBridge.link());
        net.acquaint();
        net.forward(a, a.to(b).tcp4(a.ipv4, b.ipv4, 60_000, 1460));
        assertThat(b.taken()).hasSize(1);
        net.forward(a, a.to(b).tcp4(a.ipv4, b.ipv4, 60_000, 1461));
        assertThat(b.taken()).isEmpty();
        net.forward(a, a.to(b).udp4(a.ipv4, b.ipv4, 9, 9000, 1472));
        assertThat(b.taken()).hasSize(1);
        net.forward(a, a.to(b).udp4(a.ipv4, b.ipv4, 9, 9000, 1473));
        assertThat(b.taken()).isEmpty();
        net.forward(a, a.to(b).tcp6(a.ipv6Low, b.ipv6Low, TestBridge.HIGH, 60_000, 1440));
        assertThat(b.taken()).hasSize(1);
        net.forward(a, a.to(b).tcp6(a.ipv6Low, b.ipv6Low, TestBridge.HIGH, 60_000, 1441));
        assertThat(b.taken()).isEmpty();
        assertThat(b.drops(DropReason.MTU)).isEqualTo(3);
    }

    @Test
    void aGsoFrameWhoseHeadersDoNotBearItOutIsDropped() {
        Station a = net.add(TestBridge.link());
        Station b = net.add(TestBridge.link());
        net.acquaint();
        MemorySegment lying = a.to(b).udp4(a.ipv4, b.ipv4, 9, 9000, 1000);
        VirtioNetHeader.gsoType(lying, 0, VirtioNetHeader.GSO_TCPV4);
        net.forward(a, lying);
        assertThat(b.taken()).isEmpty();
        assertThat(a.drops(DropReason.BAD_VIRTIO_HEADER)).isOne();
    }

    @Test
    void withoutTsoThePortIsSentTheSegments() {
        Station a = net.add(TestBridge.link());
        Station b = net.add(TestBridge.link());
        b.endpoint.offloads(Endpoint.OFFLOAD_USO);
        net.acquaint();
        net.forward(a, a.to(b).tcp4(a.ipv4, b.ipv4, 60_000, 1448));
        List<MemorySegment> segments = b.taken();
        assertThat(segments).hasSize(42);
        int sequence = 1;
        for (MemorySegment segment : segments) {
            int length = (int) segment.byteSize() - TestFrames.HEADER;
            assertThat(VirtioNetHeader.describe(segment, 0)).startsWith("flags 0, gso type 0,");
            long parsed = Frame.parse(segment, TestFrames.HEADER, length);
            assertThat(parsed).isPositive();
            assertThat(Ipv4.verify(segment, TestFrames.PACKET)).isTrue();
            int transport = Frame.transportLength(parsed);
            assertThat(Tcp.sequence(segment, TestFrames.TRANSPORT4)).isEqualTo(sequence);
            assertThat(Tcp.verify(segment, TestFrames.TRANSPORT4, transport,
                    Ipv4.pseudoHeader(segment, TestFrames.PACKET, Protocol.TCP, transport))).isTrue();
            sequence += transport - 20;
        }
        assertThat(sequence).isEqualTo(60_001);
        net.forward(a, a.to(b).udp4(a.ipv4, b.ipv4, 9, 9000, 1000));
        assertThat(b.taken()).as("USO it takes").hasSize(1);
        assertThat(net.drops()).isEmpty();
    }

    @Test
    void withoutUsoThePortIsSentTheSegments() {
        Station a = net.add(TestBridge.link());
        Station b = net.add(TestBridge.link());
        b.endpoint.offloads(Endpoint.OFFLOAD_TSO);
        net.acquaint();
        net.forward(a, a.to(b).udp4(a.ipv4, b.ipv4, 9, 9500, 1000));
        List<MemorySegment> segments = b.taken();
        assertThat(segments).hasSize(10).allSatisfy(segment -> assertThat(Udp.verify(segment, TestFrames.TRANSPORT4,
                Ipv4.pseudoHeader(segment, TestFrames.PACKET, Protocol.UDP,
                        Udp.length(segment, TestFrames.TRANSPORT4)))).isTrue());
        assertThat(segments.getLast().byteSize()).isEqualTo(TestFrames.TRANSPORT4 + 8 + 500);
        net.forward(a, a.to(b).tcp4(a.ipv4, b.ipv4, 60_000, 1448));
        assertThat(b.taken()).as("TSO it takes").hasSize(1);
    }

    @Test
    void inAFloodEachPortIsSentWhatItTakes() {
        Station a = net.add(TestBridge.link());
        Station b = net.add(TestBridge.link());
        Station c = net.add(TestBridge.link());
        b.endpoint.offloads(0);
        MemorySegment frame = a.toAll().udp4(a.ipv4, -1, 9, 9000, 1000);
        net.forward(a, frame);
        assertThat(b.taken()).hasSize(9);
        assertThat(c.taken()).singleElement().extracting(TestFrames::bytes).isEqualTo(TestFrames.bytes(frame));
    }

    @Test
    void moreSegmentsThanTheScratchAreaHoldsKeepTheirOrderAndThatOfOtherFrames() {
        Station a = net.add(TestBridge.link());
        Station b = net.add(TestBridge.link());
        b.endpoint.offloads(0);
        net.acquaint();
        MemorySegment[] frames = new MemorySegment[32];
        for (int i = 0; i < frames.length; i++) {
            frames[i] = i % 4 == 3 ? a.to(b).empty(100 + i, EXPERIMENTAL) : a.to(b).tcp4(a.ipv4, b.ipv4, 60_000, 1448);
        }
        net.forward(a, frames);
        List<MemorySegment> taken = b.taken();
        assertThat(taken).hasSize(24 * 42 + 8);
        int next = 0;
        for (int i = 0; i < frames.length; i++) {
            if (i % 4 == 3) {
                assertThat(taken.get(next++).byteSize()).isEqualTo(110 + i);
            } else {
                for (int segment = 0; segment < 42; segment++, next++) {
                    assertThat(Tcp.sequence(taken.get(next), TestFrames.TRANSPORT4)).isEqualTo(1 + segment * 1448);
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"EAGAIN,EGRESS_FULL", "ENOBUFS,EGRESS_FULL", "ENOMEM,EGRESS_FULL", "EIO,EGRESS_DOWN",
        "ENETDOWN,EGRESS_DOWN", "ENXIO,EGRESS_DOWN", "EBADFD,EGRESS_DOWN", "EMSGSIZE,MTU", "EINVAL,EGRESS_REFUSED"})
    void aRefusedFrameIsCountedAtTheEgressAndTheRestIsSent(Errno errno, DropReason reason) {
        Station a = net.add(TestBridge.link());
        Station b = net.add(TestBridge.link());
        net.acquaint();
        b.endpoint.answer(0, -errno.number(), 0);
        PortStatistics before = b.port.statistics();
        net.forward(a, a.to(b).empty(60, EXPERIMENTAL), a.to(b).empty(61, EXPERIMENTAL), a.to(b).empty(62, EXPERIMENTAL));
        assertThat(b.taken()).extracting(MemorySegment::byteSize).containsExactly(70L, 72L);
        assertThat(b.drops(reason)).isOne();
        assertThat(b.drops()).isOne();
        assertThat(a.drops()).isZero();
        PortStatistics after = b.port.statistics();
        assertThat(after.transmittedFrames() - before.transmittedFrames()).isEqualTo(2);
        assertThat(after.transmittedBytes() - before.transmittedBytes()).isEqualTo(60 + 62);
    }

    @Test
    void aBatchForOnePortIsSentInOneGo() {
        Station a = net.add(TestBridge.link());
        Station b = net.add(TestBridge.link());
        net.acquaint();
        int before = b.endpoint.transmissions();
        net.forward(a, IntStream.range(0, 32).mapToObj(i -> a.to(b).empty(60 + i, EXPERIMENTAL))
                .toArray(MemorySegment[]::new));
        assertThat(b.endpoint.transmissions() - before).isOne();
        assertThat(b.taken()).extracting(MemorySegment::byteSize)
                .containsExactlyElementsOf(IntStream.range(0, 32).mapToObj(i -> 70L + i).toList());
    }

    @Test
    void whatWaitsCanBeForgotten() {
        Station a = net.add(TestBridge.link());
        net.egress.send(a.port, net.egress.allocate(100), 100);
        net.egress.discard();
        net.egress.flush();
        assertThat(a.taken()).isEmpty();
    }

    @Test
    void broadcastMulticastAndUnknownUnicastCountTowardsTheStormLimit() {
        Station a = net.add(storm(10));
        Station b = net.add(TestBridge.link());
        net.acquaint();
        net.advance(Duration.ofSeconds(5));
        for (int i = 0; i < 20; i++) {
            net.forward(a, a.toAll().empty(60, EXPERIMENTAL));
            net.forward(a, a.to(0x0100_5e00_0001L).empty(60, EXPERIMENTAL));
            net.forward(a, a.to(0x0242_eeee_0000L).empty(60, EXPERIMENTAL));
        }
        assertThat(b.taken()).hasSize(10);
        assertThat(a.drops(DropReason.STORM)).isEqualTo(50);
        net.forward(a, a.hello(b));
        assertThat(b.taken()).as("known unicast is free").hasSize(1);
        net.advance(Duration.ofMillis(300));
        for (int i = 0; i < 20; i++) {
            net.forward(a, a.toAll().empty(60, EXPERIMENTAL));
        }
        assertThat(b.taken()).hasSize(3);
    }
}
