package io.footbridge.wire;

import static io.footbridge.wire.FrameBuilder.hex;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class TcpTest {
    private static final String SYN = "9c40 0050 0000 0001 0000 0000 a002 faf0 0000 0000";
    private static final String OPTIONS = "0204 05b4 0402 080a 0000 0001 0000 0000 0103 0307";

    @Test
    void fieldsAndOptionsOfASyn() {
        MemorySegment memory = hex(SYN + OPTIONS);
        assertThat(Tcp.check(memory, 0, 40)).isEqualTo(40);
        assertThat(Tcp.source(memory, 0)).isEqualTo(40000);
        assertThat(Tcp.destination(memory, 0)).isEqualTo(80);
        assertThat(Tcp.sequence(memory, 0)).isOne();
        assertThat(Tcp.flags(memory, 0)).isEqualTo(Tcp.SYN);
        assertThat(Tcp.window(memory, 0)).isEqualTo(64240);
        assertThat(Tcp.maxSegmentSize(memory, 0)).isEqualTo(1460);
        assertThat(Tcp.windowScale(memory, 0)).isEqualTo(7);
        assertThat(Tcp.option(memory, 0, Tcp.OPTION_SACK_PERMITTED)).isEqualTo(24);
        assertThat(Tcp.option(memory, 0, Tcp.OPTION_TIMESTAMPS)).isEqualTo(26);
        assertThat(Tcp.option(memory, 0, Tcp.OPTION_SACK)).isEqualTo(-1);
        assertThat(Tcp.describe(memory, 0)).isEqualTo("TCP 40000 > 80, flags S, seq 1, ack 0, win 64240");
    }

    @Test
    void aHeaderMustHoldTogether() {
        MemorySegment memory = hex(SYN + OPTIONS);
        assertThat(Tcp.check(memory, 0, 19)).isEqualTo(DropReason.RUNT.code());
        assertThat(Tcp.check(memory, 0, 39)).isEqualTo(DropReason.BAD_HEADER.code());
        Tcp.headerLength(memory, 0, 16);
        assertThat(Tcp.check(memory, 0, 40)).isEqualTo(DropReason.BAD_HEADER.code());
        Tcp.headerLength(memory, 0, 60);
        assertThat(Tcp.headerLength(memory, 0)).isEqualTo(60);
    }

    @Test
    void aMalformedOptionEndsTheVisit() {
        assertThat(maxSegmentSize("0204 05b4 0000 0000 0000 0000 0000 0000 0000 0000")).isEqualTo(1460);
        assertThat(maxSegmentSize("0000 0000 0204 05b4 0000 0000 0000 0000 0000 0000")).isEqualTo(-1);
        assertThat(maxSegmentSize("0500 0204 05b4 0000 0000 0000 0000 0000 0000 0000")).isEqualTo(-1);
        assertThat(maxSegmentSize("0501 0204 05b4 0000 0000 0000 0000 0000 0000 0000")).isEqualTo(-1);
        assertThat(maxSegmentSize("0515 0204 05b4 0000 0000 0000 0000 0000 0000 0000")).isEqualTo(-1);
        assertThat(maxSegmentSize("0203 0501 0101 0101 0101 0101 0101 0101 0101 0101")).isEqualTo(-1);
        assertThat(maxSegmentSize("0101 0101 0101 0101 0101 0101 0101 0101 0101 0102")).isEqualTo(-1);
        assertThat(maxSegmentSize("0101 0101 0101 0101 0101 0101 0101 0101 0204 05b4")).isEqualTo(1460);
    }

    private static int maxSegmentSize(String options) {
        return Tcp.maxSegmentSize(hex(SYN + options), 0);
    }

    @Test
    void theSegmentSizeIsLoweredAndTheChecksumStaysRight() {
        for (String options : new String[] {"0204 05b4", "0102 0405 b401 0101"}) {
            FrameBuilder builder = FrameBuilder.ipv4(6).tcpOptions(options.replace(" ", ""));
            MemorySegment memory = builder.build();
            long transport = 10 + builder.transportOffset();
            assertThat(Tcp.clampMaxSegmentSize(memory, transport, 1460, false)).isFalse();
            assertThat(Tcp.clampMaxSegmentSize(memory, transport, 1213, false)).isTrue();
            assertThat(Tcp.maxSegmentSize(memory, transport)).isEqualTo(1213);
            assertThat(FrameBuilder.verifies(FrameBuilder.bytes(memory, 10, builder.frameLength()))).isTrue();
        }
    }

    @Test
    void aPartialChecksumDoesNotKnowTheSegmentSize() {
        FrameBuilder builder = FrameBuilder.ipv4(6).tcpOptions("020405b4").partial();
        MemorySegment memory = builder.build();
        long transport = 10 + builder.transportOffset();
        int before = Tcp.checksum(memory, transport);
        assertThat(Tcp.clampMaxSegmentSize(memory, transport, 1000, true)).isTrue();
        assertThat(Tcp.checksum(memory, transport)).isEqualTo(before);
    }

    @Test
    void aHeaderIsWrittenAndSummed() {
        MemorySegment memory = MemorySegment.ofArray(new byte[20]);
        assertThat(Tcp.write(memory, 0, 40000, 80, 1, 2, Tcp.RST | Tcp.ACK, 0)).isEqualTo(20);
        Tcp.writeChecksum(memory, 0, 20, 0x1234);
        assertThat(Tcp.verify(memory, 0, 20, 0x1234)).isTrue();
        assertThat(Tcp.verify(memory, 0, 20, 0x1235)).isFalse();
        assertThat(hex(memory)).startsWith("9c40005000000001000000025014").endsWith("0000");
    }
}
