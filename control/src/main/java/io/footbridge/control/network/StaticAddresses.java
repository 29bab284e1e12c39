package io.footbridge.control.network;

import io.footbridge.control.model.EndpointKey;
import io.footbridge.control.model.NetworkKey;
import io.footbridge.control.model.RefusedException;
import io.footbridge.control.model.UplinkRequest;
import io.footbridge.control.network.SharedUplink.Held;
import io.footbridge.dataplane.Assignment;
import io.footbridge.wire.IpAddress;
import io.footbridge.wire.IpPrefix;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv4Prefix;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The uplinks' addresses that are one endpoint's alone ({@code static-nat}). Guarded by the service's lock.
 */
final class StaticAddresses {
    /** What the engine has, by the endpoint's id. */
    private final Map<String, Assigned> assigned = new HashMap<>();

    /**
     * An address that the engine has given.
     *
     * @param uplink whose it is
     * @param outside the address
     * @param inside whose alone it is
     * @param assignment the engine's own
     */
    record Assigned(SharedUplink uplink, Ipv4Address outside, Ipv4Address inside, Assignment assignment) {
    }

    /** What the engine has given to an endpoint. */
    Optional<Assigned> assigned(AttachedEndpoint endpoint) {
        return Optional.ofNullable(assigned.get(endpoint.id()));
    }

    /** The address that an endpoint's settings name. */
    static Optional<Ipv4Address> of(AttachedEndpoint endpoint) {
        return Optional.of(endpoint.settings().text(EndpointKey.STATIC_NAT)).filter(text -> !text.isEmpty()).map(Ipv4Address::parse);
    }

    /** Gives an endpoint its address, where it names one, now or when the uplink's link is there. */
    void assign(Network network, AttachedEndpoint endpoint) throws RefusedException {
        Optional<Ipv4Address> wanted = of(endpoint);
        if (wanted.isEmpty() || assigned.containsKey(endpoint.id())) {
            return;
        }
        Ipv4Address outside = wanted.get();
        if (!(network.settings().uplink(NetworkKey.UPLINK) instanceof UplinkRequest.Frames)) {
            throw RefusedException.conflict("static-nat: network " + network.name() + " has no uplink of frames whose address "
                + outside + " could be");
        }
        Ipv4Address inside = endpoint.addresses().stream().map(IpPrefix::asAddress).filter(Ipv4Address.class::isInstance)
            .map(Ipv4Address.class::cast).findFirst()
            .orElseThrow(() -> RefusedException.invalid("static-nat: endpoint " + endpoint.name() + " has no IPv4 address"));
        SharedUplink uplink = network.uplink().orElse(null);
        if (uplink == null || uplink.held().isEmpty()) {
            return;
        }
        check("static-nat", outside, uplink.held().get());
        try {
            Assignment assignment = uplink.held().get().uplink().assign(outside, endpoint.port(), inside);
            assigned.put(endpoint.id(), new Assigned(uplink, outside, inside, assignment));
        } catch (IllegalArgumentException taken) {
            throw RefusedException.conflict("static-nat: " + taken.getMessage());
        }
    }

    /**
     * Gives an endpoint the address that its settings name now instead of the one that it had, which it keeps with all its
     * sessions where the new one is refused.
     */
    void replace(Network network, AttachedEndpoint endpoint) throws RefusedException {
        Assigned before = assigned.remove(endpoint.id());
        try {
            assign(network, endpoint);
        } catch (RefusedException | RuntimeException refused) {
            if (before != null) {
                assigned.put(endpoint.id(), before);
            }
            throw refused;
        }
        withdraw(before);
    }

    /** Takes an endpoint's address back. */
    void withdraw(AttachedEndpoint endpoint) {
        withdraw(assigned.remove(endpoint.id()));
    }

    private static void withdraw(Assigned had) {
        if (had != null) {
            had.uplink().held().ifPresent(held -> held.uplink().withdraw(had.outside()));
        }
    }

    /** The engine has lost an uplink with all of its addresses. */
    void forget(SharedUplink uplink) {
        assigned.values().removeIf(had -> had.uplink() == uplink);
    }

    /** Refuses an address that cannot be one more of an uplink's. */
    static void check(String key, Ipv4Address address, Held held) throws RefusedException {
        Ipv4Prefix subnet = held.settings().ipv4()
            .orElseThrow(() -> RefusedException.conflict(key + ": uplink " + held.uplink().name() + " has no IPv4 address"));
        IpAddress gateway = held.settings().gateway4().orElse(null);
        if (!subnet.contains(address) || address.compareTo(subnet.firstHost()) < 0 || address.compareTo(subnet.lastHost()) > 0) {
            throw RefusedException.conflict(key + ": " + address + " cannot be a host's address in the uplink's subnet "
                + subnet.network());
        }
        if (address.equals(gateway)) {
            throw RefusedException.conflict(key + ": " + address + " is the uplink's gateway");
        }
        if (key.equals(EndpointKey.STATIC_NAT.label()) && address.equals(subnet.asAddress())) {
            throw RefusedException.conflict(key + ": " + address + " is the uplink's own address, which all share");
        }
    }
}
