package io.footbridge.wire;

import static io.footbridge.memory.DirectAccess.at;
import static io.footbridge.memory.DirectAccess.base;

import io.footbridge.memory.DirectAccess;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Unsigned big-endian fields at any address. Offsets are bytes from the start of the segment.
 *
 * <p>These are the only accesses to wire fields in this package; the caller has checked that the bytes are there, and in native
 * memory only assertions check it again ({@link DirectAccess}).
 */
public final class BigEndian {
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private BigEndian() {
    }

    /** One byte, 0 to 255. */
    public static int u8(MemorySegment memory, long offset) {
        return base(memory).get(BYTE, at(memory, offset)) & 0xFF;
    }

    /** Stores the low 8 bits of {@code value}. */
    public static void u8(MemorySegment memory, long offset, int value) {
        base(memory).set(BYTE, at(memory, offset), (byte) value);
    }

    /** Two bytes, 0 to 65535. */
    public static int u16(MemorySegment memory, long offset) {
        return base(memory).get(SHORT, at(memory, offset)) & 0xFFFF;
    }

    /** Stores the low 16 bits of {@code value}. */
    public static void u16(MemorySegment memory, long offset, int value) {
        base(memory).set(SHORT, at(memory, offset), (short) value);
    }

    /** Four bytes as they are, the sign bit included: addresses, identifiers. */
    public static int i32(MemorySegment memory, long offset) {
        return base(memory).get(INT, at(memory, offset));
    }

    /** Stores four bytes. */
    public static void i32(MemorySegment memory, long offset, int value) {
        base(memory).set(INT, at(memory, offset), value);
    }

    /** Four bytes, 0 to 4294967295. */
    public static long u32(MemorySegment memory, long offset) {
        return base(memory).get(INT, at(memory, offset)) & 0xFFFF_FFFFL;
    }

    /** Stores the low 32 bits of {@code value}. */
    public static void u32(MemorySegment memory, long offset, long value) {
        base(memory).set(INT, at(memory, offset), (int) value);
    }

    /** Six bytes: a MAC address. */
    public static long u48(MemorySegment memory, long offset) {
        return u32(memory, offset) << 16 | u16(memory, offset + 4);
    }

    /** Stores the low 48 bits of {@code value}. */
    public static void u48(MemorySegment memory, long offset, long value) {
        base(memory).set(INT, at(memory, offset), (int) (value >>> 16));
        base(memory).set(SHORT, at(memory, offset + 4), (short) value);
    }

    /** Eight bytes as they are: half of an IPv6 address. */
    public static long i64(MemorySegment memory, long offset) {
        return base(memory).get(LONG, at(memory, offset));
    }

    /** Stores eight bytes. */
    public static void i64(MemorySegment memory, long offset, long value) {
        base(memory).set(LONG, at(memory, offset), value);
    }
}
