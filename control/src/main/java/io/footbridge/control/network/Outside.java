package io.footbridge.control.network;

import io.footbridge.control.edge.Edge;
import io.footbridge.control.model.NetworkKey;
import io.footbridge.control.model.PublishSpec;
import io.footbridge.control.model.RefusedException;
import io.footbridge.control.model.RelayRequest;
import io.footbridge.control.model.UplinkAddressing;
import io.footbridge.control.model.UplinkRequest;
import io.footbridge.control.model.UplinkRequest.Frames;
import io.footbridge.control.network.Network.Declared;
import io.footbridge.control.network.SharedUplink.Held;
import io.footbridge.dataplane.Engine;
import io.footbridge.dataplane.Port;
import io.footbridge.dataplane.RouteSettings;
import io.footbridge.dataplane.ServerAddress;
import io.footbridge.dataplane.SocketsSettings;
import io.footbridge.nat.Filtering;
import io.footbridge.proxy.Proxy;
import io.footbridge.wire.IpAddress;
import io.footbridge.wire.Ipv4Address;
import java.io.IOException;
import java.util.HashMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What lies beyond the networks: their uplinks, routes, published ports and static addresses, and the host's routes to
 * them. Keeps the engine in step with what is wanted. Guarded by the service's lock.
 *
 * <p>What a person asks for is done at once or refused. What a file declares, and what was once done and then lost its link,
 * waits until it can be: {@link #lookAfter()} tries again, and says what is in the way once.
 */
final class Outside {
    private static final Logger LOG = LoggerFactory.getLogger(Outside.class);
    /** Rounds of looking after it that an uplink waits whose probe found its address in use: each probe takes a second. */
    private static final int PAUSE_AFTER_CONFLICT = 15;
    /** Rounds in which the endpoints that a file declares come, before one that is not there is worth a word. */
    private static final int ROUNDS_FOR_ENDPOINTS = 1;

    private final Engine engine;
    private final Uplinks uplinks;
    private final Publications publications = new Publications();
    private final StaticAddresses staticAddresses = new StaticAddresses();
    private final HostRoutes hostRoutes;
    private final Registry registry;
    private final RelayedPublications relays;
    /** Null until a network goes by the host's sockets. */
    private HostPublications byHost;
    private final Map<String, String> said = new HashMap<>();
    private int rounds;

    Outside(Registry registry, Engine engine, Edge edge, Identifiers identifiers, Supplier<Proxy> proxy) {
        this.registry = registry;
        this.relays = new RelayedPublications(proxy, edge);
        this.engine = engine;
        this.uplinks = new Uplinks(registry, engine, edge, identifiers);
        this.hostRoutes = new HostRoutes(registry, edge);
    }

    Uplinks uplinks() {
        return uplinks;
    }

    StaticAddresses staticAddresses() {
        return staticAddresses;
    }

    /**
     * Gives a network the way out that its settings ask for now, or leaves it with the one that it had.
     *
     * @param atOnce whether an uplink whose link cannot be had now is refused; if not, it waits
     */
    void connect(Network network, boolean atOnce) throws IOException, RefusedException {
        boolean bySockets = network.settings().uplink(NetworkKey.UPLINK) instanceof UplinkRequest.Sockets && network.isRouted();
        if (!bySockets && network.byHost().isPresent()) {
            refuseWhilePublished(network, "the host's sockets");
            network.byHost(Optional.empty());
        }
        if (!bySockets) {
            engine.routeBySockets(network.bridge(), Optional.empty());
        }
        connectToLink(network, atOnce);
        if (bySockets) {
            engine.routeBySockets(network.bridge(), Optional.of(new SocketsSettings(filtering(network.settings().text(
                NetworkKey.FILTERING)), network.settings().isOn(NetworkKey.HOST_LOOPBACK), nameServer(network))));
            if (byHost == null) {
                byHost = new HostPublications(engine, relays.ports());
            }
            network.byHost(Optional.of(byHost));
        }
    }

    private static Optional<ServerAddress> nameServer(Network network) {
        return Optional.ofNullable(network.bridge().tcpDns())
            .map(listener -> new ServerAddress(IpAddress.ofInetAddress(listener.getAddress()), listener.getPort()));
    }

    private void connectToLink(Network network, boolean atOnce) throws IOException, RefusedException {
        Optional<Frames> wanted = network.settings().uplink(NetworkKey.UPLINK) instanceof Frames frames ? Optional.of(frames)
            : Optional.empty();
        Optional<SharedUplink> before = network.uplink();
        if (before.isPresent() && wanted.isPresent() && before.get().ifname().equals(wanted.get().ifname())) {
            Optional<UplinkAddressing> other =
                wanted.get().addressing().filter(addressing -> !addressing.equals(before.get().addressing()));
            if (other.isPresent()) {
                change(before.get(), other.get());
            }
            route(network);
            return;
        }
        if (before.isPresent()) {
            refuseWhileInUse(network, before.get());
        }
        if (wanted.isPresent()) {
            enter(network, wanted.get(), atOnce);
        } else if (before.isPresent()) {
            network.uplink(Optional.empty());
            engine.route(network.bridge(), Optional.empty());
        }
        before.ifPresent(uplink -> uplinks.leave(uplink, network));
        hostRoutes.adjust();
    }

    private void enter(Network network, Frames wanted, boolean atOnce) throws IOException, RefusedException {
        Optional<SharedUplink> before = network.uplink();
        SharedUplink uplink = uplinks.join(network, wanted);
        try {
            if (atOnce && uplink.held().isEmpty()) {
                uplinks.takeUp(uplink);
            }
            network.uplink(Optional.of(uplink));
            if (uplink.isSettled() || uplink.held().isEmpty()) {
                route(network);
            } else {
                bringUp(uplink);
            }
        } catch (IOException | RefusedException | RuntimeException failed) {
            network.uplink(before);
            restoreRoute(network, failed);
            uplinks.leave(uplink, network);
            throw failed;
        }
    }

    /** An uplink goes only when no network has a route by it. */
    private void restoreRoute(Network network, Exception failed) {
        try {
            route(network);
        } catch (RefusedException | RuntimeException again) {
            failed.addSuppressed(again);
            engine.route(network.bridge(), Optional.empty());
        }
    }

    private void change(SharedUplink uplink, UplinkAddressing wanted) throws IOException, RefusedException {
        Optional<Held> before = uplink.held();
        try {
            uplinks.change(uplink, wanted);
        } catch (IOException | RefusedException | RuntimeException failed) {
            bringUpAgain(uplink, before);
            throw failed;
        }
        bringUpAgain(uplink, before);
    }

    private void bringUpAgain(SharedUplink uplink, Optional<Held> before) throws RefusedException {
        if (!before.map(Held::uplink).equals(uplink.held().map(Held::uplink))) {
            forget(uplink);
        }
        if (uplink.held().isPresent()) {
            bringUp(uplink);
        }
    }

    private static void refuseWhileInUse(Network network, SharedUplink uplink) throws RefusedException {
        refuseWhilePublished(network, "uplink " + uplink.ifname());
        Optional<AttachedEndpoint> holder =
            network.endpoints().values().stream().filter(endpoint -> StaticAddresses.of(endpoint).isPresent()).findFirst();
        if (holder.isPresent()) {
            throw RefusedException.conflict("endpoint " + holder.get().name() + " of network " + network.name()
                + " has a static address of uplink " + uplink.ifname() + "; set its static-nat= to nothing first");
        }
    }

    private static void refuseWhilePublished(Network network, String where) throws RefusedException {
        List<Publication> carried = network.publications().stream().filter(publication -> publication.relayed().isEmpty()).toList();
        if (!carried.isEmpty()) {
            throw RefusedException.conflict("network " + network.name() + " has published ports at " + where + ": "
                + carried.stream().map(publication -> publication.spec().toString()).collect(Collectors.joining(", "))
                + "; unpublish them first");
        }
    }

    /** Takes a network's way out away. */
    void disconnect(Network network) {
        Optional<SharedUplink> uplink = network.uplink();
        network.uplink(Optional.empty());
        if (uplink.isPresent()) {
            engine.route(network.bridge(), Optional.empty());
            uplinks.leave(uplink.get(), network);
        }
    }

    /** Sets the engine's route of a network: none where its uplink's link is not there. */
    private void route(Network network) throws RefusedException {
        Optional<Held> held = network.uplink().flatMap(SharedUplink::held);
        Optional<RouteSettings> route = Optional.empty();
        if (held.isPresent()) {
            List<Ipv4Address> pool = network.settings().addresses(NetworkKey.SNAT);
            for (Ipv4Address address : pool) {
                StaticAddresses.check(NetworkKey.SNAT.label(), address, held.get());
            }
            String mss = network.settings().text(NetworkKey.MSS);
            route = Optional.of(new RouteSettings(held.get().uplink(), network.settings().isOn(NetworkKey.MASQUERADE),
                List.<IpAddress>copyOf(pool), filtering(network.settings().text(NetworkKey.FILTERING)),
                switch (mss) {
                    case "auto" -> RouteSettings.MSS_AUTO;
                    case "off" -> RouteSettings.MSS_OFF;
                    default -> Integer.parseInt(mss);
                }, network.settings().isOn(NetworkKey.WINDOW_CHECK)));
        }
        try {
            engine.route(network.bridge(), route);
        } catch (IllegalArgumentException refused) {
            throw RefusedException.conflict(refused.getMessage());
        }
    }

    private static Filtering filtering(String text) {
        return switch (text) {
            case "endpoint" -> Filtering.ENDPOINT;
            case "address" -> Filtering.ADDRESS;
            default -> Filtering.ADDRESS_AND_PORT;
        };
    }

    /** An endpoint has come: it gets its static address and the ports that the file declares. */
    void attached(Network network, AttachedEndpoint endpoint) throws RefusedException {
        staticAddresses.assign(network, endpoint);
        network.declared().stream().filter(declared -> declared.endpoint().equals(endpoint.name()))
            .forEach(declared -> publishDeclared(network, declared));
        hostRoutes.adjust();
    }

    /** An endpoint's settings have changed: maybe its static address. */
    void changed(Network network, AttachedEndpoint before, AttachedEndpoint endpoint) throws RefusedException {
        if (!StaticAddresses.of(before).equals(StaticAddresses.of(endpoint))) {
            staticAddresses.replace(network, endpoint);
        }
    }

    /** An endpoint goes: to be called while it still has its port. */
    void leaving(Network network, AttachedEndpoint endpoint) {
        publications.removeOf(network, endpoint.name());
        staticAddresses.withdraw(endpoint);
    }

    /** An endpoint has gone. */
    void left() {
        hostRoutes.adjust();
    }

    /** Publishes ports at the host's own addresses, by relays. */
    PublishedView relay(Network network, PublishSpec spec, RelayRequest wanted, AttachedEndpoint endpoint) throws RefusedException {
        Publication publication = relays.publish(network, spec, wanted, endpoint);
        said.remove(name(spec, endpoint.name(), network));
        return new PublishedView(publication.views(network.name()).toList(), Optional.empty());
    }

    /** Publishes ports. */
    PublishedView publish(Network network, PublishSpec spec, AttachedEndpoint endpoint) throws RefusedException {
        Publication publication = publications.publish(network, spec, endpoint);
        said.remove(name(spec, endpoint.name(), network));
        Optional<String> note = network.byHost().isPresent() || hostRoutes.reach(network) ? Optional.empty()
            : Optional.of("the host itself cannot reach this: network "
            + network.name() + " has no interface on the host; attach one with `footbridge attach " + network.name() + " --host IFNAME`");
        return new PublishedView(publication.views(network.name()).toList(), note);
    }

    /** Takes back what was published. */
    void unpublish(Network network, String binding) throws RefusedException {
        publications.unpublish(network, binding);
    }

    /** Looks after what waits, and after links whose own addresses are followed. */
    void lookAfter() {
        rounds = Math.min(rounds + 1, ROUNDS_FOR_ENDPOINTS + 1);
        for (SharedUplink uplink : List.copyOf(uplinks.all())) {
            try {
                if (uplink.held().isPresent()) {
                    if (uplinks.follow(uplink)) {
                        LOG.info("uplink {} is {}, MTU {} now", uplink.ifname(), addresses(uplink),
                            uplink.held().get().settings().mtu());
                    }
                } else if (!uplink.isPausing()) {
                    uplinks.takeUp(uplink);
                    LOG.info("uplink {} is up as {}", uplink.ifname(), addresses(uplink));
                }
                if (uplink.held().isPresent() && !uplink.isSettled() && !uplink.isPausing()) {
                    bringUp(uplink);
                }
                said.remove(uplink.ifname());
            } catch (RefusedException refused) {
                uplink.pause(refused.getMessage().contains("is in use by") ? PAUSE_AFTER_CONFLICT : 0);
                sayOnce(uplink.ifname(), uplinkName(uplink) + " waits: " + refused.getMessage());
            } catch (IOException failed) {
                sayOnce(uplink.ifname(), uplinkName(uplink) + " waits: " + failed.getMessage());
            }
            uplink.users().forEach(this::publishDeclared);
        }
        registry.all().stream().filter(network -> network.byHost().isPresent()
            || network.declared().stream().anyMatch(declared -> declared.relay().isPresent())).forEach(this::publishDeclared);
    }

    private static String uplinkName(SharedUplink uplink) {
        return "uplink " + uplink.ifname() + " of network "
            + uplink.users().stream().map(Network::name).collect(Collectors.joining(", "));
    }

    private static String addresses(SharedUplink uplink) {
        return uplink.held().stream().flatMap(held -> held.prefixes().stream()).map(Object::toString).collect(Collectors.joining(", "));
    }

    private void publishDeclared(Network network) {
        network.declared().forEach(declared -> publishDeclared(network, declared));
    }

    private void publishDeclared(Network network, Declared declared) {
        AttachedEndpoint endpoint = network.endpoints().get(declared.endpoint());
        boolean there = network.publications().stream()
            .anyMatch(publication -> publication.spec().equals(declared.spec()) && publication.endpoint().equals(declared.endpoint()));
        String name = name(declared.spec(), declared.endpoint(), network);
        if (endpoint == null && rounds > ROUNDS_FOR_ENDPOINTS) {
            sayOnce(name, "publish " + declared.spec() + " waits for endpoint " + declared.endpoint() + " of network " + network.name());
        }
        boolean possible = declared.relay().isPresent() || network.byHost().isPresent()
            || network.uplink().flatMap(SharedUplink::held).isPresent();
        if (endpoint == null || there || !possible) {
            return;
        }
        try {
            if (declared.relay().isPresent()) {
                relay(network, declared.spec(), declared.relay().get(), endpoint);
            } else {
                publications.publish(network, declared.spec(), endpoint);
            }
            said.remove(name);
        } catch (RefusedException refused) {
            sayOnce(name, name + " waits: " + refused.getMessage());
        }
    }

    private void sayOnce(String key, String complaint) {
        if (!complaint.equals(said.put(key, complaint))) {
            LOG.warn("{}", complaint);
        }
    }

    /**
     * Gives the engine everything that belongs to an uplink whose link has come, or has become another. What is refused keeps
     * nothing else back; the uplink is settled when nothing is.
     *
     * @throws RefusedException the first refusal
     */
    private void bringUp(SharedUplink uplink) throws RefusedException {
        hostRoutes.adjust();
        List<RefusedException> refused = new ArrayList<>();
        for (Network network : uplink.users()) {
            attempt(refused, () -> route(network));
            for (AttachedEndpoint endpoint : network.endpoints().values()) {
                attempt(refused, () -> staticAddresses.assign(network, endpoint));
            }
            for (Publication publication : network.publications()) {
                attempt(refused, () -> Publications.activate(network, publication));
                sayWhatWaits(uplink, network, publication);
            }
        }
        if (!refused.isEmpty()) {
            throw refused.getFirst();
        }
        uplink.settled();
    }

    /** An address that a person named may be the uplink's no longer, and again later. */
    private void sayWhatWaits(SharedUplink uplink, Network network, Publication publication) {
        String name = name(publication.spec(), publication.endpoint(), network);
        Optional<IpAddress> named = publication.spec().address().filter(address -> !address.isUnspecified());
        if (named.isPresent() && publication.relayed().isEmpty() && !uplink.held().orElseThrow().addresses().contains(named.get())) {
            sayOnce(name, name + " waits: " + named.get() + " is no address of uplink " + uplink.ifname() + " now");
        } else {
            said.remove(name);
        }
    }

    private static String name(PublishSpec spec, String endpoint, Network network) {
        return "publish " + spec + " " + endpoint + " of network " + network.name();
    }

    private interface Step {
        void take() throws RefusedException;
    }

    private static void attempt(List<RefusedException> refused, Step step) {
        try {
            step.take();
        } catch (RefusedException refusal) {
            refused.add(refusal);
        }
    }

    /** Whether a port was an uplink's: then its link is gone, and waited for. */
    boolean lost(Port port) {
        Optional<SharedUplink> uplink = uplinks.ofPort(port);
        uplink.ifPresent(gone -> {
            LOG.warn("link {} of {} is gone; it is taken up again when it is back", gone.ifname(), uplinkName(gone));
            forget(gone);
            uplinks.letGo(gone);
            hostRoutes.adjust();
        });
        return uplink.isPresent();
    }

    private void forget(SharedUplink uplink) {
        staticAddresses.forget(uplink);
        uplink.users().forEach(publications::forgetActive);
    }

    /** Takes every uplink away. */
    void close() {
        uplinks.all().forEach(uplinks::letGo);
        hostRoutes.adjust();
    }
}
