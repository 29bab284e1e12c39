package io.footbridge.control.network;

import io.footbridge.control.model.PublishSpec;
import io.footbridge.control.model.RefusedException;
import io.footbridge.control.network.Publication.Active;
import io.footbridge.control.network.SharedUplink.Held;
import io.footbridge.dataplane.PortForward;
import io.footbridge.dataplane.PublishedPort;
import io.footbridge.wire.IpAddress;
import io.footbridge.wire.IpPrefix;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv6Address;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Publishes ports and takes them back. Guarded by the service's lock. */
final class Publications {
    /** Publishes ports of an endpoint at the network's uplink; all of them or none. */
    Publication publish(Network network, PublishSpec spec, AttachedEndpoint endpoint) throws RefusedException {
        if (!endpoint.target().isContainer()) {
            throw RefusedException.invalid("endpoint " + endpoint.name() + " is no container: it has no ports to publish");
        }
        if (network.byHost().isPresent()) {
            return network.byHost().get().publish(network, spec, endpoint);
        }
        SharedUplink uplink = network.uplink().orElseThrow(() -> refusedWithoutUplink(network.name()));
        Held held = uplink.held().orElseThrow(() -> RefusedException.conflict("link " + uplink.ifname() + " of uplink "
            + uplink.ifname() + " is not there now; the daemon's log says what it waits for"));
        List<IpAddress> addresses = addresses(spec, endpoint, uplink, held);
        Publication publication = new Publication(spec, endpoint.name(), uplink.ports().take(spec, addresses));
        try {
            activate(network, publication);
        } catch (RefusedException | RuntimeException refused) {
            publication.deactivate();
            publication.bindings().forEach(uplink.ports()::release);
            throw refused;
        }
        network.publications().add(publication);
        return publication;
    }

    static RefusedException refusedWithoutUplink(String network) {
        return RefusedException.conflict("publish: network " + network
            + " has no way out; give it one with --uplink sockets or --uplink frames:IFNAME,addr=CIDR, and a gateway");
    }

    /** At which addresses: of each family that is meant and that both uplink and container have. */
    private static List<IpAddress> addresses(PublishSpec spec, AttachedEndpoint endpoint, SharedUplink uplink, Held held)
        throws RefusedException {
        if (spec.address().isPresent() && !spec.address().get().isUnspecified() && !held.addresses().contains(spec.address().get())) {
            throw RefusedException.conflict("Bind for " + Binding.shown(spec.address().get())
                + spec.hostPorts().map(ports -> ":" + ports).orElse("") + " failed: cannot assign requested address; uplink "
                + uplink.ifname() + " has " + held.addresses().stream().map(IpAddress::toString).collect(Collectors.joining(" and ")));
        }
        List<IpAddress> addresses = new ArrayList<>();
        for (boolean ipv4 : new boolean[] {true, false}) {
            boolean outside = held.addresses().stream().anyMatch(address -> address.isIpv4() == ipv4);
            if (spec.isFor(ipv4) && outside && of(endpoint, ipv4).isPresent()) {
                addresses.add(spec.address().orElse(ipv4 ? Ipv4Address.UNSPECIFIED : Ipv6Address.UNSPECIFIED));
            }
        }
        if (addresses.isEmpty()) {
            String family = spec.address().map(address -> address.isIpv4() ? "IPv4 " : "IPv6 ").orElse("");
            throw RefusedException.conflict("endpoint " + endpoint.name() + " and uplink " + uplink.ifname() + " have no " + family
                + (family.isEmpty() ? "family of addresses in common" : "addresses both"));
        }
        return addresses;
    }

    private static Optional<IpAddress> of(AttachedEndpoint endpoint, boolean ipv4) {
        return endpoint.addresses().stream().map(IpPrefix::asAddress).filter(address -> address.isIpv4() == ipv4).findFirst();
    }

    /** Takes back what a person names. */
    void unpublish(Network network, String text) throws RefusedException {
        Publication publication = find(network, text);
        network.declared().removeIf(declared ->
            declared.spec().equals(publication.spec()) && declared.endpoint().equals(publication.endpoint()));
        remove(network, publication);
    }

