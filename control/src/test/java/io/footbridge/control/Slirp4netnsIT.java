package io.footbridge.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.tap.TestNamespaces;
import io.footbridge.tap.TestNamespaces.Background;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client of slirp4netns relies on: descriptors, process id, interface, rights, its end. */
@Timeout(120)
class Slirp4netnsIT {
    private static final String NET_BIND_SERVICE = "0000000000000400";

    @TempDir
    private Path temporary;
    private TestNamespaces namespaces;
    private String target;
    private Background inside;

    @BeforeEach
    void makeTarget() throws IOException {
        TestNamespaces.assumeCapable();
        Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwxrwxrwx"));
        namespaces = new TestNamespaces();
        target = namespaces.create();
        inside = namespaces.start(target, "sleep", "600");
    }

    @AfterEach
    void removeTarget() {
        if (namespaces != null) {
            namespaces.close();
        }
    }

    private Slirp4netnsRun start(String... arguments) throws IOException {
        return Slirp4netnsRun.start(temporary, arguments);
    }

    private String pid() {
        return String.valueOf(inside.pid());
    }

    private void assertGatewayAnswers(String gateway) {
        assertThat(namespaces.run(target, "ping", "-c", "1", "-W", "5", gateway)).contains(" 0% packet loss");
    }

    @Test
    void readyDescriptorGetsOneByteAndIsClosedWhenTheInterfaceIsSetUp() throws IOException {
        try (Slirp4netnsRun slirp = start("-c", "-r", "3", pid(), "tap0")) {
            slirp.awaitReady();
            assertThat(slirp.ready()).isEqualTo("1");
            assertThat(Files.isSymbolicLink(Path.of("/proc/" + slirp.pid() + "/fd/3"))
                && Files.readSymbolicLink(Path.of("/proc/" + slirp.pid() + "/fd/3")).endsWith("ready")).isFalse();
            assertThat(namespaces.run(target, "ip", "-4", "addr", "show", "tap0")).contains("10.0.2.100/24", "mtu 1500", "UP");
            assertThat(namespaces.run(target, "ip", "route")).contains("default via 10.0.2.2 dev tap0");
            assertGatewayAnswers("10.0.2.2");
            assertThat(slirp.output()).contains("* MTU:             1500\n", "* Recommended IP:  10.0.2.100\n",
                "WARNING: 127.0.0.1:* on the host is accessible as 10.0.2.2");
            assertThat(slirp.errors()).isEmpty();
        }
    }

    @Test
    void interfaceIsAsTheOptionsSay() throws IOException {
        try (Slirp4netnsRun slirp = start("-r", "3", pid(), "tap7", "--configure", "--cidr", "10.77.0.0/16", "--mtu=65520", "--macaddress",
            "2:1:2:3:4:5", "--disable-host-loopback")) {
            slirp.awaitReady();
            assertThat(namespaces.run(target, "ip", "addr", "show", "tap7"))
                .contains("10.77.0.100/16", "mtu 65520", "link/ether 02:01:02:03:04:05");
            assertGatewayAnswers("10.77.0.2");
            assertThat(slirp.output()).doesNotContain("WARNING");
        }
    }

    @Test
    void persistentTapOfTheClientIsTakenOverAsItIs() throws IOException {
        namespaces.run(target, "ip", "tuntap", "add", "name", "tap0", "mode", "tap");
        namespaces.run(target, "ip", "link", "set", "tap0", "up", "mtu", "1400");
        namespaces.run(target, "ip", "addr", "add", "10.0.2.50/24", "dev", "tap0");
        try (Slirp4netnsRun slirp = start("-r", "3", "--mtu", "1400", pid(), "tap0")) {
            slirp.awaitReady();
            assertThat(namespaces.run(target, "ip", "addr", "show", "tap0")).contains("10.0.2.50/24", "mtu 1400")
                .doesNotContain("10.0.2.100");
            assertGatewayAnswers("10.0.2.2");
        }
    }

