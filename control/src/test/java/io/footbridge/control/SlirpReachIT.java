package io.footbridge.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.tap.TestNamespaces;
import io.footbridge.tap.TestNamespaces.Background;
import io.footbridge.tap.TestNamespaces.Result;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a target of slirp4netns's reaches, and who reaches it: the host, its loopback, its DNS servers, its clients. */
@Timeout(120)
class SlirpReachIT {
    private static final String NAME_SERVER = "127.0.0.53";
    private static final int ANSWER = 0xC0000235;

    @TempDir
    private Path temporary;
    private TestNamespaces namespaces;
    private TestServers servers;
    private String host;
    private String target;
    private Background inside;

    @BeforeEach
    void makeHostAndTarget() throws IOException {
        TestNamespaces.assumeCapable();
        namespaces = new TestNamespaces();
        servers = new TestServers();
        host = namespaces.create();
        target = namespaces.create();
        inside = namespaces.start(target, "sleep", "600");
        servers.dns(host, new InetSocketAddress(NAME_SERVER, 53), ANSWER);
        Files.writeString(temporary.resolve("resolv.conf"), "nameserver " + NAME_SERVER + "\n");
    }

    @AfterEach
    void remove() throws IOException {
        if (namespaces != null) {
            servers.close();
            namespaces.close();
        }
    }

    /** On the host of the test's own, whose DNS server is the test's. */
    private Slirp4netnsRun start(String... options) throws IOException {
        List<String> prefix = List.of("ip", "netns", "exec", host, "unshare", "--mount", "sh", "-c",
            "mount --bind " + temporary.resolve("resolv.conf") + " /etc/resolv.conf && exec \"$@\"", "sh");
        List<String> arguments = new ArrayList<>(List.of("-c", "-r", "3", "-a", "api.sock"));
        arguments.addAll(List.of(options));
        arguments.addAll(List.of(String.valueOf(inside.pid()), "tap0"));
        return Slirp4netnsRun.startBy(temporary, prefix, arguments.toArray(String[]::new)).awaitReady();
    }

    /** A web server that says on its standard error who asked. */
    private Background webServer(String namespace, String address, int port) throws IOException {
        Path page = Files.createDirectories(temporary.resolve("www-" + namespace));
        Files.writeString(page.resolve("index.html"), "page of " + namespace + "\n");
        return namespaces.start(namespace, "python3", "-u", "-m", "http.server", "--bind", address, "--directory", page.toString(),
            String.valueOf(port)).awaitText("Serving HTTP");
    }

    private Result fetch(String from, String url) {
        return namespaces.exec(from, "curl", "-sS", "--max-time", "10", url);
    }

    private static String ask(Slirp4netnsRun slirp, String request) throws IOException {
        try (SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            client.connect(UnixDomainSocketAddress.of(slirp.folder().resolve("api.sock")));
            client.write(StandardCharsets.UTF_8.encode(request.replace('\'', '"')));
            ByteBuffer answer = ByteBuffer.allocate(4096);
            client.read(answer);
            return new String(answer.array(), 0, answer.position(), StandardCharsets.UTF_8);
        }
    }

    /** A client outside, at 192.0.2.2; the host is 192.0.2.1 there. */
    private String client() {
        String client = namespaces.create();
        namespaces.run(host, "ip", "link", "add", "out0", "type", "veth", "peer", "name", "eth0", "netns", client);
        namespaces.run(host, "ip", "addr", "add", "192.0.2.1/24", "dev", "out0");
        namespaces.run(host, "ip", "link", "set", "out0", "up");
        namespaces.run(client, "ip", "addr", "add", "192.0.2.2/24", "dev", "eth0");
        namespaces.run(client, "ip", "link", "set", "eth0", "up");
        return client;
    }

    @Test
    void outboundAddressIsWhatPeersSee() throws IOException {
        String client = client();
        namespaces.run(host, "ip", "addr", "add", "192.0.2.77/24", "dev", "out0");
        Background server = webServer(client, "192.0.2.2", 8000);
        try (Slirp4netnsRun _ = start("--outbound-addr=192.0.2.77")) {
            assertThat(fetch(target, "http://192.0.2.2:8000/").output()).isEqualTo("page of " + client + "\n");
            server.awaitText("192.0.2.77");
        }
    }

    @Test
    void gatewayIsTheHostsLoopback() throws IOException {
        webServer(host, "127.0.0.1", 8000);
        try (Slirp4netnsRun _ = start()) {
            assertThat(fetch(target, "http://10.0.2.2:8000/").output()).isEqualTo("page of " + host + "\n");
        }
    }

    @Test
    void gatewayLeadsNowhereWhereThatIsProhibited() throws IOException {
        webServer(host, "127.0.0.1", 8000);
        try (Slirp4netnsRun _ = start("--disable-host-loopback")) {
            Result refused = fetch(target, "http://10.0.2.2:8000/");
            assertThat(refused.exitCode()).as(refused.errors()).isEqualTo(7);
            assertThat(namespaces.run(target, "ping", "-c", "1", "-W", "5", "10.0.2.2")).contains(" 0% packet loss");
        }
    }

