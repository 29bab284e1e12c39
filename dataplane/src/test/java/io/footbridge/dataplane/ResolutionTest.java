package io.footbridge.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.wire.Arp;
import io.footbridge.wire.DropReason;
import io.footbridge.wire.Ethernet;
import io.footbridge.wire.Icmp;
import io.footbridge.wire.Icmpv6;
import io.footbridge.wire.Ipv4;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv6;
import io.footbridge.wire.Ipv6Address;
import io.footbridge.wire.NeighbourDiscovery;
import io.footbridge.wire.Protocol;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Next hops: asked for while packets wait, used while stale, probed, given up. */
class ResolutionTest {
    private static final int P = TestFrames.PACKET;
    private static final Ipv4Address STRANGER = Ipv4Address.parse("198.51.100.77");
    private static final Ipv6Address STRANGER6 = Ipv6Address.parse("2001:db8::77");

    private final TestUplink world = TestUplink.masquerading();
    private final TestHost stranger = world.outside(STRANGER.toString(), STRANGER6.toString());

    @AfterEach
    void close() {
        world.close();
    }

    private MemorySegment question() {
        List<MemorySegment> questions = world.router.questions();
        assertThat(questions).hasSize(1);
        return questions.getFirst();
    }

    @Test
    void packetsWaitInOrderUntilTheNeighbourAnswers() {
        for (int i = 0; i < 3; i++) {
            world.a.send(world.a.udp(STRANGER, 5000, 1000 + i, 10));
        }
        MemorySegment question = question();
        assertThat(Ethernet.destination(question, TestFrames.HEADER)).isEqualTo(0xffff_ffff_ffffL);
        assertThat(Arp.senderMac(question, P)).isEqualTo(TestUplink.UPLINK_MAC);
        assertThat(Arp.senderAddress(question, P)).isEqualTo(TestUplink.ADDRESS.address());
        assertThat(Arp.targetAddress(question, P)).isEqualTo(STRANGER.address());
        stranger.send(stranger.arpReplyTo(question));
        assertThat(stranger.taken()).extracting(TestHost::destinationPort).containsExactly(1000, 1001, 1002);
        assertThat(world.drops()).isEmpty();
        assertThat(world.routed.isWaiting()).isFalse();
        world.a.send(world.a.udp(STRANGER, 5000, 1003, 10));
        assertThat(TestHost.isSound(stranger.taken1())).isTrue();
    }

    @Test
    void ipv6NeighboursAreSolicited() {
        world.a.send(world.a.udp(STRANGER6, 5000, 1000, 10));
        MemorySegment question = question();
        assertThat(Ethernet.destination(question, TestFrames.HEADER)).isEqualTo(0x3333_ff00_0077L);
        assertThat(NeighbourDiscovery.targetLow(question, TestFrames.TRANSPORT6)).isEqualTo(STRANGER6.low());
        assertThat(NeighbourDiscovery.check(question, P, TestFrames.TRANSPORT6, 32)).isPositive();
        stranger.send(TestFrames.advertisement(stranger.to(TestUplink.UPLINK_MAC), STRANGER6.high(), STRANGER6.low(),
                Ipv6.sourceHigh(question, P), Ipv6.sourceLow(question, P), NeighbourDiscovery.SOLICITED_FLAG,
                STRANGER6.high(), STRANGER6.low(), stranger.mac));
        assertThat(TestHost.isSound(stranger.taken1())).isTrue();
    }

