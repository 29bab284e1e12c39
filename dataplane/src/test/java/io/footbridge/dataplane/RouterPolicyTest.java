package io.footbridge.dataplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.footbridge.nat.Filtering;
import io.footbridge.wire.Arp;
import io.footbridge.wire.DropReason;
import io.footbridge.wire.Ethernet;
import io.footbridge.wire.Icmp;
import io.footbridge.wire.Icmpv6;
import io.footbridge.wire.IpAddress;
import io.footbridge.wire.Ipv4;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv6;
import io.footbridge.wire.Ipv6Address;
import io.footbridge.wire.MacAddress;
import io.footbridge.wire.NeighbourDiscovery;
import io.footbridge.wire.Protocol;
import io.footbridge.wire.Tcp;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may reach whom, under which address, and what is refused. */
class RouterPolicyTest {
    private static final int P = TestFrames.PACKET;
    private static final Ipv4Address ELSE = Ipv4Address.parse("203.0.113.6");

    private final TestUplink world = TestUplink.masquerading();

    @AfterEach
    void close() {
        world.close();
    }

    private void route(boolean masquerade, List<IpAddress> pool, Filtering filtering) {
        world.route(world.web, new RouteSettings(world.uplink, masquerade, pool, filtering, RouteSettings.MSS_AUTO, false));
    }

    private void filtering(Filtering filtering) {
        route(true, List.of(), filtering);
    }

    private void dropped(TestHost from, DropReason reason, MemorySegment frame) {
        long before = from.drops(reason);
        from.send(frame);
        assertThat(from.drops(reason)).as(() -> world.drops().toString()).isEqualTo(before + 1);
        assertThat(world.table().count()).isZero();
    }

    @Test
    void filteringDecidesWhoReachesAMapping() {
        filtering(Filtering.ADDRESS);
        filtering(Filtering.ADDRESS_AND_PORT);
        world.a.send(world.a.udp(TestUplink.FAR, 5000, 53, 10));
        world.router.taken();
        world.router.send(world.router.udp(TestUplink.FAR, TestUplink.ADDRESS, 54, 5000, 10));
        assertThat(world.a.taken()).isEmpty();
        filtering(Filtering.ADDRESS);
        world.router.send(world.router.udp(TestUplink.FAR, TestUplink.ADDRESS, 54, 5000, 10));
        assertThat(TestHost.sourcePort(world.a.taken1())).isEqualTo(54);
        world.router.send(world.router.udp(ELSE, TestUplink.ADDRESS, 54, 5000, 10));
        assertThat(world.a.taken()).isEmpty();
        filtering(Filtering.ENDPOINT);
        world.router.send(world.router.udp(ELSE, TestUplink.ADDRESS, 54, 5000, 10));
        MemorySegment in = world.a.taken1();
        assertThat(TestHost.source(in)).isEqualTo(ELSE);
        assertThat(TestHost.isSound(in)).isTrue();
        world.a.send(world.a.udp(ELSE, 5000, 54, 10));
        assertThat(TestHost.sourcePort(world.router.taken().getLast())).isEqualTo(5000);
    }

    @Test
    void anotherContainerReachesAMappingAsOutsideWould() {
        filtering(Filtering.ENDPOINT);
        world.a.send(world.a.udp(TestUplink.FAR, 5000, 53, 10));
        world.c.send(world.c.udp(TestUplink.ADDRESS, 6000, 5000, 10));
        MemorySegment in = world.a.taken1();
        assertThat(TestHost.source(in)).isEqualTo(TestUplink.ADDRESS);
        assertThat(TestHost.sourcePort(in)).isEqualTo(6000);
        world.a.send(world.a.udp(TestUplink.ADDRESS, 5000, TestHost.sourcePort(in), 10));
        assertThat(TestHost.sourcePort(world.c.taken1())).isEqualTo(5000);
    }

