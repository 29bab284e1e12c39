package io.footbridge.bench.mode;

import io.footbridge.bench.site.Machine;
import io.footbridge.bench.site.Namespace;
import io.footbridge.bench.site.Programs;
import io.footbridge.bench.site.Site;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** A program that relays a port of the host to a container on the kernel's bridge. */
abstract class ProxyMode extends Mode {
    static final String LOOPBACK = "127.0.0.1";

    private final String program;

    ProxyMode(String id, String title, Group group, String program, String remark) {
        super(id, title, group, remark);
        this.program = program;
    }

    @Override
    public Optional<String> absence(Machine machine) {
        return Machine.either(machine.noRights(), Machine.missing(program));
    }

    final String program() {
        return Programs.find(program).orElseThrow().toString();
    }

    /** Starts the relay of one port. */
    abstract void relay(Site site, Machine machine, Namespace host, String protocol, int port) throws IOException;

    @Override
    final Topology build(Site site, Machine machine) throws IOException {
        Namespace host = site.namespace();
        Namespace container = site.namespace();
        host.run("ip link add br0 type bridge");
        Links.up(host, "br0", Links.GATEWAY);
        Links.join(container, Links.SERVER, host, "port0");
        host.run("ip link set port0 master br0");
        relay(site, machine, host, "tcp", PORT);
        relay(site, machine, host, "udp", PORT);
        relay(site, machine, host, "tcp", PORT + 1);
        return Topology.between(host, container, LOOPBACK);
    }

    /** docker-proxy, or our drop-in for it, with the same flags. */
    static final class Docker extends ProxyMode {
        private static final String PROGRAM = "docker-proxy";

        private final boolean ours;

        Docker(boolean ours) {
            super(ours ? "fb-docker-proxy" : PROGRAM, ours ? "Footbridge docker-proxy" : PROGRAM, ours ? Group.FOOTBRIDGE : Group.RIVAL,
                    ours ? "sh" : PROGRAM, "From the host's loopback through " + (ours ? "bin/docker-proxy, our drop-in for"
                    : "docker-proxy,") + " Docker's userland proxy, to a container on the kernel's bridge.");
            this.ours = ours;
        }

        private String program(Machine machine) {
            return ours ? machine.dropIn(PROGRAM) : program();
        }

        @Override
        void relay(Site site, Machine machine, Namespace host, String protocol, int port) throws IOException {
            // Descriptor 3 is where it says "0" when it is ready.
            Process process = site.startDataPlane(host, List.of("sh", "-c", "exec \"$@\" 3>&1", "sh", program(machine), "-proto", protocol,
                    "-host-ip", LOOPBACK, "-host-port", Integer.toString(port), "-container-ip", Links.SERVER, "-container-port",
                    Integer.toString(port)));
            site.await(process, "0");
        }
    }

    /** socat, a process for each connection. */
    static final class Socat extends ProxyMode {
        private static final String BLOCK = "-b131072";

        Socat() {
            super("socat", "socat", Group.RIVAL, "socat", "From the host's loopback through socat (fork, blocks of 128 KiB) to a container"
                    + " on the kernel's bridge; a process for each connection, whose processor"
                    + " time the kernel gives to nobody.");
        }

        @Override
        void relay(Site site, Machine machine, Namespace host, String protocol, int port) throws IOException {
            boolean tcp = protocol.equals("tcp");
            String listen = (tcp ? "TCP4-LISTEN:" + port + ",backlog=256" : "UDP4-LISTEN:" + port) + ",bind=" + LOOPBACK
                    + ",reuseaddr,fork";
            String connect = (tcp ? "TCP4:" : "UDP4:") + Links.SERVER + ":" + port;
            site.start(host, List.of(program(), BLOCK, "-t", "10", tcp ? "-T600" : "-T10", listen, connect));
        }
    }
}
