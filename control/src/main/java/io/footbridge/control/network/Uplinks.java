package io.footbridge.control.network;

import io.footbridge.control.edge.Attachment;
import io.footbridge.control.edge.Edge;
import io.footbridge.control.edge.LinkConfiguration;
import io.footbridge.control.model.AddressPool;
import io.footbridge.control.model.RefusedException;
import io.footbridge.control.model.UplinkAddressing;
import io.footbridge.control.model.UplinkRequest.Frames;
import io.footbridge.control.network.SharedUplink.Held;
import io.footbridge.dataplane.AddressInUseException;
import io.footbridge.dataplane.Engine;
import io.footbridge.dataplane.Port;
import io.footbridge.dataplane.Uplink;
import io.footbridge.dataplane.UplinkSettings;
import io.footbridge.wire.IpPrefix;
import io.footbridge.wire.MacAddress;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The uplinks of frames that networks name, by their links: makes them, changes them and lets them go. Guarded by the service's lock. */
final class Uplinks {
    private final Map<String, SharedUplink> all = new TreeMap<>();
    private final Registry registry;
    private final Engine engine;
    private final Edge edge;
    private final Identifiers identifiers;

    Uplinks(Registry registry, Engine engine, Edge edge, Identifiers identifiers) {
        this.registry = registry;
        this.engine = engine;
        this.edge = edge;
        this.identifiers = identifiers;
    }

    Collection<SharedUplink> all() {
        return all.values();
    }

    /** The subnets on uplinks' links. */
    List<IpPrefix> prefixes() {
        return all.values().stream().flatMap(uplink -> uplink.held().stream()).flatMap(held -> held.prefixes().stream()).toList();
    }

    /** The uplink that a port of the engine belongs to. */
    Optional<SharedUplink> ofPort(Port port) {
        return all.values().stream().filter(uplink -> uplink.held().filter(held -> held.uplink().port() == port).isPresent()).findFirst();
    }

    /** Adds a network to those that share an uplink; the first of them says what it is. */
    SharedUplink join(Network network, Frames wanted) throws IOException, RefusedException {
        SharedUplink uplink = all.get(wanted.ifname());
        if (uplink == null) {
            UplinkAddressing addressing = wanted.addressing().orElseThrow(() -> RefusedException.invalid("uplink " + wanted.ifname()
                + " is not there yet; give its address: frames:" + wanted.ifname() + ",addr=CIDR, or addr=auto for the link's own"));
            uplink = new SharedUplink(wanted.ifname(), addressing, new PortAllocator(edge.ephemeralPorts()));
            all.put(wanted.ifname(), uplink);
        } else if (wanted.addressing().filter(uplink.addressing()::equals).isEmpty() && wanted.addressing().isPresent()) {
            throw contradiction(uplink);
        }
        uplink.users().add(network);
        return uplink;
    }

    private static RefusedException contradiction(SharedUplink uplink) {
        return RefusedException.conflict("uplink " + uplink.ifname() + " is " + uplink.addressing() + " already, for network "
            + uplink.users().stream().map(Network::name).collect(Collectors.joining(", ")) + "; name it frames:" + uplink.ifname()
            + " alone, or with the same options");
    }

    /** Takes a network from those that share an uplink; with the last one it goes. */
    void leave(SharedUplink uplink, Network network) {
        uplink.users().remove(network);
        if (uplink.users().isEmpty()) {
            letGo(uplink);
            all.remove(uplink.ifname());
        }
    }

    /** Takes the link and gives it to the engine. */
    void takeUp(SharedUplink uplink) throws IOException, RefusedException {
        UplinkAddressing wanted = uplink.addressing();
        LinkConfiguration configuration = wanted.isAutomatic() ? edge.linkConfiguration(uplink.ifname())
            : new LinkConfiguration(wanted.ipv4(), wanted.ipv6(), wanted.gateway4(), wanted.gateway6());
        if (configuration.ipv4().isEmpty() && configuration.ipv6().isEmpty() && wanted.ipv6().isEmpty()) {
            throw RefusedException.conflict("link " + uplink.ifname() + " has no address that addr=auto could take; give addr=CIDR");
        }
        long mac = wanted.mac().orElseGet(() -> configuration.ipv4().map(address -> MacAddress.ofIpv4(address.address()))
            .orElseGet(identifiers::mac));
        Attachment device = edge.attachUplink(uplink.ifname(), mac, wanted.isAutomatic());
        try {
            UplinkSettings settings = settings(wanted, configuration, mac, device.mtu());
            refuseOverlap(uplink, settings);
            Uplink made = engine.addUplink(uplink.ifname(), settings, device.endpoint());
            uplink.held(Optional.of(new Held(made, device, settings)));
        } catch (AddressInUseException inUse) {
            device.discard();
            throw new RefusedException(RefusedException.Kind.CONFLICT,
                inUse.getMessage().replaceFirst(" is in use", " on " + uplink.ifname() + " is in use"), inUse);
        } catch (IllegalArgumentException refused) {
            device.discard();
            throw RefusedException.conflict(refused.getMessage());
        } catch (IOException | RefusedException | RuntimeException failed) {
            device.discard();
            throw failed;
        }
    }