    @Test
    void hangUpOfTheExitDescriptorEndsItWithZero() throws Exception {
        // Held open for writing by the test alone.
        Path fifo = temporary.resolve("hold");
        namespaces.host("mkfifo", fifo.toString());
        Slirp4netnsRun slirp = Slirp4netnsRun.startBy(temporary, List.of("sh", "-c", "exec \"$@\" 4<" + fifo, "sh"),
            "-c", "-e", "4", "-r", "3", pid(), "tap0");
        try (slirp) {
            try (FileChannel held = FileChannel.open(fifo, StandardOpenOption.WRITE)) {
                slirp.awaitReady();
                held.write(ByteBuffer.wrap(new byte[] {'x'}));
                assertGatewayAnswers("10.0.2.2");
                assertThat(slirp.isAlive()).as("data alone is no end").isTrue();
            }
            assertThat(slirp.awaitEnd()).isZero();
            assertThat(slirp.errors()).isEqualTo("exitfd event\n");
        }
    }

    @Test
    void exitDescriptorThatIsNotOpenIsAnEventToo() throws Exception {
        try (Slirp4netnsRun slirp = start("-c", "-e", "77", pid(), "tap0")) {
            assertThat(slirp.awaitEnd()).isZero();
            assertThat(slirp.errors()).isEqualTo("exitfd event\n");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "--enable-sandbox --enable-seccomp"})
    void endOfTheTargetEndsIt(String flags) throws Exception {
        String[] words = Stream.concat(Stream.of("-c", "-r", "3", pid(), "tap0"), Stream.of(flags.split(" ")).filter(w -> !w.isEmpty()))
            .toArray(String[]::new);
        try (Slirp4netnsRun slirp = start(words)) {
            slirp.awaitReady();
            inside.stop();
            assertThat(slirp.awaitEnd()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "--enable-sandbox --enable-seccomp"})
    void endOfTheTargetsFileEndsIt(String flags) throws Exception {
        String other = namespaces.create();
        String[] words = Stream.concat(Stream.of("-c", "-r", "3", "--netns-type=path", TestNamespaces.path(other).toString(), "tap0"),
            Stream.of(flags.split(" ")).filter(w -> !w.isEmpty())).toArray(String[]::new);
        try (Slirp4netnsRun slirp = start(words)) {
            slirp.awaitReady();
            assertThat(namespaces.run(other, "ping", "-c", "1", "-W", "5", "10.0.2.2")).contains(" 0% packet loss");
            namespaces.delete(other);
            assertThat(slirp.awaitEnd()).isZero();
        }
    }

    @Test
    void rightsAreAllThereWithoutFlags() throws IOException {
        try (Slirp4netnsRun slirp = start("-c", "-r", "3", pid(), "tap0")) {
            slirp.awaitReady();
            assertThat(slirp.ofAllThreads("CapEff")).hasSizeGreaterThan(1).doesNotContain(NET_BIND_SERVICE);
            assertThat(slirp.ofAllThreads("NoNewPrivs")).containsOnly("0");
            assertThat(slirp.ofAllThreads("Seccomp")).containsOnly("0");
        }
    }

    @Test
    void seccompHoldsForEveryThread() throws IOException {
        try (Slirp4netnsRun slirp = start("-c", "-r", "3", "--enable-seccomp", pid(), "tap0")) {
            slirp.awaitReady();
            assertThat(slirp.ofAllThreads("Seccomp")).hasSizeGreaterThan(1).containsOnly("2");
            assertThat(slirp.ofAllThreads("NoNewPrivs")).containsOnly("1");
            assertGatewayAnswers("10.0.2.2");
        }
    }

    @Test
    void sandboxLeavesEveryThreadOneRightAndNextToNoFiles() throws IOException {
        try (Slirp4netnsRun slirp = start("-c", "-r", "3", "--enable-sandbox", "--enable-seccomp", "-a", "api.sock", pid(), "tap0")) {
            slirp.awaitReady();
            for (String set : List.of("CapEff", "CapPrm", "CapInh", "CapBnd")) {
                assertThat(slirp.ofAllThreads(set)).as(set).hasSizeGreaterThan(1).containsOnly(NET_BIND_SERVICE);
            }
            assertThat(slirp.ofAllThreads("CapAmb")).containsOnly("0000000000000000");
            assertThat(slirp.ofAllThreads("NoNewPrivs")).containsOnly("1");
            assertThat(slirp.ofAllThreads("Seccomp")).containsOnly("2");
            Path root = Path.of("/proc/" + slirp.pid() + "/root");
            try (Stream<Path> files = Files.list(root)) {
                assertThat(files.map(file -> file.getFileName().toString())).containsExactlyInAnyOrder("dev", "etc", "footbridge", "run");
            }
            assertThat(Files.readAllLines(Path.of("/proc/" + slirp.pid() + "/mounts"))).isNotEmpty()
                .allMatch(line -> line.split(" ")[3].startsWith("ro"));
            assertThat(root.resolve("etc/resolv.conf")).exists();
            assertThat(ask(slirp.folder().resolve("api.sock"), "{\"execute\":\"list_hostfwd\"}"))
                .isEqualTo("{\"return\":{\"entries\":[]},\"entries\":[]}");
            assertGatewayAnswers("10.0.2.2");
        }
    }

    @Test
    void nothingOfTheHostsFilesIsOpenInTheSandbox() throws IOException {
        try (Slirp4netnsRun slirp = start("-c", "-r", "3", "--enable-sandbox", pid(), "tap0"); Stream<Path> files =
            Files.list(Path.of("/proc/" + slirp.awaitReady().pid() + "/fd"))) {
            assertThat(files.filter(file -> Integer.parseInt(file.getFileName().toString()) > 2).map(Slirp4netnsIT::target))
                .allMatch(open -> open.matches("(/footbridge/|/dev/net/tun|/dev/urandom|anon_inode:|socket:|pipe:|.*/exit$).*"));
        }
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException gone) {
            return "anon_inode:gone";
        }
    }

