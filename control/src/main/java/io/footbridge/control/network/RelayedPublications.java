package io.footbridge.control.network;

import io.footbridge.control.edge.Edge;
import io.footbridge.control.model.EndpointTarget;
import io.footbridge.control.model.PublishSpec;
import io.footbridge.control.model.RefusedException;
import io.footbridge.control.model.RelayRequest;
import io.footbridge.control.model.TransportProtocol;
import io.footbridge.proxy.BackEnd;
import io.footbridge.proxy.ListenException;
import io.footbridge.proxy.Proxy;
import io.footbridge.proxy.Relay;
import io.footbridge.tap.Errno;
import io.footbridge.tap.SystemCallException;
import io.footbridge.tap.namespace.NetworkNamespace;
import io.footbridge.wire.IpAddress;
import io.footbridge.wire.IpPrefix;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv6Address;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Publishes ports by relays that listen at the host's own addresses and connect inside the container's namespace, to the
 * container's own address: no bridge is crossed, and the network needs no way out. Never to its loopback, where every client
 * would pass for a local one. Guarded by the service's lock.
 */
final class RelayedPublications {
    private static final int ATTEMPTS = 64;

    private final Supplier<Proxy> proxy;
    private final Edge edge;
    /** Null until it is first asked for. */
    private PortAllocator ports;

    RelayedPublications(Supplier<Proxy> proxy, Edge edge) {
        this.proxy = proxy;
        this.edge = edge;
    }

    /** Who has which port of the host's own addresses, whether a relay serves it or the engine. */
    PortAllocator ports() throws RefusedException {
        if (ports == null) {
            try {
                ports = new PortAllocator(edge.ephemeralPorts());
            } catch (IOException failed) {
                throw RefusedException.failed(failed);
            }
        }
        return ports;
    }

    /**
     * What one publication has open.
     *
     * @param open its listeners
     * @param ports where its ports are taken
     */
    record Relayed(List<Relay> open, PortAllocator ports) {
        void close(List<Binding> bindings) {
            open.forEach(Relay::close);
            open.clear();
            bindings.forEach(ports::release);
        }
    }

    /** Publishes ports of an endpoint; all of them or none. */
    Publication publish(Network network, PublishSpec spec, RelayRequest wanted, AttachedEndpoint endpoint) throws RefusedException {
        try {
            wanted.check(spec);
        } catch (IllegalArgumentException wrong) {
            throw RefusedException.invalid(wrong.getMessage());
        }
        BackEnd.Door door = door(network, endpoint);
        List<IpAddress> addresses = spec.address().map(List::of).orElse(List.of(Ipv4Address.UNSPECIFIED, Ipv6Address.UNSPECIFIED));
        boolean another = spec.hostPorts().map(range -> range.count() > spec.containerPorts().count()).orElse(true);
        List<Binding> others = new ArrayList<>();
        try {
            for (int attempt = 1;; attempt++) {
                List<Binding> bindings = ports().take(spec, addresses);
                Relayed relayed = new Relayed(new ArrayList<>(), ports);
                try {
                    List<Binding> bound = new ArrayList<>();
                    for (Binding binding : bindings) {
                        bound.add(open(relayed, binding, spec, door, wanted, endpoint));
                    }
                    Publication publication = new Publication(spec, endpoint.name(), bound, Optional.of(relayed));
                    network.publications().add(publication);
                    return publication;
                } catch (IOException failed) {
                    relayed.open().forEach(Relay::close);
                    others.addAll(bindings);
                    boolean taken = failed instanceof ListenException refused && refused.errno() == Errno.EADDRINUSE.number();
                    if (!taken || !another || attempt == ATTEMPTS) {
                        throw RefusedException.conflict(failed.getMessage());
                    }
                }
            }
        } finally {
            others.forEach(ports::release);
        }
    }

    /** Listens; the binding with the addresses that there are: a host without IPv6 has none of its. */
    private Binding open(Relayed relayed, Binding binding, PublishSpec spec, BackEnd.Door door, RelayRequest wanted,
        AttachedEndpoint endpoint) throws IOException {
        List<IpAddress> bound = new ArrayList<>();
        for (IpAddress address : binding.addresses()) {
            boolean optional = spec.address().isEmpty() && !address.isIpv4();
            try {
                for (int i = 0; i < binding.count(); i++) {
                    BackEnd backEnd = BackEnd.inside(door, inside(endpoint, address.isIpv4()), binding.containerPort() + i)
                        .withHeader(wanted.header()).onThisMachine();
                    InetSocketAddress where = new InetSocketAddress(address.toInetAddress(), binding.hostPort() + i);
                    relayed.open().add(binding.protocol() == TransportProtocol.TCP ? proxy.get().relayTcp(where, backEnd)
                        : proxy.get().relayUdp(where, backEnd));
                }
                bound.add(address);
            } catch (ListenException refused) {
                boolean absent = refused.errno() == Errno.EAFNOSUPPORT.number() || refused.errno() == Errno.EADDRNOTAVAIL.number();
                if (!optional || !absent) {
                    throw refused;
                }
                ports.release(new Binding(binding.protocol(), List.of(address), binding.hostPort(), binding.containerPort(),
                    binding.count()));
            }
        }
        return new Binding(binding.protocol(), bound, binding.hostPort(), binding.containerPort(), binding.count());
    }

    /** The container's own address: of the client's family where it has one, else of the other. */
    private static InetAddress inside(AttachedEndpoint endpoint, boolean ipv4) {
        List<IpAddress> own = endpoint.addresses().stream().map(IpPrefix::asAddress).toList();
        return own.stream().filter(address -> address.isIpv4() == ipv4).findFirst().orElse(own.getFirst()).toInetAddress();
    }

    /** The way into the container's namespace as it is now; another that has its name or number later is not entered. */
    private static BackEnd.Door door(Network network, AttachedEndpoint endpoint) throws RefusedException {
        String name = "endpoint " + endpoint.name() + " of network " + network.name();
        BackEnd.Door door = switch (endpoint.target()) {
            case EndpointTarget.NamespaceFile(var path) -> () -> NetworkNamespace.open(path);
            case EndpointTarget.Process(int pid) -> () -> NetworkNamespace.ofPid(pid);
            case EndpointTarget.Descriptor _ -> throw RefusedException.conflict("a relay connects inside the container's namespace,"
                + " and that of " + name + " is not known: another program attached it");
            default -> throw RefusedException.invalid("endpoint " + endpoint.name() + " is no container: it has no ports to publish");
        };
        if (endpoint.addresses().isEmpty()) {
            throw RefusedException.conflict(name + " has no address that a relay could connect to");
        }
        try (NetworkNamespace now = door.open()) {
            long inode = now.inode();
            return () -> {
                NetworkNamespace namespace = door.open();
                if (namespace.inode() != inode) {
                    namespace.close();
                    throw new SystemCallException("enter the namespace of " + name, Errno.ENOENT.number());
                }
                return namespace;
            };
        } catch (SystemCallException failed) {
            throw RefusedException.conflict(failed.getMessage());
        }
    }
}
