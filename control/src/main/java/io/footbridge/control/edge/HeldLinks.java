package io.footbridge.control.edge;

import io.footbridge.control.model.RefusedException;
import io.footbridge.tap.PacketSocketEndpoint;
import io.footbridge.tap.Reception;
import io.footbridge.tap.SystemCallException;
import io.footbridge.tap.namespace.NetworkNamespace;
import io.footbridge.tap.netlink.AddressFlag;
import io.footbridge.tap.netlink.InterfaceAddress;
import io.footbridge.tap.netlink.Link;
import io.footbridge.tap.netlink.LinkSetting.State;
import io.footbridge.tap.netlink.Prefix;
import io.footbridge.tap.netlink.Route;
import io.footbridge.tap.netlink.RouteNetlink;
import io.footbridge.wire.IpAddress;
import io.footbridge.wire.IpPrefix;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv4Prefix;
import io.footbridge.wire.Ipv6Address;
import io.footbridge.wire.Ipv6Prefix;
import io.footbridge.wire.MacAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Links of the host that are held as they are: each by one daemon once, with the host's own stack deaf on it. One thread at
 * a time.
 */
final class HeldLinks implements AutoCloseable {
    private static final int SCOPE_UNIVERSE = 0;

    private final NetworkNamespace host;
    private final String ourAlias;
    private final DeafLinks deafLinks;
    private final LinkClaims claims;

    /**
     * Links of a namespace.
     *
     * @param ourAlias how the alias of every interface begins that a daemon of ours made
     * @param records where the originals of settings are kept
     * @param shared the file of claims that daemons share
     */
    HeldLinks(NetworkNamespace host, String ourAlias, Path records, Path shared) throws IOException {
        this.host = host;
        this.ourAlias = ourAlias;
        this.deafLinks = new DeafLinks(host, records);
        this.claims = new LinkClaims(host, shared);
    }

    /**
     * Takes a link.
     *
     * @param withAddresses whether it is taken although it holds addresses
     * @param cure how to take it all the same
     * @param reception which of its frames are received, by the link's own MAC
     */
    Attachment take(String ifname, boolean withAddresses, String cure, Function<Long, Reception> reception)
        throws IOException, RefusedException {
        try (RouteNetlink netlink = RouteNetlink.in(host)) {
            Link link = link(netlink, ifname);
            if (link.alias().startsWith(ourAlias)) {
                throw RefusedException.conflict("link " + ifname
                    + " is an interface of a footbridge network itself: frames would go round without end; take another link");
            }
            if (link.master() != 0) {
                throw RefusedException.conflict("link " + ifname + " is a port of another bridge; release it first: ip link set "
                    + ifname + " nomaster");
            }
            List<InterfaceAddress> addresses = addresses(netlink, link);
            if (!addresses.isEmpty() && !withAddresses) {
                throw RefusedException.conflict("link " + ifname + " has address " + addresses.getFirst()
                    + ", which the host would lose; remove it first, or give " + cure);
            }
            Runnable claim = claims.claim(link.index()).orElseThrow(() -> RefusedException.conflict("link " + ifname
                + " is already a port of another network, maybe another daemon's; detach it there first"));
            try {
                return take(netlink, link, claim, reception.apply(link.mac()));
            } catch (IOException | RuntimeException failed) {
                claim.run();
                throw failed;
            }
        }
    }

    private Attachment take(RouteNetlink netlink, Link link, Runnable claim, Reception reception) throws IOException {
        PacketSocketEndpoint endpoint = host.<PacketSocketEndpoint, SystemCallException>call(
            () -> PacketSocketEndpoint.open(link.index(), link.name(), reception));
        try {
            deafLinks.silence(link);
            netlink.setLink(link.index(), new State(true));
            return new Attachment(endpoint, link.mac(), link.mtu(), () -> {
                deafLinks.restore(link.index());
                claim.run();
            });
        } catch (IOException | RuntimeException failed) {
            endpoint.close();
            deafLinks.restore(link.index());
            throw failed;
        }
    }

    /** Takes a link for an uplink. The socket's membership makes the link receive for a second MAC, or for all. */
    Attachment takeForUplink(String ifname, long mac, boolean withAddresses) throws IOException, RefusedException {
        try (RouteNetlink netlink = RouteNetlink.in(host)) {
            if (link(netlink, ifname).mac() == mac) {
                throw RefusedException.invalid("MAC address " + MacAddress.format(mac) + " is link " + ifname
                    + "'s own; an uplink on it needs another: leave mac= out");
            }
        }
        return take(ifname, withAddresses, "addr=auto", _ -> new Reception.Unicast(mac));
    }

    /** What the host has configured on a link. */
    LinkConfiguration configuration(String ifname) throws IOException, RefusedException {
        try (RouteNetlink netlink = RouteNetlink.in(host)) {
            Link link = link(netlink, ifname);
            List<IpPrefix> addresses = addresses(netlink, link).stream().filter(address -> !address.flags().contains(AddressFlag.SECONDARY)
                && !address.flags().contains(AddressFlag.DADFAILED)).map(HeldLinks::prefix).toList();
            List<Route> defaults = netlink.routes().stream()
                .filter(route -> route.destination().isDefault() && route.index() == link.index())
                .sorted(Comparator.comparingLong(Route::metric)).toList();
            return new LinkConfiguration(first(addresses, Ipv4Prefix.class), first(addresses, Ipv6Prefix.class),
                first(gateways(defaults, Prefix.ALL_IPV4), Ipv4Address.class),
                first(gateways(defaults, Prefix.ALL_IPV6), Ipv6Address.class));
        }
    }

    private static List<IpAddress> gateways(List<Route> routes, Prefix destination) {
        return routes.stream().filter(route -> route.destination().equals(destination)).map(Route::gateway).flatMap(Optional::stream)
            .map(IpAddress::ofInetAddress).toList();
    }

    private static <T> Optional<T> first(List<?> all, Class<T> type) {
        return all.stream().filter(type::isInstance).map(type::cast).findFirst();
    }

    private static IpPrefix prefix(InterfaceAddress address) {
        InetAddress inet = address.address();
        return IpPrefix.of(IpAddress.ofInetAddress(inet), address.prefixLength());
    }

    private static List<InterfaceAddress> addresses(RouteNetlink netlink, Link link) throws IOException {
        return netlink.addresses(link.index()).stream().filter(address -> address.scope() == SCOPE_UNIVERSE).toList();
    }

    private static Link link(RouteNetlink netlink, String ifname) throws IOException, RefusedException {
        return netlink.link(ifname).orElseThrow(() -> RefusedException.notFound("Cannot find device \"" + ifname + "\""));
    }

    /** Puts the settings of all held links back; the links themselves are still held after that. */
    void restoreAll() {
        deafLinks.restoreAll();
    }

    @Override
    public void close() throws IOException {
        deafLinks.restoreAll();
        claims.close();
    }
}
