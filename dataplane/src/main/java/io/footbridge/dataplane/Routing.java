package io.footbridge.dataplane;

import io.footbridge.memory.Epochs;
import io.footbridge.nat.ConnectionTable;
import io.footbridge.nat.Filtering;
import io.footbridge.nat.NatSettings;
import io.footbridge.nat.NatStatistics;
import io.footbridge.nat.OutsideAddress;
import io.footbridge.nat.SessionView;
import io.footbridge.wire.IpAddress;
import io.footbridge.wire.Ipv4Prefix;
import io.footbridge.wire.Ipv6Prefix;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.agrona.concurrent.NanoClock;

/**
 * What a person has set of routes and uplinks (of published ports and 1:1 addresses, see {@link Publishing}), and the
 * {@link Topology} that is made of it for the workers: anew after each change. Any thread; changes are made one after
 * another, under this object's lock.
 *
 * <p>An address of an uplink has a port space ({@link OutsideAddress}) as long as it is the uplink's own, in a network's
 * pool, or a container's alone. What is no longer used goes when all workers have passed: until then one may still open a
 * flow by it.
 */
final class Routing implements AutoCloseable {
    private final Routes routes;
    private final NatSettings settings;
    private final Epochs epochs;
    private final int workers;
    private final long seed;
    private final NanoClock clock;
    private final Hooks hooks;
    private final Publishing publishing;
    private final SocketsRouting sockets;
    private final BitSet realms = new BitSet();
    private final Set<Bridge> networks = new LinkedHashSet<>();
    private final Set<Uplink> uplinks = new LinkedHashSet<>();
    private final Map<Bridge, Route> routed = new LinkedHashMap<>();
    /** Null until the first uplink is made. */
    private ConnectionTable table;
    private long started;
    private boolean ipv6;

    /** What routing needs of the engine; called without a lock but the engine's own. */
    interface Hooks {
        /** Lets the workers make what they route with. */
        void enable(ConnectionTable table) throws IOException;

        /** Waits until no worker uses what was replaced before. */
        void awaitEpoch();

        /** Asks whether addresses are free on an uplink's link. */
        void probe(Uplink uplink, List<IpAddress> addresses) throws AddressInUseException;

        /** Tells the link that the addresses are the uplink's. */
        void announce(Uplink uplink, Collection<IpAddress> addresses);
    }

    Routing(Routes routes, NatSettings settings, Epochs epochs, int workers, long seed, NanoClock clock, Hooks hooks) {
        this.routes = routes;
        this.settings = settings;
        this.epochs = epochs;
        this.workers = workers;
        this.seed = seed;
        this.clock = clock;
        this.hooks = hooks;
        this.publishing = new Publishing(this, hooks);
        this.sockets = new SocketsRouting(this, hooks);
        realms.set(0);
    }

    /** What is published by the uplinks. */
    Publishing publishing() {
        return publishing;
    }

    /** How networks go by the host's own sockets. */
    SocketsRouting sockets() {
        return sockets;
    }

    /** The table, or null until there is one; under the lock. */
    ConnectionTable table() {
        return table;
    }

    /** Takes a realm for a bridge that is about to be made. */
    synchronized int newRealm() {
        int realm = realms.nextClearBit(1);
        if (realm > ConnectionTable.MAX_REALM) {
            throw new IllegalStateException("there are " + ConnectionTable.MAX_REALM + " networks and uplinks already");
        }
        realms.set(realm);
        return realm;
    }

    /** Adds a network. */
    synchronized void add(Bridge network) {
        networks.add(network);
        rebuild();
    }

    /** Removes a network whose ports are gone; its memory is free for others when this returns. */
    synchronized void remove(Bridge network) {
        networks.remove(network);
        routed.remove(network);
        rebuild();
        hooks.awaitEpoch();
        forget(network.realm());
    }

    private void forget(int realm) {
        if (table != null) {
            table.flush(flow -> flow.original().realm() == realm || flow.reply().realm() == realm);
        }
        realms.clear(realm);
    }

    /** The uplinks there are. */
    synchronized List<Uplink> uplinks() {
        return List.copyOf(uplinks);
    }

    /** Makes sure that there is a table, and room in it for IPv6 where that is wanted. */
    synchronized void enable(boolean withIpv6) throws IOException {
        if (table == null) {
            ConnectionTable made = new ConnectionTable(settings, epochs, workers, seed);
            try {
                hooks.enable(made);
            } catch (IOException failed) {
                made.close();
                throw failed;
            }
            table = made;
            started = clock.nanoTime();
            networks.forEach(network -> network.ports().forEach(this::giveOwner));
        }
        if (withIpv6 && !ipv6) {
            table.enableIpv6();
            ipv6 = true;
        }
    }

    /** Makes a port's own account of flows, if flows are tracked. */
    synchronized void giveOwner(Port port) {
        if (table != null && port.flowOwner() == null) {
            PortSettings now = port.settings();
            port.flowOwner(table.newOwner(now.flowLimit(), now.portLimit()));
        }
    }

    /** Removes a port's flows; when no worker opens any for it. */
    synchronized void removeOwner(Port port) {
        if (table != null && port.flowOwner() != null) {
            table.remove(port.flowOwner());
        }
    }

