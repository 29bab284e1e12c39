package io.footbridge.tap.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.footbridge.tap.Errno;
import io.footbridge.tap.SystemCallException;
import io.footbridge.tap.TestNamespaces;
import io.footbridge.tap.namespace.InterfaceSysctl;
import io.footbridge.tap.namespace.NetworkNamespace;
import io.footbridge.tap.netlink.LinkSetting.Name;
import io.footbridge.tap.netlink.LinkSetting.State;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AddressNetlinkTest {
    private static final InetAddress LEFT4 = InetAddress.ofLiteral("10.9.0.1");
    private static final InetAddress RIGHT4 = InetAddress.ofLiteral("10.9.0.5");
    private static final InetAddress LEFT6 = InetAddress.ofLiteral("fd09::1");
    private static final InetAddress RIGHT6 = InetAddress.ofLiteral("fd09::5");

    private TestNamespaces namespaces;
    private NetworkNamespace left;
    private NetworkNamespace right;
    private String rightName;
    private RouteNetlink leftNetlink;
    private RouteNetlink rightNetlink;
    private Link leftLink;
    private Link rightLink;

    @BeforeEach
    void begin() throws IOException {
        TestNamespaces.assumeCapable();
        namespaces = new TestNamespaces();
        left = NetworkNamespace.open(TestNamespaces.path(namespaces.create()));
        rightName = namespaces.create();
        right = NetworkNamespace.open(TestNamespaces.path(rightName));
        leftNetlink = RouteNetlink.in(left);
        rightNetlink = RouteNetlink.in(right);
        leftLink = leftNetlink.createVeth(List.of(new Name("fb0"), new State(true)),
                right, List.of(new Name("eth0")));
        rightLink = rightNetlink.link("eth0").orElseThrow();
        rightNetlink.setLink(rightLink.index(), new State(true));
    }

    @AfterEach
    void end() {
        if (namespaces != null) {
            leftNetlink.close();
            rightNetlink.close();
            left.close();
            right.close();
            namespaces.close();
        }
    }

    @Test
    void addressesAreUsableAtOnceInBothFamilies() throws IOException {
        configureBothEnds();
        assertThat(namespaces.exec(rightName, "ping", "-c1", "-W2", "10.9.0.1").succeeded()).isTrue();
        assertThat(namespaces.exec(rightName, "ping", "-6", "-c1", "-W2", "fd09::1").succeeded()).isTrue();
        assertThat(rightNetlink.addresses(rightLink.index()))
                .filteredOn(address -> address.address().equals(RIGHT4)).singleElement()
                .satisfies(address -> {
                    assertThat(address.prefixLength()).isEqualTo(24);
                    assertThat(address.flags()).contains(AddressFlag.PERMANENT);
                    assertThat(address.scope()).isZero();
                    assertThat(address).hasToString("10.9.0.5/24");
                });
        assertThat(rightNetlink.addresses(rightLink.index()))
                .filteredOn(address -> address.address().equals(RIGHT6)).singleElement()
                .satisfies(address -> assertThat(address.flags())
                        .contains(AddressFlag.NODAD).doesNotContain(AddressFlag.TENTATIVE));
        assertThat(namespaces.run(rightName, "ip", "address", "show", "eth0")).contains("brd 10.9.0.255");
    }

    @Test
    void anAddressIsRemovedAndItsAbsenceIsAnError() throws IOException {
        rightNetlink.addAddress(rightLink.index(), RIGHT4, 24);
        rightNetlink.removeAddress(rightLink.index(), RIGHT4, 24);
        assertThat(rightNetlink.addresses(rightLink.index())).extracting(InterfaceAddress::address)
                .doesNotContain(RIGHT4);
        assertThatThrownBy(() -> rightNetlink.removeAddress(rightLink.index(), RIGHT4, 24))
                .isInstanceOf(SystemCallException.class)
                .hasMessageStartingWith("remove address 10.9.0.5/24 from interface " + rightLink.index()
                        + " in namespace /run/netns/" + rightName + ": Cannot assign requested address");
    }

    @Test
    void anAddressThatIsThereIsRefused() throws IOException {
        rightNetlink.addAddress(rightLink.index(), RIGHT4, 24);
        assertThatThrownBy(() -> rightNetlink.addAddress(rightLink.index(), RIGHT4, 24))
                .isInstanceOfSatisfying(SystemCallException.class, e -> assertThat(e.is(Errno.EEXIST)).isTrue())
                .hasMessageStartingWith("add address 10.9.0.5/24 to interface " + rightLink.index());
        assertThatThrownBy(() -> rightNetlink.addAddress(rightLink.index(), RIGHT4, 33))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> rightNetlink.addAddress(4711, RIGHT4, 24))
                .isInstanceOfSatisfying(SystemCallException.class, e -> assertThat(e.is(Errno.ENODEV)).isTrue());
        assertThatThrownBy(() -> rightNetlink.addresses(4711))
                .isInstanceOfSatisfying(SystemCallException.class, e -> assertThat(e.is(Errno.ENODEV)).isTrue());
    }

    @Test
    void anAddressWhereIpv6IsOffSaysHowToTurnItOn() throws IOException {
        InterfaceSysctl.ipv6("eth0", "disable_ipv6").write(right, "1");
        assertThatThrownBy(() -> rightNetlink.addAddress(rightLink.index(), RIGHT6, 64, AddressFlag.NODAD))
                .isInstanceOf(SystemCallException.class)
                .hasMessageContaining("Permission denied; the kernel says: ").hasMessageContaining("IPv6 is disabled on this device")
                .hasMessageStartingWith("add address fd09::5/64 to interface ")
                .hasMessageEndingWith("set net.ipv6.conf.*.disable_ipv6=0 there first");
    }

    @Test
    void anAddressComesWithoutItsRouteWhereAsked() throws IOException {
        rightNetlink.addAddress(rightLink.index(), RIGHT4, 24, AddressFlag.NOPREFIXROUTE);
        assertThat(rightNetlink.routes()).noneMatch(route -> !route.destination().isIpv6());
        rightNetlink.addRoute(Route.direct(Prefix.parse("10.9.0.0/24"), rightLink.index()));
        assertThat(rightNetlink.routes()).filteredOn(route -> !route.destination().isIpv6()).singleElement()
                .satisfies(route -> {
                    assertThat(route.destination()).hasToString("10.9.0.0/24");
                    assertThat(route.scope()).isEqualTo(253);
                    assertThat(route.type()).isEqualTo(Route.Type.UNICAST);
                    assertThat(route.gateway()).isEmpty();
                });
    }

    @Test
    void defaultRoutesOfBothFamiliesAreAddedListedAndRemoved() throws IOException {
        configureBothEnds();
        Route via4 = Route.via(Prefix.ALL_IPV4, LEFT4, rightLink.index());
        Route via6 = Route.via(Prefix.ALL_IPV6, LEFT6, rightLink.index()).withMetric(77);
        rightNetlink.addRoute(via4);
        rightNetlink.addRoute(via6);
        assertThat(rightNetlink.routes()).filteredOn(route -> route.destination().isDefault())
                .containsExactlyInAnyOrder(via4, via6);
        leftNetlink.addAddress(leftLink.index(), InetAddress.ofLiteral("192.0.2.1"), 32);
        assertThat(namespaces.exec(rightName, "ping", "-c1", "-W2", "192.0.2.1").succeeded()).isTrue();
        assertThatThrownBy(() -> rightNetlink.addRoute(via4))
                .isInstanceOf(SystemCallException.class)
                .hasMessageStartingWith("add route 0.0.0.0/0 via 10.9.0.1 dev " + rightLink.index()
                        + " in namespace /run/netns/" + rightName + ": File exists");
        rightNetlink.removeRoute(via4);
        rightNetlink.removeRoute(via6);
        assertThat(rightNetlink.routes()).noneMatch(route -> route.destination().isDefault());
        assertThatThrownBy(() -> rightNetlink.removeRoute(via4))
                .isInstanceOfSatisfying(SystemCallException.class, e -> assertThat(e.is(Errno.ESRCH)).isTrue());
    }

    @Test
    void aGatewayOutOfReachIsRefusedUnlessTakenToBeOnTheLink() throws IOException {
        rightNetlink.addAddress(rightLink.index(), RIGHT4, 32);
        Route route = Route.via(Prefix.ALL_IPV4, LEFT4, rightLink.index());
        assertThatThrownBy(() -> rightNetlink.addRoute(route))
                .isInstanceOf(SystemCallException.class)
                .hasMessageContaining("Network is unreachable")
                .hasMessageEndingWith("or ask for an on-link route");
        rightNetlink.addRoute(route.withOnLink());
        assertThat(rightNetlink.routes()).contains(route.withOnLink());
    }

    @Test
    void aRouteCarriesTheSourceThatTheHostsOwnPacketsAreToHave() throws IOException {
        configureBothEnds();
        rightNetlink.addAddress(rightLink.index(), InetAddress.ofLiteral("10.9.0.77"), 24, AddressFlag.NODAD);
        Route route = Route.direct(Prefix.parse("198.51.100.10/32"), rightLink.index())
                .withSource(InetAddress.ofLiteral("10.9.0.77"));
        rightNetlink.addRoute(route);
        assertThat(rightNetlink.routes()).contains(route);
        assertThat(namespaces.run(rightName, "ip", "route", "get", "198.51.100.10"))
                .contains("198.51.100.10 dev eth0 src 10.9.0.77");
        rightNetlink.removeRoute(route);
        assertThat(rightNetlink.routes()).doesNotContain(route);
    }

    @Test
    void aRouteOverALinkThatIsDownSaysSo() throws IOException {
        rightNetlink.setLink(rightLink.index(), new State(false));
        assertThatThrownBy(() -> rightNetlink.addRoute(Route.direct(Prefix.parse("10.9.0.0/24"), rightLink.index())))
                .isInstanceOf(SystemCallException.class).hasMessageEndingWith("set the interface up first");
    }

    @Test
    void aRouteOverSeveralLinksIsListedForEach() throws IOException {
        configureBothEnds();
        namespaces.run(rightName, "ip", "route", "add", "198.51.100.0/24",
                "nexthop", "via", "10.9.0.1", "dev", "eth0", "nexthop", "via", "10.9.0.9", "dev", "eth0");
        assertThat(rightNetlink.routes())
                .filteredOn(route -> route.destination().toString().equals("198.51.100.0/24"))
                .extracting(route -> route.gateway().orElseThrow().getHostAddress())
                .containsExactly("10.9.0.1", "10.9.0.9");
    }

    @Test
    void aGatewayOfTheOtherFamilyAndARouteWithoutALinkAreListed() throws IOException {
        configureBothEnds();
        namespaces.run(rightName, "ip", "route", "add", "203.0.113.0/24", "via", "inet6", "fd09::1", "dev", "eth0");
        namespaces.run(rightName, "ip", "route", "add", "blackhole", "192.0.2.0/24");
        assertThat(rightNetlink.routes())
                .anySatisfy(route -> assertThat(route.gateway()).contains(LEFT6))
                .anySatisfy(route -> assertThat(route.type()).isEqualTo(Route.Type.BLACKHOLE));
    }

    @Test
    void aNewNamespaceHasNoRoutes() throws IOException {
        try (NetworkNamespace own = NetworkNamespace.createPrivate(); RouteNetlink netlink = RouteNetlink.in(own)) {
            assertThat(netlink.routes()).isEmpty();
        }
    }

    private void configureBothEnds() throws IOException {
        leftNetlink.addAddress(leftLink.index(), LEFT4, 24, AddressFlag.NODAD);
        leftNetlink.addAddress(leftLink.index(), LEFT6, 64, AddressFlag.NODAD);
        rightNetlink.addAddress(rightLink.index(), RIGHT4, 24, AddressFlag.NODAD);
        rightNetlink.addAddress(rightLink.index(), RIGHT6, 64, AddressFlag.NODAD);
    }
}
