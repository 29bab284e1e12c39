package io.footbridge.wire;

/**
 * An IPv4 address and prefix length as a value, off the frame path.
 *
 * @param address the address as given, host bits included
 * @param length  leading bits that make the network, 0 to 32
 */
public record Ipv4Prefix(int address, int length) implements IpPrefix {
    /** 0.0.0.0/0, the default route. */
    public static final Ipv4Prefix ANY = new Ipv4Prefix(0, 0);

    /** Checks the length. */
    public Ipv4Prefix {
        if (length < 0 || length > Integer.SIZE) {
            throw new IllegalArgumentException("IPv4 prefix length %d: expected 0 to 32".formatted(length));
        }
    }

    /**
     * Reads ADDRESS/LENGTH.
     *
     * @throws IllegalArgumentException on any other text, with a message for people
     */
    public static Ipv4Prefix parse(String text) {
        int slash = text.indexOf('/');
        int length = slash < 0 ? -1 : Decimal.parse(text.substring(slash + 1), Integer.SIZE);
        if (length < 0) {
            throw new IllegalArgumentException("subnet '" + Quoted.of(text)
                    + "': expected an address and a length of 0 to 32, such as 172.17.0.0/16");
        }
        return new Ipv4Prefix(Ipv4Address.parse(text.substring(0, slash)).address(), length);
    }

    @Override
    public Ipv4Address asAddress() {
        return new Ipv4Address(address);
    }

    /** The network's leading ones. */
    public int mask() {
        return length == 0 ? 0 : -1 << Integer.SIZE - length;
    }

    @Override
    public Ipv4Prefix network() {
        return new Ipv4Prefix(address & mask(), length);
    }

    /** The network's last address, which is its broadcast address if it has more than two. */
    public Ipv4Address broadcast() {
        return new Ipv4Address(address | ~mask());
    }

    @Override
    public Ipv4Address firstHost() {
        int first = address & mask();
        return new Ipv4Address(length > 30 ? first : first + 1);
    }

    @Override
    public Ipv4Address lastHost() {
        int last = address | ~mask();
        return new Ipv4Address(length > 30 ? last : last - 1);
    }

    /** Whether the address is in the network; for the frame path too. */
    public boolean contains(int other) {
        return ((address ^ other) & mask()) == 0;
    }

    @Override
    public boolean contains(IpAddress other) {
        return other instanceof Ipv4Address v4 && contains(v4.address());
    }

    /** ADDRESS/LENGTH. */
    @Override
    public String toString() {
        return Ipv4Address.format(address) + "/" + length;
    }
}
