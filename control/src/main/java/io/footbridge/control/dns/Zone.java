package io.footbridge.control.dns;

import io.footbridge.wire.IpAddress;
import io.footbridge.wire.IpPrefix;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What one network knows of names, at one moment. Immutable. */
public final class Zone {
    private final Map<String, List<IpAddress>> addresses = new HashMap<>();
    private final Map<IpAddress, String> names = new HashMap<>();
    private final List<IpPrefix> subnets;
    private final boolean forwards;

    /**
     * An endpoint.
     *
     * @param name its name
     * @param aliases what else it is called
     * @param addresses its addresses
     */
    public record Host(String name, List<String> aliases, List<IpAddress> addresses) {
    }

    /**
     * @param network the network's name, which may follow any of its endpoints' names
     * @param subnets the network's own: addresses of them that no endpoint has have no name
     * @param hosts its endpoints
     * @param forwards whether everything else is asked of the host's servers
     */
    public Zone(String network, List<IpPrefix> subnets, List<Host> hosts, boolean forwards) {
        this.subnets = List.copyOf(subnets);
        this.forwards = forwards;
        for (Host host : hosts) {
            Stream.concat(Stream.of(host.name()), host.aliases().stream()).map(name -> name.toLowerCase(Locale.ROOT)).distinct()
                .forEach(name -> {
                    add(name, host.addresses());
                    add(name + "." + network.toLowerCase(Locale.ROOT), host.addresses());
                });
            host.addresses().forEach(address -> names.putIfAbsent(address, host.name() + "." + network));
        }
    }

    private void add(String name, List<IpAddress> of) {
        List<IpAddress> all = addresses.computeIfAbsent(name, _ -> new ArrayList<>());
        of.stream().filter(address -> !all.contains(address)).forEach(all::add);
    }

    /** The addresses of a name, in lower case; empty where the network has no such name. */
    Optional<List<IpAddress>> addresses(String name) {
        return Optional.ofNullable(addresses.get(name)).map(List::copyOf);
    }

    /** The name of an address. */
    Optional<String> name(IpAddress address) {
        return Optional.ofNullable(names.get(address));
    }

    /** Whether an address is in one of the network's subnets. */
    boolean contains(IpAddress address) {
        return subnets.stream().anyMatch(subnet -> subnet.contains(address));
    }

    /** Whether what is not known here is asked of others. */
    boolean forwards() {
        return forwards;
    }
}
