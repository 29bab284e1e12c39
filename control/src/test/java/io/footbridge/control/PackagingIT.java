package io.footbridge.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code mvn package} left in {@code build/current}. */
class PackagingIT {
    private static final Path ROOT = Path.of(System.getProperty("footbridge.root"));
    private static final Path CURRENT = ROOT.resolve("build/current");

    @TempDir
    private Path temporary;

    @Test
    void jvmTakesClassesFromTheAotCache() throws Exception {
        assertThat(ownClassesAreFromCache("jvm.options", "footbridge.aot", "--self-test"))
            .anySatisfy(line -> assertThat(line).contains(" " + Main.class.getName() + " "))
            .anySatisfy(line -> assertThat(line).contains(" io.netty.channel.epoll.EpollIoHandler ", "source: shared objects file"));
    }

    @Test
    void jvmThatStandsForSlirp4netnsTakesClassesFromACacheOfItsOwn() throws Exception {
        assertThat(ownClassesAreFromCache("slirp4netns.options", "slirp4netns.aot", "--self-test", "slirp4netns"))
            .anySatisfy(line -> assertThat(line).contains(" io.footbridge.dataplane.Worker "))
            .noneSatisfy(line -> assertThat(line).contains(" picocli."));
    }

    /** With AOTMode=on a JVM ends where it cannot use the cache. */
    @ParameterizedTest
    @ValueSource(strings = {"run.options", "daemon.options", "lean.options"})
    void furtherOptionsLeaveTheCacheValid(String further) throws Exception {
        assertThat(classesLoaded("jvm.options", "footbridge.aot", "@" + CURRENT.toRealPath().resolve(further), "--version"))
            .anySatisfy(line -> assertThat(line).contains(" " + Main.class.getName() + " ", "source: shared objects file"));
    }

    /** Runs a self-test; what classes it loaded, of which all of ours came from the cache. */
    private List<String> ownClassesAreFromCache(String options, String cache, String... arguments) throws Exception {
        List<String> classes = classesLoaded(options, cache, arguments);
        assertThat(classes.stream().filter(line -> line.contains(" io.footbridge.") && !line.contains("0x")))
            .as("classes of ours that are not in the cache")
            .allSatisfy(line -> assertThat(line).contains("source: shared objects file"));
        return classes;
    }

    /**
     * Runs the program; what classes it loaded.
     *
     * @param arguments the program's, and among them files of further options for the JVM
     */
    private List<String> classesLoaded(String options, String cache, String... arguments) throws Exception {
        Path loaded = temporary.resolve("loaded");
        Path program = CURRENT.toRealPath();
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "@" + program.resolve(options), "-XX:AOTCache=" + program.resolve(cache), "-XX:AOTMode=on",
            "-Xlog:class+load:file=" + loaded));
        Stream.of(arguments).filter(argument -> argument.startsWith("@")).forEach(command::add);
        command.addAll(List.of("-cp", program.resolve("lib/footbridge.jar").toString(), Main.class.getName()));
        Stream.of(arguments).filter(argument -> !argument.startsWith("@")).forEach(command::add);
        Process process = new ProcessBuilder(command)
            .redirectErrorStream(true).redirectOutput(temporary.resolve("output").toFile()).start();

        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(temporary.resolve("output"))).isZero();
        return Files.readAllLines(loaded);
    }

    @Test
    void programIsTheOneJustBuilt() {
        assertThat(CURRENT.resolve("lib/footbridge.jar")).hasSameBinaryContentAs(Path.of(System.getProperty("footbridge.jar")));
        assertThat(CURRENT.resolve("jvm.options")).hasSameBinaryContentAs(ROOT.resolve("control/src/main/launcher/jvm.options"));
    }

    /** They stand in several files, as no JVM takes an options file from within another: in the same words. */
    @Test
    void everyJvmIsToldTheSameOfTheCompiler() throws IOException {
        List<String> told = compilerOptions(Files.readString(CURRENT.resolve("jvm.options")).lines());
        assertThat(told).hasSizeGreaterThan(1);
        assertThat(compilerOptions(Files.readString(CURRENT.resolve("slirp4netns.options")).lines())).isEqualTo(told);
        assertThat(compilerOptions(ManagementFactory.getRuntimeMXBean().getInputArguments().stream())).isEqualTo(told);
    }

    private static List<String> compilerOptions(Stream<String> options) {
        return options.filter(option -> option.startsWith("-XX:CompileCommand=")).toList();
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
