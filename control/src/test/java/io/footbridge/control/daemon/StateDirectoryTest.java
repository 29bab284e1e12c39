package io.footbridge.control.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.footbridge.control.model.RefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StateDirectoryTest {
    private final Random random = new Random(1);

    @TempDir
    Path directory;

    @Test
    void a_successor_knows_who_did_not_clean_up() throws IOException, RefusedException {
        Path socket = directory.resolve("c.sock");
        Path state = directory.resolve("c.sock.d");
        make(state, "rwx------");
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
        make(directory.resolve("c.sock.d"), "rwx------");
        Files.writeString(directory.resolve("c.sock.d/instance"), "../../etc\n");
        try (StateDirectory state = StateDirectory.take(directory.resolve("c.sock"), random)) {
            assertThat(state.deadInstance()).isEmpty();
        }
    }

    @Test
    void it_is_made_for_its_owner_alone() throws IOException, RefusedException {
        try (StateDirectory state = StateDirectory.take(directory.resolve("c.sock"), random)) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(state.path()))).isEqualTo("rwx------");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"rwxrwxrwx", "rwxrwx---", "rwxr-xr-x"})
    void one_that_others_may_enter_is_refused(String mode) throws IOException {
        make(directory.resolve("c.sock.d"), mode);
        assertRefused("is open to others (" + mode + ")");
    }

    @Test
    void one_of_somebody_else_is_refused() throws IOException {
        make(directory.resolve("c.sock.d"), "rwx------");
        try {
            Files.setAttribute(directory.resolve("c.sock.d"), "unix:uid", 65_534);
        } catch (IOException notRoot) {
            assumeTrue(false, "only root may give a directory away");
        }
        assertRefused("belongs to user 65534");
    }

    @Test
    void a_link_to_a_directory_is_refused_and_a_file_too() throws IOException {
        make(directory.resolve("elsewhere"), "rwx------");
        Files.createSymbolicLink(directory.resolve("c.sock.d"), directory.resolve("elsewhere"));
        assertRefused("is not a directory");
        assertThat(directory.resolve("elsewhere")).isEmptyDirectory();
        Files.delete(directory.resolve("c.sock.d"));
        Files.writeString(directory.resolve("c.sock.d"), "");
        assertRefused("is not a directory");
    }

    @Test
    void no_link_in_it_is_followed() throws IOException, RefusedException {
        Path state = directory.resolve("c.sock.d");
        Path precious = Files.writeString(directory.resolve("precious"), "0123456789abcdef\n");
        make(state, "rwx------");
        Files.createSymbolicLink(state.resolve("instance"), precious);
        Files.createSymbolicLink(state.resolve("instance.new"), precious);
        try (StateDirectory taken = StateDirectory.take(directory.resolve("c.sock"), random)) {
            assertThat(taken.deadInstance()).isEmpty();
            taken.begin();
            assertThat(precious).hasContent("0123456789abcdef");
        }
        Files.delete(state.resolve("lock"));
        Files.createSymbolicLink(state.resolve("lock"), precious);
        assertThatThrownBy(() -> StateDirectory.take(directory.resolve("c.sock"), random)).isInstanceOf(IOException.class)
            .hasMessageStartingWith("open " + state + "/lock, the daemon's lock: ").hasMessageContaining("--socket");
    }

    @Test
    void where_it_cannot_be_made_path_reason_and_cure_are_said() {
        assertThatThrownBy(() -> StateDirectory.take(directory.resolve("nosuch/c.sock"), random))
            .hasMessage("make directory " + directory + "/nosuch/c.sock.d for the daemon's lock: No such file or directory; "
                + "give --socket a path where this user may write");
    }

    @Test
    void as_long_as_links_are_not_put_right_the_next_one_knows_its_predecessor() throws IOException, RefusedException {
        Path socket = directory.resolve("c.sock");
        String instance;
        try (StateDirectory state = StateDirectory.take(socket, random)) {
            state.begin();
            instance = state.instance();
            Files.createDirectory(state.links());
            Files.writeString(state.links().resolve("7"), "");
        }
        try (StateDirectory next = StateDirectory.take(socket, random)) {
            assertThat(next.deadInstance()).contains(instance);
        }
    }

    private void assertRefused(String fault) {
        assertThatThrownBy(() -> StateDirectory.take(directory.resolve("c.sock"), random)).isInstanceOf(RefusedException.class)
            .hasMessageStartingWith(directory + "/c.sock.d, where the daemon keeps its state, " + fault)
            .hasMessageEndingWith("remove it, or give --socket another path");
    }

    private static void make(Path path, String mode) throws IOException {
        Files.createDirectory(path);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
    }
}
