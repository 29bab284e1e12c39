package io.footbridge.control.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.footbridge.control.model.PublishSpec;
import io.footbridge.control.run.RunRequest;
import io.footbridge.wire.Ipv4Address;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunArgumentsTest {
    private static RunArguments parse(String... options) throws CommandFailure {
        return RunArguments.parse(Stream.concat(Stream.of("--command", "4711", "--ready", "9", "--directory", "/run/x"),
            Stream.of(options)).toList());
    }

    @Test
    void each_option_is_read_with_its_value_behind_it_or_attached() throws CommandFailure {
        RunArguments parsed = parse("--name", "web", "--alias=www", "--alias", "w3", "-p", "8080:80", "-p53/udp", "--ip=10.0.2.9",
            "--mtu", "9000", "--host-loopback", "--socket", "/run/x/control.sock");
        assertThat(parsed.request()).isEqualTo(new RunRequest(4711, Path.of("/run/x"), Optional.empty(),
            Optional.of("web"), List.of("www", "w3"),
            List.of(PublishSpec.parse("8080:80"), PublishSpec.parse("53/udp")), Optional.of(Ipv4Address.parse("10.0.2.9")), 9000, true));
        assertThat(parsed.lent()).isEqualTo(9);
    }

    @Test
    void without_options_there_are_defaults() throws CommandFailure {
        assertThat(parse().request()).isEqualTo(
            new RunRequest(4711, Path.of("/run/x"), Optional.empty(),
            Optional.empty(), List.of(), List.of(), Optional.empty(), 1500, false));
    }

    @Test
    void a_network_of_a_daemon_is_joined_by_name() throws CommandFailure {
        RunArguments parsed = parse("--network", "dev", "--daemon", "/run/x/d.sock", "--create");
        assertThat(parsed.request().network()).contains("dev");
        assertThat(parsed.daemon()).isEqualTo(Path.of("/run/x/d.sock"));
        assertThat(parsed.creates()).isTrue();
        assertThat(parse("--network=dev").daemon()).isEqualTo(Path.of("/run/x/control.sock"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--name", "--host-loopback=on", "--mtu=", "--mtu=99999999999", "--ip=::1",
        "--mtu=10", "-px", "--name=a b", "--alias=", "-p", "--", "x", "", "-x", "--n=a"})
    void anything_else_is_refused_in_one_line(String option) {
        assertThatThrownBy(() -> parse(option)).isInstanceOf(CommandFailure.class).message().startsWith("run: ")
            .endsWith("; see footbridge run --help").hasLineCount(1);
    }

    @Test
    void it_is_the_launcher_that_starts_it() {
        assertThatThrownBy(() -> RunArguments.parse(List.of("--name", "web"))).hasMessageContaining("./footbridge");
    }

    @Property
    void no_text_is_more_than_refused(@ForAll List<String> options) {
        try {
            assertThat(parse(options.toArray(String[]::new)).request()).isNotNull();
        } catch (CommandFailure refused) {
            assertThat(refused).hasMessageStartingWith("run: ");
        }
    }
}
