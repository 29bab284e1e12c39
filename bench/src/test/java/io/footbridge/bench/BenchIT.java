package io.footbridge.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.footbridge.bench.result.ResultFile;
import io.footbridge.bench.result.Row;
import io.footbridge.bench.result.Run;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code ./footbridge bench} as anyone would run it. */
class BenchIT {
    private static final long LIMIT_SECONDS = 120;

    @TempDir
    private Path folder;

    @BeforeEach
    void thisMachineCan() throws IOException {
        assumeTrue(Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0), "needs root");
        assumeTrue(Files.exists(Path.of("/dev/net/tun")), "needs /dev/net/tun");
        Files.createDirectory(folder.resolve("tmp"));
    }

    private Process bench(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("footbridge.root"), "footbridge").toString(), "bench"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectOutput(folder.resolve("out").toFile());
        // Whatever bench and its programs leave in a temporary folder is left here.
        builder.environment().put("JAVA_TOOL_OPTIONS", "-Djava.io.tmpdir=" + folder.resolve("tmp"));
        return builder.start();
    }

    private void assertThatNothingIsLeft() throws IOException {
        try (Stream<Path> left = Files.list(folder.resolve("tmp"))) {
            assertThat(left).isEmpty();
        }
        assertThat(ProcessHandle.allProcesses().filter(process -> commandLine(process).contains(folder.toString())).toList()).isEmpty();
    }

    private static String commandLine(ProcessHandle process) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(process.pid()), "cmdline"), StandardCharsets.ISO_8859_1);
        } catch (IOException ended) {
            return "";
        }
    }

    @Test
    void aQuickRunOfTwoModesGivesTableFileAndPage() throws Exception {
        Path json = folder.resolve("r.json");
        Path html = folder.resolve("r.html");
        Process process = bench("--quick", "--seconds", "0.2", "--modes", "host,fb-tap", "--json", json.toString(), "--html",
                html.toString());
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(err).isZero();
        Run run = ResultFile.read(json);
        assertThat(run.rows()).hasSize(6).allSatisfy(row -> assertThat(row.samples()).as(row + "").hasSize(2));
        assertThat(run.rows()).extracting(Row::errors).allSatisfy(errors -> assertThat(errors).isEmpty());
        assertThat(run.row("fb-tap", "tcp").orElseThrow().samples()).allSatisfy(sample -> assertThat(sample.dataPlaneCores()).isPresent());
        assertThat(Files.readString(folder.resolve("out"))).contains("TCP, 1 stream", "Footbridge, TAP", "/ host");
        assertThat(Files.readString(html)).startsWith("<!DOCTYPE html>").endsWith("</html>\n");
        assertThat(err).contains("left");
        assertThatNothingIsLeft();
    }

    @ParameterizedTest
    @ValueSource(strings = {"setting up host", "warming up", "round 1"})
    void interruptedAnywhereItLeavesNothing(String moment) throws Exception {
        Process process = bench("--quick", "--seconds", "5", "--modes", "host,fb-tap,fb-nat", "--json", folder.resolve("r.json")
                .toString());
        BufferedReader err = process.errorReader();
        String line = err.readLine();
        while (line != null && !line.contains(moment)) {
            line = err.readLine();
        }
        assertThat(line).contains(moment);
        new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
        assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(err.lines()).anyMatch(rest -> rest.contains("interrupted"));
        assertThat(process.exitValue()).isNotZero();
        assertThat(folder.resolve("r.json")).doesNotExist();
        assertThatNothingIsLeft();
    }
}
