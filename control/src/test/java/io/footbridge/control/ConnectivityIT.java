package io.footbridge.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.tap.TestNamespaces;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConnectivityIT {
    private static TestNamespaces namespaces;
    private static TestDaemon daemon;

    @BeforeAll
    static void start() {
        TestNamespaces.assumeCapable();
        namespaces = new TestNamespaces();
        daemon = TestDaemon.start(namespaces);
    }

    @AfterAll
    static void stop() {
        if (daemon != null) {
            daemon.close();
            namespaces.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tap", "veth"})
    void containers_reach_each_other_and_their_gateway_over_both_families(String type) {
        String net = "c" + type;
        String subnet = type.equals("tap") ? "10.21.0" : "10.22.0";
        String subnet6 = type.equals("tap") ? "fd21::" : "fd22::";
        daemon.must("network", "create", net, "--subnet", subnet + ".0/24", "--subnet6", subnet6 + "/64");
        String a = daemon.container(net, "a", "--type", type);
        String b = daemon.container(net, "b", "--type", type);
        daemon.awaitPing(a, subnet + ".3");
        daemon.awaitPing(b, subnet + ".2");
        daemon.awaitPing(a, subnet + ".1");
        daemon.awaitPing(a, subnet6 + "3");
        daemon.awaitPing(b, subnet6 + "2");
        daemon.awaitPing(a, subnet6 + "1");
    }

    @Test
    void a_tap_and_a_veth_carry_tcp_to_each_other() {
        daemon.must("network", "create", "mixed", "--subnet", "10.23.0.0/24");
        String tap = daemon.container("mixed", "t", "--type", "tap");
        String veth = daemon.container("mixed", "v", "--type", "veth");
        for (List<String> pair : List.of(List.of(tap, veth, "10.23.0.3"), List.of(veth, tap, "10.23.0.2"))) {
            TestNamespaces.Background server = namespaces.start(pair.get(1), "iperf3", "-s", "-1", "--forceflush");
            server.awaitText("Server listening");
            String report = namespaces.run(pair.get(0), "iperf3", "-c", pair.get(2), "-n", "20M");
            assertThat(report).contains("iperf Done");
        }
        assertThat(daemon.must("stats", "mixed")).doesNotContain("bad-checksum", "egress-refused", "mtu");
    }

    @Test
    void an_attached_namespace_is_ready_to_use() {
        daemon.must("network", "create", "ready", "--subnet", "10.24.0.0/24", "--subnet6", "fd24::/64", "--mtu", "1400");
        String namespace = namespaces.create();
        assertThat(daemon.attach("ready", "db", namespace, "--ip", "10.24.0.9", "--ip6", "fd24::9"))
            .isEqualTo("db eth0 02:42:0a:18:00:09 10.24.0.9/24 fd24::9/64\n");
        assertThat(namespaces.run(namespace, "ip", "-o", "link", "show", "eth0"))
            .contains("mtu 1400", "UP", "02:42:0a:18:00:09");
        assertThat(namespaces.run(namespace, "ip", "-o", "addr", "show", "eth0"))
            .contains("10.24.0.9/24 brd 10.24.0.255", "fd24::9/64").doesNotContain("fd24::9/64 scope global tentative");
        assertThat(namespaces.run(namespace, "ip", "route")).contains("default via 10.24.0.1 dev eth0");
        assertThat(namespaces.run(namespace, "ip", "-6", "route")).contains("default via fd24::1 dev eth0");
        assertThat(namespaces.run(namespace, "cat", "/proc/sys/net/ipv6/conf/eth0/accept_ra")).isEqualTo("0\n");
    }

    @Test
    void a_default_route_is_left_alone_where_one_exists_and_on_an_internal_network_none_is_made() {
        daemon.must("network", "create", "one", "--subnet", "10.25.0.0/24");
        daemon.must("network", "create", "two", "--subnet", "10.26.0.0/24");
        daemon.must("network", "create", "inner", "--subnet", "10.27.0.0/24", "--internal");
        String namespace = daemon.container("one", "c");
        daemon.attach("two", "c", namespace, "--ifname", "eth1");
        assertThat(namespaces.run(namespace, "ip", "route", "show", "default").lines()).hasSize(1);
        String internal = daemon.container("inner", "c");
        assertThat(namespaces.run(internal, "ip", "route", "show", "default")).isEmpty();
        daemon.awaitPing(internal, "10.27.0.1");
    }

    @Test
    void host_and_containers_reach_each_other_through_an_interface_on_the_host() {
        daemon.must("network", "create", "hosted", "--subnet", "10.28.0.0/24", "--subnet6", "fd28::/64");
        String container = daemon.container("hosted", "c");
        assertThat(daemon.must("attach", "hosted", "--host", "fbr0", "--name", "h"))
            .isEqualTo("h fbr0 02:42:0a:1c:00:01 10.28.0.1/24 fd28::1/64\n");
        daemon.awaitPing(daemon.host(), "10.28.0.2");
        daemon.awaitPing(container, "10.28.0.1");
        daemon.awaitPing(daemon.host(), "fd28::2");
        daemon.awaitPing(container, "fd28::1");
        assertThat(namespaces.run(daemon.host(), "ip", "-o", "-6", "addr", "show", "fbr0")).doesNotContain("fe80");
        daemon.must("detach", "hosted", "h");
        assertThat(namespaces.exec(daemon.host(), "ip", "link", "show", "fbr0").succeeded()).isFalse();
        daemon.awaitPing(container, "10.28.0.1");
    }

    @Test
    void networks_are_kept_apart() {
        for (int i = 1; i <= 3; i++) {
            daemon.must("network", "create", "apart" + i, "--subnet", "10.3" + i + ".0.0/24");
        }
        String one = daemon.container("apart1", "c");
        daemon.container("apart2", "c");
        daemon.container("apart3", "c");
        daemon.awaitPing(one, "10.31.0.1");
        daemon.assertNoPing(one, "10.32.0.2");
        daemon.assertNoPing(one, "10.33.0.2");
        assertThat(daemon.must("fdb", "show", "apart2")).doesNotContain("02:42:0a:1f:00:02");
    }

    @Test
    void without_icc_containers_reach_the_gateway_and_not_each_other_until_it_is_set() {
        daemon.must("network", "create", "quiet", "--subnet", "10.34.0.0/24", "--no-icc");
        String a = daemon.container("quiet", "a");
        daemon.container("quiet", "b");
        daemon.awaitPing(a, "10.34.0.1");
        daemon.assertNoPing(a, "10.34.0.3");
        daemon.must("network", "set", "quiet", "icc=on");
        daemon.awaitPing(a, "10.34.0.3");
    }

    @Test
    void a_checked_port_takes_no_other_address_until_it_is_set() {
        daemon.must("network", "create", "strict", "--subnet", "10.35.0.0/24");
        String a = daemon.container("strict", "a");
        String b = daemon.container("strict", "b");
        namespaces.run(a, "ip", "addr", "add", "10.35.0.77/24", "dev", "eth0");
        daemon.awaitPing(b, "10.35.0.2");
        daemon.assertNoPing(b, "10.35.0.77");
        assertThat(daemon.must("stats", "strict")).contains("source-");
        daemon.must("port", "set", "strict", "a", "source-check=off");
        daemon.awaitPing(b, "10.35.0.77");
    }

    @Test
    void a_link_of_the_host_joins_a_network_without_addresses_to_another_bridge() {
        String far = namespaces.create();
        namespaces.run(daemon.host(), "ip", "link", "add", "fbl0", "type", "veth", "peer", "name", "eth0", "netns", far);
        namespaces.run(far, "ip", "addr", "add", "10.50.0.1/24", "dev", "eth0");
        namespaces.run(far, "ip", "link", "set", "eth0", "up");
        daemon.must("network", "create", "plain", "--subnet", "none");
        String near = daemon.container("plain", "near");
        assertThat(namespaces.run(near, "ip", "-4", "addr", "show", "eth0")).isEmpty();
        namespaces.run(near, "ip", "addr", "add", "10.50.0.2/24", "dev", "eth0");
        daemon.must("attach", "plain", "--link", "fbl0", "--name", "out");
        daemon.awaitPing(near, "10.50.0.1");
        assertThat(namespaces.run(daemon.host(), "cat", "/proc/sys/net/ipv6/conf/fbl0/disable_ipv6")).isEqualTo("1\n");
        assertThat(daemon.must("fdb", "show", "plain")).contains(" dev out master plain ");
        daemon.must("detach", "plain", "out");
        assertThat(namespaces.run(daemon.host(), "cat", "/proc/sys/net/ipv6/conf/fbl0/disable_ipv6")).isEqualTo("0\n");
        daemon.assertNoPing(near, "10.50.0.1");
    }

    @Test
    void two_networks_joined_by_links_are_one_bridge() {
        namespaces.run(daemon.host(), "ip", "link", "add", "fbx0", "type", "veth", "peer", "name", "fbx1");
        daemon.must("network", "create", "left", "--subnet", "10.51.0.0/25", "--internal");
        daemon.must("network", "create", "right", "--subnet", "none");
        daemon.must("attach", "left", "--link", "fbx0");
        daemon.must("attach", "right", "--link", "fbx1");
        String a = daemon.container("left", "a");
        String b = daemon.container("right", "b");
        namespaces.run(b, "ip", "addr", "add", "10.51.0.99/25", "dev", "eth0");
        daemon.awaitPing(a, "10.51.0.99");
        daemon.awaitPing(b, "10.51.0.1");
    }

    @Test
    void a_container_on_two_networks_can_route_between_them() {
        daemon.must("network", "create", "north", "--subnet", "10.52.0.0/24", "--internal");
        daemon.must("network", "create", "south", "--subnet", "10.53.0.0/24", "--internal");
        String router = daemon.container("north", "r", "--ip", "10.52.0.10", "-o", "source-check=off");
        daemon.attach("south", "r", router, "--ifname", "eth1", "--ip", "10.53.0.10", "-o", "source-check=off");
        namespaces.run(router, "sysctl", "-qw", "net.ipv4.ip_forward=1");
        String a = daemon.container("north", "a");
        String b = daemon.container("south", "b");
        namespaces.run(a, "ip", "route", "add", "10.53.0.0/24", "via", "10.52.0.10");
        namespaces.run(b, "ip", "route", "add", "10.52.0.0/24", "via", "10.53.0.10");
        daemon.awaitPing(a, "10.53.0.2");
    }

    @Test
    void a_link_with_addresses_is_taken_only_where_that_is_allowed() {
        namespaces.run(daemon.host(), "ip", "link", "add", "fby0", "type", "veth", "peer", "name", "fby1");
        namespaces.run(daemon.host(), "ip", "addr", "add", "10.54.0.1/24", "dev", "fby0");
        daemon.must("network", "create", "busy", "--subnet", "none");
        TestDaemon.Result refused = daemon.footbridge("attach", "busy", "--link", "fby0");
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.errors()).contains("10.54.0.1/24", "addresses=allow").hasLineCount(1);
        daemon.must("attach", "busy", "--link", "fby0", "-o", "addresses=allow");
    }
}
