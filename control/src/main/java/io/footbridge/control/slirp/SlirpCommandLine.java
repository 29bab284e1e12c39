package io.footbridge.control.slirp;

import io.footbridge.control.slirp.GetoptLong.Item;
import io.footbridge.control.slirp.GetoptLong.Option;
import io.footbridge.control.slirp.SlirpOptions.Target;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv4Prefix;
import io.footbridge.wire.Ipv6Address;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads slirp4netns's command line as slirp4netns 1.2.0 does: which option is looked at first, what each message says and
 * whether the usage follows it. Knows the file system and the host's interfaces only by what it is given. One thread.
 */
final class SlirpCommandLine {
    private static final String PROGRAM = "slirp4netns";
    private static final List<Option> OPTIONS = List.of(
        new Option("configure", 'c', false),
        new Option("exit-fd", 'e', true),
        new Option("ready-fd", 'r', true),
        new Option("mtu", 'm', true),
        new Option("cidr", '\0', true),
        new Option("disable-host-loopback", '\0', false),
        new Option("no-host-loopback", '\0', false),
        new Option("netns-type", '\0', true),
        new Option("userns-path", '\0', true),
        new Option("api-socket", 'a', true),
        new Option("enable-ipv6", '6', false),
        new Option("enable-sandbox", '\0', false),
        new Option("create-sandbox", '\0', false),
        new Option("enable-seccomp", '\0', false),
        new Option("help", 'h', false),
        new Option("version", 'v', false),
        new Option("outbound-addr", '\0', true),
        new Option("outbound-addr6", '\0', true),
        new Option("disable-dns", '\0', false),
        new Option("macaddress", '\0', true),
        new Option("target-type", '\0', true));
    private static final String DEPRECATED =
        "WARNING: --%s is deprecated and will be removed in future releases, please use --%s instead.";
    private static final String EXPERIMENTAL = "WARNING: Support for %s is experimental";
    private static final Pattern CIDR = Pattern.compile("(\\d+\\.\\d+\\.\\d+\\.\\d+)/(\\d{1,9})");
    // As strtol(3) reads them, but for numbers that no int holds.
    private static final Pattern NUMBER = Pattern.compile("[ \\t\\n\\x0B\\f\\r]*([+-]?\\d+)|");
    private static final Pattern MAC = Pattern.compile("[0-9a-fA-F]{1,2}(:[0-9a-fA-F]{1,2}){5}");
    private static final int MAX_MTU = 65_521;
    private static final int DEFAULT_MTU = 1500;
    private static final int MAX_PREFIX = 25;
    private static final int HEXADECIMAL = 16;
    /** sockaddr_un's path, without a terminating zero. */
    private static final int MAX_SOCKET_PATH = 108;

    private final Predicate<String> exists;
    private final Function<String, Optional<Ipv4Address>> addressOf;
    private final Function<String, Optional<Ipv6Address>> address6Of;
    private final List<String> warnings = new ArrayList<>();

    private boolean configure;
    private int exitDescriptor = -1;
    private int readyDescriptor = -1;
    private int mtu = DEFAULT_MTU;
    private String cidr;
    private boolean hostLoopback = true;
    private String netnsType;
    private boolean userns;
    private String apiSocket;
    private boolean ipv6;
    private boolean sandbox;
    private boolean seccomp;
    private String outbound4;
    private String outbound6;
    private boolean dns = true;
    private String mac;
    private String targetType = "netns";

    /**
     * @param exists whether a path leads to something
     * @param addressOf the IPv4 address of a host's interface
     * @param address6Of the IPv6 address of a host's interface
     */
    SlirpCommandLine(Predicate<String> exists, Function<String, Optional<Ipv4Address>> addressOf,
        Function<String, Optional<Ipv6Address>> address6Of) {
        this.exists = exists;
        this.addressOf = addressOf;
        this.address6Of = address6Of;
    }

    /** What a command line means. */
    sealed interface Outcome {
        /** It is to serve. */
        record Serve(SlirpOptions options) implements Outcome {
        }

        /** It asks for a text of this name, {@code help} or {@code version}; then ends with 0. */
        record Text(String name) implements Outcome {
        }

        /**
         * It is wrong; ends with 1.
         *
         * @param message for standard error; may be empty
         * @param usage whether the help follows, on standard output
         */
        record Wrong(String message, boolean usage) implements Outcome {
        }
    }

