package io.footbridge.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code bin/slirp4netns} says of itself, where there is neither a JVM nor anything to build with. */
class Slirp4netnsTextsIT {
    private static final Path ROOT = Path.of(System.getProperty("footbridge.root"));
    private static final Path TEXTS = ROOT.resolve("control/src/main/launcher");

    @TempDir
    private Path checkout;

    private record Outcome(int status, String output, String error) {
    }

    @BeforeEach
    void makeCheckout() throws IOException {
        Files.createDirectories(checkout.resolve("bin"));
        Files.copy(ROOT.resolve("bin/slirp4netns"), checkout.resolve("bin/slirp4netns"));
        Files.setPosixFilePermissions(checkout.resolve("bin/slirp4netns"), PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private void build() throws IOException {
        Path program = Files.createDirectories(checkout.resolve("build/footbridge-1"));
        for (String file : List.of("slirp4netns.help.txt", "slirp4netns.version.txt", "slirp4netns")) {
            Files.copy(TEXTS.resolve(file), program.resolve(file));
        }
        Files.writeString(program.resolve("java-home"), checkout.resolve("nothing") + "\n");
        Files.createSymbolicLink(checkout.resolve("build/current"), program.getFileName());
    }

    private Outcome run(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(checkout.resolve("bin/slirp4netns").toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().remove("JAVA_HOME");
        Process process = builder.start();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return new Outcome(process.exitValue(), new String(process.getInputStream().readAllBytes()),
            new String(process.getErrorStream().readAllBytes()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "-h"})
    void helpHasWhateverClientsLookFor(String option) throws Exception {
        build();
        Outcome outcome = run(option);
        assertThat(outcome).isEqualTo(new Outcome(0, Files.readString(TEXTS.resolve("slirp4netns.help.txt")), ""));
        assertThat(outcome.output()).contains("--disable-host-loopback", "--mtu", "--enable-sandbox", "--enable-seccomp", "--cidr",
            "--outbound-addr", "--enable-ipv6", "--netns-type", "--api-socket", "--userns-path");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--version", "-v"})
    void versionIsThatOfTheProgramItStandsForAndNamesOurs(String option) throws Exception {
        build();
        assertThat(run(option)).isEqualTo(new Outcome(0, "slirp4netns version 1.2.0\ncommit: footbridge-"
            + System.getProperty("footbridge.version") + "\nlibslirp: 4.7.0\nSLIRP_CONFIG_VERSION_MAX: 4\nlibseccomp: 2.5.4\n", ""));
    }

    @Test
    void withoutABuildItSaysSoInOneLine() throws Exception {
        assertThat(run("--help")).isEqualTo(new Outcome(1, "",
            "slirp4netns: not built yet; build it: cd '" + checkout.toRealPath() + "' && mvn -B -DskipTests package\n"));
    }

    @Test
    void withoutAJdkItSaysSoInOneLine() throws Exception {
        build();
        assertThat(run("-c", "1", "tap0")).isEqualTo(new Outcome(1, "",
            "slirp4netns: the JDK that it was built with is gone; set JAVA_HOME to a JDK 25, or build again\n"));
    }
}
