package io.footbridge.wire;

import java.util.Comparator;

/**
 * An address and a prefix length, off the frame path: a network, or a host's address in its network. The host bits stay
 * as given; {@link #network} clears them. IPv4 comes before IPv6; within a family the order is by address, then by
 * length.
 */
public sealed interface IpPrefix extends Comparable<IpPrefix> permits Ipv4Prefix, Ipv6Prefix {
    /**
     * Reads ADDRESS/LENGTH of either family; a name is never looked up.
     *
     * @throws IllegalArgumentException on any other text, with a message for people
     */
    static IpPrefix parse(String text) {
        return text.indexOf(':') >= 0 ? Ipv6Prefix.parse(text) : Ipv4Prefix.parse(text);
    }

    /** A prefix of either family. */
    static IpPrefix of(IpAddress address, int length) {
        return switch (address) {
            case Ipv4Address v4 -> new Ipv4Prefix(v4.address(), length);
            case Ipv6Address v6 -> new Ipv6Prefix(v6.high(), v6.low(), length);
        };
    }

    /** The address as given, host bits included. */
    IpAddress asAddress();

    /** How many leading bits make the network. */
    int length();

    /** The same with the host bits cleared. */
    IpPrefix network();

    /** The first address that a host may have: behind the network's own, unless only one or two addresses exist. */
    IpAddress firstHost();

    /** The last address that a host may have: before the broadcast address, for IPv4 with more than two addresses. */
    IpAddress lastHost();

    /** Whether the address is in the network; never for the other family. */
    boolean contains(IpAddress address);

    /** Whether the networks share an address; never for the other family. */
    default boolean overlaps(IpPrefix other) {
        return length() <= other.length() ? contains(other.asAddress()) : other.contains(asAddress());
    }

    /** Whether it is IPv4. */
    default boolean isIpv4() {
        return this instanceof Ipv4Prefix;
    }

    @Override
    default int compareTo(IpPrefix other) {
        return Comparator.comparing(IpPrefix::asAddress).thenComparingInt(IpPrefix::length).compare(this, other);
    }
}
