package io.footbridge.control.slirp;

import io.footbridge.control.cli.Texts;
import io.footbridge.control.model.Quoted;
import io.footbridge.control.slirp.SlirpCommandLine.Outcome;
import io.footbridge.tap.CallState;
import io.footbridge.tap.FileCalls;
import io.footbridge.tap.ProcessCalls;
import io.footbridge.tap.TapEndpoint;
import io.footbridge.tap.netlink.InterfaceAddress;
import io.footbridge.tap.netlink.Link;
import io.footbridge.tap.netlink.RouteNetlink;
import io.footbridge.wire.IpAddress;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv6Address;
import io.footbridge.wire.MacAddress;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.slf4j.LoggerFactory;

/** The process that stands for slirp4netns, from its command line to its end; see the package for its stages. */
public final class Slirp4netns {
    private static final String FIRST_STAGE = "slirp4netns";
    private static final String SECOND_STAGE = "slirp4netns-sandboxed";
    private static final int FAILED = 1;
    private static final String CACHE = "slirp4netns.aot";
    private static final String OPTIONS = "slirp4netns.options";
    private static final String JAR = "lib/footbridge.jar";

    private final PrintStream out;

    /** What the first stage opened; -1 for what there is not. The TAP's MAC goes with it. */
    private record Descriptors(int tap, long mac, int api, int pidfd) {
        static Descriptors parse(String text) {
            long[] numbers = Stream.of(text.split(",")).mapToLong(Long::parseLong).toArray();
            return new Descriptors((int) numbers[0], numbers[1], (int) numbers[2], (int) numbers[3]);
        }

        @Override
        public String toString() {
            return tap + "," + mac + "," + api + "," + pidfd;
        }
    }

    private Slirp4netns(OutputStream out) {
        this.out = new PrintStream(out, false, StandardCharsets.UTF_8);
    }

    /** Whether a command line that begins so is for us. */
    public static boolean isCommand(String word) {
        return word.equals(FIRST_STAGE) || word.equals(SECOND_STAGE);
    }

    /**
     * Serves until an end comes.
     *
     * @param arguments which stage, and what is for it
     * @return the exit code: 0, or 1 if something went wrong, which standard error then says
     */
    public static int run(String... arguments) {
        Slirp4netns process = new Slirp4netns(new FileOutputStream(FileDescriptor.out));
        try {
            return arguments[0].equals(SECOND_STAGE)
                ? process.second(Descriptors.parse(arguments[1]), Arrays.copyOfRange(arguments, 2, arguments.length))
                : process.first(Arrays.copyOfRange(arguments, 1, arguments.length));
        } catch (IOException failed) {
            return process.fail(failed.getMessage());
        } catch (RuntimeException defect) {
            LoggerFactory.getLogger(Slirp4netns.class).debug("internal error", defect);
            return process.fail("internal error: " + defect);
        }
    }

    /** Goes through what is said at start, to nobody. */
    static void train(SlirpOptions options) {
        Slirp4netns process = new Slirp4netns(OutputStream.nullOutputStream());
        process.announce(options);
        Texts.slirp4netns("help");
    }

    private int fail(String message) {
        out.flush();
        System.err.println("slirp4netns: " + Quoted.oneLine(String.valueOf(message)));
        return FAILED;
    }

    private int first(String... arguments) throws IOException {
        SlirpCommandLine commandLine = commandLine(path -> Files.exists(Path.of(path)));
        Outcome outcome = commandLine.read(arguments);
        commandLine.warnings().forEach(out::println);
        switch (outcome) {
            case Outcome.Text(String name) -> {
                out.print(Texts.slirp4netns(name));
                out.flush();
                return 0;
            }
            case Outcome.Wrong(String message, boolean usage) -> {
                if (!message.isEmpty()) {
                    System.err.println(message);
                }
                if (usage) {
                    out.print(Texts.slirp4netns("help"));
                }
                out.flush();
                return FAILED;
            }
            case Outcome.Serve(SlirpOptions options) -> {
                return serve(options, arguments);
            }
        }
    }

    private int serve(SlirpOptions options, String... arguments) throws IOException {
        Endings endings = Endings.of(options.target(), options.exitDescriptor());
        GuestTap tap = GuestTap.open(options);
        announce(options);
        int api = options.apiSocket().isPresent() ? ApiSocket.listen(options.apiSocket().get()) : -1;
        if (options.sandbox()) {
            enterSandbox(options, new Descriptors(tap.endpoint().descriptor(), tap.mac(), api, endings.pidfd()), arguments);
        }
        return serve(options, tap, api, endings);
    }

