package io.footbridge.bench.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultFileTest {
    @TempDir
    private Path folder;

    @Test
    void whatIsWrittenIsReadBackAsItWas() throws IOException {
        Run run = SampleRuns.run(0.5);
        Path file = folder.resolve("r.json");
        ResultFile.write(file, ResultFile.json(run));
        assertThat(ResultFile.read(file)).isEqualTo(run);
        assertThat(ResultFile.json(ResultFile.read(file))).isEqualTo(ResultFile.json(run));
    }

    @Test
    void nothingElseIsLeftBeside() throws IOException {
        ResultFile.checkWritable(folder.resolve("r.json"));
        ResultFile.write(folder.resolve("r.json"), "{}");
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(folder.resolve("r.json"));
        }
    }

    @Test
    void otherFilesAreRefusedInOneLine() throws IOException {
        Path file = folder.resolve("other.json");
        for (String content : new String[] {"", "{", "null", "[]", "{\"format\": \"something\"}", "not json at all", "{\"format\": 7}"}) {
            Files.writeString(file, content);
            assertThatThrownBy(() -> ResultFile.read(file)).as(content).isInstanceOf(IOException.class)
                    .hasMessageStartingWith("read " + file + ": ").hasMessageNotContaining("\n");
        }
        assertThatThrownBy(() -> ResultFile.read(folder.resolve("absent"))).hasMessageContaining("there is no such file");
    }

    @Test
    void whereNothingCanBeWrittenItIsSaidBefore() {
        assertThatThrownBy(() -> ResultFile.checkWritable(folder.resolve("absent").resolve("r.json")))
                .hasMessageContaining("there is no such folder");
        assertThatThrownBy(() -> ResultFile.checkWritable(folder)).isInstanceOf(IOException.class);
    }
}
