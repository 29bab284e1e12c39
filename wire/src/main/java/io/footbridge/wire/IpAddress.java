package io.footbridge.wire;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;

/**
 * An IP address of either family as a value, off the frame path. IPv4 comes before IPv6; within a family the order is
 * that of the unsigned numbers.
 */
public sealed interface IpAddress extends Comparable<IpAddress> permits Ipv4Address, Ipv6Address {
    /**
     * Reads an address of either family; a name is never looked up.
     *
     * @throws IllegalArgumentException on any other text, with a message for people
     */
    static IpAddress parse(String text) {
        return text.indexOf(':') >= 0 ? Ipv6Address.parse(text) : Ipv4Address.parse(text);
    }

    /** The same address; an IPv6 scope is dropped. */
    static IpAddress ofInetAddress(InetAddress address) {
        return switch (address) {
            case Inet4Address v4 -> Ipv4Address.ofBytes(v4.getAddress());
            case Inet6Address v6 -> Ipv6Address.ofBytes(v6.getAddress());
            default -> throw new IllegalArgumentException(address + ": expected an IPv4 or IPv6 address");
        };
    }

    /** The same address for the JDK's sockets; IPv4-mapped IPv6 addresses stay IPv6. */
    InetAddress toInetAddress();

    /** Bits: 32 or 128. */
    int bits();

    /** Whether it names a group. */
    boolean isMulticast();

    /** Whether it is in 127.0.0.0/8, or ::1. */
    boolean isLoopback();

    /** Whether it is 0.0.0.0 or ::. */
    boolean isUnspecified();

    /** Whether it is in 169.254.0.0/16 or fe80::/10. */
    boolean isLinkLocal();

    /** Whether it is IPv4. */
    default boolean isIpv4() {
        return this instanceof Ipv4Address;
    }

    @Override
    default int compareTo(IpAddress other) {
        return switch (this) {
            case Ipv4Address mine -> other instanceof Ipv4Address theirs
                    ? Integer.compareUnsigned(mine.address(), theirs.address()) : -1;
            case Ipv6Address mine when other instanceof Ipv6Address theirs -> {
                int high = Long.compareUnsigned(mine.high(), theirs.high());
                yield high != 0 ? high : Long.compareUnsigned(mine.low(), theirs.low());
            }
            case Ipv6Address _ -> 1;
        };
    }
}