    /** What cannot go on. */
    private static final class Stop extends Exception {
        private static final long serialVersionUID = 1L;
        private final transient Outcome outcome;

        Stop(Outcome outcome) {
            super(null, null, false, false);
            this.outcome = outcome;
        }
    }

    /** What standard output gets first, line by line, however it goes on. */
    List<String> warnings() {
        return List.copyOf(warnings);
    }

    /** Reads; once only. */
    Outcome read(String... arguments) {
        try {
            GetoptLong getopt = new GetoptLong(PROGRAM, OPTIONS, arguments);
            for (Optional<Item> item = getopt.next(); item.isPresent(); item = getopt.next()) {
                switch (item.get()) {
                    case Item.Given(Option option, String argument) -> take(option.name(), argument);
                    case Item.Wrong(String message) -> throw usage(message);
                }
            }
            checkTogether(getopt.operands().size());
            return new Outcome.Serve(options(getopt.operands()));
        } catch (Stop stop) {
            return stop.outcome;
        }
    }

    private void take(String name, String argument) throws Stop {
        switch (name) {
            case "configure" -> configure = true;
            case "exit-fd" -> exitDescriptor = descriptor(name, argument);
            case "ready-fd" -> readyDescriptor = descriptor(name, argument);
            case "mtu" -> mtu = mtu(argument);
            case "cidr" -> cidr = argument;
            case "disable-host-loopback" -> hostLoopback = false;
            case "no-host-loopback" -> {
                warnings.add(DEPRECATED.formatted(name, "disable-host-loopback"));
                hostLoopback = false;
            }
            case "netns-type" -> netnsType = argument;
            case "userns-path" -> {
                if (!exists.test(argument)) {
                    throw usage("userns path doesn't exist: " + argument);
                }
                userns = true;
            }
            case "api-socket" -> apiSocket = argument;
            case "enable-ipv6" -> {
                warnings.add(EXPERIMENTAL.formatted("IPv6"));
                ipv6 = true;
            }
            case "enable-sandbox" -> sandbox = true;
            case "create-sandbox" -> {
                warnings.add(DEPRECATED.formatted(name, "enable-sandbox"));
                sandbox = true;
            }
            case "enable-seccomp" -> {
                warnings.add(EXPERIMENTAL.formatted("seccomp"));
                seccomp = true;
            }
            case "help", "version" -> throw new Stop(new Outcome.Text(name));
            case "outbound-addr" -> {
                warnings.add(EXPERIMENTAL.formatted("--outbound-addr"));
                outbound4 = argument;
            }
            case "outbound-addr6" -> {
                warnings.add(EXPERIMENTAL.formatted("--outbound-addr6"));
                outbound6 = argument;
            }
            case "disable-dns" -> dns = false;
            case "macaddress" -> mac = argument;
            case "target-type" -> targetType = argument;
            default -> throw new IllegalStateException("option " + name + " is in the list and not here");
        }
    }

    private static int descriptor(String name, String text) throws Stop {
        int number = number(text, Integer.MAX_VALUE);
        if (number < 0) {
            throw usage(name + " must be a non-negative integer");
        }
        return number;
    }

    private static int mtu(String text) throws Stop {
        int number = number(text, MAX_MTU);
        if (number <= 0) {
            throw usage("MTU must be a positive integer (< 65522)");
        }
        return number;
    }

    /** A number from 0 to a limit, or -1; nothing at all is 0. */
    private static int number(String text, int limit) {
        Matcher number = NUMBER.matcher(text);
        if (!number.matches()) {
            return -1;
        }
        try {
            long value = number.group(1) == null ? 0 : Long.parseLong(number.group(1));
            return value < 0 || value > limit ? -1 : (int) value;
        } catch (NumberFormatException tooLong) {
            return -1;
        }
    }

