package io.footbridge.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.tap.TestNamespaces;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Tracked flows as `conntrack -L` shows them, through a connection's life. */
class ConntrackIT {
    private static final String SILENT = "198.51.100.21";

    private static TestNamespaces namespaces;
    private static TestServers servers;
    private static TestDaemon daemon;
    private static String outside;
    private static String client;

    @BeforeAll
    static void start() {
        TestNamespaces.assumeCapable();
        namespaces = new TestNamespaces();
        servers = new TestServers();
        daemon = TestDaemon.start(namespaces);
        outside = TestLan.make(namespaces, daemon.host());
        daemon.must("network", "create", "web", "--subnet", "10.9.0.0/24", "--subnet6", "fd09::/64", "--uplink", TestLan.UPLINK);
        client = daemon.container("web", "client");
        daemon.awaitPing(client, TestLan.WORLD6);
        daemon.awaitPing(client, TestLan.WORLD);
        // Somebody who is there and says nothing.
        namespaces.run(outside, "ip", "link", "add", "void", "type", "veth", "peer", "name", "nothing");
        namespaces.run(outside, "ip", "link", "set", "void", "up");
        namespaces.run(outside, "ip", "link", "set", "nothing", "up");
        namespaces.run(outside, "ip", "route", "add", SILENT, "dev", "void");
        namespaces.run(outside, "ip", "neigh", "add", SILENT, "lladdr", "02:00:00:00:00:99", "dev", "void");
        namespaces.run(outside, "sysctl", "-qw", "net.ipv4.conf.eth0.proxy_arp=1", "net.ipv4.conf.eth0.forwarding=1");
        servers.echo(outside, 7);
    }

    @AfterAll
    static void stop() throws IOException {
        if (daemon != null) {
            servers.close();
            daemon.close();
            namespaces.close();
        }
    }

    /** The line of a flow that begins with a text and has another one. */
    private static void awaitFlow(String start, String has) {
        TestNamespaces.await(start + " ... " + has, () -> daemon.must("conntrack", "list", "web").lines()
            .anyMatch(line -> line.startsWith(start) && line.contains(has)));
    }

    private static void awaitFlow(String state, int port, String has) {
        TestNamespaces.await(state + " of port " + port, () -> daemon.must("conntrack", "list").lines().anyMatch(line ->
            line.matches("tcp      6 [0-9]+ " + state + " src=10\\.9\\.0\\.2 dst=198\\.51\\.100\\.20 sport=" + port + " dport=9 "
                + "src=198\\.51\\.100\\.20 dst=198\\.51\\.100\\.10 sport=9 dport=[0-9]+ " + has + "mark=0 use=1")));
    }

    @Test
    void a_connection_goes_through_its_states() throws IOException {
        try (ServerSocketChannel server = TestServers.in(outside, () -> ServerSocketChannel.open().bind(new InetSocketAddress(9)))) {
            SocketChannel first = connect();
            SocketChannel accepted = server.accept();
            int port = ((InetSocketAddress) first.getLocalAddress()).getPort();
            awaitFlow("ESTABLISHED", port, "\\[ASSURED\\] ");
            first.shutdownOutput();
            awaitFlow("FIN_WAIT", port, "\\[ASSURED\\] ");
            accepted.close();
            awaitFlow("TIME_WAIT", port, "\\[ASSURED\\] ");
            first.close();
            SocketChannel second = connect();
            int other = ((InetSocketAddress) second.getLocalAddress()).getPort();
            SocketChannel acceptedToo = server.accept();
            acceptedToo.close();
            awaitFlow("CLOSE_WAIT", other, "\\[ASSURED\\] ");
            second.setOption(StandardSocketOptions.SO_LINGER, 0);
            second.close();
            awaitFlow("CLOSE", other, "\\[ASSURED\\] ");
        }
    }

    private static SocketChannel connect() {
        return TestServers.in(client, () -> SocketChannel.open(new InetSocketAddress(TestLan.WORLD, 9)));
    }

    @Test
    void what_nobody_answers_is_unreplied() throws IOException {
        SocketChannel attempt = TestServers.in(client, () -> {
            SocketChannel channel = SocketChannel.open().bind(new InetSocketAddress(4711));
            channel.configureBlocking(false);
            channel.connect(new InetSocketAddress(SILENT, 81));
            return channel;
        });
        awaitFlow("tcp      6 ", " SYN_SENT src=10.9.0.2 dst=" + SILENT + " sport=4711 dport=81 [UNREPLIED] src=" + SILENT
            + " dst=198.51.100.10 sport=81 dport=");
        attempt.close();
        try (DatagramChannel question = TestServers.in(client, () -> DatagramChannel.open().bind(new InetSocketAddress(5300)))) {
            question.send(ByteBuffer.allocate(1), new InetSocketAddress(SILENT, 53));
        }
        awaitFlow("udp      17 ", "src=10.9.0.2 dst=" + SILENT + " sport=5300 dport=53 [UNREPLIED] src=" + SILENT
            + " dst=198.51.100.10 sport=53");
    }

    @Test
    void queries_have_type_code_and_id_in_both_families() {
        namespaces.run(client, "ping", "-n", "-c1", "-W2", "-e", "77", TestLan.WORLD);
        namespaces.run(client, "ping", "-n", "-c1", "-W2", "-e", "78", TestLan.WORLD6);
        awaitFlow("icmp     1 ", " src=10.9.0.2 dst=198.51.100.20 type=8 code=0 id=77 "
            + "src=198.51.100.20 dst=198.51.100.10 type=0 code=0 id=");
        awaitFlow("icmpv6   58 ", " src=fd09::2 dst=2001:db8::20 type=128 code=0 id=78 "
            + "src=2001:db8::20 dst=2001:db8::10 type=129 code=0 id=");
    }

    @Test
    void flows_are_counted_listed_by_network_and_forgotten() {
        daemon.must("network", "create", "other", "--subnet", "10.13.0.0/24", "--uplink", "frames:up0");
        String other = daemon.container("other", "c");
        daemon.awaitPing(other, TestLan.WORLD);
        namespaces.run(client, "ping", "-n", "-c1", "-W2", TestLan.WORLD);
        assertThat(daemon.must("conntrack", "list", "other").lines()).isNotEmpty().allMatch(line -> line.contains("src=10.13.0.2 "));
        TestDaemon.Result all = daemon.footbridge("conntrack", "list");
        assertThat(all.output()).contains("src=10.13.0.2 ", "src=10.9.0.2 ");
        assertThat(all.errors()).matches("footbridge v0\\.1\\.0: [0-9]+ flow entries have been shown\\.\n");
        assertThat(Integer.parseInt(daemon.must("conntrack", "count").strip())).isPositive();
        assertThat(daemon.must("conntrack", "stats")).containsPattern("^sessions=[1-9][0-9]* capacity=[1-9][0-9]+ mappings=[1-9]");
        assertThat(daemon.must("conntrack", "list", "other", "--json"))
            .startsWith("[{\"protocol\":\"icmp\",\"protocolNumber\":1,\"timeout\":");
        daemon.must("conntrack", "flush", "other");
        assertThat(daemon.must("conntrack", "list", "other")).isEmpty();
        assertThat(daemon.must("conntrack", "list", "web")).contains("src=10.9.0.2 ");
        assertThat(daemon.footbridge("conntrack", "list", "nosuch").errors()).isEqualTo("footbridge: network nosuch not found\n");
    }
}
