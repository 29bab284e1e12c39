package io.footbridge.bench.mode;

import io.footbridge.bench.site.Machine;
import io.footbridge.bench.site.Namespace;
import io.footbridge.bench.site.Site;
import io.footbridge.bench.traffic.AgentHost;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A client in user and network namespaces of its own, which a rootless network is then given to. */
record ContainerClient(Process process, AgentHost host) {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** The machine, as far as the mode is concerned: a namespace with a default route for root, this process's own for others. */
    static Namespace hostNamespace(Site site, Machine machine) throws IOException {
        if (!machine.root()) {
            return Namespace.OWN;
        }
        Namespace host = site.namespace();
        site.veth(host, "lan0", site.namespace(), "lan0");
        Links.up(host, "lan0", Links.OUTSIDE);
        host.run("ip route add default via " + Links.UPLINK);
        return host;
    }

    /** Starts the client with nothing but a loopback interface. */
    static ContainerClient unshared(Site site, Namespace host) throws IOException {
        List<String> command = new ArrayList<>(List.of("unshare", "-U", "-r", "-n", "--"));
        command.addAll(AgentHost.command());
        Process process = site.start(host, command);
        return new ContainerClient(process, new AgentHost(process, PATIENCE));
    }
}
