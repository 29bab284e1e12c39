package io.footbridge.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.footbridge.tap.TestNamespaces;
import io.footbridge.tap.TestNamespaces.Background;
import io.footbridge.tap.TestNamespaces.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Docker, unchanged, with {@code bin/docker-proxy} as its userland proxy: a dockerd of the test's own, in a network namespace
 * that plays the host, with all its state in a temporary directory. {@code .ci/run} unpacks its programs into build/docker.
 */
class DockerIT {
    private static final Path ROOT = Path.of(System.getProperty("footbridge.root"));
    private static final Path PROGRAMS = ROOT.resolve("build/docker");
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String IMAGE = "web";
    private static final List<String> APPLETS = List.of("httpd", "sleep");

    private final TestNamespaces namespaces = new TestNamespaces();
    private TestDaemon daemon;
    private Path directory;
    private String host;
    private Background dockerd;

    @BeforeEach
    void begin() throws IOException {
        TestNamespaces.assumeCapable();
        assumeTrue(program("dockerd") && program("containerd") && program("runc") && program("busybox"),
            "no dockerd, containerd, runc or busybox; install docker.io and busybox-static");
        host = namespaces.create();
        daemon = TestDaemon.prepare(namespaces, host);
        directory = daemon.directory();
    }

    @AfterEach
    void end() {
        if (dockerd != null && dockerd.isAlive()) {
            List<String> all = docker("ps", "-aq").output().lines().toList();
            if (!all.isEmpty()) {
                docker(Stream.concat(Stream.of("rm", "-f"), all.stream()).toArray(String[]::new));
            }
            stopDocker();
        }
        namespaces.close();
        if (daemon != null) {
            daemon.close();
        }
    }

    private static String path() {
        return Stream.of("usr/sbin", "usr/bin", "bin").map(PROGRAMS::resolve).map(Path::toString)
            .reduce((a, b) -> a + ":" + b).orElseThrow() + ":" + System.getenv("PATH");
    }

    private static boolean program(String name) {
        return Stream.of(path().split(":")).anyMatch(folder -> Files.isExecutable(Path.of(folder, name)));
    }

    private String[] inside(List<String> command) {
        List<String> all = new ArrayList<>(List.of("env", "PATH=" + path(), "FOOTBRIDGE_SOCKET=" + daemon.socket(),
            "DOCKER_HOST=unix://" + directory.resolve("docker.sock")));
        all.addAll(command);
        return all.toArray(String[]::new);
    }

    private void startDocker(String... options) {
        // `ip netns exec` has a /sys of its own, where no cgroups are mounted.
        List<String> command = new ArrayList<>(List.of("sh", "-c", "mount -t cgroup2 none /sys/fs/cgroup && exec \"$@\"", "sh",
            "dockerd", "--userland-proxy-path=" + ROOT.resolve("bin/docker-proxy"), "--data-root",
            directory.resolve("data").toString(), "--exec-root", directory.resolve("exec").toString(),
            "--pidfile", directory.resolve("docker.pid").toString(), "-H", "unix://" + directory.resolve("docker.sock"),
            "--storage-driver", "vfs"));
        command.addAll(List.of(options));
        dockerd = namespaces.start(host, inside(command)).awaitText("API listen on");
    }

    private void stopDocker() {
        namespaces.host("kill", "-TERM", String.valueOf(dockerd.pid()));
        dockerd.awaitEnd(LIMIT);
    }

    private Result docker(String... words) {
        return namespaces.exec(LIMIT, host, inside(Stream.concat(Stream.of("docker"), Stream.of(words)).toList()));
    }

    private String must(String... words) {
        Result result = docker(words);
        assertThat(result.succeeded()).as(String.join(" ", words) + ": " + result.errors()).isTrue();
        return result.output();
    }

    /** An image of nothing but busybox. */
    private void importImage() {
        String applets = APPLETS.stream().map(applet -> "ln -s busybox bin/" + applet + "; ").reduce("", String::concat);
        Result result = namespaces.exec(LIMIT, host, inside(List.of("sh", "-c", "mkdir -p $1/bin $1/www; cd $1; "
            + "cp \"$(command -v busybox)\" bin/busybox; "
            + applets + "echo hello >www/index.html; tar -c . | docker import -c 'EXPOSE 80' - " + IMAGE, "sh",
            directory.resolve("image").toString())));
        assertThat(result.succeeded()).as(result.errors()).isTrue();
    }