    /**
     * Puts an uplink on the list, so that nobody else takes its name or addresses; it has none of them yet.
     *
     * @throws IllegalArgumentException one of them is taken
     */
    synchronized void reserve(Uplink uplink) {
        if (uplinks.stream().anyMatch(other -> other.name().equals(uplink.name()))) {
            throw new IllegalArgumentException("there is an uplink " + uplink.name() + " already");
        }
        requireFree(uplink, own(uplink.settings()));
        uplinks.add(uplink);
    }

    /** Gives an uplink its addresses. */
    synchronized void activate(Uplink uplink) {
        uplink.activate();
        rebuild();
    }

    /**
     * Takes an uplink's addresses away, with its sessions.
     *
     * @throws IllegalStateException a network uses it
     */
    synchronized void remove(Uplink uplink) {
        routed.forEach((network, route) -> {
            if (route.settings().uplink() == uplink) {
                throw new IllegalStateException("uplink " + uplink.name() + " is used by network " + network.name());
            }
        });
        if (uplinks.remove(uplink)) {
            rebuild();
            hooks.awaitEpoch();
            uplink.outsides().values().forEach(table::remove);
            uplink.outsides().clear();
            forget(uplink.bridge().realm());
        }
    }

    /** See {@link Engine#route}. */
    void route(Bridge network, Optional<RouteSettings> wanted) {
        wanted.ifPresent(route -> probe(route.uplink(), unheld(route.uplink(), route.pool())));
        List<IpAddress> added = List.of();
        synchronized (this) {
            requireThere(network);
            if (wanted.isPresent()) {
                Uplink uplink = requireThere(wanted.get().uplink());
                requireFree(uplink, wanted.get().pool());
                added = unheld(uplink, wanted.get().pool());
            }
            Route old = routed.get(network);
            if (wanted.isPresent()) {
                prepare(wanted.get());
            }
            wanted.ifPresentOrElse(route -> routed.put(network, routeAfter(old, route)),
                    () -> routed.remove(network));
            rebuild();
            if (old != null && (wanted.isEmpty() || wanted.get().uplink() != old.settings().uplink()
                    || wanted.get().masquerade() != old.settings().masquerade())) {
                hooks.awaitEpoch();
                int out = old.settings().uplink().bridge().realm();
                table.flush(flow -> flow.original().realm() == network.realm() && flow.reply().realm() == out);
            }
            if (old != null && old.settings().windowCheck() && !(wanted.isPresent() && wanted.get().windowCheck())) {
                hooks.awaitEpoch();
                table.forgetWindows(network.realm());
            }
        }
        if (!added.isEmpty()) {
            hooks.announce(wanted.get().uplink(), added);
        }
    }

