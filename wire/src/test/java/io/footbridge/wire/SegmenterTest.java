package io.footbridge.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class SegmenterTest {
    private static final int OFFSET = 3;

    @Property(tries = 400)
    void segmentsVerifyAndJoinToTheOriginal(@ForAll boolean ipv6, @ForAll boolean udp,
            @ForAll @IntRange(max = 2) int tags, @ForAll boolean options, @ForAll @IntRange(min = 1, max = 1500) int size,
            @ForAll @IntRange(max = 20_000) int payload, @ForAll @IntRange(max = 1) int padding) {
        int bounded = Math.min(payload, size * (udp ? 128 : 300));
        FrameBuilder builder = ipv6 ? FrameBuilder.ipv6(udp ? 17 : 6) : FrameBuilder.ipv4(udp ? 17 : 6);
        builder.gso(size).payload(bounded);
        if (!udp || bounded < size * 128) {
            builder.padding(padding);
        }
        for (int tag = 0; tag < tags; tag++) {
            builder.tagged(tag + 1 < tags ? 0x88A8 : 0x8100);
        }
        if (options) {
            builder.ipOptions("9404000001010100").tcpOptions("0101080a0000000100000002")
                    .extensions(0, (udp ? "11" : "06") + "00050200000000");
        }
        builder.tcpFlags(Tcp.ACK | Tcp.PSH | Tcp.FIN | Tcp.CWR);
        check(builder);
    }

    @Test
    void theLargestFrameIsCut() {
        check(FrameBuilder.ipv4(6).gso(1448).tcpOptions("0101080a0000000100000002").payload(65_535 - 52));
        check(FrameBuilder.ipv6(6).gso(1428).tcpOptions("0101080a0000000100000002").payload(65_535 - 32));
        check(FrameBuilder.ipv4(17).gso(1472).payload(65_535 - 28));
    }

    private static void check(FrameBuilder builder) {
        MemorySegment memory = builder.build();
        int length = builder.frameLength();
        int count = Segmenter.count(memory, 0, 10, length);
        assertThat(count).isEqualTo(Math.max(1, (builder.payload + builder.gsoSize - 1) / builder.gsoSize));
        String before = FrameBuilder.hex(memory);
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        int longest = 0;
        for (int index = 0; index < count; index++) {
            int part = Math.min(builder.gsoSize, builder.payload - index * builder.gsoSize);
            MemorySegment output = MemorySegment.ofArray(new byte[OFFSET + 10 + builder.headers() + part]);
            int written = Segmenter.segment(memory, 0, 10, length, index, output, OFFSET);
            assertThat(written).isEqualTo(builder.headers() + part);
            byte[] frame = FrameBuilder.bytes(output, OFFSET + 10, written);
            assertThat(FrameBuilder.bytes(output, OFFSET, 10)).containsOnly(0);
            assertThat(FrameBuilder.verifies(frame)).isTrue();
            checkFields(builder, output, frame.length, index, index == count - 1);
            joined.writeBytes(FrameBuilder.slice(frame, builder.headers(), written));
            longest = Math.max(longest, written - builder.linkLength());
        }
        assertThat(joined.toByteArray()).isEqualTo(builder.payloadBytes());
        assertThat(FrameBuilder.hex(memory)).isEqualTo(before);
        assertThat(Frame.networkLength(memory, 0, 10, length)).isEqualTo(longest);
    }

    private static void checkFields(FrameBuilder builder, MemorySegment output, int length, int index, boolean last) {
        long frame = OFFSET + 10;
        long parsed = Frame.parse(output, frame, length);
        assertThat(parsed).isPositive();
        assertThat(Frame.packetEnd(parsed)).isEqualTo(length);
        assertThat(Frame.transportOffset(parsed)).isEqualTo(builder.transportOffset());
        long transport = frame + builder.transportOffset();
        if (!builder.ipv6) {
            assertThat(Ipv4.identification(output, frame + builder.linkLength()))
                    .isEqualTo(builder.identification + index & 0xFFFF);
        }
        if (builder.protocol == 17) {
            assertThat(Udp.length(output, transport)).isEqualTo(length - builder.transportOffset());
            return;
        }
        assertThat(Tcp.sequence(output, transport)).isEqualTo(0xFFFFF000 + index * builder.gsoSize);
        int expected = Tcp.ACK | builder.tcpFlags & (last ? Tcp.PSH | Tcp.FIN : 0) | builder.tcpFlags
                & (index == 0 ? Tcp.CWR : 0);
        assertThat(Tcp.flags(output, transport)).isEqualTo(expected);
    }

    @Test
    void anOrdinaryFrameIsCopiedAndCompleted() {
        FrameBuilder builder = FrameBuilder.ipv4(6).partial();
        MemorySegment memory = builder.build();
        MemorySegment output = MemorySegment.ofArray(new byte[10 + builder.frameLength()]);
        assertThat(Segmenter.count(memory, 0, 10, builder.frameLength())).isOne();
        assertThat(Segmenter.segment(memory, 0, 10, builder.frameLength(), 0, output, 0))
                .isEqualTo(builder.frameLength());
        assertThat(FrameBuilder.verifies(FrameBuilder.bytes(output, 10, builder.frameLength()))).isTrue();
        assertThat(FrameBuilder.bytes(output, 0, 10)).containsOnly(0);
    }

    @Test
    void aSegmentThatIsNotThereIsRefused() {
        FrameBuilder builder = FrameBuilder.ipv4(6).gso(100).payload(200);
        MemorySegment memory = builder.build();
        MemorySegment output = MemorySegment.ofArray(new byte[10 + builder.frameLength()]);
        for (int index : new int[] {2, -1, Integer.MAX_VALUE}) {
            assertThat(Segmenter.segment(memory, 0, 10, builder.frameLength(), index, output, 0))
                    .isEqualTo(DropReason.BAD_VIRTIO_HEADER.code());
        }
    }

    @Test
    void aFrameWhoseHeadersLieIsRefused() {
        FrameBuilder builder = FrameBuilder.ipv4(6).gso(100).payload(200);
        MemorySegment memory = builder.build();
        Ipv4.protocol(memory, 24, Protocol.UDP);
        Udp.length(memory, 10 + builder.transportOffset(), 50);
        assertThat(Segmenter.count(memory, 0, 10, builder.frameLength()))
                .isEqualTo(DropReason.BAD_VIRTIO_HEADER.code());
    }
}
