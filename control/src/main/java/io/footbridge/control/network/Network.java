package io.footbridge.control.network;

import io.footbridge.control.model.AddressPool;
import io.footbridge.control.model.EndpointKey;
import io.footbridge.control.model.EndpointTarget;
import io.footbridge.control.model.NetworkKey;
import io.footbridge.control.model.NetworkSpec;
import io.footbridge.control.model.PublishSpec;
import io.footbridge.control.model.RefusedException;
import io.footbridge.control.model.RelayRequest;
import io.footbridge.control.model.Settings;
import io.footbridge.dataplane.Bridge;
import io.footbridge.dataplane.BridgeSettings;
import io.footbridge.dataplane.GatewaySettings;
import io.footbridge.dataplane.PortRole;
import io.footbridge.dataplane.PortSettings;
import io.footbridge.dataplane.SourceAddresses;
import io.footbridge.wire.IpAddress;
import io.footbridge.wire.IpPrefix;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv4Prefix;
import io.footbridge.wire.Ipv6Address;
import io.footbridge.wire.Ipv6Prefix;
import io.footbridge.wire.MacAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A network: its addresses and endpoints, and what its settings mean to the engine. Guarded by the service's lock.
 */
final class Network {
    private final String id;
    private final Instant created;
    private final NetworkSpec spec;
    private final List<AddressPool> pools = new ArrayList<>();
    private final List<IpPrefix> gateways = new ArrayList<>();
    private final Map<String, AttachedEndpoint> endpoints = new TreeMap<>();
    private final List<Publication> publications = new ArrayList<>();
    private final List<Declared> declared = new ArrayList<>();
    private final Bridge bridge;
    private final long gatewayMac;
    private final boolean isServed;
    private Settings<NetworkKey> settings;
    private Optional<SharedUplink> uplink = Optional.empty();
    private Optional<HostPublications> byHost = Optional.empty();

    /**
     * Ports that are to be published whenever their endpoint and the uplink are there.
     *
     * @param spec which
     * @param endpoint the endpoint's name
     * @param relay whether by a relay, which needs no uplink
     */
    record Declared(PublishSpec spec, String endpoint, Optional<RelayRequest> relay) {
    }

    /** Makes the engine's bridge, too. */
    interface BridgeMaker {
        Bridge make(String name, BridgeSettings settings, Optional<GatewaySettings> gateway) throws java.io.IOException;
    }

    Network(String id, Instant created, NetworkSpec spec, Optional<Ipv4Prefix> subnet, long otherMac, boolean isServed,
        BridgeMaker maker)
        throws RefusedException, java.io.IOException {
        this.id = id;
        this.isServed = isServed;
        this.created = created;
        this.spec = spec;
        this.settings = spec.settings();
        if (subnet.isPresent()) {
            addSubnet(subnet.get(), spec.gateway().<IpAddress>map(address -> address).orElse(subnet.get().firstHost()));
        }
        if (spec.subnet6().isPresent()) {
            addSubnet(spec.subnet6().get(), spec.subnet6().get().firstHost());
        }
        this.gatewayMac = gatewayIpv4().map(gateway -> MacAddress.ofIpv4(gateway.address())).orElse(otherMac);
        this.bridge = maker.make(spec.name(), bridgeSettings(settings), gatewaySettings(settings));
    }

    private void addSubnet(IpPrefix subnet, IpAddress gateway) throws RefusedException {
        AddressPool pool = new AddressPool(subnet);
        pool.take(gateway);
        pools.add(pool);
        gateways.add(IpPrefix.of(gateway, subnet.length()));
    }

    String name() {
        return spec.name();
    }

    int mtu() {
        return spec.mtu();
    }

    Bridge bridge() {
        return bridge;
    }

    long gatewayMac() {
        return gatewayMac;
    }

    Settings<NetworkKey> settings() {
        return settings;
    }

    /** The gateway's addresses with their subnets' lengths; none where the network is L2 only. */
    List<IpPrefix> gateways() {
        return gateways;
    }

    List<AddressPool> pools() {
        return pools;
    }

    Map<String, AttachedEndpoint> endpoints() {
        return endpoints;
    }

    /** What is published of its endpoints, in the order in which it was. */
    List<Publication> publications() {
        return publications;
    }

    /** What is to be published of them. */
    List<Declared> declared() {
        return declared;
    }

    /** The uplink that it shares, if its way out is one of frames; its link may not be there. */
    Optional<SharedUplink> uplink() {
        return uplink;
    }

    void uplink(Optional<SharedUplink> changed) {
        uplink = changed;
    }

    /** Where its ports are published, if its way out is the host's sockets. */
    Optional<HostPublications> byHost() {
        return byHost;
    }

    void byHost(Optional<HostPublications> changed) {
        byHost = changed;
    }

    boolean hasGateway() {
        return !gateways.isEmpty();
    }

    /** Whether its containers may have a way out: it has a gateway and is not internal. */
    boolean isRouted() {
        return hasGateway() && !settings.isOn(NetworkKey.INTERNAL);
    }

    /** Next hops of the containers' default routes. */
    List<IpAddress> routers() {
        return !isRouted() ? List.of() : gateways.stream().map(IpPrefix::asAddress).toList();
    }

