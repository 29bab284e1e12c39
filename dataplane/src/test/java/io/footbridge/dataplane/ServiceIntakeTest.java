package io.footbridge.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.wire.DropReason;
import io.footbridge.wire.Ethernet;
import io.footbridge.wire.Ipv4;
import io.footbridge.wire.Ipv6;
import io.footbridge.wire.NeighbourDiscovery;
import io.footbridge.wire.Protocol;
import io.footbridge.wire.RouterAdvertisement;
import io.footbridge.wire.Udp;
import io.footbridge.wire.VirtioNetHeader;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What of the frames that reach the gateway is a question for its services, and what becomes of the others. */
class ServiceIntakeTest {
    private static final int GATEWAY = TestBridge.GATEWAY_IPV4.address();
    private static final long HIGH = TestBridge.HIGH;
    private static final int ALL = -1;
    private static final long ALL_SERVERS_MAC = 0x3333_0001_0002L;

    private final FrameRing ring = new FrameRing("a test", 1 << 20);
    private final TestBridge net = new TestBridge().withServices(ring);
    private Station a;
    private Station b;

    ServiceIntakeTest() throws IOException {
    }

    @BeforeEach
    void ports() {
        a = net.add(TestBridge.container());
        b = net.add(TestBridge.container());
        net.acquaint();
    }

    @AfterEach
    void close() {
        net.close();
        ring.close();
    }

    /** The frame is in the ring, whole, and nobody saw or was sent anything. */
    private void taken(ServiceRequest.Kind service, Station from, MemorySegment frame) {
        byte[] sent = TestFrames.bytes(frame.asSlice(TestFrames.HEADER));
        net.forward(from, frame);
        int position = ring.next();
        assertThat(position).as(() -> net.drops().toString()).isNotNegative();
        int kind = ring.memory().get(ValueLayout.JAVA_INT, position + FrameRing.KIND);
        assertThat(ServiceIntake.service(kind)).isEqualTo(service);
        assertThat(ServiceIntake.portIndex(kind)).isEqualTo(from.port.index());
        assertThat(ring.memory().get(ValueLayout.JAVA_LONG, position + FrameRing.PORT)).isEqualTo(from.port.serial());
        int length = ring.memory().get(ValueLayout.JAVA_INT, position);
        assertThat(ring.memory().asSlice(position + FrameRing.FRAME, length).toArray(ValueLayout.JAVA_BYTE)).isEqualTo(sent);
        ring.release(position);
        from.port.services().giveBack();
        nobodyHears();
    }

    private void nobodyHears() {
        assertThat(ring.next()).isEqualTo(-1);
        net.stations().forEach(station -> assertThat(station.taken()).isEmpty());
    }

    private void dropped(DropReason reason, MemorySegment frame) {
        long before = a.drops(reason);
        net.forward(a, frame);
        assertThat(a.drops(reason)).as(() -> net.drops().toString()).isEqualTo(before + 1);
        assertThat(ring.next()).isEqualTo(-1);
        assertThat(b.taken()).isEmpty();
    }

    private MemorySegment dhcp(Station from, int source, int destination) {
        return from.toAll().udp4(source, destination, 67, 300, 0);
    }

    private MemorySegment dhcpv6(Station from) {
        return TestFrames.udp6(from.to(ALL_SERVERS_MAC), Ipv6.LINK_LOCAL_HIGH, 7, Ipv6.LINK_MULTICAST_HIGH, 0x1_0002, 547, 60);
    }

    @Test
    void namesAreAskedForAtEveryAddressOfTheGateway() {
        taken(ServiceRequest.Kind.DNS, a, a.toGateway().udp4(a.ipv4, GATEWAY, 53, 30, 0));
        taken(ServiceRequest.Kind.DNS, a, TestFrames.udp6(a.toGateway(), HIGH, a.ipv6Low, HIGH, 1, 53, 31));
        taken(ServiceRequest.Kind.DNS, a, TestFrames.udp6(a.toGateway(), Ipv6.LINK_LOCAL_HIGH, 7, Ipv6.LINK_LOCAL_HIGH,
                net.bridge.gatewayAddresses().linkLocalLow, 53, 31));
        assertThat(net.drops()).isEmpty();
    }

    @Test
    void addressesAreAskedForByContainersOfAllOrOfTheGatewayAndNobodyElseHears() {
        taken(ServiceRequest.Kind.DHCP, a, dhcp(a, 0, ALL));
        taken(ServiceRequest.Kind.DHCP, a, dhcp(a, a.ipv4, 0x0a00_02ff));
        taken(ServiceRequest.Kind.DHCP, a, a.toGateway().udp4(a.ipv4, GATEWAY, 67, 300, 0));
        taken(ServiceRequest.Kind.DHCPV6, a, dhcpv6(a));
        taken(ServiceRequest.Kind.DHCPV6, a, TestFrames.udp6(a.toGateway(), HIGH, a.ipv6Low, HIGH, 1, 547, 60));
        assertThat(net.drops()).isEmpty();
    }

