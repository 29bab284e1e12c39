package io.footbridge.wire;

import java.lang.foreign.MemorySegment;

/**
 * CRC-32C (RFC 9260 appendix A), the checksum of SCTP. The kernel leaves it undone, as it does Internet checksums, on
 * what comes from a veth; few frames need it, so it goes byte by byte.
 */
final class Crc32c {
    /** The polynomial 0x1EDC6F41, its bits reversed. */
    private static final int POLYNOMIAL = 0x82F6_3B78;
    private static final int[] TABLE = table();

    private Crc32c() {
    }

    private static int[] table() {
        int[] table = new int[256];
        for (int i = 0; i < table.length; i++) {
            int remainder = i;
            for (int bit = 0; bit < 8; bit++) {
                remainder = (remainder & 1) == 0 ? remainder >>> 1 : remainder >>> 1 ^ POLYNOMIAL;
            }
            table[i] = remainder;
        }
        return table;
    }

    /** The CRC of a range. */
    static int of(MemorySegment memory, long offset, int length) {
        int remainder = -1;
        for (int at = 0; at < length; at++) {
            remainder = remainder >>> 8 ^ TABLE[(remainder ^ BigEndian.u8(memory, offset + at)) & 0xFF];
        }
        return ~remainder;
    }
}