    @Test
    void worldIsReachedByTheHostsSocketsAlsoFromTheSandbox() throws IOException {
        String world = client();
        webServer(world, "192.0.2.2", 8000);
        try (Slirp4netnsRun _ = start("--enable-sandbox", "--enable-seccomp", "--disable-host-loopback")) {
            assertThat(fetch(target, "http://192.0.2.2:8000/").output()).isEqualTo("page of " + world + "\n");
        }
    }

    @Test
    void namesAreAskedForAtTheThirdAddressAlsoInTheSandbox() throws IOException {
        try (Slirp4netnsRun _ = start("--enable-sandbox", "--enable-seccomp", "--disable-host-loopback")) {
            assertThat(namespaces.run(target, "dig", "+short", "+time=10", "@10.0.2.3", "example.org")).isEqualTo("192.0.2.53\n");
            assertThat(namespaces.run(target, "dig", "+short", "+tcp", "+time=10", "@10.0.2.3", "example.org")).isEqualTo("192.0.2.53\n");
            assertThat(namespaces.run(target, "ping", "-c", "1", "-W", "5", "10.0.2.3")).contains(" 0% packet loss");
        }
    }

    @Test
    void withoutDnsNobodyIsAtTheThirdAddress() throws IOException {
        try (Slirp4netnsRun _ = start("--disable-dns")) {
            assertThat(namespaces.exec(target, "dig", "+short", "+time=1", "+tries=1", "@10.0.2.3", "example.org").output())
                .doesNotContain("192.0.2.53\n");
        }
    }

    @Test
    void ipv6AddressIsMadeFromWhatIsAdvertisedAndNamesAreAskedForThereToo() throws IOException {
        try (Slirp4netnsRun _ = start("--enable-ipv6")) {
            TestNamespaces.await("an address of fd00::/64", () -> {
                String addresses = namespaces.run(target, "ip", "-6", "addr", "show", "tap0");
                return addresses.contains("inet6 fd00::") && !addresses.contains("tentative");
            });
            assertThat(namespaces.run(target, "ip", "-6", "route")).contains("default via fe80::");
            assertThat(namespaces.run(target, "ping", "-c", "1", "-W", "5", "fd00::2")).contains(" 0% packet loss");
            assertThat(namespaces.run(target, "dig", "+short", "+time=10", "@fd00::3", "example.org")).isEqualTo("192.0.2.53\n");
        }
    }

    @Test
    void forwardedTcpPortLeadsToATargetThatSeesTheClientUntilItIsRemoved() throws IOException {
        String client = client();
        Background server = webServer(target, "0.0.0.0", 80);
        try (Slirp4netnsRun slirp = start("--enable-sandbox", "--enable-seccomp")) {
            assertThat(ask(slirp, "{'execute':'add_hostfwd','arguments':{'proto':'tcp','host_addr':'0.0.0.0','host_port':8080,"
                + "'guest_addr':'','guest_port':80}}\n")).isEqualTo("{\"return\":{\"id\":1}}");
            assertThat(fetch(client, "http://192.0.2.1:8080/").output()).isEqualTo("page of " + target + "\n");
            server.awaitText("192.0.2.2 - -");
            assertThat(fetch(host, "http://127.0.0.1:8080/").output()).isEqualTo("page of " + target + "\n");
            server.awaitText("10.0.2.2 - -");
            assertThat(ask(slirp, "{'execute':'add_hostfwd','arguments':{'proto':'tcp','host_port':8080,'guest_port':81}}"))
                .isEqualTo("{\"error\":{\"desc\":\"bad request: add_hostfwd: slirp_add_hostfwd failed\"}}");
            assertThat(slirp.errors()).contains("Address already in use");
            assertThat(ask(slirp, "{'execute':'remove_hostfwd','arguments':{'id':1}}")).isEqualTo("{\"return\":{}}");
            assertThat(fetch(client, "http://192.0.2.1:8080/").exitCode()).isEqualTo(7);
        }
    }

    @Test
    void forwardedLowPortCanBeOpenedInTheSandboxByRoot() throws IOException {
        webServer(target, "0.0.0.0", 8000);
        try (Slirp4netnsRun slirp = start("--enable-sandbox", "--enable-seccomp")) {
            assertThat(ask(slirp, "{'execute':'add_hostfwd','arguments':{'proto':'tcp','host_port':80,'guest_port':8000}}"))
                .isEqualTo("{\"return\":{\"id\":1}}");
            assertThat(fetch(host, "http://127.0.0.1/").output()).isEqualTo("page of " + target + "\n");
        }
    }

    @Test
    void forwardedUdpPortLeadsToATargetThatSeesTheClient() throws IOException {
        String client = client();
        Background server = namespaces.start(target, "python3", "-u", "-c", """
            import socket
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            s.bind(("0.0.0.0", 53))
            print("listening")
            while True:
                data, who = s.recvfrom(2048)
                s.sendto(who[0].encode(), who)
            """).awaitText("listening");
        try (Slirp4netnsRun slirp = start()) {
            assertThat(ask(slirp, "{'execute':'add_hostfwd','arguments':{'proto':'udp','host_port':5353,'guest_port':53}}"))
                .isEqualTo("{\"return\":{\"id\":1}}");
            assertThat(namespaces.run(client, "python3", "-c", """
                import socket
                s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                s.settimeout(10)
                s.sendto(b"x", ("192.0.2.1", 5353))
                print(s.recv(100).decode())
                """)).isEqualTo("192.0.2.2\n");
        }
        server.stop();
    }
}
