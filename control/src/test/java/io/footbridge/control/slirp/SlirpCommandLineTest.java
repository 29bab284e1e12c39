package io.footbridge.control.slirp;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.control.slirp.SlirpCommandLine.Outcome;
import io.footbridge.control.slirp.SlirpOptions.Target;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv4Prefix;
import io.footbridge.wire.Ipv6Address;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every expectation here was seen of slirp4netns 1.2.0 as Debian has it. */
class SlirpCommandLineTest {
    private static final String EXISTS = "/run/netns/there";

    private static SlirpCommandLine commandLine() {
        return new SlirpCommandLine(EXISTS::equals,
            name -> name.equals("eth0") ? Optional.of(Ipv4Address.parse("192.0.2.7")) : Optional.empty(),
            name -> name.equals("eth0") ? Optional.of(Ipv6Address.parse("2001:db8::7")) : Optional.empty());
    }

    private static Outcome read(String line) {
        return commandLine().read(line.isEmpty() ? new String[0] : line.split(" ", -1));
    }

    private static SlirpOptions options(String line) {
        assertThat(read(line)).isInstanceOf(Outcome.Serve.class);
        return ((Outcome.Serve) read(line)).options();
    }

    @Test
    void defaultsAreSlirp4netns() {
        assertThat(options("4711 tap0")).isEqualTo(new SlirpOptions(new Target.Process(4711), "tap0", false, OptionalInt.empty(),
            OptionalInt.empty(), 1500, OptionalLong.empty(), SlirpNetwork.DEFAULT, false, Optional.empty(), true, true, false, false,
            Optional.empty(), Optional.empty()));
    }

    @Test
    void podmansCommandLineIsUnderstood() {
        SlirpOptions options = options("--disable-host-loopback --mtu=65520 --enable-sandbox --enable-seccomp --cidr=10.9.0.0/16 "
            + "--enable-ipv6 --outbound-addr=192.0.2.1 --outbound-addr6=eth0 -c -e 3 -r 4 --api-socket /tmp/a.net --netns-type=path "
            + EXISTS + " tap0");
        assertThat(options).isEqualTo(new SlirpOptions(new Target.File(EXISTS), "tap0", true, OptionalInt.of(3), OptionalInt.of(4), 65520,
            OptionalLong.empty(), new SlirpNetwork(Ipv4Prefix.parse("10.9.0.0/16")), true, Optional.of("/tmp/a.net"), false,
            true, true, true, Optional.of(Ipv4Address.parse("192.0.2.1")), Optional.of(Ipv6Address.parse("2001:db8::7"))));
        assertThat(options.network().gateway()).hasToString("10.9.0.2");
        assertThat(options.network().dns()).hasToString("10.9.0.3");
        assertThat(options.network().guest()).hasToString("10.9.0.100");
    }

    @Test
    void rootlessKitsCommandLineIsUnderstood() {
        SlirpOptions options = options("--mtu 65520 -r 3 --disable-host-loopback --cidr 10.0.2.0/24 --api-socket s/.s4nn.sock "
            + "--enable-sandbox 42 tap0");
        assertThat(options.target()).isEqualTo(new Target.Process(42));
        assertThat(options.readyDescriptor()).hasValue(3);
        assertThat(options.sandbox()).isTrue();
        assertThat(options.configure()).isFalse();
    }

