package io.footbridge.wire;

import static io.footbridge.wire.FrameBuilder.hex;
import static io.footbridge.wire.FrameBuilder.naiveAdd;
import static io.footbridge.wire.FrameBuilder.naiveSum;
import static io.footbridge.wire.FrameBuilder.slice;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ChecksumTest {
    @Test
    void sumOfTheExampleOfRfc1071Section3() {
        assertThat(Checksum.sum(hex("0001 f203 f4f5 f6f7"), 0, 8)).isEqualTo(0xDDF2);
    }

    @Test
    void swappedWordsOfTheExampleOfRfc1071GiveTheSwappedSum() {
        assertThat(Checksum.sum(hex("0100 03f2 f5f4 f7f6"), 0, 8)).isEqualTo(Checksum.swap(0xDDF2));
    }

    @Test
    void updateOfTheExampleOfRfc1624Section4() {
        assertThat(Checksum.update16(0xDD2F, 0x5555, 0x3285)).isZero();
    }

    @Test
    void anEmptyRangeSumsToZero() {
        assertThat(Checksum.sum(hex("ffff"), 1, 0)).isZero();
    }

    @Test
    void sumEqualsWordByWordAdditionForEveryStartAndShortLength() {
        byte[] bytes = new byte[160];
        new Random(7).nextBytes(bytes);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment direct = arena.allocate(bytes.length, 64);
            direct.copyFrom(MemorySegment.ofArray(bytes));
            for (int start = 0; start < 17; start++) {
                for (int length = 0; length <= 140; length++) {
                    int expected = naiveSum(slice(bytes, start, start + length));
                    assertThat(Checksum.sum(direct, start, length)).isEqualTo(expected);
                }
            }
        }
    }

    @Property
    void sumEqualsWordByWordAdditionForLongRanges(@ForAll long seed, @ForAll @IntRange(max = 15) int start,
            @ForAll @IntRange(max = 66_000) int length) {
        byte[] bytes = new byte[start + length];
        new Random(seed).nextBytes(bytes);
        assertThat(Checksum.sum(MemorySegment.ofArray(bytes), start, length))
                .isEqualTo(naiveSum(slice(bytes, start, start + length)));
    }

    @Test
    void carriesOfTheLargestWordsAreKept() {
        byte[] bytes = new byte[65_537];
        Arrays.fill(bytes, (byte) 0xFF);
        assertThat(Checksum.sum(MemorySegment.ofArray(bytes), 0, 65_536)).isEqualTo(0xFFFF);
        assertThat(Checksum.sum(MemorySegment.ofArray(bytes), 0, 65_537)).isEqualTo(0xFF00);
    }

    @Property
    void aRangeAtAnOddPlaceCountsSwapped(@ForAll byte[] bytes, @ForAll @IntRange(max = 64) int cut) {
        int at = Math.min(cut, bytes.length);
        MemorySegment memory = MemorySegment.ofArray(bytes);
        int second = Checksum.sum(memory, at, bytes.length - at);
        int whole = Checksum.add(Checksum.sum(memory, 0, at), (at & 1) == 0 ? second : Checksum.swap(second));
        assertThat(whole).isEqualTo(naiveSum(bytes));
    }

    @Property
    void foldTakesAnyTotal(@ForAll long total) {
        int expected = new java.math.BigInteger(Long.toUnsignedString(total))
                .mod(java.math.BigInteger.valueOf(0xFFFF)).intValue();
        assertThat(Checksum.fold(total) % 0xFFFF).isEqualTo(expected);
        assertThat(Checksum.fold(total)).isBetween(0, 0xFFFF);
        assertThat(Checksum.fold(total) == 0).isEqualTo(total == 0);
    }

    @Property
    void incrementalUpdateEqualsFullComputation(@ForAll long seed, @ForAll @IntRange(min = 1, max = 20) int word,
            @ForAll long high, @ForAll long low) {
        byte[] bytes = new byte[64];
        new Random(seed).nextBytes(bytes);
        bytes[0] |= 1;
        MemorySegment memory = MemorySegment.ofArray(bytes);
        int at = word * 2;
        int full = ~naiveSum(bytes) & 0xFFFF;

        int before16 = BigEndian.u16(memory, at);
        BigEndian.u16(memory, at, (int) low);
        int after16 = ~naiveSum(bytes) & 0xFFFF;
        assertThat(Checksum.update16(full, before16, (int) low & 0xFFFF)).isEqualTo(after16);

        int before32 = BigEndian.i32(memory, at);
        BigEndian.i32(memory, at, (int) high);
        int after32 = ~naiveSum(bytes) & 0xFFFF;
        assertThat(Checksum.update32(after16, before32, (int) high)).isEqualTo(after32);

        long beforeHigh = BigEndian.i64(memory, at);
        long beforeLow = BigEndian.i64(memory, at + 8);
        BigEndian.i64(memory, at, high);
        BigEndian.i64(memory, at + 8, low);
        assertThat(Checksum.update128(after32, beforeHigh, beforeLow, high, low))
                .isEqualTo(~naiveSum(bytes) & 0xFFFF);
    }

    @Property
    void pseudoHeadersEqualTheirBytes(@ForAll long a, @ForAll long b, @ForAll long c, @ForAll long d,
            @ForAll @IntRange(max = 255) int protocol, @ForAll @IntRange(max = 65_535) int length) {
        MemorySegment memory = MemorySegment.ofArray(new byte[40]);
        BigEndian.i64(memory, 0, a);
        BigEndian.i64(memory, 8, b);
        BigEndian.i64(memory, 16, c);
        BigEndian.i64(memory, 24, d);
        BigEndian.i32(memory, 32, length);
        BigEndian.i32(memory, 36, protocol);
        assertThat(Checksum.pseudoHeader(a, b, c, d, protocol, length)).isEqualTo(Checksum.sum(memory, 0, 40));
        assertThat(Checksum.pseudoHeader((int) a, (int) b, protocol, length)).isEqualTo(naiveAdd(
                naiveAdd(naiveSum(word((int) a)), naiveSum(word((int) b))), naiveAdd(protocol, length)));
    }

    private static byte[] word(int value) {
        return java.nio.ByteBuffer.allocate(4).putInt(value).array();
    }

    @Test
    void aPartialChecksumTakesAddressesAndNeverPorts() {
        FrameBuilder builder = FrameBuilder.ipv4(6).payload(33);
        MemorySegment partial = builder.partial().build();
        long transport = 10 + builder.transportOffset();
        int addresses = Checksum.delta32(Ipv4.source(partial, 24), 0xC0A8_0105);
        int ports = Checksum.delta16(40000, 1025);
        Tcp.updateChecksum(partial, transport, addresses, ports, true);
        Ipv4.source(partial, 24, 0xC0A8_0105);
        Ipv4.updateChecksum(partial, 24, addresses);
        Tcp.source(partial, transport, 1025);
        assertThat(Checksum.complete(partial, 0, 10, builder.frameLength())).isZero();
        assertThat(FrameBuilder.verifies(frame(partial))).isTrue();
    }

    @Test
    void aFullChecksumTakesAddressesAndPorts() {
        for (int protocol : new int[] {6, 17}) {
            FrameBuilder builder = FrameBuilder.ipv6(protocol).payload(33);
            MemorySegment memory = builder.build();
            long transport = 10 + builder.transportOffset();
            int addresses = Checksum.delta128(Ipv6.sourceHigh(memory, 24), Ipv6.sourceLow(memory, 24), 77, -78);
            int ports = Checksum.delta16(Udp.source(memory, transport), 1025);
            if (protocol == 6) {
                Tcp.updateChecksum(memory, transport, addresses, ports, false);
            } else {
                Udp.updateChecksum(memory, transport, addresses, ports, false);
            }
            Ipv6.source(memory, 24, 77, -78);
            Udp.source(memory, transport, 1025);
            assertThat(FrameBuilder.verifies(frame(memory))).isTrue();
        }
    }

    @Test
    void completionMakesAFullChecksumAndClearsTheHeader() {
        for (FrameBuilder builder : new FrameBuilder[] {FrameBuilder.ipv4(6), FrameBuilder.ipv4(17).payload(1),
            FrameBuilder.ipv6(6).tagged(0x8100), FrameBuilder.ipv6(17).padding(3)}) {
            MemorySegment memory = builder.partial().build();
            assertThat(FrameBuilder.verifies(frame(memory))).isFalse();
            assertThat(Checksum.complete(memory, 0, 10, builder.frameLength())).isZero();
            assertThat(FrameBuilder.verifies(frame(memory))).isTrue();
            assertThat(FrameBuilder.bytes(memory, 0, 10)).containsOnly(0);
        }
    }

    @Test
    void completionLeavesAFullChecksumAlone() {
        MemorySegment memory = FrameBuilder.ipv4(6).build();
        String before = hex(memory);
        assertThat(Checksum.complete(memory, 0, 10, Corpus.length(memory))).isZero();
        assertThat(hex(memory)).isEqualTo(before);
    }

    @Test
    void completionRefusesAFieldOutsideTheFrame() {
        MemorySegment memory = FrameBuilder.ipv4(6).partial().build();
        VirtioNetHeader.checksumStart(memory, 0, Corpus.length(memory) - 17);
        assertThat(Checksum.complete(memory, 0, 10, Corpus.length(memory)))
                .isEqualTo(DropReason.BAD_VIRTIO_HEADER.code());
    }

    @Test
    void aUdpChecksumThatBecomesZeroIsStoredAsAllOnes() {
        FrameBuilder builder = FrameBuilder.ipv4(17).payload(2);
        MemorySegment memory = builder.partial().build();
        long transport = 10 + builder.transportOffset();
        BigEndian.u16(memory, transport + 8, 0);
        int sum = Checksum.sum(memory, transport, 10);
        BigEndian.u16(memory, transport + 8, 0xFFFF - sum);
        assertThat(Checksum.complete(memory, 0, 10, builder.frameLength())).isZero();
        assertThat(Udp.checksum(memory, transport)).isEqualTo(0xFFFF);
        assertThat(FrameBuilder.verifies(frame(memory))).isTrue();
    }

    /** RFC 3720 appendix B.4, and the check value of the CRC catalogues. */
    @Test
    void crcOfKnownBytes() {
        assertThat(Crc32c.of(hex("00".repeat(32)), 0, 32)).isEqualTo(0x8A91_36AA);
        assertThat(Crc32c.of(hex("ff".repeat(32)), 0, 32)).isEqualTo(0x62A8_AB43);
        assertThat(Crc32c.of(hex("313233343536373839"), 0, 9)).isEqualTo(0xE306_9283);
    }

    @Test
    void sctpIsCompletedByItsCrc() {
        for (FrameBuilder builder : new FrameBuilder[] {FrameBuilder.ipv4(132).payload(21).padding(3),
            FrameBuilder.ipv6(132).payload(1000).tagged(0x8100)}) {
            MemorySegment memory = builder.partial().build();
            VirtioNetHeader.checksumOffset(memory, 0, 8);
            int start = 10 + builder.transportOffset();
            byte[] packet = FrameBuilder.bytes(memory, start, 8 + builder.payload);
            Arrays.fill(packet, 8, 12, (byte) 0);
            java.util.zip.CRC32C expected = new java.util.zip.CRC32C();
            expected.update(packet);
            assertThat(VirtioNetHeader.check(memory, 0, 10, builder.frameLength())).isZero();
            assertThat(Checksum.complete(memory, 0, 10, builder.frameLength())).isZero();
            assertThat(Integer.reverseBytes(BigEndian.i32(memory, start + 8))).isEqualTo((int) expected.getValue());
            assertThat(FrameBuilder.bytes(memory, 0, 10)).containsOnly(0);
        }
    }

    private static byte[] frame(MemorySegment memory) {
        return FrameBuilder.bytes(memory, 10, memory.byteSize() - 10);
    }
}
