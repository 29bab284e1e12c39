package io.footbridge.dataplane;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.wire.DropReason;
import io.footbridge.wire.Fragment;
import io.footbridge.wire.Frame;
import io.footbridge.wire.Protocol;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is routed, in either direction: it goes somewhere, is answered, or is dropped with one reason. */
class RoutedAccountingTest {
    private static final int ROUNDS = 12;
    private static final int FRAMES = 32;

    private static NatBed bed;
    /** Fragments that were kept for a first one, and may be dropped later. */
    private long held;
    /** Frames that were sent beside the one that came, so that perhaps something waited for that one. */
    private long released;
    /** Frames that were dropped at once for reasons that others meet later. */
    private long direct;
    private long lateBefore;

    @BeforeAll
    static void start() {
        bed = new NatBed();
    }

    @AfterAll
    static void stop() {
        bed.close();
    }

    @BeforeEach
    void begin() {
        bed.reset();
        bed.advance(Duration.ofSeconds(60));
        held = 0;
        released = 0;
        direct = 0;
        lateBefore = Account.now().late();
    }

    /** What all ports together did. */
    private record Account(long received, long transmitted, long dropped, Map<DropReason, Long> drops) {
        static Account now() {
            long received = 0;
            long transmitted = 0;
            for (NatLink link : bed.links()) {
                PortStatistics statistics = link.port().statistics();
                received += statistics.receivedFrames();
                transmitted += statistics.transmittedFrames();
            }
            Map<DropReason, Long> drops = bed.drops();
            return new Account(received, transmitted, drops.values().stream().mapToLong(Long::longValue).sum(), drops);
        }

