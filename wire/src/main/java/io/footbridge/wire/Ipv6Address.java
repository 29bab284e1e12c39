package io.footbridge.wire;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.HexFormat;

/**
 * An IPv6 address as a value, off the frame path. Scopes (zone identifiers) are no part of it.
 *
 * @param high the first eight bytes as read big-endian
 * @param low  the last eight bytes as read big-endian
 */
public record Ipv6Address(long high, long low) implements IpAddress {
    /** ::. */
    public static final Ipv6Address UNSPECIFIED = new Ipv6Address(0, 0);
    /** ::1. */
    public static final Ipv6Address LOOPBACK = new Ipv6Address(0, 1);

    private static final int GROUPS = 8;
    private static final int MAX_TEXT_LENGTH = 45;
    private static final int MAX_DIGITS = 4;
    private static final long IPV4_MAPPED = 0xFFFFL << 32;

    /**
     * Reads any form of RFC 4291 section 2.2, without a zone.
     *
     * @throws IllegalArgumentException on any other text, with a message for people
     */
    public static Ipv6Address parse(String text) {
        if (text.length() > MAX_TEXT_LENGTH) {
            throw malformed(text);
        }
        int gap = text.indexOf("::");
        int[] before = groups(gap < 0 ? text : text.substring(0, gap), text);
        int[] after = gap < 0 ? new int[0] : groups(text.substring(gap + 2), text);
        int given = before.length + after.length;
        boolean ipv4BeforeGap = gap >= 0 && text.lastIndexOf('.', gap) >= 0;
        if (gap < 0 ? given != GROUPS : given >= GROUPS || ipv4BeforeGap) {
            throw malformed(text);
        }
        return ofGroups(before, after);
    }

    /** The 16-bit groups of one side of the gap; a last group may be an IPv4 address and counts twice. */
    private static int[] groups(String side, String text) {
        if (side.isEmpty()) {
            return new int[0];
        }
        String[] parts = side.split(":", -1);
        boolean embedded = parts[parts.length - 1].indexOf('.') >= 0;
        int[] groups = new int[embedded ? parts.length + 1 : parts.length];
        for (int i = 0; i < (embedded ? parts.length - 1 : parts.length); i++) {
            groups[i] = group(parts[i], text);
        }
        if (embedded) {
            int address = embeddedIpv4(parts[parts.length - 1], text);
            groups[parts.length - 1] = address >>> 16;
            groups[parts.length] = address & 0xFFFF;
        }
        return groups;
    }

    private static int group(String digits, String text) {
        if (digits.isEmpty() || digits.length() > MAX_DIGITS) {
            throw malformed(text);
        }
        for (int i = 0; i < digits.length(); i++) {
            if (!HexFormat.isHexDigit(digits.charAt(i))) {
                throw malformed(text);
            }
        }
        return HexFormat.fromHexDigits(digits);
    }

    private static int embeddedIpv4(String part, String text) {
        try {
            return Ipv4Address.parse(part).address();
        } catch (IllegalArgumentException e) {
            throw malformed(text);
        }
    }

    private static Ipv6Address ofGroups(int[] before, int[] after) {
        long[] halves = new long[2];
        for (int i = 0; i < before.length; i++) {
            halves[i / 4] |= (long) before[i] << 48 - i % 4 * 16;
        }
        for (int i = 0; i < after.length; i++) {
            int place = GROUPS - after.length + i;
            halves[place / 4] |= (long) after[i] << 48 - place % 4 * 16;
        }
        return new Ipv6Address(halves[0], halves[1]);
    }

    /** The address of sixteen bytes. */
    public static Ipv6Address ofBytes(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        return new Ipv6Address(buffer.getLong(), buffer.getLong());
    }

    /** The canonical text (RFC 5952): lower case, no leading zeros, the longest run of zero groups as "::". */
    public static String format(long high, long low) {
        if (high == 0 && low >>> 32 << 32 == IPV4_MAPPED) {
            return "::ffff:" + Ipv4Address.format((int) low);
        }
        int gap = -1;
        int gapLength = 1;
        for (int i = 0; i < GROUPS; i++) {
            int length = zeroGroups(high, low, i);
            if (length > gapLength) {
                gap = i;
                gapLength = length;
            }
        }
        StringBuilder text = new StringBuilder(MAX_TEXT_LENGTH);
        for (int i = 0; i < GROUPS; i++) {
            if (i == gap) {
                text.append("::");
                i += gapLength - 1;
            } else {
                if (i > 0 && text.charAt(text.length() - 1) != ':') {
                    text.append(':');
                }
                text.append(Integer.toHexString(groupAt(high, low, i)));
            }
        }
        return text.toString();
    }

    private static int zeroGroups(long high, long low, int from) {
        int end = from;
        while (end < GROUPS && groupAt(high, low, end) == 0) {
            end++;
        }
        return end - from;
    }

    private static int groupAt(long high, long low, int index) {
        return (int) ((index < 4 ? high : low) >>> 48 - index % 4 * 16) & 0xFFFF;
    }

    @Override
    public InetAddress toInetAddress() {
        try {
            byte[] bytes = ByteBuffer.allocate(2 * Long.BYTES).putLong(high).putLong(low).array();
            return Inet6Address.getByAddress(null, bytes, -1);
        } catch (UnknownHostException e) {
            throw new AssertionError("sixteen bytes are an address", e);
        }
    }

    @Override
    public int bits() {
        return 2 * Long.SIZE;
    }

    @Override
    public boolean isMulticast() {
        return Ipv6.isMulticast(high);
    }

    @Override
    public boolean isLoopback() {
        return high == 0 && low == 1;
    }

    @Override
    public boolean isUnspecified() {
        return high == 0 && low == 0;
    }

    @Override
    public boolean isLinkLocal() {
        return Ipv6.isLinkLocal(high);
    }

    /** The canonical text (RFC 5952). */
    @Override
    public String toString() {
        return format(high, low);
    }

    private static IllegalArgumentException malformed(String text) {
        return new IllegalArgumentException("IPv6 address '" + Quoted.of(text)
                + "': expected hexadecimal groups such as fd00:17::2, without a zone");
    }
}
