package io.footbridge.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.wire.DropReason;
import io.footbridge.wire.Ethernet;
import io.footbridge.wire.MacAddress;
import io.footbridge.wire.VirtioNetHeader;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where frames go: the rules of a Linux bridge. */
class BridgeForwardingTest {
    private static final int EXPERIMENTAL = 0x88b5;

    private final TestBridge net = new TestBridge();

    @AfterEach
    void close() {
        net.close();
    }

    private static PortSettings settings(boolean hairpin, boolean isolated) {
        return new PortSettings(PortRole.CONTAINER, TestBridge.MTU, hairpin, isolated, 0, 0, 0, 0, Optional.empty());
    }

    @Test
    void aFrameToALearnedMacGoesToItsPortAlone() {
        Station a = net.add(TestBridge.link());
        Station b = net.add(TestBridge.link());
        Station c = net.add(TestBridge.link());
        net.acquaint();
        MemorySegment frame = a.hello(b);
        net.forward(a, frame);
        assertThat(b.taken()).hasSize(1).first().extracting(TestFrames::bytes).isEqualTo(TestFrames.bytes(frame));
        assertThat(c.taken()).isEmpty();
        assertThat(a.taken()).isEmpty();
        assertThat(net.drops()).isEmpty();
    }

    @Test
    void aMacThatIsSeenElsewhereMovesThere() {
        Station a = net.add(TestBridge.link());
        Station b = net.add(TestBridge.link());
        Station c = net.add(TestBridge.link());
        net.acquaint();
        net.forward(c, c.as(b.mac, a.mac).empty(60, EXPERIMENTAL));
        a.taken();
        net.forward(a, a.hello(b));
        assertThat(c.taken()).hasSize(1);
        assertThat(b.taken()).isEmpty();
    }

    @Test
    void aFrameToAnUnknownMacIsFlooded() {
        Station a = net.add(TestBridge.link());
        Station b = net.add(TestBridge.link());
        Station c = net.add(TestBridge.link());
        net.forward(a, a.hello(b));
        assertThat(b.taken()).hasSize(1);
        assertThat(c.taken()).hasSize(1);
        assertThat(a.taken()).isEmpty();
    }

    @Test
    void aBroadcastReachesAllButItsSender() {
        Station a = net.add(TestBridge.link());
        Station b = net.add(TestBridge.link());
        Station c = net.add(TestBridge.link());
        net.acquaint();
        net.forward(b, b.toAll().empty(60, EXPERIMENTAL));
        assertThat(a.taken()).hasSize(1);
        assertThat(b.taken()).isEmpty();
        assertThat(c.taken()).hasSize(1);
    }

    @Test
    void aMulticastReachesAllButItsSender() {
        Station a = net.add(TestBridge.link());
        Station b = net.add(TestBridge.link());
        net.acquaint();
        net.forward(a, a.to(MacAddress.ofIpv4Multicast(0xe000_00fb)).empty(60, Ethernet.IPV4));
        assertThat(b.taken()).hasSize(1);
        assertThat(a.taken()).isEmpty();
    }

    @Test
    void aFloodWithNobodyElseThereIsADrop() {
        Station a = net.add(TestBridge.link());
        net.forward(a, a.toAll().empty(60, EXPERIMENTAL));
        assertThat(a.drops(DropReason.NO_EGRESS)).isOne();
        assertThat(a.drops()).isOne();
    }

    @Test
    void aFloodReachesMorePortsThanAWorkerKeepsWaitingAtOnce() {
        for (int i = 0; i < 1100; i++) {
            net.add(TestBridge.link());
        }
        Station first = net.stations().getFirst();
        net.forward(first, first.toAll().empty(60, EXPERIMENTAL), first.toAll().empty(61, EXPERIMENTAL));
        for (Station station : net.stations().subList(1, 1100)) {
            assertThat(station.taken()).as(station.toString()).extracting(MemorySegment::byteSize).containsExactly(70L, 71L);
        }
        assertThat(first.taken()).isEmpty();
    }

    @Test
    void aFrameDoesNotGoBackWhereItCameFrom() {
        Station a = net.add(TestBridge.link());
        Station b = net.add(TestBridge.link());
        net.acquaint();
        net.forward(a, a.as(a.mac + 0x100, a.mac).empty(60, EXPERIMENTAL));
        assertThat(a.taken()).isEmpty();
        assertThat(b.taken()).isEmpty();
        assertThat(a.drops(DropReason.REFLECTION)).isOne();
        assertThat(a.drops()).isOne();
    }