    AttachedEndpoint endpoint(String endpointName) throws RefusedException {
        AttachedEndpoint endpoint = endpoints.get(endpointName);
        if (endpoint == null) {
            throw RefusedException.notFound("endpoint " + endpointName + " not found in network " + name());
        }
        return endpoint;
    }

    /** Takes new settings over, for the bridge, the gateway and every port; if one of them refuses, none has them. */
    void settings(Settings<NetworkKey> changed) {
        Settings<NetworkKey> before = settings;
        try {
            apply(changed);
        } catch (RuntimeException failed) {
            try {
                apply(before);
            } catch (RuntimeException again) {
                failed.addSuppressed(again);
            }
            throw failed;
        }
    }

    private void apply(Settings<NetworkKey> wanted) {
        bridge.settings(bridgeSettings(wanted));
        bridge.gateway(gatewaySettings(wanted));
        endpoints.values().forEach(endpoint -> endpoint.port().settings(portSettings(endpoint, wanted)));
        settings = wanted;
    }

    PortSettings portSettings(AttachedEndpoint endpoint) {
        return portSettings(endpoint, settings);
    }

    private PortSettings portSettings(AttachedEndpoint endpoint, Settings<NetworkKey> ofNetwork) {
        return portSettings(endpoint.target(), endpoint.mac(), endpoint.mtu(), endpoint.addresses(), endpoint.settings(), ofNetwork);
    }

    /** What an endpoint's port is to do. */
    PortSettings portSettings(EndpointTarget target, long mac, int mtu, List<IpPrefix> addresses, Settings<EndpointKey> of) {
        return portSettings(target, mac, mtu, addresses, of, settings);
    }

    private PortSettings portSettings(EndpointTarget target, long mac, int mtu, List<IpPrefix> addresses, Settings<EndpointKey> of,
        Settings<NetworkKey> ofNetwork) {
        PortRole role = switch (target) {
            case EndpointTarget.HostInterface _ -> PortRole.HOST;
            case EndpointTarget.HostLink _ -> PortRole.LINK;
            default -> PortRole.CONTAINER;
        };
        boolean isolated = of.isOn(EndpointKey.ISOLATED) || role == PortRole.CONTAINER && !ofNetwork.isOn(NetworkKey.ICC);
        boolean checked = target.isContainer() && !of.text(EndpointKey.SOURCE_CHECK).equals("off");
        return new PortSettings(role, mtu, of.isOn(EndpointKey.HAIRPIN), isolated, of.number(EndpointKey.FDB_LIMIT),
            ofNetwork.number(NetworkKey.STORM), of.number(EndpointKey.FLOWS), of.number(EndpointKey.PORTS),
            checked ? Optional.of(source(mac, addresses)) : Optional.empty());
    }

    private SourceAddresses source(long mac, List<IpPrefix> addresses) {
        if (!hasGateway()) {
            return SourceAddresses.ofMac(mac);
        }
        List<Ipv4Address> ipv4 = new ArrayList<>();
        List<Ipv6Address> ipv6 = new ArrayList<>();
        for (IpPrefix prefix : addresses) {
            switch (prefix.asAddress()) {
                case Ipv4Address address -> ipv4.add(address);
                case Ipv6Address address -> ipv6.add(address);
            }
        }
        return new SourceAddresses(mac, ipv4, ipv6);
    }

    private static BridgeSettings bridgeSettings(Settings<NetworkKey> of) {
        return new BridgeSettings(Duration.ofSeconds(of.number(NetworkKey.AGEING)), of.number(NetworkKey.FDB_LIMIT),
            of.text(NetworkKey.VLAN).equals("aware"));
    }

    private Optional<GatewaySettings> gatewaySettings(Settings<NetworkKey> of) {
        if (!hasGateway()) {
            return Optional.empty();
        }
        boolean forwards = !of.isOn(NetworkKey.INTERNAL) && !of.text(NetworkKey.UPLINK).equals("none");
        return Optional.of(new GatewaySettings(gatewayMac, gatewayIpv4(), gatewayIpv6(), spec.mtu(), forwards, isServed));
    }

    private Optional<Ipv4Prefix> gatewayIpv4() {
        return gatewayStream().filter(Ipv4Prefix.class::isInstance).map(Ipv4Prefix.class::cast).findFirst();
    }

    private Optional<Ipv6Prefix> gatewayIpv6() {
        return gatewayStream().filter(Ipv6Prefix.class::isInstance).map(Ipv6Prefix.class::cast).findFirst();
    }

    private Stream<IpPrefix> gatewayStream() {
        return gateways.stream();
    }

    NetworkView view() {
        return new NetworkView(id, name(), created, gatewayIpv4(), gatewayIpv6(), spec.mtu(), settings,
            endpoints.values().stream().map(this::view).toList());
    }

    EndpointView view(AttachedEndpoint endpoint) {
        return new EndpointView(endpoint.id(), endpoint.name(), endpoint.aliases(), endpoint.ifname(), endpoint.mac(), endpoint.addresses(),
            gateways.stream().map(IpPrefix::asAddress).toList(), endpoint.mtu(), endpoint.settings());
    }
}
