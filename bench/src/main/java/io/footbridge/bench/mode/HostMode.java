package io.footbridge.bench.mode;

import io.footbridge.bench.site.Machine;
import io.footbridge.bench.site.Namespace;
import io.footbridge.bench.site.Site;
import io.footbridge.bench.traffic.LocalHost;
import java.io.IOException;
import java.net.ServerSocket;
import java.util.Optional;

/** Host networking: both ends in one namespace, over loopback. */
final class HostMode extends Mode {
    private static final String LOOPBACK = "127.0.0.1";

    HostMode() {
        super("host", "host (loopback)", Group.HOST, "Both ends in one namespace, over loopback. That is generous: loopback has an MTU of"
                + " 65536, computes no checksum, copies once and queues on no device, which no network between two machines does.");
    }

    @Override
    public Optional<String> absence(Machine machine) {
        return Optional.empty();
    }

    @Override
    Topology build(Site site, Machine machine) throws IOException {
        if (machine.root()) {
            Namespace namespace = site.namespace();
            return Topology.between(namespace, namespace, LOOPBACK);
        }
        return new Topology(new LocalHost(Namespace.OWN.place()), Optional.of(Namespace.OWN), Namespace.OWN, LOOPBACK, LOOPBACK,
                freePort());
    }

    /** A port of this process's own namespace that nobody has right now. */
    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
