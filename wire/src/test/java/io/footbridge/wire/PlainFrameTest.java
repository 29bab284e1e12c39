package io.footbridge.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;

/** The short way to look at plain frames finds what the long way does, of any bytes. */
class PlainFrameTest {
    private static final int[] PROTOCOLS = {Protocol.TCP, Protocol.UDP, Protocol.ICMP, Protocol.ICMPV6, 47};

    @Property(tries = 2000, shrinking = ShrinkingMode.OFF)
    void bothWaysAgree(@ForAll long seed) {
        Random random = new Random(seed);
        try (Arena arena = Arena.ofConfined()) {
            int length = 14 + random.nextInt(80);
            // Flush against its end, so that reading beyond the frame is an exception.
            MemorySegment frame = arena.allocate(length);
            for (int i = 0; i < length; i++) {
                frame.set(ValueLayout.JAVA_BYTE, i, (byte) (random.nextInt(4) == 0 ? random.nextInt(256) : 0x50));
            }
            if (length >= 34) {
                Ethernet.etherType(frame, 0, Ethernet.IPV4);
                Ipv4.write(frame, 14, 1, 2, PROTOCOLS[random.nextInt(PROTOCOLS.length)], 64,
                        random.nextInt(3) == 0 ? random.nextInt(100) : length - 14 - random.nextInt(3));
            }
            if (random.nextInt(3) == 0) {
                frame.set(ValueLayout.JAVA_BYTE, 12 + random.nextInt(Math.min(length - 12, 12)), (byte) random.nextInt(256));
            }
            assertThat(Frame.parse(frame, 0, length)).isEqualTo(Frame.parseAny(frame, 0, length));
            if (length >= 34 && Ipv4.headerLength(frame, 14) == 20) {
                assertThat(Checksum.verify20(frame, 14)).isEqualTo(Checksum.sum(frame, 14, 20) == 0xFFFF);
            }
        }
    }
}
