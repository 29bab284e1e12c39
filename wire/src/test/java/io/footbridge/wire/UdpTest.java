package io.footbridge.wire;

import static io.footbridge.wire.FrameBuilder.hex;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class UdpTest {
    @Test
    void fieldsOfAKnownHeader() {
        MemorySegment memory = hex("bfc4 0035 0009 a1b2 61");
        assertThat(Udp.check(memory, 0, 9)).isEqualTo(8);
        assertThat(Udp.source(memory, 0)).isEqualTo(0xBFC4);
        assertThat(Udp.destination(memory, 0)).isEqualTo(53);
        assertThat(Udp.length(memory, 0)).isEqualTo(9);
        assertThat(Udp.checksum(memory, 0)).isEqualTo(0xA1B2);
        assertThat(Udp.describe(memory, 0)).isEqualTo("UDP 49092 > 53, length 9");
    }

    @Test
    void aHeaderMustHoldTogether() {
        assertThat(Udp.check(hex("bfc4 0035 0009 a1b2"), 0, 8)).isEqualTo(DropReason.BAD_HEADER.code());
        assertThat(Udp.check(hex("bfc4 0035 0007 a1b2"), 0, 8)).isEqualTo(DropReason.BAD_HEADER.code());
        assertThat(Udp.check(hex("bfc4 0035 0008 a1"), 0, 7)).isEqualTo(DropReason.RUNT.code());
    }

    @Test
    void noChecksumStaysNone() {
        MemorySegment memory = hex("bfc4 0035 0009 0000 61");
        Udp.updateChecksum(memory, 0, 0x1111, 0x2222, false);
        assertThat(Udp.checksum(memory, 0)).isZero();
        assertThat(Udp.verify(memory, 0, 0x9999)).isTrue();
    }

    @Test
    void aPartialChecksumOfZeroIsASumLikeAnyOther() {
        MemorySegment memory = hex("bfc4 0035 0009 0000 61");
        Udp.updateChecksum(memory, 0, 0x1111, 0x2222, true);
        assertThat(Udp.checksum(memory, 0)).isEqualTo(0x1111);
    }

    @Test
    void aChecksumUpdatedToZeroIsAllOnes() {
        MemorySegment memory = hex("0000 0000 0008 dd2f");
        Udp.updateChecksum(memory, 0, 0, Checksum.delta16(0x5555, 0x3285), false);
        assertThat(Udp.checksum(memory, 0)).isEqualTo(0xFFFF);
    }

    @Test
    void aDatagramIsWrittenAndSummed() {
        MemorySegment memory = hex("0000 0000 0000 0000 616263");
        assertThat(Udp.write(memory, 0, 67, 68, 11)).isEqualTo(8);
        int pseudoHeader = Checksum.pseudoHeader(0x0A00_0001, 0x0A00_0002, Protocol.UDP, 11);
        Udp.writeChecksum(memory, 0, pseudoHeader);
        assertThat(Udp.checksum(memory, 0)).isNotZero();
        assertThat(Udp.verify(memory, 0, pseudoHeader)).isTrue();
        assertThat(Udp.verify(memory, 0, pseudoHeader + 1)).isFalse();
    }
}
