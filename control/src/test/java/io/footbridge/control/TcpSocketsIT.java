package io.footbridge.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.tap.TestNamespaces;
import io.footbridge.tap.TestNamespaces.Background;
import io.footbridge.tap.TestNamespaces.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** TCP of a container by the host's own sockets, both ways, with programs that people use and the world behind the host's link. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TcpSocketsIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int BIG = 64 << 20;

    private TestNamespaces namespaces;
    private TestDaemon daemon;
    private String host;
    private String world;
    private String client;

    @BeforeAll
    void start() throws IOException {
        TestNamespaces.assumeCapable();
        namespaces = new TestNamespaces();
        host = namespaces.create();
        world = TestLan.make(namespaces, host);
        namespaces.run(host, "ip", "addr", "add", TestLan.ADDRESS + "/24", "dev", TestLan.LINK);
        namespaces.run(host, "ip", "addr", "add", TestLan.ADDRESS6 + "/64", "dev", TestLan.LINK, "nodad");
        namespaces.run(host, "ip", "link", "set", TestLan.LINK, "up");
        daemon = TestDaemon.prepare(namespaces, host).begin();
        daemon.must("network", "create", "web", "--subnet", "10.9.0.0/24", "--subnet6", "fd09::/64");
        client = daemon.container("web", "client");
        daemon.awaitPing(client, "10.9.0.1");
        byte[] bytes = new byte[BIG];
        new Random(3).nextBytes(bytes);
        Files.write(file("big"), bytes);
        Files.writeString(file("small"), "hello\n");
    }

    @AfterAll
    void stop() {
        if (daemon != null) {
            daemon.close();
            namespaces.close();
        }
    }

    private Path file(String name) {
        return daemon.directory().resolve(name);
    }

    private Background serve(String namespace, String address, int port) {
        return namespaces.start(namespace, "python3", "-u", "-m", "http.server", "--bind", address, "-d",
            daemon.directory().toString(), Integer.toString(port));
    }

    private Result curl(String namespace, String url, String... options) {
        String[] command = new String[options.length + 5];
        command[0] = "curl";
        command[1] = "-sS";
        command[2] = "--max-time";
        command[3] = "50";
        System.arraycopy(options, 0, command, 4, options.length);
        command[command.length - 1] = url;
        return namespaces.exec(LIMIT, namespace, command);
    }

    private void awaitServer(String namespace, String url) {
        TestNamespaces.await("a server at " + url, () -> curl(namespace, url).succeeded());
    }

    private void awaitNoFlows() {
        TestNamespaces.await("no TCP flow is left", () -> daemon.must("conntrack", "list", "web").lines()
            .noneMatch(line -> line.contains("tcp")));
    }

    @ParameterizedTest
    @ValueSource(strings = {TestLan.WORLD, TestLan.WORLD6})
    void a_page_of_the_world_arrives_whole(String address) {
        boolean ipv6 = address.contains(":");
        Background server = serve(world, address, ipv6 ? 8006 : 8004);
        String url = "http://" + (ipv6 ? "[" + address + "]:8006" : address + ":8004") + "/";
        awaitServer(host, url + "small");
        Path copy = file("copy" + ipv6);
        assertThat(curl(client, url + "big", "-o", copy.toString()).errors()).isEmpty();
        assertThat(copy).hasSameBinaryContentAs(file("big"));
        awaitNoFlows();
        // The world sees the host.
        assertThat(server.errors()).contains(ipv6 ? TestLan.ADDRESS6 : TestLan.ADDRESS);
    }

    @Test
    void the_gateway_is_the_hosts_loopback_where_that_is_open() {
        serve(host, "127.0.0.1", 8010);
        awaitServer(host, "http://127.0.0.1:8010/small");
        assertThat(curl(client, "http://10.9.0.1:8010/small").exitCode()).isEqualTo(7);
        daemon.must("network", "set", "web", "host-loopback=on");
        assertThat(curl(client, "http://10.9.0.1:8010/small").output()).isEqualTo("hello\n");
        daemon.must("network", "set", "web", "host-loopback=off");
        assertThat(curl(client, "http://10.9.0.1:8010/small").exitCode()).isEqualTo(7);
    }

    @Test
    void a_published_port_shows_the_container_who_comes() {
        Background server = serve(client, "10.9.0.2", 80);
        Background server6 = serve(client, "fd09::2", 80);
        assertThat(daemon.must("publish", "web", "8080:80", "client"))
            .isEqualTo("80/tcp -> 0.0.0.0:8080\n80/tcp -> [::]:8080\n");
        assertThat(daemon.must("ports")).contains("0.0.0.0:8080->80/tcp").contains("[::]:8080->80/tcp");
        awaitServer(host, "http://127.0.0.1:8080/small");
        awaitServer(host, "http://[::1]:8080/small");
        assertThat(server.errors()).contains("10.9.0.1 ").doesNotContain("127.0.0.1 ");
        assertThat(curl(world, "http://" + TestLan.ADDRESS + ":8080/small").output()).isEqualTo("hello\n");
        assertThat(curl(world, "http://[" + TestLan.ADDRESS6 + "]:8080/small").output()).isEqualTo("hello\n");
        assertThat(server.errors()).contains(TestLan.WORLD);
        assertThat(server6.errors()).contains(TestLan.WORLD6);
        assertThat(daemon.must("nat", "list", "web")).contains("8080").contains("MASQUERADE");
        daemon.must("unpublish", "web", "8080:80");
        assertThat(curl(world, "http://" + TestLan.ADDRESS + ":8080/small").exitCode()).isEqualTo(7);
        assertThat(daemon.must("ports")).doesNotContain("8080");
        awaitNoFlows();
    }

    @Test
    void a_port_that_somebody_has_is_refused_and_goes_with_its_endpoint() {
        serve(host, "0.0.0.0", 8020);
        awaitServer(host, "http://127.0.0.1:8020/small");
        assertRefused("Bind for 0.0.0.0:8020 failed: port is already allocated", "publish", "web", "0.0.0.0:8020:80", "client");
        assertRefused("Bind for 192.0.2.200:8021 failed: cannot assign requested address", "publish", "web", "192.0.2.200:8021:80",
            "client");
        String other = daemon.container("web", "other");
        daemon.must("publish", "web", "8022-8024:80-82", "other");
        assertRefused("Bind for 0.0.0.0:8023 failed: port is already allocated", "publish", "web", "8023:80", "client");
        String any = daemon.must("publish", "web", "80", "other");
        assertThat(any).contains("80/tcp -> 0.0.0.0:");
        daemon.must("detach", "web", "other");
        assertThat(daemon.must("ports")).doesNotContain("8022");
        daemon.must("publish", "web", "8023:80", "client");
        daemon.must("unpublish", "web", "8023:80");
        namespaces.delete(other);
    }

    private void assertRefused(String message, String... command) {
        TestDaemon.Result result = daemon.footbridge(command);
        assertThat(result.exitCode()).isNotZero();
        assertThat(result.errors()).contains(message);
        assertThat(result.errors().lines()).hasSize(1);
    }

    @Test
    void flows_end_with_their_endpoint() {
        Background listener = namespaces.start(world, "busybox", "nc", "-l", "-p", "8030");
        String leaving = daemon.container("web", "leaving");
        daemon.awaitPing(leaving, "10.9.0.1");
        Background talker = namespaces.start(leaving, "sh", "-c", "(echo hello; exec sleep 100) | busybox nc " + TestLan.WORLD + " 8030");
        TestNamespaces.await("the greeting", () -> listener.output().contains("hello"));
        daemon.must("detach", "web", "leaving");
        TestNamespaces.await("the listener's end", () -> !listener.isAlive());
        talker.stop();
        awaitNoFlows();
    }
}
