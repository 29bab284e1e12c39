package io.footbridge.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.control.TestRuns.Who;
import io.footbridge.tap.TestNamespaces;
import io.footbridge.tap.TestNamespaces.Background;
import io.footbridge.tap.TestNamespaces.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code ./footbridge run} where something is missing, wrong or in the way: one line with the cure, and docker's exit codes. */
class RunRefusalsIT {
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

    private void assertRefused(Result result, int code, String... parts) {
        assertThat(result.errors()).startsWith("footbridge: ").hasLineCount(1).contains(parts);
        assertThat(result.exitCode()).isEqualTo(code);
        assertThat(result.output()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource
    void wrongWordsAreToldWithWhatIsExpected(int code, String line, String[] arguments) {
        assertRefused(runs.run(Who.USER, arguments), code, line);
    }

    static Stream<Arguments> wrongWordsAreToldWithWhatIsExpected() {
        return Stream.of(wrong(125, "no COMMAND; usage:", "true"), wrong(125, "no COMMAND; usage:"),
            wrong(125, "no COMMAND; usage:", "--"),
            wrong(125, "unknown argument '--bogus'; see footbridge run --help", "--bogus", "--", "true"),
            wrong(127, "COMMAND is empty", "--", ""),
            wrong(125, "--ip: 127.0.0.1 cannot be a host's", "--ip", "127.0.0.1", "--", "true"),
            wrong(125, "--ip: 224.0.0.1 cannot be a host's", "--ip=224.0.0.1", "--", "true"),
            wrong(125, "Address already in use: 10.0.2.1", "--ip", "10.0.2.1", "--", "true"),
            wrong(127, "nosuchprogram: not found", "--", "nosuchprogram"), wrong(127, "/no/such: not found", "--", "/no/such"),
            wrong(126, "/etc/passwd: Permission denied; chmod +x /etc/passwd", "--", "/etc/passwd"),
            wrong(126, "/etc: is a directory", "--", "/etc"));
    }

    private static Arguments wrong(int code, String line, String... arguments) {
        return Arguments.of(code, line, arguments);
    }

    @Test
    void deviceThatIsMissingOrClosedToUsersIsToldWithTheCure() throws IOException {
        Path tun = runs.bed().resolve("tun");
        Files.setPosixFilePermissions(tun, PosixFilePermissions.fromString("rw-------"));
        assertRefused(runs.run(Who.USER, "--", "true"), 125, "open /dev/net/tun: Permission denied", "chmod 0666 /dev/net/tun");
        assertThat(runs.run(Who.ROOT, "--", "true").exitCode()).isZero();
        Files.delete(tun);
        Files.createFile(tun);
        assertRefused(runs.run(Who.ROOT, "--", "true"), 125, "no /dev/net/tun; load the module (modprobe tun)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"unshare failed: Operation not permitted", "write failed /proc/self/uid_map: Operation not permitted"})
    void forbiddenNamespacesAreFoundByTryingAndToldWithTheCure(String words) {
        runs.shadow("unshare", "echo 'unshare: " + words + "' >&2\nexit 1\n");
        assertRefused(runs.run(Who.USER, "--", "true"), 125, "no namespaces for COMMAND (" + words + ")");
    }

    @Test
    void missingSubordinateIdsAreToldAndTheCommandStarts() throws IOException {
        Files.writeString(runs.bed().resolve("subgid"), "");
        Result result = runs.run(Who.USER, "--", "echo", "started");
        assertThat(result.errors()).hasLineCount(1).contains("user fbrun has no subordinate ids in /etc/subgid", "usermod --add-subuids");
        assertThat(result.output()).isEqualTo("started\n");
    }

    @Test
    void newuidmapThatRefusesIsToldAndTheCommandStarts() {
        runs.shadow("newuidmap", "echo 'newuidmap: write to uid_map failed' >&2\nexit 1\n");
        Result result = runs.run(Who.USER, "--", "cat", "/proc/self/uid_map");
        assertThat(result.errors()).hasLineCount(1).contains("COMMAND has uid 0 alone: newuidmap: write to uid_map failed");
        assertThat(result.output().strip().split("\\s+")).containsExactly("0", "47111", "1");
    }

    @Test
    void portThatIsPrivilegedOrTakenIsTold() {
        assertRefused(runs.run(Who.USER, "-p", "80:80", "--", "true"), 125, "80", "permission denied");
        Background run = runs.startAndAwait(Who.USER, "-p", "8080:80");
        assertRefused(runs.run(Who.USER, "-p", "8080:80", "--", "true"), 125, "8080", "already");
        runs.end(Who.USER, run);
    }

    @Test
    void descriptorsThatAreAllTakenAreTold() {
        Result result = runs.namespaces().exec(runs.host(), runs.as(Who.USER, "sh", "-c",
            "exec 3<&0 4<&0 5<&0 6<&0 7<&0; exec \"$0/footbridge\" run -- true", System.getProperty("footbridge.root"))
            .toArray(String[]::new));
        assertRefused(result, 125, "of the descriptors 3 to 9 three must be free");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void fileOfTheCommandsStaysWhenTheHostRenamesAnotherOneOverIt(boolean overlay) {
        if (!overlay) {
            runs.shadow("mount", "case $* in *overlay*) exit 32 ;; esac\nexec /usr/bin/mount \"$@\"\n");
        }
        // The host's /etc is played by one of the test's own.
        Result result = runs.namespaces().exec(runs.host(), runs.as(Who.ROOT, "sh", "-c", """
            set -e
            mkdir "$1/etc"
            cp -a /etc/. "$1/etc"
            /usr/bin/mount --bind "$1/etc" /etc
            mkfifo "$1/go" "$1/done"
            (
                read go <"$1/go"
                echo nameserver 192.0.2.1 >/etc/resolv.conf.new
                mv /etc/resolv.conf.new /etc/resolv.conf
                echo done >"$1/done"
            ) &
            export BED="$1"
            "$0/footbridge" run -- sh -c 'cat /etc/resolv.conf; echo go >"$BED/go"; read done <"$BED/done"; cat /etc/resolv.conf;
                test -s /etc/passwd; cd /etc; ls -ld group | cut -c 1; touch mine'
            cat /etc/resolv.conf
            test ! -e /etc/mine
            """, System.getProperty("footbridge.root"), runs.bed().toString()).toArray(String[]::new));
        assertThat(result.errors()).isEmpty();
        assertThat(result.output().lines().filter(line -> line.matches("nameserver.*|[-l]")))
            .containsExactly("nameserver 10.0.2.1", "nameserver 10.0.2.1", overlay ? "-" : "l", "nameserver 192.0.2.1");
        assertThat(result.exitCode()).isZero();
    }

    @Test
    void launcherThatEndsEarlyLeavesNothing() {
        // The one that maps the ids never gets to: COMMAND's process is gone before.
        runs.shadow("newgidmap", "kill -KILL \"$1\"\nexit 1\n");
        var run = runs.start(Who.USER, "--", "true");
        assertThat(run.awaitEnd(TestNamespaces.LIMIT).errors()).doesNotContain("uid_map", "uid 0 alone");
        runs.awaitGone(Who.USER, run.pid());
    }

    @Test
    void filesOfTheUsersBesideASocketOfTheirChoiceStay() throws IOException {
        Path directory = Files.createDirectory(runs.directory(Who.USER).resolveSibling("mine"));
        runs.namespaces().host("chown", Who.USER.uid() + ":" + Who.USER.uid(), directory.toString());
        List<String> theirs = List.of("run-results", "run-2024.csv", "run-4194305.sock", "run-4194305.wants", "run-.up");
        for (String name : theirs) {
            Files.writeString(directory.resolve(name), "precious");
        }
        Path sock = Files.createDirectory(directory.resolve("run-4194305.sock.d"));
        Files.writeString(sock.resolve("notes"), "precious");
        List<Path> left = Stream.of("up", "down", "life").map(kind -> directory.resolve("run-4194305." + kind)).toList();
        left.forEach(fifo -> runs.namespaces().host("mkfifo", fifo.toString()));
        // No process has that number: it is more than there may be.
        Result result = runs.run(Who.USER, "--socket", directory.resolve("fb.sock").toString(), "--", "true");
        assertThat(result.errors()).isEmpty();
        for (String name : theirs) {
            assertThat(directory.resolve(name)).hasContent("precious");
        }
        assertThat(sock.resolve("notes")).hasContent("precious");
        assertThat(left).allSatisfy(fifo -> assertThat(fifo).doesNotExist());
    }
}
