package io.footbridge.dataplane;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.nat.Filtering;
import io.footbridge.wire.DropReason;
import io.footbridge.wire.Ethernet;
import io.footbridge.wire.Frame;
import io.footbridge.wire.Icmp;
import io.footbridge.wire.IpAddress;
import io.footbridge.wire.Ipv4;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Protocol;
import io.footbridge.wire.Tcp;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;

/**
 * Whatever is sent to a router, from inside or outside, sound or spoilt: it goes somewhere, waits, or is dropped for one
 * reason; what leaves is sound; and nothing leaves under an address that means nothing outside.
 */
class RoutedFrameAccountingTest {
    private static final int FRAMES = 120;
    private static final int[] SIZES = {0, 1, 8, 40, 700, 1372, 1373, 1472};
    private static final int[] FLAGS = {Tcp.SYN, Tcp.SYN | Tcp.ACK, Tcp.ACK, Tcp.ACK | Tcp.PSH, Tcp.FIN | Tcp.ACK, Tcp.RST,
        Tcp.RST | Tcp.ACK, 0, Tcp.SYN | Tcp.FIN, 0xff};

    private TestUplink world;
    private Random random;
    private MemorySegment lastSent;

    @Property(tries = 300, shrinking = ShrinkingMode.OFF)
    void everyPacketGoesSomewhereOrIsDroppedForOneReason(@ForAll long seed) {
        random = new Random(seed);
        lastSent = null;
        try (TestUplink made = world(seed)) {
            world = made;
            List<TestHost> hosts = List.of(world.a, world.b, world.c, world.router, world.server);
            for (int i = 0; i < FRAMES; i++) {
                TestHost from = hosts.get(random.nextInt(hosts.size()));
                MemorySegment frame = spoilt(TestFrames.copy(sound(from)));
                send(from, frame);
                if (random.nextInt(8) == 0) {
                    world.advanceSilently(Duration.ofMillis(random.nextInt(1500)));
                }
            }
            world.advanceSilently(Duration.ofSeconds(300));
            for (int i = 0; i < 4; i++) {
                world.advanceSilently(Duration.ofMillis(1100));
            }
            assertThat(world.routed.hasTimers()).as("nothing waits for ever").isFalse();
            world.advanceSilently(Duration.ofHours(3));
            for (int i = 0; i < 4; i++) {
                world.sweep();
            }
            assertThat(world.table().count()).isZero();
            assertThat(world.table().mappings()).isZero();
        }
    }

    private void send(TestHost from, MemorySegment frame) {
        long before = dropsOf(from);
        long sentBefore = sent();
        boolean waiting = world.routed.hasTimers();
        world.forward(from, frame);
        long drops = dropsOf(from) - before;
        long sent = sent() - sentBefore;
        assertThat(drops).as("%s: %s", from, describe(frame)).isBetween(0L, 8L);
        boolean mayHaveReleased = waiting || world.routed.hasTimers();
        if (drops == 0 && sent == 0 && !mayHaveReleased) {
            assertThat(isWordToGateway(frame)).as("vanished: " + describe(frame)).isTrue();
        }
        if (!mayHaveReleased) {
            assertThat(drops).as(describe(frame)).isLessThanOrEqualTo(1);
        }
        world.a.endpoint.taken().forEach(this::isSound);
        world.b.endpoint.taken().forEach(this::isSound);
        world.c.endpoint.taken().forEach(this::isSound);
        world.router.endpoint.taken().forEach(this::isFitForOutside);
    }

    private void isSound(MemorySegment out) {
        long parsed = Frame.parse(out, TestFrames.HEADER, (int) out.byteSize() - TestFrames.HEADER);
        if (Ethernet.source(out, TestFrames.HEADER) == TestUplink.WEB_MAC
                || Ethernet.source(out, TestFrames.HEADER) == TestUplink.DB_MAC) {
            assertThat(parsed).as(describe(out)).isNotNegative();
            if (Frame.etherType(parsed) == Ethernet.IPV4) {
                assertThat(Ipv4.verify(out, TestFrames.PACKET)).as(describe(out)).isTrue();
            }
        }
    }

    private void isFitForOutside(MemorySegment out) {
        assertThat(Ethernet.source(out, TestFrames.HEADER)).isEqualTo(TestUplink.UPLINK_MAC);
        long parsed = Frame.parse(out, TestFrames.HEADER, (int) out.byteSize() - TestFrames.HEADER);
        assertThat(parsed).as(describe(out)).isNotNegative();
        if (Frame.etherType(parsed) == Ethernet.IPV4) {
            assertThat(Ipv4.verify(out, TestFrames.PACKET)).as(describe(out)).isTrue();
            assertThat(TestHost.source(out)).as(describe(out)).isIn(TestUplink.ADDRESS, POOLED);
        } else if (Frame.etherType(parsed) == Ethernet.IPV6) {
            assertThat(TestHost.source(out).toString()).as(describe(out)).matches("2001:db8::10|fe80::.*");
        }
    }

    private static final IpAddress POOLED = Ipv4Address.parse("198.51.100.30");

    private static boolean isWordToGateway(MemorySegment frame) {
        int etherType = frame.byteSize() < TestFrames.PACKET ? 0 : Ethernet.etherType(frame, TestFrames.HEADER);
        return etherType == Ethernet.ARP || etherType == Ethernet.IPV6;
    }

