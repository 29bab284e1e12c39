package io.footbridge.wire;

/**
 * An IPv6 address and prefix length as a value, off the frame path.
 *
 * @param high   the address's first eight bytes as given
 * @param low    the address's last eight bytes as given, host bits included
 * @param length leading bits that make the network, 0 to 128
 */
public record Ipv6Prefix(long high, long low, int length) implements IpPrefix {
    /** ::/0, the default route. */
    public static final Ipv6Prefix ANY = new Ipv6Prefix(0, 0, 0);

    private static final int BITS = 128;

    /** Checks the length. */
    public Ipv6Prefix {
        if (length < 0 || length > BITS) {
            throw new IllegalArgumentException("IPv6 prefix length %d: expected 0 to 128".formatted(length));
        }
    }

    /**
     * Reads ADDRESS/LENGTH.
     *
     * @throws IllegalArgumentException on any other text, with a message for people
     */
    public static Ipv6Prefix parse(String text) {
        int slash = text.indexOf('/');
        int length = slash < 0 ? -1 : Decimal.parse(text.substring(slash + 1), BITS);
        if (length < 0) {
            throw new IllegalArgumentException("subnet '" + Quoted.of(text)
                    + "': expected an address and a length of 0 to 128, such as fd00:17::/64");
        }
        Ipv6Address address = Ipv6Address.parse(text.substring(0, slash));
        return new Ipv6Prefix(address.high(), address.low(), length);
    }

    @Override
    public Ipv6Address asAddress() {
        return new Ipv6Address(high, low);
    }

    private long maskHigh() {
        return length == 0 ? 0 : -1L << Math.max(0, Long.SIZE - length);
    }

    private long maskLow() {
        return length <= Long.SIZE ? 0 : -1L << BITS - length;
    }

    @Override
    public Ipv6Prefix network() {
        return new Ipv6Prefix(high & maskHigh(), low & maskLow(), length);
    }

    /** Behind the subnet-router anycast address (RFC 4291 section 2.6.1), unless only one or two addresses exist. */
    @Override
    public Ipv6Address firstHost() {
        long first = low & maskLow();
        return new Ipv6Address(high & maskHigh(), length > BITS - 2 ? first : first + 1);
    }

    @Override
    public Ipv6Address lastHost() {
        return new Ipv6Address(high | ~maskHigh(), low | ~maskLow());
    }

    /** Whether the address is in the network; for the frame path too. */
    public boolean contains(long otherHigh, long otherLow) {
        return ((high ^ otherHigh) & maskHigh() | (low ^ otherLow) & maskLow()) == 0;
    }

    @Override
    public boolean contains(IpAddress other) {
        return other instanceof Ipv6Address v6 && contains(v6.high(), v6.low());
    }

    /** ADDRESS/LENGTH, the address canonical (RFC 5952). */
    @Override
    public String toString() {
        return Ipv6Address.format(high, low) + "/" + length;
    }
}
