package io.footbridge.bench.mode;

import io.footbridge.bench.site.Machine;
import io.footbridge.bench.site.Namespace;
import io.footbridge.bench.site.Site;
import java.io.IOException;
import java.util.Optional;

/** A cable, as it were: the least that any two namespaces need. */
final class VethMode extends Mode {
    VethMode() {
        super("veth", "direct veth", Group.KERNEL, "A veth pair from namespace to namespace: nothing in between.");
    }

    @Override
    public Optional<String> absence(Machine machine) {
        return machine.noRights();
    }

    @Override
    Topology build(Site site, Machine machine) throws IOException {
        Namespace client = site.namespace();
        Namespace server = site.namespace();
        client.run("ip link add eth0 type veth peer name eth0 netns " + server.path());
        Links.up(client, "eth0", Links.CLIENT);
        Links.up(server, "eth0", Links.SERVER);
        return Topology.between(client, server, Links.SERVER);
    }
}
