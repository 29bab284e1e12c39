package io.footbridge.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.wire.Arp;
import io.footbridge.wire.DropReason;
import io.footbridge.wire.Ethernet;
import io.footbridge.wire.Icmpv6;
import io.footbridge.wire.Ipv4;
import io.footbridge.wire.Ipv6;
import io.footbridge.wire.MacAddress;
import io.footbridge.wire.NeighbourDiscovery;
import io.footbridge.wire.Protocol;
import io.footbridge.wire.RouterAdvertisement;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a checked port may say: each case by itself, then under tags. */
class SourceCheckTest {
    private static final long FE80 = Ipv6.LINK_LOCAL_HIGH;
    private static final long HIGH = TestBridge.HIGH;

    private final TestBridge net = new TestBridge();
    private Station a;
    private Station other;
    private long linkLocal;

    @BeforeEach
    void ports() {
        a = net.add(TestBridge.checked(0));
        other = net.add(TestBridge.link());
        linkLocal = MacAddress.eui64(a.mac);
    }

    @AfterEach
    void close() {
        net.close();
    }

    private void allowed(MemorySegment frame) {
        for (MemorySegment sent : asTagged(frame)) {
            net.forward(a, sent);
            assertThat(net.drops()).as("drops").isEmpty();
            assertThat(other.taken()).hasSize(1);
        }
    }

    private void refused(MemorySegment frame, DropReason reason) {
        for (MemorySegment sent : asTagged(frame)) {
            long before = a.drops(reason);
            long all = a.drops();
            net.forward(a, sent);
            assertThat(other.taken()).isEmpty();
            assertThat(a.drops(reason)).as(() -> net.drops().toString()).isEqualTo(before + 1);
            assertThat(a.drops()).isEqualTo(all + 1);
        }
    }

    /** A frame as it is, and under one and two tags, which must change nothing. */
    private static List<MemorySegment> asTagged(MemorySegment frame) {
        MemorySegment once = TestFrames.tagged(frame, 5);
        return List.of(frame, once, TestFrames.tagged(once, Ethernet.SERVICE_VLAN, 6));
    }

    @Test
    void anotherSourceMacIsRefusedAndNotLearned() {
        refused(a.as(a.mac + 99, other.mac).udp4(a.ipv4, other.ipv4, 9, 20, 0), DropReason.SOURCE_MAC);
        refused(a.as(other.mac, a.mac).empty(60, 0x88b5), DropReason.SOURCE_MAC);
        assertThat(net.bridge.fdb()).isEmpty();
    }

    @Test
    void anythingButIpAndArpPassesWithTheRightMac() {
        allowed(a.to(other).empty(60, 0x88b5));
    }

    @Test
    void itsIpv4AddressPassesAndAnotherDoesNot() {
        allowed(a.hello(other));
        allowed(a.to(other).tcp4(a.ipv4, other.ipv4, 60_000, 1400));
        refused(a.to(other).udp4(other.ipv4, a.ipv4, 9, 20, 0), DropReason.SOURCE_ADDRESS);
    }

    @Test
    void anotherIpv4AddressIsRefusedInGsoFramesAndFragmentsToo() {
        refused(a.to(other).tcp4(a.ipv4 + 9, other.ipv4, 60_000, 1400), DropReason.SOURCE_ADDRESS);
        refused(TestFrames.fragment(a.to(other).udp4(a.ipv4 + 9, other.ipv4, 9, 80, 0), 64, false),
                DropReason.SOURCE_ADDRESS);
    }

    @Test
    void itsOwnIpv4PacketMayCarryAnything() {
        allowed(TestFrames.fragment(a.to(other).udp4(a.ipv4, other.ipv4, 9, 80, 0), 64, true));
        allowed(a.to(other).ipv4(a.ipv4, other.ipv4, 132, 30));
    }