    @Test
    void aPoolIsTakenAndAnsweredFor() {
        List<IpAddress> pool = List.of(Ipv4Address.parse("198.51.100.30"), Ipv4Address.parse("198.51.100.31"));
        route(true, pool, Filtering.ADDRESS_AND_PORT);
        assertThat(world.announced).containsAll(pool);
        world.a.send(world.a.udp(TestUplink.FAR, 5000, 53, 10));
        MemorySegment out = world.router.taken1();
        assertThat(pool).contains(TestHost.source(out));
        world.router.send(world.router.udp(TestUplink.FAR, TestHost.source(out), 53, TestHost.sourcePort(out), 10));
        assertThat(TestHost.isSound(world.a.taken1())).isTrue();
        world.forward(world.server, world.server.to(MacAddress.BROADCAST).arpRequest(world.server.ipv4.address(),
                ((Ipv4Address) pool.get(1)).address()));
        assertThat(Arp.senderAddress(world.server.questions().getFirst(), P))
                .isEqualTo(((Ipv4Address) pool.get(1)).address());
        world.server.send(world.server.echo(pool.get(0), 3, 10));
        assertThat(TestHost.source(world.server.taken1())).isEqualTo(pool.get(0));
    }

    @Test
    void withoutMasqueradingFlowsKeepTheirAddressAndAnswersPass() {
        route(false, List.of(), Filtering.ADDRESS_AND_PORT);
        world.a.send(world.a.udp(TestUplink.FAR, 5000, 53, 10));
        assertThat(TestHost.source(world.router.taken1())).isEqualTo(world.a.ipv4);
        world.router.send(world.router.udp(TestUplink.FAR, world.a.ipv4, 53, 5000, 10));
        assertThat(TestHost.isSound(world.a.taken1())).isTrue();
        world.router.send(world.router.udp(TestUplink.FAR, world.a.ipv4, 54, 5000, 10));
        assertThat(world.a.taken()).isEmpty();
        assertThat(world.router.drops(DropReason.UNSOLICITED)).isOne();
        world.router.send(world.router.udp(TestUplink.FAR, ELSE, 54, 5000, 10));
        assertThat(world.router.drops(DropReason.NOT_SERVED)).isOne();
    }

    @Test
    void anAddressOfItsOwnLeadsToItsContainerInBothDirections() {
        Ipv4Address own = Ipv4Address.parse("198.51.100.40");
        world.uplink.assign(own, world.a.port, world.a.ipv4);
        world.a.send(world.a.tcp(TestUplink.FAR, 40_000, 80, Tcp.SYN, 0));
        assertThat(TestHost.source(world.router.taken1())).isEqualTo(own);
        world.router.send(world.router.tcp(ELSE, own, 1234, 22, Tcp.SYN, 0));
        MemorySegment syn = world.a.taken1();
        assertThat(TestHost.destination(syn)).isEqualTo(world.a.ipv4);
        assertThat(TestHost.destinationPort(syn)).isEqualTo(22);
        world.router.send(world.router.echo(ELSE, own, Icmp.ECHO_REQUEST, 5, 10));
        assertThat(TestHost.destination(world.a.taken1())).isEqualTo(world.a.ipv4);
        world.a.send(world.a.echo(world.a.ipv4, ELSE, Icmp.ECHO_REPLY, 5, 10));
        assertThat(TestHost.source(world.router.taken1())).isEqualTo(own);
        MemorySegment gre = world.router.packet(ELSE, own, 47, 40);
        world.router.send(gre);
        assertThat(TestHost.protocol(world.a.taken1())).isEqualTo(47);
        world.c.send(world.c.udp(own, 6000, 9, 10));
        assertThat(TestHost.source(world.a.taken1())).as("hairpin").isEqualTo(TestUplink.ADDRESS);
        assertThatThrownBy(() -> world.uplink.assign(own, world.b.port, world.b.ipv4))
                .isInstanceOf(IllegalArgumentException.class);
        world.uplink.withdraw(own);
        world.router.send(world.router.tcp(ELSE, own, 1235, 22, Tcp.SYN, 0));
        assertThat(world.router.drops(DropReason.NOT_SERVED)).isOne();
        assertThat(world.table().count()).as("the last address's sessions are gone").isLessThanOrEqualTo(1);
    }

