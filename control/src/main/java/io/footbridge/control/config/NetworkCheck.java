package io.footbridge.control.config;

import io.footbridge.control.model.AddressPool;
import io.footbridge.control.model.ConfiguredPublication;
import io.footbridge.control.model.EndpointSpec;
import io.footbridge.control.model.EndpointTarget;
import io.footbridge.control.model.NetworkKey;
import io.footbridge.control.model.NetworkSpec;
import io.footbridge.control.model.RefusedException;
import io.footbridge.control.model.SubnetRequest;
import io.footbridge.control.model.UplinkAddressing;
import io.footbridge.control.model.UplinkRequest;
import io.footbridge.wire.IpAddress;
import io.footbridge.wire.IpPrefix;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.MacAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What contradicts itself in a file, whatever the host is like. It would never become right by waiting, so it is refused at
 * the start, where the line is known. An automatic subnet is chosen later: addresses in it are judged then.
 */
final class NetworkCheck {
    private final Map<IpPrefix, String> subnets = new HashMap<>();
    private final Set<List<Object>> interfaces = new HashSet<>();
    private final Map<String, UplinkAddressing> uplinks = new HashMap<>();
    private final Map<String, Fields> withoutAddress = new LinkedHashMap<>();

    /** Checks a network, its endpoints and what is to be published beside those that were checked before. */
    void check(NetworkSpec network, Fields fields, Map<EndpointSpec, Fields> endpoints, List<ConfiguredPublication> published)
        throws RefusedException {
        boolean publishes = checkUplink(network, fields);
        if (!publishes && published.stream().anyMatch(one -> one.relay().isEmpty())) {
            throw fields.refused("publish", "network " + network.name()
                + " has no way out: uplink sockets, or \"frames:IFNAME,addr=CIDR\", and not internal");
        }
        Optional<AddressPool> ipv4 = Optional.empty();
        Set<Long> macs = new HashSet<>();
        if (network.subnet() instanceof SubnetRequest.Given(var subnet)) {
            refuseOverlap(subnet, "subnet", network, fields);
            Ipv4Address gateway = network.gateway().orElse(subnet.firstHost());
            ipv4 = Optional.of(pool(subnet, gateway));
            macs.add(MacAddress.ofIpv4(gateway.address()));
        }
        Optional<AddressPool> ipv6 = Optional.empty();
        if (network.subnet6().isPresent()) {
            refuseOverlap(network.subnet6().get(), "subnet6", network, fields);
            ipv6 = Optional.of(pool(network.subnet6().get(), network.subnet6().get().firstHost()));
        }
        boolean judgeable = !(network.subnet() instanceof SubnetRequest.Automatic);
        for (Map.Entry<EndpointSpec, Fields> endpoint : endpoints.entrySet()) {
            EndpointSpec spec = endpoint.getKey();
            if (judgeable) {
                take(ipv4, spec.ip(), "ip", network, endpoint.getValue());
            }
            take(ipv6, spec.ip6(), "ip6", network, endpoint.getValue());
            Optional<Long> mac = spec.mac().or(() -> spec.ip().map(ip -> MacAddress.ofIpv4(ip.address())));
            if (mac.isPresent() && !macs.add(mac.get())) {
                throw endpoint.getValue().refused(spec.mac().isPresent() ? "mac" : "ip",
                    "MAC address already in use: " + MacAddress.format(mac.get()));
            }
            refuseInterface(spec, network, endpoint.getValue());
        }
    }

    /** Whether it has an uplink of frames, and then beside other networks on the same link. */
    private boolean checkUplink(NetworkSpec network, Fields fields) throws RefusedException {
        UplinkRequest uplink = network.settings().uplink(NetworkKey.UPLINK);
        if (!(uplink instanceof UplinkRequest.Frames(String ifname, var addressing))) {
            return uplink instanceof UplinkRequest.Sockets && !network.settings().isOn(NetworkKey.INTERNAL)
                && !(network.subnet() instanceof SubnetRequest.None && network.subnet6().isEmpty());
        }
        interfaces.add(List.of(new EndpointTarget.HostLink(ifname)));
        if (addressing.isEmpty()) {
            withoutAddress.putIfAbsent(ifname, fields);
        } else {
            UplinkAddressing other = uplinks.putIfAbsent(ifname, addressing.get());
            if (other != null && !other.equals(addressing.get())) {
                throw fields.refused("uplink", ifname + " is " + other + " for another network; name it frames:" + ifname
                    + " alone, or with the same options");
            }
        }
        return true;
    }

    /** At the end: a network may name a link whose uplink another one describes. */
    void refuseUplinksWithoutAddress() throws RefusedException {
        for (Map.Entry<String, Fields> uplink : withoutAddress.entrySet()) {
            if (!uplinks.containsKey(uplink.getKey())) {
                throw uplink.getValue().refused("uplink", "no network says the address of uplink " + uplink.getKey() + ": frames:"
                    + uplink.getKey() + ",addr=CIDR, or addr=auto for the link's own");
            }
        }
    }

    private void refuseOverlap(IpPrefix subnet, String key, NetworkSpec network, Fields fields) throws RefusedException {
        for (Map.Entry<IpPrefix, String> other : subnets.entrySet()) {
            if (other.getKey().overlaps(subnet)) {
                throw fields.refused(key, subnet + " overlaps network " + other.getValue() + "'s " + other.getKey());
            }
        }
        subnets.put(subnet, network.name());
    }

    private void refuseInterface(EndpointSpec spec, NetworkSpec network, Fields fields) throws RefusedException {
        List<Object> taken = new ArrayList<>(List.of(spec.target()));
        switch (spec.target()) {
            case EndpointTarget.HostInterface _ -> {
                if (network.subnet() instanceof SubnetRequest.None) {
                    throw fields.refused("host",
                        "network " + network.name() + " has no gateway whose address an interface of the host could hold");
                }
                if (!interfaces.add(List.of(network.name()))) {
                    throw fields.refused("host", "network " + network.name() + " already has an interface on the host");
                }
            }
            case EndpointTarget.HostLink _ -> { }
            default -> taken.add(spec.ifname().orElse(EndpointSpec.DEFAULT_IFNAME));
        }
        if (!interfaces.add(taken)) {
            throw fields.refused("another endpoint of this file has the same interface"
                + (spec.target().isContainer() ? " " + taken.getLast() + " in the same namespace; give one of them another ifname" : ""));
        }
    }

    private static AddressPool pool(IpPrefix subnet, IpAddress gateway) throws RefusedException {
        AddressPool pool = new AddressPool(subnet);
        pool.take(gateway);
        return pool;
    }

    private static void take(Optional<AddressPool> pool, Optional<? extends IpAddress> address, String key, NetworkSpec network,
        Fields fields) throws RefusedException {
        if (address.isEmpty()) {
            return;
        }
        if (pool.isEmpty()) {
            throw fields.refused(key, "network " + network.name() + " has no subnet to take " + address.get() + " from");
        }
        try {
            pool.get().take(address.get());
        } catch (RefusedException refused) {
            throw fields.refused(key, refused.getMessage());
        }
    }
}
