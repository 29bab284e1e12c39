package io.footbridge.control.network;

import io.footbridge.control.edge.Attachment;
import io.footbridge.control.edge.ContainerInterface;
import io.footbridge.control.edge.Edge;
import io.footbridge.control.edge.HostInterface;
import io.footbridge.control.model.DeviceType;
import io.footbridge.control.model.EndpointKey;
import io.footbridge.control.model.EndpointSpec;
import io.footbridge.control.model.EndpointTarget;
import io.footbridge.control.model.RefusedException;
import io.footbridge.control.model.Settings;
import io.footbridge.dataplane.Engine;
import io.footbridge.dataplane.Port;
import io.footbridge.tap.Endpoint;
import io.footbridge.wire.IpPrefix;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.MacAddress;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Attaches, changes and detaches endpoints. Guarded by the service's lock.
 *
 * <p>An attachment goes through in this order, and is undone in the reverse one: names, addresses, MAC, device, port,
 * neighbours, what it has outside. The device comes after everything that can be judged without it.
 */
final class Endpoints {
    private final Registry registry;
    private final Engine engine;
    private final Edge edge;
    private final Identifiers identifiers;
    private final Outside outside;
    private final Directory directory;

    Endpoints(Registry registry, Engine engine, Edge edge, Identifiers identifiers, Outside outside, Directory directory) {
        this.registry = registry;
        this.engine = engine;
        this.edge = edge;
        this.identifiers = identifiers;
        this.outside = outside;
        this.directory = directory;
    }

    /**
     * Attaches an endpoint.
     *
     * @param opened the TAP, where another program opened it
     */
    AttachedEndpoint attach(Network network, EndpointSpec spec, Optional<Endpoint> opened) throws IOException, RefusedException {
        String name = name(network, spec);
        refuseWhatCannotBe(network, spec);
        try (Undo undo = new Undo()) {
            boolean container = spec.target().isContainer();
            List<IpPrefix> addresses = container ? new AddressClaim(network).take(spec, undo)
                : spec.target() instanceof EndpointTarget.HostInterface ? network.gateways() : List.of();
            long mac = container ? mac(network, spec, addresses) : network.gatewayMac();
            Attachment attachment = device(network, spec, addresses, mac, opened);
            undo.add(attachment.release());
            Port port = engine.addPort(network.bridge(), name, attachment.endpoint(),
                network.portSettings(spec.target(), attachment.mac(), attachment.mtu(), addresses, spec.settings()));
            undo.add(() -> engine.removePort(port));
            if (container) {
                addresses.forEach(address -> network.bridge().addNeighbour(address.asAddress(), mac));
            }
            AttachedEndpoint endpoint = new AttachedEndpoint(identifiers.id(), name, spec.aliases(), spec.target(),
                ifname(spec), addresses, attachment, port, spec.settings());
            network.endpoints().put(name, endpoint);
            undo.add(() -> network.endpoints().remove(name));
            outside.attached(network, endpoint);
            undo.commit();
            directory.update(network);
            return endpoint;
        }
    }

    /** Takes an endpoint's port, device and addresses away. */
    void detach(Network network, AttachedEndpoint endpoint) {
        outside.leaving(network, endpoint);
        remove(endpoint);
        forget(network, endpoint);
        directory.update(network);
        outside.left();
    }

    /** Takes an endpoint's port and device away; for other endpoints at the same time, too. */
    void remove(AttachedEndpoint endpoint) {
        engine.removePort(endpoint.port());
        endpoint.attachment().release().run();
    }

    /** Frees an endpoint's name and addresses. */
    void forget(Network network, AttachedEndpoint endpoint) {
        network.endpoints().remove(endpoint.name());
        if (endpoint.target().isContainer()) {
            endpoint.addresses().forEach(address -> network.bridge().removeNeighbour(address.asAddress()));
            new AddressClaim(network).release(endpoint.addresses());
        }
    }