    @Test
    void withHairpinUnicastAndFloodsGoBackToo() {
        Station a = net.add(settings(true, false));
        Station b = net.add(TestBridge.link());
        net.acquaint();
        net.forward(a, a.as(a.mac + 0x100, a.mac).empty(60, EXPERIMENTAL));
        assertThat(a.taken()).hasSize(1);
        assertThat(b.taken()).isEmpty();
        net.forward(a, a.toAll().empty(60, EXPERIMENTAL));
        assertThat(a.taken()).hasSize(1);
        assertThat(b.taken()).hasSize(1);
        assertThat(net.drops()).isEmpty();
    }

    @Test
    void isolatedPortsDoNotReachEachOther() {
        Station a = net.add(settings(false, true));
        Station b = net.add(settings(false, true));
        net.acquaint();
        long flooded = a.drops(DropReason.ISOLATED);
        net.forward(a, a.hello(b));
        assertThat(b.taken()).isEmpty();
        assertThat(a.drops(DropReason.ISOLATED)).isEqualTo(flooded + 1);
    }

    @Test
    void anIsolatedPortAndOneThatIsNotReachEachOther() {
        Station a = net.add(settings(false, true));
        Station b = net.add(TestBridge.link());
        net.acquaint();
        net.forward(a, a.hello(b));
        net.forward(b, b.hello(a));
        assertThat(b.taken()).hasSize(1);
        assertThat(a.taken()).hasSize(1);
        assertThat(net.drops()).isEmpty();
    }

    @Test
    void aFloodFromAnIsolatedPortPassesOverOtherIsolatedOnes() {
        Station a = net.add(settings(false, true));
        Station b = net.add(settings(false, true));
        Station c = net.add(TestBridge.link());
        net.forward(a, a.toAll().empty(60, EXPERIMENTAL));
        assertThat(b.taken()).isEmpty();
        assertThat(c.taken()).hasSize(1);
        net.forward(c, c.toAll().empty(60, EXPERIMENTAL));
        assertThat(a.taken()).hasSize(1);
        assertThat(b.taken()).hasSize(1);
        assertThat(net.drops()).isEmpty();
    }

    @Test
    void aFloodAmongIsolatedPortsAloneIsADrop() {
        Station a = net.add(settings(false, true));
        Station b = net.add(settings(false, true));
        net.forward(a, a.toAll().empty(60, EXPERIMENTAL));
        assertThat(b.taken()).isEmpty();
        assertThat(a.drops(DropReason.ISOLATED)).isOne();
    }

    @ParameterizedTest
    @ValueSource(longs = {0x0180_c200_0000L, 0x0180_c200_0001L, 0x0180_c200_000eL, 0x0180_c200_000fL})
    void linkLocalGroupsAreNotForwarded(long group) {
        Station a = net.add(TestBridge.link());
        Station b = net.add(TestBridge.link());
        net.forward(a, a.to(group).empty(60, EXPERIMENTAL));
        assertThat(b.taken()).isEmpty();
        assertThat(a.drops(DropReason.LINK_LOCAL)).isOne();
        assertThat(a.drops()).isOne();
    }