    private static void enterSandbox(SlirpOptions options, Descriptors descriptors, String... arguments) throws IOException {
        List<Integer> inherited = Stream.concat(
            Stream.of(descriptors.tap(), descriptors.api(), descriptors.pidfd()).filter(descriptor -> descriptor >= 0),
            Stream.of(options.exitDescriptor(), options.readyDescriptor()).filter(OptionalInt::isPresent).map(OptionalInt::getAsInt)
                .filter(descriptor -> Files.exists(Path.of("/proc/self/fd/" + descriptor)))).distinct().toList();
        List<String> command = new ArrayList<>(List.of("@" + Sandbox.program(OPTIONS), "-XX:AOTCache=" + Sandbox.program(CACHE),
            "-cp", Sandbox.program(JAR), "io.footbridge.control.Main", SECOND_STAGE, descriptors.toString()));
        command.addAll(List.of(arguments));
        Path jar = Path.of(System.getProperty("java.class.path"));
        new Sandbox(jar.toRealPath().getParent().getParent()).execute(inherited, command);
    }

    private int second(Descriptors descriptors, String... arguments) throws IOException {
        if (!(commandLine(_ -> true).read(arguments) instanceof Outcome.Serve(SlirpOptions options))) {
            throw new IllegalArgumentException("the first stage took another command line: " + List.of(arguments));
        }
        Endings first = Endings.inherited(options.target(), options.exitDescriptor(), descriptors.pidfd());
        GuestTap tap = new GuestTap(TapEndpoint.ofDescriptor(descriptors.tap()), descriptors.mac());
        return serve(options, tap, descriptors.api(), first);
    }

    private int serve(SlirpOptions options, GuestTap tap, int api, Endings endings) throws IOException {
        CallState state = CallState.ofThread();
        ProcessCalls.raiseOpenFiles(state);
        Runnable whenLost = () -> Runtime.getRuntime().halt(fail("interface " + options.tap() + " is gone; start again to have a new one"));
        SlirpEngine engine = SlirpEngine.start(options, tap.endpoint(), tap.mac(), whenLost);
        if (api >= 0) {
            ApiRequests requests = new ApiRequests(engine, options.network().guest());
            Thread.ofPlatform().name("api").daemon().start(new ApiSocket(api, requests));
        }
        if (options.seccomp()) {
            SeccompFilter.install();
        }
        out.flush();
        options.readyDescriptor().ifPresent(descriptor -> tellReady(state, descriptor));
        switch (endings.await()) {
            case EXIT_DESCRIPTOR -> System.err.println("exitfd event");
            case TARGET -> System.err.println("the target is gone");
        }
        Runtime.getRuntime().halt(0);
        return 0;
    }

    /** A descriptor that is not open is the client's own affair, as it is with slirp4netns. */
    private static void tellReady(CallState state, int descriptor) {
        try (Arena arena = Arena.ofConfined()) {
            FileCalls.write(state, descriptor, arena.allocateFrom(ValueLayout.JAVA_BYTE, (byte) '1').address(), 1);
        }
        FileCalls.close(state, descriptor);
    }

    private void announce(SlirpOptions options) {
        SlirpNetwork network = options.network();
        out.println("Starting slirp");
        line("MTU", options.mtu());
        line("Network", network.prefix().asAddress());
        line("Netmask", new Ipv4Address(network.prefix().mask()));
        line("Gateway", network.gateway());
        line("DNS", network.dns());
        line("DHCP begin", network.firstByDhcp());
        line("DHCP end", network.lastByDhcp());
        line("Recommended IP", network.guest());
        options.mac().ifPresent(mac -> line("MAC address", MacAddress.format(mac)));
        options.apiSocket().ifPresent(path -> line("API Socket", path));
        options.outbound4().ifPresent(address -> line("Outbound IPv4", address));
        options.outbound6().ifPresent(address -> line("Outbound IPv6", address));
        if (options.hostLoopback()) {
            out.println("WARNING: 127.0.0.1:* on the host is accessible as " + network.gateway()
                + " (set --disable-host-loopback to prohibit connecting to 127.0.0.1:*)");
        }
    }

    private void line(String name, Object value) {
        out.printf("* %-16s %s%n", name + ":", value);
    }

    private static SlirpCommandLine commandLine(Predicate<String> exists) {
        return new SlirpCommandLine(exists, name -> addresses(name).filter(Ipv4Address.class::isInstance).map(Ipv4Address.class::cast)
            .findFirst(), name -> addresses(name).filter(Ipv6Address.class::isInstance).map(Ipv6Address.class::cast)
            .filter(address -> !address.isLinkLocal()).findFirst());
    }

    /** The addresses of an interface of the host; none where there is no such interface. */
    private static Stream<IpAddress> addresses(String name) {
        try (RouteNetlink netlink = RouteNetlink.open()) {
            Optional<Link> link = netlink.link(name);
            return link.isEmpty() ? Stream.empty() : netlink.addresses(link.get().index()).stream().map(InterfaceAddress::address)
                .map(IpAddress::ofInetAddress);
        } catch (IOException | IllegalArgumentException none) {
            return Stream.empty();
        }
    }
}
