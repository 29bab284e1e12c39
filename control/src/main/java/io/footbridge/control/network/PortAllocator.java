package io.footbridge.control.network;

import io.footbridge.control.model.PortRange;
import io.footbridge.control.model.PublishSpec;
import io.footbridge.control.model.RefusedException;
import io.footbridge.control.model.TransportProtocol;
import io.footbridge.wire.IpAddress;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which ports of an uplink are published, by docker's rules: 0.0.0.0 and :: stand for every address of their family and
 * conflict with each; unlike addresses, families and protocols do not meet. Guarded by the service's lock.
 */
final class PortAllocator {
    private final PortRange ephemeral;
    private final Map<Key, Set<IpAddress>> taken = new HashMap<>();
    private final Map<TransportProtocol, Integer> lastEphemeral = new EnumMap<>(TransportProtocol.class);

    /** A port whatever the address. */
    private record Key(TransportProtocol protocol, boolean ipv4, int port) {
    }

    /** @param ephemeral from where ports are given to those who want any */
    PortAllocator(PortRange ephemeral) {
        this.ephemeral = ephemeral;
    }

    /**
     * Takes ports, the same numbers at each address.
     *
     * @param addresses one of each family at most
     */
    List<Binding> take(PublishSpec spec, List<IpAddress> addresses) throws RefusedException {
        List<Binding> bindings = new ArrayList<>();
        try {
            if (spec.hostPorts().isEmpty()) {
                for (int port = spec.containerPorts().first(); port <= spec.containerPorts().last(); port++) {
                    int outside = firstFree(spec.protocol(), addresses, ephemeral, lastEphemeral.getOrDefault(spec.protocol(), -1) + 1);
                    lastEphemeral.put(spec.protocol(), outside);
                    bindings.add(taken(new Binding(spec.protocol(), addresses, outside, port, 1)));
                }
            } else if (spec.hostPorts().get().count() > spec.containerPorts().count()) {
                int outside = firstFree(spec.protocol(), addresses, spec.hostPorts().get(), 0);
                bindings.add(taken(new Binding(spec.protocol(), addresses, outside, spec.containerPorts().first(), 1)));
            } else {
                refuseTaken(spec.protocol(), addresses, spec.hostPorts().get());
                bindings.add(taken(new Binding(spec.protocol(), addresses, spec.hostPorts().get().first(), spec.containerPorts().first(),
                    spec.containerPorts().count())));
            }
            return bindings;
        } catch (RefusedException refused) {
            bindings.forEach(this::release);
            throw refused;
        }
    }

    /** Gives ports back. */
    void release(Binding binding) {
        for (IpAddress address : binding.addresses()) {
            for (int port = binding.hostPort(); port < binding.hostPort() + binding.count(); port++) {
                Key key = new Key(binding.protocol(), address.isIpv4(), port);
                Set<IpAddress> holders = taken.get(key);
                holders.remove(address);
                if (holders.isEmpty()) {
                    taken.remove(key);
                }
            }
        }
    }

    private Binding taken(Binding binding) {
        for (IpAddress address : binding.addresses()) {
            for (int port = binding.hostPort(); port < binding.hostPort() + binding.count(); port++) {
                taken.computeIfAbsent(new Key(binding.protocol(), address.isIpv4(), port), _ -> new HashSet<>()).add(address);
            }
        }
        return binding;
    }

    private void refuseTaken(TransportProtocol protocol, List<IpAddress> addresses, PortRange range) throws RefusedException {
        for (int port = range.first(); port <= range.last(); port++) {
            for (IpAddress address : addresses) {
                if (!isFree(protocol, address, port)) {
                    throw Binding.refused(address, port);
                }
            }
        }
    }

    /** From a port on upwards, and around. */
    private int firstFree(TransportProtocol protocol, List<IpAddress> addresses, PortRange range, int from) throws RefusedException {
        int start = from < range.first() || from > range.last() ? 0 : from - range.first();
        for (int i = 0; i < range.count(); i++) {
            int port = range.first() + (start + i) % range.count();
            if (addresses.stream().allMatch(address -> isFree(protocol, address, port))) {
                return port;
            }
        }
        throw RefusedException.conflict("all ports are allocated: " + range + "/" + protocol.label());
    }

    private boolean isFree(TransportProtocol protocol, IpAddress address, int port) {
        Set<IpAddress> holders = taken.getOrDefault(new Key(protocol, address.isIpv4(), port), Set.of());
        return holders.isEmpty()
            || !address.isUnspecified() && !holders.contains(address) && holders.stream().noneMatch(IpAddress::isUnspecified);
    }
}
