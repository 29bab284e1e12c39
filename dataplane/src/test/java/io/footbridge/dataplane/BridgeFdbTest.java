package io.footbridge.dataplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.footbridge.wire.DropReason;
import io.footbridge.wire.Ethernet;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the bridge learns, for how long, and what it refuses to. */
class BridgeFdbTest {
    private static final int EXPERIMENTAL = 0x88b5;

    private TestBridge net = new TestBridge();

    @AfterEach
    void close() {
        net.close();
    }

    private void use(BridgeSettings settings) {
        net.close();
        net = new TestBridge(settings);
    }

    private static PortSettings limited(int fdbLimit) {
        return new PortSettings(PortRole.LINK, TestBridge.MTU, false, false, fdbLimit, 0, 0, 0, Optional.empty());
    }

    @Test
    void theGatewaysMacAsSourceIsRefused() {
        net.withGateway();
        Station a = net.add(TestBridge.link());
        Station b = net.add(TestBridge.link());
        net.acquaint();
        net.forward(a, a.as(TestBridge.GATEWAY_MAC, b.mac).empty(60, EXPERIMENTAL));
        assertThat(b.taken()).isEmpty();
        assertThat(a.drops(DropReason.BOUND_MAC)).isOne();
        assertThat(net.bridge.fdb()).filteredOn(entry -> entry.mac() == TestBridge.GATEWAY_MAC)
                .singleElement().matches(entry -> entry.port().isEmpty() && entry.kind() == FdbEntry.Kind.PERMANENT);
    }

    @Test
    void theHostsInterfaceMayUseTheGatewaysMac() {
        net.withGateway();
        Station host = net.add(PortSettings.of(PortRole.HOST, TestBridge.MTU));
        Station b = net.add(TestBridge.link());
        net.acquaint();
        net.forward(host, host.as(TestBridge.GATEWAY_MAC, b.mac).empty(60, EXPERIMENTAL));
        assertThat(b.taken()).hasSize(1);
        assertThat(net.drops()).isEmpty();
    }

    @Test
    void onAVlanAwareBridgeATagDoesNotFreeTheGatewaysMac() {
        use(new BridgeSettings(Duration.ofSeconds(300), 65_536, true));
        net.withGateway();
        Station a = net.add(TestBridge.link());
        Station b = net.add(TestBridge.link());
        net.acquaint();
        net.forward(a, TestFrames.tagged(a.as(TestBridge.GATEWAY_MAC, b.mac).empty(60, EXPERIMENTAL), 7));
        assertThat(b.taken()).isEmpty();
        assertThat(a.drops(DropReason.BOUND_MAC)).isOne();
    }

    @Test
    void theGatewaysEntryCannotBeRemovedButGoesWithTheGateway() {
        net.withGateway();
        assertThat(net.bridge.removeFdb(TestBridge.GATEWAY_MAC, 0)).isFalse();
        net.bridge.gateway(Optional.of(new GatewaySettings(TestBridge.GATEWAY_MAC + 0x1000,
                Optional.of(TestBridge.GATEWAY_IPV4), Optional.empty(), TestBridge.MTU, true)));
        assertThat(net.bridge.fdb()).extracting(FdbEntry::mac).containsExactly(TestBridge.GATEWAY_MAC + 0x1000);
        net.bridge.gateway(Optional.empty());
        assertThat(net.bridge.fdb()).isEmpty();
    }

    @Test
    void aStickyEntryDoesNotMoveAndTheFrameIsDropped() {
        Station a = net.add(TestBridge.link());
        Station b = net.add(TestBridge.link());
        net.acquaint();
        net.bridge.removeFdb(a.mac, 0);
        assertThat(net.bridge.addFdb(a.mac, 0, a.port, FdbEntry.Kind.STATIC, true)).isEqualTo(Bridge.FdbResult.ADDED);
        net.forward(b, b.as(a.mac, b.mac).empty(60, EXPERIMENTAL));
        assertThat(b.drops(DropReason.STICKY)).isOne();
        net.forward(b, b.hello(a));
        assertThat(a.taken()).hasSize(1);
    }

