package io.footbridge.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.tap.TestNamespaces;
import io.footbridge.tap.TestNamespaces.Background;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ObservationIT {
    private static TestNamespaces namespaces;
    private static TestDaemon daemon;
    private static String a;

    @BeforeAll
    static void start() {
        TestNamespaces.assumeCapable();
        namespaces = new TestNamespaces();
        daemon = TestDaemon.start(namespaces);
        daemon.must("network", "create", "web", "--subnet", "10.9.0.0/24");
        a = daemon.container("web", "a");
        String b = daemon.container("web", "b");
        daemon.awaitPing(a, "10.9.0.3");
        daemon.awaitPing(b, "10.9.0.2");
    }

    @AfterAll
    static void stop() {
        if (daemon != null) {
            daemon.close();
            namespaces.close();
        }
    }

    @Test
    void the_forwarding_database_reads_as_bridges() {
        assertThat(daemon.must("fdb", "show", "web").lines()).contains("02:42:0a:09:00:02 dev a master web ",
            "02:42:0a:09:00:03 dev b master web ", "02:42:0a:09:00:01 dev web master web permanent");
        daemon.must("fdb", "add", "web", "02:00:00:00:00:63", "b", "static");
        daemon.must("fdb", "add", "web", "02:00:00:00:00:64", "b", "sticky");
        assertThat(daemon.must("fdb", "get", "web", "02:00:00:00:00:63")).isEqualTo("02:00:00:00:00:63 dev b master web static\n");
        assertThat(daemon.must("fdb", "get", "web", "02:00:00:00:00:64"))
            .isEqualTo("02:00:00:00:00:64 dev b sticky master web static\n");
        assertThat(daemon.must("fdb", "get", "web", "02:00:00:00:00:64", "--json")).isEqualTo(
            "[{\"mac\":\"02:00:00:00:00:64\",\"ifname\":\"b\",\"flags\":[\"sticky\"],\"master\":\"web\",\"state\":\"static\"}]\n");
        daemon.must("fdb", "del", "web", "02:00:00:00:00:63");
        assertThat(daemon.footbridge("fdb", "get", "web", "02:00:00:00:00:63").errors())
            .isEqualTo("footbridge: Error: Fdb entry not found.\n");
    }

    @Test
    void neighbours_read_as_ips() {
        assertThat(daemon.must("neigh", "web").lines()).contains("10.9.0.2 dev web lladdr 02:42:0a:09:00:02 PERMANENT");
        assertThat(daemon.must("neigh", "web", "--json"))
            .contains("{\"dst\":\"10.9.0.2\",\"dev\":\"web\",\"lladdr\":\"02:42:0a:09:00:02\",\"state\":[\"PERMANENT\"]}");
    }

    @Test
    void networks_are_listed_and_shown_as_dockers() {
        assertThat(daemon.must("network", "ls").lines().toList()).first().isEqualTo("NETWORK ID     NAME      DRIVER    SCOPE");
        assertThat(daemon.must("network", "ls")).containsPattern("(?m)^[0-9a-f]{12}   bridge    bridge    local$");
        assertThat(daemon.must("network", "inspect", "web")).containsSubsequence("\"Name\": \"web\"", "\"Id\"", "\"Created\"",
            "\"Scope\": \"local\"", "\"Driver\": \"bridge\"", "\"EnableIPv6\": false", "\"IPAM\"", "\"Subnet\": \"10.9.0.0/24\"",
            "\"Gateway\": \"10.9.0.1\"", "\"Internal\": false", "\"Containers\"", "\"Name\": \"a\"",
            "\"MacAddress\": \"02:42:0a:09:00:02\"", "\"IPv4Address\": \"10.9.0.2/24\"", "\"Options\"", "\"Labels\": {}");
    }

    @Test
    void counters_count_and_top_prints_them_again_and_again() {
        assertThat(daemon.must("stats", "web")).containsPattern("(?m)^web +a +[1-9]");
        assertThat(daemon.must("stats", "web", "--json")).contains("\"name\":\"a\",\"receivedFrames\":");
        assertThat(daemon.must("top", "-n", "2", "-d", "0.01").lines().filter(line -> line.startsWith("NETWORK"))).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource({"daemon killed, 1", "daemon stopped, 0", "interrupted, 0"})
    void a_capture_fails_only_where_its_stream_breaks_and_what_came_is_readable(String how, int expected) throws IOException {
        try (TestDaemon other = TestDaemon.prepare(namespaces, daemon.host()).begin()) {
            String container = other.container("bridge", "c");
            Path file = Files.createTempFile(other.directory(), "capture", ".pcapng");
            Background capture = namespaces.start(daemon.host(), Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"), "io.footbridge.control.Main",
                "capture", "bridge", "-w", file.toString(), "--socket", other.socket().toString());
            capture.awaitText("capturing on bridge");
            other.awaitPing(container, "172.30.0.1");
            TestNamespaces.await("frames in the file", () -> namespaces.host("tcpdump", "-nr", file.toString()).output().contains("ICMP"));
            switch (how) {
                case "daemon killed" -> other.kill();
                case "daemon stopped" -> assertThat(other.terminate(TestNamespaces.LIMIT)).isZero();
                default -> ProcessHandle.of(capture.pid()).ifPresent(ProcessHandle::destroy);
            }
            TestNamespaces.Result result = capture.awaitEnd(TestNamespaces.LIMIT);
            assertThat(result.exitCode()).as(result.errors()).isEqualTo(expected);
            assertThat(result.errors().lines().filter(line -> line.contains("broke off"))).hasSize(expected);
            assertThat(namespaces.host("tcpdump", "-nr", file.toString()).succeeded()).isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({"web/a", "web"})
    void a_capture_is_read_by_tcpdump(String what) {
        Path file = daemon.directory().resolve(what.replace('/', '-') + ".pcapng");
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"), "io.footbridge.control.Main",
            "capture", what, "-w", file.toString(), "-c", "4", "--socket", daemon.socket().toString()));
        Background capture = namespaces.start(daemon.host(), command.toArray(String[]::new));
        capture.awaitText("capturing on " + what);
        TestNamespaces.await("the capture's end", () -> {
            daemon.pings(a, "10.9.0.3");
            return !capture.isAlive();
        });
        assertThat(capture.awaitEnd(TestNamespaces.LIMIT).exitCode()).isZero();
        TestNamespaces.Result dump = namespaces.host("tcpdump", "-nr", file.toString());
        assertThat(dump.output()).contains("10.9.0.2 > 10.9.0.3: ICMP echo request");
        assertThat(dump.output().lines()).hasSize(4);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "network create web|network with name web already exists",
        "network create x --subnet 10.9.0.128/25|Pool overlaps with other one on this address space",
        "network create x --subnet 10.8.0.1/24|it should be 10.8.0.0/24",
        "network create x --subnet 127.0.0.0/8|hosts cannot have its addresses",
        "network create x --subnet 10.8.0.0/24 --gateway 10.9.0.1|cannot be a host's address in subnet 10.8.0.0/24",
        "network create x --subnet none --subnet6 fd00::/64|no subnet6",
        "network create a/b|name 'a/b' is invalid",
        "network create x --uplink frames:eth0,addr=10.0.0.2/24|network x: Cannot find device \"eth0\"",
        "network create x --uplink frames:eth0,addr=10.0.0.2/24,gw=10.1.0.1|gw: 10.1.0.1 is not in the uplink's subnet 10.0.0.0/24",
        "network create x --uplink frames:eth0,addr=auto,mtu=1400|unknown key 'mtu'",
        "unpublish web 80|No public port '80/tcp' published for web",
        "port set web a static-nat=198.51.100.1|static-nat: network web has no uplink of frames",
        "conntrack list nosuch|network nosuch not found",
        "nat list nosuch|network nosuch not found",
        "network rm web|has active endpoints",
        "network rm bridge|pre-defined network",
        "network inspect nosuch|network nosuch not found",
        "network set web fdb-limit=99|fixed once it is made",
        "attach nosuch --pid 1|network nosuch not found",
        "attach web --netns /run/netns/nosuch|no such namespace: /run/netns/nosuch",
        "attach web --netns /etc/passwd|not a network namespace",
        "attach web --pid 1 --ifname interface-too-long|15",
        "attach web --pid 1 --ip 10.9.0.2|Address already in use",
        "attach web --pid 1 --ip 10.9.0.255|cannot be a host's",
        "attach web --pid 1 --ip 10.8.0.7|not in subnet",
        "attach web --pid 1 --ip6 fd00::7|no IPv6 subnet",
        "attach web --pid 1 --mac 01:00:00:00:00:01|multicast",
        "attach web --pid 1 --name a|endpoint with name a already exists in network web",
        "attach web --link nosuch0|Cannot find device \"nosuch0\"",
        "attach web --host lo|stands for something else",
        "detach web nosuch|endpoint nosuch not found",
        "port set web a bogus=1|unknown option 'bogus'",
        "fdb add web 02:00:00:00:00:01 nosuch|Cannot find device \"nosuch\"",
        "fdb show nosuch|Cannot find bridge device \"nosuch\"",
        "fdb del web 02:00:00:00:00:7f|No such file or directory",
        "capture web/nosuch -w -|endpoint nosuch not found"})
    void what_cannot_be_is_said_in_one_line(String command, String expected) {
        TestDaemon.Result result = daemon.footbridge(command.split(" "));
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.output()).isEmpty();
        assertThat(result.errors()).startsWith("footbridge: ").contains(expected).hasLineCount(1);
    }
}