    @Test
    void theGroupBehindThemIsForwarded() {
        Station a = net.add(TestBridge.link());
        Station b = net.add(TestBridge.link());
        net.forward(a, a.to(0x0180_c200_0010L).empty(60, EXPERIMENTAL));
        assertThat(b.taken()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 0x0100_5e00_0001L, 0xffff_ffff_ffffL, 0x0300_0000_0001L})
    void aSourceThatNoStationCanHaveIsRefusedAndNotLearned(long source) {
        Station a = net.add(TestBridge.link());
        Station b = net.add(TestBridge.link());
        net.forward(a, a.as(source, b.mac).empty(60, EXPERIMENTAL));
        assertThat(b.taken()).isEmpty();
        assertThat(a.drops(DropReason.BAD_SOURCE_MAC)).isOne();
        assertThat(net.bridge.fdb()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {-3, 0, 1, 13})
    void lessThanAnEthernetHeaderIsARunt(int length) {
        Station a = net.add(TestBridge.link());
        Station b = net.add(TestBridge.link());
        net.forward(a, TestFrames.cut(a.toAll().empty(60, EXPERIMENTAL), length));
        assertThat(b.taken()).isEmpty();
        assertThat(a.drops(DropReason.RUNT)).isOne();
        assertThat(a.port.statistics().receivedFrames()).isOne();
        assertThat(a.port.statistics().receivedBytes()).isEqualTo(Math.max(length, 0));
    }

    @Test
    void aFrameThatTheKernelCutIsADrop() {
        Station a = net.add(TestBridge.link());
        Station b = net.add(TestBridge.link());
        a.endpoint.offerTruncated(a.toAll().empty(60, EXPERIMENTAL));
        net.forward(a);
        assertThat(b.taken()).isEmpty();
        assertThat(a.drops(DropReason.TRUNCATED)).isOne();
    }

    @Test
    void aFrameLongerThanAnyIsADrop() {
        Station a = net.add(TestBridge.link());
        Station b = net.add(TestBridge.link());
        net.forward(a, a.toAll().empty(io.footbridge.tap.FrameBuffers.MAX_FRAME_LENGTH + 1, EXPERIMENTAL));
        assertThat(b.taken()).isEmpty();
        assertThat(a.drops(DropReason.OVERSIZE)).isOne();
    }

    @Test
    void frameAndVirtioHeaderPassVerbatim() {
        Station a = net.add(TestBridge.link());
        Station b = net.add(TestBridge.link());
        net.acquaint();
        Random random = new Random(1);
        MemorySegment[] frames = {
            a.hello(b),
            a.to(b).tcp4(a.ipv4, b.ipv4, 60_000, 1448),
            a.to(b).tcp6(a.ipv6Low, b.ipv6Low, TestBridge.HIGH, 60_000, 1428),
            a.to(b).udp4(a.ipv4, b.ipv4, 9, 9000, 1000),
            TestFrames.tagged(a.to(b).tcp4(a.ipv4, b.ipv4, 60_000, 1448), 7),
            TestFrames.padded(a.hello(b), 5),
            a.to(b).empty(1514, EXPERIMENTAL),
        };
        byte[] payload = new byte[1500];
        random.nextBytes(payload);
        MemorySegment.copy(payload, 0, frames[6], java.lang.foreign.ValueLayout.JAVA_BYTE, TestFrames.PACKET, 1500);
        VirtioNetHeader.flags(frames[6], 0, VirtioNetHeader.DATA_VALID);
        VirtioNetHeader.headerLength(frames[6], 0, 77);
        net.forward(a, frames);
        assertThat(b.taken()).extracting(TestFrames::bytes)
                .containsExactly(java.util.Arrays.stream(frames).map(TestFrames::bytes).toArray(byte[][]::new));
        assertThat(net.drops()).isEmpty();
    }

    @Test
    void countersCountFramesAndBytesOnBothSides() {
        Station a = net.add(TestBridge.link());
        Station b = net.add(TestBridge.link());
        net.acquaint();
        PortStatistics before = b.port.statistics();
        long received = a.port.statistics().receivedBytes();
        net.forward(a, a.to(b).empty(100, EXPERIMENTAL), a.to(b).tcp4(a.ipv4, b.ipv4, 60_000, 1448));
        assertThat(a.port.statistics().receivedBytes() - received).isEqualTo(100 + 60_054);
        assertThat(a.port.statistics().receivedFrames()).isEqualTo(3);
        assertThat(b.port.statistics().transmittedFrames() - before.transmittedFrames()).isEqualTo(2);
        assertThat(b.port.statistics().transmittedBytes() - before.transmittedBytes()).isEqualTo(100 + 60_054);
    }

    @Test
    void aFrameToAPortThatHasJustGoneIsFloodedToTheRest() {
        Station a = net.add(TestBridge.link());
        Station b = net.add(TestBridge.link());
        Station c = net.add(TestBridge.link());
        net.acquaint();
        net.bridge.portTable(net.bridge.portTable().without(b.port));
        net.forward(a, a.hello(b));
        assertThat(b.taken()).isEmpty();
        assertThat(c.taken()).hasSize(1);
    }

    @Test
    void aPortThatTakesThePlaceOfAnotherGetsNothingOfItsFrames() {
        Station a = net.add(TestBridge.link());
        Station b = net.add(TestBridge.link());
        net.acquaint();
        net.remove(b);
        Station c = net.add(settings(false, true));
        assertThat(c.port.index()).isEqualTo(b.port.index());
        assertThat(net.bridge.fdb()).extracting(FdbEntry::mac).containsExactly(a.mac);
    }
}
