package io.footbridge.bench.mode;

import io.footbridge.bench.site.Machine;
import io.footbridge.bench.site.Namespace;
import io.footbridge.bench.site.Site;
import java.io.IOException;
import java.util.Optional;

/** The kernel's bridge over veth pairs. */
final class KernelBridgeMode extends Mode {
    KernelBridgeMode() {
        super("bridge", "kernel bridge", Group.KERNEL, "The kernel's bridge over two veth pairs, without netfilter.");
    }

    @Override
    public Optional<String> absence(Machine machine) {
        return machine.noRights();
    }

    @Override
    Topology build(Site site, Machine machine) throws IOException {
        Namespace bridging = site.namespace();
        Namespace client = site.namespace();
        Namespace server = site.namespace();
        bridging.run("ip link add br0 type bridge");
        bridging.run("ip link set br0 up");
        Links.join(client, Links.CLIENT, bridging, "port0");
        Links.join(server, Links.SERVER, bridging, "port1");
        bridging.run("ip link set port0 master br0");
        bridging.run("ip link set port1 master br0");
        return Topology.between(client, server, Links.SERVER);
    }
}
