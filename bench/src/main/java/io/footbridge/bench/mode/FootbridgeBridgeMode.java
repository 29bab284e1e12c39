package io.footbridge.bench.mode;

import io.footbridge.bench.site.Machine;
import io.footbridge.bench.site.Namespace;
import io.footbridge.bench.site.Site;
import java.io.IOException;
import java.util.Optional;

/** Our bridge, between two TAPs or two veth pairs. */
final class FootbridgeBridgeMode extends Mode {
    private final boolean tap;

    FootbridgeBridgeMode(boolean tap) {
        super(tap ? "fb-tap" : "fb-veth", tap ? "Footbridge, TAP" : "Footbridge, veth", Group.FOOTBRIDGE,
                "Footbridge's bridge between two containers" + (tap ? ", each with a TAP." : ", each with a veth pair."));
        this.tap = tap;
    }

    @Override
    public Optional<String> absence(Machine machine) {
        return Machine.either(machine.noRights(), tap ? machine.noTap() : Optional.empty());
    }

    @Override
    Topology build(Site site, Machine machine) throws IOException {
        Namespace client = site.namespace();
        Namespace server = site.namespace();
        new FootbridgeDaemon("none").endpoint("client", client, Links.CLIENT, tap).endpoint("server", server, Links.SERVER, tap)
                .start(site, machine, site.namespace());
        return Topology.between(client, server, Links.SERVER);
    }
}
