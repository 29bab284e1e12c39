package io.footbridge.control.model;

import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv6Prefix;
import java.util.Optional;

/**
 * A network as somebody asks for it. Immutable, and consistent in itself.
 *
 * @param name its name
 * @param subnet which IPv4 subnet
 * @param gateway the gateway's IPv4 address; the subnet's first where absent
 * @param subnet6 which IPv6 subnet, if any
 * @param mtu longest network-layer packet in bytes
 * @param settings what else was set
 */
public record NetworkSpec(String name, SubnetRequest subnet, Optional<Ipv4Address> gateway, Optional<Ipv6Prefix> subnet6, int mtu,
    Settings<NetworkKey> settings) {
    /** Longest packet where nobody says otherwise. */
    public static final int DEFAULT_MTU = 1500;
    /** Shortest MTU of IPv4 (RFC 791). */
    public static final int MIN_MTU = 68;
    /** Longest MTU of a TAP. */
    public static final int MAX_MTU = 65_521;

    private static final int MIN_IPV6_MTU = 1280;

    /** Refuses what contradicts itself, with a message for people. */
    public NetworkSpec {
        Names.checked(name);
        if (subnet instanceof SubnetRequest.None) {
            if (gateway.isPresent() || subnet6.isPresent()) {
                throw new IllegalArgumentException("a network without subnet has no gateway and no subnet6");
            }
        }
        checkUplink(!(subnet instanceof SubnetRequest.None), settings);
        if (subnet6.isPresent() && mtu < MIN_IPV6_MTU) {
            throw new IllegalArgumentException("mtu " + mtu + " is too small for IPv6: at least " + MIN_IPV6_MTU);
        }
        if (gateway.isPresent()) {
            if (!(subnet instanceof SubnetRequest.Given(var given))) {
                throw new IllegalArgumentException("a gateway needs a subnet; give --subnet");
            }
            Ipv4Address address = gateway.get();
            if (!given.contains(address) || address.compareTo(given.firstHost()) < 0 || address.compareTo(given.lastHost()) > 0) {
                throw new IllegalArgumentException("gateway " + address + " cannot be a host's address in subnet " + given);
            }
        }
    }

    /**
     * Refuses an uplink that somebody names for a network that cannot use it, with a message for people.
     *
     * @param hasSubnet whether the network has addresses at all
     */
    public static void checkUplink(boolean hasSubnet, Settings<NetworkKey> settings) {
        UplinkRequest uplink = settings.uplink(NetworkKey.UPLINK);
        if (uplink instanceof UplinkRequest.Frames && !hasSubnet) {
            throw new IllegalArgumentException("uplink: a network without subnet has no gateway, and so no uplink");
        }
        // Sockets are what every network has that names nothing.
        boolean named = settings.explicit().containsKey(NetworkKey.UPLINK.label());
        if (named && !(uplink instanceof UplinkRequest.None) && settings.isOn(NetworkKey.INTERNAL)) {
            throw new IllegalArgumentException("uplink: an internal network has no uplink");
        }
    }

    /** A network of which only the name is known. */
    public static NetworkSpec named(String name) {
        return new NetworkSpec(name, new SubnetRequest.Automatic(), Optional.empty(), Optional.empty(), DEFAULT_MTU,
            Settings.initial(NetworkKey.class));
    }
}