    private static Publication find(Network network, String text) throws RefusedException {
        PublishSpec named = read(text);
        List<Publication> found = network.publications().stream().filter(publication -> publication.spec().equals(named)).toList();
        if (found.isEmpty()) {
            found = network.publications().stream().filter(publication -> isNamed(publication, named)).toList();
        }
        if (found.isEmpty()) {
            throw RefusedException.notFound("Error: No public port '" + named + "' published for " + network.name());
        }
        if (found.size() > 1) {
            throw RefusedException.conflict(text + " is published several times; name one binding of `footbridge ports`: "
                + found.stream().flatMap(publication -> publication.views(network.name()))
                    .map(line -> line.hostPort() + ":" + line.containerPort()).distinct().collect(Collectors.joining(", ")));
        }
        Publication publication = found.getFirst();
        if (!publication.spec().equals(named) && !isWhole(publication, named)) {
            throw RefusedException.conflict(named + " is a part of " + publication.spec() + "; unpublish that");
        }
        return publication;
    }

    /** A SPEC, or a line as `docker port` or `docker ps` writes it. */
    private static PublishSpec read(String text) throws RefusedException {
        int arrow = text.indexOf("->");
        String left = arrow < 0 ? "" : text.substring(0, arrow).strip();
        String right = arrow < 0 ? "" : text.substring(arrow + 2).strip();
        try {
            return PublishSpec.parse(arrow < 0 ? text : left.contains(":") ? left + ":" + right : right + ":" + left);
        } catch (IllegalArgumentException wrong) {
            throw RefusedException.invalid(wrong.getMessage());
        }
    }

    /** Whether a publication has what the SPEC names, though it was asked for otherwise. */
    private static boolean isNamed(Publication publication, PublishSpec named) {
        return publication.bindings().stream().anyMatch(binding ->
            (named.address().isEmpty() || binding.addresses().contains(named.address().get())) && named.hostPorts().isPresent()
                && binding.has(named.protocol(), named.hostPorts().get().first(), named.containerPorts().first())
                && binding.has(named.protocol(), named.hostPorts().get().last(), named.containerPorts().last()));
    }

    private static boolean isWhole(Publication publication, PublishSpec named) {
        return publication.bindings().size() == 1
            && publication.bindings().getFirst().count() == named.hostPorts().orElseThrow().count();
    }

    /** Takes back all that an endpoint has published. */
    void removeOf(Network network, String endpoint) {
        for (Publication publication : List.copyOf(network.publications())) {
            if (publication.endpoint().equals(endpoint)) {
                remove(network, publication);
            }
        }
    }

    private static void remove(Network network, Publication publication) {
        if (publication.relayed().isPresent()) {
            publication.relayed().get().close(publication.bindings());
            network.publications().remove(publication);
            return;
        }
        PortAllocator ports = network.byHost().map(HostPublications::ports).orElseGet(() -> network.uplink().orElseThrow().ports());
        publication.deactivate();
        publication.bindings().forEach(ports::release);
        network.publications().remove(publication);
    }

    /** Gives the engine what it lacks of a publication, and takes from it what the uplink's addresses no longer allow. */
    static void activate(Network network, Publication publication) throws RefusedException {
        if (publication.relayed().isPresent()) {
            return;
        }
        Held held = network.uplink().flatMap(SharedUplink::held).orElseThrow();
        AttachedEndpoint endpoint = network.endpoint(publication.endpoint());
        List<IpAddress> own = held.addresses();
        Iterator<Active> active = publication.active().iterator();
        while (active.hasNext()) {
            Active old = active.next();
            if (old.port().forward().address().filter(address -> !own.contains(address)).isPresent()) {
                old.withdrawal().run();
                active.remove();
            }
        }
        for (Binding binding : publication.bindings()) {
            for (IpAddress address : binding.addresses()) {
                if (!publication.isActive(binding, address.isIpv4()) && (address.isUnspecified() || own.contains(address))) {
                    activate(held, publication, binding, address, of(endpoint, address.isIpv4()).orElseThrow(), endpoint);
                }
            }
        }
    }

    private static void activate(Held held, Publication publication, Binding binding, IpAddress address, IpAddress inside,
        AttachedEndpoint endpoint) throws RefusedException {
        PortForward forward = new PortForward(binding.protocol().number(),
            address.isUnspecified() ? Optional.empty() : Optional.of(address), binding.hostPort(), binding.count(), endpoint.port(),
            Optional.of(inside).filter(Ipv4Address.class::isInstance).map(Ipv4Address.class::cast),
            Optional.of(inside).filter(Ipv6Address.class::isInstance).map(Ipv6Address.class::cast), binding.containerPort());
        try {
            PublishedPort port = held.uplink().publish(forward);
            publication.active().add(new Active(binding, address.isIpv4(), port, () -> held.uplink().unpublish(port)));
        } catch (IllegalArgumentException taken) {
            throw Binding.refused(address, binding.hostPort());
        }
    }

    /** The engine has lost the uplink with all that was published there. */
    void forgetActive(Network network) {
        network.publications().forEach(publication -> publication.active().clear());
    }
}
