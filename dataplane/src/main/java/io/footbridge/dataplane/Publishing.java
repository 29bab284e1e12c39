package io.footbridge.dataplane;

import io.footbridge.nat.OutsideAddress;
import io.footbridge.nat.SessionView;
import io.footbridge.wire.IpAddress;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Protocol;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Ports of uplinks that lead to containers, and addresses of uplinks that are one container's alone. Any thread; changes
 * are made under {@link Routing}'s lock.
 */
final class Publishing {
    private final Routing routing;
    private final Routing.Hooks hooks;

    Publishing(Routing routing, Routing.Hooks hooks) {
        this.routing = routing;
        this.hooks = hooks;
    }

    /** See {@link Uplink#publish}. */
    PublishedPort publish(Uplink uplink, PortForward forward) {
        synchronized (routing) {
            routing.requireThere(uplink);
            forward.address().filter(address -> !uplink.outsides().containsKey(address)).ifPresent(address -> {
                throw new IllegalArgumentException(address + " is no address of uplink " + uplink.name());
            });
            for (PublishedPort other : uplink.publishedPorts()) {
                if (overlaps(other.forward(), forward)) {
                    throw new IllegalArgumentException("port " + forward.firstPort() + "/"
                            + Protocol.nameOf(forward.protocol()) + " of uplink " + uplink.name() + " is published already");
                }
            }
            PublishedPort published = new PublishedPort(forward);
            uplink.publishedPorts().add(published);
            applicable(uplink, forward).forEach(outside -> outside.reserve(forward.protocol(), forward.firstPort(),
                    forward.firstPort() + forward.count() - 1));
            routing.rebuild();
            flushUdp(uplink, forward);
            return published;
        }
    }

    /** See {@link Uplink#unpublish}. */
    void unpublish(Uplink uplink, PublishedPort published) {
        synchronized (routing) {
            PortForward forward = published.forward();
            if (uplink.publishedPorts().remove(published)) {
                routing.rebuild();
                hooks.awaitEpoch();
                applicable(uplink, forward).forEach(outside -> outside.release(forward.protocol(), forward.firstPort(),
                        forward.firstPort() + forward.count() - 1));
                flushUdp(uplink, forward);
            }
        }
    }

    List<PublishedPort> published(Uplink uplink) {
        synchronized (routing) {
            return List.copyOf(uplink.publishedPorts());
        }
    }

    private static boolean overlaps(PortForward one, PortForward other) {
        return one.protocol() == other.protocol() && one.firstPort() < other.firstPort() + other.count()
                && other.firstPort() < one.firstPort() + one.count()
                && (one.ipv4().isPresent() && other.ipv4().isPresent() || one.ipv6().isPresent() && other.ipv6().isPresent())
                && (one.address().isEmpty() || other.address().isEmpty() || one.address().equals(other.address()));
    }

    private static Stream<OutsideAddress> applicable(Uplink uplink, PortForward forward) {
        return uplink.outsides().values().stream().filter(outside -> appliesTo(forward, outside.address()));
    }

    /** Whether a range is published on an address of its uplink; of a family that the container lacks it is none. */
    static boolean appliesTo(PortForward forward, IpAddress address) {
        boolean served = address.isIpv4() ? forward.ipv4().isPresent() : forward.ipv6().isPresent();
        return served && (forward.address().isEmpty() || forward.address().get().equals(address));
    }

    /** Datagrams know no end of a session: those that go on would keep going where they went before. */
    private void flushUdp(Uplink uplink, PortForward forward) {
        if (forward.protocol() == Protocol.UDP && routing.table() != null) {
            hooks.awaitEpoch();
            int realm = uplink.bridge().realm();
            Predicate<SessionView.Ends> isByPort = ends -> ends.realm() == realm
                    && appliesTo(forward, ends.destination()) && ends.destinationPort() >= forward.firstPort()
                    && ends.destinationPort() < forward.firstPort() + forward.count();
            routing.table().flush(flow -> flow.protocol() == Protocol.UDP
                    && (isByPort.test(flow.original()) || isByPort.test(flow.reply())));
        }
    }

    /** See {@link Uplink#assign}. */
    Assignment assign(Uplink uplink, Ipv4Address outside, Port container, IpAddress inside) {
        synchronized (routing) {
            routing.requireThere(uplink);
            requireUnassignable(uplink, outside);
        }
        routing.probe(uplink, List.of(outside));
        Assignment assignment = new Assignment(outside, container, inside);
        synchronized (routing) {
            routing.requireThere(uplink);
            requireUnassignable(uplink, outside);
            uplink.assignments().put(outside, assignment);
            routing.rebuild();
        }
        hooks.announce(uplink, List.of(outside));
        return assignment;
    }

    private void requireUnassignable(Uplink uplink, Ipv4Address outside) {
        if (routing.uplinks().stream().anyMatch(other -> routing.wanted(other).contains(outside))) {
            throw new IllegalArgumentException("address " + outside + " is in use by uplink " + uplink.name());
        }
    }

    /** See {@link Uplink#withdraw}. */
    void withdraw(Uplink uplink, Ipv4Address outside) {
        synchronized (routing) {
            if (uplink.assignments().remove(outside) != null) {
                routing.rebuild();
            }
        }
    }
}
