package io.footbridge.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.tap.TestNamespaces;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Published ports: who reaches what, and whom the container sees. */
class PublishIT {
    private TestNamespaces namespaces;
    private TestServers servers;
    private TestDaemon daemon;
    private String outside;
    private String db;

    @BeforeEach
    void start() {
        TestNamespaces.assumeCapable();
        namespaces = new TestNamespaces();
        servers = new TestServers();
        daemon = TestDaemon.start(namespaces);
        outside = TestLan.make(namespaces, daemon.host());
        daemon.must("network", "create", "web", "--subnet", "10.9.0.0/24", "--subnet6", "fd09::/64", "--uplink", TestLan.UPLINK);
        db = daemon.container("web", "db");
        daemon.awaitPing(db, TestLan.WORLD6);
        servers.web(db, 80);
        servers.echo(db, 7);
    }

    @AfterEach
    void stop() throws IOException {
        if (daemon != null) {
            servers.close();
            daemon.close();
            namespaces.close();
        }
    }

    /** What a web server says of its client; empty where none is reached. */
    private Optional<String> page(String from, String url) {
        TestNamespaces.Result result = namespaces.exec(from, "curl", "-gsS", "-m2", url);
        return result.succeeded() ? Optional.of(result.output().strip()) : Optional.empty();
    }

