package io.footbridge.control;

import static io.footbridge.tap.TestNamespaces.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.tap.ProcessUse;
import io.footbridge.tap.TestNamespaces;
import io.footbridge.tap.TestNamespaces.Background;
import io.footbridge.tap.TestNamespaces.Result;
import io.footbridge.tap.namespace.NetworkNamespace;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code bin/docker-proxy} as dockerd starts it, in a namespace that plays the host, with a daemon there and without. */
class FrontEndIT {
    private static final Path ROOT = Path.of(System.getProperty("footbridge.root"));
    private static final String PROXY = ROOT.resolve("bin/docker-proxy").toString();
    private static final String SERVED = "0\n";
    private static final int BACK_END = 80;

    private final TestNamespaces namespaces = new TestNamespaces();
    private final TestServers servers = new TestServers();
    private TestDaemon daemon;
    private String host;
    private int attempts;

    @BeforeEach
    void begin() {
        TestNamespaces.assumeCapable();
        host = namespaces.create();
        daemon = TestDaemon.prepare(namespaces, host);
        servers.web(host, BACK_END);
    }

    @AfterEach
    void end() throws IOException {
        servers.close();
        namespaces.close();
        daemon.close();
    }

    private static String[] words(int port) {
        return new String[] {"-proto", "tcp", "-host-ip", "127.0.0.1", "-host-port", String.valueOf(port), "-container-ip", "127.0.0.1",
            "-container-port", String.valueOf(BACK_END)};
    }

    /** Starts a command in the host's namespace whose output is what is said on descriptor 3. */
    private Background start(String namespace, String before, String program, String... words) {
        List<String> command = new ArrayList<>(List.of("sh", "-c", "exec 3>&1 1>/dev/null; " + before + "exec \"$@\"", "sh", "env",
            "FOOTBRIDGE_SOCKET=" + daemon.socket(), program));
        command.addAll(List.of(words));
        return namespaces.start(namespace, command.toArray(String[]::new));
    }

    private Background serve(int port) {
        return start(host, "", PROXY, words(port));
    }

    private Background served(int port) {
        Background frontEnd = serve(port);
        await("status of " + port + ": " + frontEnd.errors(), () -> frontEnd.output().equals(SERVED));
        return frontEnd;
    }

    private static boolean isShell(Background process) throws IOException {
        return Files.readString(Path.of("/proc/" + process.pid() + "/cmdline")).contains("bin/docker-proxy");
    }

    private boolean answers(int port) {
        Result page = namespaces.exec(host, "curl", "-s", "-m", "5", "http://127.0.0.1:" + port + "/");
        return page.succeeded() && page.output().equals("127.0.0.1\n");
    }

    private static boolean holds(Background process, int descriptor) {
        return Files.exists(Path.of("/proc/" + process.pid() + "/fd/" + descriptor));
    }

    private void signal(Background process, String name) {
        namespaces.host("kill", "-" + name, String.valueOf(process.pid()));
    }

    private static int exitCode(Background process) {
        return process.awaitEnd(TestNamespaces.LIMIT).exitCode();
    }

    private boolean isListening(int port) {
        return namespaces.run(host, "ss", "-Hltn", "sport = :" + port).contains(":" + port);
    }

    @ParameterizedTest
    @ValueSource(strings = {"INT", "TERM"})
    void theDaemonServesThePortOfAShellThatWaitsAndTheSignalEndsBothWithZero(String signal) throws Exception {
        daemon.begin();
        Background frontEnd = served(8000);
        assertThat(isShell(frontEnd)).isTrue();
        assertThat(answers(8000)).isTrue();
        await("descriptor 3 to be closed", () -> !holds(frontEnd, 3));
        signal(frontEnd, signal);
        assertThat(exitCode(frontEnd)).isZero();
        assertThat(isListening(8000)).as("its port is free once it has gone").isFalse();
    }

