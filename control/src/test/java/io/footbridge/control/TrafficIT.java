package io.footbridge.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.tap.TestNamespaces;
import io.footbridge.tap.namespace.NetworkNamespace;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Real traffic in bulk: whole, in both directions, over every kind of port and between unlike ones. */
class TrafficIT {
    private static final long GIBIBYTE = 1L << 30;
    private static final int BLOCK = 1 << 20;
    private static final int PORT = 7000;
    private static final String NO_BAD_DROPS = "(?s).*(bad-|mtu|egress-|truncated|oversize|runt|source-).*";

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
    @CsvSource({"tap, tap, 1500, 40", "tap, tap, 9000, 41", "veth, veth, 1500, 42", "veth, veth, 9000, 43",
        "tap, veth, 1500, 44", "veth, tap, 9000, 45"})
    void tcp_and_udp_flow_both_ways(String first, String second, int mtu, int number) {
        String network = "flow" + number;
        String ipv4 = "10." + number + ".0.";
        String ipv6 = "fd" + number + "::";
        daemon.must("network", "create", network, "--mtu", Integer.toString(mtu), "--subnet", ipv4 + "0/24", "--subnet6", ipv6 + "/64");
        String a = daemon.container(network, "a", "--type", first, "--ip", ipv4 + "10", "--ip6", ipv6 + "a");
        String b = daemon.container(network, "b", "--type", second, "--ip", ipv4 + "11", "--ip6", ipv6 + "b");
        daemon.awaitPing(a, ipv6 + "b");
        for (String to : List.of(ipv4 + "11", ipv6 + "b")) {
            for (List<String> options : List.of(List.of("-n", "64M"), List.of("-n", "64M", "-R"),
                    List.of("-u", "-b", "50M", "-l", "1200", "-n", "4M"),
                    List.of("-u", "-b", "50M", "-l", "1200", "-n", "4M", "-R"))) {
                TestNamespaces.Background server = namespaces.start(b, "iperf3", "-s", "-1", "--forceflush");
                server.awaitText("Server listening");
                String[] client = new String[options.size() + 3];
                client[0] = "iperf3";
                client[1] = "-c";
                client[2] = to;
                for (int i = 0; i < options.size(); i++) {
                    client[3 + i] = options.get(i);
                }
                assertThat(namespaces.run(a, client)).contains("iperf Done");
            }
        }
        assertThat(daemon.must("stats", network)).doesNotMatch(NO_BAD_DROPS);
    }

    @ParameterizedTest
    @CsvSource({"tap", "veth"})
    void a_gibibyte_arrives_as_it_was_sent(String type) throws Exception {
        String network = "g" + type;
        String subnet = type.equals("tap") ? "10.32.0" : "10.33.0";
        daemon.must("network", "create", network, "--subnet", subnet + ".0/24");
        String a = daemon.container(network, "a", "--type", type);
        String b = daemon.container(network, "b", "--type", type);
        daemon.awaitPing(a, subnet + ".3");
        try (ServerSocketChannel server = in(b, ServerSocketChannel::open); SocketChannel client = in(a, SocketChannel::open)) {
            server.bind(new InetSocketAddress(subnet + ".3", PORT));
            client.connect(server.getLocalAddress());
            try (SocketChannel peer = server.accept(); ExecutorService threads = Executors.newFixedThreadPool(3)) {
                // Both ways at once: each side sends its own bytes and sums up the other's.
                Future<Long> sentThere = threads.submit(() -> send(client, 1));
                Future<Long> sentBack = threads.submit(() -> send(peer, 2));
                Future<Long> receivedBack = threads.submit(() -> receive(client));
                long receivedThere = receive(peer);
                assertThat(receivedThere).isEqualTo(sentThere.get(1, TimeUnit.MINUTES));
                assertThat(receivedBack.get(1, TimeUnit.MINUTES)).isEqualTo(sentBack.get(1, TimeUnit.MINUTES));
            }
        }
        assertThat(daemon.must("stats", network)).doesNotMatch(NO_BAD_DROPS);
    }

    @Test
    void what_is_too_long_for_a_narrower_port_is_dropped_and_counted_and_the_rest_flows() {
        String narrow = namespaces.create();
        String host = daemon.host();
        namespaces.run(host, "ip", "link", "add", "wide0", "mtu", "1500", "type", "veth", "peer", "name", "eth0", "netns", narrow);
        namespaces.run(narrow, "ip", "addr", "add", "10.34.0.9/24", "dev", "eth0");
        namespaces.run(narrow, "ip", "link", "set", "eth0", "up");
        daemon.must("network", "create", "unlike", "--subnet", "10.34.0.0/24", "--mtu", "9000");
        String wide = daemon.container("unlike", "wide");
        daemon.must("attach", "unlike", "--link", "wide0", "--name", "narrow");
        daemon.awaitPing(wide, "10.34.0.9");
        assertThat(namespaces.exec(wide, "ping", "-n", "-c", "2", "-i", "0.2", "-W", "1", "-s", "4000", "-M", "do", "10.34.0.9")
                .succeeded()).isFalse();
        assertThat(daemon.must("stats", "unlike")).containsPattern("narrow.*mtu=2");
        // TCP agrees on the narrower side's segments, so it crosses.
        TestNamespaces.Background server = namespaces.start(narrow, "iperf3", "-s", "-1", "--forceflush");
        server.awaitText("Server listening");
        assertThat(namespaces.run(wide, "iperf3", "-c", "10.34.0.9", "-n", "32M")).contains("iperf Done");
    }

    @Test
    void ten_containers_on_one_network_all_reach_each_other() {
        daemon.must("network", "create", "ten", "--subnet", "10.35.0.0/24");
        String[] containers = new String[10];
        for (int i = 0; i < containers.length; i++) {
            containers[i] = daemon.container("ten", "c" + i, "--type", i % 2 == 0 ? "tap" : "veth");
        }
        for (int i = 0; i < containers.length; i++) {
            for (int j = 0; j < containers.length; j++) {
                if (i != j) {
                    daemon.awaitPing(containers[i], "10.35.0." + (j + 2));
                }
            }
        }
        assertThat(daemon.must("fdb", "show", "ten").lines().filter(line -> line.contains(" dev c"))).hasSize(10);
    }

    private static <T> T in(String namespace, Opening<T> opening) throws IOException {
        try (NetworkNamespace there = NetworkNamespace.open(TestNamespaces.path(namespace))) {
            return there.<T, IOException>call(opening::open);
        }
    }

    private interface Opening<T> {
        T open() throws IOException;
    }

    private static long send(SocketChannel channel, long seed) throws IOException {
        CRC32C sum = new CRC32C();
        SplittableRandom random = new SplittableRandom(seed);
        byte[] block = new byte[BLOCK];
        for (long sent = 0; sent < GIBIBYTE; sent += BLOCK) {
            random.nextBytes(block);
            sum.update(block);
            ByteBuffer bytes = ByteBuffer.wrap(block);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }
        channel.shutdownOutput();
        return sum.getValue();
    }

    private static long receive(SocketChannel channel) throws IOException {
        CRC32C sum = new CRC32C();
        ByteBuffer bytes = ByteBuffer.allocateDirect(BLOCK);
        long received = 0;
        int count;
        while ((count = channel.read(bytes.clear())) >= 0) {
            sum.update(bytes.flip());
            received += count;
        }
        assertThat(received).isEqualTo(GIBIBYTE);
        return sum.getValue();
    }
}
