package io.footbridge.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.bench.result.ResultFile;
import io.footbridge.bench.result.SampleRuns;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @TempDir
    private Path folder;

    private int run(String... arguments) {
        PrintStream outStream = new PrintStream(out, true, StandardCharsets.UTF_8);
        PrintStream errStream = new PrintStream(err, true, StandardCharsets.UTF_8);
        return Main.run(new BenchCommand(outStream, errStream, false, "/nowhere/footbridge"), outStream, errStream, arguments);
    }

    private String error() {
        return err.toString(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--rounds 0", "--rounds x", "--seconds 0", "--seconds 1e9", "--seconds NaN", "--modes nosuch",
            "--workloads tcp,nosuch",
        "--compare one", "--nosuch", "extra", "--json", "--quick --quick"})
    void wrongArgumentsAreOneLineAndCodeTwo(String arguments) {
        assertThat(run(arguments.split(" "))).isEqualTo(2);
        assertThat(error()).startsWith("footbridge: bench: ").endsWith("; see footbridge bench --help\n").containsOnlyOnce("\n");
    }

    @Test
    void aFileThatCannotBeWrittenIsSaidBeforeAnythingIsMeasured() {
        assertThat(run("--quick", "--json", folder.resolve("absent/r.json").toString())).isEqualTo(1);
        assertThat(error()).contains("there is no such folder").containsOnlyOnce("\n");
    }

    @Test
    void comparingNeedsTwoFilesOfResults() throws IOException {
        Path before = folder.resolve("a.json");
        Path after = folder.resolve("b.json");
        ResultFile.write(before, ResultFile.json(SampleRuns.run(0.5)));
        assertThat(run("--compare", before.toString(), after.toString())).isEqualTo(1);
        assertThat(error()).contains("there is no such file");
        ResultFile.write(after, ResultFile.json(SampleRuns.run(0.6)));
        assertThat(run("--compare", before.toString(), after.toString())).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("TCP, 1 stream, Gbit/s", "better", "within noise (absolute)");
    }

    @Test
    void theListNamesModesAndWorkloads() {
        assertThat(run("--list")).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("bridge-nat", "docker-proxy", "frames-60", "crr");
    }
}
