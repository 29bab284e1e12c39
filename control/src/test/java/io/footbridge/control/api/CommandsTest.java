package io.footbridge.control.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.control.cli.CommandLineRunner;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The command line and the API, from one end to the other. */
@Timeout(30)
class CommandsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    @TempDir
    Path directory;

    private ApiServer server;
    private Path socket;

    @BeforeEach
    void start() throws IOException {
        socket = directory.resolve("c.sock");
        server = ApiServer.start(new RecordingService(), socket, directory, "1.2.3", PATIENCE);
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    @Test
    void a_listing_of_any_length_reaches_the_command_line() {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        assertThat(commandLine(out, err, "conntrack", "list")).as(err::toString).isZero();
        assertThat(out.toString().lines()).hasSize(RecordingService.FLOWS).allMatch(("tcp      6 7439 ESTABLISHED src=10.9.0.5 "
            + "dst=198.51.100.20 sport=40000 dport=80 src=198.51.100.20 dst=198.51.100.10 sport=80 dport=40000 [ASSURED] "
            + "mark=0 use=1")::equals);
        assertThat(err.toString()).isEqualTo("footbridge v0.1.0: 20000 flow entries have been shown.\n");
        StringWriter json = new StringWriter();
        assertThat(commandLine(json, err, "conntrack", "list", "--json")).isZero();
        assertThat(json.toString()).startsWith("[{\"protocol\":\"tcp\"").endsWith("}]\n").hasLineCount(1);
    }

    @Test
    void the_commands_print_what_their_models_print() {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        assertThat(commandLine(out, err, "publish", "web", "8080-8081:80-81", "db")).isZero();
        assertThat(commandLine(out, err, "ports")).isZero();
        assertThat(commandLine(out, err, "conntrack", "count")).isZero();
        assertThat(commandLine(out, err, "conntrack", "stats")).isZero();
        assertThat(commandLine(out, err, "conntrack", "flush")).isZero();
        assertThat(commandLine(out, err, "nat", "list", "web")).isZero();
        assertThat(out.toString()).contains("81/tcp -> 0.0.0.0:8081\n81/tcp -> [::]:8081\n", "0.0.0.0:8080-8081->80-81/tcp\n20000\n",
            "sessions=20000 capacity=262144 ", "   13   760 MASQUERADE  0    --  *      eth1    10.9.0.0/24 ");
        assertThat(err.toString())
            .isEqualTo("footbridge: only a note\nfootbridge v0.1.0: connection tracking table has been emptied.\n");
    }

    private int commandLine(StringWriter out, StringWriter err, String... command) {
        List<String> words = new ArrayList<>(List.of(command));
        words.addAll(List.of("--socket", socket.toString()));
        return new CommandLineRunner(new PrintWriter(out), new PrintWriter(err)).run(words.toArray(String[]::new));
    }
}