    /** Hosts on the uplink's link share a port, so what their frames are dropped for is counted together. */
    private long dropsOf(TestHost from) {
        return from.port.statistics().drops().values().stream().mapToLong(Long::longValue).sum();
    }

    private long sent() {
        long sent = world.uplink.port().statistics().transmittedFrames();
        for (TestHost host : List.of(world.a, world.b, world.c)) {
            sent += host.port.statistics().transmittedFrames();
        }
        long egress = 0;
        for (TestHost host : List.of(world.a, world.b, world.c, world.router)) {
            egress += host.port.statistics().drops().getOrDefault(DropReason.MTU, 0L);
        }
        return sent + egress;
    }

    private static String describe(MemorySegment frame) {
        return Frame.describe(frame, TestFrames.HEADER, (int) frame.byteSize() - TestFrames.HEADER);
    }

    private MemorySegment sound(TestHost from) {
        boolean ipv6 = random.nextBoolean();
        boolean outside = from.port == world.uplink.port();
        IpAddress up = ipv6 ? TestUplink.ADDRESS6 : random.nextInt(4) == 0 ? POOLED : TestUplink.ADDRESS;
        List<IpAddress> targets = ipv6
                ? List.of(up, TestUplink.FAR6, world.a.ipv6, world.c.ipv6, world.server.ipv6)
                : List.of(up, TestUplink.FAR, world.a.ipv4, world.c.ipv4, world.server.ipv4,
                        Ipv4Address.parse("198.51.100.77"));
        IpAddress target = outside ? up : targets.get(random.nextInt(targets.size()));
        IpAddress source = outside ? (ipv6 ? TestUplink.FAR6 : TestUplink.FAR) : ipv6 ? from.ipv6 : from.ipv4;
        int port = 5000 + random.nextInt(4);
        int other = random.nextBoolean() ? 53 : 8080;
        int size = SIZES[random.nextInt(SIZES.length)];
        MemorySegment packet = switch (random.nextInt(5)) {
            case 0 -> from.tcp(source, target, outside ? other : port, outside ? port : other,
                    FLAGS[random.nextInt(FLAGS.length)], size);
            case 1, 2 -> from.udp(source, target, outside ? other : port, outside ? port : other, size);
            case 3 -> from.echo(source, target, ipv6 ? 128 + random.nextInt(2) : 8 * random.nextInt(2), port, size);
            default -> lastSent != null && TestHost.isIpv4(lastSent)
                    ? from.error(lastSent, Icmp.UNREACHABLE, random.nextInt(5), 1300)
                    : from.packet(source, target, 47, size);
        };
        lastSent = packet;
        return packet;
    }

    private MemorySegment spoilt(MemorySegment frame) {
        boolean ipv4 = TestHost.isIpv4(frame);
        return switch (random.nextInt(12)) {
            case 0 -> TestFrames.padded(frame, 1 + random.nextInt(20));
            case 1 -> flipped(frame, TestFrames.PACKET, 60);
            case 2 -> TestFrames.cut(frame, random.nextInt((int) Math.min(frame.byteSize() - TestFrames.HEADER, 90)));
            case 3 -> ipv4 ? TestFrames.fragment(frame, 8 * random.nextInt(4), random.nextBoolean()) : frame;
            case 4 -> ipv4 ? frame : TestFrames.fragment6(frame, 8 * random.nextInt(4), random.nextBoolean());
            case 5 -> ipv4 ? TestHost.summed(withoutDontFragment(frame)) : frame;
            case 6 -> TestHost.withHops(frame, random.nextInt(3));
            case 7 -> ipv4 ? TestFrames.withOptions(frame, 4 * (1 + random.nextInt(10))) : frame;
            case 8 -> flipped(frame, 0, TestFrames.HEADER);
            default -> frame;
        };
    }

    private static MemorySegment withoutDontFragment(MemorySegment frame) {
        Ipv4.flagsAndFragmentOffset(frame, TestFrames.PACKET, 0);
        return frame;
    }

    private MemorySegment flipped(MemorySegment frame, int start, int within) {
        int end = (int) Math.min(frame.byteSize(), start + (long) within);
        for (int i = random.nextInt(3); i >= 0 && end > start; i--) {
            frame.set(JAVA_BYTE, start + random.nextInt(end - start), (byte) random.nextInt(256));
        }
        return frame;
    }

    private static TestUplink world(long seed) {
        Random random = new Random(seed * 31);
        TestUplink world = TestUplink.masquerading();
        Filtering[] filterings = Filtering.values();
        RouteSettings by = RouteSettings.by(world.uplink);
        world.route(world.db, new RouteSettings(world.uplink, true, List.of(POOLED),
                filterings[random.nextInt(filterings.length)], by.mss(), random.nextBoolean()));
        world.publish(Protocol.TCP, 8080, world.c, 80);
        world.publish(Protocol.UDP, Optional.empty(), 5000, 2, world.a, 53);
        Port port = world.uplink.port();
        port.settings(port.settings().withMtu(random.nextBoolean() ? 1400 : 1500));
        world.router.endpoint.offloads(random.nextInt(4));
        return world;
    }
}
