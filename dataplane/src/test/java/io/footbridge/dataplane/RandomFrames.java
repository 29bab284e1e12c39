package io.footbridge.dataplane;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import io.footbridge.wire.Ethernet;
import io.footbridge.wire.Ipv6;
import io.footbridge.wire.MacAddress;
import io.footbridge.wire.NeighbourDiscovery;
import io.footbridge.wire.Protocol;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;

/** Frames of every kind between the stations of a {@link TestBridge}, many of them spoilt. The same for the same seed. */
final class RandomFrames {
    private static final int GATEWAY = TestBridge.GATEWAY_IPV4.address();
    private static final long GATEWAY6 = TestBridge.GATEWAY_IPV6.low();
    private static final long HIGH = TestBridge.HIGH;
    private static final int[] SIZES = {0, 1, 18, 56, 800, 1448, 1472, 1473, 9000};

    private final Arena arena = Arena.ofAuto();
    private final Random random;
    private final int stations;

    RandomFrames(long seed, int stations) {
        this.random = new Random(seed);
        this.stations = stations;
    }

    /** A frame that one station might send. */
    MemorySegment next(int from) {
        MemorySegment frame = TestFrames.copy(sound(from, random.nextInt(stations)));
        return switch (random.nextInt(10)) {
            case 0 -> TestFrames.tagged(frame, random.nextBoolean() ? Ethernet.VLAN : Ethernet.SERVICE_VLAN,
                    random.nextInt(0x10000));
            case 1 -> TestFrames.padded(frame, 1 + random.nextInt(40));
            case 2 -> TestFrames.cut(frame, random.nextInt((int) Math.min(frame.byteSize() - 9, 100)));
            case 3 -> flipped(frame, TestFrames.HEADER, 80);
            case 4 -> flipped(frame, TestFrames.PACKET, 60);
            case 5 -> withRandomHeader(frame);
            case 6 -> random.nextInt(4) == 0 ? noise() : frame;
            default -> frame;
        };
    }

    private MemorySegment flipped(MemorySegment frame, int start, int within) {
        int end = (int) Math.min(frame.byteSize(), start + (long) within);
        for (int i = random.nextInt(4); i >= 0 && end > start; i--) {
            int at = start + random.nextInt(end - start);
            frame.set(JAVA_BYTE, at, (byte) random.nextInt(256));
        }
        return frame;
    }

    private MemorySegment withRandomHeader(MemorySegment frame) {
        frame.set(JAVA_LONG_UNALIGNED, 0, random.nextLong());
        frame.set(JAVA_SHORT_UNALIGNED, 8, (short) random.nextInt(64));
        if (random.nextBoolean()) {
            int[] types = {0, 1, 3, 4, 5, 0x81, 0x84};
            frame.set(JAVA_BYTE, 0, (byte) random.nextInt(4));
            frame.set(JAVA_BYTE, 1, (byte) types[random.nextInt(types.length)]);
            frame.set(JAVA_SHORT_UNALIGNED, 4, (short) (1 + random.nextInt(1600)));
            frame.set(JAVA_SHORT_UNALIGNED, 6, (short) (30 + random.nextInt(30)));
        }
        return frame;
    }

    private MemorySegment noise() {
        byte[] bytes = new byte[TestFrames.HEADER + random.nextInt(200)];
        random.nextBytes(bytes);
        MemorySegment frame = arena.allocate(bytes.length);
        MemorySegment.copy(bytes, 0, frame, JAVA_BYTE, 0, bytes.length);
        return frame;
    }

    private MemorySegment sound(int from, int to) {
        long[] destinations = {TestBridge.mac(to), TestBridge.mac(to), TestBridge.GATEWAY_MAC, TestBridge.GATEWAY_MAC,
            MacAddress.BROADCAST, 0x3333_0000_0001L, 0x0100_5e00_00fbL, 0x0180_c200_000eL, 0x0242_eeee_0000L + to};
        long[] sources = {TestBridge.mac(to), TestBridge.GATEWAY_MAC, 0, MacAddress.BROADCAST};
        long source = random.nextInt(20) == 0 ? sources[random.nextInt(sources.length)] : TestBridge.mac(from);
        SampleFrames frames = new SampleFrames(arena, source, destinations[random.nextInt(destinations.length)]);
        int own = random.nextInt(20) == 0 ? 0 : TestBridge.ipv4(from);
        int[] targets = {TestBridge.ipv4(to), GATEWAY, 0x0808_0808, 0x0a00_02ff, -1, 0x7f00_0001};
        int target = targets[random.nextInt(targets.length)];
        long[] targets6 = {TestBridge.ipv6Low(to), GATEWAY6, 0x99};
        long target6 = targets6[random.nextInt(targets6.length)];
        long own6 = TestBridge.ipv6Low(from);
        int size = SIZES[random.nextInt(SIZES.length)];
        int gso = random.nextInt(3) == 0 ? 500 + random.nextInt(1200) : 0;
        return switch (random.nextInt(17)) {
            case 0 -> frames.arpRequest(own, target);
            case 1 -> frames.arpReply(own, target);
            case 2 -> frames.tcp4(own, target, gso > 0 ? 20_000 : size, gso);
            case 3 -> frames.tcp6(own6, target6, HIGH, gso > 0 ? 20_000 : size, gso);
            case 4 -> frames.udp4(own, target, random.nextBoolean() ? 67 : 9, gso > 0 ? 9000 : size, gso);
            case 5 -> frames.echo4(own, target, size);
            case 6 -> frames.echo6(HIGH, own6, HIGH, target6, size);
            case 7 -> frames.echo6(HIGH, own6, Ipv6.LINK_LOCAL_HIGH, MacAddress.eui64(TestBridge.GATEWAY_MAC), size);
            case 8 -> frames.solicitation(HIGH, own6, HIGH, target6);
            case 9 -> TestFrames.dadProbe(frames, HIGH, target6);
            case 10 -> TestFrames.routerSolicitation(frames, Ipv6.LINK_LOCAL_HIGH, MacAddress.eui64(source));
            case 11 -> TestFrames.advertisement(frames, HIGH, own6, HIGH, target6, NeighbourDiscovery.SOLICITED_FLAG,
                    HIGH, own6, source);
            case 12 -> TestFrames.withOptions(frames.echo4(own, target, size), 4 * (1 + random.nextInt(10)));
            case 13 -> TestFrames.fragment(frames.echo4(own, target, 80), 8 * random.nextInt(5), random.nextBoolean());
            case 14 -> TestFrames.fragment6(frames.ipv6(HIGH, own6, HIGH, target6, Protocol.ICMPV6, 64, 80),
                    8 * random.nextInt(5), random.nextBoolean());
            case 15 -> frames.empty(14 + size, 0x88b5);
            default -> TestFrames.extended(frames.echo6(HIGH, own6, HIGH, target6, size),
                    Protocol.DESTINATION_OPTIONS, new byte[] {0, 0, 1, 4, 0, 0, 0, 0});
        };
    }
}
