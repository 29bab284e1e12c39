package io.footbridge.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A container (host 0) whose TCP goes by sockets of a host (host 1), which some program opens for it there. Traffic stays on the
 * host's loopback, where it has the address of host 1. One pair of hosts.
 */
final class RootlessBed extends TestBed {
    private static final String NETWORK = "bench";
    private static final long START_SECONDS = 10;

    /** Whose sockets. */
    enum Program {
        /** Ours, of a daemon. */
        FOOTBRIDGE("Footbridge", "fbo", "10.221.0"),
        /** Ours, in slirp4netns's place. */
        DROP_IN("bin/slirp4netns", "fbd", "10.224.0"),
        /** slirp4netns, by libslirp. */
        SLIRP4NETNS("slirp4netns", "fbs", "10.222.0"),
        /** pasta, of passt. */
        PASTA("pasta", "fbp", "10.223.0");

        private final String label;
        private final String prefix;
        private final String subnet;

        Program(String label, String prefix, String subnet) {
            this.label = label;
            this.prefix = prefix;
            this.subnet = subnet;
        }

        boolean isOurs() {
            return this == FOOTBRIDGE || this == DROP_IN;
        }
    }

    private final Program program;
    private final String launcher;
    private final int mtu;
    private Path folder;
    private Process process;
    private FootbridgeDaemon daemon;

    /** @param launcher the path of {@code ./footbridge} */
    RootlessBed(Program program, String launcher, int mtu) {
        super(program.label, program.prefix, program.subnet);
        this.program = program;
        this.launcher = launcher;
        this.mtu = mtu;
    }

    boolean isOurs() {
        return program.isOurs();
    }

    /** Whether the program is there. */
    static boolean isInstalled(Program program) {
        return program.isOurs() || Commands.exists(program.label);
    }

    @Override
    void begin() throws IOException {
        folder = Files.createTempDirectory("footbridge-bench");
        String in = "ip netns exec " + namespace(1) + " ";
        Commands.shell(in + "ip link set lo up");
        Commands.shell(in + "ip addr add " + address(1) + "/32 dev lo");
        // pasta copies the address and the routes of an interface.
        Commands.shell(in + "ip link add up0 type veth peer name up1");
        Commands.shell(in + "ip link set up0 up");
        Commands.shell(in + "ip link set up1 up");
        Commands.shell(in + "ip addr add 192.0.2.2/24 dev up0");
        Commands.shell(in + "ip route add default via 192.0.2.1");
        Commands.run("ip", "netns", "exec", namespace(1), "sysctl", "-qw", "net.ipv4.ping_group_range=0 2147483647");
        for (int host = 0; host < 2; host++) {
            // Each connection keeps its port for a minute.
            Commands.run("ip", "netns", "exec", namespace(host), "sysctl", "-qw", "net.ipv4.ip_local_port_range=1024 65535");
        }
        switch (program) {
            case FOOTBRIDGE -> footbridge();
            case DROP_IN -> slirp4netns(Path.of(launcher).resolveSibling("bin/slirp4netns").toString());
            case SLIRP4NETNS -> slirp4netns("slirp4netns");
            case PASTA -> start("pasta", "-f", "--runas", "0", "--config-net", "-m", Integer.toString(mtu), "-t", "none", "-u", "none",
                    "-T", "none", "-U", "none", "--netns", "/run/netns/" + namespace(0));
        }
    }

    private void slirp4netns(String path) throws IOException {
        start(path, "-c", "-m", Integer.toString(mtu), "--netns-type=path", "/run/netns/" + namespace(0), "tap0");
    }

    private void start(String... command) throws IOException {
        List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", namespace(1)));
        all.addAll(List.of(command));
        process = new ProcessBuilder(all).redirectErrorStream(true).redirectOutput(folder.resolve("log").toFile()).start();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (!Commands.shell("ip -n " + namespace(0) + " route").contains("default")) {
            if (System.nanoTime() - end > 0 || !process.isAlive()) {
                throw new IOException(name() + " gave no route: " + Files.readString(folder.resolve("log")));
            }
            Thread.onSpinWait();
        }
    }

    private void footbridge() throws IOException {
        daemon = new FootbridgeDaemon(launcher, "ip", "netns", "exec", namespace(1));
        daemon.command("network create " + NETWORK + " --subnet 10.220.0.0/24 --mtu " + mtu);
        daemon.command("attach " + NETWORK + " --netns /run/netns/" + namespace(0) + " --name h0");
    }

    @Override
    void join(int host) throws IOException {
        if (host > 1) {
            throw new IOException(name() + " has one pair of hosts");
        }
    }

    @Override
    String statistics() throws IOException {
        return daemon == null ? "" : daemon.command("conntrack stats") + daemon.command("stats " + NETWORK);
    }

    @Override
    void end() {
        Commands.end(process);
        if (daemon != null) {
            daemon.close();
        }
        if (folder != null) {
            Commands.attempt("rm -rf " + folder);
        }
    }
}