    @Test
    void aNeighbourThatNeverAnswersIsAskedThriceAndTheSendersAreTold() {
        world.a.send(world.a.udp(STRANGER, 5000, 1000, 10), world.a.udp(STRANGER6, 5000, 1000, 10));
        world.b.send(world.b.udp(STRANGER, 5000, 1001, 10));
        assertThat(world.router.questions()).hasSize(2);
        world.advanceSilently(Duration.ofMillis(900));
        assertThat(world.router.questions()).isEmpty();
        world.advanceSilently(Duration.ofMillis(200));
        assertThat(world.router.questions()).hasSize(2);
        world.advanceSilently(Duration.ofMillis(1100));
        assertThat(world.router.questions()).hasSize(2);
        assertThat(world.drops()).isEmpty();
        world.advanceSilently(Duration.ofMillis(1100));
        assertThat(world.router.questions()).isEmpty();
        assertThat(world.drops()).containsEntry(DropReason.NEIGHBOUR, 3L);
        List<MemorySegment> errors = world.a.taken();
        assertThat(errors).hasSize(2).allMatch(TestHost::isSound);
        assertThat(Icmp.code(errors.get(0), TestFrames.TRANSPORT4)).isEqualTo(Icmp.HOST_UNREACHABLE);
        assertThat(Icmpv6.code(errors.get(1), TestFrames.TRANSPORT6)).isEqualTo(Icmpv6.ADDRESS_UNREACHABLE);
        assertThat(TestHost.source(errors.get(0))).hasToString("10.1.0.1");
        MemorySegment quoted = errors.get(0).asSlice(TestFrames.TRANSPORT4 + 8);
        assertThat(Ipv4.source(quoted, 0)).as("as it was sent").isEqualTo(world.a.ipv4.address());
        assertThat(world.b.taken()).hasSize(1);
        assertThat(world.routed.isWaiting()).isFalse();
    }

    @Test
    void fewPacketsWaitForOneAddressAndFewAddressesForOnePort() {
        for (int i = 0; i < Pending.FRAMES + 2; i++) {
            world.a.send(world.a.udp(STRANGER, 5000, 1000 + i, 10));
        }
        assertThat(world.a.drops(DropReason.NEIGHBOUR)).isEqualTo(2);
        for (int i = 1; i < Pending.SHARE + 3; i++) {
            world.a.send(world.a.udp(new Ipv4Address(STRANGER.address() + i), 5000, 1000, 10));
        }
        assertThat(world.a.drops(DropReason.NEIGHBOUR)).isEqualTo(2 + 3);
        assertThat(world.router.questions()).hasSize(Pending.SHARE);
        world.b.send(world.b.udp(new Ipv4Address(STRANGER.address() + 100), 5000, 1000, 10));
        assertThat(world.router.questions()).as("another container has a share of its own").hasSize(1);
        world.a.send(world.a.udp(TestUplink.FAR, 5000, 53, 10));
        assertThat(world.router.taken()).as("known neighbours are reached all the while").hasSize(1);
    }

    @Test
    void aPortThatIsGoneGetsNoError() {
        world.a.send(world.a.udp(STRANGER, 5000, 1000, 10));
        world.remove(world.a);
        for (int i = 0; i < 4; i++) {
            world.advanceSilently(Duration.ofMillis(1100));
        }
        assertThat(world.a.endpoint.taken()).isEmpty();
        assertThat(world.routed.isWaiting()).isFalse();
    }

    @Test
    void aStaleNeighbourIsUsedAndProbedByUnicastAndStaysWhenItAnswers() {
        world.advanceSilently(Duration.ofSeconds(31));
        world.a.send(world.a.udp(TestUplink.FAR, 5000, 53, 10));
        assertThat(world.router.taken()).as("used, and not yet probed").hasSize(1);
        world.advanceSilently(Duration.ofMillis(1100));
        world.a.send(world.a.udp(TestUplink.FAR, 5000, 53, 10));
        List<MemorySegment> sent = world.router.endpoint.taken();
        assertThat(sent).hasSize(2);
        MemorySegment probe = sent.stream().filter(frame -> Ethernet.etherType(frame, TestFrames.HEADER) == Ethernet.ARP)
                .findFirst().orElseThrow();
        assertThat(Ethernet.destination(probe, TestFrames.HEADER)).isEqualTo(world.router.mac);
        world.router.send(world.router.arpReplyTo(probe));
        assertThat(world.uplink.bridge().neighbours()).filteredOn(n -> n.address().equals(world.router.ipv4))
                .extracting(Neighbour::state).containsExactly(Neighbour.State.REACHABLE);
    }

    @Test
    void aStaleNeighbourThatIsSilentIsForgottenAfterThreeProbes() {
        world.advanceSilently(Duration.ofSeconds(31));
        int probes = 0;
        int passed = 0;
        for (int i = 0; i < 5; i++) {
            world.a.send(world.a.udp(TestUplink.FAR, 5000, 53, 10));
            for (MemorySegment frame : world.router.endpoint.taken()) {
                boolean arp = Ethernet.etherType(frame, TestFrames.HEADER) == Ethernet.ARP;
                boolean unicast = Ethernet.destination(frame, TestFrames.HEADER) == world.router.mac;
                probes += arp && unicast ? 1 : 0;
                passed += arp ? 0 : 1;
            }
            world.advanceSilently(Duration.ofMillis(1100));
        }
        assertThat(probes).isEqualTo(3);
        assertThat(passed).isEqualTo(4);
        assertThat(world.routed.isWaiting()).as("asked for like one that was never known").isTrue();
    }