    private static String ask(Path socket, String request) throws IOException {
        try (SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            client.connect(UnixDomainSocketAddress.of(socket));
            client.write(StandardCharsets.UTF_8.encode(request));
            ByteBuffer answer = ByteBuffer.allocate(4096);
            client.read(answer);
            return new String(answer.array(), 0, answer.position(), StandardCharsets.UTF_8);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"lo", "a/b"})
    void nameThatNoTapCanHaveIsOneLine(String name) throws Exception {
        try (Slirp4netnsRun slirp = start("-c", pid(), name)) {
            assertThat(slirp.awaitEnd()).isEqualTo(1);
            assertThat(slirp.errors()).startsWith("slirp4netns: make TAP device " + name + ": Invalid argument; ").hasLineCount(1);
        }
    }

    @Test
    void targetThatIsNotThereIsOneLine() throws Exception {
        try (Slirp4netnsRun process = start("-c", "999999999", "tap0");
            Slirp4netnsRun file = start("-c", "--netns-type=path", "/etc", "tap0")) {
            assertThat(process.awaitEnd()).isEqualTo(1);
            assertThat(process.errors()).isEqualTo("slirp4netns: no such process: 999999999: No such process\n");
            assertThat(file.awaitEnd()).isEqualTo(1);
            assertThat(file.errors()).startsWith("slirp4netns: /etc is not a network namespace").hasLineCount(1);
        }
    }

    @Test
    void wrongCommandLineIsToldWithTheUsage() throws Exception {
        try (Slirp4netnsRun slirp = start("-m", "0", pid(), "tap0")) {
            assertThat(slirp.awaitEnd()).isEqualTo(1);
            assertThat(slirp.errors()).isEqualTo("MTU must be a positive integer (< 65522)\n");
            assertThat(slirp.output()).startsWith("Usage: slirp4netns [OPTION]... PID|PATH [TAPNAME]\n");
        }
    }
}
