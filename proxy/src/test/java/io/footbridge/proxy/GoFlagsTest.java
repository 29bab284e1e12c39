package io.footbridge.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GoFlagsTest {
    private static final String USAGE = """
            Usage of docker-proxy:
              -container-ip value
                \tcontainer ip (default 0.0.0.0)
              -container-port int
                \tcontainer port (default -1)
              -host-ip value
                \thost ip (default 0.0.0.0)
              -host-port int
                \thost port (default -1)
              -proto string
                \tproxy protocol (default "tcp")
              -use-listen-fd
                \tuse a supplied listen fd
              -v\tprint version information and quit
              -version
                \tprint version information and quit
            """;

    private static DockerProxyArguments parse(String... words) throws GoFlags.UsageException {
        return DockerProxyArguments.parse("docker-proxy", List.of(words));
    }

    @Test
    void whatDockerdWritesIsRead() throws Exception {
        DockerProxyArguments read = parse("-proto", "tcp", "-host-ip", "::", "-host-port", "8080", "-container-ip", "172.17.0.2",
                "-container-port", "80", "-use-listen-fd");
        assertThat(read.protocol()).isEqualTo("tcp");
        assertThat(read.hostAddress().getAddress()).isEqualTo(new byte[16]);
        assertThat(read.hostPort()).isEqualTo(8080);
        assertThat(read.containerAddress().getHostAddress()).isEqualTo("172.17.0.2");
        assertThat(read.containerPort()).isEqualTo(80);
        assertThat(read.useListenDescriptor()).isTrue();
        assertThat(read.host()).isEqualTo("[::]:8080");
    }

    @Test
    void everyFormOfAFlagIsOneAndTheLastValueWins() throws Exception {
        assertThat(parse("-proto", "udp").protocol()).isEqualTo("udp");
        assertThat(parse("--proto", "udp").protocol()).isEqualTo("udp");
        assertThat(parse("-proto=udp").protocol()).isEqualTo("udp");
        assertThat(parse("--proto=udp").protocol()).isEqualTo("udp");
        assertThat(parse("--proto=").protocol()).isEmpty();
        assertThat(parse("--proto=a=b").protocol()).isEqualTo("a=b");
        assertThat(parse("-proto", "-v").protocol()).isEqualTo("-v");
        assertThat(parse("-proto", "a", "--proto=b").protocol()).isEqualTo("b");
    }

    @Test
    void aSwitchTakesAValueOnlyAfterAnEqualsSign() throws Exception {
        assertThat(parse("-use-listen-fd=true").useListenDescriptor()).isTrue();
        assertThat(parse("-use-listen-fd=F").useListenDescriptor()).isFalse();
        assertThat(parse("-use-listen-fd", "false", "-proto", "udp").useListenDescriptor()).isTrue();
        assertThat(parse("-use-listen-fd", "false", "-proto", "udp").protocol()).isEqualTo("tcp");
    }

    @Test
    void whatFollowsTheFirstOtherWordIsNotLookedAt() throws Exception {
        assertThat(parse("x", "-nonsense").protocol()).isEqualTo("tcp");
        assertThat(parse("--", "-proto", "udp").protocol()).isEqualTo("tcp");
        assertThat(parse("-", "-proto", "udp").protocol()).isEqualTo("tcp");
        assertThat(parse("", "-proto", "udp").protocol()).isEqualTo("tcp");
    }

    @ParameterizedTest
    @CsvSource({"80, 80", "0x50, 80", "0120, 80", "0o120, 80", "0b1010000, 80", "8_0, 80", "-1, -1", "+7, 7", "0, 0",
            "9223372036854775807, 9223372036854775807"})
    void aPortIsWrittenInAnyBase(String written, long port) throws Exception {
        assertThat(parse("-host-port", written).hostPort()).isEqualTo(port);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "-x | flag provided but not defined: -x",
        "--x=3 | flag provided but not defined: -x",
        "---proto | bad flag syntax: ---proto",
        "-=3 | bad flag syntax: -=3",
        "-host-port | flag needs an argument: -host-port",
        "-host-port=x | invalid value \"x\" for flag -host-port: parse error",
        "-host-port= | invalid value \"\" for flag -host-port: parse error",
        "-host-port=1__0 | invalid value \"1__0\" for flag -host-port: parse error",
        "-host-port=9223372036854775808 | invalid value \"9223372036854775808\" for flag -host-port: value out of range",
        "-host-ip=localhost | invalid value \"localhost\" for flag -host-ip: invalid IP address: localhost",
        "-host-ip=1.2.3 | invalid value \"1.2.3\" for flag -host-ip: invalid IP address: 1.2.3",
        "-host-ip=1.2.3.04 | invalid value \"1.2.3.04\" for flag -host-ip: invalid IP address: 1.2.3.04",
        "-host-ip=1.2.3.256 | invalid value \"1.2.3.256\" for flag -host-ip: invalid IP address: 1.2.3.256",
        "-host-ip=[::1] | invalid value \"[::1]\" for flag -host-ip: invalid IP address: [::1]",
        "-host-ip=fe80::1%lo | invalid value \"fe80::1%lo\" for flag -host-ip: invalid IP address: fe80::1%lo",
        "-v=maybe | invalid boolean value \"maybe\" for -v: parse error"})
    void whatCannotBeReadIsSaidInGosWordsWithTheUsageAndEndsWithTwo(String word, String message) {
        GoFlags.UsageException failed = catchThrowableOfType(GoFlags.UsageException.class, () -> parse(word));
        assertThat(failed.getMessage()).isEqualTo(message + "\n" + USAGE);
        assertThat(failed.exitCode()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-h", "-help", "--help"})
    void helpIsTheUsageAndEndsWithZero(String word) {
        assertThatThrownBy(() -> parse(word)).hasMessage(USAGE)
                .isInstanceOfSatisfying(GoFlags.UsageException.class, help -> assertThat(help.exitCode()).isZero());
    }

    @Test
    void anEmptyHostAddressIsEveryIpv6Address() throws Exception {
        assertThat(parse("-host-ip", "").hostAddress()).isNull();
        assertThat(parse("-host-ip", "", "-host-port", "80").host()).isEqualTo(":80");
        assertThat(parse("-host-ip", "::ffff:192.0.2.1", "-host-port", "80").host()).isEqualTo("192.0.2.1:80");
    }
}