    @Test
    void optionsMayFollowOperandsAndBeCutShort() {
        SlirpOptions options = options("-c 42 --cid 10.0.0.0/8 tap11 --disable-d --macaddress 2:1:02:A:b:ff");
        assertThat(options.network().gateway()).hasToString("10.0.0.2");
        assertThat(options.dns()).isFalse();
        assertThat(options.mac()).hasValue(0x0201_020a_0bffL);
        assertThat(options.tap()).isEqualTo("tap11");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "--foo                                | slirp4netns: unrecognized option '--foo'",
        "-e                                   | slirp4netns: option requires an argument -- 'e'",
        "--enable-s 1 tap0 | slirp4netns: option '--enable-s' is ambiguous; possibilities: '--enable-sandbox' '--enable-seccomp'",
        "--m=0 1 tap0                         | slirp4netns: option '--m=0' is ambiguous; possibilities: '--mtu' '--macaddress'",
        "-e -1 1 tap0                         | exit-fd must be a non-negative integer",
        "-e 0x5 1 tap0                        | exit-fd must be a non-negative integer",
        "-r 5junk 1 tap0                      | ready-fd must be a non-negative integer",
        "-m 0 1 tap0                          | MTU must be a positive integer (< 65522)",
        "-m 65522 1 tap0                      | MTU must be a positive integer (< 65522)",
        "-m 99999999999999999999 1 tap0       | MTU must be a positive integer (< 65522)",
        "-m 0 -h                              | MTU must be a positive integer (< 65522)",
        "--cidr=foo -m 0 1 tap0               | MTU must be a positive integer (< 65522)",
        "-m 0 -e x 1 tap0                     | MTU must be a positive integer (< 65522)",
        "-e x -m 0 1 tap0                     | exit-fd must be a non-negative integer",
        "--userns-path=/nowhere -m 0 1 tap0   | userns path doesn't exist: /nowhere",
        "--macaddress=q --cidr=foo 1 tap0     | --macaddr cannot be specified when --configure or -c is not specified",
        "--target-type=zz --macaddress=3      | --macaddr cannot be specified when --configure or -c is not specified",
        "--target-type=x 1                    | --target-type must be either \"netns\" or \"bess\"",
        "--target-type=bess -c x              | --configure conflicts with --target-type=bess",
        "--target-type=bess --netns-type=pid x | --netns-type conflicts with --target-type=bess",
        "--target-type=bess --userns-path=/run/netns/there x | --userns-path conflicts with --target-type=bess",
        "abc tap1                             | PID must be a positive integer",
        "0 tap1                               | PID must be a positive integer",
        "-- -5 tap1                           | PID must be a positive integer",
        "12x tap1                             | PID must be a positive integer",
        "2147483648 tap1                      | PID must be a positive integer",
        "--netns-type=path /nowhere tap1      | existing path expected when --netns-type=path: No such file or directory",
        "--netns-type=x 1 tap1                | existing path expected when --netns-type=path: No such file or directory",
    })
    void errorBeforeTheUsage(String line, String message) {
        assertThat(read(line)).isEqualTo(new Outcome.Wrong(message, true));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "4711", "--cidr=foo 4711", "--target-type=bess"})
    void tooFewOperandsAreAnsweredWithTheUsageAlone(String line) {
        assertThat(read(line)).isEqualTo(new Outcome.Wrong("", true));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "--cidr=foo                     | invalid CIDR: foo",
        "--cidr=10.0.2/24               | invalid CIDR: 10.0.2/24",
        "--cidr=10.0.2.0                | invalid CIDR: 10.0.2.0",
        "--cidr=10.0.2.0/24x            | invalid CIDR: 10.0.2.0/24x",
        "--cidr=10.0.2.0/-1             | invalid CIDR: 10.0.2.0/-1",
        "--cidr=10.0.2.0/99999999999    | invalid CIDR: 10.0.2.0/99999999999",
        "--cidr=/                       | invalid CIDR: /",
        "--cidr=300.0.2.0/26            | invalid network address: 300.0.2.0",
        "--cidr=10.0.2.0/26             | prefix length needs to be 1-25",
        "--cidr=10.0.2.1/26             | prefix length needs to be 1-25",
        "--cidr=10.0.2.0/0              | prefix length needs to be 1-25",
        "--cidr=10.5.0.7/16             | CIDR needs to be a network address like 10.0.2.0/24, not like 10.0.2.100/24",
        "--outbound-addr=nope           | outbound-addr has to be valid ipv4 address or interface name.",
        "-c --macaddress=zz --cidr=foo  | invalid CIDR: foo",
        "--outbound-addr=q --cidr=foo   | invalid CIDR: foo",
        "--outbound-addr6=q --outbound-addr=p | outbound-addr has to be valid ipv4 address or interface name.",
    })
    void errorWithoutTheUsage(String options, String message) {
        assertThat(read(options + " 4711 tap0")).isEqualTo(new Outcome.Wrong(message, false));
    }

    @Test
    void badMacAndTooLongSocketAreToldInFull() {
        assertThat(read("-c --macaddress=zz 1 tap0")).isEqualTo(new Outcome.Wrong("\"zz\" is an invalid MAC address.\nmacaddress has to be"
            + " a valid MAC address (hex string, 6 bytes, each byte separated by a ':').", false));
        assertThat(read("-a " + "x".repeat(108) + " 1 tap0"))
            .isEqualTo(new Outcome.Wrong("the specified API socket path is too long (>= 108)", false));
        assertThat(options("-a " + "x".repeat(107) + " 1 tap0").apiSocket()).isPresent();
    }

    @Test
    void helpAndVersionCountFromWhereTheyStand() {
        assertThat(read("-h -m 0")).isEqualTo(new Outcome.Text("help"));
        assertThat(read("-hx")).isEqualTo(new Outcome.Text("help"));
        assertThat(read("-v 1 tap9 --foo")).isEqualTo(new Outcome.Text("version"));
        assertThat(read("--cidr=foo --help")).isEqualTo(new Outcome.Text("help"));
        assertThat(read("--foo -v")).isInstanceOf(Outcome.Wrong.class);
    }

    @Test
    void numbersAreReadAsStrtolDoes() {
        assertThat(((Outcome.Serve) commandLine().read("-e", "", "-r", " 5", "-m", "+1400", "+7", "tap0")).options())
            .satisfies(options -> {
                assertThat(options.exitDescriptor()).hasValue(0);
                assertThat(options.readyDescriptor()).hasValue(5);
                assertThat(options.mtu()).isEqualTo(1400);
                assertThat(options.target()).isEqualTo(new Target.Process(7));
            });
    }

    @Test
    void warningsComeInOrder() {
        SlirpCommandLine commandLine = commandLine();
        commandLine.read("--no-host-loopback", "-6", "--create-sandbox", "--enable-seccomp", "--outbound-addr=eth0", "1", "a", "b");
        assertThat(commandLine.warnings()).isEqualTo(List.of(
            "WARNING: --no-host-loopback is deprecated and will be removed in future releases, please use --disable-host-loopback instead.",
            "WARNING: Support for IPv6 is experimental",
            "WARNING: --create-sandbox is deprecated and will be removed in future releases, please use --enable-sandbox instead.",
            "WARNING: Support for seccomp is experimental",
            "WARNING: Support for --outbound-addr is experimental",
            "WARNING: too many arguments"));
    }

    @Property
    void whateverIsGivenHasAnOutcome(@ForAll List<String> words) {
        assertThat(commandLine().read(words.toArray(String[]::new))).isNotNull();
    }
}
