package io.footbridge.control.cli;

import io.footbridge.control.model.NetworkSpec;
import io.footbridge.control.model.PublishSpec;
import io.footbridge.control.model.Quoted;
import io.footbridge.control.run.RunRequest;
import io.footbridge.wire.Ipv4;
import io.footbridge.wire.Ipv4Address;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * What stands before {@code --} in {@code footbridge run}, and before that what the launcher adds: {@code --command PID},
 * {@code --ready DESCRIPTOR}, {@code --directory DIRECTORY}, {@code --daemon SOCKET} and {@code --create}. Read by hand:
 * COMMAND waits, and picocli takes a tenth of a second to get to know its options.
 */
final class RunArguments {
    private static final List<String> WITH_VALUE = List.of("--command", "--ready", "--directory", "--daemon", "--socket", "--network",
        "--name", "--alias", "--ip", "--mtu", "-p");

    private final List<String> aliases = new ArrayList<>();
    private final List<PublishSpec> published = new ArrayList<>();
    private int command;
    private int lent;
    private Path directory;
    private Optional<Path> daemon = Optional.empty();
    private boolean create;
    private Optional<String> network = Optional.empty();
    private Optional<String> name = Optional.empty();
    private Optional<Ipv4Address> ip = Optional.empty();
    private int mtu = NetworkSpec.DEFAULT_MTU;
    private boolean hostLoopback;
    private RunRequest request;

    private RunArguments() {
    }

    /** Reads them; a failure says what is wrong with which. */
    static RunArguments parse(List<String> arguments) throws CommandFailure {
        RunArguments parsed = new RunArguments();
        try {
            Iterator<String> left = arguments.iterator();
            while (left.hasNext()) {
                parsed.take(left.next(), left);
            }
            parsed.request = parsed.makeRequest();
            return parsed;
        } catch (IllegalArgumentException wrong) {
            throw new CommandFailure("run: " + wrong.getMessage() + "; see footbridge run --help", wrong);
        }
    }

    private void take(String argument, Iterator<String> left) {
        int equals = argument.indexOf('=');
        String option = argument.startsWith("--") && equals > 0 ? argument.substring(0, equals) : argument;
        boolean attached = argument.startsWith("-p") && !argument.equals("-p");
        if (attached) {
            set("-p", argument.substring(2));
        } else if (!WITH_VALUE.contains(option)) {
            setFlag(argument);
        } else if (!option.equals(argument)) {
            set(option, argument.substring(equals + 1));
        } else if (left.hasNext()) {
            set(option, left.next());
        } else {
            throw new IllegalArgumentException(option + " needs a value");
        }
    }

    private void setFlag(String flag) {
        switch (flag) {
            case "--host-loopback" -> hostLoopback = true;
            case "--create" -> create = true;
            default -> throw new IllegalArgumentException("unknown argument " + Quoted.of(flag));
        }
    }

    private void set(String option, String value) {
        switch (option) {
            case "--command" -> command = whole(option, value);
            case "--ready" -> lent = whole(option, value);
            case "--directory" -> directory = Path.of(value);
            case "--daemon" -> daemon = Optional.of(Path.of(value));
            case "--network" -> network = Optional.of(value);
            case "--name" -> name = Optional.of(value);
            case "--alias" -> aliases.add(value);
            case "--ip" -> ip = Optional.of(of(option, value, RunArguments::commandAddress));
            case "--mtu" -> mtu = whole(option, value);
            case "-p" -> published.add(of(option, value, PublishSpec::parse));
            default -> {
                // --socket: the launcher made the directory of it.
            }
        }
    }

    private static int whole(String option, String value) {
        return of(option, value, text -> {
            try {
                return Integer.parseInt(text);
            } catch (NumberFormatException wrong) {
                throw new IllegalArgumentException("a whole number is needed, not " + Quoted.of(text), wrong);
            }
        });
    }

    private static Ipv4Address commandAddress(String text) {
        Ipv4Address address = Ipv4Address.parse(text);
        if (!Ipv4.isHost(address.address())) {
            throw new IllegalArgumentException(address + " cannot be a host's; give one such as 10.0.2.10");
        }
        return address;
    }

    private static <T> T of(String option, String value, Function<String, T> reader) {
        try {
            return reader.apply(value);
        } catch (IllegalArgumentException wrong) {
            throw new IllegalArgumentException(option + ": " + wrong.getMessage(), wrong);
        }
    }

    private RunRequest makeRequest() {
        if (command <= 0 || lent <= 0 || directory == null) {
            throw new IllegalArgumentException("it is started by the launcher, ./footbridge");
        }
        return new RunRequest(command, directory, network, name, aliases, published, ip, mtu, hostLoopback);
    }

    RunRequest request() {
        return request;
    }

    /** The socket of the daemon whose network is joined. */
    Path daemon() {
        return daemon.orElseGet(() -> directory.resolve("control.sock"));
    }

    /** Whether the daemon is the user's own, and so makes a network that is not there. */
    boolean creates() {
        return create;
    }

    /** The descriptor on which the launcher listens. */
    int lent() {
        return lent;
    }
}