    @Test
    void portsOfOneAddressAreApartFromThoseOfAnother() {
        IpAddress second = Ipv4Address.parse("198.51.100.30");
        route(true, List.of(second), Filtering.ADDRESS_AND_PORT);
        world.publish(Protocol.TCP, Optional.of(second), 80, 1, world.a, 8080);
        world.publish(Protocol.TCP, Optional.of(TestUplink.ADDRESS), 80, 10, world.c, 8080);
        world.router.send(world.router.tcp(ELSE, second, 1234, 80, Tcp.SYN, 0));
        assertThat(TestHost.destinationPort(world.a.taken1())).isEqualTo(8080);
        world.router.send(world.router.tcp(ELSE, TestUplink.ADDRESS, 1234, 89, Tcp.SYN, 0));
        assertThat(TestHost.destinationPort(world.c.taken1())).isEqualTo(8089);
        assertThatThrownBy(() -> world.publish(Protocol.TCP, Optional.empty(), 85, 1, world.b, 80))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("published already");
        assertThatThrownBy(() -> world.publish(Protocol.TCP, Optional.of(ELSE), 99, 1, world.b, 80))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("no address of uplink");
        world.publish(Protocol.UDP, Optional.empty(), 80, 1, world.b, 80);
    }

    @Test
    void publishingAPortThatAMappingHoldsFlushesItsDatagramsAndKeepsItsConnections() {
        world.a.send(world.a.udp(TestUplink.FAR, 5000, 53, 10));
        world.router.taken();
        world.connect(world.a, TestUplink.FAR, 6000, 80);
        world.publish(Protocol.UDP, 5000, world.c, 5000);
        PublishedPort tcp = world.publish(Protocol.TCP, 6000, world.c, 6000);
        world.router.taken();
        world.router.send(world.router.udp(TestUplink.FAR, TestUplink.ADDRESS, 53, 5000, 10));
        assertThat(world.a.taken()).isEmpty();
        assertThat(world.c.taken()).hasSize(1);
        world.router.send(world.router.tcp(TestUplink.FAR, TestUplink.ADDRESS, 80, 6000, Tcp.ACK, 10));
        assertThat(world.a.taken()).hasSize(1);
        world.router.send(world.router.tcp(ELSE, TestUplink.ADDRESS, 80, 6000, Tcp.SYN, 0));
        assertThat(world.c.taken()).hasSize(1);
        world.uplink.unpublish(tcp);
        world.router.send(world.router.tcp(ELSE, TestUplink.ADDRESS, 81, 6000, Tcp.SYN, 0));
        assertThat(world.c.taken()).isEmpty();
        assertThat(world.uplink.published()).hasSize(1);
    }

    @Test
    void theHostReachesWhatItsNetworksUplinkPublishesAndNothingElse() {
        TestHost host = world.hostInterface(world.web);
        world.publish(Protocol.TCP, 8080, world.a, 80);
        world.forward(host, host.to(MacAddress.BROADCAST).arpRequest(host.ipv4.address(), TestUplink.ADDRESS.address()));
        MemorySegment answer = host.questions().getFirst();
        assertThat(Arp.senderMac(answer, P)).isEqualTo(TestUplink.UPLINK_MAC);
        host.send(host.tcp(TestUplink.ADDRESS, 40_000, 8080, Tcp.SYN, 0));
        MemorySegment syn = world.a.taken1();
        assertThat(TestHost.source(syn)).isEqualTo(TestUplink.ADDRESS);
        assertThat(TestHost.isSound(syn)).isTrue();
        world.a.send(world.a.tcp(TestUplink.ADDRESS, 80, TestHost.sourcePort(syn), Tcp.SYN | Tcp.ACK, 0));
        MemorySegment back = host.taken1();
        assertThat(TestHost.destination(back)).isEqualTo(host.ipv4);
        assertThat(TestHost.destinationPort(back)).isEqualTo(40_000);
        assertThat(Ethernet.source(back, TestFrames.HEADER)).isEqualTo(TestUplink.UPLINK_MAC);
        assertThat(Ethernet.destination(back, TestFrames.HEADER)).isEqualTo(TestUplink.WEB_MAC);
        host.send(host.echo(TestUplink.ADDRESS, 7, 20));
        assertThat(TestHost.source(host.taken1())).isEqualTo(TestUplink.ADDRESS);
        host.send(host.udp(TestUplink.FAR, 5000, 53, 10));
        assertThat(host.drops(DropReason.NOT_SERVED)).isOne();
        host.send(host.udp(world.c.ipv4, 5000, 53, 10));
        assertThat(host.drops(DropReason.NOT_SERVED)).isEqualTo(2);
        host.send(host.tcp(ELSE, TestUplink.ADDRESS, 40_001, 8080, Tcp.SYN, 0));
        assertThat(host.drops(DropReason.MARTIAN)).isOne();
        assertThat(world.router.taken()).isEmpty();
    }

