package io.footbridge.control.model;

import io.footbridge.wire.IpAddress;
import io.footbridge.wire.IpPrefix;
import io.footbridge.wire.Ipv4;
import io.footbridge.wire.Ipv4Prefix;
import io.footbridge.wire.Ipv6Prefix;

/** Which prefixes may be a network's subnet: with room for a gateway and a host, of addresses that hosts may have. */
public final class Subnets {
    private static final int MIN_IPV4_LENGTH = 8;
    private static final int MAX_IPV4_LENGTH = 31;
    private static final int MIN_IPV6_LENGTH = 16;
    private static final int MAX_IPV6_LENGTH = 127;

    private Subnets() {
    }

    /**
     * Reads an IPv4 subnet.
     *
     * @throws IllegalArgumentException on any other text, with a message for people
     */
    public static Ipv4Prefix parseIpv4(String text) {
        return (Ipv4Prefix) checked(Ipv4Prefix.parse(text), MIN_IPV4_LENGTH, MAX_IPV4_LENGTH);
    }

    /**
     * Reads an IPv6 subnet.
     *
     * @throws IllegalArgumentException on any other text, with a message for people
     */
    public static Ipv6Prefix parseIpv6(String text) {
        return (Ipv6Prefix) checked(Ipv6Prefix.parse(text), MIN_IPV6_LENGTH, MAX_IPV6_LENGTH);
    }

    private static IpPrefix checked(IpPrefix prefix, int min, int max) {
        if (prefix.length() < min || prefix.length() > max) {
            throw new IllegalArgumentException("invalid subnet " + prefix + ": its length must be " + min + " to " + max);
        }
        if (!prefix.network().equals(prefix)) {
            throw new IllegalArgumentException("invalid subnet " + prefix + ": it should be " + prefix.network());
        }
        IpAddress base = prefix.asAddress();
        boolean foreign = prefix instanceof Ipv4Prefix(int address, int _) ? !Ipv4.isHost(address)
            : base.isMulticast() || base.isLoopback() || base.isUnspecified();
        if (foreign || base.isLinkLocal()) {
            throw new IllegalArgumentException("invalid subnet " + prefix + ": hosts cannot have its addresses");
        }
        return prefix;
    }
}
