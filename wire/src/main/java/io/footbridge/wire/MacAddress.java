package io.footbridge.wire;

import java.util.HexFormat;

/**
 * MAC addresses as the low 48 bits of a {@code long}, the first byte on the wire being the highest. The upper 16 bits
 * of every argument must be zero, as {@link BigEndian#u48} and {@link #parse} leave them.
 */
public final class MacAddress {
    /** ff:ff:ff:ff:ff:ff. */
    public static final long BROADCAST = 0xFFFF_FFFF_FFFFL;
    /** 00:00:00:00:00:00, which no station has. */
    public static final long ZERO = 0;
    /** All values of the type: {@code mac & MASK}. */
    public static final long MASK = 0xFFFF_FFFF_FFFFL;

    private static final int BYTES = 6;
    private static final int TEXT_LENGTH = BYTES * 3 - 1;
    private static final long GROUP_BIT = 1L << 40;
    private static final long LOCAL_BIT = 1L << 41;
    private static final long IPV4_MULTICAST = 0x0100_5E00_0000L;
    private static final long IPV6_MULTICAST = 0x3333_0000_0000L;
    private static final long IPV4_DERIVED = 0x0242L << 32;

    private MacAddress() {
    }

    /** Whether the group bit is set; the broadcast address has it too. */
    public static boolean isMulticast(long mac) {
        return (mac & GROUP_BIT) != 0;
    }

    /** Whether it is ff:ff:ff:ff:ff:ff. */
    public static boolean isBroadcast(long mac) {
        return mac == BROADCAST;
    }

    /** Whether it is 00:00:00:00:00:00. */
    public static boolean isZero(long mac) {
        return mac == ZERO;
    }

    /** Whether a frame may bear it as its source: neither a group nor zero. */
    public static boolean isStation(long mac) {
        return mac != ZERO && (mac & GROUP_BIT) == 0;
    }

    /** Whether it is 01:80:c2:00:00:00 to :0f, which a bridge does not forward (IEEE 802.1D table 7-10). */
    public static boolean isLinkLocal(long mac) {
        return (mac & ~0xFL) == 0x0180_C200_0000L;
    }

    /** 02:42 and the four bytes of the address, as container networks commonly do. */
    public static long ofIpv4(int address) {
        return IPV4_DERIVED | address & 0xFFFF_FFFFL;
    }

    /** 01:00:5e and the low 23 bits of a group (RFC 1112 section 6.4). */
    public static long ofIpv4Multicast(int group) {
        return IPV4_MULTICAST | group & 0x7F_FFFFL;
    }

    /** 33:33 and the low 32 bits of a group, given by its low half (RFC 2464 section 7). */
    public static long ofIpv6Multicast(long groupLow) {
        return IPV6_MULTICAST | groupLow & 0xFFFF_FFFFL;
    }

    /**
     * The modified EUI-64 interface identifier (RFC 4291 appendix A): the low half of the link-local address whose high
     * half is {@link Ipv6#LINK_LOCAL_HIGH}.
     */
    public static long eui64(long mac) {
        long flipped = mac ^ LOCAL_BIT;
        return flipped >>> 24 << 40 | 0xFF_FE00_0000L | flipped & 0xFF_FFFFL;
    }

    /**
     * Reads six pairs of hexadecimal digits joined by colons; either case. Off the frame path.
     *
     * @throws IllegalArgumentException on any other text, with a message for people
     */
    public static long parse(String text) {
        if (text.length() != TEXT_LENGTH) {
            throw malformed(text);
        }
        long mac = 0;
        for (int i = 0; i < TEXT_LENGTH; i++) {
            char c = text.charAt(i);
            if (i % 3 == 2) {
                if (c != ':') {
                    throw malformed(text);
                }
            } else if (HexFormat.isHexDigit(c)) {
                mac = mac << 4 | HexFormat.fromHexDigit(c);
            } else {
                throw malformed(text);
            }
        }
        return mac;
    }

    /** Six pairs of lower-case digits joined by colons. Off the frame path. */
    public static String format(long mac) {
        StringBuilder text = new StringBuilder(TEXT_LENGTH);
        for (int shift = (BYTES - 1) * 8; shift >= 0; shift -= 8) {
            HexFormat.of().toHexDigits(text, (byte) (mac >>> shift));
            if (shift > 0) {
                text.append(':');
            }
        }
        return text.toString();
    }

    private static IllegalArgumentException malformed(String text) {
        return new IllegalArgumentException(
                "MAC address '" + Quoted.of(text) + "': expected six hexadecimal pairs such as 02:42:ac:11:00:02");
    }
}
