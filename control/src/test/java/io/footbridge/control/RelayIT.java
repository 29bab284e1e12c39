package io.footbridge.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.tap.TestNamespaces;
import io.footbridge.tap.TestNamespaces.Background;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Ports that a relay publishes at the host's own addresses. */
class RelayIT {
    private static final String SUBNETS = "--subnet 10.9.0.0/24 --subnet6 fd09::/64 --uplink none";

    private final TestNamespaces namespaces = new TestNamespaces();
    private final TestServers servers = new TestServers();
    private TestDaemon daemon;

    @BeforeEach
    void begin() {
        TestNamespaces.assumeCapable();
        daemon = TestDaemon.prepare(namespaces, namespaces.create());
    }

    @AfterEach
    void end() throws IOException {
        servers.close();
        namespaces.close();
        daemon.close();
    }

    private String beginWithContainer() {
        daemon.begin();
        daemon.must(("network create web " + SUBNETS).split(" "));
        String container = daemon.container("web", "db");
        servers.web(container, 80);
        return container;
    }

    private String page(String address) {
        return namespaces.exec(daemon.host(), "curl", "-s", "-m", "5", "http://" + address + "/").output();
    }

    @Test
    void theContainerIsReachedFromTheHostWithoutAnyWayOutAndSeesItsOwnAddress() {
        String container = beginWithContainer();
        servers.dns(container, 53);
        assertThat(daemon.must("publish", "web", "8080:80", "db", "--relay"))
            .isEqualTo("80/tcp -> 0.0.0.0:8080\n80/tcp -> [::]:8080\n");
        daemon.must("publish", "web", "127.0.0.1:5353:53/udp", "db", "--relay");
        assertThat(page("127.0.0.1:8080")).isEqualTo("10.9.0.2\n");
        assertThat(page("[::1]:8080")).isEqualTo("fd09::2\n");
        assertThat(namespaces.run(daemon.host(), "dig", "+short", "-p", "5353", "@127.0.0.1", "example.org")).isEqualTo("192.0.2.53\n");
        assertThat(daemon.must("ports")).contains("0.0.0.0:8080->80/tcp", "[::]:8080->80/tcp", "127.0.0.1:5353->53/udp");
        daemon.must("unpublish", "web", "8080:80");
        assertThat(page("127.0.0.1:8080")).isEmpty();
        daemon.must("publish", "web", "8080:80", "db", "--relay");
        daemon.must("detach", "web", "db");
        assertThat(page("127.0.0.1:8080")).isEmpty();
        assertThat(daemon.must("ports")).doesNotContain("8080");
    }

    @Test
    void aServiceOfTheContainersLoopbackIsNotReached() {
        String container = beginWithContainer();
        Background local = namespaces.start(container, "python3", "-m", "http.server", "--bind", "127.0.0.1", "81");
        TestNamespaces.await("the service", () -> namespaces.exec(container, "curl", "-s", "-m", "5", "http://127.0.0.1:81/").succeeded());
        daemon.must("publish", "web", "8081:81", "db", "--relay");
        assertThat(page("127.0.0.1:8081")).isEmpty();
        assertThat(local.isAlive()).isTrue();
    }

    @Test
    void oneHasAPortAndTheNextIsRefusedAsDockerDoes() {
        beginWithContainer();
        daemon.must("publish", "web", "8080:80", "db", "--relay");
        assertThat(daemon.footbridge("publish", "web", "127.0.0.1:8080:81", "db", "--relay").errors())
            .isEqualTo("footbridge: Bind for 127.0.0.1:8080 failed: port is already allocated\n");
        namespaces.start(daemon.host(), "python3", "-m", "http.server", "--bind", "127.0.0.1", "8055");
        TestNamespaces.await("another program", () -> !page("127.0.0.1:8055").isEmpty());
        TestDaemon.Result taken = daemon.footbridge("publish", "web", "127.0.0.1:8055:80", "db", "--relay");
        assertThat(taken.errors()).isEqualTo("footbridge: listen tcp4 127.0.0.1:8055: bind: address already in use\n");
        assertThat(taken.exitCode()).isEqualTo(1);
        daemon.must("publish", "web", "127.0.0.1:8055-8056:80", "db", "--relay");
        assertThat(page("127.0.0.1:8056")).isEqualTo("10.9.0.2\n");
        assertThat(daemon.footbridge("publish", "web", "192.0.2.1:8099:80", "db", "--relay").errors())
            .isEqualTo("footbridge: listen tcp4 192.0.2.1:8099: bind: cannot assign requested address\n");
    }

    @Test
    void theProxyProtocolTellsTheContainerItsClient() {
        String container = beginWithContainer();
        Background server = namespaces.start(container, "python3", "-u", "-c", """
            import socket
            print(socket.create_server(('', 90)).accept()[0].makefile().readline(), end='')
            """);
        TestNamespaces.await("the server", () -> namespaces.run(container, "ss", "-Hltn", "sport = :90").contains(":90"));
        daemon.must("publish", "web", "127.0.0.1:9090:90", "db", "--relay", "--proxy-protocol", "v1");
        page("127.0.0.1:9090");
        server.awaitText(" 9090\n");
        assertThat(server.output()).matches("PROXY TCP4 127\\.0\\.0\\.1 127\\.0\\.0\\.1 \\d+ 9090\n");
        assertThat(daemon.footbridge("publish", "web", "90/udp", "db", "--relay", "--proxy-protocol", "v2").errors())
            .startsWith("footbridge: proxy-protocol: only TCP has one").hasLineCount(1);
    }

    @Test
    void whatAFileDeclaresIsServedOnceItsEndpointIsThere() throws IOException {
        String container = namespaces.create();
        Path file = daemon.directory().resolve("file.yaml");
        Files.writeString(file, "networks: {web: {subnet: 10.9.0.0/24, uplink: none, endpoints: {db: {netns: "
            + TestNamespaces.path(container) + "}}, publish: ['127.0.0.1:8080:80 db relay']}}");
        daemon.begin("-c", file.toString());
        servers.web(container, 80);
        TestNamespaces.await("the page", () -> page("127.0.0.1:8080").equals("10.9.0.2\n"));
    }
}