    @Test
    void aPortThatIsTakenIsSaidAndEndsWithOne() {
        daemon.begin();
        served(8000);
        Background second = serve(8000);
        Result result = second.awaitEnd(TestNamespaces.LIMIT);
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.output()).isEqualTo(
            "1\nfailed to listen on 127.0.0.1:8000: listen tcp4 127.0.0.1:8000: bind: address already in use");
        assertThat(answers(8000)).isTrue();
    }

    @Test
    void aBadProtocolIsSaidOnTheStatusDescriptor() {
        daemon.begin();
        Background icmp = start(host, "", PROXY, "-proto", "icmp", "-host-port", "1");
        Result result = icmp.awaitEnd(TestNamespaces.LIMIT);
        assertThat(result.output()).isEqualTo("1\nunsupported protocol icmp");
        assertThat(result.exitCode()).isEqualTo(1);
    }

    @Test
    void whatCannotBeReadIsTheOriginalsUsageWithTwoAndNoStatus() {
        daemon.begin();
        for (List<String> wrong : List.of(List.of("-no-such-flag"), List.of("-host-ip", "nowhere"), List.of("-host-port", "a b"))) {
            Result result = start(host, "", PROXY, wrong.toArray(String[]::new)).awaitEnd(TestNamespaces.LIMIT);
            assertThat(result.exitCode()).as(wrong.toString()).isEqualTo(2);
            assertThat(result.output()).isEmpty();
            assertThat(result.errors()).contains("Usage of docker-proxy:");
        }
    }

    @Test
    void thePortOfAFrontEndThatIsKilledIsClosedAndCanBeHadByTheNext() throws Exception {
        daemon.begin();
        Background first = served(8000);
        signal(first, "KILL");
        await("the end", () -> !first.isAlive());
        served(8000);
        assertThat(answers(8000)).isTrue();
    }

    @Test
    void whenTheDaemonIsKilledTheFrontEndsStayAndTheNextDaemonServesTheirPorts() throws Exception {
        daemon.begin();
        Background first = served(8000);
        Background second = served(8001);
        daemon.kill();
        await("the port to be closed", () -> !isListening(8000));
        signal(second, "INT");
        assertThat(exitCode(second)).isZero();
        assertThat(first.isAlive()).isTrue();
        assertThat(isShell(first)).isTrue();
        daemon.begin();
        await("the port to be served again", () -> answers(8000));
        assertThat(isListening(8001)).isFalse();
        signal(first, "INT");
        assertThat(exitCode(first)).isZero();
        assertThat(isListening(8000)).isFalse();
    }

    @Test
    void aPortThatSomebodyTookMeanwhileIsServedAgainWhenItIsFree() throws Exception {
        daemon.begin();
        Background first = served(8000);
        daemon.kill();
        Background thief = namespaces.start(host, "python3", "-m", "http.server", "--bind", "127.0.0.1", "8000");
        await("the thief", () -> isListening(8000));
        daemon.begin().process().awaitText("waits: failed to listen on 127.0.0.1:8000");
        assertThat(first.isAlive()).isTrue();
        thief.stop();
        await("the port to be served again", () -> answers(8000));
    }

    @Test
    void aDaemonThatEndsInOrderLeavesItsFrontEndsWaitingForTheNext() throws Exception {
        daemon.begin();
        Background frontEnd = served(8000);
        assertThat(daemon.terminate(TestNamespaces.LIMIT)).isZero();
        assertThat(isListening(8000)).isFalse();
        assertThat(frontEnd.isAlive()).isTrue();
        daemon.begin();
        await("the port to be served again", () -> answers(8000));
    }

    @Test
    void aFrontEndStartedInTheBackgroundOfAScriptFeelsTheSignal() throws Exception {
        daemon.begin();
        Background script = start(host, "", "sh", "-c", "\"$@\" & echo $! >&2; wait $!; echo ended with $? >&2", "sh", PROXY,
            "-proto", "tcp", "-host-ip", "127.0.0.1", "-host-port", "8000", "-container-ip", "127.0.0.1", "-container-port", "80");
        await("status", () -> script.output().equals(SERVED));
        namespaces.host("kill", "-INT", script.errors().lines().findFirst().orElseThrow());
        script.awaitText("ended with 0");
    }

    @Test
    void aFrontEndThatIsNotExecutableFeelsTheSignalInTheBackgroundOfAScriptToo(@TempDir Path folder) throws Exception {
        daemon.begin();
        Path copy = Files.copy(Path.of(PROXY), folder.resolve("docker-proxy"));
        Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rw-r--r--"));
        Background script = start(host, "", "sh", "-c", "sh \"$@\" & echo $! >&2; wait $!; echo ended with $? >&2", "sh",
            copy.toString(), "-proto", "tcp", "-host-ip", "127.0.0.1", "-host-port", "8000", "-container-ip", "127.0.0.1",
            "-container-port", "80");
        await("status", () -> script.output().equals(SERVED));
        namespaces.host("kill", "-INT", script.errors().lines().findFirst().orElseThrow());
        script.awaitText("ended with 0");
    }

    @Test
    void aFrontEndThatDoesNotNoticeThatItIsToServeItselfIsToldAgainUntilItDoes() throws Exception {
        daemon.begin();
        String other = namespaces.create();
        Background deaf = deaf(other);
        await("to be told a third time", () -> deaf.output().lines().filter("told"::equals).count() >= 3);
        Background noticing = asking(other, "trap - ALRM; echo told");
        await("to be told", () -> noticing.output().equals("told\n"));
        await("the other to be told a fifth time", () -> deaf.output().lines().count() >= 5);
        assertThat(noticing.isAlive()).as("a signal that it does not catch would have ended it").isTrue();
    }

    /** A shell in another namespace that asks to be served, and is told to serve itself in vain. */
    private Background deaf(String namespace) {
        return asking(namespace, "echo told");
    }

    /** A shell in another namespace that asks to be served; what it does when told to serve itself. By USR1 it says that it leaves. */
    private Background asking(String namespace, String whenTold) {
        Path state = daemon.socket().resolveSibling(daemon.socket().getFileName() + ".d");
        return namespaces.start(namespace, "sh", "-c", "trap '" + whenTold + "' ALRM; "
            + "trap 'echo end $$ >\"$1/requests\"; echo leaving' USR1; exec 5<\"$1/alive\"; "
            + "echo \"serve $$ new -proto tcp -host-port 1\" >\"$1/requests\"; while :; do sleep 0.01; done", "sh",
            state.toString());
    }

    @Test
    void aFrontEndThatIsLeavingIsNotToldToServeItself() throws Exception {
        daemon.begin();
        String other = namespaces.create();
        Background leaving = deaf(other);
        await("to be told", () -> leaving.output().contains("told"));
        signal(leaving, "USR1");
        await("to have said so", () -> leaving.output().contains("leaving"));
        long before = leaving.output().lines().count();
        Background staying = deaf(other);
        await("the other to be told a sixth time", () -> staying.output().lines().count() >= 6);
        // One may have been on its way.
        assertThat(leaving.output().lines().count()).isLessThanOrEqualTo(before + 1);
    }

    @Test
    void aFrontEndThatIsToldToEndAndThenToServeItselfEnds() throws Exception {
        daemon.begin();
        long pid = daemon.process().pid();
        namespaces.host("kill", "-STOP", String.valueOf(pid));
        Background frontEnd = serve(8000);
        await("it to wait", () -> holds(frontEnd, 5));
        signal(frontEnd, "INT");
        await("it to wait for its port to be closed", () -> namespaces.host("pgrep", "-P", String.valueOf(frontEnd.pid()), "sleep")
            .succeeded());
        signal(frontEnd, "ALRM");
        assertThat(exitCode(frontEnd)).isZero();
        namespaces.host("kill", "-CONT", String.valueOf(pid));
        assertThat(isListening(8000)).isFalse();
    }

    @Test
    void twoHundredAtOnceAreAllServed() {
        daemon.begin();
        List<Background> all = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            all.add(serve(9000 + i));
        }
        for (Background each : all) {
            await("status: " + each.errors(), () -> each.output().equals(SERVED));
        }
        assertThat(answers(9000)).isTrue();
        assertThat(answers(9199)).isTrue();
        all.forEach(each -> signal(each, "INT"));
        for (Background each : all) {
            assertThat(exitCode(each)).isZero();
        }
        assertThat(namespaces.run(host, "ss", "-Hltn", "sport >= :9000 and sport <= :9199")).isEmpty();
    }

    @Test
    void withoutDescriptorsOthersServeThemselvesCommandsAreAnsweredAndItRecovers() throws Exception {
        daemon.begin();
        served(8000);
        long pid = daemon.process().pid();
        int most = ProcessUse.descriptors(pid) + 60;
        namespaces.host("prlimit", "--pid", String.valueOf(pid), "--nofile=" + most + ":" + most);
        List<Socket> clients = new ArrayList<>();
        int alone;
        try {
            for (int i = 0; i < 60; i++) {
                clients.add(connect(8000));
            }
            await("no descriptor to be left", () -> ProcessUse.descriptors(pid) == most);
            int port = 8000;
            do {
                port++;
            } while (isShell(served(port)) && port < 8020);
            assertThat(port).as("those that its reserve lasts for").isLessThan(8020);
            alone = port;
            for (int i = 0; i < 10; i++) {
                assertThat(daemon.must("network", "list")).startsWith("NETWORK ID");
            }
        } finally {
            for (Socket client : clients) {
                client.close();
            }
        }
        // The server has time for others now.
        await("the port to answer again", () -> answers(8000));
        assertThat(answers(alone)).isTrue();
        await("the daemon to take ports again", () -> isShell(served(8100 + attempts++)));
    }

    private Socket connect(int port) throws IOException {
        try (NetworkNamespace namespace = NetworkNamespace.open(TestNamespaces.path(host))) {
            return namespace.<Socket, IOException>call(() -> new Socket("127.0.0.1", port));
        }
    }

    @Test
    void aListeningSocketThatWasHandedOverServesAndItsFamilyIsItsOwn() throws Exception {
        String python = """
            import os, socket, sys
            listener = socket.create_server(('::', 8000), family=socket.AF_INET6, dualstack_ipv6=True)
            os.dup2(listener.fileno(), 4)
            os.set_inheritable(4, True)
            os.execv(sys.argv[1], sys.argv[1:])
            """;
        daemon.begin();
        List<String> words = new ArrayList<>(List.of(words(1)));
        words.add("-use-listen-fd");
        Background frontEnd = start(host, "", "python3", concat(List.of("-c", python, PROXY), words));
        await("status: " + frontEnd.errors(), () -> frontEnd.output().equals(SERVED));
        assertThat(answers(8000)).isTrue();
        daemon.kill();
        daemon.begin();
        await("the same socket to be served again", () -> answers(8000));
        signal(frontEnd, "INT");
        assertThat(exitCode(frontEnd)).isZero();
        assertThat(isListening(8000)).isFalse();
    }

    private static String[] concat(List<String> first, List<String> second) {
        List<String> all = new ArrayList<>(first);
        all.addAll(second);
        return all.toArray(String[]::new);
    }

    @Test
    void aMissingListeningSocketIsSaid() {
        daemon.begin();
        Result result = start(host, "exec 4>&-; ", PROXY, "-use-listen-fd").awaitEnd(TestNamespaces.LIMIT);
        assertThat(result.output()).isEqualTo("1\nfile file+net listen-sock: fcntl: bad file descriptor");
        assertThat(result.exitCode()).isEqualTo(1);
    }

    @Test
    void withoutAStatusDescriptorThePortIsServedAllTheSame() {
        daemon.begin();
        start(host, "exec 3>&-; ", PROXY, words(8000));
        await("the port", () -> answers(8000));
    }

    @Test
    void linesThatAreNoRequestsDoNoHarm() throws Exception {
        daemon.begin();
        Path requests = daemon.socket().resolveSibling(daemon.socket().getFileName() + ".d").resolve("requests");
        Files.writeString(requests, "serve\nend x\n\nserve 0 new\nserve 1 new -proto tcp\nserve 999999999 new -proto tcp\nend 1\n"
            + "serve " + ProcessHandle.current().pid() + " new -host-port 1\n" + "x".repeat(3000) + "\n", StandardOpenOption.WRITE);
        served(8000);
        assertThat(answers(8000)).isTrue();
    }

    @Test
    void withoutADaemonAJvmServesInTheFrontEndsPlace() throws Exception {
        Background alone = served(8000);
        assertThat(isShell(alone)).isFalse();
        assertThat(answers(8000)).isTrue();
        signal(alone, "INT");
        assertThat(exitCode(alone)).isZero();
    }

    @Test
    void afterADaemonThatWasKilledANewFrontEndServesItselfAndAnOldOneStartsNoJvm() throws Exception {
        daemon.begin();
        Background old = served(8000);
        daemon.kill();
        Background alone = served(8001);
        assertThat(isShell(alone)).isFalse();
        assertThat(isShell(old)).isTrue();
        assertThat(answers(8001)).isTrue();
    }

    @Test
    void aFrontEndInAnotherNetworkNamespaceServesThere() {
        daemon.begin();
        String other = namespaces.create();
        Background elsewhere = start(other, "", PROXY, words(8000));
        await("status: " + elsewhere.errors(), () -> elsewhere.output().equals(SERVED));
        assertThat(isListening(8000)).isFalse();
        assertThat(namespaces.run(other, "ss", "-Hltn", "sport = :8000")).isNotEmpty();
    }

    @Test
    void unbuiltItSaysSoInOneLineAlsoOnTheStatusDescriptorAndBuildsNothing(@TempDir Path checkout) throws IOException {
        for (String file : List.of("bin/docker-proxy", "footbridge", "control/src/main/launcher/docker-proxy.version.txt")) {
            Files.createDirectories(checkout.resolve(file).getParent());
            Files.copy(ROOT.resolve(file), checkout.resolve(file), java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
        }
        String copy = checkout.resolve("bin/docker-proxy").toString();
        Result result = start(host, "", copy, words(8000)).awaitEnd(TestNamespaces.LIMIT);
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.errors()).startsWith("footbridge: not built yet: cd ").hasLineCount(1);
        assertThat(result.output()).startsWith("1\nnot built yet: cd ");
        assertThat(checkout.resolve("build")).doesNotExist();
        Result version = namespaces.exec(host, copy, "-version");
        assertThat(version.output()).isEqualTo(
            "docker-proxy (commit footbridge) version " + System.getProperty("footbridge.version") + "\n");
    }
}