    private void refuseOverlap(SharedUplink uplink, UplinkSettings settings) throws RefusedException {
        for (IpPrefix prefix : SharedUplink.prefixes(settings)) {
            for (Network network : registry.all()) {
                for (AddressPool pool : network.pools()) {
                    if (pool.subnet().overlaps(prefix)) {
                        throw RefusedException.conflict("the subnet of " + prefix + " on link " + uplink.ifname() + " overlaps network "
                            + network.name() + "'s " + pool.subnet());
                    }
                }
            }
        }
    }

    private static UplinkSettings settings(UplinkAddressing wanted, LinkConfiguration configuration, long mac, int mtu)
        throws RefusedException {
        UplinkAddressing complete;
        try {
            complete = new UplinkAddressing(wanted.ipv4().or(configuration::ipv4), wanted.ipv6().or(configuration::ipv6),
                wanted.gateway4(), wanted.gateway6(), Optional.of(mac));
        } catch (IllegalArgumentException contradiction) {
            throw RefusedException.conflict(contradiction.getMessage());
        }
        return new UplinkSettings(mac, complete.ipv4(), complete.ipv6(), wanted.gateway4().or(configuration::gateway4),
            wanted.gateway6().or(configuration::gateway6), mtu);
    }

    /** Takes an uplink from the engine and lets its link go. Its networks have no route by it any more. */
    void letGo(SharedUplink uplink) {
        uplink.held().ifPresent(held -> {
            uplink.held(Optional.empty());
            uplink.users().forEach(network -> engine.route(network.bridge(), Optional.empty()));
            engine.removeUplink(held.uplink());
            held.device().release().run();
        });
    }

    /**
     * Makes an uplink something else on its link.
     *
     * @throws RefusedException other networks share it
     */
    void change(SharedUplink uplink, UplinkAddressing wanted) throws IOException, RefusedException {
        if (uplink.users().size() > 1) {
            throw contradiction(uplink);
        }
        UplinkAddressing before = uplink.addressing();
        Optional<Held> held = uplink.held();
        boolean sameStation = held.isPresent() && wanted.isAutomatic() == before.isAutomatic()
            && wanted.mac().orElse(held.get().settings().mac()) == held.get().settings().mac();
        if (sameStation) {
            LinkConfiguration configuration = wanted.isAutomatic() ? configurationNow(uplink, held.get())
                : new LinkConfiguration(wanted.ipv4(), wanted.ipv6(), wanted.gateway4(), wanted.gateway6());
            become(uplink, settings(wanted, configuration, held.get().settings().mac(), held.get().settings().mtu()));
            uplink.addressing(wanted);
            return;
        }
        uplink.addressing(wanted);
        letGo(uplink);
        try {
            takeUp(uplink);
        } catch (IOException | RefusedException | RuntimeException failed) {
            uplink.addressing(before);
            try {
                takeUp(uplink);
            } catch (IOException | RefusedException | RuntimeException again) {
                failed.addSuppressed(again);
            }
            throw failed;
        }
    }

    /** Takes over what has changed of an uplink's link: its MTU, and its addresses where the uplink has them; whether something has. */
    boolean follow(SharedUplink uplink) throws IOException, RefusedException {
        boolean changed = followMtu(uplink);
        return uplink.addressing().isAutomatic() && followAddresses(uplink) || changed;
    }

    private boolean followMtu(SharedUplink uplink) throws IOException, RefusedException {
        UplinkSettings before = uplink.held().orElseThrow().settings();
        int mtu = edge.linkMtu(uplink.ifname()).orElse(before.mtu());
        if (mtu == before.mtu()) {
            return false;
        }
        become(uplink, new UplinkSettings(before.mac(), before.ipv4(), before.ipv6(), before.gateway4(), before.gateway6(), mtu));
        return true;
    }

    private boolean followAddresses(SharedUplink uplink) throws IOException, RefusedException {
        Held held = uplink.held().orElseThrow();
        LinkConfiguration now = configurationNow(uplink, held);
        if (now.ipv4().isEmpty() && now.ipv6().isEmpty()) {
            throw RefusedException.conflict("link " + uplink.ifname() + " has no address any more; the uplink keeps the last");
        }
        UplinkSettings settings = settings(uplink.addressing(), now, held.settings().mac(), held.settings().mtu());
        if (settings.equals(held.settings())) {
            return false;
        }
        become(uplink, settings);
        return true;
    }

    /** IPv6 is off on a link that is held: of it counts what was there before. */
    private LinkConfiguration configurationNow(SharedUplink uplink, Held held) throws IOException, RefusedException {
        LinkConfiguration now = edge.linkConfiguration(uplink.ifname());
        return new LinkConfiguration(now.ipv4(), held.settings().ipv6(), now.gateway4(), held.settings().gateway6());
    }

    private void become(SharedUplink uplink, UplinkSettings settings) throws RefusedException {
        Held held = uplink.held().orElseThrow();
        refuseOverlap(uplink, settings);
        try {
            held.uplink().settings(settings);
        } catch (IllegalArgumentException refused) {
            throw RefusedException.conflict(refused.getMessage());
        }
        uplink.held(Optional.of(new Held(held.uplink(), held.device(), settings)));
    }
}
