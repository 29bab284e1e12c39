package io.footbridge.control;

import static io.footbridge.tap.TestNamespaces.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.tap.ProcessUse;
import io.footbridge.tap.TestNamespaces;
import io.footbridge.tap.TestNamespaces.Background;
import io.footbridge.tap.TestNamespaces.Result;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code ./footbridge proxy}: the relay alone. */
class ProxyIT {
    private static final String FOOTBRIDGE = Path.of(System.getProperty("footbridge.root"), "footbridge").toString();
    private static final Pattern BINDING = Pattern.compile("80/tcp -> 0\\.0\\.0\\.0:(\\d+)\n80/tcp -> \\[::\\]:(\\d+)\n");

    private final TestNamespaces namespaces = new TestNamespaces();
    private final TestServers servers = new TestServers();
    private String host;

    @BeforeEach
    void begin() {
        TestNamespaces.assumeCapable();
        host = namespaces.create();
    }

    @AfterEach
    void end() throws IOException {
        servers.close();
        namespaces.close();
    }

    private Background proxy(String... options) {
        List<String> command = new ArrayList<>(List.of(FOOTBRIDGE, "proxy"));
        command.addAll(List.of(options));
        return namespaces.start(host, command.toArray(String[]::new));
    }

    private String page(String url) {
        return namespaces.run(host, "curl", "-s", "-m", "10", url);
    }

    @Test
    void itServesBothFamiliesAtAPortThatTheSystemChoseAndEndsWithZero() {
        servers.web(host, 80);
        Background proxy = proxy("-p", "80", "--to", "127.0.0.1").awaitText("[::]:");
        Matcher binding = BINDING.matcher(proxy.output());
        assertThat(binding.matches()).as(proxy.output()).isTrue();
        assertThat(binding.group(1)).isEqualTo(binding.group(2));
        assertThat(page("http://127.0.0.1:" + binding.group(1) + "/")).isEqualTo("127.0.0.1\n");
        assertThat(page("http://[::1]:" + binding.group(1) + "/")).isEqualTo("127.0.0.1\n");
        namespaces.host("kill", "-INT", String.valueOf(proxy.pid()));
        assertThat(proxy.awaitEnd(TestNamespaces.LIMIT).exitCode()).isZero();
    }

    @Test
    void itConnectsInsideANamespaceToWhichNoLinkLeads() {
        String container = namespaces.create();
        namespaces.run(container, "ip", "address", "add", "10.5.5.5/32", "dev", "lo");
        servers.web(container, 80);
        proxy("-p", "127.0.0.1:8080:80", "-p", "127.0.0.1:5353:53/udp", "--to", "10.5.5.5", "--netns",
            TestNamespaces.path(container).toString()).awaitText("53/udp -> 127.0.0.1:5353");
        assertThat(page("http://127.0.0.1:8080/")).isEqualTo("10.5.5.5\n");
        servers.dns(container, 53);
        assertThat(namespaces.run(host, "dig", "+short", "-p", "5353", "@127.0.0.1", "example.org")).isEqualTo("192.0.2.53\n");
    }

    @Test
    void withoutDescriptorsTheClientsOfAnotherNamespaceWaitOldOnesGoOnAndAllAreServedInTheEnd() throws IOException {
        String container = namespaces.create();
        namespaces.run(container, "ip", "address", "add", "10.5.5.5/32", "dev", "lo");
        servers.stream(container, 7);
        Background proxy = proxy("-p", "127.0.0.1:8007:7", "--to", "10.5.5.5", "--netns", TestNamespaces.path(container).toString())
            .awaitText("7/tcp -> 127.0.0.1:8007");
        List<Socket> clients = new ArrayList<>();
        try {
            clients.add(client());
            assertThat(isAnswered(clients.getFirst())).isTrue();
            // Room for a few connections, and for the way into the namespace.
            namespaces.host("prlimit", "--pid", String.valueOf(proxy.pid()), "--nofile=" + (ProcessUse.descriptors(proxy.pid()) + 20));
            for (int i = 0; i < 60; i++) {
                clients.add(client());
            }
            proxy.awaitText("accepts no connections for now");
            assertThat(isAnswered(clients.getFirst())).as("who was served before still is").isTrue();
            // Once it has compiled what it compiles.
            await("a second of rest", () -> millisUsedInASecond(proxy) < 200);
            for (Socket client : clients) {
                assertThat(isAnswered(client)).isTrue();
                client.close();
            }
            clients.clear();
            clients.add(client());
            assertThat(isAnswered(clients.getFirst())).isTrue();
        } finally {
            for (Socket client : clients) {
                client.close();
            }
        }
    }

    private Socket client() {
        return TestServers.in(host, () -> {
            Socket socket = new Socket("127.0.0.1", 8007);
            socket.setSoTimeout((int) TestNamespaces.LIMIT.toMillis());
            socket.getOutputStream().write('x');
            return socket;
        });
    }

    private static boolean isAnswered(Socket client) throws IOException {
        boolean same = client.getInputStream().read() == 'x';
        client.getOutputStream().write('x');
        return same;
    }

    private static long millisUsedInASecond(Background process) throws IOException {
        Duration before = ProcessUse.processorTime(process.pid());
        LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
        return ProcessUse.processorTime(process.pid()).minus(before).toMillis();
    }

    @Test
    void aRangeOfAThousandPortsIsServed() {
        servers.web(host, 2000);
        proxy("-p", "127.0.0.1:21000-21999:1001-2000", "--to", "127.0.0.1").awaitText("2000/tcp -> 127.0.0.1:21999\n");
        assertThat(page("http://127.0.0.1:21999/")).isEqualTo("127.0.0.1\n");
    }

    @Test
    void aPortThatIsTakenIsOneLineAndOne() {
        servers.web(host, 80);
        Result result = proxy("-p", "127.0.0.1:80:81", "--to", "127.0.0.1").awaitEnd(TestNamespaces.LIMIT);
        assertThat(result.errors()).isEqualTo("footbridge: listen tcp4 127.0.0.1:80: bind: address already in use\n");
        assertThat(result.exitCode()).isEqualTo(1);
    }
}
