package io.footbridge.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.tap.Endpoint;
import io.footbridge.tap.Errno;
import io.footbridge.wire.Arp;
import io.footbridge.wire.DropReason;
import io.footbridge.wire.Ethernet;
import io.footbridge.wire.Frame;
import io.footbridge.wire.Icmpv6;
import io.footbridge.wire.NeighbourDiscovery;
import io.footbridge.wire.Protocol;
import io.footbridge.wire.VirtioNetHeader;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;

/** Whatever comes in, from whatever port: it goes somewhere or is dropped with one reason, and nothing else happens. */
class FrameAccountingTest {
    private static final int STATIONS = 5;
    private static final int FRAMES = 64;
    private static final Set<DropReason> EGRESS = EnumSet.of(DropReason.MTU, DropReason.EGRESS_FULL,
            DropReason.EGRESS_DOWN, DropReason.EGRESS_REFUSED);

    /** What all ports together did since a moment before. */
    private record Account(long received, long transmitted, Map<DropReason, Long> ingress, long egressDrops) {
        static Account of(TestBridge net, Station from) {
            long transmitted = 0;
            long egressDrops = 0;
            Map<DropReason, Long> ingress = new EnumMap<>(DropReason.class);
            for (Station station : net.stations()) {
                PortStatistics now = station.port.statistics();
                transmitted += now.transmittedFrames();
                for (DropReason reason : now.drops().keySet()) {
                    if (EGRESS.contains(reason)) {
                        egressDrops += now.drops().get(reason);
                    } else {
                        assertThat(station).as(reason.label()).isSameAs(from);
                        ingress.put(reason, now.drops().get(reason));
                    }
                }
            }
            return new Account(from.port.statistics().receivedFrames(), transmitted, ingress, egressDrops);
        }
    }

    @Property(tries = 400, shrinking = ShrinkingMode.OFF)
    void everyFrameGoesSomewhereOrIsDroppedForOneReason(@ForAll long seed) {
        try (TestBridge net = net(seed)) {
            RandomFrames frames = new RandomFrames(seed, STATIONS);
            // One port sends, so that each drop of an ingress is its own.
            int number = new Random(seed).nextInt(STATIONS);
            Station from = net.stations().get(number);
            Account before = Account.of(net, from);
            for (int i = 0; i < FRAMES; i++) {
                MemorySegment frame = frames.next(number);
                net.advance(Duration.ofMillis(4));
                net.forward(from, frame);
                Account after = Account.of(net, from);
                assertAccounted(before, after, frame);
                assertThat(net.stations()).allMatch(station -> station.port.lane(0).pending.count() == 0);
                net.stations().forEach(station -> assertForwardedVerbatim(station, from, frame));
                before = after;
            }
        }
    }

    /** Batches are only a way to go faster: the same frames one by one have the same fate. */
    @Property(tries = 150, shrinking = ShrinkingMode.OFF)
    void aBatchDoesWhatItsFramesDoOneByOne(@ForAll long seed) {
        try (TestBridge together = net(seed); TestBridge alone = net(seed)) {
            RandomFrames frames = new RandomFrames(seed, STATIONS);
            Random random = new Random(~seed);
            for (int round = 0; round < 8; round++) {
                int number = random.nextInt(STATIONS);
                List<MemorySegment> batch = new ArrayList<>();
                for (int i = 1 + random.nextInt(32); i > 0; i--) {
                    batch.add(frames.next(number));
                }
                together.forward(together.stations().get(number), batch.toArray(MemorySegment[]::new));
                batch.forEach(frame -> alone.forward(alone.stations().get(number), frame));
            }
            for (int i = 0; i < STATIONS; i++) {
                Station one = together.stations().get(i);
                Station other = alone.stations().get(i);
                assertThat(one.port.statistics()).isEqualTo(other.port.statistics());
                assertThat(one.taken().stream().map(TestFrames::bytes))
                        .containsExactly(other.taken().stream().map(TestFrames::bytes).toArray(byte[][]::new));
            }
            assertThat(together.bridge.neighbours()).containsExactlyInAnyOrderElementsOf(alone.bridge.neighbours());
        }
    }

