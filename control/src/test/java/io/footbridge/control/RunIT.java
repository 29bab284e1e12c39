package io.footbridge.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.control.TestRuns.Who;
import io.footbridge.tap.TestNamespaces;
import io.footbridge.tap.TestNamespaces.Background;
import io.footbridge.tap.TestNamespaces.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code ./footbridge run}: what COMMAND finds, how it ends, and that nothing stays of it. */
class RunIT {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static TestRuns runs;

    @BeforeAll
    static void prepare() {
        TestNamespaces.assumeCapable();
        runs = new TestRuns();
    }

    @AfterAll
    static void tearDown() {
        if (runs != null) {
            runs.close();
        }
    }

    @ParameterizedTest
    @EnumSource
    void commandIsRootOnANetworkOfItsOwnWhoseGatewayAnswers(Who who) {
        Result result = runs.run(who, "--name", "web", "--alias", "www", "--", "sh", "-c", """
            id -u
            ip -4 -o address show eth0 | tr -s ' '
            ip -4 route show default
            ping -n -c 1 -W 2 10.0.2.1 >/dev/null && echo answered
            ping -n -c 1 -W 2 "$(ip -6 -o address show eth0 scope global | sed 's/.*inet6 //; s/::2.*/::1/')" >/dev/null && echo answered
            ip -6 route show default | wc -l
            cat /etc/resolv.conf
            getent ahostsv4 www
            getent hosts localhost
            """);
        assertThat(result.errors()).as("errors").satisfiesAnyOf(
            errors -> assertThat(errors).isEmpty(), errors -> assertThat(errors).contains("no subordinate ids").hasLineCount(1));
        assertThat(result.output().lines()).startsWith("0").element(1).asString().contains("inet 10.0.2.2/24 ");
        assertThat(result.output()).contains("default via 10.0.2.1 dev eth0", "answered\nanswered\n0\n", "nameserver 10.0.2.1\n")
            .containsPattern("10\\.0\\.2\\.2 +STREAM web").containsPattern("localhost");
        assertThat(result.exitCode()).isZero();
    }

    @ParameterizedTest
    @EnumSource(names = {"ROOT", "USER"})
    void exitCodeAndDeathBySignalAreTheCommands(Who who) {
        assertThat(runs.run(who, "--", "sh", "-c", "exit 7").exitCode()).isEqualTo(7);
        String python = "import os,subprocess,sys; print(subprocess.run(sys.argv[1:]).returncode)";
        List<String> killed = runs.as(who, "/usr/bin/python3", "-c", python);
        killed.addAll(List.of(System.getProperty("footbridge.root") + "/footbridge", "run", "--", "sh", "-c", "kill -USR1 $$"));
        assertThat(runs.namespaces().run(runs.host(), killed.toArray(String[]::new))).isEqualTo("-10\n");
    }

    @ParameterizedTest
    @EnumSource(names = {"ROOT", "USER"})
    void commandIsTheLaunchersProcessWithItsDescriptorsAndItsWorkingDirectory(Who who) {
        List<String> command = runs.as(who, "sh", "-c", """
            cd /usr
            exec 3>&1 4</dev/null
            exec "$0/footbridge" run -- sh -c 'echo "pid $$" >&3; ls -C /proc/$$/fd; pwd; exec sleep 1000'
            """, System.getProperty("footbridge.root"));
        Background run = runs.namespaces().start(runs.host(), command.toArray(String[]::new)).awaitText("/usr\n");
        assertThat(run.output().lines()).containsExactly("pid " + run.pid(), "0  1  2  3  4", "/usr");
        runs.end(who, run);
    }

    @ParameterizedTest
    @EnumSource
    void subordinateIdsAreMappedWhereTheUserHasSome(Who who) {
        String maps = runs.run(who, "--", "cat", "/proc/self/uid_map", "/proc/self/gid_map").output().replaceAll("[ \t]+", " ");
        assertThat(maps).isEqualTo(switch (who) {
            case ROOT -> " 0 0 4294967295\n".repeat(2);
            case USER -> " 0 47111 1\n 1 471110000 65536\n".repeat(2);
            case STRANGER -> " 0 47112 1\n".repeat(2);
        });
    }

    @ParameterizedTest
    @EnumSource
    void endOfTheCommandEndsWhatServedItAndWhatItLeft(Who who) throws IOException {
        Background run = runs.start(who, "--", "sh", "-c", "setsid sleep 1000 & echo \"left $!.\"; exec sleep 1000").awaitText(".\n");
        int left = Integer.parseInt(run.output().replaceAll("(?s).*left (\\d+)\\..*", "$1"));
        TestNamespaces.await("the control socket", () -> Files.exists(runs.socket(who, run)));
        assertThat(TestRuns.engine(run.pid())).hasSize(2);

        ProcessHandle.of(run.pid()).orElseThrow().destroyForcibly();
        runs.awaitGone(who, run.pid());
        assertThat(run.awaitEnd(LIMIT).exitCode()).isEqualTo(137);
        TestNamespaces.await("the end of what it left", () -> !isRunning(left));
    }

    @ParameterizedTest
    @EnumSource(names = {"ROOT", "USER"})
    void commandGoesOnWithoutNetworkWhereTheEngineIsKilledAndOneLineSaysSo(Who who) throws IOException {
        Path signal = Files.createTempFile(runs.bed(), "go", "");
        Files.delete(signal);
        Background run = runs.start(who, "--", "sh", "-c",
            "echo started; until test -e " + signal + "; do sleep 0.02; done; ip -o link show eth0; exit 3").awaitText("started");
        TestNamespaces.await("the control socket", () -> Files.exists(runs.socket(who, run)));
        TestRuns.engine(run.pid()).stream().filter(process -> process.info().command().orElse("").endsWith("java")).findFirst()
            .orElseThrow().destroyForcibly();

        run.awaitText("footbridge: run: the engine of the network ended (status 137); COMMAND goes on without a network");
        runs.awaitGone(who, run.pid());
        assertThat(run.isAlive()).isTrue();
        Files.createFile(signal);
        Result result = run.awaitEnd(LIMIT);
        assertThat(result.exitCode()).isEqualTo(3);
        assertThat(result.errors().lines().filter(line -> line.contains("engine"))).hasSize(1);
        assertThat(result.errors()).contains("eth0");
    }

