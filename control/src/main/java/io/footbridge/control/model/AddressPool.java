package io.footbridge.control.model;

import io.footbridge.wire.IpAddress;
import io.footbridge.wire.IpPrefix;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv6Address;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * The addresses of one subnet: which are taken, and which is the lowest that is free. What is given back is given out
 * again. Not for several threads.
 *
 * <p>All addresses before a mark are known to be taken; the search for the lowest free one begins there, so giving out
 * a whole /16 costs one step each.
 */
public final class AddressPool {
    private final IpPrefix subnet;
    private final Set<IpAddress> taken = new HashSet<>();
    /** Distance of the mark from the subnet's first host. */
    private long mark;

    /** All addresses of a subnet that a host may have, free. */
    public AddressPool(IpPrefix subnet) {
        this.subnet = subnet.network();
    }

    /** The subnet. */
    public IpPrefix subnet() {
        return subnet;
    }

    /** Takes the lowest free address; empty when all are taken. */
    public Optional<IpAddress> takeLowest() {
        IpAddress candidate = host(mark);
        while (taken.contains(candidate)) {
            candidate = host(++mark);
        }
        if (!subnet.contains(candidate) || candidate.compareTo(subnet.lastHost()) > 0) {
            return Optional.empty();
        }
        taken.add(candidate);
        mark++;
        return Optional.of(candidate);
    }

    /**
     * Takes one address.
     *
     * @throws RefusedException if it is not one that a host of the subnet may have, or is taken
     */
    public void take(IpAddress address) throws RefusedException {
        if (!subnet.contains(address)) {
            throw RefusedException.invalid("address " + address + " is not in subnet " + subnet);
        }
        if (address.compareTo(subnet.firstHost()) < 0 || address.compareTo(subnet.lastHost()) > 0) {
            throw RefusedException.invalid("address " + address + " cannot be a host's in subnet " + subnet);
        }
        if (!taken.add(address)) {
            throw RefusedException.conflict("Address already in use: " + address);
        }
    }

    /** Gives an address back. */
    public void release(IpAddress address) {
        if (taken.remove(address)) {
            long distance = distance(address);
            mark = distance >= 0 ? Math.min(mark, distance) : mark;
        }
    }

    /** How many addresses are taken. */
    public int taken() {
        return taken.size();
    }

    private IpAddress host(long distance) {
        return switch (subnet.firstHost()) {
            case Ipv4Address(int first) -> new Ipv4Address(first + (int) distance);
            case Ipv6Address(long high, long low) -> new Ipv6Address(high, low + distance);
        };
    }

    /** How far from the first host, or negative: farther than any mark will ever stand. */
    private long distance(IpAddress address) {
        if (address instanceof Ipv6Address(long high, long low) && subnet.firstHost() instanceof Ipv6Address first) {
            return high == first.high() ? low - first.low() : -1;
        }
        return address instanceof Ipv4Address(int value) && subnet.firstHost() instanceof Ipv4Address(int first)
            ? Integer.toUnsignedLong(value - first) : -1;
    }
}
