package io.footbridge.control.model;

import io.footbridge.wire.IpAddress;
import io.footbridge.wire.IpPrefix;
import io.footbridge.wire.Ipv4;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv4Prefix;
import io.footbridge.wire.Ipv6Address;
import io.footbridge.wire.Ipv6Prefix;
import io.footbridge.wire.MacAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * What an uplink is to be on its link. Immutable, and consistent in itself.
 *
 * @param ipv4 its IPv4 address with the subnet's length; empty for {@code auto}: the link's own addresses, and gateways
 *     by the host's routes, where nothing else is said here
 * @param ipv6 its IPv6 address with the subnet's length, if any
 * @param gateway4 next hop for IPv4, if any
 * @param gateway6 next hop for IPv6, if any; may be an fe80 address
 * @param mac its MAC in the low 48 bits; made of the address where absent
 */
public record UplinkAddressing(Optional<Ipv4Prefix> ipv4, Optional<Ipv6Prefix> ipv6, Optional<Ipv4Address> gateway4,
    Optional<Ipv6Address> gateway6, Optional<Long> mac) {
    private static final String AUTO = "auto";

    /** Refuses what contradicts itself, with a message for people. */
    public UplinkAddressing {
        ipv4.ifPresent(address -> checkAddress("addr", address));
        ipv6.ifPresent(address -> checkAddress("addr6", address));
        if (ipv4.isPresent()) {
            gateway4.ifPresent(gateway -> checkGateway("gw", gateway, ipv4.get()));
        }
        if (gateway6.isPresent() && !gateway6.get().isLinkLocal()) {
            if (ipv6.isPresent()) {
                checkGateway("gw6", gateway6.get(), ipv6.get());
            } else if (ipv4.isPresent()) {
                throw new IllegalArgumentException("gw6: needs addr6");
            }
        }
        if (mac.isPresent() && !MacAddress.isStation(mac.get())) {
            throw new IllegalArgumentException("mac: " + MacAddress.format(mac.get()) + " cannot be an uplink's: it is multicast or zero");
        }
    }

    /** Whether the link's own addresses are taken, and followed when they change. */
    public boolean isAutomatic() {
        return ipv4.isEmpty();
    }

    /** Reads what stands behind {@code frames:IFNAME,}. */
    static UplinkAddressing parse(String text) {
        Map<String, String> options = new LinkedHashMap<>();
        for (String option : text.split(",", -1)) {
            int sign = option.indexOf('=');
            if (sign < 0) {
                throw new IllegalArgumentException("expected KEY=VALUE, got " + Quoted.of(option));
            }
            if (options.put(option.substring(0, sign), option.substring(sign + 1)) != null) {
                throw new IllegalArgumentException(option.substring(0, sign) + " stands there twice");
            }
        }
        String addr = options.remove("addr");
        Optional<Ipv6Prefix> ipv6 = take(options, "addr6", Ipv6Prefix::parse);
        Optional<Ipv4Address> gateway4 = take(options, "gw", Ipv4Address::parse);
        Optional<Ipv6Address> gateway6 = take(options, "gw6", Ipv6Address::parse);
        Optional<Long> mac = take(options, "mac", MacAddress::parse);
        if (!options.isEmpty()) {
            throw new IllegalArgumentException("unknown key " + Quoted.of(options.keySet().iterator().next())
                + "; known are addr, addr6, gw, gw6, mac");
        }
        if (addr == null) {
            throw new IllegalArgumentException("addr is missing: addr=CIDR, or addr=auto for the link's own address");
        }
        Optional<Ipv4Prefix> ipv4 = addr.equals(AUTO) ? Optional.empty() : Optional.of(labelled("addr", addr, Ipv4Prefix::parse));
        return new UplinkAddressing(ipv4, ipv6, gateway4, gateway6, mac);
    }

    private static <T> Optional<T> take(Map<String, String> options, String key, Function<String, T> parser) {
        return Optional.ofNullable(options.remove(key)).map(value -> labelled(key, value, parser));
    }

    private static <T> T labelled(String key, String value, Function<String, T> parser) {
        try {
            return parser.apply(value);
        } catch (IllegalArgumentException wrong) {
            throw new IllegalArgumentException(key + ": " + wrong.getMessage());
        }
    }

    private static void checkAddress(String key, IpPrefix prefix) {
        IpAddress address = prefix.asAddress();
        boolean foreign = prefix instanceof Ipv4Prefix(int bits, int _) ? !Ipv4.isHost(bits)
            : address.isMulticast() || address.isLoopback() || address.isUnspecified() || address.isLinkLocal();
        if (foreign || address.compareTo(prefix.firstHost()) < 0 || address.compareTo(prefix.lastHost()) > 0) {
            throw new IllegalArgumentException(key + ": " + prefix + " cannot be a host's address");
        }
    }

    private static void checkGateway(String key, IpAddress gateway, IpPrefix subnet) {
        if (!subnet.contains(gateway)) {
            throw new IllegalArgumentException(key + ": " + gateway + " is not in the uplink's subnet " + subnet.network());
        }
        if (gateway.compareTo(subnet.firstHost()) < 0 || gateway.compareTo(subnet.lastHost()) > 0) {
            throw new IllegalArgumentException(key + ": " + gateway + " cannot be a host's address in subnet " + subnet.network());
        }
        if (gateway.equals(subnet.asAddress())) {
            throw new IllegalArgumentException(key + ": " + gateway + " is the uplink's own address");
        }
    }

    @Override
    public String toString() {
        return "addr=" + ipv4.map(Ipv4Prefix::toString).orElse(AUTO) + ipv6.map(prefix -> ",addr6=" + prefix).orElse("")
            + gateway4.map(hop -> ",gw=" + hop).orElse("") + gateway6.map(hop -> ",gw6=" + hop).orElse("")
            + mac.map(address -> ",mac=" + MacAddress.format(address)).orElse("");
    }
}
