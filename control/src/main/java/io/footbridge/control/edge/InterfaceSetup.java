package io.footbridge.control.edge;

import io.footbridge.tap.Errno;
import io.footbridge.tap.SystemCallException;
import io.footbridge.tap.namespace.InterfaceSysctl;
import io.footbridge.tap.namespace.NetworkNamespace;
import io.footbridge.tap.netlink.AddressFlag;
import io.footbridge.tap.netlink.Link;
import io.footbridge.tap.netlink.LinkSetting.State;
import io.footbridge.tap.netlink.Prefix;
import io.footbridge.tap.netlink.Route;
import io.footbridge.tap.netlink.RouteNetlink;
import io.footbridge.wire.IpAddress;
import io.footbridge.wire.IpPrefix;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Sets an interface up that has just come into a namespace. The netlink socket lives only as long as this: one left open
 * would keep the namespace alive.
 */
final class InterfaceSetup implements AutoCloseable {
    private final NetworkNamespace namespace;
    private final RouteNetlink netlink;
    private final Link link;

    InterfaceSetup(NetworkNamespace namespace, String ifname) throws IOException {
        this.namespace = namespace;
        this.netlink = RouteNetlink.in(namespace);
        try {
            Optional<Link> found = netlink.link(ifname);
            this.link = found.orElseThrow(() -> gone(ifname));
        } catch (IOException failed) {
            netlink.close();
            throw failed;
        }
    }

    /** No addresses or routes by router advertisement; ours are enough. IPv6 on where we have such an address. */
    void kernelSettings(List<IpPrefix> addresses) throws IOException {
        boolean ipv6 = addresses.stream().anyMatch(address -> !address.isIpv4());
        namespace.<Void, SystemCallException>call(() -> {
            InterfaceSysctl.ipv6(link.name(), "accept_ra").writeIfPresent("0");
            if (ipv6) {
                InterfaceSysctl.ipv6(link.name(), "disable_ipv6").writeIfPresent("0");
            }
            return null;
        });
    }

    /** Without waiting for duplicate address detection: we give addresses out, so there is no duplicate. */
    void addresses(List<IpPrefix> addresses) throws IOException {
        for (IpPrefix address : addresses) {
            netlink.addAddress(link.index(), address.asAddress().toInetAddress(), address.length(), AddressFlag.NODAD);
        }
    }

    /** Loopback and the interface. */
    void up() throws IOException {
        Optional<Link> loopback = netlink.link("lo");
        if (loopback.isPresent() && !loopback.get().up()) {
            netlink.setLink(loopback.get().index(), new State(true));
        }
        interfaceUp();
    }

    /** The interface alone. */
    void interfaceUp() throws IOException {
        netlink.setLink(link.index(), new State(true));
    }

    /** Default routes by these, each where its family has none. */
    void defaultRoutes(List<IpAddress> routers) throws IOException {
        if (routers.isEmpty()) {
            return;
        }
        List<Route> existing = netlink.routes();
        for (IpAddress router : routers) {
            Prefix all = router.isIpv4() ? Prefix.ALL_IPV4 : Prefix.ALL_IPV6;
            if (existing.stream().noneMatch(route -> route.destination().equals(all))) {
                netlink.addRoute(Route.via(all, router.toInetAddress(), link.index()));
            }
        }
    }

    private SystemCallException gone(String ifname) {
        return new SystemCallException("look for interface " + ifname + " in namespace " + namespace, Errno.ENODEV.number(),
            "it was removed while it was set up");
    }

    @Override
    public void close() {
        netlink.close();
    }
}