    /** Changes settings of an endpoint. */
    AttachedEndpoint set(Network network, AttachedEndpoint endpoint, Map<String, String> changes) throws RefusedException {
        Settings<EndpointKey> settings = endpoint.settings();
        try {
            for (Map.Entry<String, String> change : changes.entrySet()) {
                settings = settings.changed(change.getKey(), change.getValue());
            }
        } catch (IllegalArgumentException wrong) {
            throw RefusedException.invalid(wrong.getMessage());
        }
        refuseSourceCheck(endpoint.target(), settings);
        AttachedEndpoint changed = endpoint.with(settings);
        outside.changed(network, endpoint, changed);
        changed.port().settings(network.portSettings(changed));
        network.endpoints().put(changed.name(), changed);
        return changed;
    }

    private String name(Network network, EndpointSpec spec) throws RefusedException {
        if (spec.name().isPresent()) {
            String name = spec.name().get();
            if (network.endpoints().containsKey(name)) {
                throw RefusedException.conflict("endpoint with name " + name + " already exists in network " + network.name());
            }
            return name;
        }
        String name = identifiers.endpointName();
        while (network.endpoints().containsKey(name)) {
            name = identifiers.endpointName();
        }
        return name;
    }

    private void refuseWhatCannotBe(Network network, EndpointSpec spec) throws RefusedException {
        refuseSourceCheck(spec.target(), spec.settings());
        switch (spec.target()) {
            case EndpointTarget.HostInterface _ -> {
                if (!network.hasGateway()) {
                    throw RefusedException.invalid(
                        "network " + network.name() + " has no gateway whose address an interface of the host could hold");
                }
                if (network.endpoints().values().stream().anyMatch(other -> other.target() instanceof EndpointTarget.HostInterface)) {
                    throw RefusedException.conflict("network " + network.name() + " already has an interface on the host");
                }
            }
            case EndpointTarget.HostLink link -> {
                for (Network any : registry.all()) {
                    if (any.endpoints().values().stream().anyMatch(other -> other.target().equals(link))) {
                        throw RefusedException.conflict("link " + link.ifname() + " is already a port of network " + any.name());
                    }
                }
            }
            default -> { }
        }
    }

    private static void refuseSourceCheck(EndpointTarget target, Settings<EndpointKey> settings) throws RefusedException {
        if (settings.text(EndpointKey.SOURCE_CHECK).equals("on") && !target.isContainer()) {
            throw RefusedException.invalid("source-check: needs a container, whose MAC and addresses are known");
        }
    }

    private long mac(Network network, EndpointSpec spec, List<IpPrefix> addresses) throws RefusedException {
        long mac = spec.mac().orElseGet(() -> addresses.stream().map(IpPrefix::asAddress)
            .filter(Ipv4Address.class::isInstance).map(Ipv4Address.class::cast)
            .map(address -> MacAddress.ofIpv4(address.address())).findFirst().orElseGet(identifiers::mac));
        boolean gateways = network.hasGateway() && mac == network.gatewayMac();
        if (gateways || network.endpoints().values().stream().anyMatch(other -> other.mac() == mac)) {
            throw RefusedException.conflict("MAC address already in use: " + MacAddress.format(mac));
        }
        return mac;
    }

    private static String ifname(EndpointSpec spec) {
        return switch (spec.target()) {
            case EndpointTarget.HostInterface(String ifname) -> ifname;
            case EndpointTarget.HostLink(String ifname) -> ifname;
            default -> spec.ifname().orElse(EndpointSpec.DEFAULT_IFNAME);
        };
    }

    private Attachment device(Network network, EndpointSpec spec, List<IpPrefix> addresses, long mac, Optional<Endpoint> opened)
        throws IOException, RefusedException {
        return switch (spec.target()) {
            case EndpointTarget.HostInterface(String ifname) ->
                edge.attachHost(new HostInterface(ifname, mac, network.mtu(), addresses));
            case EndpointTarget.HostLink(String ifname) ->
                edge.attachLink(ifname, spec.settings().text(EndpointKey.ADDRESSES).equals("allow"));
            case EndpointTarget.Descriptor _ ->
                new Attachment(opened.orElseThrow(), mac, network.mtu(), () -> { });
            case EndpointTarget.NamespaceFile _, EndpointTarget.Process _ ->
                edge.attachContainer(new ContainerInterface(spec.target(), spec.type().orElse(DeviceType.TAP), ifname(spec), mac,
                    network.mtu(), addresses, network.routers()));
        };
    }
}