    @Test
    void aStaticEntryMovesWhereItsMacIsSeenButNeverAges() {
        Station a = net.add(TestBridge.link());
        Station b = net.add(TestBridge.link());
        Station c = net.add(TestBridge.link());
        long mac = 0x0242_ffff_0001L;
        net.bridge.addFdb(mac, 0, a.port, FdbEntry.Kind.STATIC, false);
        net.advance(Duration.ofDays(3));
        net.forward(c, c.to(mac).empty(60, EXPERIMENTAL));
        assertThat(a.taken()).hasSize(1);
        assertThat(b.taken()).isEmpty();
        net.forward(b, b.as(mac, c.mac).empty(60, EXPERIMENTAL));
        assertThat(c.taken()).hasSize(1);
        net.forward(c, c.to(mac).empty(60, EXPERIMENTAL));
        assertThat(b.taken()).hasSize(1);
        assertThat(a.taken()).isEmpty();
    }

    @Test
    void aPermanentEntryNeitherMovesNorAgesAndTheFrameIsDropped() {
        Station a = net.add(TestBridge.link());
        Station b = net.add(TestBridge.link());
        long mac = 0x0242_ffff_0001L;
        net.bridge.addFdb(mac, 0, a.port, FdbEntry.Kind.PERMANENT, false);
        net.advance(Duration.ofDays(3));
        net.forward(b, b.as(mac, a.mac).empty(60, EXPERIMENTAL));
        assertThat(b.drops(DropReason.BOUND_MAC)).isOne();
        assertThat(a.taken()).isEmpty();
        net.forward(b, b.to(mac).empty(60, EXPERIMENTAL));
        assertThat(a.taken()).hasSize(1);
    }