    @Test
    void theHostFindsTheUplinksIpv6AddressToo() {
        TestHost host = world.hostInterface(world.web);
        world.publish(Protocol.TCP, 8080, world.a, 80);
        world.forward(host, host.to(0x3333_ff00_0010L).solicitation(host.ipv6.high(), host.ipv6.low(),
                TestUplink.ADDRESS6.high(), TestUplink.ADDRESS6.low()));
        MemorySegment answer = host.questions().getFirst();
        assertThat(NeighbourDiscovery.linkLayerAddress(answer, TestFrames.TRANSPORT6, 24)).isEqualTo(TestUplink.UPLINK_MAC);
        host.send(host.tcp(TestUplink.ADDRESS6, 40_000, 8080, Tcp.SYN, 0));
        MemorySegment syn = world.a.taken1();
        assertThat(TestHost.source(syn)).isEqualTo(TestUplink.ADDRESS6);
        world.a.send(world.a.tcp(TestUplink.ADDRESS6, 80, TestHost.sourcePort(syn), Tcp.SYN | Tcp.ACK, 0));
        assertThat(TestHost.destination(host.taken1())).isEqualTo(host.ipv6);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aNetworkWithoutAWayOutReachesNobodyAndIsReachedByWhatItPublishes(boolean ipv6) {
        world.routing.route(world.db, Optional.empty());
        world.c.send(world.c.udp(ipv6 ? TestUplink.FAR6 : TestUplink.FAR, 5000, 53, 10));
        MemorySegment error = world.c.taken1();
        assertThat(Icmp.code(error, TestHost.transport(error))).isEqualTo(ipv6 ? Icmpv6.NO_ROUTE : Icmp.NETWORK_UNREACHABLE);
        assertThat(world.c.drops(DropReason.NO_UPLINK)).isOne();
        world.publish(Protocol.TCP, 8080, world.c, 80);
        IpAddress far = ipv6 ? TestUplink.FAR6 : TestUplink.FAR;
        world.router.send(world.router.tcp(far, ipv6 ? TestUplink.ADDRESS6 : TestUplink.ADDRESS, 1234, 8080, Tcp.SYN, 0));
        world.c.taken1();
        world.c.send(world.c.tcp(far, 80, 1234, Tcp.SYN | Tcp.ACK, 0));
        assertThat(world.router.taken()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "127.0.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "10.2.0.2", "10.1.0.1",
        "203.0.113.9"})
    void sourcesThatNoContainerHasAreMartians(String source) {
        dropped(world.a, DropReason.MARTIAN, world.a.udp(Ipv4Address.parse(source), TestUplink.FAR, 5000, 53, 10));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "0.0.0.9", "127.0.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
        "198.51.100.255"})
    void destinationsThatNoHostHasAreMartians(String destination) {
        dropped(world.a, DropReason.MARTIAN, world.a.udp(Ipv4Address.parse(destination), 5000, 53, 10));
    }

