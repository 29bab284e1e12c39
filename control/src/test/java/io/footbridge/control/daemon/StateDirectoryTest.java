package io.footbridge.control.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.control.model.RefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateDirectoryTest {
    private final Random random = new Random(1);

    @TempDir
    Path directory;

    @Test
    void a_successor_knows_who_did_not_clean_up() throws IOException, RefusedException {
        Path socket = directory.resolve("c.sock");
        Path state = directory.resolve("c.sock.d");
        Files.createDirectory(state);
        Files.writeString(state.resolve("instance"), "0123456789abcdef\n");
        try (StateDirectory successor = StateDirectory.take(socket, random)) {
            assertThat(successor.deadInstance()).contains("0123456789abcdef");
            successor.begin();
            assertThat(state.resolve("instance")).hasContent(successor.instance());
        }
        try (StateDirectory next = StateDirectory.take(socket, random)) {
            assertThat(next.deadInstance()).as("the one before cleaned up").isEmpty();
        }
    }

    @Test
    void what_is_no_instance_is_not_believed() throws IOException, RefusedException {
        Files.createDirectory(directory.resolve("c.sock.d"));
        Files.writeString(directory.resolve("c.sock.d/instance"), "../../etc\n");
        try (StateDirectory state = StateDirectory.take(directory.resolve("c.sock"), random)) {
            assertThat(state.deadInstance()).isEmpty();
        }
    }
}
