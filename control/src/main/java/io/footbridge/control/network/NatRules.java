package io.footbridge.control.network;

import io.footbridge.control.model.NetworkKey;
import io.footbridge.control.model.PortRange;
import io.footbridge.control.model.RefusedException;
import io.footbridge.control.network.NatRuleView.Chain;
import io.footbridge.control.network.NatRuleView.Target;
import io.footbridge.control.network.Publication.Active;
import io.footbridge.control.network.StaticAddresses.Assigned;
import io.footbridge.dataplane.PortForward;
import io.footbridge.dataplane.Route;
import io.footbridge.dataplane.SocketsRoute;
import io.footbridge.nat.NatRule;
import io.footbridge.wire.IpAddress;
import io.footbridge.wire.IpPrefix;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv4Prefix;
import io.footbridge.wire.Ipv6Prefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The rules that the engine has of networks' routes and published ports. Guarded by the service's lock. */
final class NatRules {
    private final Registry registry;
    private final StaticAddresses staticAddresses;

    NatRules(Registry registry, StaticAddresses staticAddresses) {
        this.registry = registry;
        this.staticAddresses = staticAddresses;
    }

    List<NatRuleView> list(Optional<String> name) throws RefusedException {
        List<NatRuleView> rules = new ArrayList<>();
        for (Network network : registry.select(name)) {
            for (Publication publication : network.publications()) {
                publication.active().forEach(active -> rules.add(published(network, publication, active)));
            }
            network.endpoints().values().forEach(endpoint -> staticAddresses.assigned(endpoint)
                .ifPresent(assigned -> rules.add(inwards(network, assigned))));
        }
        for (Network network : registry.select(name)) {
            network.endpoints().values().forEach(endpoint -> staticAddresses.assigned(endpoint)
                .ifPresent(assigned -> rules.add(outwards(network, assigned))));
            network.bridge().sockets().filter(_ -> network.settings().isOn(NetworkKey.MASQUERADE))
                .ifPresent(route -> network.pools().forEach(pool -> rules.add(leaving(network, route, pool.subnet()))));
            network.bridge().route().filter(route -> route.settings().masquerade())
                .ifPresent(route -> network.pools().forEach(pool -> rules.add(leaving(network, route, pool.subnet()))));
        }
        return rules;
    }

    private static NatRuleView published(Network network, Publication publication, Active active) {
        PortForward forward = active.port().forward();
        Optional<IpAddress> inside4 = forward.ipv4().map(IpAddress.class::cast);
        Optional<IpAddress> inside6 = forward.ipv6().map(IpAddress.class::cast);
        IpAddress inside = active.ipv4() ? inside4.or(() -> inside6).orElseThrow() : inside6.or(() -> inside4).orElseThrow();
        PortRange inner = new PortRange(forward.containerPort(), forward.containerPort() + forward.count() - 1);
        NatRule rule = active.port().rule();
        return new NatRuleView(Chain.PREROUTING, Target.DNAT, network.name(), rule.packets(), rule.bytes(),
            Optional.of(publication.spec().protocol()), Optional.empty(), any(active.ipv4()),
            forward.address().filter(address -> !address.isUnspecified()).map(NatRules::host).orElse(any(active.ipv4())),
            Optional.of(new PortRange(forward.firstPort(), forward.firstPort() + forward.count() - 1)),
            Optional.of(Binding.shown(inside) + ":" + inner));
    }

    private static NatRuleView inwards(Network network, Assigned assigned) {
        NatRule rule = assigned.assignment().inwards();
        return new NatRuleView(Chain.PREROUTING, Target.DNAT, network.name(), rule.packets(), rule.bytes(), Optional.empty(),
            Optional.empty(), any(true), host(assigned.outside()), Optional.empty(), Optional.of(assigned.inside().toString()));
    }

    private static NatRuleView outwards(Network network, Assigned assigned) {
        NatRule rule = assigned.assignment().outwards();
        return new NatRuleView(Chain.POSTROUTING, Target.SNAT, network.name(), rule.packets(), rule.bytes(), Optional.empty(),
            Optional.of(assigned.uplink().ifname()), host(assigned.inside()), any(true), Optional.empty(),
            Optional.of(assigned.outside().toString()));
    }

    private static IpPrefix host(IpAddress address) {
        return IpPrefix.of(address, address.bits());
    }

    private static NatRuleView leaving(Network network, Route route, IpPrefix subnet) {
        List<Ipv4Address> pool = subnet.isIpv4() ? network.settings().addresses(NetworkKey.SNAT) : List.of();
        NatRule rule = route.rule(!subnet.isIpv4());
        return new NatRuleView(Chain.POSTROUTING, pool.isEmpty() ? Target.MASQUERADE : Target.SNAT, network.name(),
            rule.packets(), rule.bytes(), Optional.empty(), Optional.of(route.settings().uplink().name()), subnet,
            any(subnet.isIpv4()), Optional.empty(),
            pool.isEmpty() ? Optional.empty() : Optional.of(network.settings().text(NetworkKey.SNAT)));
    }

    private static NatRuleView leaving(Network network, SocketsRoute route, IpPrefix subnet) {
        NatRule rule = route.rule(!subnet.isIpv4());
        return new NatRuleView(Chain.POSTROUTING, Target.MASQUERADE, network.name(), rule.packets(), rule.bytes(), Optional.empty(),
            Optional.empty(), subnet, any(subnet.isIpv4()), Optional.empty(), Optional.empty());
    }

    private static IpPrefix any(boolean ipv4) {
        return ipv4 ? Ipv4Prefix.ANY : Ipv6Prefix.ANY;
    }
}