    @Test
    void anEntryByHandIsThereOnceAndNeedsAStationsMac() {
        Station a = net.add(TestBridge.link());
        assertThat(net.bridge.addFdb(5, 0, a.port, FdbEntry.Kind.STATIC, false)).isEqualTo(Bridge.FdbResult.ADDED);
        assertThat(net.bridge.addFdb(5, 0, a.port, FdbEntry.Kind.STATIC, false)).isEqualTo(Bridge.FdbResult.EXISTS);
        assertThat(net.bridge.removeFdb(5, 0)).isTrue();
        assertThat(net.bridge.removeFdb(5, 0)).isFalse();
        assertThatThrownBy(() -> net.bridge.addFdb(1L << 40, 0, a.port, FdbEntry.Kind.STATIC, false))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aPortThatIsGoneIsGivenNoEntry() {
        Station a = net.add(TestBridge.link());
        net.remove(a);
        assertThatThrownBy(() -> net.bridge.addFdb(5, 0, a.port, FdbEntry.Kind.STATIC, false))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("p0");
        assertThat(net.bridge.fdb()).isEmpty();
    }

    @Test
    void beyondItsLimitAPortLearnsNothingButItsFramesPass() {
        Station a = net.add(limited(2));
        Station b = net.add(TestBridge.link());
        for (int i = 0; i < 4; i++) {
            net.forward(a, a.as(0x0242_ffff_0000L + i, b.mac).empty(60, EXPERIMENTAL));
        }
        assertThat(b.taken()).hasSize(4);
        assertThat(net.bridge.fdb()).extracting(FdbEntry::mac)
                .containsExactlyInAnyOrder(0x0242_ffff_0000L, 0x0242_ffff_0001L);
        a.settings(limited(3));
        net.forward(a, a.as(0x0242_ffff_0007L, b.mac).empty(60, EXPERIMENTAL));
        assertThat(net.bridge.fdb()).hasSize(3);
        assertThat(net.drops()).isEmpty();
    }

    @Test
    void onePortCannotFillTheTableForTheOthers() {
        use(new BridgeSettings(Duration.ofSeconds(300), 256, false));
        Station flooding = net.add(TestBridge.container());
        Station b = net.add(TestBridge.container());
        for (int i = 0; i < 1000; i++) {
            net.forward(flooding, flooding.as(0x0242_ffff_0000L + i, b.mac).empty(60, EXPERIMENTAL));
        }
        b.taken();
        net.forward(b, b.hello(flooding));
        assertThat(net.bridge.fdb()).anyMatch(entry -> entry.mac() == b.mac);
    }

    @Test
    void aLearnedMacIsForgottenWhenItAges() {
        Station a = net.add(TestBridge.link());
        Station b = net.add(TestBridge.link());
        Station c = net.add(TestBridge.link());
        net.acquaint();
        net.advance(Duration.ofMillis(299_900));
        net.forward(a, a.hello(b));
        assertThat(c.taken()).isEmpty();
        net.advance(Duration.ofMillis(200));
        net.forward(a, a.hello(b));
        assertThat(c.taken()).hasSize(1);
        assertThat(net.bridge.fdb()).extracting(FdbEntry::mac).containsExactly(a.mac);
    }

    @Test
    void aFrameFromItKeepsAMacYoungAndAFrameToItDoesNot() {
        Station a = net.add(TestBridge.link());
        Station b = net.add(TestBridge.link());
        net.acquaint();
        for (int i = 0; i < 4; i++) {
            net.advance(Duration.ofSeconds(100));
            net.forward(a, a.hello(b));
        }
        assertThat(net.bridge.fdb()).extracting(FdbEntry::mac).containsExactly(a.mac);
        assertThat(net.bridge.fdb().getFirst().idleSeconds()).isZero();
    }

    @Test
    void ageingCanBeChangedAndZeroLearnsNothing() {
        Station a = net.add(TestBridge.link());
        Station b = net.add(TestBridge.link());
        Station c = net.add(TestBridge.link());
        net.acquaint();
        net.bridge.settings(new BridgeSettings(Duration.ofSeconds(10), BridgeSettings.DEFAULT.fdbLimit(), false));
        net.advance(Duration.ofSeconds(11));
        assertThat(net.bridge.fdb()).isEmpty();
        net.bridge.settings(new BridgeSettings(Duration.ZERO, BridgeSettings.DEFAULT.fdbLimit(), false));
        net.acquaint();
        net.forward(a, a.hello(b));
        assertThat(c.taken()).hasSize(1);
    }

    @Test
    void sweepingRemovesWhatHasAged() {
        net.add(TestBridge.link());
        net.add(TestBridge.link());
        net.acquaint();
        net.advance(Duration.ofSeconds(301));
        assertThat(net.bridge.fdbTable().size()).isEqualTo(2);
        net.bridge.sweep(Integer.MAX_VALUE);
        assertThat(net.bridge.fdbTable().size()).isZero();
    }

    @Test
    void aVlanUnawareBridgeLooksAtNoTag() {
        Station a = net.add(TestBridge.link());
        Station b = net.add(TestBridge.link());
        Station c = net.add(TestBridge.link());
        net.forward(b, TestFrames.tagged(b.toAll().empty(60, EXPERIMENTAL), 5));
        net.stations().forEach(Station::taken);
        net.forward(a, TestFrames.tagged(a.to(b).empty(60, EXPERIMENTAL), 9));
        assertThat(b.taken()).hasSize(1);
        assertThat(c.taken()).isEmpty();
        assertThat(net.bridge.fdb()).allMatch(entry -> entry.vlan() == 0);
    }

    @Test
    void aVlanAwareBridgeKeepsMacsApartByVlan() {
        use(new BridgeSettings(Duration.ofSeconds(300), 65_536, true));
        Station a = net.add(TestBridge.link());
        Station b = net.add(TestBridge.link());
        Station c = net.add(TestBridge.link());
        net.forward(b, TestFrames.tagged(b.toAll().empty(60, EXPERIMENTAL), 5));
        net.forward(c, TestFrames.tagged(c.as(b.mac, -1L >>> 16).empty(60, EXPERIMENTAL), Ethernet.SERVICE_VLAN, 0xe006));
        net.stations().forEach(Station::taken);
        net.forward(a, TestFrames.tagged(a.to(b).empty(60, EXPERIMENTAL), 5));
        assertThat(b.taken()).hasSize(1);
        assertThat(c.taken()).isEmpty();
        net.forward(a, TestFrames.tagged(a.to(b).empty(60, EXPERIMENTAL), 6));
        assertThat(b.taken()).isEmpty();
        assertThat(c.taken()).hasSize(1);
        net.forward(a, a.to(b).empty(60, EXPERIMENTAL));
        assertThat(b.taken()).as("untagged: unknown there").hasSize(1);
        assertThat(c.taken()).hasSize(1);
        assertThat(net.bridge.fdb()).filteredOn(entry -> entry.mac() == b.mac).extracting(FdbEntry::vlan)
                .containsExactlyInAnyOrder(5, 6);
    }

    @Test
    void sizeAndVlanAwarenessStayAsMade() {
        assertThatThrownBy(() -> net.bridge.settings(new BridgeSettings(Duration.ofSeconds(300), 1024, false)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> net.bridge.settings(new BridgeSettings(Duration.ofSeconds(300), 65_536, true)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