    @ParameterizedTest
    @EnumSource(names = {"ROOT", "USER"})
    void controlCAtATerminalIsTheCommands(Who who) {
        String python = """
            import os, pty, sys
            pid, terminal = pty.fork()
            if pid == 0:
                os.execvp(sys.argv[1], sys.argv[1:])
            seen = b""
            while b"started" not in seen:
                seen += os.read(terminal, 4096)
            os.write(terminal, b"\\x03")
            try:
                while os.read(terminal, 4096):
                    pass
            except OSError:
                pass
            print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
            """;
        String footbridge = System.getProperty("footbridge.root") + "/footbridge";
        for (String command : List.of("trap 'exit 5' INT; echo started; while :; do sleep 0.1; done", "echo started; exec sleep 1000")) {
            List<String> all = runs.as(who, "/usr/bin/python3", "-c", python, footbridge, "run", "--", "sh", "-c", command);
            String expected = command.startsWith("trap") ? "5\n" : "-2\n";
            assertThat(runs.namespaces().run(runs.host(), all.toArray(String[]::new))).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @EnumSource
    void changesOfEtcAreTheCommandsOwnAndFilesMountedThereAreSeen(Who who) {
        String file = "/etc/footbridge-" + who + "-" + ProcessHandle.current().pid();
        Result result = runs.run(who, "--", "sh", "-c",
            "echo mine >>/etc/hosts; echo x >" + file + " && cat " + file + "; grep fbrun /etc/subuid; ls -ld /etc; ls -l /etc/hosts");
        assertThat(result.output()).startsWith("x\nfbrun:471110000:65536\ndrwxr-xr-x ").contains("-rw-r--r-- ");
        assertThat(Path.of(file)).doesNotExist();
        assertThat(Path.of("/etc/hosts")).content().doesNotContain("mine");
    }

    @ParameterizedTest
    @EnumSource(names = {"ROOT", "USER"})
    void twoPrivateRunsHaveTheSameAddressAndDoNotMeet(Who who) {
        Background other = runs.startAndAwait(who);
        assertThat(runs.run(who, "--ip", "10.0.2.77", "--", "sh", "-c", "ping -n -c 2 -i 0.2 -W 1 10.0.2.2").exitCode()).isEqualTo(1);
        runs.end(who, other);
    }

    @ParameterizedTest
    @EnumSource(names = {"ROOT", "USER"})
    void publishedPortLeadsToTheCommandAndIsListed(Who who) {
        Background run = runs.start(who, "-p", "8080:80", "--", "/usr/bin/python3", "-m", "http.server", "80")
            .awaitText("80/tcp -> 0.0.0.0:8080\n");
        TestNamespaces.await("the page", () -> runs.namespaces().exec(runs.host(), "curl", "-sf", "http://127.0.0.1:8080/").succeeded());
        TestNamespaces.await("a request in the command's log", () -> run.errors().contains("\"GET / HTTP/1.1\" 200"));
        runs.end(who, run);
        assertThat(runs.namespaces().exec(runs.host(), "curl", "-s", "http://127.0.0.1:8080/").exitCode()).isEqualTo(7);
    }

    @Test
    void hostsLoopbackIsReachedThroughTheGatewayWhereThatIsAskedForAlone() {
        Background server = runs.namespaces().start(runs.host(), "/usr/bin/python3", "-m", "http.server", "9000", "--bind", "127.0.0.1");
        TestNamespaces.await("the server", () -> runs.namespaces().exec(runs.host(), "curl", "-sf", "http://127.0.0.1:9000/").succeeded());
        String[] curl = {"--", "curl", "-sf", "-m", "5", "http://10.0.2.1:9000/"};
        assertThat(runs.run(Who.USER, curl).exitCode()).isEqualTo(7);
        Result open = runs.run(Who.USER, Stream.concat(Stream.of("--host-loopback"), Stream.of(curl)).toArray(String[]::new));
        assertThat(open.exitCode()).as(open.errors()).isZero();
        server.stop();
    }

    @Test
    void ipv6LeadsOutWhereTheHostHasAWay() {
        runs.namespaces().run(runs.host(), "ip", "-6", "route", "add", "default", "dev", "lo");
        assertThat(runs.run(Who.USER, "--", "ip", "-6", "route", "show", "default").output()).startsWith("default via fd");
        runs.namespaces().run(runs.host(), "ip", "-6", "route", "del", "default", "dev", "lo");
    }

    @Test
    void subnetThatTheHostHasIsPassedOver() {
        runs.namespaces().run(runs.host(), "ip", "address", "add", "10.0.2.9/25", "dev", "lo");
        Result result = runs.run(Who.USER, "--", "ip", "-4", "-o", "route", "show", "default");
        runs.namespaces().run(runs.host(), "ip", "address", "del", "10.0.2.9/25", "dev", "lo");
        assertThat(result.output()).startsWith("default via 10.0.3.1 ");
    }

    private static boolean isRunning(int pid) throws IOException {
        Path status = Path.of("/proc/" + pid + "/stat");
        return Files.exists(status) && !Files.readString(status).matches("(?s)\\d+ \\(.*\\) Z.*");
    }
}
