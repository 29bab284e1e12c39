package io.footbridge.control.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.RandomAccessFile;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandLineTest {
    private static final String NOWHERE = "/nonexistent/c.sock";

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... args) {
        return new CommandLineRunner(new PrintWriter(out), new PrintWriter(err)).run(args);
    }

    @ParameterizedTest
    @ValueSource(strings = {"frob", "--frob", "network", "network frob", "network create", "network create a b", "network create a --mtu x",
        "network create a -o x", "network inspect", "network set web", "network set web x", "attach", "attach web",
        "attach web --netns /a --pid 4", "attach web --pid x", "detach web", "fdb", "fdb get web", "fdb add web m n bogus", "port",
        "port set web", "capture web", "capture web -w", "capture web -w - -c x", "network ls --frob", "daemon x", "top -n x",
        "network ls --socket a --socket b", "stats a b", "publish web", "publish web 80", "publish web 80 db x", "unpublish web",
        "ports x", "conntrack", "conntrack list a b", "conntrack frob", "conntrack count x", "conntrack stats x", "nat", "nat list a b",
        "nat frob"})
    void a_command_line_that_makes_no_sense_is_one_line_and_exit_code_2(String line) {
        assertThat(run(line.split(" "))).isEqualTo(2);
        assertThat(out.toString()).isEmpty();
        assertThat(err.toString()).startsWith("footbridge: ").endsWith("--help\n").hasLineCount(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"attach web --netns ", "capture web -w ", "network ls --socket ", "daemon -c "})
    void an_empty_path_is_a_mistake_of_usage(String line) {
        assertThat(run(line.split(" ", -1))).isEqualTo(2);
        assertThat(err.toString()).startsWith("footbridge: ").contains("needed, got nothing").hasLineCount(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "--version", "network --help"})
    void what_cannot_be_printed_is_a_failure(String line) throws IOException {
        assumeTrue(Files.isWritable(Path.of("/dev/full")));
        try (FileOutputStream full = new FileOutputStream("/dev/full")) {
            assertThat(CommandLineRunner.over(full, new PrintWriter(err)).run(line.split(" "))).isEqualTo(1);
        }
        assertThat(err.toString()).startsWith("footbridge: write standard output: ").hasLineCount(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "--version", "network --help"})
    void a_reader_who_wants_no_more_hears_no_complaint(String line, @TempDir Path directory) throws IOException, InterruptedException {
        Path pipe = directory.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
        RandomAccessFile reader = new RandomAccessFile(pipe.toFile(), "rw");
        try (FileOutputStream writer = new FileOutputStream(pipe.toFile())) {
            reader.close();
            assertThat(CommandLineRunner.over(writer, new PrintWriter(err)).run(line.split(" "))).isEqualTo(1);
        }
        assertThat(err.toString()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"pasta 1"})
    void what_this_version_lacks_is_one_line_and_exit_code_1(String line) {
        assertThat(run(line.split(" "))).isEqualTo(1);
        assertThat(err.toString()).isEqualTo("footbridge: " + line.split(" ")[0] + " is not available in this version\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-p 80", "--to 10.0.0.2", "-p 80 --to web", "-p 80:x --to 10.0.0.2", "-p 80/sctp --to 10.0.0.2",
        "-p 80 --to 10.0.0.2 --netns /a --pid 1", "-p 80 --to 10.0.0.2 --proxy-protocol v3",
        "-p 80/udp --to 10.0.0.2 --proxy-protocol v1", "-p 80 --to 0.0.0.0 --netns /a"})
    void a_relay_that_cannot_be_is_one_line_and_exit_code_2(String options) {
        assertThat(run(("proxy " + options).split(" "))).isEqualTo(2);
        assertThat(err.toString()).hasLineCount(1).endsWith("; see footbridge proxy --help\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--netns /no/such", "--pid 999999999"})
    void a_relay_into_a_namespace_that_is_not_there_is_refused_at_once(String where) {
        assertThat(run(("proxy -p 127.0.0.1::80 --to 10.0.0.2 " + where).split(" "))).isEqualTo(1);
        assertThat(err.toString()).startsWith("footbridge: no such ").hasLineCount(1);
    }

    @Test
    void the_proxy_protocol_needs_a_relay() {
        assertThat(run(("publish web 80 db --proxy-protocol v1 --socket " + NOWHERE).split(" "))).isEqualTo(1);
        assertThat(err.toString()).startsWith("footbridge: --proxy-protocol needs --relay").hasLineCount(1);
    }

    @Test
    void without_a_daemon_the_person_is_told_how_to_start_one() {
        assertThat(run("--socket", NOWHERE, "network", "ls")).isEqualTo(1);
        assertThat(err.toString()).startsWith("footbridge: no daemon at " + NOWHERE + "; start one").hasLineCount(1);
    }

    @Test
    void help_and_version_need_no_daemon() {
        assertThat(run("--help")).isZero();
        assertThat(out.toString()).startsWith("Usage: footbridge COMMAND");
        assertThat(run("--version")).isZero();
        assertThat(out.toString()).endsWith("Footbridge 0.1.0\n");
        assertThat(run("attach", "--help")).isZero();
        assertThat(out.toString()).contains("--netns", "--socket");
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void a_socket_path_that_no_socket_can_have_is_said_so() {
        assertThat(run("--socket", "/tmp/" + "x".repeat(120), "network", "ls")).isEqualTo(1);
        assertThat(err.toString()).contains("too long").hasLineCount(1);
    }

    @Property(tries = 500)
    void any_command_line_ends_in_one_line_or_in_help(@ForAll("words") List<String> words) {
        String[] args = Stream.concat(Stream.of("--socket", NOWHERE), words.stream()).toArray(String[]::new);
        StringWriter errors = new StringWriter();
        int code = new CommandLineRunner(new PrintWriter(new StringWriter()), new PrintWriter(errors)).run(args);
        if (code == 0) {
            assertThat(errors.toString()).isEmpty();
        } else {
            assertThat(code).isIn(1, 2);
            assertThat(errors.toString()).startsWith("footbridge: ").doesNotContain("internal error").hasLineCount(1);
        }
    }

    @Provide
    Arbitrary<List<String>> words() {
        // Not "daemon" or "top": a daemon would start.
        return Arbitraries.oneOf(
            Arbitraries.of("network", "create", "ls", "inspect", "rm", "set", "attach", "detach", "port", "fdb", "show", "get", "add",
                "neigh", "stats", "capture", "web", "-o", "a=b", "--netns", "/x", "--pid", "1", "--host", "--link", "--json", "-w", "-",
                "--mtu", "--help", "publish", "unpublish", "ports", "conntrack", "list", "count", "flush", "nat", "80:80"),
            Arbitraries.strings().ofMaxLength(6).filter(text -> !text.startsWith("@"))).list().ofMaxSize(6);
    }
}