    private static void assertAccounted(Account before, Account after, MemorySegment frame) {
        assertThat(after.received - before.received).isOne();
        long sent = after.transmitted - before.transmitted + after.egressDrops - before.egressDrops;
        List<DropReason> drops = new ArrayList<>();
        after.ingress.forEach((reason, count) -> {
            for (long i = before.ingress.getOrDefault(reason, 0L); i < count; i++) {
                drops.add(reason);
            }
        });
        if (drops.isEmpty()) {
            assertThat(sent > 0 || isWordToGateway(frame)).as("vanished: " + describe(frame)).isTrue();
        } else {
            assertThat(drops).as(describe(frame)).hasSize(1);
            boolean mayBeAnswered = drops.getFirst() == DropReason.NO_UPLINK || drops.getFirst() == DropReason.NOT_SERVED;
            assertThat(sent).as(drops + " and yet sent: " + describe(frame)).isLessThanOrEqualTo(mayBeAnswered ? 1 : 0);
        }
    }

    /** The two messages that are served by being read: an ARP reply and a neighbour advertisement to the gateway. */
    private static boolean isWordToGateway(MemorySegment frame) {
        long parsed = Frame.parse(frame, TestFrames.HEADER, (int) frame.byteSize() - TestFrames.HEADER);
        if (parsed < 0 || Frame.tags(parsed) > 0) {
            return false;
        }
        if (Frame.etherType(parsed) == Ethernet.ARP) {
            return Arp.operation(frame, TestFrames.PACKET) == Arp.REPLY
                    && Arp.targetAddress(frame, TestFrames.PACKET) == TestBridge.GATEWAY_IPV4.address();
        }
        return Frame.protocol(parsed) == Protocol.ICMPV6
                && Icmpv6.type(frame, TestFrames.HEADER + Frame.transportOffset(parsed))
                        == NeighbourDiscovery.NEIGHBOUR_ADVERTISEMENT;
    }

    private static void assertForwardedVerbatim(Station station, Station from, MemorySegment frame) {
        List<MemorySegment> taken = station.taken();
        boolean whole = !VirtioNetHeader.isGso(frame, 0)
                || station.endpoint.offloads() == (Endpoint.OFFLOAD_TSO | Endpoint.OFFLOAD_USO);
        if (station != from && whole) {
            assertThat(taken).hasSizeLessThanOrEqualTo(1)
                    .allSatisfy(sent -> assertThat(TestFrames.bytes(sent)).isEqualTo(TestFrames.bytes(frame)));
        }
    }

    private static String describe(MemorySegment frame) {
        return VirtioNetHeader.describe(frame, 0) + "; "
                + Frame.describe(frame, TestFrames.HEADER, (int) frame.byteSize() - TestFrames.HEADER);
    }

    /** A network drawn from the seed: roles, isolation, hairpin, limits, what its endpoints take. */
    private static TestBridge net(long seed) {
        Random random = new Random(seed * 31);
        TestBridge net = new TestBridge(new BridgeSettings(Duration.ofSeconds(300), 256, random.nextInt(4) == 0));
        if (random.nextInt(8) != 0) {
            net.withGateway();
        }
        int isolatedInThree = random.nextInt(4);
        boolean hasHost = random.nextInt(3) == 0;
        for (int i = 0; i < STATIONS; i++) {
            PortRole role = hasHost && i == 0 ? PortRole.HOST : random.nextBoolean() ? PortRole.CONTAINER : PortRole.LINK;
            boolean checked = role == PortRole.CONTAINER && random.nextBoolean();
            Station station = net.add(new PortSettings(role, random.nextInt(3) == 0 ? 1400 : TestBridge.MTU,
                    random.nextInt(4) == 0, random.nextInt(3) < isolatedInThree, random.nextInt(3), random.nextInt(4) == 0 ? 20 : 0, 0, 0,
                    checked ? Optional.of(TestBridge.addresses(i)) : Optional.empty()));
            station.endpoint.offloads(random.nextInt(4));
            for (int answers = random.nextInt(3) * 20; answers > 0; answers--) {
                int[] results = {0, 0, -Errno.EAGAIN.number(), -Errno.EIO.number(), -Errno.EINVAL.number()};
                station.endpoint.answer(results[random.nextInt(results.length)]);
            }
        }
        return net;
    }
}
