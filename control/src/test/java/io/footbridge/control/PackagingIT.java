package io.footbridge.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code mvn package} left in {@code build/current}. */
class PackagingIT {
    private static final Path ROOT = Path.of(System.getProperty("footbridge.root"));
    private static final Path CURRENT = ROOT.resolve("build/current");

    @TempDir
    private Path temporary;

    @Test
    void jvmTakesClassesFromTheAotCache() throws Exception {
        Path loaded = temporary.resolve("loaded");
        Path program = CURRENT.toRealPath();
        Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "@" + program.resolve("jvm.options"), "-XX:AOTCache=" + program.resolve("footbridge.aot"), "-XX:AOTMode=on",
            "-Xlog:class+load:file=" + loaded, "-cp", program.resolve("lib/footbridge.jar").toString(), Main.class.getName(), "--self-test")
            .redirectErrorStream(true).redirectOutput(temporary.resolve("output").toFile()).start();

        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(temporary.resolve("output"))).isZero();
        List<String> classes = Files.readAllLines(loaded);
        assertThat(classes)
            .anySatisfy(line -> assertThat(line).contains(" " + Main.class.getName() + " ", "source: shared objects file"))
            .anySatisfy(line -> assertThat(line).contains(" io.netty.channel.epoll.EpollIoHandler ", "source: shared objects file"));
        assertThat(classes.stream().filter(line -> line.contains(" io.footbridge.") && !line.contains("0x")))
            .as("classes of ours that are not in the cache")
            .allSatisfy(line -> assertThat(line).contains("source: shared objects file"));
    }

    @Test
    void programIsTheOneJustBuilt() {
        assertThat(CURRENT.resolve("lib/footbridge.jar")).hasSameBinaryContentAs(Path.of(System.getProperty("footbridge.jar")));
        assertThat(CURRENT.resolve("jvm.options")).hasSameBinaryContentAs(ROOT.resolve("control/src/main/launcher/jvm.options"));
    }

    @Test
    void versionTextIsThatOfTheBuild() {
        assertThat(CURRENT.resolve("version.txt")).hasContent("Footbridge " + System.getProperty("footbridge.version"));
        assertThat(CURRENT.resolve("docker-proxy.version.txt"))
            .hasContent("docker-proxy (commit footbridge) version " + System.getProperty("footbridge.version"));
    }

    @Test
    void jvmHasTheLaunchersHelp() throws IOException {
        try (InputStream help = Main.class.getResourceAsStream("help.txt")) {
            assertThat(CURRENT.resolve("help.txt")).hasContent(new String(help.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    @Test
    void measuringAndTestingToolsAreNotShipped() throws IOException {
        try (Stream<Path> jars = Files.list(CURRENT.resolve("lib"))) {
            assertThat(jars.map(jar -> jar.getFileName().toString()))
                .contains("footbridge.jar", "footbridge-dataplane-" + System.getProperty("footbridge.version") + ".jar")
                .noneMatch(name -> name.matches("(jmh|jcstress|junit|jqwik|assertj|archunit).*|.*-tests\\.jar"));
        }
    }
}
