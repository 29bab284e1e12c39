package io.footbridge.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.wire.DropReason;
import io.footbridge.wire.Ethernet;
import io.footbridge.wire.Icmp;
import io.footbridge.wire.Icmpv6;
import io.footbridge.wire.IpAddress;
import io.footbridge.wire.Ipv4;
import io.footbridge.wire.Ipv6;
import io.footbridge.wire.Protocol;
import io.footbridge.wire.Tcp;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Flows that leave a network by its uplink, and come in by published ports. */
class RouterTest {
    private final TestUplink world = TestUplink.masquerading();

    @AfterEach
    void close() {
        world.close();
    }

    private static IpAddress far(boolean ipv6) {
        return ipv6 ? TestUplink.FAR6 : TestUplink.FAR;
    }

    private static IpAddress uplink(boolean ipv6) {
        return ipv6 ? TestUplink.ADDRESS6 : TestUplink.ADDRESS;
    }

    private static IpAddress address(TestHost host, boolean ipv6) {
        return ipv6 ? host.ipv6 : host.ipv4;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aConnectionLeavesUnderTheUplinksAddressAndItsAnswersComeBack(boolean ipv6) {
        world.a.send(world.a.tcp(far(ipv6), 40_000, 80, Tcp.SYN, 0));
        MemorySegment syn = world.router.taken1();
        assertThat(TestHost.source(syn)).isEqualTo(uplink(ipv6));
        assertThat(TestHost.destination(syn)).isEqualTo(far(ipv6));
        assertThat(TestHost.sourcePort(syn)).isEqualTo(40_000);
        assertThat(TestHost.hops(syn)).isEqualTo(63);
        assertThat(TestHost.isSound(syn)).isTrue();
        assertThat(Ethernet.destination(syn, TestFrames.HEADER)).isEqualTo(world.router.mac);
        assertThat(Ethernet.source(syn, TestFrames.HEADER)).isEqualTo(TestUplink.UPLINK_MAC);
        world.router.send(world.router.tcp(far(ipv6), uplink(ipv6), 80, 40_000, Tcp.SYN | Tcp.ACK, 0));
        MemorySegment answer = world.a.taken1();
        assertThat(TestHost.source(answer)).isEqualTo(far(ipv6));
        assertThat(TestHost.destination(answer)).isEqualTo(address(world.a, ipv6));
        assertThat(TestHost.destinationPort(answer)).isEqualTo(40_000);
        assertThat(TestHost.isSound(answer)).isTrue();
        assertThat(Ethernet.destination(answer, TestFrames.HEADER)).isEqualTo(world.a.mac);
        assertThat(Ethernet.source(answer, TestFrames.HEADER)).isEqualTo(TestUplink.WEB_MAC);
        world.a.send(world.a.tcp(far(ipv6), 40_000, 80, Tcp.ACK, 100));
        assertThat(TestHost.isSound(world.router.taken1())).isTrue();
        assertThat(world.drops()).isEmpty();
        assertThat(world.web.route().orElseThrow().rule(ipv6).packets()).isOne();
        assertThat(world.web.route().orElseThrow().rule(ipv6).bytes()).isEqualTo(ipv6 ? 60 : 40);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void datagramsAndPingsGoOutAndBack(boolean ipv6) {
        world.a.send(world.a.udp(far(ipv6), 5000, 53, 30));
        world.b.send(world.b.udp(far(ipv6), 5000, 53, 30));
        java.util.List<MemorySegment> queries = world.router.taken();
        assertThat(queries).hasSize(2);
        for (MemorySegment query : queries) {
            assertThat(TestHost.isSound(query)).isTrue();
            world.router.send(world.router.udp(far(ipv6), uplink(ipv6), 53, TestHost.sourcePort(query), 90));
        }
        assertThat(TestHost.isSound(world.a.taken1())).isTrue();
        assertThat(TestHost.isSound(world.b.taken1())).isTrue();
        world.a.send(world.a.echo(far(ipv6), 77, 56));
        MemorySegment request = world.router.taken1();
        assertThat(TestHost.source(request)).isEqualTo(uplink(ipv6));
        assertThat(TestHost.isSound(request)).isTrue();
        world.router.send(world.router.echo(far(ipv6), uplink(ipv6), ipv6 ? Icmpv6.ECHO_REPLY : Icmp.ECHO_REPLY,
                Icmp.identifier(request, TestHost.transport(request)), 56));
        MemorySegment reply = world.a.taken1();
        assertThat(Icmp.identifier(reply, TestHost.transport(reply))).isEqualTo(77);
        assertThat(TestHost.isSound(reply)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aPublishedPortLeadsToItsContainerWhichSeesTheClient(boolean ipv6) {
        PublishedPort published = world.publish(Protocol.TCP, 8080, world.c, 80);
        world.router.send(world.router.tcp(far(ipv6), uplink(ipv6), 3333, 8080, Tcp.SYN, 0));
        MemorySegment syn = world.c.taken1();
        assertThat(TestHost.source(syn)).isEqualTo(far(ipv6));
        assertThat(TestHost.destination(syn)).isEqualTo(address(world.c, ipv6));
        assertThat(TestHost.destinationPort(syn)).isEqualTo(80);
        assertThat(TestHost.isSound(syn)).isTrue();
        world.c.send(world.c.tcp(far(ipv6), 80, 3333, Tcp.SYN | Tcp.ACK, 0));
        MemorySegment answer = world.router.taken1();
        assertThat(TestHost.source(answer)).isEqualTo(uplink(ipv6));
        assertThat(TestHost.sourcePort(answer)).isEqualTo(8080);
        assertThat(TestHost.isSound(answer)).isTrue();
        assertThat(published.rule().packets()).isOne();
        assertThat(world.drops()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aContainerReachesAPublishedPortWithTheExternalSource(boolean ipv6) {
        world.publish(Protocol.TCP, 8080, world.c, 80);
        world.publish(Protocol.TCP, 8081, world.a, 81);
        for (TestHost target : new TestHost[] {world.c, world.a}) {
            int outside = target == world.c ? 8080 : 8081;
            int inside = target == world.c ? 80 : 81;
            world.a.send(world.a.tcp(uplink(ipv6), 41_000, outside, Tcp.SYN, 0));
            MemorySegment syn = target.taken1();
            assertThat(TestHost.source(syn)).isEqualTo(uplink(ipv6));
            assertThat(TestHost.destination(syn)).isEqualTo(address(target, ipv6));
            assertThat(TestHost.destinationPort(syn)).isEqualTo(inside);
            assertThat(TestHost.hops(syn)).isEqualTo(63);
            assertThat(TestHost.isSound(syn)).isTrue();
            target.send(target.tcp(uplink(ipv6), inside, TestHost.sourcePort(syn), Tcp.SYN | Tcp.ACK, 0));
            MemorySegment answer = world.a.taken1();
            assertThat(TestHost.source(answer)).isEqualTo(uplink(ipv6));
            assertThat(TestHost.sourcePort(answer)).isEqualTo(outside);
            assertThat(TestHost.destinationPort(answer)).isEqualTo(41_000);
            assertThat(TestHost.isSound(answer)).isTrue();
        }
        assertThat(world.drops()).isEmpty();
        assertThat(world.router.taken()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void networksDoNotReachEachOther(boolean ipv6) {
        world.a.send(world.a.tcp(address(world.c, ipv6), 40_000, 80, Tcp.SYN, 0));
        assertThat(world.c.taken()).isEmpty();
        MemorySegment error = world.a.taken1();
        assertThat(Icmp.type(error, TestHost.transport(error))).isEqualTo(ipv6 ? Icmpv6.UNREACHABLE : Icmp.UNREACHABLE);
        assertThat(Icmp.code(error, TestHost.transport(error))).isEqualTo(ipv6 ? Icmpv6.ADMINISTRATIVELY_PROHIBITED
                : Icmp.ADMINISTRATIVELY_PROHIBITED);
        assertThat(world.a.drops(DropReason.OTHER_NETWORK)).isOne();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void unpublishedPortsAreClosed(boolean ipv6) {
        world.router.send(world.router.tcp(far(ipv6), uplink(ipv6), 3333, 8080, Tcp.SYN, 0));
        assertThat(world.router.taken()).as("RFC 5382 REQ-4").isEmpty();
        world.router.send(world.router.udp(far(ipv6), uplink(ipv6), 3333, 8080, 10));
        MemorySegment error = world.router.taken1();
        assertThat(Icmp.code(error, TestHost.transport(error))).isEqualTo(ipv6 ? Icmpv6.PORT_UNREACHABLE
                : Icmp.PORT_UNREACHABLE);
        assertThat(world.router.drops(DropReason.UNSOLICITED)).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theLastHopIsToldToTheSender(boolean ipv6) {
        world.a.send(TestHost.withHops(world.a.udp(far(ipv6), 33_434, 33_434, 20), 1));
        MemorySegment error = world.a.taken1();
        assertThat(TestHost.source(error).toString()).isEqualTo(ipv6 ? "fd01::1" : "10.1.0.1");
        assertThat(Icmp.type(error, TestHost.transport(error))).isEqualTo(ipv6 ? Icmpv6.TIME_EXCEEDED : Icmp.TIME_EXCEEDED);
        assertThat(TestHost.isSound(error)).isTrue();
        assertThat(world.a.drops(DropReason.TTL)).isOne();
        assertThat(world.router.taken()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theUplinksAddressIsPingedFromOutsideAndInside(boolean ipv6) {
        world.server.send(world.server.echo(uplink(ipv6), 1, 56));
        assertThat(TestHost.source(world.server.taken1())).isEqualTo(uplink(ipv6));
        world.a.send(world.a.echo(uplink(ipv6), 1, 56));
        MemorySegment reply = world.a.taken1();
        assertThat(TestHost.source(reply)).isEqualTo(uplink(ipv6));
        assertThat(TestHost.isSound(reply)).isTrue();
        assertThat(world.drops()).isEmpty();
    }

    @Test
    void aContainerThatIsGoneLeavesNoFlows() {
        world.publish(Protocol.TCP, 8080, world.a, 80);
        world.a.send(world.a.udp(TestUplink.FAR, 5000, 53, 30));
        world.router.send(world.router.tcp(TestUplink.FAR, TestUplink.ADDRESS, 3333, 8080, Tcp.SYN, 0));
        assertThat(world.table().count()).isEqualTo(2);
        world.remove(world.a);
        assertThat(world.table().count()).isZero();
        assertThat(world.table().mappings()).isZero();
        world.router.send(world.router.tcp(TestUplink.FAR, TestUplink.ADDRESS, 3334, 8080, Tcp.SYN, 0));
        assertThat(world.router.drops(DropReason.UNSOLICITED)).isOne();
        assertThat(Ipv4.MIN_HEADER_LENGTH + Ipv6.HEADER_LENGTH).isEqualTo(60);
    }
}