    @Test
    void anIpv4HeaderThatIsNotAllThereIsRefused() {
        refused(TestFrames.cut(a.hello(other), 14 + 19), DropReason.RUNT);
    }

    @Test
    void fromNoAddressItMayAskADhcpServer() {
        allowed(a.toAll().udp4(0, -1, 67, 300, 0));
    }

    @Test
    void fromNoAddressItMaySayNothingElse() {
        refused(a.toAll().udp4(0, -1, 68, 300, 0), DropReason.SOURCE_ADDRESS);
        refused(a.to(other).tcp4(0, other.ipv4, 10, 0), DropReason.SOURCE_ADDRESS);
        refused(a.to(other).echo4(0, other.ipv4, 56), DropReason.SOURCE_ADDRESS);
        refused(TestFrames.fragment(a.toAll().udp4(0, -1, 67, 304, 0), 0, true), DropReason.SOURCE_ADDRESS);
        refused(TestFrames.fragment(a.toAll().udp4(0, -1, 67, 304, 0), 64, false), DropReason.SOURCE_ADDRESS);
    }

    @Test
    void fromNoAddressWithBrokenHeadersIsRefused() {
        MemorySegment frame = a.toAll().udp4(0, -1, 67, 300, 0);
        Ipv4.totalLength(frame, TestFrames.PACKET, 400);
        refused(frame, DropReason.BAD_HEADER);
    }

    @Test
    void arpInItsOwnNamePasses() {
        allowed(a.toAll().arpRequest(a.ipv4, other.ipv4));
        allowed(a.to(other).arpReply(a.ipv4, other.ipv4));
        allowed(a.toAll().arpRequest(a.ipv4, a.ipv4));
        allowed(a.toAll().arpReply(a.ipv4, a.ipv4));
    }

    @Test
    void aProbeForItsOwnAddressPassesAndOneThatWouldKeepAnotherFromItsOwnIsRefused() {
        allowed(a.toAll().arpRequest(0, a.ipv4));
        refused(a.toAll().arpRequest(0, other.ipv4), DropReason.SOURCE_NEIGHBOUR);
        refused(TestFrames.dadProbe(a.to(MacAddress.ofIpv6Multicast(Ipv6.solicitedNodeLow(other.ipv6Low))), HIGH,
                other.ipv6Low), DropReason.SOURCE_NEIGHBOUR);
    }

    @Test
    void whereNoAddressesAreGivenOutTheMacAloneIsChecked() {
        SourceCheck check = new SourceCheck(SourceAddresses.ofMac(a.mac));
        for (MemorySegment frame : List.of(a.to(other).udp4(0x01020304, other.ipv4, 9, 20, 0),
                a.toAll().arpRequest(0x01020304, other.ipv4), a.toAll().solicitation(HIGH, 77, HIGH, other.ipv6Low))) {
            assertThat(check.check(frame, SampleFrames.HEADER, (int) frame.byteSize() - SampleFrames.HEADER, a.mac)).isZero();
        }
        MemorySegment lying = a.toAll().arpRequest(0x01020304, other.ipv4);
        Arp.senderMac(lying, TestFrames.PACKET, other.mac);
        assertThat(check.check(lying, SampleFrames.HEADER, (int) lying.byteSize() - SampleFrames.HEADER, a.mac))
                .isEqualTo(DropReason.SOURCE_NEIGHBOUR.code());
        assertThat(check.check(lying, SampleFrames.HEADER, (int) lying.byteSize() - SampleFrames.HEADER, other.mac))
                .isEqualTo(DropReason.SOURCE_MAC.code());
    }

    @Test
    void anArpReplyFromNoAddressIsRefused() {
        refused(a.toAll().arpReply(0, other.ipv4), DropReason.SOURCE_NEIGHBOUR);
    }

