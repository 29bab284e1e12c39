package io.footbridge.wire;

import static io.footbridge.wire.FrameBuilder.hex;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class VirtioNetHeaderTest {
    private static final int BAD = DropReason.BAD_VIRTIO_HEADER.code();

    /** As Linux 6.18 gave it for TCP over a TAP: flags 1, TCPv4, 66, 1448, 34, 16. */
    @Test
    void fieldsOfAnObservedHeader() {
        MemorySegment memory = hex("01 01 4200 a805 2200 1000");
        assertThat(VirtioNetHeader.flags(memory, 0)).isEqualTo(VirtioNetHeader.NEEDS_CSUM);
        assertThat(VirtioNetHeader.gsoType(memory, 0)).isEqualTo(VirtioNetHeader.GSO_TCPV4);
        assertThat(VirtioNetHeader.headerLength(memory, 0)).isEqualTo(66);
        assertThat(VirtioNetHeader.gsoSize(memory, 0)).isEqualTo(1448);
        assertThat(VirtioNetHeader.checksumStart(memory, 0)).isEqualTo(34);
        assertThat(VirtioNetHeader.checksumOffset(memory, 0)).isEqualTo(16);
        assertThat(VirtioNetHeader.describe(memory, 0)).isEqualTo(
                "flags 1, gso type 1, header length 66, gso size 1448, checksum at 34 + 16");
    }

    @Test
    void goodHeadersPass() {
        for (MemorySegment memory : Corpus.good()) {
            assertThat(VirtioNetHeader.check(memory, 0, 10, Corpus.length(memory))).isZero();
        }
        assertThat(check(FrameBuilder.ipv4(6), memory -> VirtioNetHeader.flags(memory, 0, VirtioNetHeader.DATA_VALID)))
                .isZero();
        assertThat(check(FrameBuilder.ipv4(6).gso(100), memory -> VirtioNetHeader.gsoType(memory, 0, 0x81))).isZero();
        assertThat(check(FrameBuilder.ipv4(6).gso(100), memory -> VirtioNetHeader.flags(memory, 0, 0))).isZero();
    }

    @Test
    void unknownAndRefusedTypesAreBad() {
        for (int type = 1; type < 256; type++) {
            int tried = type;
            boolean tcp = type == 1 || type == 0x81;
            assertThat(check(FrameBuilder.ipv4(6).gso(100), memory -> VirtioNetHeader.gsoType(memory, 0, tried)))
                    .as("type %d", type).isEqualTo(tcp ? 0 : BAD);
        }
    }

    @Test
    void theTypeMustMatchTheEtherTypeBehindTags() {
        assertThat(check(FrameBuilder.ipv6(6).gso(100).tagged(0x88A8).tagged(0x8100), _ -> { })).isZero();
        assertThat(check(FrameBuilder.ipv6(6).gso(100).tagged(0x8100),
                memory -> VirtioNetHeader.gsoType(memory, 0, VirtioNetHeader.GSO_TCPV4))).isEqualTo(BAD);
        assertThat(check(FrameBuilder.ipv4(17).gso(100), memory -> Ethernet.etherType(memory, 10, 0x0806)))
                .isEqualTo(BAD);
    }

    @Test
    void aGsoFrameNeedsASize() {
        assertThat(check(FrameBuilder.ipv4(6).gso(100), memory -> VirtioNetHeader.gsoSize(memory, 0, 0)))
                .isEqualTo(BAD);
    }

    @Test
    void theChecksumMustBeInsideTheFrameAndBehindTheIpHeader() {
        FrameBuilder builder = FrameBuilder.ipv4(17).payload(0).partial();
        assertThat(check(builder, memory -> VirtioNetHeader.checksumStart(memory, 0, 33))).isEqualTo(BAD);
        assertThat(check(builder, memory -> VirtioNetHeader.checksumStart(memory, 0, 34))).isZero();
        assertThat(check(builder, memory -> VirtioNetHeader.checksumStart(memory, 0, 35))).isEqualTo(BAD);
        assertThat(check(builder, memory -> VirtioNetHeader.checksumOffset(memory, 0, 0xFFFF))).isEqualTo(BAD);
        assertThat(check(FrameBuilder.ipv6(17).partial(), memory -> VirtioNetHeader.checksumStart(memory, 0, 53)))
                .isEqualTo(BAD);
    }

    @Test
    void theChecksumOfAGsoFrameIsAtItsProtocolsPlace() {
        assertThat(check(FrameBuilder.ipv4(6).gso(100), memory -> VirtioNetHeader.checksumOffset(memory, 0, 6)))
                .isEqualTo(BAD);
        assertThat(check(FrameBuilder.ipv4(17).gso(100), memory -> VirtioNetHeader.checksumOffset(memory, 0, 16)))
                .isEqualTo(BAD);
    }

    @Test
    void udpSegmentationNeedsAChecksumAndAtMost128Segments() {
        assertThat(check(FrameBuilder.ipv4(17).gso(100), memory -> VirtioNetHeader.flags(memory, 0, 0))).isEqualTo(BAD);
        assertThat(check(FrameBuilder.ipv4(17).gso(10).payload(1280), _ -> { })).isZero();
        assertThat(check(FrameBuilder.ipv4(17).gso(10).payload(1281), _ -> { })).isEqualTo(BAD);
    }

    @Test
    void aRuntIsARunt() {
        assertThat(VirtioNetHeader.check(hex("01010000010000000000 0102"), 0, 10, 2)).isEqualTo(DropReason.RUNT.code());
    }

    @Test
    void aTagPushedAndPoppedMovesTheOffsetsThereAndBack() {
        FrameBuilder builder = FrameBuilder.ipv4(6).gso(100).payload(300);
        MemorySegment frame = builder.build();
        MemorySegment memory = MemorySegment.ofArray(new byte[4 + (int) frame.byteSize()]);
        memory.asSlice(4).copyFrom(frame);
        VirtioNetHeader.move(memory, 4, 0);
        assertThat(Vlan.insert(memory, 14, Ethernet.VLAN, 0x2064)).isEqualTo(10);
        VirtioNetHeader.adjust(memory, 0, Vlan.TAG_LENGTH);
        assertThat(hex(memory)).isEqualTo(hex(FrameBuilder.ipv4(6).gso(100).payload(300).tagged(0x8100).build()));
        assertThat(Frame.networkLength(memory, 0, 10, builder.frameLength() + 4)).isEqualTo(140);

        assertThat(Vlan.remove(memory, 10)).isEqualTo(14);
        VirtioNetHeader.move(memory, 0, 4);
        VirtioNetHeader.adjust(memory, 4, -Vlan.TAG_LENGTH);
        assertThat(hex(memory.asSlice(4))).isEqualTo(hex(frame));
    }

    @Test
    void anUnusedFieldIsNotMoved() {
        MemorySegment memory = hex("00000000000000000000");
        VirtioNetHeader.adjust(memory, 0, 4);
        assertThat(hex(memory)).isEqualTo("00000000000000000000");
    }

    private static int check(FrameBuilder builder, Consumer<MemorySegment> change) {
        MemorySegment memory = builder.build();
        change.accept(memory);
        return VirtioNetHeader.check(memory, 0, 10, builder.frameLength());
    }
}
