package io.footbridge.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A server (host 1) that a host reaches over a {@link FrameDelay}; host 0 is that host itself, or a container of it whose TCP
 * goes by its sockets. One pair of hosts.
 */
final class LongWayBed extends TestBed {
    /** Each way: a ping takes twice as long. */
    private static final int DELAY_MICROSECONDS = 10_000;
    /** 2.5 MB are under way at 1 Gbit/s; the kernel counts more than the bytes, and a sender wants twice the window. */
    private static final String BUFFERS = "4096 262144 67108864";
    private static final String NETWORK = "bench";

    /** In what frames the hosts hand the relay what they send. */
    enum Frames {
        /** Unsegmented, as to a device that segments by itself. */
        LARGE("frames up to 64 KiB", ""),
        /** Segmented by the kernel at the device, as for a wire: TCP itself still works with large pieces. */
        WIRE("frames of 1500 bytes", "ip netns exec %s ethtool -K eth0 tso off"),
        /** As {@link #WIRE}, and TCP itself works with nothing larger: it keeps, paces and sends each segment by itself. */
        SINGLE("frames of 1500 bytes one by one", "ip -n %s link set eth0 gso_max_segs 1");

        final String label;
        private final String setting;

        Frames(String label, String setting) {
            this.label = label;
            this.setting = setting;
        }
    }

    private final boolean container;
    private final String launcher;
    private final Frames frames;
    private final int lossOneIn;
    private final List<String> own = new ArrayList<>();
    private Process relay;
    private FootbridgeDaemon daemon;

    /**
     * @param container whether host 0 is a container
     * @param launcher the path of {@code ./footbridge}
     * @param lossOneIn of how many frames one is lost; 0 for none
     */
    LongWayBed(boolean container, String launcher, Frames frames, int lossOneIn) {
        super(container ? "Footbridge" : "the host itself", container ? "fdc" : "fdh", container ? "10.225.0" : "10.226.0");
        this.container = container;
        this.launcher = launcher;
        this.frames = frames;
        this.lossOneIn = lossOneIn;
    }

    private String make(String suffix) throws IOException {
        String made = prefix() + suffix;
        Commands.attempt("ip netns del " + made);
        Commands.shell("ip netns add " + made);
        own.add(made);
        return made;
    }

    @Override
    void begin() throws IOException {
        String between = make("r");
        String host = container ? make("h") : namespace(0);
        link(between, "way0", host, subnet() + ".1");
        link(between, "way1", namespace(1), address(1));
        Commands.attempt("ip netns exec " + between + " sysctl -qw net.ipv6.conf.all.disable_ipv6=1");
        relay = java(between);
        if (!"ready".equals(relay.inputReader().readLine())) {
            throw new IOException("the relay did not start");
        }
        Commands.run("ip", "netns", "exec", host, "sysctl", "-qw", "net.ipv4.ping_group_range=0 2147483647");
        enlarge(host);
        enlarge(namespace(0));
        enlarge(namespace(1));
        if (container) {
            footbridge(host);
        }
    }

    private static void enlarge(String namespace) throws IOException {
        for (String buffer : List.of("tcp_rmem", "tcp_wmem")) {
            Commands.run("ip", "netns", "exec", namespace, "sysctl", "-qw", "net.ipv4." + buffer + "=" + BUFFERS);
        }
    }

    private void link(String between, String end, String namespace, String address) throws IOException {
        Commands.shell("ip -n " + between + " link add " + end + " type veth peer name eth0 netns " + namespace);
        Commands.shell("ip -n " + between + " link set " + end + " up");
        Commands.shell("ip -n " + namespace + " addr add " + address + "/24 dev eth0");
        if (!frames.setting.isEmpty()) {
            Commands.shell(frames.setting.formatted(namespace));
        }
        Commands.shell("ip -n " + namespace + " link set lo up");
        Commands.shell("ip -n " + namespace + " link set eth0 up");
    }

    private Process java(String between) throws IOException {
        return new ProcessBuilder("ip", "netns", "exec", between, ProcessHandle.current().info().command().orElse("java"),
                "--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC", "-Xmx64m", "-cp", System.getProperty("java.class.path"),
                FrameDelay.class.getName(), "way0", "way1", Integer.toString(DELAY_MICROSECONDS), Integer.toString(lossOneIn))
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }

    private void footbridge(String host) throws IOException {
        daemon = new FootbridgeDaemon(launcher, "ip", "netns", "exec", host);
        daemon.command("network create " + NETWORK + " --subnet 10.220.0.0/24 --mtu 1500");
        daemon.command("attach " + NETWORK + " --netns /run/netns/" + namespace(0) + " --name h0");
    }

    @Override
    void join(int host) throws IOException {
        if (host > 1) {
            throw new IOException(name() + " has one pair of hosts");
        }
    }

    /** How long a ping of the host takes, and what the relay has counted. */
    @Override
    String statistics() throws IOException {
        String from = container ? prefix() + "h" : namespace(0);
        String text = Commands.shell("ip netns exec " + from + " ping -q -c 5 -i 0.2 " + address(1));
        relay.outputWriter().append('\n').flush();
        return name() + ": " + text.substring(text.lastIndexOf("rtt")) + name() + ": " + relay.inputReader().readLine() + "\n";
    }

    @Override
    void end() {
        if (daemon != null) {
            daemon.close();
        }
        Commands.end(relay);
        own.forEach(namespace -> Commands.attempt("ip netns del " + namespace));
    }
}
