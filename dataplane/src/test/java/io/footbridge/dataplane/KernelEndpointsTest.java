package io.footbridge.dataplane;

import static io.footbridge.tap.TestNamespaces.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.tap.Endpoint;
import io.footbridge.tap.PacketSocketEndpoint;
import io.footbridge.tap.Reception;
import io.footbridge.tap.TapEndpoint;
import io.footbridge.tap.TestNamespaces;
import io.footbridge.tap.namespace.NetworkNamespace;
import io.footbridge.tap.netlink.Link;
import io.footbridge.tap.netlink.LinkSetting;
import io.footbridge.tap.netlink.RouteNetlink;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.agrona.concurrent.SystemNanoClock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Real kernels behind the ports: a TAP in one namespace, a veth in another, both with a source check. */
@Timeout(120)
class KernelEndpointsTest {
    private final List<Port> lost = new CopyOnWriteArrayList<>();
    private TestNamespaces namespaces;
    private NetworkNamespace own;
    private Engine engine;
    private Bridge bridge;
    private String tap;
    private String veth;

    @BeforeEach
    void begin() throws IOException {
        TestNamespaces.assumeCapable();
        namespaces = new TestNamespaces();
        own = NetworkNamespace.createPrivate();
        engine = Engine.start(new EngineSettings(2, false, SystemNanoClock.INSTANCE, 42));
        engine.onLost(lost::add);
        bridge = engine.addBridge("net", BridgeSettings.DEFAULT, Optional.of(new GatewaySettings(
                TestBridge.GATEWAY_MAC, Optional.of(TestBridge.GATEWAY_IPV4), Optional.of(TestBridge.GATEWAY_IPV6), 1500,
                false)));
        tap = namespaces.create();
        engine.addPort(bridge, "tap", tapIn(tap), TestBridge.checked(0));
        configure(tap, 0);
        veth = namespaces.create();
        engine.addPort(bridge, "veth", vethIn(veth), TestBridge.checked(1));
        configure(veth, 1);
    }

    @AfterEach
    void end() {
        if (engine != null) {
            engine.close();
        }
        if (own != null) {
            own.close();
        }
        if (namespaces != null) {
            namespaces.close();
        }
    }

    private Endpoint tapIn(String name) throws IOException {
        try (RouteNetlink netlink = RouteNetlink.in(own);
                NetworkNamespace target = NetworkNamespace.open(TestNamespaces.path(name))) {
            TapEndpoint endpoint = own.call(() -> TapEndpoint.create("fbt0"));
            int index = netlink.link("fbt0").orElseThrow().index();
            netlink.moveLink(index, target, List.of(new LinkSetting.Name("eth0"), new LinkSetting.Mac(TestBridge.mac(0))));
            return endpoint;
        }
    }

    private Endpoint vethIn(String name) throws IOException {
        try (RouteNetlink netlink = RouteNetlink.in(own);
                NetworkNamespace target = NetworkNamespace.open(TestNamespaces.path(name))) {
            Link link = netlink.createVeth(List.of(new LinkSetting.Name("fbt1"), new LinkSetting.State(true)), target,
                    List.of(new LinkSetting.Name("eth0"), new LinkSetting.Mac(TestBridge.mac(1))));
            return own.call(() -> PacketSocketEndpoint.open(link.index(), "fbt1", new Reception.Promiscuous()));
        }
    }

    private void configure(String name, int number) {
        namespaces.run(name, "ip", "link", "set", "eth0", "up");
        namespaces.run(name, "ip", "addr", "add", "10.0.2." + (10 + number) + "/24", "dev", "eth0");
        namespaces.run(name, "ip", "addr", "add", "fd00::" + Integer.toHexString(10 + number) + "/64", "dev", "eth0", "nodad");
        namespaces.run(name, "ip", "route", "add", "default", "via", "10.0.2.1");
        namespaces.run(name, "ip", "-6", "route", "add", "default", "via", "fd00::1");
    }

    private String ping(String name, String... arguments) {
        String[] command = new String[arguments.length + 5];
        System.arraycopy(new String[] {"ping", "-n", "-c1", "-W5", "-i0.2"}, 0, command, 0, 5);
        System.arraycopy(arguments, 0, command, 5, arguments.length);
        return namespaces.exec(name, command).output();
    }

    @Test
    void containersReachEachOtherAndTheGatewayAndNothingElse() {
        for (String from : List.of(tap, veth)) {
            String other = from.equals(tap) ? "11" : "10";
            assertThat(ping(from, "10.0.2." + other)).contains(" 0% packet loss");
            assertThat(ping(from, "-s", "8000", "10.0.2." + other)).as("in fragments").contains(" 0% packet loss");
            assertThat(ping(from, "fd00::" + (from.equals(tap) ? "b" : "a"))).contains(" 0% packet loss");
            for (String size : List.of("0", "1", "1472", "1473", "9001")) {
                assertThat(ping(from, "-s", size, "10.0.2.1")).as(size).contains(" 0% packet loss");
                assertThat(ping(from, "-s", size, "fd00::1")).as(size).contains(" 0% packet loss");
            }
            assertThat(ping(from, "-R", "10.0.2.1")).contains(" 0% packet loss");
            assertThat(ping(from, "fe80::42:aff:fe00:201%eth0")).contains(" 0% packet loss");
            assertThat(ping(from, "192.0.2.1")).contains("From 10.0.2.1").contains("Net Unreachable");
            assertThat(ping(from, "2001:db8::1")).contains("From fd00::1").contains("No route");
        }
        assertThat(bridge.neighbours()).hasSizeGreaterThanOrEqualTo(4);
        assertThat(lost).isEmpty();
    }

    @Test
    void aRouterAdvertisementTeachesThePrefixAndNeitherAddressNorRoute() {
        namespaces.run(tap, "sysctl", "-qw", "net.ipv6.conf.eth0.accept_ra=1");
        namespaces.run(tap, "ip", "link", "set", "eth0", "down");
        namespaces.run(tap, "ip", "link", "set", "eth0", "up");
        await("the on-link prefix, which expires", () -> namespaces.run(tap, "ip", "-6", "route", "show", "fd00::/64")
                .contains("expires"));
        assertThat(namespaces.run(tap, "ip", "-6", "route", "show", "default", "proto", "ra")).isEmpty();
        assertThat(namespaces.run(tap, "ip", "-6", "addr", "show", "dev", "eth0", "scope", "global", "dynamic")).isEmpty();
    }

    @Test
    void aNamespaceThatEndsIsALossTold() {
        List<Port> ports = bridge.ports();
        namespaces.delete(tap);
        await("the TAP to be lost", () -> lost.contains(ports.get(0)));
        namespaces.delete(veth);
        await("the veth to be lost", () -> lost.contains(ports.get(1)));
        assertThat(lost).containsExactlyElementsOf(ports);
        ports.forEach(engine::removePort);
        assertThat(bridge.ports()).isEmpty();
    }

    @Test
    void aLinkThatIsOnlyDownComesBack() {
        for (String name : List.of(tap, veth)) {
            namespaces.run(name, "ip", "link", "set", "eth0", "down");
        }
        for (String name : List.of(tap, veth)) {
            namespaces.run(name, "ip", "link", "set", "eth0", "up");
        }
        await("an answer to the TAP", () -> ping(tap, "10.0.2.1").contains(" 0% packet loss"));
        await("an answer to the veth", () -> ping(veth, "10.0.2.1").contains(" 0% packet loss"));
        assertThat(lost).isEmpty();
    }
}
