package io.footbridge.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** Against blocks written down by hand from draft-ietf-opsawg-pcapng. */
class PcapngTest {
    @Test
    void aSectionAnInterfaceAndAPacketAreTheseBytes() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Pcapng pcapng = new Pcapng(out);
        pcapng.section();
        pcapng.describeInterface("eth-é");
        pcapng.packet(0, 0x0123_4567_89ab_cdefL, new byte[] {1, 2, 3, 4, 5, 6}, 5, 2);
        pcapng.flush();
        assertThat(HexFormat.of().formatHex(out.toByteArray())).isEqualTo(String.join("",
                // block type, length; byte-order magic, version 1.0, section length unknown; length
                "0a0d0d0a", "0000001c", "1a2b3c4d", "00010000", "ffffffffffffffff", "0000001c",
                // block type, length; Ethernet, reserved, snap length without limit
                "00000001", "0000002c", "00010000", "00000000",
                // if_name, 6 bytes, padded; if_tsresol, 1 byte, 10^-9, padded; end; length
                "00020006", "6574682dc3a90000", "00090001", "09000000", "00000000", "0000002c",
                // block type, length; interface, time, captured and original length
                "00000006", "00000034", "00000000", "0123456789abcdef", "00000005", "00000005",
                // the frame, padded; epb_flags: outbound; end; length
                "0102030405000000", "00020004", "00000002", "00000000", "00000034"));
    }

    @Test
    void lengthsAreMultiplesOfFourWhateverTheFrame() throws IOException {
        for (int length = 0; length < 9; length++) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            Pcapng pcapng = new Pcapng(out);
            pcapng.packet(1, 2, new byte[9], length, 1);
            pcapng.flush();
            byte[] block = out.toByteArray();
            assertThat(block.length % 4).isZero();
            assertThat(block[7] & 0xff).isEqualTo(block.length);
            assertThat(block[block.length - 1] & 0xff).isEqualTo(block.length);
        }
    }
}