    @ParameterizedTest
    @ValueSource(strings = {"::1", "ff02::1", "::", "fd02::2", "fd01::1", "fe80::5"})
    void ipv6SourcesThatNoContainerHasAreMartians(String source) {
        dropped(world.a, DropReason.MARTIAN, world.a.udp(Ipv6Address.parse(source), TestUplink.FAR6, 5000, 53, 10));
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.1.0.2", "10.2.0.9", "198.51.100.10", "127.0.0.1"})
    void nobodyOutsideHasOurAddresses(String source) {
        world.publish(Protocol.UDP, 53, world.a, 53);
        dropped(world.router, DropReason.MARTIAN,
                world.router.udp(Ipv4Address.parse(source), TestUplink.ADDRESS, 5000, 53, 10));
    }

    @Test
    void aPacketToItselfIsAMartian() {
        world.publish(Protocol.TCP, 80, world.a, 80);
        dropped(world.router, DropReason.MARTIAN,
                world.router.tcp(TestUplink.ADDRESS, TestUplink.ADDRESS, 80, 80, Tcp.SYN, 0));
    }

    @Test
    void packetsThatChooseTheirOwnWayAreMartians() {
        MemorySegment loose = TestFrames.withOptions(world.a.udp(TestUplink.FAR, 5000, 53, 10), 12);
        loose.set(ValueLayout.JAVA_BYTE, TestFrames.TRANSPORT4, (byte) 131);
        Ipv4.writeChecksum(loose, P);
        dropped(world.a, DropReason.MARTIAN, loose);
        MemorySegment routed = TestFrames.extended(world.a.udp(TestUplink.FAR6, 5000, 53, 10), Protocol.ROUTING,
                new byte[8]);
        dropped(world.a, DropReason.MARTIAN, routed);
        world.a.send(TestFrames.withOptions(world.a.udp(TestUplink.FAR, 5000, 53, 10), 12));
        assertThat(world.router.taken()).as("record route is harmless").hasSize(1);
    }

    @Test
    void badChecksumsAndImpossibleFlagsAreDropped() {
        MemorySegment bad = world.a.udp(TestUplink.FAR, 5000, 53, 10);
        Ipv4.identification(bad, P, 77);
        dropped(world.a, DropReason.BAD_CHECKSUM, bad);
        dropped(world.a, DropReason.BAD_STATE, world.a.tcp(TestUplink.FAR, 5000, 80, Tcp.SYN | Tcp.FIN, 0));
        dropped(world.a, DropReason.BAD_STATE, world.a.tcp(TestUplink.FAR, 5000, 80, Tcp.ACK, 10));
        assertThat(world.a.taken()).as("silently").isEmpty();
        assertThat(world.router.taken()).isEmpty();
    }

    @Test
    void theLimitsOfAContainerHoldAndOthersGoOn() {
        PortSettings set = world.a.port.settings();
        world.a.port.settings(new PortSettings(set.role(), set.mtu(), false, false, 0, 0, 3, 2, Optional.empty()));
        for (int i = 0; i < 4; i++) {
            world.a.send(world.a.udp(TestUplink.FAR, 5000 + i / 2, 100 + i, 10));
        }
        assertThat(world.a.drops(DropReason.FLOW_LIMIT)).isOne();
        MemorySegment error = world.a.taken1();
        assertThat(Icmp.code(error, TestFrames.TRANSPORT4)).isEqualTo(Icmp.ADMINISTRATIVELY_PROHIBITED);
        world.a.port.settings(new PortSettings(set.role(), set.mtu(), false, false, 0, 0, 10, 2, Optional.empty()));
        world.a.send(world.a.udp(TestUplink.FAR, 5002, 100, 10));
        assertThat(world.a.drops(DropReason.PORT_LIMIT)).isOne();
        world.router.taken();
        world.b.send(world.b.udp(TestUplink.FAR, 5002, 100, 10));
        assertThat(world.router.taken()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void errorsOfTheWorldComeBackToTheFlowTheySpeakOf(boolean ipv6) {
        IpAddress far = ipv6 ? TestUplink.FAR6 : TestUplink.FAR;
        world.a.send(world.a.udp(far, 5000, 53, 10));
        world.router.send(world.router.error(world.router.taken1(), ipv6 ? Icmpv6.UNREACHABLE : Icmp.UNREACHABLE,
                ipv6 ? Icmpv6.PORT_UNREACHABLE : Icmp.PORT_UNREACHABLE, 0));
        MemorySegment error = world.a.taken1();
        assertThat(TestHost.isSound(error)).isTrue();
        assertThat(TestHost.destination(error)).isEqualTo(ipv6 ? world.a.ipv6 : world.a.ipv4);
        assertThat(TestHost.source(error)).isEqualTo(ipv6 ? world.router.ipv6 : world.router.ipv4);
        long quoted = TestHost.transport(error) + 8;
        if (ipv6) {
            assertThat(Ipv6.sourceLow(error, quoted)).isEqualTo(world.a.ipv6.low());
        } else {
            assertThat(Ipv4.source(error, quoted)).isEqualTo(world.a.ipv4.address());
        }
        assertThat(world.drops()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void errorsOfAContainerGoOutUnderTheOutsideAddress(boolean ipv6) {
        world.publish(Protocol.UDP, 53, world.c, 5353);
        IpAddress far = ipv6 ? TestUplink.FAR6 : TestUplink.FAR;
        IpAddress address = ipv6 ? TestUplink.ADDRESS6 : TestUplink.ADDRESS;
        world.router.send(world.router.udp(far, address, 7777, 53, 10));
        world.c.send(world.c.error(world.c.taken1(), ipv6 ? Icmpv6.UNREACHABLE : Icmp.UNREACHABLE,
                ipv6 ? Icmpv6.PORT_UNREACHABLE : Icmp.PORT_UNREACHABLE, 0));
        MemorySegment error = world.router.taken1();
        assertThat(TestHost.isSound(error)).isTrue();
        assertThat(TestHost.source(error)).isEqualTo(address);
        assertThat(TestHost.destination(error)).isEqualTo(far);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void errorsAreTurnedRoundLikeTheFlowsTheySpeakOf(boolean ipv6) {
        world.publish(Protocol.UDP, 53, world.c, 5353);
        IpAddress address = ipv6 ? TestUplink.ADDRESS6 : TestUplink.ADDRESS;
        world.a.send(world.a.udp(address, 5000, 53, 10));
        world.c.send(world.c.error(world.c.taken1(), ipv6 ? Icmpv6.UNREACHABLE : Icmp.UNREACHABLE,
                ipv6 ? Icmpv6.PORT_UNREACHABLE : Icmp.PORT_UNREACHABLE, 0));
        MemorySegment error = world.a.taken1();
        assertThat(TestHost.isSound(error)).isTrue();
        assertThat(TestHost.source(error)).isEqualTo(address);
        assertThat(TestHost.destination(error)).isEqualTo(ipv6 ? world.a.ipv6 : world.a.ipv4);
        assertThat(world.drops()).isEmpty();
    }

    @Test
    void errorsAboutNothingAreDropped() {
        MemorySegment lie = world.router.udp(TestUplink.ADDRESS, TestUplink.FAR, 5000, 53, 10);
        world.router.send(world.router.error(lie, Icmp.UNREACHABLE, Icmp.PORT_UNREACHABLE, 0));
        assertThat(world.drops()).containsOnlyKeys(DropReason.BAD_QUOTE);
    }

    @Test
    void aNetworkThatIsNoLongerRoutedHasNoFlowsOut() {
        world.a.send(world.a.udp(TestUplink.FAR, 5000, 53, 10));
        world.router.taken();
        world.routing.route(world.web, Optional.empty());
        assertThat(world.table().count()).isZero();
        world.router.send(world.router.udp(TestUplink.FAR, TestUplink.ADDRESS, 53, 5000, 10));
        assertThat(world.a.taken()).isEmpty();
    }

    @Test
    void aNeighbourWhoseMacIsBehindNoKnownPortIsFoundByFlooding() {
        world.web.removeFdb(world.a.mac, 0);
        world.publish(Protocol.UDP, 53, world.a, 53);
        world.router.send(world.router.udp(TestUplink.FAR, TestUplink.ADDRESS, 5000, 53, 10));
        assertThat(world.a.taken()).hasSize(1);
        assertThat(world.b.taken()).as("as the bridge floods").hasSize(1);
    }
}
