package io.footbridge.bench;

import io.footbridge.tap.namespace.NetworkNamespace;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The userland port proxy beside Docker's own, socat and RootlessKit's builtin port driver: streams, small messages, connections
 * and HTTP from a host's loopback to a container behind a veth, in interleaved rounds; and memory and time for many ports.
 *
 * <p>Arguments: the path of {@code ./footbridge}, the number of rounds, and which part: {@code streams}, {@code small} or
 * {@code ports}. Needs docker-proxy, iperf3, nginx and wrk on PATH; for streams socat joins where it is,
 * and RootlessKit (with slirp4netns), whose server runs inside its own namespace instead: what it forwards crosses no veth.
 */
public final class ProxyFigures {
    private static final String HOST = "fbpx0";
    private static final String CONTAINER = "fbpx1";
    private static final String ADDRESS = "10.214.0.2";
    private static final String LOOPBACK = "127.0.0.1";
    private static final int ECHO = 7;
    private static final int WEB = 80;
    private static final int IPERF = 5201;
    private static final int SMALL = 100;
    private static final double SECONDS = 1.5;
    private static final int LOOKS = 100;
    private static final long LOOK_NANOS = 100_000_000;
    private static final long SETTLING_NANOS = 6_000_000_000L;
    private static final Pattern RECEIVED = Pattern.compile("\"sum_received\":\\s*\\{[^}]*?\"bits_per_second\":\\s*([0-9.e+]+)");
    private static final Pattern REQUESTS = Pattern.compile("Requests/sec:\\s*([0-9.]+)");

    private final String launcher;
    private final int rounds;
    private final List<Process> servers = new ArrayList<>();
    private final List<PortProxy> proxies = new ArrayList<>();

    private ProxyFigures(String launcher, int rounds) {
        this.launcher = launcher;
        this.rounds = rounds;
    }

    /** One figure of one proxy, whose ports begin at {@code base}. */
    private interface Measure {
        double of(int base) throws IOException;
    }

    /** Runs one part and prints its tables. */
    public static void main(String[] arguments) throws IOException {
        String part = arguments.length > 2 ? arguments[2] : "streams";
        ProxyFigures figures = new ProxyFigures(Path.of(arguments[0]).toAbsolutePath().toString(),
                arguments.length > 1 ? Integer.parseInt(arguments[1]) : 5);
        try {
            figures.setUp();
            switch (part) {
                case "streams" -> figures.streams();
                case "small" -> figures.small();
                case "ports" -> figures.ports();
                default -> throw new IOException("no such part: " + part);
            }
        } finally {
            figures.proxies.forEach(PortProxy::close);
            figures.servers.forEach(Process::destroyForcibly);
            Commands.attempt("ip netns del " + HOST);
            Commands.attempt("ip netns del " + CONTAINER);
        }
        Runtime.getRuntime().halt(0);
    }

    private void setUp() throws IOException {
        for (String namespace : List.of(HOST, CONTAINER)) {
            Commands.attempt("ip netns del " + namespace);
            Commands.shell("ip netns add " + namespace);
            Commands.shell("ip -n " + namespace + " link set lo up");
            // Connections per second are to be told, not how soon a host's ports are all waiting for their last segments.
            Commands.shell("ip netns exec " + namespace + " sysctl -q -w net.ipv4.tcp_tw_reuse=1");
        }
        Commands.shell("ip link add fbpxe netns " + HOST + " type veth peer name eth0 netns " + CONTAINER);
        Commands.shell("ip -n " + HOST + " address add 10.214.0.1/24 dev fbpxe");
        Commands.shell("ip -n " + CONTAINER + " address add " + ADDRESS + "/24 dev eth0");
        Commands.shell("ip -n " + HOST + " link set fbpxe up");
        Commands.shell("ip -n " + CONTAINER + " link set eth0 up");
        Path socket = Files.createTempDirectory("footbridge-bench").resolve("control.sock");
        Process daemon = inside(HOST, launcher, "--socket", socket.toString(), "daemon")
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        servers.add(daemon);
        daemon.inputReader().readLine();
        Map<String, String> environment = Map.of("FOOTBRIDGE_SOCKET", socket.toString());
        String frontEnd = Path.of(launcher).resolveSibling("bin").resolve("docker-proxy").toString();
        proxies.add(new PortProxy("docker-proxy", HOST, List.of("docker-proxy"), Map.of(), List.of()));
        proxies.add(new PortProxy("Footbridge", HOST, List.of(frontEnd), environment, List.of(daemon)));
    }

