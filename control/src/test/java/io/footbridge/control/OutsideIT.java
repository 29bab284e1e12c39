package io.footbridge.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.tap.TestNamespaces;
import io.footbridge.tap.TestNamespaces.Background;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Containers reach the world by an uplink of frames: real clients inside, real servers outside. */
class OutsideIT {
    private static final String NO_BAD_DROPS = "(?s).*(bad-|mtu|egress-|truncated|oversize|runt|source-|no-route).*";

    private static TestNamespaces namespaces;
    private static TestServers servers;
    private static TestDaemon daemon;
    private static String outside;
    private static String client1;
    private static String client2;

    @BeforeAll
    static void start() {
        TestNamespaces.assumeCapable();
        namespaces = new TestNamespaces();
        servers = new TestServers();
        daemon = TestDaemon.start(namespaces);
        outside = TestLan.make(namespaces, daemon.host());
        daemon.must("network", "create", "web", "--subnet", "10.9.0.0/24", "--subnet6", "fd09::/64", "--uplink", TestLan.UPLINK);
        client1 = daemon.container("web", "client1");
        client2 = daemon.container("web", "client2", "--type", "veth");
        servers.web(outside, 80);
        servers.dns(outside, 53);
        servers.echo(outside, 7);
        daemon.awaitPing(client1, TestLan.WORLD6);
        daemon.awaitPing(client2, TestLan.WORLD6);
    }

    @AfterAll
    static void stop() throws IOException {
        if (daemon != null) {
            servers.close();
            daemon.close();
            namespaces.close();
        }
    }

    @Test
    void a_web_server_outside_sees_the_uplinks_address() {
        for (String client : List.of(client1, client2)) {
            assertThat(namespaces.run(client, "curl", "-sS", "-m5", "http://198.51.100.20/")).isEqualTo("198.51.100.10\n");
            assertThat(namespaces.run(client, "curl", "-gsS", "-m5", "http://[2001:db8::20]/")).isEqualTo("2001:db8::10\n");
        }
    }

    @Test
    void names_are_resolved_over_udp() {
        assertThat(namespaces.run(client1, "dig", "+short", "+time=2", "+noedns", "@198.51.100.20", "www.example.test"))
            .isEqualTo("192.0.2.53\n");
    }

    @ParameterizedTest
    @CsvSource({"198.51.100.20, 10.9.0.1", "2001:db8::20, fd09::1"})
    void the_gateway_is_the_first_hop(String world, String gateway) {
        List<String> hops = namespaces.run(client1, "traceroute", "-n", "-q1", "-w2", "-m5", world).lines()
            .filter(line -> line.matches(" *[0-9]+ .*")).map(line -> line.strip().split(" +")[1]).toList();
        assertThat(hops).containsExactly(gateway, world);
        assertThat(namespaces.run(client1, "traceroute", "-I", "-n", "-q1", "-w2", "-m5", world)).contains(" " + gateway + " ");
    }

