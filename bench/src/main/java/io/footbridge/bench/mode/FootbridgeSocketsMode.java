package io.footbridge.bench.mode;

import io.footbridge.bench.site.Machine;
import io.footbridge.bench.site.Namespace;
import io.footbridge.bench.site.Site;
import java.io.IOException;
import java.util.Optional;

/** A port that we publish at a socket of the host: translated, so that the container sees the client, or relayed. */
final class FootbridgeSocketsMode extends Mode {
    private static final String LOOPBACK = "127.0.0.1";

    private final boolean relay;

    FootbridgeSocketsMode(boolean relay) {
        super(relay ? "fb-port-relay" : "fb-port-sockets", relay ? "Footbridge port, relay" : "Footbridge port, sockets",
                Group.FOOTBRIDGE, "From the host's loopback to a port that Footbridge publishes at a socket of the host"
                + (relay ? ", relayed (publish --relay)" : ", translated") + "; TAP inside.");
        this.relay = relay;
    }

    @Override
    public Optional<String> absence(Machine machine) {
        return Machine.either(machine.noRights(), machine.noTap());
    }

    @Override
    Topology build(Site site, Machine machine) throws IOException {
        Namespace host = site.namespace();
        Namespace container = site.namespace();
        FootbridgeDaemon daemon = new FootbridgeDaemon("sockets").endpoint("container", container, Links.CLIENT, true);
        if (relay) {
            daemon.start(site, machine, host);
            FootbridgeDaemon.relay(site, machine, LOOPBACK, "container");
        } else {
            daemon.publish(LOOPBACK, "container").start(site, machine, host);
        }
        return Topology.between(host, container, LOOPBACK);
    }
}