    private void checkTogether(int operands) throws Stop {
        if (mac != null && !configure) {
            throw usage("--macaddr cannot be specified when --configure or -c is not specified");
        }
        boolean bess = targetType.equals("bess");
        if (!bess && !targetType.equals("netns")) {
            throw usage("--target-type must be either \"netns\" or \"bess\"");
        }
        if (bess && configure) {
            throw usage("--configure conflicts with --target-type=bess");
        }
        if (bess && netnsType != null) {
            throw usage("--netns-type conflicts with --target-type=bess");
        }
        if (bess && userns) {
            throw usage("--userns-path conflicts with --target-type=bess");
        }
        if (operands < (bess ? 1 : 2)) {
            throw usage("");
        }
        if (bess) {
            throw new Stop(new Outcome.Wrong("--target-type=bess is not available; use the real slirp4netns for User Mode Linux", false));
        }
        if (operands > 2) {
            warnings.add("WARNING: too many arguments");
        }
    }

    private SlirpOptions options(List<String> operands) throws Stop {
        Target target = target(operands.getFirst());
        SlirpNetwork network = cidr == null ? SlirpNetwork.DEFAULT : network(cidr);
        Optional<Ipv4Address> from4 = outbound4 == null ? Optional.empty() : Optional.of(outbound4());
        Optional<Ipv6Address> from6 = outbound6 == null ? Optional.empty() : Optional.of(outbound6());
        OptionalLong address = mac == null ? OptionalLong.empty() : OptionalLong.of(mac());
        if (apiSocket != null && apiSocket.getBytes(StandardCharsets.UTF_8).length >= MAX_SOCKET_PATH) {
            throw plain("the specified API socket path is too long (>= 108)");
        }
        return new SlirpOptions(target, operands.get(1), configure, optional(exitDescriptor), optional(readyDescriptor),
            mtu, address, network, ipv6, Optional.ofNullable(apiSocket), hostLoopback, dns, sandbox, seccomp, from4, from6);
    }

    private Target target(String operand) throws Stop {
        if (netnsType == null || netnsType.equals("pid")) {
            int pid = number(operand, Integer.MAX_VALUE);
            if (pid <= 0) {
                throw usage("PID must be a positive integer");
            }
            return new Target.Process(pid);
        }
        if (!exists.test(operand)) {
            throw usage("existing path expected when --netns-type=path: No such file or directory");
        }
        return new Target.File(operand);
    }

    private static SlirpNetwork network(String text) throws Stop {
        Matcher parts = CIDR.matcher(text);
        if (!parts.matches()) {
            throw plain("invalid CIDR: " + text);
        }
        Ipv4Address address;
        try {
            address = Ipv4Address.parse(parts.group(1));
        } catch (IllegalArgumentException wrong) {
            throw plain("invalid network address: " + parts.group(1));
        }
        int length = Integer.parseInt(parts.group(2));
        if (length < 1 || length > MAX_PREFIX) {
            throw plain("prefix length needs to be 1-25");
        }
        Ipv4Prefix prefix = new Ipv4Prefix(address.address(), length);
        if (!prefix.network().equals(prefix)) {
            throw plain("CIDR needs to be a network address like 10.0.2.0/24, not like 10.0.2.100/24");
        }
        return new SlirpNetwork(prefix);
    }

    private Ipv4Address outbound4() throws Stop {
        try {
            return Ipv4Address.parse(outbound4);
        } catch (IllegalArgumentException notAnAddress) {
            return addressOf.apply(outbound4)
                .orElseThrow(() -> plain("outbound-addr has to be valid ipv4 address or interface name."));
        }
    }

    private Ipv6Address outbound6() throws Stop {
        try {
            return Ipv6Address.parse(outbound6);
        } catch (IllegalArgumentException notAnAddress) {
            return address6Of.apply(outbound6)
                .orElseThrow(() -> plain("outbound-addr6 has to be valid ipv6 address or interface name."));
        }
    }

    private long mac() throws Stop {
        if (!MAC.matcher(mac).matches()) {
            throw plain("\"" + mac + "\" is an invalid MAC address.\nmacaddress has to be a valid MAC address"
                + " (hex string, 6 bytes, each byte separated by a ':').");
        }
        long address = 0;
        for (String octet : mac.split(":")) {
            address = address << Byte.SIZE | Integer.parseInt(octet, HEXADECIMAL);
        }
        return address;
    }

    private static OptionalInt optional(int descriptor) {
        return descriptor < 0 ? OptionalInt.empty() : OptionalInt.of(descriptor);
    }

    private static Stop usage(String message) {
        return new Stop(new Outcome.Wrong(message, true));
    }

    private static Stop plain(String message) {
        return new Stop(new Outcome.Wrong(message, false));
    }
}