    /** Makes room for what the table keeps only where a network wants it. */
    private void prepare(RouteSettings route) {
        try {
            if (route.filtering() == Filtering.ADDRESS) {
                table.enableAddressFiltering();
            }
            if (route.windowCheck()) {
                table.enableWindowCheck();
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** A rule goes on counting as long as it leads the same way. */
    private static Route routeAfter(Route old, RouteSettings now) {
        return old != null && old.settings().uplink() == now.uplink() ? old.with(now) : new Route(now);
    }

    /** See {@link Uplink#settings(UplinkSettings)}. */
    void settings(Uplink uplink, UplinkSettings changed) {
        probe(uplink, unheld(uplink, own(changed)));
        synchronized (this) {
            requireThere(uplink);
            if (changed.mac() != uplink.settings().mac()) {
                throw new IllegalArgumentException("the MAC of uplink " + uplink.name() + " cannot change");
            }
            requireFree(uplink, own(changed));
            enableFor(changed);
            uplink.replace(changed);
            Port port = uplink.port();
            port.settings(port.settings().withMtu(changed.mtu()));
            rebuild();
        }
        hooks.announce(uplink, own(changed));
    }

    private void enableFor(UplinkSettings changed) {
        try {
            enable(changed.ipv6().isPresent());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Asks whether addresses are free, before they are an uplink's. */
    void probe(Uplink uplink, List<IpAddress> addresses) {
        try {
            hooks.probe(uplink, addresses);
        } catch (AddressInUseException inUse) {
            throw new IllegalArgumentException(inUse.getMessage(), inUse);
        }
    }

    /** Tells an uplink's link that addresses are the uplink's now. */
    void announce(Uplink uplink, List<IpAddress> addresses) {
        hooks.announce(uplink, addresses);
    }

    private synchronized List<IpAddress> unheld(Uplink uplink, List<IpAddress> addresses) {
        return addresses.stream().filter(address -> !uplink.outsides().containsKey(address)).distinct().toList();
    }

    void requireThere(Bridge network) {
        if (!networks.contains(network)) {
            throw new IllegalStateException("network " + network.name() + " is gone");
        }
    }

    Uplink requireThere(Uplink uplink) {
        if (!uplinks.contains(uplink)) {
            throw new IllegalStateException("uplink " + uplink.name() + " is gone");
        }
        return uplink;
    }

    private void requireFree(Uplink uplink, List<IpAddress> addresses) {
        for (Uplink other : uplinks) {
            for (IpAddress address : addresses) {
                boolean taken = other == uplink ? other.assignments().containsKey(address)
                        : wanted(other).contains(address);
                if (taken) {
                    throw new IllegalArgumentException("address " + address + " is in use by uplink " + other.name());
                }
            }
        }
    }

    static List<IpAddress> own(UplinkSettings settings) {
        return Stream.concat(settings.ipv4().map(Ipv4Prefix::asAddress).map(IpAddress.class::cast).stream(),
                settings.ipv6().map(Ipv6Prefix::asAddress).map(IpAddress.class::cast).stream()).toList();
    }

    /** All addresses that an uplink is to have, its own first. */
    Set<IpAddress> wanted(Uplink uplink) {
        Set<IpAddress> wanted = new LinkedHashSet<>(own(uplink.settings()));
        routed.values().stream().filter(route -> route.settings().uplink() == uplink)
                .forEach(route -> wanted.addAll(route.settings().pool()));
        wanted.addAll(uplink.assignments().keySet());
        return wanted;
    }

    /** Makes the workers' view anew, and removes the addresses that are used no longer. */
    void rebuild() {
        if (table == null) {
            return;
        }
        List<Bridge> bridges = new ArrayList<>(networks);
        List<LocalAddress> local = new ArrayList<>();
        List<OutsideAddress> unused = new ArrayList<>();
        for (Uplink uplink : uplinks) {
            bridges.add(uplink.bridge());
            if (uplink.isActive()) {
                Set<IpAddress> wanted = wanted(uplink);
                wanted.forEach(address -> local.add(local(uplink, address)));
                uplink.outsides().entrySet().removeIf(held -> !wanted.contains(held.getKey())
                        && unused.add(held.getValue()));
                uplink.answerFor(List.copyOf(wanted), clock.nanoTime());
            }
        }
        routes.topology(new Topology(table, started, ipv6, sockets.realm(), bridges, local));
        networks.forEach(network -> network.routePolicy(policy(network)));
        if (!unused.isEmpty()) {
            hooks.awaitEpoch();
            unused.forEach(table::remove);
        }
    }

    private LocalAddress local(Uplink uplink, IpAddress address) {
        OutsideAddress outside = uplink.outsides().computeIfAbsent(address, wanted -> newOutside(uplink, wanted));
        Assignment assignment = uplink.assignments().get(address);
        List<PublishedPort> ports = uplink.publishedPorts().stream().filter(port -> assignment == null
                ? Publishing.appliesTo(port.forward(), address) : port.forward().address().equals(Optional.of(address))).toList();
        return new LocalAddress(address, uplink.bridge(), outside, own(uplink.settings()).contains(address),
                new PublishedPorts(ports), assignment);
    }

    private OutsideAddress newOutside(Uplink uplink, IpAddress address) {
        try {
            OutsideAddress outside = table.newOutside(address, uplink.bridge().realm());
            uplink.publishedPorts().stream().map(PublishedPort::forward)
                    .filter(forward -> Publishing.appliesTo(forward, address))
                    .forEach(forward -> outside.reserve(forward.protocol(), forward.firstPort(),
                            forward.firstPort() + forward.count() - 1));
            return outside;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private RoutePolicy policy(Bridge network) {
        Route route = routed.get(network);
        if (route == null) {
            return null;
        }
        Uplink uplink = route.settings().uplink();
        Assignment[] assignments = uplink.assignments().values().toArray(Assignment[]::new);
        return new RoutePolicy(route,
                assignments.length == 0 ? null : assignments);
    }

    /** See {@link Engine#flows}. */
    synchronized List<SessionView> flows(Optional<Bridge> of) {
        return table == null ? List.of() : table.sessions(isOf(of), tick());
    }

    /** See {@link Engine#flushFlows}. */
    synchronized int flush(Optional<Bridge> of) {
        return table == null ? 0 : table.flush(isOf(of));
    }

    private static Predicate<SessionView> isOf(Optional<Bridge> of) {
        return flow -> of.isEmpty() || flow.original().realm() == of.get().realm()
                || flow.reply().realm() == of.get().realm();
    }

    /** See {@link Engine#flowStatistics}. */
    synchronized NatStatistics statistics() {
        return table == null ? new NatStatistics(0, settings.capacity(), 0, 0, 0, 0, 0, 0, 0) : table.statistics();
    }

    /** Sweeps the next part of the table; answers how many of those slots were visited. */
    synchronized int sweep(int slots) {
        return table == null ? 0 : table.sweep(slots, tick());
    }

    /** How many sessions the table holds at most; 0 where there is none yet. */
    synchronized int capacity() {
        return table == null ? 0 : settings.capacity();
    }

    private int tick() {
        return Topology.tick(started, clock.nanoTime());
    }

    /** Frees the table; when no worker can reach it any more. */
    @Override
    public synchronized void close() {
        routes.topology(Topology.NONE);
        if (table != null) {
            table.close();
            // Who asks for flows from now on is not to look at memory that is gone.
            table = null;
        }
    }
}
