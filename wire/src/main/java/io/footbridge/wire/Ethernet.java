package io.footbridge.wire;

import static io.footbridge.wire.BigEndian.i32;
import static io.footbridge.wire.BigEndian.i64;
import static io.footbridge.wire.BigEndian.u16;
import static io.footbridge.wire.BigEndian.u48;

import java.lang.foreign.MemorySegment;

/**
 * The Ethernet II header (IEEE 802.3 clause 3), 14 bytes; no preamble, no frame check sequence.
 *
 * <pre>
 * offset  width  name
 *      0      6  destination
 *      6      6  source
 *     12      2  etherType (of the outermost tag, if the frame is tagged: see {@link Vlan})
 * </pre>
 */
public final class Ethernet {
    /** Bytes of the header. */
    public static final int HEADER_LENGTH = 14;

    /** IPv4. */
    public static final int IPV4 = 0x0800;
    /** ARP. */
    public static final int ARP = 0x0806;
    /** IPv6. */
    public static final int IPV6 = 0x86DD;
    /** A customer tag (802.1Q). */
    public static final int VLAN = 0x8100;
    /** A service tag (802.1ad). */
    public static final int SERVICE_VLAN = 0x88A8;
    /** Values below this are lengths of IEEE 802.3 frames (LLC), not types. */
    public static final int FIRST_TYPE = 0x0600;

    static final int DESTINATION = 0;
    static final int SOURCE = 6;
    static final int ETHER_TYPE = 12;

    private Ethernet() {
    }

    /** {@link #HEADER_LENGTH}, or {@link DropReason#RUNT}'s code if fewer bytes are available. */
    public static int check(int available) {
        return available < HEADER_LENGTH ? DropReason.RUNT.code() : HEADER_LENGTH;
    }

    /** Destination MAC address. */
    public static long destination(MemorySegment memory, long offset) {
        return i64(memory, offset + DESTINATION) >>> 16;
    }

    /** Sets the destination MAC address. */
    public static void destination(MemorySegment memory, long offset, long mac) {
        u48(memory, offset + DESTINATION, mac);
    }

    /** Source MAC address. */
    public static long source(MemorySegment memory, long offset) {
        return i64(memory, offset + SOURCE) >>> 16;
    }

    /** Sets the source MAC address. */
    public static void source(MemorySegment memory, long offset, long mac) {
        u48(memory, offset + SOURCE, mac);
    }

    /** Sets both addresses. */
    public static void addresses(MemorySegment memory, long offset, long destination, long source) {
        i64(memory, offset + DESTINATION, destination << 16 | source >>> 32);
        i32(memory, offset + SOURCE + 2, (int) source);
    }

    /** The type behind the addresses, which may be that of a tag. */
    public static int etherType(MemorySegment memory, long offset) {
        return u16(memory, offset + ETHER_TYPE);
    }

    /** Sets the type behind the addresses. */
    public static void etherType(MemorySegment memory, long offset, int type) {
        u16(memory, offset + ETHER_TYPE, type);
    }

    /** Writes all three fields. */
    public static void write(MemorySegment memory, long offset, long destination, long source, int etherType) {
        addresses(memory, offset, destination, source);
        etherType(memory, offset, etherType);
    }

    /** One line for people. Off the frame path. */
    public static String describe(MemorySegment memory, long offset) {
        return "%s > %s, %s".formatted(MacAddress.format(source(memory, offset)),
                MacAddress.format(destination(memory, offset)), nameOf(etherType(memory, offset)));
    }

    static String nameOf(int etherType) {
        return switch (etherType) {
            case IPV4 -> "IPv4";
            case ARP -> "ARP";
            case IPV6 -> "IPv6";
            case VLAN -> "802.1Q";
            case SERVICE_VLAN -> "802.1ad";
            default -> etherType < FIRST_TYPE ? "length " + etherType : "type 0x%04x".formatted(etherType);
        };
    }
}
