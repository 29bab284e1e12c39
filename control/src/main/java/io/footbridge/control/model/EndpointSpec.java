package io.footbridge.control.model;

import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv6Address;
import io.footbridge.wire.MacAddress;
import java.util.List;
import java.util.Optional;

/**
 * An endpoint as somebody asks for it. Immutable, and consistent in itself.
 *
 * @param name its name on the network; made up where absent
 * @param aliases what else it is called on the network; several endpoints may share one
 * @param target what it is attached to
 * @param ifname the interface's name in the container
 * @param ip its IPv4 address; the lowest free one where absent
 * @param ip6 its IPv6 address; the lowest free one where absent
 * @param mac its MAC in the low 48 bits; made of the address where absent
 * @param type what kind of interface
 * @param settings what else was set
 */
public record EndpointSpec(Optional<String> name, List<String> aliases, EndpointTarget target, Optional<String> ifname,
    Optional<Ipv4Address> ip, Optional<Ipv6Address> ip6, Optional<Long> mac, Optional<DeviceType> type,
    Settings<EndpointKey> settings) {
    /** The interface's name where nobody says otherwise. */
    public static final String DEFAULT_IFNAME = "eth0";

    /** Refuses what contradicts itself, with a message for people. */
    public EndpointSpec {
        name.ifPresent(Names::checked);
        aliases = List.copyOf(aliases);
        aliases.forEach(Names::checked);
        ifname.ifPresent(Names::checkedInterface);
        if (mac.isPresent() && !MacAddress.isStation(mac.get())) {
            throw new IllegalArgumentException(
                "MAC address " + MacAddress.format(mac.get()) + " cannot be an interface's: it is multicast or zero");
        }
        if (!target.isContainer() && (ifname.isPresent() || ip.isPresent() || ip6.isPresent() || mac.isPresent() || type.isPresent())) {
            throw new IllegalArgumentException("--ifname, --ip, --ip6, --mac and --type are for --netns and --pid only");
        }
        if (!target.isContainer() && !aliases.isEmpty()) {
            throw new IllegalArgumentException("--alias is for --netns and --pid only");
        }
        if (settings.isSet(EndpointKey.ADDRESSES) && !(target instanceof EndpointTarget.HostLink)) {
            throw new IllegalArgumentException("addresses: is for --link only");
        }
        if (!target.isContainer() && settings.text(EndpointKey.SOURCE_CHECK).equals("on")) {
            throw new IllegalArgumentException("source-check: is for --netns and --pid only");
        }
    }

    /** An endpoint that is called by its name alone. */
    public EndpointSpec(Optional<String> name, EndpointTarget target, Optional<String> ifname, Optional<Ipv4Address> ip,
        Optional<Ipv6Address> ip6, Optional<Long> mac, Optional<DeviceType> type, Settings<EndpointKey> settings) {
        this(name, List.of(), target, ifname, ip, ip6, mac, type, settings);
    }
}