    @Test
    void arpInAnothersNameIsRefused() {
        refused(a.toAll().arpRequest(other.ipv4, a.ipv4), DropReason.SOURCE_NEIGHBOUR);
        refused(a.to(other).arpReply(other.ipv4, a.ipv4), DropReason.SOURCE_NEIGHBOUR);
        refused(a.toAll().arpReply(other.ipv4, other.ipv4), DropReason.SOURCE_NEIGHBOUR);
        refused(a.toAll().arpRequest(TestBridge.GATEWAY_IPV4.address(), TestBridge.GATEWAY_IPV4.address()),
                DropReason.SOURCE_NEIGHBOUR);
    }

    @Test
    void arpWithAnothersMacInsideIsRefused() {
        MemorySegment request = a.toAll().arpRequest(a.ipv4, other.ipv4);
        Arp.senderMac(request, TestFrames.PACKET, other.mac);
        refused(request, DropReason.SOURCE_NEIGHBOUR);
        MemorySegment probe = a.toAll().arpRequest(0, a.ipv4);
        Arp.senderMac(probe, TestFrames.PACKET, other.mac);
        refused(probe, DropReason.SOURCE_NEIGHBOUR);
    }

    @Test
    void arpThatIsNotWhatItSaysIsRefused() {
        MemorySegment frame = a.toAll().arpRequest(a.ipv4, other.ipv4);
        Arp.operation(frame, TestFrames.PACKET, 8);
        refused(frame, DropReason.BAD_HEADER);
        refused(TestFrames.cut(a.toAll().arpRequest(a.ipv4, other.ipv4), 14 + 27), DropReason.RUNT);
    }

    @Test
    void itsIpv6AddressesPassAndOthersDoNot() {
        allowed(a.to(other).echo6(HIGH, a.ipv6Low, HIGH, other.ipv6Low, 56));
        allowed(a.to(other).echo6(FE80, linkLocal, FE80, 7, 56));
        allowed(a.to(other).tcp6(a.ipv6Low, other.ipv6Low, HIGH, 60_000, 1400));
        refused(a.to(other).tcp6(other.ipv6Low, a.ipv6Low, HIGH, 60_000, 1400), DropReason.SOURCE_ADDRESS);
        refused(a.to(other).echo6(HIGH, other.ipv6Low, HIGH, a.ipv6Low, 56), DropReason.SOURCE_ADDRESS);
        refused(a.to(other).echo6(FE80, MacAddress.eui64(other.mac), FE80, linkLocal, 56), DropReason.SOURCE_ADDRESS);
        refused(a.to(other).ipv6(HIGH, other.ipv6Low, HIGH, a.ipv6Low, 132, 64, 40), DropReason.SOURCE_ADDRESS);
    }

    @Test
    void fragmentsAreCheckedToo() {
        MemorySegment own = a.to(other).ipv6(HIGH, a.ipv6Low, HIGH, other.ipv6Low, Protocol.UDP, 64, 80);
        allowed(TestFrames.fragment6(own, 64, true));
        MemorySegment others = a.to(other).ipv6(HIGH, 99, HIGH, other.ipv6Low, Protocol.UDP, 64, 80);
        refused(TestFrames.fragment6(others, 64, true), DropReason.SOURCE_ADDRESS);
    }

    @Test
    void anIpv6PacketThatIsNotAllThereIsRefused() {
        refused(TestFrames.cut(a.to(other).echo6(HIGH, a.ipv6Low, HIGH, other.ipv6Low, 56), 14 + 39), DropReason.RUNT);
    }

    @Test
    void fromTheUnspecifiedAddressItMayProbeAndSolicitAndReportGroups() {
        allowed(TestFrames.dadProbe(a.to(MacAddress.ofIpv6Multicast(Ipv6.solicitedNodeLow(a.ipv6Low))), HIGH, a.ipv6Low));
        allowed(TestFrames.routerSolicitation(a.to(0x3333_0000_0002L), 0, 0));
        allowed(TestFrames.icmpv6(a.to(0x3333_0000_0016L), 0, 0, Ipv6.LINK_MULTICAST_HIGH, 0x16,
                (byte) 143, (byte) 0, (byte) 0, (byte) 0, (byte) 0, (byte) 0, (byte) 0, (byte) 0));
    }