    @Test
    void aNeighbourThatSaysItHasAnotherMacIsBelieved() {
        TestHost standby = world.outside("198.51.100.99", "2001:db8::99");
        world.a.send(world.a.udp(TestUplink.FAR, 5000, 53, 10));
        assertThat(Ethernet.destination(world.router.taken1(), TestFrames.HEADER)).isEqualTo(world.router.mac);
        SampleFrames toAll = standby.to(0xffff_ffff_ffffL);
        world.forward(standby, toAll.arpRequest(world.router.ipv4.address(), world.router.ipv4.address()));
        world.a.send(world.a.udp(TestUplink.FAR, 5000, 53, 10));
        assertThat(Ethernet.destination(world.router.taken1(), TestFrames.HEADER)).isEqualTo(standby.mac);
    }

    @Test
    void aContainerThatMovesToAnotherPortIsFoundThere() {
        world.publish(Protocol.UDP, 53, world.a, 53);
        world.router.send(world.router.udp(TestUplink.FAR, TestUplink.ADDRESS, 1000, 53, 10));
        assertThat(world.a.taken()).hasSize(1);
        world.web.removeFdb(world.a.mac, 0);
        world.web.addFdb(world.a.mac, 0, world.b.port, FdbEntry.Kind.STATIC, false);
        world.tick(Duration.ofMillis(200).toNanos());
        world.router.send(world.router.udp(TestUplink.FAR, TestUplink.ADDRESS, 1000, 53, 10));
        assertThat(world.a.taken()).isEmpty();
        assertThat(world.b.taken()).hasSize(1);
    }

    @Test
    void whatIsSentToAPortThatIsGoneInTheSameMomentIsFlooded() {
        PublishedPort published = world.publish(Protocol.UDP, 53, world.b, 53);
        world.router.send(world.router.udp(TestUplink.FAR, TestUplink.ADDRESS, 1000, 53, 10));
        assertThat(world.b.taken()).hasSize(1);
        TestHost heir = world.container(world.web, "heir", world.b.ipv4.toString(), world.b.ipv6.toString());
        world.remove(world.b);
        world.uplink.unpublish(published);
        world.publish(Protocol.UDP, 53, heir, 53);
        world.router.send(world.router.udp(TestUplink.FAR, TestUplink.ADDRESS, 1001, 53, 10));
        assertThat(world.b.endpoint.taken()).isEmpty();
        assertThat(heir.taken()).hasSize(1);
    }

    @Test
    void whoIsNotOnTheLinkIsNoNeighbour() {
        world.forward(world.router, world.router.to(0xffff_ffff_ffffL).arpRequest(TestUplink.FAR.address(),
                TestUplink.ADDRESS.address()));
        assertThat(world.uplink.bridge().neighbours()).extracting(Neighbour::address).doesNotContain(TestUplink.FAR);
    }

    @Test
    void theUplinkDefendsItsAddressNowAndThen() {
        TestHost thief = stranger;
        SampleFrames toAll = thief.to(0xffff_ffff_ffffL);
        int address = TestUplink.ADDRESS.address();
        for (int i = 0; i < 3; i++) {
            world.forward(thief, toAll.arpRequest(address, address));
        }
        MemorySegment defence = question();
        assertThat(Arp.senderAddress(defence, P)).isEqualTo(address);
        assertThat(Arp.senderMac(defence, P)).isEqualTo(TestUplink.UPLINK_MAC);
        Bridge.Conflict conflict = world.uplink.bridge().takeConflict();
        assertThat(conflict.mac()).isEqualTo(thief.mac);
        world.advanceSilently(Duration.ofSeconds(11));
        world.forward(thief, toAll.arpRequest(address, address));
        assertThat(world.router.questions()).hasSize(1);
        assertThat(world.uplink.bridge().neighbours()).extracting(Neighbour::mac).doesNotContain(thief.mac);
    }
}