    @Test
    void whatALinksHostsAskOfAllIsForAll() {
        Station link = net.add(TestBridge.link());
        net.acquaint();
        net.forward(link, dhcp(link, 0, ALL), dhcpv6(link));
        assertThat(a.taken()).hasSize(2);
        assertThat(b.taken()).hasSize(2);
        assertThat(ring.next()).isEqualTo(-1);
        link.taken();
        taken(ServiceRequest.Kind.DNS, link, link.toGateway().udp4(link.ipv4, GATEWAY, 53, 30, 0));
    }

    @Test
    void aPartialChecksumIsCompleted() {
        MemorySegment frame = a.toGateway().udp4(a.ipv4, GATEWAY, 53, 30, 0);
        Udp.checksum(frame, TestFrames.TRANSPORT4, Ipv4.pseudoHeader(frame, TestFrames.PACKET, Protocol.UDP, 38));
        VirtioNetHeader.flags(frame, 0, VirtioNetHeader.NEEDS_CSUM);
        VirtioNetHeader.checksumStart(frame, 0, 34);
        VirtioNetHeader.checksumOffset(frame, 0, Udp.CHECKSUM);
        net.forward(a, frame);
        int position = ring.next();
        long packet = position + FrameRing.FRAME + Ethernet.HEADER_LENGTH;
        assertThat(Udp.checksum(ring.memory(), packet + 20)).isNotZero();
        assertThat(Udp.verify(ring.memory(), packet + 20, Ipv4.pseudoHeader(ring.memory(), packet, Protocol.UDP, 38))).isTrue();
    }

    @Test
    void aWrongChecksumIsADropAndSoIsNoneOverIpv6() {
        MemorySegment wrong = a.toGateway().udp4(a.ipv4, GATEWAY, 53, 30, 0);
        Udp.checksum(wrong, TestFrames.TRANSPORT4, 1);
        dropped(DropReason.BAD_CHECKSUM, wrong);
        MemorySegment header = a.toGateway().udp4(a.ipv4, GATEWAY, 53, 30, 0);
        Ipv4.checksum(header, TestFrames.PACKET, 1);
        dropped(DropReason.BAD_CHECKSUM, header);
        MemorySegment none = TestFrames.udp6(a.toGateway(), HIGH, a.ipv6Low, HIGH, 1, 53, 30);
        Udp.checksum(none, TestFrames.TRANSPORT6, 0);
        dropped(DropReason.BAD_CHECKSUM, none);
        MemorySegment wrong6 = TestFrames.udp6(a.toGateway(), HIGH, a.ipv6Low, HIGH, 1, 53, 30);
        wrong6.set(ValueLayout.JAVA_BYTE, TestFrames.TRANSPORT6 + 20, (byte) 5);
        dropped(DropReason.BAD_CHECKSUM, wrong6);
        MemorySegment broadcast = dhcp(a, 0, ALL);
        Udp.checksum(broadcast, TestFrames.TRANSPORT4, 1);
        dropped(DropReason.BAD_CHECKSUM, broadcast);
    }

    @Test
    void fragmentsSegmentsAndWhatIsTooLongAreNotServed() {
        dropped(DropReason.NOT_SERVED, TestFrames.fragment(a.toGateway().udp4(a.ipv4, GATEWAY, 53, 64, 0), 0, true));
        dropped(DropReason.NOT_SERVED, a.toGateway().udp4(a.ipv4, GATEWAY, 53, 3000, 1000));
        dropped(DropReason.NOT_SERVED, a.toGateway().udp4(a.ipv4, GATEWAY, 53, 2048, 0));
        assertThat(a.port.services().underWay()).isZero();
    }

    @Test
    void sourcesThatNobodyHasAreMartians() {
        for (int source : new int[] {0, ALL, 0xe000_0001, 0x7f00_0001, GATEWAY}) {
            dropped(DropReason.MARTIAN, a.toGateway().udp4(source, GATEWAY, 53, 30, 0));
        }
        dropped(DropReason.MARTIAN, TestFrames.udp6(a.toGateway(), 0, 0, HIGH, 1, 53, 30));
        dropped(DropReason.MARTIAN, TestFrames.udp6(a.toGateway(), HIGH, 1, HIGH, 1, 53, 30));
        dropped(DropReason.MARTIAN, TestFrames.udp6(a.toGateway(), 0xff02L << 48, 1, HIGH, 1, 53, 30));
    }