    @ParameterizedTest
    @ValueSource(strings = {TestLan.WORLD, TestLan.WORLD6})
    void echo_requests_are_answered_in_all_sizes(String world) {
        for (String size : List.of("0", "56", "1400", "4000")) {
            assertThat(namespaces.run(client2, "ping", "-n", "-c3", "-i0.1", "-W2", "-s", size, world)).contains(" 0% packet loss");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {TestLan.WORLD, TestLan.WORLD6})
    void tcp_and_udp_flow_both_ways(String world) {
        for (String client : List.of(client1, client2)) {
            for (List<String> options : List.of(List.of("-n", "64M"), List.of("-n", "64M", "-R"),
                    List.of("-u", "-b", "50M", "-l", "1200", "-n", "4M"), List.of("-u", "-b", "50M", "-l", "1200", "-n", "4M", "-R"))) {
                Background server = namespaces.start(outside, "iperf3", "-s", "-1", "--forceflush");
                server.awaitText("Server listening");
                List<String> command = new ArrayList<>(List.of("iperf3", "-c", world));
                command.addAll(options);
                assertThat(namespaces.run(client, command.toArray(String[]::new))).contains("iperf Done");
            }
        }
        assertThat(daemon.must("stats")).doesNotMatch(NO_BAD_DROPS);
    }

    @Test
    void a_network_without_uplink_and_an_internal_one_reach_nobody_outside() {
        daemon.must("network", "create", "none", "--subnet", "10.10.0.0/24", "--uplink", "none");
        daemon.must("network", "create", "inner", "--subnet", "10.11.0.0/24", "--internal");
        daemon.must("network", "create", "host", "--subnet", "10.12.0.0/24");
        for (String network : List.of("none", "inner", "host")) {
            String container = daemon.container(network, "c");
            assertThat(namespaces.exec(container, "curl", "-sS", "-m2", "http://198.51.100.20/").succeeded()).as(network).isFalse();
            assertThat(namespaces.exec(container, "curl", "-sS", "-m2", "http://198.51.100.10/").succeeded()).as(network).isFalse();
        }
    }

    @Test
    void networks_do_not_reach_each_other_though_they_share_an_uplink() {
        daemon.must("network", "create", "other", "--subnet", "10.13.0.0/24", "--uplink", "frames:up0");
        String other = daemon.container("other", "c");
        daemon.awaitPing(other, TestLan.WORLD);
        daemon.assertNoPing(other, "10.9.0.2");
        daemon.assertNoPing(client1, "10.13.0.2");
        servers.web(client1, 8099);
        assertThat(namespaces.exec(other, "curl", "-sS", "-m2", "http://10.9.0.2:8099/").succeeded()).isFalse();
        namespaces.run(outside, "ip", "route", "add", "10.9.0.0/24", "via", TestLan.ADDRESS);
        daemon.assertNoPing(outside, "10.9.0.2");
        assertThat(namespaces.exec(outside, "curl", "-sS", "-m2", "http://10.9.0.2:8099/").succeeded()).isFalse();
    }

    @Test
    void without_icc_containers_reach_the_world_and_not_each_other() {
        daemon.must("network", "create", "apart", "--subnet", "10.14.0.0/24", "--uplink", "frames:up0", "--no-icc");
        String a = daemon.container("apart", "a");
        daemon.container("apart", "b");
        daemon.awaitPing(a, TestLan.WORLD);
        daemon.assertNoPing(a, "10.14.0.3");
    }

    @Test
    void what_is_not_masqueraded_keeps_its_address_and_a_pool_is_taken_instead_of_the_uplinks() {
        daemon.must("network", "create", "routed", "--subnet", "10.15.0.0/24", "--uplink", "frames:up0", "--no-masquerade");
        String routed = daemon.container("routed", "c");
        namespaces.run(outside, "ip", "route", "add", "10.15.0.0/24", "via", TestLan.ADDRESS);
        daemon.awaitPing(routed, TestLan.WORLD);
        assertThat(namespaces.run(routed, "curl", "-sS", "-m5", "http://198.51.100.20/")).isEqualTo("10.15.0.2\n");
        daemon.must("network", "set", "routed", "masquerade=on", "snat=198.51.100.40-198.51.100.41");
        assertThat(namespaces.run(routed, "curl", "-sS", "-m5", "http://198.51.100.20/")).containsPattern("^198\\.51\\.100\\.4[01]\n$");
        assertThat(daemon.must("nat", "list", "routed"))
            .contains("SNAT       0    --  *      up0     10.15.0.0/24         0.0.0.0/0            to:198.51.100.40-198.51.100.41");
        TestDaemon.Result refused = daemon.footbridge("network", "set", "routed", "snat=203.0.113.7");
        assertThat(refused.errors()).isEqualTo("footbridge: network routed: snat: 203.0.113.7 cannot be a host's address in the uplink's "
            + "subnet 198.51.100.0/24\n");
        assertThat(namespaces.run(routed, "curl", "-sS", "-m5", "http://198.51.100.20/")).contains("198.51.100.4");
    }

    @Test
    void an_address_of_its_own_serves_a_container_both_ways() {
        daemon.must("network", "create", "static", "--subnet", "10.16.0.0/24", "--uplink", "frames:up0");
        String container = daemon.container("static", "c", "-o", "static-nat=198.51.100.50");
        daemon.awaitPing(container, TestLan.WORLD);
        assertThat(namespaces.run(container, "curl", "-sS", "-m5", "http://198.51.100.20/")).isEqualTo("198.51.100.50\n");
        servers.web(container, 8016);
        assertThat(namespaces.run(outside, "curl", "-sS", "-m5", "http://198.51.100.50:8016/")).isEqualTo("198.51.100.20\n");
        assertThat(daemon.must("nat", "list", "static")).containsPattern(
            "    1    60 DNAT       0    --  \\*      \\*       0.0.0.0/0            198.51.100.50        to:10.16.0.2\n").containsPattern(
            "SNAT       0    --  \\*      up0     10.16.0.2            0.0.0.0/0            to:198.51.100.50\n");
        assertThat(daemon.footbridge("port", "set", "static", "c", "static-nat=198.51.100.10").errors())
            .contains("198.51.100.10 is the uplink's own address, which all share").hasLineCount(1);
        namespaces.run(outside, "ip", "addr", "add", "198.51.100.60/24", "dev", "eth0");
        TestDaemon.Result inUse = daemon.footbridge("port", "set", "static", "c", "static-nat=198.51.100.60");
        assertThat(inUse.errors()).contains("static-nat: address 198.51.100.60 ").contains(" is in use by ").hasLineCount(1);
        assertThat(daemon.must("conntrack", "list", "static")).contains("dst=198.51.100.50 sport=80");
        assertThat(namespaces.run(outside, "curl", "-sS", "-m5", "http://198.51.100.50:8016/")).isEqualTo("198.51.100.20\n");
        daemon.must("port", "set", "static", "c", "static-nat=198.51.100.51");
        assertThat(namespaces.run(container, "curl", "-sS", "-m5", "http://198.51.100.20/")).isEqualTo("198.51.100.51\n");
        assertThat(namespaces.run(outside, "curl", "-sS", "-m5", "http://198.51.100.51:8016/")).isEqualTo("198.51.100.20\n");
        assertThat(namespaces.exec(outside, "curl", "-sS", "-m2", "http://198.51.100.50:8016/").succeeded()).isFalse();
        daemon.must("port", "set", "static", "c", "static-nat=");
        assertThat(namespaces.run(container, "curl", "-sS", "-m5", "http://198.51.100.20/")).isEqualTo("198.51.100.10\n");
        assertThat(namespaces.exec(outside, "curl", "-sS", "-m2", "http://198.51.100.50:8016/").succeeded()).isFalse();
    }

    @Test
    void the_uplink_is_seen_by_its_links_name() {
        assertThat(namespaces.run(client1, "ping", "-n", "-c1", "-W2", TestLan.WORLD)).contains("1 received");
        assertThat(daemon.must("neigh", "up0")).contains("198.51.100.20 dev up0 lladdr ");
        assertThat(daemon.must("stats", "up0")).containsPattern("(?m)^up0 +up0 +[1-9]");
        assertThat(daemon.must("stats")).containsPattern("(?m)^up0 +up0 ").containsPattern("(?m)^web +client1 ");
        assertThat(daemon.footbridge("stats", "up1").errors()).isEqualTo("footbridge: network up1 not found\n");
    }
}
