package io.footbridge.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.wire.BigEndian;
import io.footbridge.wire.DropReason;
import io.footbridge.wire.Icmp;
import io.footbridge.wire.Icmpv6;
import io.footbridge.wire.IpAddress;
import io.footbridge.wire.Ipv4;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv6;
import io.footbridge.wire.Protocol;
import io.footbridge.wire.Tcp;
import io.footbridge.wire.VirtioNetHeader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Packets that are too long for the next link, fragments, and the MSS that keeps TCP from making them. */
class RouterMtuTest {
    private static final int P = TestFrames.PACKET;
    private static final int NARROW = 1400;

    private final TestUplink world = TestUplink.masquerading();

    @AfterEach
    void close() {
        world.close();
    }

    private static IpAddress far(boolean ipv6) {
        return ipv6 ? TestUplink.FAR6 : TestUplink.FAR;
    }

    private void narrow() {
        Port port = world.uplink.port();
        port.settings(port.settings().withMtu(NARROW));
    }

    private static MemorySegment dontFragment(MemorySegment frame, boolean set) {
        Ipv4.flagsAndFragmentOffset(frame, P, set ? Ipv4.DONT_FRAGMENT : 0);
        Ipv4.writeChecksum(frame, P);
        return frame;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatMayNotBeFragmentedIsTooBigAndTheSenderIsToldHowBig(boolean ipv6) {
        narrow();
        world.a.send(world.a.udp(far(ipv6), 5000, 53, 1400));
        assertThat(world.router.taken()).isEmpty();
        MemorySegment error = world.a.taken1();
        assertThat(TestHost.isSound(error)).isTrue();
        long message = TestHost.transport(error);
        assertThat(Icmp.type(error, message)).isEqualTo(ipv6 ? Icmpv6.PACKET_TOO_BIG : Icmp.UNREACHABLE);
        assertThat(Icmp.rest(error, message)).isEqualTo(NARROW);
        if (!ipv6) {
            assertThat(Icmp.code(error, message)).isEqualTo(Icmp.FRAGMENTATION_NEEDED);
            assertThat(Ipv4.source(error, message + 8)).as("quoted as it was sent").isEqualTo(world.a.ipv4.address());
        }
        assertThat(world.a.drops(DropReason.MTU)).isOne();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void bulkFramesAreJudgedByTheirSegments(boolean ipv6) {
        world.connect(world.a, far(ipv6), 5201, 5201);
        int mss = ipv6 ? 1428 : 1448;
        MemorySegment bulk = bulk(ipv6, mss);
        world.a.send(bulk);
        MemorySegment sent = world.router.taken1();
        assertThat(VirtioNetHeader.gsoSize(sent, 0)).isEqualTo(mss);
        assertThat(sent.byteSize()).isEqualTo(bulk.byteSize());
        assertThat(TestHost.hops(sent)).isEqualTo(63);
        narrow();
        world.a.send(bulk(ipv6, mss));
        assertThat(world.router.taken()).isEmpty();
        assertThat(Icmp.rest(world.a.taken1(), ipv6 ? TestFrames.TRANSPORT6 : TestFrames.TRANSPORT4)).isEqualTo(NARROW);
    }

    private MemorySegment bulk(boolean ipv6, int mss) {
        SampleFrames frames = world.a.to(TestUplink.WEB_MAC);
        if (!ipv6) {
            return frames.tcp4(world.a.ipv4.address(), TestUplink.FAR.address(), 20 * mss, mss);
        }
        MemorySegment frame = frames.tcp6(world.a.ipv6.low(), TestUplink.FAR6.low(), world.a.ipv6.high(), 20 * mss, mss);
        Ipv6.destination(frame, P, TestUplink.FAR6.high(), TestUplink.FAR6.low());
        Tcp.checksum(frame, TestFrames.TRANSPORT6, Ipv6.pseudoHeader(frame, P, Protocol.TCP, 20 + 20 * mss));
        return frame;
    }

    @Test
    void whatMayBeFragmentedIsAndInOrder() {
        narrow();
        MemorySegment datagram = dontFragment(world.a.udp(TestUplink.FAR, 5000, 53, 1400), false);
        world.a.send(datagram);
        List<MemorySegment> fragments = world.router.taken();
        assertThat(fragments).hasSize(2).allMatch(fragment -> Ipv4.verify(fragment, P)
                && Ipv4.source(fragment, P) == TestUplink.ADDRESS.address() && Ipv4.totalLength(fragment, P) <= NARROW);
        assertThat(Ipv4.fragmentOffset(fragments.get(0), P)).isZero();
        assertThat(Ipv4.fragmentOffset(fragments.get(1), P)).isEqualTo(1376);
        assertThat(Ipv4.identification(fragments.get(0), P)).isEqualTo(Ipv4.identification(fragments.get(1), P));
        assertThat(TestHost.isSound(joined(fragments))).isTrue();
        assertThat(world.drops()).isEmpty();
    }

    @Test
    void bulkDatagramsThatMayBeFragmentedAre() {
        narrow();
        MemorySegment bulk = world.a.to(TestUplink.WEB_MAC).udp4(world.a.ipv4.address(), TestUplink.FAR.address(), 53,
                3 * 1450, 1450);
        world.a.send(dontFragment(bulk, false));
        List<MemorySegment> fragments = world.router.taken();
        assertThat(fragments).hasSize(6);
        for (int i = 0; i < 6; i += 2) {
            assertThat(TestHost.isSound(joined(fragments.subList(i, i + 2)))).isTrue();
        }
        assertThat(fragments.stream().map(fragment -> Ipv4.identification(fragment, P)).distinct()).hasSize(3);
    }

    /** The packet that fragments make, which come in order. */
    private static MemorySegment joined(List<MemorySegment> fragments) {
        MemorySegment last = fragments.getLast();
        int length = Ipv4.fragmentOffset(last, P) + Ipv4.totalLength(last, P) - 20;
        MemorySegment whole = Arena.ofAuto().allocate(TestFrames.TRANSPORT4 + (long) length);
        MemorySegment.copy(fragments.getFirst(), 0, whole, 0, TestFrames.TRANSPORT4);
        for (MemorySegment fragment : fragments) {
            MemorySegment.copy(fragment, TestFrames.TRANSPORT4, whole,
                    TestFrames.TRANSPORT4 + (long) Ipv4.fragmentOffset(fragment, P), Ipv4.totalLength(fragment, P) - 20L);
        }
        Ipv4.totalLength(whole, P, 20 + length);
        Ipv4.flagsAndFragmentOffset(whole, P, 0);
        Ipv4.writeChecksum(whole, P);
        return whole;
    }

    private static MemorySegment[] fragments(MemorySegment whole, int part) {
        int payload = Ipv4.totalLength(whole, P) - 20;
        ArrayList<MemorySegment> all = new ArrayList<>();
        for (int at = 0; at < payload; at += part) {
            int length = Math.min(part, payload - at);
            MemorySegment piece = TestFrames.copy(whole.asSlice(0, TestFrames.TRANSPORT4 + (long) length));
            MemorySegment.copy(whole, TestFrames.TRANSPORT4 + at, piece, TestFrames.TRANSPORT4, length);
            Ipv4.totalLength(piece, P, 20 + length);
            Ipv4.identification(piece, P, 99);
            all.add(TestFrames.fragment(piece, at, at + length < payload));
        }
        return all.toArray(MemorySegment[]::new);
    }

    private static MemorySegment patterned(MemorySegment frame, int header) {
        for (long i = TestFrames.TRANSPORT4 + header; i < frame.byteSize(); i++) {
            frame.set(ValueLayout.JAVA_BYTE, i, (byte) (i * 13));
        }
        return TestHost.summed(frame);
    }

    @Test
    void fragmentsGoOutAndComeBackInAnyOrder() {
        MemorySegment[] query = fragments(patterned(world.a.udp(TestUplink.FAR, 5000, 53, 3000), 8), 1480);
        world.a.send(query[2], query[0], query[1]);
        List<MemorySegment> sent = world.router.taken();
        assertThat(sent).hasSize(3);
        assertThat(sent).allMatch(fragment -> Ipv4.source(fragment, P) == TestUplink.ADDRESS.address());
        assertThat(sent.stream().map(fragment -> Ipv4.identification(fragment, P)).distinct()).hasSize(1);
        assertThat(TestHost.isSound(joined(inOrder(sent)))).isTrue();
        MemorySegment[] answer = fragments(patterned(world.router.udp(TestUplink.FAR, TestUplink.ADDRESS, 53, 5000, 3000),
                8), 1480);
        world.router.send(answer[1], answer[2], answer[0]);
        List<MemorySegment> got = world.a.taken();
        assertThat(got).hasSize(3);
        MemorySegment whole = joined(inOrder(got));
        assertThat(TestHost.isSound(whole)).isTrue();
        assertThat(TestHost.destinationPort(whole)).isEqualTo(5000);
        assertThat(world.drops()).isEmpty();
    }

    private static List<MemorySegment> inOrder(List<MemorySegment> fragments) {
        return fragments.stream().sorted(Comparator.comparing(f -> Ipv4.fragmentOffset(f, P))).toList();
    }

    @Test
    void hairpinnedFragmentsArrive() {
        world.publish(Protocol.UDP, 53, world.c, 5353);
        MemorySegment[] query = fragments(patterned(world.a.udp(TestUplink.ADDRESS, 5000, 53, 3000), 8), 1480);
        world.a.send(query[1], query[0], query[2]);
        MemorySegment whole = joined(inOrder(world.c.taken()));
        assertThat(TestHost.isSound(whole)).isTrue();
        assertThat(TestHost.destinationPort(whole)).isEqualTo(5353);
        assertThat(world.drops()).isEmpty();
    }

    @Test
    void fragmentsWaitForNeighboursToo() {
        MemorySegment[] query = fragments(patterned(world.a.udp(
                Ipv4Address.parse("198.51.100.77"), 5000, 53, 3000), 8), 1480);
        TestHost stranger = world.outside("198.51.100.77", "2001:db8::77");
        world.a.send(query[0], query[2], query[1]);
        stranger.send(stranger.arpReplyTo(world.router.questions().getFirst()));
        assertThat(TestHost.isSound(joined(inOrder(stranger.taken())))).isTrue();
    }

    @Test
    void fragmentsWhoseFirstNeverComesAreDropped() {
        MemorySegment[] query = fragments(world.a.udp(TestUplink.FAR, 5000, 53, 3000), 1480);
        world.a.send(query[1], query[2]);
        assertThat(world.drops()).isEmpty();
        world.advanceSilently(Duration.ofSeconds(3));
        assertThat(world.a.drops(DropReason.FRAGMENT)).isEqualTo(2);
        assertThat(world.router.taken()).isEmpty();
    }

    @Test
    void overlappingFragmentsAreDropped() {
        MemorySegment[] query = fragments(world.a.udp(TestUplink.FAR, 5000, 53, 3000), 1480);
        MemorySegment overlap = TestFrames.fragment(query[1], 1472, true);
        world.a.send(query[0], overlap);
        assertThat(world.router.taken()).hasSize(1);
        assertThat(world.a.drops(DropReason.FRAGMENT)).isOne();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theMssIsClampedInBothDirections(boolean ipv6) {
        narrow();
        int limit = NARROW - (ipv6 ? 60 : 40);
        world.a.send(withMss(world.a.tcp(far(ipv6), 40_000, 80, Tcp.SYN, 4), 1460));
        assertThat(mss(world.router.taken1())).isEqualTo(limit);
        world.router.send(withMss(world.router.tcp(far(ipv6), ipv6 ? TestUplink.ADDRESS6 : TestUplink.ADDRESS, 80, 40_000,
                Tcp.SYN | Tcp.ACK, 4), 8960));
        assertThat(mss(world.a.taken1())).isEqualTo(limit);
        world.route(world.web, route(RouteSettings.MSS_OFF));
        world.a.send(withMss(world.a.tcp(far(ipv6), 40_001, 80, Tcp.SYN, 4), 1460));
        assertThat(mss(world.router.taken1())).isEqualTo(1460);
        world.route(world.web, route(1000));
        world.a.send(withMss(world.a.tcp(far(ipv6), 40_002, 80, Tcp.SYN, 4), 1460));
        MemorySegment syn = world.router.taken1();
        assertThat(mss(syn)).isEqualTo(1000);
        assertThat(TestHost.isSound(syn)).isTrue();
    }

    private RouteSettings route(int mss) {
        RouteSettings by = RouteSettings.by(world.uplink);
        return new RouteSettings(by.uplink(), true, by.pool(), by.filtering(), mss, false);
    }

    private static MemorySegment withMss(MemorySegment syn, int mss) {
        long segment = TestHost.transport(syn);
        Tcp.headerLength(syn, segment, 24);
        BigEndian.u16(syn, segment + 20, 0x0204);
        BigEndian.u16(syn, segment + 22, mss);
        return TestHost.summed(syn);
    }

    private static int mss(MemorySegment syn) {
        assertThat(TestHost.isSound(syn)).isTrue();
        return Tcp.maxSegmentSize(syn, TestHost.transport(syn));
    }

    @Test
    void anEgressWithoutOffloadsGetsSegments() {
        world.connect(world.a, TestUplink.FAR, 5201, 5201);
        world.router.endpoint.offloads(0);
        world.a.send(bulk(false, 1448));
        assertThat(world.router.taken()).hasSize(20).allMatch(TestHost::isSound);
    }
}