    @Test
    void fromTheUnspecifiedAddressItMaySayNothingElse() {
        refused(a.to(other).echo6(0, 0, HIGH, other.ipv6Low, 56), DropReason.SOURCE_ADDRESS);
        refused(a.to(other).tcp6(0, other.ipv6Low, 0, 10, 0), DropReason.SOURCE_ADDRESS);
        refused(a.to(other).ipv6(0, 0, HIGH, other.ipv6Low, Protocol.UDP, 64, 0), DropReason.RUNT);
    }

    @Test
    void anAdvertisementOfItsOwnAddressPasses() {
        allowed(TestFrames.advertisement(a.to(other), HIGH, a.ipv6Low, HIGH, other.ipv6Low,
                NeighbourDiscovery.SOLICITED_FLAG, HIGH, a.ipv6Low, a.mac));
        allowed(TestFrames.advertisement(a.to(0x3333_0000_0001L), FE80, linkLocal, Ipv6.LINK_MULTICAST_HIGH, 1,
                NeighbourDiscovery.OVERRIDE_FLAG, HIGH, a.ipv6Low, a.mac));
    }

    @Test
    void anAdvertisementOfAnothersAddressIsRefused() {
        refused(TestFrames.advertisement(a.to(0x3333_0000_0001L), HIGH, a.ipv6Low, Ipv6.LINK_MULTICAST_HIGH, 1,
                NeighbourDiscovery.OVERRIDE_FLAG, HIGH, other.ipv6Low, a.mac), DropReason.SOURCE_NEIGHBOUR);
        refused(TestFrames.advertisement(a.to(other), HIGH, a.ipv6Low, HIGH, other.ipv6Low,
                NeighbourDiscovery.SOLICITED_FLAG, FE80, MacAddress.eui64(TestBridge.GATEWAY_MAC), a.mac),
                DropReason.SOURCE_NEIGHBOUR);
    }

    @Test
    void anAdvertisementWithAnothersMacIsRefused() {
        refused(TestFrames.advertisement(a.to(other), HIGH, a.ipv6Low, HIGH, other.ipv6Low,
                NeighbourDiscovery.SOLICITED_FLAG, HIGH, a.ipv6Low, other.mac), DropReason.SOURCE_NEIGHBOUR);
    }

    @Test
    void aSolicitationCarriesItsOwnMac() {
        allowed(a.toAll().solicitation(HIGH, a.ipv6Low, HIGH, other.ipv6Low));
        MemorySegment lying = TestFrames.copy(a.toAll().solicitation(HIGH, a.ipv6Low, HIGH, other.ipv6Low));
        setOptionMac(lying, 24, other.mac);
        refused(lying, DropReason.SOURCE_NEIGHBOUR);
    }

    @Test
    void aRouterSolicitationCarriesItsOwnMac() {
        byte[] message = {(byte) 133, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0};
        MemorySegment frame = TestFrames.icmpv6(a.to(0x3333_0000_0002L), FE80, linkLocal, Ipv6.LINK_MULTICAST_HIGH, 2,
                message);
        setOptionMac(frame, 8, a.mac);
        allowed(frame);
        setOptionMac(frame, 8, other.mac);
        refused(frame, DropReason.SOURCE_NEIGHBOUR);
    }