    private static ProcessBuilder inside(String namespace, String... command) {
        List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
        all.addAll(List.of(command));
        return new ProcessBuilder(all);
    }

    private void addSocat() {
        if (Commands.exists("socat") || System.getenv("PATH").contains("fbp")) {
            proxies.add(new PortProxy("socat", HOST, List.of("socat"), Map.of(), List.of()));
        }
    }

    /** As root it wants subordinate ids of root's, which it gets for itself alone. */
    private void addRootlessKit() throws IOException {
        if (!Commands.exists("rootlesskit") || !Commands.exists("slirp4netns")) {
            return;
        }
        Path ids = Files.createTempFile("footbridge-bench", ".subid");
        Files.writeString(ids, "root:100000:65536\n");
        int base = base(proxies.size());
        PortProxy proxy = new PortProxy("RootlessKit", HOST, List.of("rootlesskit"), Map.of(), List.of());
        proxies.add(proxy);
        String program = "mount --bind " + ids + " /etc/subuid && mount --bind " + ids + " /etc/subgid"
                + " && exec rootlesskit --net=slirp4netns --disable-host-loopback --port-driver=builtin"
                + " -p " + LOOPBACK + ":" + (base + IPERF) + ":" + IPERF + "/tcp iperf3 -s";
        proxy.add(inside(HOST, "sh", "-c", program).redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD).start());
        awaitListener(base + IPERF);
        Files.delete(ids);
    }

    /** Until somebody listens on the host's port; asked of the kernel, so that the server sees no client of ours. */
    private static void awaitListener(int port) throws IOException {
        for (int i = 0; i < LOOKS; i++) {
            if (!Commands.shell("ip netns exec " + HOST + " ss -Hltn sport = :" + port).isBlank()) {
                return;
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
        throw new IOException("nobody listens on port " + port);
    }

    private static int base(int proxy) {
        return 10_000 * (1 + proxy);
    }

    private void publish(int port) throws IOException {
        for (int i = 0; i < proxies.size(); i++) {
            proxies.get(i).publish(LOOPBACK, base(i) + port, ADDRESS, port);
        }
    }

    private void streams() throws IOException {
        addSocat();
        Process server = inside(CONTAINER, "iperf3", "-s", "--forceflush").redirectErrorStream(true).start();
        servers.add(server);
        String line;
        do {
            line = server.inputReader().readLine();
        } while (line != null && !line.startsWith("Server listening"));
        Thread.ofPlatform().daemon().start(() -> server.inputReader().lines().forEach(_ -> { }));
        publish(IPERF);
        addRootlessKit();
        compare("1 stream to the container, Gbit/s", true, base -> iperf(base, "-P 1"));
        compare("1 stream from the container, Gbit/s", true, base -> iperf(base, "-P 1 -R"));
        compare("4 streams to the container, Gbit/s", true, base -> iperf(base, "-P 4"));
        compare("4 streams from the container, Gbit/s", true, base -> iperf(base, "-P 4 -R"));
    }

    private static double iperf(int base, String options) throws IOException {
        String json = Commands.shell("ip netns exec " + HOST + " iperf3 -J -t " + SECONDS + " -c " + LOOPBACK + " -p " + (base + IPERF)
                + " " + options);
        return number(RECEIVED, json) / 1e9;
    }

    private static double number(Pattern pattern, String text) throws IOException {
        Matcher matcher = pattern.matcher(text);
        if (!matcher.find()) {
            throw new IOException("no figure in " + text);
        }
        return Double.parseDouble(matcher.group(1));
    }

    private void small() throws IOException {
        ServerSocketChannel echo = in(CONTAINER, () -> ServerSocketChannel.open().bind(new InetSocketAddress(ECHO), 4096));
        Thread.ofPlatform().daemon().start(() -> echo(echo));
        Path folder = Files.createTempDirectory("footbridge-bench");
        Files.writeString(folder.resolve("index.html"), "x".repeat(SMALL));
        Files.writeString(folder.resolve("nginx.conf"), "daemon off; worker_processes 1; pid nginx.pid; error_log /dev/null; user root;\n"
                + "events { worker_connections 4096; }\nhttp { access_log off; keepalive_requests 100000000; server { listen " + WEB
                + " backlog=4096; root " + folder + "; } }\n");
        servers.add(inside(CONTAINER, "nginx", "-p", folder.toString(), "-c", folder.resolve("nginx.conf").toString()).start());
        publish(ECHO);
        publish(WEB);
        compare("100-byte round trip, p50, us", false, base -> {
            double[] micros = roundTrips(base);
            return micros[micros.length / 2];
        });
        compare("100-byte round trip, p99, us", false, base -> {
            double[] micros = roundTrips(base);
            return micros[micros.length * 99 / 100];
        });
        compare("connections per second", true, ProxyFigures::connections);
        compare("HTTP, kept alive, requests per second", true, base -> wrk(base));
        compare("HTTP, a connection each, requests per second", true, base -> wrk(base, "-H", "Connection: close"));
    }

    private static double wrk(int base, String... header) throws IOException {
        List<String> command = new ArrayList<>(List.of("ip", "netns", "exec", HOST, "wrk", "-t", "1", "-c", "32", "-d", "2s"));
        command.addAll(List.of(header));
        command.add("http://" + LOOPBACK + ":" + (base + WEB) + "/");
        return number(REQUESTS, Commands.run(command.toArray(String[]::new)));
    }

    private static double[] roundTrips(int base) throws IOException {
        try (SocketChannel client = connect(base)) {
            ByteBuffer message = ByteBuffer.allocateDirect(SMALL);
            double[] micros = new double[10_000];
            for (int i = -1000; i < micros.length; i++) {
                long start = System.nanoTime();
                exchange(client, message);
                if (i >= 0) {
                    micros[i] = (System.nanoTime() - start) / 1e3;
                }
            }
            Arrays.sort(micros);
            return micros;
        }
    }

    private static SocketChannel connect(int base) throws IOException {
        SocketChannel client = in(HOST, SocketChannel::open);
        client.setOption(StandardSocketOptions.TCP_NODELAY, true);
        client.connect(new InetSocketAddress(LOOPBACK, base + ECHO));
        return client;
    }

    private static void exchange(SocketChannel client, ByteBuffer message) throws IOException {
        client.write(message.clear());
        message.clear();
        while (message.hasRemaining()) {
            if (client.read(message) < 0) {
                throw new IOException("the proxy ended a connection");
            }
        }
    }

    /** Opened, used once and closed, one after the other, by one client: in its namespace all the time. */
    private static double connections(int base) throws IOException {
        return in(HOST, () -> {
            ByteBuffer message = ByteBuffer.allocateDirect(SMALL);
            InetSocketAddress address = new InetSocketAddress(LOOPBACK, base + ECHO);
            long start = System.nanoTime();
            int done = 0;
            while (System.nanoTime() - start < SECONDS * 1e9) {
                try (SocketChannel client = SocketChannel.open(address)) {
                    exchange(client, message);
                }
                done++;
            }
            return done / ((System.nanoTime() - start) / 1e9);
        });
    }

    private static void echo(ServerSocketChannel server) {
        while (true) {
            try {
                SocketChannel peer = server.accept();
                Thread.ofVirtual().start(() -> answer(peer));
            } catch (ClosedChannelException ended) {
                return;
            } catch (IOException failed) {
                throw new java.io.UncheckedIOException(failed);
            }
        }
    }

    private static void answer(SocketChannel peer) {
        try (peer) {
            peer.setOption(StandardSocketOptions.TCP_NODELAY, true);
            ByteBuffer message = ByteBuffer.allocateDirect(SMALL);
            while (peer.read(message.clear()) > 0) {
                peer.write(message.flip());
            }
        } catch (IOException gone) {
            // That client's own affair.
        }
    }

    private static <T> T in(String namespace, RequestResponse.Opening<T> opening) throws IOException {
        try (NetworkNamespace there = NetworkNamespace.open(Path.of("/run/netns", namespace))) {
            return there.<T, IOException>call(opening::open);
        }
    }

    /** Each proxy in turn, round by round; what is told is the median of the rounds' own ratios to docker-proxy. */
    private void compare(String name, boolean perByte, Measure measure) throws IOException {
        double[][] values = new double[proxies.size()][rounds];
        double[][] cost = new double[proxies.size()][rounds];
        for (int round = -1; round < rounds; round++) {
            for (int i = 0; i < proxies.size(); i++) {
                long before = proxies.get(i).ticks();
                double value = measure.of(base(i));
                if (round >= 0) {
                    values[i][round] = value;
                    cost[i][round] = (proxies.get(i).ticks() - before) / (perByte ? value : 1);
                }
            }
        }
        System.out.printf(Locale.ROOT, "%n%s, %d rounds%n%-16s %10s %14s %15s %10s%n", name, rounds, "", "median", "/docker-proxy",
                "spread", perByte ? "CPU/unit" : "CPU");
        for (int i = 0; i < proxies.size(); i++) {
            double[] ratios = new double[rounds];
            double[] costs = new double[rounds];
            for (int round = 0; round < rounds; round++) {
                ratios[round] = values[i][round] / values[0][round];
                costs[round] = cost[i][round] / Math.max(1e-9, cost[0][round]);
            }
            double[] sorted = ratios.clone();
            Arrays.sort(sorted);
            System.out.printf(Locale.ROOT, "%-16s %10.2f %14.2f %6.2f .. %5.2f %10.2f%n", proxies.get(i).name(), Rounds.median(values[i]),
                    Rounds.median(ratios), sorted[0], sorted[rounds - 1], Rounds.median(costs));
        }
    }

    private void ports() throws IOException {
        System.out.printf(Locale.ROOT, "%-16s %8s %12s %12s %12s%n", "", "ports", "published ms", "PSS MB", "ended ms");
        for (int count : new int[] {100, 1000}) {
            for (int round = 0; round < (count == 100 ? rounds : 1); round++) {
                for (int i = 0; i < proxies.size(); i++) {
                    PortProxy proxy = proxies.get(i);
                    long start = System.nanoTime();
                    for (int port = 0; port < count; port++) {
                        proxy.publish("0.0.0.0", base(i) + port, ADDRESS, 1 + port);
                        proxy.publish("::", base(i) + port, ADDRESS, 1 + port);
                    }
                    long published = System.nanoTime();
                    // What is told is what it takes to have the ports published, not to publish them.
                    LockSupport.parkNanos(SETTLING_NANOS);
                    double memory = proxy.megabytes();
                    long measured = System.nanoTime();
                    proxy.unpublish();
                    System.out.printf(Locale.ROOT, "%-16s %8d %12.0f %12.1f %12.0f%n", proxy.name(), count, (published - start) / 1e6,
                            memory, (System.nanoTime() - measured) / 1e6);
                }
            }
        }
    }
}