        /** Drops for reasons that a frame may have met some time after it came. */
        long late() {
            return drops.getOrDefault(DropReason.FRAGMENT, 0L) + drops.getOrDefault(DropReason.NEIGHBOUR, 0L);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void whatContainersSend(long seed) {
        Random random = new Random(seed);
        RandomFrames samples = new RandomFrames(seed, 2);
        List<String> kinds = upper("dst='" + bed.server.ipv4 + "'", "dst='" + bed.server.ipv6 + "'",
                bed.client.ether(), "src='" + bed.client.ipv4 + "',", "src='" + bed.client.ipv6 + "',");
        for (int round = 0; round < ROUNDS; round++) {
            List<MemorySegment> frames = fuzzed(kinds.get(round % kinds.size()), random);
            for (int i = 0; i < FRAMES; i++) {
                frames.add(samples.next(0));
            }
            frames.forEach(frame -> accountedFor(bed.client, frame));
        }
        allHeldAreCounted();
    }

    @ParameterizedTest
    @ValueSource(longs = {4, 5, 6})
    void whatComesFromOutside(long seed) {
        Random random = new Random(seed);
        bed.publish(Protocol.TCP, 8080, bed.client, 80);
        bed.publish(Protocol.UDP, 8053, bed.client, 53);
        Dissection udp = bed.passes(bed.client, bed.client.udp(4000, bed.server.ipv4, 5000), bed.server);
        Dissection echo = bed.passes(bed.client, bed.client.echo(7, bed.server.ipv6), bed.server);
        List<String> answers = List.of(bed.server.answerTo(udp), bed.server.answerTo(echo),
                bed.router.ip(NatBed.UPLINK4) + "/ICMP(type=3,code=3)/" + Quotes.of(udp),
                bed.router.ip6(NatBed.UPLINK6) + "/ICMPv6TimeExceeded()/" + Quotes.of(echo),
                bed.server.tcp(999, NatBed.UPLINK4, 8080, "S"), bed.server.udp(999, NatBed.UPLINK6, 8053));
        List<String> kinds = upper("dst='" + NatBed.UPLINK4 + "'", "dst='" + NatBed.UPLINK6 + "'", bed.server.ether(), "", "");
        for (int round = 0; round < ROUNDS; round++) {
            List<MemorySegment> frames = fuzzed(kinds.get(round % kinds.size()), random);
            for (int i = 0; i < FRAMES; i++) {
                frames.add(flipped(bed.scapy.frame(answers.get(random.nextInt(answers.size()))), random));
            }
            frames.forEach(frame -> accountedFor(bed.server, frame));
        }
        allHeldAreCounted();
    }

    @Test
    void aSoundFrameIsNeitherLostNorDoubled() {
        bed.passes(bed.client, bed.client.udp(4000, bed.server.ipv4, 5000), bed.server);
        Account before = Account.now();
        bed.client.sends(bed.client.udp(4000, bed.server.ipv4, 5000));
        bed.server.receives();
        Account after = Account.now();
        assertThat(after.received - before.received).isOne();
        assertThat(after.transmitted - before.transmitted).isOne();
        assertThat(after.dropped).isEqualTo(before.dropped);
    }

    private static List<String> upper(String destination4, String destination6, String ether, String source4, String source6) {
        List<String> kinds = new ArrayList<>();
        for (String layer : List.of("TCP()", "UDP()", "ICMP()", "ICMP(type=3)/IP(src='198.51.100.10')/UDP()", "GRE()")) {
            kinds.add(ether + "/fuzz(IP(" + source4 + destination4 + ",options=[])/" + layer + ")");
        }
        for (String layer : List.of("TCP()", "UDP()", "ICMPv6EchoRequest()", "IPv6ExtHdrFragment()/UDP()",
                "ICMPv6DestUnreach()/IPv6(src='2001:db8:100::10')/UDP()")) {
            kinds.add(ether + "/fuzz(IPv6(" + source6 + destination6 + ")/" + layer + ")");
        }
        return kinds;
    }

    private static List<MemorySegment> fuzzed(String kind, Random random) {
        return new ArrayList<>(bed.scapy.frames("seeded(%d, lambda: [%s for i in range(%d)])".formatted(
                random.nextInt(1_000_000), kind, FRAMES)));
    }

    private static MemorySegment flipped(MemorySegment frame, Random random) {
        for (int i = random.nextInt(3); i > 0; i--) {
            long at = TestFrames.PACKET + random.nextInt((int) frame.byteSize() - TestFrames.PACKET);
            frame.set(JAVA_BYTE, at, (byte) random.nextInt(256));
        }
        return frame;
    }

    /** Sends one frame; it is forwarded, answered, kept for its first fragment, or dropped once. */
    private void accountedFor(NatHost from, MemorySegment frame) {
        bed.advance(Duration.ofMillis(20));
        Account before = Account.now();
        from.link().send(frame);
        bed.settle();
        Account after = Account.now();
        bed.links().forEach(link -> link.inbox().clear());
        String what = describe(frame);
        long drops = after.dropped - before.dropped;
        long sent = after.transmitted - before.transmitted;
        long heard = after.received - before.received;
        assertThat(heard).as(what).isGreaterThanOrEqualTo(1);
        long late = after.late() - before.late();
        assertThat(drops - late).as(() -> what + " " + before.drops + " " + after.drops).isLessThanOrEqualTo(1);
        if (sent > 0) {
            released += sent - 1;
        } else if (late > 0) {
            direct++;
        } else if (drops == 0) {
            assertThat(mayEndHere(frame)).as("vanished: " + what).isTrue();
            held += isLaterFragment(frame) ? 1 : 0;
        }
    }

    private void allHeldAreCounted() {
        bed.advance(Duration.ofSeconds(60));
        assertThat(Account.now().late() - lateBefore - direct).as("what waited in vain is counted")
                .isBetween(held - released, held);
    }

    /** A fragment that waits for its first, and a neighbour's word to the gateway. */
    private static boolean mayEndHere(MemorySegment frame) {
        long parsed = Frame.parse(frame, TestFrames.HEADER, (int) frame.byteSize() - TestFrames.HEADER);
        return isLaterFragment(frame) || parsed >= 0 && NatLink.isNeighbourTalk(frame, parsed);
    }

    private static boolean isLaterFragment(MemorySegment frame) {
        long parsed = Frame.parse(frame, TestFrames.HEADER, (int) frame.byteSize() - TestFrames.HEADER);
        return parsed >= 0 && Frame.fragment(parsed) == Fragment.LATER;
    }

    private static String describe(MemorySegment frame) {
        return Frame.describe(frame, TestFrames.HEADER, (int) frame.byteSize() - TestFrames.HEADER);
    }
}
