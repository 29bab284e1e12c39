package io.footbridge.control.slirp;

import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv4Prefix;
import io.footbridge.wire.Ipv6Prefix;

/**
 * The target's network: everything has its place in the prefix, because clients compute addresses and never ask.
 *
 * @param prefix the network, its address's host part zero; /1 to /25
 */
record SlirpNetwork(Ipv4Prefix prefix) {
    /** 10.0.2.0/24. */
    static final SlirpNetwork DEFAULT = new SlirpNetwork(Ipv4Prefix.parse("10.0.2.0/24"));
    /** What a target gets with {@code --enable-ipv6}: the gateway's address, with its prefix. */
    static final Ipv6Prefix GATEWAY6 = Ipv6Prefix.parse("fd00::2/64");
    /** Where DNS is served over IPv6. */
    static final Ipv6Prefix DNS6 = Ipv6Prefix.parse("fd00::3/64");

    private static final int GATEWAY = 2;
    private static final int DNS = 3;
    private static final int FIRST_BY_DHCP = 15;
    private static final int LAST_BY_DHCP = 30;
    private static final int GUEST = 100;

    /** The gateway, which is the host as the target sees it. */
    Ipv4Address gateway() {
        return at(GATEWAY);
    }

    /** Where DNS is served. */
    Ipv4Address dns() {
        return at(DNS);
    }

    /** The lowest address that DHCP gives. */
    Ipv4Address firstByDhcp() {
        return at(FIRST_BY_DHCP);
    }

    /** The highest address that DHCP gives. */
    Ipv4Address lastByDhcp() {
        return at(LAST_BY_DHCP);
    }

    /** The address that a target has, and forwarded ports lead to, where nothing else is said. */
    Ipv4Address guest() {
        return at(GUEST);
    }

    /** The gateway's address with the network's prefix length. */
    Ipv4Prefix gatewayPrefix() {
        return new Ipv4Prefix(gateway().address(), prefix.length());
    }

    private Ipv4Address at(int host) {
        return new Ipv4Address(prefix.address() + host);
    }
}
