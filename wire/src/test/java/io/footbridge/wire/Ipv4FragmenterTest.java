package io.footbridge.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class Ipv4FragmenterTest {
    private static final int MTU_CODE = DropReason.MTU.code();
    private static final int OFFSET = 3;

    private static MemorySegment mayFragment(FrameBuilder builder) {
        MemorySegment memory = builder.build();
        fragmentField(memory, builder.linkLength(), 0);
        return memory;
    }

    private static void fragmentField(MemorySegment memory, int network, int field) {
        Ipv4.flagsAndFragmentOffset(memory, 10 + network, field);
        Ipv4.writeChecksum(memory, 10 + network);
    }

    private static long parse(MemorySegment memory) {
        return Frame.parse(memory, 10, Corpus.length(memory));
    }

    /** The fragments as frames with virtio-net headers of their own. */
    private static List<MemorySegment> cut(MemorySegment memory, int mtu) {
        long parsed = parse(memory);
        int count = Ipv4Fragmenter.count(memory, 0, 10, parsed, mtu);
        assertThat(count).isPositive();
        List<MemorySegment> frames = new ArrayList<>();
        for (int index = 0; index < count; index++) {
            MemorySegment room = MemorySegment.ofArray(new byte[OFFSET + 10 + Frame.networkOffset(parsed)
                    + Math.min(mtu, Frame.packetLength(parsed))]);
            int length = Ipv4Fragmenter.fragment(memory, 0, 10, parsed, mtu, index, room, OFFSET);
            assertThat(length).isPositive();
            frames.add(MemorySegment.ofArray(FrameBuilder.bytes(room, OFFSET, 10 + length)));
        }
        MemorySegment room = MemorySegment.ofArray(new byte[70_000]);
        assertThat(Ipv4Fragmenter.fragment(memory, 0, 10, parsed, mtu, count, room, 0)).isEqualTo(MTU_CODE);
        assertThat(Ipv4Fragmenter.fragment(memory, 0, 10, parsed, mtu, -1, room, 0)).isEqualTo(MTU_CODE);
        return frames;
    }

    /** The payload put together from fragments in order; checks what each header says. */
    private static byte[] join(List<MemorySegment> frames, int network, int mtu, int start, boolean open) {
        byte[] payload = new byte[0];
        for (int i = 0; i < frames.size(); i++) {
            MemorySegment frame = frames.get(i);
            long packet = 10 + network;
            assertThat(parse(frame)).isPositive();
            assertThat(Ipv4.verify(frame, packet)).isTrue();
            int length = Ipv4.totalLength(frame, packet);
            assertThat(length).isLessThanOrEqualTo(mtu).isEqualTo(frame.byteSize() - packet);
            assertThat(Ipv4.fragmentOffset(frame, packet)).isEqualTo(start + payload.length);
            boolean last = i + 1 == frames.size();
            assertThat(Ipv4.moreFragments(frame, packet)).isEqualTo(!last || open);
            int header = Ipv4.headerLength(frame, packet);
            assertThat(last || length - header > mtu - header - 8).isTrue();
            byte[] part = FrameBuilder.bytes(frame, packet + header, length - header);
            payload = Arrays.copyOf(payload, payload.length + part.length);
            System.arraycopy(part, 0, payload, payload.length - part.length, part.length);
        }
        return payload;
    }

    @Property(tries = 500)
    void theFragmentsJoinToTheOriginal(@ForAll @IntRange(max = 65_400) int payload, @ForAll @IntRange(min = 68, max = 9000) int mtu,
            @ForAll @IntRange(min = 68, max = 1500) int smaller, @ForAll @IntRange(max = 2) int tags, @ForAll boolean udp) {
        FrameBuilder builder = FrameBuilder.ipv4(udp ? 17 : 132).payload(payload);
        for (int tag = 0; tag < tags; tag++) {
            builder.tagged(0x8100);
        }
        MemorySegment memory = mayFragment(builder);
        int network = builder.linkLength();
        byte[] original = FrameBuilder.bytes(memory, 10 + builder.transportOffset(), memory.byteSize() - 10
                - builder.transportOffset());
        List<MemorySegment> frames = cut(memory, mtu);
        assertThat(join(frames, network, mtu, 0, false)).isEqualTo(original);
        List<MemorySegment> again = new ArrayList<>();
        for (MemorySegment frame : frames) {
            int start = Ipv4.fragmentOffset(frame, 10 + network);
            boolean more = Ipv4.moreFragments(frame, 10 + network);
            List<MemorySegment> parts = cut(frame, smaller);
            join(parts, network, smaller, start, more);
            again.addAll(parts);
        }
        int at = 0;
        for (MemorySegment frame : again) {
            byte[] part = FrameBuilder.bytes(frame, 10 + network + 20, frame.byteSize() - 10 - network - 20);
            assertThat(part).isEqualTo(FrameBuilder.slice(original, at, at + part.length));
            at += part.length;
        }
        assertThat(at).isEqualTo(original.length);
    }

    @Test
    void knownFragmentsOfAKnownPacket() {
        MemorySegment memory = FrameBuilder.hex("00000000000000000000" + "02420a000002 02420a000001 0800"
                + "4500 0030 1234 0000 40fd 539b 0a000001 0a000002" + "000102030405060708090a0b0c0d0e0f101112131415161718191a1b");
        List<MemorySegment> frames = cut(memory, 40);
        assertThat(frames).hasSize(2);
        assertThat(FrameBuilder.hex(frames.get(0))).endsWith(
                "4500002412342000" + "40fd33a7" + "0a0000010a000002" + "000102030405060708090a0b0c0d0e0f");
        assertThat(FrameBuilder.hex(frames.get(1))).endsWith(
                "4500002012340002" + "40fd53a9" + "0a0000010a000002" + "101112131415161718191a1b");
    }

    @Test
    void onlyCopiedOptionsStandInLaterFragments() {
        // Record route (not copied), router alert (copied), timestamp (not copied), a security option of three bytes (copied).
        FrameBuilder builder = FrameBuilder.ipv4(17).payload(200).ipOptions("0707040000000001" + "94040000" + "4404050082030100");
        MemorySegment memory = mayFragment(builder);
        List<MemorySegment> frames = cut(memory, 100);
        assertThat(options(frames.get(0))).isEqualTo("0707040000000001" + "94040000" + "4404050082030100");
        for (MemorySegment later : frames.subList(1, frames.size())) {
            assertThat(options(later)).isEqualTo("94040000" + "82030100".substring(0, 6) + "00");
        }
        MemorySegment malformed = mayFragment(FrameBuilder.ipv4(17).payload(200).ipOptions("9404000083ff0404"));
        assertThat(options(cut(malformed, 100).get(1))).isEqualTo("94040000");
        MemorySegment cutOff = mayFragment(FrameBuilder.ipv4(17).payload(200).ipOptions("0101018301010183"));
        assertThat(options(cut(cutOff, 100).get(1))).isEmpty();
    }

    private static String options(MemorySegment frame) {
        return HexFormat.of().formatHex(FrameBuilder.bytes(frame, 10 + 14 + 20, Ipv4.headerLength(frame, 24) - 20));
    }

    @Test
    void aPartialChecksumIsCompletedFirst() {
        MemorySegment memory = mayFragment(FrameBuilder.ipv4(17).payload(300).partial().padding(4));
        MemorySegment full = mayFragment(FrameBuilder.ipv4(17).payload(300));
        List<MemorySegment> frames = cut(memory, 200);
        assertThat(join(frames, 14, 200, 0, false)).isEqualTo(join(cut(full, 200), 14, 200, 0, false));
        assertThat(VirtioNetHeader.flags(frames.get(0), 0)).isZero();
    }

    @Test
    void whatFitsIsCopiedAsItIs() {
        MemorySegment memory = FrameBuilder.ipv4(6).partial().build();
        List<MemorySegment> frames = cut(memory, 140);
        assertThat(frames).hasSize(1);
        assertThat(FrameBuilder.hex(frames.get(0))).isEqualTo(FrameBuilder.hex(memory));
    }

    @Test
    void whatMayNotBeFragmentedIsRefused() {
        MemorySegment fixed = FrameBuilder.ipv4(17).build();
        assertThat(Ipv4Fragmenter.count(fixed, 0, 10, parse(fixed), 100)).isEqualTo(MTU_CODE);
        MemorySegment gso = FrameBuilder.ipv4(17).gso(100).payload(400).build();
        fragmentField(gso, 14, 0);
        assertThat(Ipv4Fragmenter.count(gso, 0, 10, parse(gso), 100)).isEqualTo(MTU_CODE);
        MemorySegment plain = mayFragment(FrameBuilder.ipv4(17));
        assertThat(Ipv4Fragmenter.count(plain, 0, 10, parse(plain), 27)).isEqualTo(MTU_CODE);
        assertThat(Ipv4Fragmenter.count(plain, 0, 10, parse(plain), 28)).isPositive();
    }

    @Test
    void noOptionsMakeItThrowOrExceedTheMtu() {
        Random random = new Random(11);
        MemorySegment room = MemorySegment.ofArray(new byte[10 + 14 + 300]);
        for (int round = 0; round < 50_000; round++) {
            byte[] options = new byte[4 * random.nextInt(11)];
            for (int i = 0; i < options.length; i++) {
                options[i] = (byte) (random.nextBoolean() ? random.nextInt(8) | random.nextInt(2) << 7 : random.nextInt());
            }
            MemorySegment memory = mayFragment(
                    FrameBuilder.ipv4(17).payload(random.nextInt(400)).ipOptions(HexFormat.of().formatHex(options)));
            int mtu = 68 + random.nextInt(232);
            long parsed = parse(memory);
            int count = Ipv4Fragmenter.count(memory, 0, 10, parsed, mtu);
            int bytes = 0;
            for (int index = 0; index < count; index++) {
                int length = Ipv4Fragmenter.fragment(memory, 0, 10, parsed, mtu, index, room, 0);
                assertThat(length - 14).isBetween(20, mtu);
                assertThat(Ipv4.verify(room, 24)).isTrue();
                bytes += length - 14 - Ipv4.headerLength(room, 24);
            }
            assertThat(bytes).isEqualTo(Frame.transportLength(parsed));
        }
    }
}
