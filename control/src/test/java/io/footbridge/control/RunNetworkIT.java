package io.footbridge.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.control.TestRuns.Who;
import io.footbridge.control.cli.CommandLineRunner;
import io.footbridge.tap.TestNamespaces;
import io.footbridge.tap.TestNamespaces.Background;
import io.footbridge.tap.TestNamespaces.Result;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Runs that share a network, and what listings find of runs. */
class RunNetworkIT {
    private TestRuns runs;

    @BeforeEach
    void prepare() {
        TestNamespaces.assumeCapable();
        runs = new TestRuns();
    }

    @AfterEach
    void tearDown() {
        if (runs != null) {
            runs.close();
        }
    }

    private static String address(Background run) {
        return run.output().replaceAll("(?s).*inet ([0-9.]+)/.*", "$1");
    }

    private Background startShowingAddress(Who who, String... options) {
        String[] command = {"--", "sh", "-c", "ip -4 -o address show eth0; echo started; exec sleep 1000"};
        return runs.start(who, Stream.concat(Stream.of(options), Stream.of(command)).toArray(String[]::new)).awaitText("started");
    }

    private List<ProcessHandle> daemons(Who who) {
        return ProcessHandle.allProcesses().filter(process -> process.info().commandLine().stream()
            .anyMatch(line -> line.contains("--of-runs --socket " + runs.directory(who)))).toList();
    }

    @ParameterizedTest
    @EnumSource(names = {"USER", "STRANGER"})
    void runsOfOneUserReachEachOtherAndTheirDaemonEndsWithTheLast(Who who) {
        Background first = startShowingAddress(who, "--network", "dev", "--name", "db");
        Background second = startShowingAddress(who, "--network", "dev");
        assertThat(address(first)).isNotEqualTo(address(second));
        assertThat(daemons(who)).hasSize(1);
        Result third = runs.run(who, "--network=dev", "--", "ping", "-n", "-c", "1", "-W", "2", "db");
        assertThat(third.exitCode()).as(third.errors()).isZero();
        Result taken = runs.run(who, "--network", "dev", "--name", "db", "--", "true");
        assertThat(taken.errors()).contains("endpoint with name db already exists in network dev");
        assertThat(taken.exitCode()).isEqualTo(125);

        runs.end(who, first);
        runs.end(who, second);
        TestNamespaces.await("the daemon's end", () -> daemons(who).isEmpty());
        assertThat(runs.directory(who).resolve("control.sock")).doesNotExist();
        assertThat(startShowingAddress(who, "--network", "dev").isAlive()).isTrue();
    }

    @Test
    void whatACommandLeavesOnASharedNetworkEndsWithIt() {
        Background other = startShowingAddress(Who.USER, "--network", "dev");
        Result result = runs.run(Who.USER, "--network", "dev", "--", "sh", "-c", "setsid sleep 1000 >/dev/null 2>&1 & echo $!");
        int left = Integer.parseInt(result.output().strip());
        TestNamespaces.await("the end of what it left",
            () -> !Files.exists(Path.of("/proc/" + left)) || Files.readString(Path.of("/proc/" + left + "/stat")).contains(") Z "));
        assertThat(runs.run(Who.USER, "--network", "dev", "--", "ping", "-n", "-c", "1", "-W", "2", address(other)).exitCode()).isZero();
    }

    @Test
    void whoJoinedANetworkIsToldThatTheDaemonHasEndedAndTheNextOneGetsAnother() {
        Background run = startShowingAddress(Who.USER, "--network", "dev");
        daemons(Who.USER).forEach(ProcessHandle::destroyForcibly);
        run.awaitText("footbridge: run: the user's daemon ended; COMMAND goes on without a network");
        assertThat(run.isAlive()).isTrue();
        assertThat(runs.run(Who.USER, "--network", "dev", "--", "true").exitCode()).isZero();
        runs.end(Who.USER, run);
    }

    @Test
    void rootJoinsANetworkOfTheDaemonThatRuns() {
        try (TestDaemon daemon = TestDaemon.prepare(runs.namespaces(), runs.host()).begin()) {
            daemon.must("network", "create", "web", "--subnet", "10.9.0.0/24");
            Background first = startShowingAddress(Who.ROOT, "--socket", daemon.socket().toString(), "--network", "web", "--name", "db");
            assertThat(address(first)).isEqualTo("10.9.0.2");
            Result second = runs.run(Who.ROOT, "--socket=" + daemon.socket(), "--network", "web", "--", "ping", "-n", "-c", "1", "-W", "2",
                "10.9.0.2");
            assertThat(second.exitCode()).as(second.errors()).isZero();
            assertThat(daemon.must("network", "inspect", "web")).contains("\"Name\": \"db\"");
            ProcessHandle.of(first.pid()).orElseThrow().destroy();
            TestNamespaces.await("db detached", () -> !daemon.must("network", "inspect", "web").contains("\"Name\": \"db\""));
            Result missing = runs.run(Who.ROOT, "--socket", daemon.socket().toString(), "--network", "nosuch", "--", "true");
            assertThat(missing.errors()).isEqualTo("footbridge: network nosuch not found\n");
            assertThat(missing.exitCode()).isEqualTo(125);
        }
    }

    @Test
    void rootWithoutADaemonIsToldToStartOne() {
        Result result = runs.run(Who.ROOT, "--network", "web", "--", "true");
        assertThat(result.errors()).startsWith("footbridge: no daemon at ").contains("footbridge daemon").hasLineCount(1);
        assertThat(result.exitCode()).isEqualTo(125);
    }

    @Test
    void listingsFindPrivateRuns() {
        Background run = runs.startAndAwait(Who.USER, "--name", "web");
        TestNamespaces.await("the control socket", () -> Files.exists(runs.socket(Who.USER, run)));
        Path daemon = runs.directory(Who.USER).resolve("control.sock");
        assertThat(listing(daemon, "stats")).contains("run-" + run.pid(), "web");
        assertThat(listing(daemon, "stats", "run-" + run.pid())).contains("web");
        assertThat(listing(daemon, "network", "inspect", "run-" + run.pid())).contains("10.0.2.0/24");
        runs.end(Who.USER, run);
    }

    private static String listing(Path socket, String... words) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String[] all = Stream.concat(Stream.of(words), Stream.of("--socket", socket.toString())).toArray(String[]::new);
        assertThat(new CommandLineRunner(new PrintWriter(out), new PrintWriter(err)).run(all)).as(err.toString()).isZero();
        return out.toString();
    }
}
