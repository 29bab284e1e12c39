package io.footbridge.tap.netlink;

import io.footbridge.tap.AddressText;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * A range of addresses with a common beginning: {@code 10.9.0.0/24}, {@code fd00::/64}.
 *
 * @param address the range's first address: no bit is set behind the prefix
 * @param length the prefix in bits, 0 to 32 or 128
 */
public record Prefix(InetAddress address, int length) {
    /** Every IPv4 address: the destination of a default route. */
    public static final Prefix ALL_IPV4 = containing(InetAddress.ofLiteral("0.0.0.0"), 0);
    /** Every IPv6 address. */
    public static final Prefix ALL_IPV6 = containing(InetAddress.ofLiteral("::"), 0);

    /** Refuses a length beyond the family's and bits behind the prefix. */
    public Prefix {
        int bits = address.getAddress().length * Byte.SIZE;
        if (length < 0 || length > bits) {
            throw new IllegalArgumentException("a prefix of " + length + " bits; 0 to " + bits + " are possible");
        }
        InetAddress first = masked(address, length);
        if (!first.equals(address)) {
            throw new IllegalArgumentException(
                    AddressText.of(address) + "/" + length + " has bits set behind the prefix");
        }
        address = first;
    }

    /** The range of this length that an address is in. */
    public static Prefix containing(InetAddress address, int length) {
        return new Prefix(masked(address, length), length);
    }

    /** Reads {@code ADDRESS/LENGTH}; an address alone is a range of one. */
    public static Prefix parse(String text) {
        int slash = text.indexOf('/');
        InetAddress address;
        int length;
        try {
            address = InetAddress.ofLiteral(slash < 0 ? text : text.substring(0, slash));
            length = slash < 0
                    ? address.getAddress().length * Byte.SIZE
                    : Integer.parseInt(text, slash + 1, text.length(), 10);
        } catch (IllegalArgumentException malformed) {
            throw new IllegalArgumentException("'" + text + "' is not of the form ADDRESS/LENGTH", malformed);
        }
        return new Prefix(address, length);
    }

    /** Whether an address of the same family lies in the range. */
    public boolean contains(InetAddress other) {
        return isIpv6() == other instanceof Inet6Address && masked(other, length).equals(address);
    }

    /** Whether this is the whole of its family's addresses. */
    public boolean isDefault() {
        return length == 0;
    }

    /** Whether the addresses are IPv6's. */
    public boolean isIpv6() {
        return !(address instanceof Inet4Address);
    }

    /** {@code ADDRESS/LENGTH}. */
    @Override
    public String toString() {
        return AddressText.of(address) + "/" + length;
    }

    private static InetAddress masked(InetAddress address, int length) {
        byte[] bytes = address.getAddress();
        for (int i = 0; i < bytes.length; i++) {
            int kept = Math.clamp((long) length - i * Byte.SIZE, 0, Byte.SIZE);
            bytes[i] &= (byte) (0xff << Byte.SIZE - kept);
        }
        try {
            return bytes.length == 4 ? InetAddress.getByAddress(bytes) : Inet6Address.getByAddress(null, bytes, -1);
        } catch (UnknownHostException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
