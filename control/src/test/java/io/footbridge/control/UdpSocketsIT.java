package io.footbridge.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.footbridge.tap.TestNamespaces;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestInstance;

/** UDP and ping of a container by the host's own sockets, on an uplink of sockets, with the world behind the host's link. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class UdpSocketsIT {
    private static final int PATIENCE_MILLIS = 10_000;
    private static final int LONGEST = 65_507;
    private static final String LOOPBACK_ON = "host-loopback=on";

    private TestNamespaces namespaces;
    private TestServers servers;
    private TestDaemon daemon;
    private String host;
    private String world;
    private String client;
    private String name;
    private String address;

    @BeforeAll
    void start() {
        TestNamespaces.assumeCapable();
        namespaces = new TestNamespaces();
        host = namespaces.create();
        world = TestLan.make(namespaces, host);
        namespaces.run(host, "ip", "addr", "add", TestLan.ADDRESS + "/24", "dev", TestLan.LINK);
        namespaces.run(host, "ip", "addr", "add", TestLan.ADDRESS6 + "/64", "dev", TestLan.LINK, "nodad");
        namespaces.run(host, "ip", "link", "set", TestLan.LINK, "up");
        daemon = TestDaemon.prepare(namespaces, host).begin();
        daemon.must("network", "create", "web", "--subnet", "10.9.0.0/24", "--subnet6", "fd09::/64");
    }

    /** A network as new, and a container for which nothing was dropped yet. */
    @BeforeEach
    void attach(TestInfo test) {
        servers = new TestServers();
        daemon.must("network", "set", "web", "filtering=address-port");
        daemon.must("network", "set", "web", "host-loopback=off");
        namespaces.run(host, "sysctl", "-qw", "net.ipv4.ping_group_range=0 2147483647");
        name = "c" + Integer.toHexString(test.getDisplayName().hashCode());
        client = daemon.container("web", name);
        daemon.awaitPing(client, TestLan.WORLD);
        daemon.awaitPing(client, TestLan.WORLD6);
        address = namespaces.run(client, "hostname", "-I").split(" ")[0];
    }

    private boolean isCounted(String drop) {
        return daemon.must("stats", "web").lines().anyMatch(line -> line.contains(name) && line.contains(drop));
    }

    @AfterEach
    void closeServers() throws IOException {
        servers.close();
    }

    @AfterAll
    void stop() {
        if (daemon != null) {
            daemon.close();
            namespaces.close();
        }
    }

    private static DatagramSocket socket(String namespace, int port) throws IOException {
        return socket(namespace, "::", port);
    }

    private static DatagramSocket socket(String namespace, String address, int port) throws IOException {
        DatagramSocket socket = TestServers.in(namespace, () -> new DatagramSocket(new InetSocketAddress(address, port)));
        socket.setSoTimeout(PATIENCE_MILLIS);
        return socket;
    }

    private static void send(DatagramSocket socket, String to, int port, byte[] data) throws IOException {
        socket.send(new DatagramPacket(data, data.length, InetAddress.getByName(to), port));
    }

    private static byte[] receive(DatagramSocket socket) throws IOException {
        DatagramPacket received = new DatagramPacket(new byte[LONGEST + 1], LONGEST + 1);
        socket.receive(received);
        return Arrays.copyOf(received.getData(), received.getLength());
    }

    private static String ask(DatagramSocket socket, String to, int port) throws IOException {
        send(socket, to, port, "hello".getBytes(StandardCharsets.UTF_8));
        return new String(receive(socket), StandardCharsets.UTF_8);
    }

    @Test
    void two_servers_see_one_port_the_containers_own_where_it_is_free() throws IOException {
        for (int port : List.of(7, 8)) {
            servers.echo(world, port);
        }
        for (String[] family : new String[][] {{TestLan.WORLD, TestLan.ADDRESS}, {TestLan.WORLD6, TestLan.ADDRESS6}}) {
            try (DatagramSocket socket = socket(client, 40_000)) {
                assertThat(ask(socket, family[0], 7)).isEqualTo("hello from " + family[1] + " 40000");
                assertThat(ask(socket, family[0], 8)).isEqualTo("hello from " + family[1] + " 40000");
            }
        }
        try (DatagramSocket taken = socket(host, 40_001); DatagramSocket socket = socket(client, 40_001)) {
            String first = ask(socket, TestLan.WORLD, 7);
            assertThat(first).startsWith("hello from " + TestLan.ADDRESS + " ").doesNotEndWith(" " + taken.getLocalPort());
            assertThat(ask(socket, TestLan.WORLD, 8)).isEqualTo(first);
        }
        assertThat(daemon.must("conntrack", "list")).contains("src=" + address + " dst=198.51.100.20 sport=40000 dport=7");
        assertThat(namespaces.run(host, "ss", "-Hun")).isEmpty();
        daemon.must("conntrack", "flush");
        TestNamespaces.await("the sockets go with their flows",
            () -> namespaces.run(host, "ss", "-Huan").lines().noneMatch(line -> line.contains(":4000")));
    }

    @Test
    void strangers_are_let_in_as_the_network_filters() throws IOException {
        servers.echo(world, 7);
        try (DatagramSocket socket = socket(client, 40_000); DatagramSocket stranger = socket(world, TestLan.WORLD, 9)) {
            ask(socket, TestLan.WORLD, 7);
            send(stranger, TestLan.ADDRESS, 40_000, new byte[] {1});
            TestNamespaces.await("the drop is counted", () -> isCounted("unsolicited=1"));
            daemon.must("network", "set", "web", "filtering=address");
            send(stranger, TestLan.ADDRESS, 40_000, new byte[] {2});
            assertThat(receive(socket)).containsExactly(2);
            namespaces.run(world, "ip", "addr", "add", "198.51.100.21/24", "dev", "eth0");
            try (DatagramSocket other = socket(world, "198.51.100.21", 9)) {
                send(other, TestLan.ADDRESS, 40_000, new byte[] {3});
                TestNamespaces.await("the drop is counted", () -> isCounted("unsolicited=2"));
                daemon.must("network", "set", "web", "filtering=endpoint");
                send(other, TestLan.ADDRESS, 40_000, new byte[] {4});
                assertThat(receive(socket)).containsExactly(4);
                send(socket, "198.51.100.21", 9, new byte[] {5});
                assertThat(receive(other)).containsExactly(5);
            }
        }
    }

    @Test
    void datagrams_of_any_length_cross_both_ways() throws IOException {
        Random random = new Random(1);
        try (DatagramSocket server = socket(world, 7); DatagramSocket socket = socket(client, 0)) {
            for (String to : List.of(TestLan.WORLD, TestLan.WORLD6)) {
                for (int length : new int[] {0, 1, 1452, 1453, 1472, 1473, 9000, LONGEST}) {
                    byte[] data = new byte[length];
                    random.nextBytes(data);
                    send(socket, to, 7, data);
                    DatagramPacket asked = new DatagramPacket(new byte[LONGEST + 1], LONGEST + 1);
                    server.receive(asked);
                    server.send(asked);
                    assertThat(asked.getLength()).isEqualTo(length);
                    assertThat(receive(socket)).isEqualTo(data);
                }
            }
        }
        for (String to : List.of(TestLan.WORLD, TestLan.WORLD6)) {
            namespaces.run(client, "ping", "-n", "-c", "2", "-i", "0.1", "-W", "5", "-s", "5000", to);
        }
    }

    @Test
    void what_icmp_says_comes_back_to_who_sent() throws IOException {
        for (String to : List.of(TestLan.WORLD, TestLan.WORLD6)) {
            try (DatagramSocket socket = socket(client, 0)) {
                socket.connect(InetAddress.getByName(to), 9);
                socket.send(new DatagramPacket(new byte[10], 10));
                assertThatThrownBy(() -> receive(socket)).as(to).isInstanceOf(PortUnreachableException.class);
            }
        }
        namespaces.run(world, "ip", "addr", "add", "192.0.2.1/32", "dev", "lo");
        namespaces.run(host, "ip", "route", "add", "192.0.2.0/24", "via", TestLan.WORLD, "mtu", "1300");
        TestNamespaces.Result tooLong = namespaces.exec(client, "ping", "-n", "-M", "do", "-s", "1400", "-c", "2", "-W", "2", "192.0.2.1");
        assertThat(tooLong.output()).contains("From 10.9.0.1 icmp_seq=1 Frag needed and DF set (mtu = 1300)");
        assertThat(namespaces.exec(client, "ping", "-n", "-s", "1400", "-c", "1", "-W", "5", "192.0.2.1").succeeded()).isTrue();
        assertThat(namespaces.exec(client, "ping", "-n", "-c", "1", "-W", "5", "198.51.100.77").output())
            .contains("Destination Host Unreachable");
        assertThat(namespaces.exec(client, "ping", "-n", "-c", "1", "-W", "5", "203.0.113.1").output())
            .contains("From 10.9.0.1 icmp_seq=1 Destination Net Unreachable");
        assertThat(namespaces.run(client, "traceroute", "-n", "-U", "-w2", "-q1", "-m3", TestLan.WORLD))
            .contains("1  10.9.0.1").contains("2  " + TestLan.WORLD);
    }

    @Test
    void the_gateway_leads_to_the_hosts_loopback_where_that_is_open() throws IOException {
        servers.echo(host, 7);
        try (DatagramSocket socket = socket(client, 0)) {
            socket.setSoTimeout(1);
            send(socket, "10.9.0.1", 7, new byte[1]);
            TestNamespaces.await("the drop is counted", () -> isCounted("not-served=1"));
            assertThatThrownBy(() -> receive(socket)).isInstanceOf(SocketTimeoutException.class);
            socket.setSoTimeout(PATIENCE_MILLIS);
            daemon.must("network", "set", "web", LOOPBACK_ON);
            assertThat(ask(socket, "10.9.0.1", 7)).startsWith("hello from 127.0.0.1 ");
            assertThat(ask(socket, "fd09::1", 7)).startsWith("hello from ::1 ");
        }
    }

    @Test
    void ping_says_what_it_lacks_where_the_host_does_not_permit_it() {
        namespaces.run(host, "sysctl", "-qw", "net.ipv4.ping_group_range=1 0");
        for (int i = 0; i < 2; i++) {
            assertThat(namespaces.exec(client, "ping", "-n", "-c", "1", "-W", "5", TestLan.WORLD).output()).contains("Packet filtered");
        }
        assertThat(isCounted("egress-refused=2")).isTrue();
        assertThat(daemon.process().output() + daemon.process().errors()).containsOnlyOnce("ping from containers: ");
    }

    @Test
    void names_are_found() {
        servers.dns(world, 53);
        assertThat(namespaces.run(client, "dig", "+short", "+tries=1", "@" + TestLan.WORLD, "example.org")).isEqualTo("192.0.2.53\n");
        assertThat(namespaces.run(client, "dig", "+short", "+tries=1", "@" + TestLan.WORLD6, "example.org")).isEqualTo("192.0.2.53\n");
    }

    @Test
    void a_published_port_shows_the_container_who_asks_and_answers_as_it_was_asked() throws IOException {
        servers.echo(client, 53);
        namespaces.run(host, "ip", "addr", "add", "198.51.100.11/24", "dev", TestLan.LINK);
        assertThat(daemon.must("publish", "web", "5300:53/udp", name)).contains("53/udp -> 0.0.0.0:5300");
        try (DatagramSocket asker = socket(world, 4000)) {
            assertThat(ask(asker, TestLan.ADDRESS, 5300)).isEqualTo("hello from " + TestLan.WORLD + " 4000");
            assertThat(ask(asker, TestLan.ADDRESS6, 5300)).isEqualTo("hello from " + TestLan.WORLD6 + " 4000");
        }
        for (String asked : List.of("198.51.100.11", TestLan.ADDRESS)) {
            try (DatagramSocket asker = socket(world, TestLan.WORLD, 4001)) {
                // Connected: what comes from another address than was asked is not received.
                asker.connect(InetAddress.getByName(asked), 5300);
                assertThat(ask(asker, asked, 5300)).isEqualTo("hello from " + TestLan.WORLD + " 4001");
            }
        }
        try (DatagramSocket asker = socket(host, 0)) {
            assertThat(ask(asker, "127.0.0.1", 5300)).startsWith("hello from 10.9.0.1 ");
            assertThat(ask(asker, "::1", 5300)).startsWith("hello from fd09::1 ");
        }
        assertThat(daemon.must("conntrack", "list", "web")).contains("src=" + TestLan.WORLD + " dst=" + address + " sport=4000 dport=53");
        daemon.must("unpublish", "web", "5300:53/udp");
        assertThat(daemon.must("conntrack", "list", "web")).doesNotContain("dport=53 ");
        socket(host, 5300).close();
    }

    @Test
    void what_is_sent_from_a_published_port_is_seen_as_it() throws IOException {
        servers.echo(world, 7);
        daemon.must("publish", "web", "5301-5303:1001-1003/udp", name);
        try (DatagramSocket inside = socket(client, 1002); DatagramSocket stranger = socket(world, 4002)) {
            assertThat(ask(inside, TestLan.WORLD, 7)).isEqualTo("hello from " + TestLan.ADDRESS + " 5302");
            assertThat(ask(inside, TestLan.WORLD6, 7)).isEqualTo("hello from " + TestLan.ADDRESS6 + " 5302");
            send(stranger, TestLan.ADDRESS, 5302, new byte[] {1});
            assertThat(receive(inside)).containsExactly(1);
        }
        assertThat(daemon.footbridge("publish", "web", "5303:9/udp", name).errors()).contains("5303").hasLineCount(1);
        daemon.must("detach", "web", name);
        socket(host, 5302).close();
    }

    @Test
    void a_stream_of_datagrams_arrives_both_ways() {
        for (String direction : List.of("--forceflush", "-R")) {
            namespaces.start(world, "iperf3", "-s", "-1", "--forceflush").awaitText("Server listening");
            TestNamespaces.Result sent = namespaces.exec(client, "iperf3", "-c", TestLan.WORLD, "-u", "-b", "200M", "-l", "1400",
                "-t", "1", "-J", direction);
            String report = sent.output();
            assertThat(sent.succeeded()).as(report).isTrue();
            double lost = Double.parseDouble(report.substring(report.lastIndexOf("\"lost_percent\":") + 15).split("[,\n]")[0].strip());
            assertThat(lost).as("percent that were lost of what was sent").isLessThan(90);
        }
    }
}
