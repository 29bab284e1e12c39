package io.footbridge.control.network;

import io.footbridge.control.model.PublishSpec;
import io.footbridge.control.model.RefusedException;
import io.footbridge.control.model.RefusedException.Kind;
import io.footbridge.control.network.Publication.Active;
import io.footbridge.dataplane.Engine;
import io.footbridge.dataplane.ListeningPort;
import io.footbridge.dataplane.PortForward;
import io.footbridge.tap.Errno;
import io.footbridge.tap.SystemCallException;
import io.footbridge.wire.IpAddress;
import io.footbridge.wire.IpPrefix;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv6Address;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Publishes ports at the host's own addresses, for networks whose way out is the host's sockets. Guarded by the service's lock.
 *
 * <p>All such networks share the host's ports; other programs have some of them too, which only the kernel knows: where any
 * port will do, the next one is tried.
 */
final class HostPublications {
    private static final int ATTEMPTS = 64;
    private static final int FIRST_UNPRIVILEGED = 1024;

    private final Engine engine;
    private final PortAllocator ports;

    HostPublications(Engine engine, PortAllocator ports) {
        this.engine = engine;
        this.ports = ports;
    }

    PortAllocator ports() {
        return ports;
    }

    /** Publishes ports of an endpoint; all of them or none. */
    Publication publish(Network network, PublishSpec spec, AttachedEndpoint endpoint) throws RefusedException {
        List<IpAddress> addresses = spec.address().map(List::of)
            .orElse(List.of(Ipv4Address.UNSPECIFIED, Ipv6Address.UNSPECIFIED));
        List<Binding> others = new ArrayList<>();
        try {
            for (int attempt = 1;; attempt++) {
                Publication publication = new Publication(spec, endpoint.name(), ports.take(spec, addresses));
                try {
                    activate(publication, endpoint);
                    network.publications().add(publication);
                    return publication;
                } catch (TakenException taken) {
                    others.addAll(publication.bindings());
                    boolean another = spec.hostPorts().map(range -> range.count() > spec.containerPorts().count()).orElse(true);
                    if (!another || attempt == ATTEMPTS) {
                        throw taken.refusal;
                    }
                } catch (RefusedException | RuntimeException refused) {
                    others.addAll(publication.bindings());
                    throw refused;
                }
            }
        } finally {
            others.forEach(ports::release);
        }
    }

    /** Somebody else on the host has the port. */
    private static final class TakenException extends Exception {
        private static final long serialVersionUID = 1;
        private final transient RefusedException refusal;

        TakenException(RefusedException refusal) {
            super(refusal);
            this.refusal = refusal;
        }
    }

    private void activate(Publication publication, AttachedEndpoint endpoint) throws RefusedException, TakenException {
        boolean done = false;
        try {
            for (Binding binding : publication.bindings()) {
                for (IpAddress address : binding.addresses()) {
                    boolean optional = publication.spec().address().isEmpty() && !address.isIpv4();
                    listen(binding, address, endpoint, optional).ifPresent(port -> publication.active().add(
                        new Active(binding, address.isIpv4(), port.published(), port::close)));
                }
            }
            done = true;
        } finally {
            if (!done) {
                publication.deactivate();
            }
        }
    }

    /** @param optional whether a host without the address's family is no refusal */
    private Optional<ListeningPort> listen(Binding binding, IpAddress address, AttachedEndpoint endpoint, boolean optional)
        throws RefusedException, TakenException {
        PortForward forward = new PortForward(binding.protocol().number(), Optional.of(address), binding.hostPort(), binding.count(),
            endpoint.port(), of(endpoint, Ipv4Address.class), of(endpoint, Ipv6Address.class), binding.containerPort());
        try {
            return Optional.of(engine.listen(forward));
        } catch (SystemCallException refused) {
            if (optional && (refused.is(Errno.EADDRNOTAVAIL) || refused.is(Errno.EAFNOSUPPORT))) {
                return Optional.empty();
            }
            if (refused.is(Errno.EADDRINUSE)) {
                throw new TakenException(Binding.refused(address, binding.hostPort()));
            }
            throw refused(binding, address, refused);
        } catch (IOException failed) {
            throw RefusedException.failed(failed);
        }
    }

    private static RefusedException refused(Binding binding, IpAddress address, SystemCallException refused) {
        String bind = "Bind for " + Binding.shown(address) + ":" + binding.hostPort() + " failed: ";
        if (refused.is(Errno.EACCES) && binding.hostPort() < FIRST_UNPRIVILEGED) {
            return new RefusedException(Kind.CONFLICT, bind + "permission denied; take a port from " + FIRST_UNPRIVILEGED
                + " on, or have root set sysctl net.ipv4.ip_unprivileged_port_start=" + binding.hostPort(), refused);
        }
        if (refused.is(Errno.EADDRNOTAVAIL)) {
            return new RefusedException(Kind.CONFLICT, bind + "cannot assign requested address; the host has no " + address, refused);
        }
        return new RefusedException(Kind.CONFLICT, bind + Errno.text(refused.errno()).toLowerCase(java.util.Locale.ROOT), refused);
    }

    private static <A extends IpAddress> Optional<A> of(AttachedEndpoint endpoint, Class<A> family) {
        return endpoint.addresses().stream().map(IpPrefix::asAddress).filter(family::isInstance).map(family::cast).findFirst();
    }
}
