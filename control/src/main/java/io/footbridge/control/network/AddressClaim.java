package io.footbridge.control.network;

import io.footbridge.control.model.AddressPool;
import io.footbridge.control.model.EndpointSpec;
import io.footbridge.control.model.RefusedException;
import io.footbridge.wire.IpAddress;
import io.footbridge.wire.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Takes a container's addresses from a network's pools: the ones asked for, else the lowest that are free. */
final class AddressClaim {
    private final Network network;

    AddressClaim(Network network) {
        this.network = network;
    }

    /** Takes one address of each of the network's subnets; {@code undo} gives them back. */
    List<IpPrefix> take(EndpointSpec spec, Undo undo) throws RefusedException {
        refuseWithoutSubnet(spec.ip().isPresent(), true);
        refuseWithoutSubnet(spec.ip6().isPresent(), false);
        List<IpPrefix> addresses = new ArrayList<>();
        for (AddressPool pool : network.pools()) {
            Optional<? extends IpAddress> wanted = pool.subnet().isIpv4() ? spec.ip() : spec.ip6();
            IpAddress address = take(pool, wanted);
            undo.add(() -> pool.release(address));
            addresses.add(IpPrefix.of(address, pool.subnet().length()));
        }
        return addresses;
    }

    /** Gives addresses back. */
    void release(List<IpPrefix> addresses) {
        for (IpPrefix address : addresses) {
            network.pools().stream().filter(pool -> pool.subnet().contains(address.asAddress()))
                .forEach(pool -> pool.release(address.asAddress()));
        }
    }

    private static IpAddress take(AddressPool pool, Optional<? extends IpAddress> wanted) throws RefusedException {
        if (wanted.isPresent()) {
            pool.take(wanted.get());
            return wanted.get();
        }
        return pool.takeLowest()
            .orElseThrow(() -> RefusedException.conflict("no available addresses on this pool: " + pool.subnet()));
    }

    private void refuseWithoutSubnet(boolean asked, boolean ipv4) throws RefusedException {
        if (asked && network.pools().stream().noneMatch(pool -> pool.subnet().isIpv4() == ipv4)) {
            throw RefusedException.invalid(
                "network " + network.name() + " has no " + (ipv4 ? "IPv4" : "IPv6") + " subnet to take an address from");
        }
    }
}
