package io.footbridge.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code ./footbridge} in a checkout of its own, where the JDK is a script that tells how it was called and mvn is a
 * script that counts its calls.
 */
class LauncherIT {
    private static final Path ROOT = Path.of(System.getProperty("footbridge.root"));
    private static final boolean PRIVILEGED = "root".equals(System.getProperty("user.name"));
    private static final int NOBODY = 65534;

    @TempDir
    private Path temporary;
    private Path checkout;
    private Path tools;
    private Path jdk;

    private record Outcome(int status, String output, String error) {
    }

    @BeforeEach
    void makeCheckout() throws IOException {
        Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwxr-xr-x"));
        checkout = temporary.resolve("check out");
        for (String file : List.of("footbridge", "tools/first-build", "control/src/main/launcher/help.txt",
            "control/src/main/launcher/version.txt")) {
            Files.createDirectories(checkout.resolve(file).getParent());
            Files.copy(ROOT.resolve(file), checkout.resolve(file));
        }
        setExecutable(checkout.resolve("footbridge"));
        setExecutable(checkout.resolve("tools/first-build"));
        jdk = fakeJdk("jdk", "25.0.3");
        tools = temporary.resolve("bin");
        script(tools.resolve("mvn"), """
            echo "$(id -u) $HOME" >>build/builds
            test ! -e fail || exit 1
            mkdir -p build/footbridge-1/lib
            ln -s footbridge-1 build/current
            """);
    }

    private Path fakeJdk(String name, String version) throws IOException {
        Path home = temporary.resolve(name);
        script(home.resolve("bin/java"), """
            printf '%s\\n' "$@"
            grep SigIgn: /proc/self/status
            cat
            exit 42
            """);
        Files.writeString(home.resolve("release"), "IMPLEMENTOR=\"Nobody\"\nJAVA_VERSION=\"" + version + "\"\n");
        return home;
    }