    private void serve(String name, String... options) {
        List<String> words = new ArrayList<>(List.of("run", "-d", "--name", name));
        words.addAll(List.of(options));
        words.addAll(List.of(IMAGE, "/bin/httpd", "-f", "-h", "/www"));
        must(words.toArray(String[]::new));
    }

    private void assertServes(String address) {
        TestNamespaces.await(address + " answers", () -> page(address).equals("hello\n"));
    }

    private String page(String address) {
        return namespaces.exec(host, "curl", "-s", "-m", "5", "http://" + address + "/").output();
    }

    private long frontEnds() {
        return namespaces.host("ps", "-eo", "args").output().lines()
            .filter(line -> line.startsWith("/bin/sh " + ROOT.resolve("bin/docker-proxy"))).count();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--iptables=true", "--iptables=false"})
    void dockerPublishesAsItAlwaysDoes(String iptables) {
        daemon.begin();
        startDocker(iptables);
        importImage();
        serve("first", "-p", "8000:80", "-p", "127.0.0.1:8001:80");
        assertServes("127.0.0.1:8000");
        assertServes("127.0.0.1:8001");
        assertServes("[::1]:8000");
        assertThat(frontEnds()).isGreaterThanOrEqualTo(3);
        serve("any", "-P");
        assertServes("127.0.0.1:" + must("port", "any", "80").lines().findFirst().orElseThrow().replaceAll(".*:", ""));

        Result taken = docker("run", "-d", "-p", "8000:80", IMAGE, "/bin/httpd", "-f");
        assertThat(taken.exitCode()).isEqualTo(125);
        assertThat(taken.errors()).contains("Bind for 0.0.0.0:8000 failed: port is already allocated");
        namespaces.start(host, "python3", "-m", "http.server", "--bind", "127.0.0.1", "8055");
        TestNamespaces.await("a port of somebody else", () -> !page("127.0.0.1:8055").isEmpty());
        Result inUse = docker("run", "-d", "-p", "127.0.0.1:8055:80", IMAGE, "/bin/httpd", "-f");
        assertThat(inUse.errors()).contains("address already in use");

        must("run", "-d", "--name", "echo", "-p", "9000:9000/udp", IMAGE, "/bin/sleep", "1000");
        // busybox has no server of UDP: one of ours, in the container's network.
        namespaces.start(host, "nsenter", "-t", must("inspect", "-f", "{{.State.Pid}}", "echo").strip(), "-n", "python3", "-c", """
            import socket
            server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            server.bind(('', 9000))
            while True:
                server.sendto(*server.recvfrom(100))
            """);
        TestNamespaces.await("an echo by UDP", () -> namespaces.exec(host, "python3", "-c", """
            import socket
            client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            client.settimeout(2)
            client.sendto(b'echo', ('127.0.0.1', 9000))
            print(client.recv(100).decode())
            """).output().equals("echo\n"));

        must("rm", "-f", "first");
        assertThat(page("127.0.0.1:8000")).isEmpty();
        serve("second", "-p", "8000:80");
        assertServes("127.0.0.1:8000");
    }

    @Test
    void aRangeAndARestartOfDockerAndOfTheDaemon() {
        daemon.begin();
        startDocker();
        importImage();
        must("run", "-d", "--name", "range", "-p", "20000-20049:20000-20049", IMAGE, "/bin/httpd", "-f", "-p", "20049", "-h", "/www");
        assertServes("127.0.0.1:20049");
        assertServes("[::1]:20049");
        long before = frontEnds();
        daemon.kill();
        daemon.begin();
        assertServes("127.0.0.1:20049");
        assertServes("[::1]:20049");
        assertThat(frontEnds()).as("none ended with the daemon").isEqualTo(before);
        stopDocker();
        TestNamespaces.await("dockerd's front ends to end with it", () -> frontEnds() == before - 100);
        startDocker();
        must("start", "range");
        assertServes("127.0.0.1:20049");
        must("rm", "-f", "range");
        assertThat(namespaces.run(host, "ss", "-Hltn", "sport >= :20000 and sport <= :20049")).isEmpty();
    }

    @Test
    void withoutADaemonDockerPublishesToo() {
        startDocker();
        importImage();
        serve("alone", "-p", "127.0.0.1:8000:80");
        assertServes("127.0.0.1:8000");
        must("rm", "-f", "alone");
        assertThat(page("127.0.0.1:8000")).isEmpty();
    }
}