    private void assertRefused(String expected, String... command) {
        TestDaemon.Result result = daemon.footbridge(command);
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.output()).isEmpty();
        assertThat(result.errors()).startsWith("footbridge: " + expected).hasLineCount(1);
    }

    @Test
    void the_container_sees_who_comes_from_outside_and_unpublished_ports_are_closed() {
        TestDaemon.Result published = daemon.footbridge("publish", "web", "8080:80", "db");
        assertThat(published.output()).isEqualTo("80/tcp -> 0.0.0.0:8080\n80/tcp -> [::]:8080\n");
        assertThat(published.errors()).startsWith("footbridge: the host itself cannot reach this: network web has no interface on the host")
            .hasLineCount(1);
        assertThat(daemon.must("ports")).isEqualTo("NETWORK   NAME      PORTS\n"
            + "web       db        0.0.0.0:8080->80/tcp, [::]:8080->80/tcp\n");
        assertThat(page(outside, "http://198.51.100.10:8080/")).contains("198.51.100.20");
        assertThat(page(outside, "http://[2001:db8::10]:8080/")).contains("2001:db8::20");
        assertThat(page(outside, "http://198.51.100.10:80/")).isEmpty();
        assertThat(page(outside, "http://198.51.100.10:8081/")).isEmpty();
        daemon.must("unpublish", "web", "8080:80");
        assertThat(page(outside, "http://198.51.100.10:8080/")).isEmpty();
        assertThat(daemon.must("ports").lines()).hasSize(1);
    }

    @Test
    void hairpin_reaches_it_from_its_own_network_from_another_and_from_itself() {
        daemon.must("network", "create", "other", "--subnet", "10.13.0.0/24", "--uplink", "frames:up0");
        String other = daemon.container("other", "c");
        String neighbour = daemon.container("web", "neighbour");
        daemon.awaitPing(other, TestLan.WORLD);
        daemon.awaitPing(neighbour, TestLan.WORLD);
        daemon.must("publish", "web", "8080:80", "db");
        assertThat(page(other, "http://198.51.100.10:8080/")).as("another network").contains(TestLan.ADDRESS);
        assertThat(page(neighbour, "http://198.51.100.10:8080/")).as("its own network").contains(TestLan.ADDRESS);
        assertThat(page(neighbour, "http://[2001:db8::10]:8080/")).as("its own network").contains(TestLan.ADDRESS6);
        assertThat(page(db, "http://198.51.100.10:8080/")).as("itself").contains(TestLan.ADDRESS);
        assertThat(page(other, "http://198.51.100.10:8081/")).as("a port that is not published").isEmpty();
    }

    @Test
    void the_host_reaches_it_over_an_interface_of_its_own_and_only_then() {
        String host = daemon.host();
        daemon.must("publish", "web", "8080:80", "db");
        assertThat(page(host, "http://198.51.100.10:8080/")).isEmpty();
        daemon.must("attach", "web", "--host", "fbr0", "--name", "host");
        assertThat(namespaces.run(host, "ip", "route")).contains("198.51.100.10 dev fbr0 scope link src 10.9.0.1");
        assertThat(namespaces.run(host, "ip", "-6", "route")).contains("2001:db8::10 dev fbr0 src fd09::1");
        TestNamespaces.await("the page", () -> page(host, "http://198.51.100.10:8080/").isPresent());
        assertThat(page(host, "http://198.51.100.10:8080/")).contains(TestLan.ADDRESS);
        assertThat(page(host, "http://[2001:db8::10]:8080/")).contains(TestLan.ADDRESS6);
        assertThat(daemon.footbridge("publish", "web", "8081:80", "db").errors()).isEmpty();
        daemon.must("detach", "web", "host");
        assertThat(namespaces.run(host, "ip", "route")).doesNotContain("198.51.100.10");
        assertThat(page(host, "http://198.51.100.10:8080/")).isEmpty();
    }

    @Test
    void counters_of_rules_count_flows_and_not_packets() {
        daemon.must("publish", "web", "8080:80", "db");
        for (int i = 0; i < 3; i++) {
            assertThat(page(outside, "http://198.51.100.10:8080/")).isPresent();
        }
        assertThat(page(outside, "http://[2001:db8::10]:8080/")).isPresent();
        // The pings that waited for the link are one flow of ICMPv6 each.
        long before = masqueraded("10.9.0.0/24");
        servers.web(outside, 80);
        assertThat(page(db, "http://198.51.100.20/")).isPresent();
        assertThat(page(db, "http://198.51.100.20/")).isPresent();
        String rules = daemon.must("nat", "list", "web");
        assertThat(rules).contains(
            "    3   180 DNAT       6    --  *      *       0.0.0.0/0            0.0.0.0/0            tcp dpt:8080 to:10.9.0.2:80\n",
            "    1    80 DNAT       6    --  *      *       ::/0                 ::/0                 tcp dpt:8080 to:[fd09::2]:80\n");
        assertThat(masqueraded("10.9.0.0/24") - before).isEqualTo(2);
        assertThat(daemon.must("nat", "list", "--json")).contains(
            "{\"chain\":\"PREROUTING\",\"target\":\"DNAT\",\"network\":\"web\",\"packets\":3,"
            + "\"bytes\":180,\"protocol\":\"tcp\",\"source\":\"0.0.0.0/0\",\"destination\":\"0.0.0.0/0\",\"destinationPorts\":\"8080\","
            + "\"to\":\"10.9.0.2:80\"}");
    }

    private long masqueraded(String subnet) {
        String line = daemon.must("nat", "list", "web").lines()
            .filter(rule -> rule.contains("MASQUERADE  0    --  *      up0     " + subnet)).findFirst().orElseThrow();
        return Long.parseLong(line.strip().split(" +")[0]);
    }

    @Test
    void what_is_taken_or_cannot_be_is_refused_in_dockers_words() {
        daemon.container("web", "second");
        daemon.must("publish", "web", "8080:80", "db");
        assertRefused("Bind for 0.0.0.0:8080 failed: port is already allocated", "publish", "web", "8080:81", "second");
        assertRefused("Bind for 198.51.100.10:8080 failed: port is already allocated", "publish", "web", "198.51.100.10:8080:81", "second");
        assertRefused("Bind for [2001:db8::10]:8080 failed: port is already allocated", "publish", "web", "[2001:db8::10]:8080:81",
            "second");
        assertRefused("Bind for 198.51.100.99:8081 failed: cannot assign requested address; uplink up0 has 198.51.100.10 and "
            + "2001:db8::10", "publish", "web", "198.51.100.99:8081:81", "second");
        assertRefused("invalid ranges specified for container and host Ports: 80-82 and 8000-8003", "publish", "web", "8000-8003:80-82",
            "db");
        assertRefused("endpoint nosuch not found in network web", "publish", "web", "80", "nosuch");
        assertRefused("network nosuch not found", "publish", "nosuch", "80", "db");
        assertThat(daemon.must("publish", "bridge", "8079:80", daemonsOwn())).contains("80/tcp -> 0.0.0.0:8079");
        daemon.must("unpublish", "bridge", "8079:80");
        assertRefused("Error: No public port '9:9/tcp' published for web", "unpublish", "web", "9:9");
        assertThat(daemon.must("publish", "web", "8080:81/udp", "second")).contains("81/udp -> 0.0.0.0:8080");
    }

    private String daemonsOwn() {
        daemon.container("bridge", "c");
        return "c";
    }

    @Test
    void ports_that_are_not_named_are_given_upwards_and_ranges_lead_one_to_one() {
        String range = namespaces.run(daemon.host(), "cat", "/proc/sys/net/ipv4/ip_local_port_range").strip().split("\\s+")[0];
        assertThat(daemon.must("publish", "web", "0.0.0.0::80", "db")).isEqualTo("80/tcp -> 0.0.0.0:" + range + "\n");
        assertThat(page(outside, "http://198.51.100.10:" + range + "/")).contains("198.51.100.20");
        assertThat(page(outside, "http://[2001:db8::10]:" + range + "/")).as("published for IPv4 alone").isEmpty();
        assertThat(daemon.must("publish", "web", "[::]:9000-9010:80", "db")).isEqualTo("80/tcp -> [::]:9000\n");
        assertThat(page(outside, "http://[2001:db8::10]:9000/")).contains("2001:db8::20");
        daemon.must("publish", "web", "8000-8003:78-81", "db");
        assertThat(page(outside, "http://198.51.100.10:8002/")).contains("198.51.100.20");
        assertThat(page(outside, "http://198.51.100.10:8001/")).isEmpty();
        assertThat(daemon.must("ports")).contains("0.0.0.0:8000-8003->78-81/tcp");
        assertRefused("8002:80/tcp is a part of 8000-8003:78-81/tcp; unpublish that", "unpublish", "web", "8002:80");
        daemon.must("unpublish", "web", "8000-8003:78-81");
        daemon.must("unpublish", "web", "80/tcp -> 0.0.0.0:" + range);
        daemon.must("unpublish", "web", "[::]:9000->80/tcp");
        assertThat(daemon.must("ports").lines()).hasSize(1);
    }

    @Test
    void datagrams_go_to_whoever_has_the_port_from_the_moment_that_its_holder_is_gone() throws IOException {
        String second = daemon.container("web", "second");
        daemon.awaitPing(second, TestLan.WORLD);
        servers.echo(second, 7);
        daemon.must("publish", "web", "53:7/udp", "db");
        try (DatagramChannel client = TestServers.in(outside, () -> DatagramChannel.open().bind(new InetSocketAddress(5353)))) {
            client.connect(new InetSocketAddress("198.51.100.10", 53));
            assertThat(ask(client, "one")).isEqualTo("one from 198.51.100.20 5353");
            assertThat(daemon.must("conntrack", "list", "web")).containsPattern("udp      17 [0-9]+ src=198.51.100.20 dst=198.51.100.10 "
                + "sport=5353 dport=53 src=10.9.0.2 dst=198.51.100.20 sport=7 dport=5353 ");
            daemon.must("detach", "web", "db");
            assertThat(daemon.must("conntrack", "list", "web")).doesNotContain("sport=5353");
            assertThat(daemon.must("ports").lines()).as("its bindings went with it").hasSize(1);
            daemon.must("publish", "web", "53:7/udp", "second");
            // The same source and the same port: a flow that were left would lead to where nobody is.
            assertThat(ask(client, "two")).isEqualTo("two from 198.51.100.20 5353");
        }
    }

    private static String ask(DatagramChannel client, String text) throws IOException {
        client.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
        client.configureBlocking(false);
        ByteBuffer answer = ByteBuffer.allocate(256);
        TestNamespaces.await("an answer to " + text, Duration.ofSeconds(3), () -> client.read(answer) > 0);
        client.configureBlocking(true);
        return StandardCharsets.UTF_8.decode(answer.flip()).toString();
    }

    @ParameterizedTest
    @CsvSource({"198.51.100.20, 198.51.100.10", "2001:db8::20, 2001:db8::10"})
    void streams_come_in_whole(String world, String address) {
        daemon.must("publish", "web", "5201:5201", "db");
        for (String direction : new String[] {"", "-R"}) {
            TestNamespaces.Background server = namespaces.start(db, "iperf3", "-s", "-1", "--forceflush");
            server.awaitText("Server listening");
            String[] command = direction.isEmpty() ? new String[] {"iperf3", "-c", address, "-n", "64M"}
                : new String[] {"iperf3", "-c", address, "-n", "64M", direction};
            assertThat(namespaces.run(outside, command)).contains("iperf Done");
            assertThat(server.awaitEnd(TestNamespaces.LIMIT).output()).contains(world);
        }
    }
}