    private static void script(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "#!/bin/sh\n" + text);
        setExecutable(file);
    }

    private static void setExecutable(Path file) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** Makes {@code tools} a PATH of its own, with nothing but these. */
    private void provide(String... names) throws IOException {
        for (String name : names) {
            script(tools.resolve(name), "PATH=/usr/bin:/bin exec " + name + " \"$@\"\n");
        }
    }

    private Process start(Map<String, String> environment, List<String> command) throws IOException {
        var builder = new ProcessBuilder(command);
        builder.environment().clear();
        builder.environment().putAll(Map.of("PATH", tools + ":/usr/sbin:/usr/bin:/sbin:/bin", "JAVA_HOME", jdk.toString(),
            "HOME", temporary.toString()));
        builder.environment().putAll(environment);
        builder.directory(temporary.toFile());
        return builder.start();
    }

    private static Outcome outcomeOf(Process process) throws Exception {
        process.getOutputStream().close();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Outcome(process.exitValue(), new String(process.getInputStream().readAllBytes()),
            new String(process.getErrorStream().readAllBytes()));
    }

    private Outcome footbridge(String... arguments) throws Exception {
        return run(Map.of(), arguments);
    }

    private Outcome run(Map<String, String> environment, String... arguments) throws Exception {
        var command = new ArrayList<>(List.of(checkout.resolve("footbridge").toString()));
        command.addAll(List.of(arguments));
        return outcomeOf(start(environment, command));
    }

    private List<String> builds() throws IOException {
        return Files.readAllLines(checkout.resolve("build/builds"));
    }

    @Test
    void firstStartBuildsAndSaysSoLaterOnesDoNot() throws Exception {
        assertThat(footbridge("daemon").error()).startsWith("footbridge: building, this once").hasLineCount(1);
        assertThat(footbridge("daemon").error()).isEmpty();
        assertThat(builds()).hasSize(1);
    }

    @Test
    void twoFirstStartsAtOnceBuildOnce() throws Exception {
        script(tools.resolve("mvn"), """
            echo built >>build/builds
            until test -e build/second; do :; done
            mkdir -p build/footbridge-1/lib
            ln -s footbridge-1 build/current
            """);
        List<String> command = List.of(checkout.resolve("footbridge").toString(), "daemon");
        Process first = start(Map.of(), command);
        awaitLine(first, "footbridge: building, this once");
        Process second = start(Map.of(), command);
        awaitLine(second, "footbridge: waiting for the build that runs already");
        Files.createFile(checkout.resolve("build/second"));

        assertThat(outcomeOf(first).status()).isEqualTo(42);
        assertThat(outcomeOf(second).status()).isEqualTo(42);
        assertThat(builds()).hasSize(1);
    }

    private static void awaitLine(Process process, String start) throws IOException {
        assertThat(process.errorReader().readLine()).startsWith(start);
    }

    @Test
    void failedBuildIsToldWithItsLog() throws Exception {
        Files.createFile(checkout.resolve("fail"));
        Outcome outcome = footbridge("daemon");
        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.error().lines()).last().asString()
            .isEqualTo("footbridge: the build failed; see " + checkout.toRealPath() + "/build/build.log");
    }

    @Test
    void jvmGetsOptionsCacheAndArgumentsAndItsExitCodeIsOurs() throws Exception {
        Outcome outcome = footbridge("attach", "--", "a b", "*");
        String program = checkout.toRealPath() + "/build/footbridge-1";
        assertThat(outcome.output().lines()).startsWith("@" + program + "/jvm.options", "-XX:AOTCache=" + program + "/footbridge.aot",
            "-cp", program + "/lib/footbridge.jar", "io.footbridge.control.Main", "attach", "--", "a b", "*");
        assertThat(outcome.status()).isEqualTo(42);
    }

    @Test
    void theDaemonsOptionsAreForTheCommandOfThatNameAndNotForAnArgumentOfAnother() throws Exception {
        String options = "@" + checkout.toRealPath() + "/build/footbridge-1/daemon.options";
        footbridge("help");
        for (List<String> daemon : List.of(List.of("daemon"), List.of("--socket", "daemon.sock", "daemon", "--socket", "x"),
            List.of("--json", "--socket=daemon", "daemon"))) {
            assertThat(footbridge(daemon.toArray(String[]::new)).output().lines()).as("%s", daemon).contains(options);
        }
        for (List<String> other : List.<List<String>>of(List.of(), List.of("help", "daemon"), List.of("attach", "lan", "--name", "daemon"),
            List.of("--socket", "daemon", "network", "list"), List.of("--socket"))) {
            assertThat(footbridge(other.toArray(String[]::new)).output().lines()).as("%s", other).doesNotContain(options);
        }
    }

    @Test
    void standardInputIsTheCommands() throws Exception {
        Process process = start(Map.of(), List.of(checkout.resolve("footbridge").toString(), "attach"));
        process.getOutputStream().write("from the terminal\n".getBytes());
        assertThat(outcomeOf(process).output()).endsWith("from the terminal\n");
    }

    @Test
    void worksThroughLinksFromAnyDirectory() throws Exception {
        Files.createSymbolicLink(temporary.resolve("second"), checkout.resolve("footbridge"));
        Files.createSymbolicLink(temporary.resolve("first"), Path.of("second"));
        assertThat(outcomeOf(start(Map.of(), List.of("./first", "ports"))).output()).contains("\nports\n");
    }

    @Test
    void signalsIgnoredByABackgroundShellAreDefaultAgain() throws Exception {
        Outcome outcome = outcomeOf(start(Map.of(), List.of("sh", "-c", "trap '' INT TERM HUP; exec ./check*/footbridge daemon")));
        String ignored = outcome.output().lines().filter(line -> line.startsWith("SigIgn:")).findFirst().orElseThrow();
        long mask = Long.parseUnsignedLong(ignored.substring(ignored.indexOf('\t') + 1), 16);
        assertThat(mask & 0x4003).as("of HUP, INT and TERM, only HUP stays ignored, as nohup wants it").isEqualTo(1);
    }

    @Test
    void otherJavaVersionInJavaHomeIsPassedOver() throws Exception {
        Path older = fakeJdk("older", "17.0.25");
        Path program = Files.createDirectories(checkout.resolve("build/footbridge-1"));
        Files.createSymbolicLink(checkout.resolve("build/current"), Path.of("footbridge-1"));
        Files.writeString(program.resolve("java-home"), jdk + "\n");
        Files.delete(older.resolve("bin/java"));
        script(older.resolve("bin/java"), "echo older");
        assertThat(run(Map.of("JAVA_HOME", older.toString()), "ports").status()).isEqualTo(42);
    }

    @Test
    void withoutJava25SaysWhatToDo() throws Exception {
        // The usual places are hidden in a mount namespace: as root, else as root of a user namespace.
        var command = new ArrayList<>(List.of("unshare", "--mount"));
        if (!PRIVILEGED) {
            command.add("--map-root-user");
        }
        Outcome possible = outcomeOf(start(Map.of(), Stream.concat(command.stream(), Stream.of("true")).toList()));
        assumeTrue(possible.status() == 0, "no mount namespaces here: " + possible.error());
        command.addAll(List.of("sh", "-c",
            "for place in /usr/lib/jvm /opt; do test ! -d $place || mount -t tmpfs none $place; done; exec ./check*/footbridge ports"));
        Outcome outcome = outcomeOf(start(Map.of("JAVA_HOME", ""), command));
        assertThat(outcome.error())
            .isEqualTo("footbridge: no JDK 25 in JAVA_HOME, /usr/lib/jvm, /opt or PATH; install one or set JAVA_HOME to it\n");
        assertThat(outcome.status()).isEqualTo(1);
    }

    @Test
    void withoutMavenSaysWhatToDo() throws Exception {
        Files.delete(tools.resolve("mvn"));
        provide("readlink", "stat", "id", "mkdir");
        assertThat(run(Map.of("PATH", tools.toString()), "ports").error())
            .isEqualTo("footbridge: not built yet, and there is no mvn to build with; install Maven 3.8.7 or newer\n");
    }

    @Test
    void whoMayNotWriteLearnsWhoBuilds() throws Exception {
        List<String> command = new ArrayList<>();
        if (PRIVILEGED) {
            command.addAll(List.of("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups"));
        } else {
            for (Path folder : List.of(checkout, checkout.resolve("control"))) {
                Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("r-xr-xr-x"));
            }
        }
        command.addAll(List.of(checkout.resolve("footbridge").toString(), "ports"));
        Outcome outcome = outcomeOf(start(Map.of(), command));
        Files.setPosixFilePermissions(checkout, PosixFilePermissions.fromString("rwxr-xr-x"));
        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.error()).hasLineCount(1).contains("may not write", System.getProperty("user.name") + " builds it: cd ");
    }

    @Test
    void rootBuildsAsTheOwnerOfTheCheckout() throws Exception {
        assumeTrue(PRIVILEGED, "only root can act as another user");
        int stranger = 54321;
        outcomeOf(start(Map.of(), List.of("chown", "-R", String.valueOf(stranger), checkout.toString())));
        assertThat(footbridge("ports").status()).isEqualTo(42);
        assertThat(builds()).containsExactly(stranger + " " + checkout.toRealPath() + "/build/home");
        assertThat(Files.getAttribute(checkout.resolve("build/current"), "unix:uid", LinkOption.NOFOLLOW_LINKS))
            .isEqualTo(stranger);
    }

    @Test
    void helpAndVersionNeedNeitherJavaNorABuild() throws Exception {
        Files.delete(tools.resolve("mvn"));
        provide("readlink");
        Map<String, String> bare = Map.of("PATH", tools.toString(), "JAVA_HOME", "");
        Files.writeString(checkout.resolve("control/src/main/launcher/docker-proxy.version.txt"), "docker-proxy: a text\n");

        assertThat(run(bare, "--version")).isEqualTo(new Outcome(0, "Footbridge " + System.getProperty("footbridge.version") + "\n", ""));
        assertThat(run(bare, "--help")).isEqualTo(
            new Outcome(0, Files.readString(ROOT.resolve("control/src/main/launcher/help.txt")), ""));
        assertThat(run(bare, "docker-proxy", "-version")).isEqualTo(new Outcome(0, "docker-proxy: a text\n", ""));
        assertThat(checkout.resolve("build")).doesNotExist();
    }

    @Test
    void scriptsPassShellcheck() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/shellcheck")), "no shellcheck");
        List<String> command = new ArrayList<>(List.of("/usr/bin/shellcheck", "footbridge", "bin/docker-proxy",
            "bin/slirp4netns", "control/src/main/launcher/slirp4netns",
            "tools/first-build", ".ci/run"));
        try (Stream<Path> examples = Files.list(ROOT.resolve("examples"))) {
            examples.filter(file -> file.toString().endsWith(".sh")).map(Path::toString).forEach(command::add);
        }
        Process process = new ProcessBuilder(command).directory(ROOT.toFile()).start();
        assertThat(outcomeOf(process).output()).isEmpty();
    }
}