    @Test
    void otherPortsAndAddressesAreAsBefore() {
        dropped(DropReason.NOT_SERVED, a.toGateway().udp4(a.ipv4, GATEWAY, 54, 30, 0));
        dropped(DropReason.NO_UPLINK, a.toGateway().udp4(a.ipv4, 0x0808_0808, 53, 30, 0));
        a.taken();
        net.forward(a, TestFrames.tagged(a.toGateway().udp4(a.ipv4, GATEWAY, 53, 30, 0), 5));
        assertThat(ring.next()).isEqualTo(-1);
    }

    @Test
    void aPortThatHasItsShareUnderWayIsHeldToItAndOthersGoOn() {
        for (int i = 0; i < ServiceShare.LIMIT; i++) {
            net.forward(a, a.toGateway().udp4(a.ipv4, GATEWAY, 53, 30, 0));
        }
        assertThat(net.drops()).isEmpty();
        net.forward(a, a.toGateway().udp4(a.ipv4, GATEWAY, 53, 30, 0), dhcp(a, 0, ALL));
        assertThat(a.drops(DropReason.SERVICE_LIMIT)).isEqualTo(2);
        net.forward(b, b.toGateway().udp4(b.ipv4, GATEWAY, 53, 30, 0));
        assertThat(b.drops()).isZero();
        a.port.services().giveBack();
        net.forward(a, a.toGateway().udp4(a.ipv4, GATEWAY, 53, 30, 0));
        assertThat(a.drops(DropReason.SERVICE_LIMIT)).isEqualTo(2);
        assertThat(a.port.services().underWay()).isEqualTo(ServiceShare.LIMIT);
    }

    @Test
    void whatFindsTheRingFullIsADropAndTakesNoPlace() throws IOException {
        try (FrameRing small = new FrameRing("a test", 1 << 16)) {
            net.withServices(small);
            int many = (1 << 16) / (1000 + 42 + FrameRing.FRAME) + 5;
            for (int i = 0; i < many; i++) {
                net.forward(a, a.toGateway().udp4(a.ipv4, GATEWAY, 53, 1000, 0));
            }
            assertThat(a.drops(DropReason.SERVICE_LIMIT)).isPositive();
            assertThat(a.port.services().underWay() + a.drops(DropReason.SERVICE_LIMIT)).isEqualTo(many);
        }
    }

    @Test
    void theHostsInterfaceHasTheGatewaysAddressButForTheServices() {
        Station host = net.add(PortSettings.of(PortRole.HOST, TestBridge.MTU));
        net.acquaint();
        taken(ServiceRequest.Kind.DNS, a, a.toGateway().udp4(a.ipv4, GATEWAY, 53, 30, 0));
        taken(ServiceRequest.Kind.DHCP, a, dhcp(a, 0, ALL));
        net.forward(a, a.toGateway().udp4(a.ipv4, GATEWAY, 54, 30, 0));
        assertThat(host.taken()).hasSize(1);
        net.forward(host, dhcp(host, 0, ALL));
        assertThat(a.taken()).as("what the host asks of all").hasSize(1);
    }

    @Test
    void aGatewayThatIsNotServedHasNone() {
        net.withGateway();
        dropped(DropReason.NOT_SERVED, a.toGateway().udp4(a.ipv4, GATEWAY, 53, 30, 0));
        net.forward(a, dhcp(a, 0, ALL));
        assertThat(b.taken()).hasSize(1);
        assertThat(ring.next()).isEqualTo(-1);
    }

    @Test
    void advertisementsSayWhoAnswers() {
        net.gateway.advertise(net.bridge);
        MemorySegment served = a.taken().getFirst();
        int flags = TestFrames.TRANSPORT6 + 5;
        assertThat(served.get(ValueLayout.JAVA_BYTE, flags) & 0xff)
                .isEqualTo(RouterAdvertisement.MANAGED | RouterAdvertisement.OTHER);
        int length = Ipv6.payloadLength(served, TestFrames.PACKET);
        int option = NeighbourDiscovery.option(served, TestFrames.TRANSPORT6, length, NeighbourDiscovery.RDNSS);
        assertThat(option).isPositive();
        assertThat(served.asSlice(TestFrames.TRANSPORT6 + option + 8L, 16).toArray(ValueLayout.JAVA_BYTE))
                .isEqualTo(TestBridge.GATEWAY_IPV6.asAddress().toInetAddress().getAddress());
        net.withGateway();
        net.gateway.advertise(net.bridge);
        MemorySegment alone = a.taken().getFirst();
        assertThat(alone.get(ValueLayout.JAVA_BYTE, flags)).isZero();
        assertThat(List.of(NeighbourDiscovery.option(alone, TestFrames.TRANSPORT6,
                Ipv6.payloadLength(alone, TestFrames.PACKET), NeighbourDiscovery.RDNSS))).allMatch(at -> at < 0);
    }
}