    @Test
    void aSecondOptionWithAnothersMacIsRefused() {
        byte[] message = new byte[40];
        message[0] = (byte) NeighbourDiscovery.NEIGHBOUR_SOLICITATION;
        message[24] = 1;
        message[25] = 1;
        message[32] = 1;
        message[33] = 1;
        MemorySegment frame = TestFrames.icmpv6(a.toAll(), HIGH, a.ipv6Low, HIGH, other.ipv6Low, message);
        NeighbourDiscovery.target(frame, TestFrames.TRANSPORT6, HIGH, other.ipv6Low);
        setOptionMac(frame, 24, a.mac);
        setOptionMac(frame, 32, a.mac);
        allowed(frame);
        setOptionMac(frame, 32, other.mac);
        refused(frame, DropReason.SOURCE_NEIGHBOUR);
    }

    @Test
    void routerAdvertisementsAndRedirectsAreRefused() {
        RouterAdvertisement advertisement = new RouterAdvertisement(a.mac, 64, 0, 1800, 1500,
                List.of(TestBridge.GATEWAY_IPV6.network()), 3600, List.of(), 0);
        MemorySegment frame = a.to(0x3333_0000_0001L).ipv6(FE80, linkLocal, Ipv6.LINK_MULTICAST_HIGH, 1,
                Protocol.ICMPV6, 255, advertisement.length() - Ipv6.HEADER_LENGTH);
        advertisement.write(frame, TestFrames.PACKET, linkLocal, Ipv6.LINK_MULTICAST_HIGH, 1);
        refused(frame, DropReason.SOURCE_NEIGHBOUR);
        byte[] redirect = new byte[40];
        redirect[0] = (byte) Icmpv6.REDIRECT;
        refused(TestFrames.icmpv6(a.to(other), FE80, linkLocal, HIGH, other.ipv6Low, redirect),
                DropReason.SOURCE_NEIGHBOUR);
    }

    @Test
    void theyDoNotPassBehindExtensionHeaders() {
        byte[] advertisement = new byte[16];
        advertisement[0] = (byte) NeighbourDiscovery.ROUTER_ADVERTISEMENT;
        UnaryOperator<MemorySegment> options =
                frame -> TestFrames.extended(frame, Protocol.DESTINATION_OPTIONS, new byte[] {0, 0, 1, 4, 0, 0, 0, 0});
        MemorySegment plain = TestFrames.icmpv6(a.to(0x3333_0000_0001L), FE80, linkLocal, Ipv6.LINK_MULTICAST_HIGH, 1,
                advertisement);
        refused(options.apply(plain), DropReason.SOURCE_NEIGHBOUR);
        refused(options.apply(options.apply(plain)), DropReason.SOURCE_NEIGHBOUR);
        refused(TestFrames.fragment6(plain, 0, false), DropReason.SOURCE_NEIGHBOUR);
    }

    @Test
    void neighbourDiscoveryThatIsNoneIsRefused() {
        MemorySegment fromAfar = a.toAll().solicitation(HIGH, a.ipv6Low, HIGH, other.ipv6Low);
        Ipv6.hopLimit(fromAfar, TestFrames.PACKET, 254);
        refused(fromAfar, DropReason.BAD_HEADER);
    }

    @ParameterizedTest
    @ValueSource(ints = {Ethernet.VLAN, Ethernet.SERVICE_VLAN})
    void moreTagsThanAreLookedBehindAreRefused(int tpid) {
        MemorySegment frame = a.to(other).udp4(other.ipv4, a.ipv4, 9, 20, 0);
        for (int tags = 0; tags < 3; tags++) {
            frame = TestFrames.tagged(frame, tpid, 5);
        }
        net.forward(a, frame);
        assertThat(other.taken()).isEmpty();
        assertThat(a.drops(DropReason.SOURCE_ADDRESS)).isOne();
    }

    private static void setOptionMac(MemorySegment frame, int option, long mac) {
        for (int i = 0; i < 6; i++) {
            frame.set(java.lang.foreign.ValueLayout.JAVA_BYTE, TestFrames.TRANSPORT6 + option + 2 + i,
                    (byte) (mac >>> 40 - 8 * i));
        }
        TestFrames.resummed(frame);
    }
}
