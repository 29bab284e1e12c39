package io.footbridge.bench.mode;

import io.footbridge.bench.site.Machine;
import io.footbridge.bench.site.Namespace;
import io.footbridge.bench.site.Site;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** pasta: from a rootless container to the host. */
final class PastaMode extends Mode {
    private static final String PROGRAM = "pasta";
    private static final Pattern GATEWAY = Pattern.compile("default via ([0-9.]+)");

    PastaMode() {
        super("pasta", PROGRAM, Group.RIVAL, "From a rootless container to the host's loopback by pasta, over its TAP with its MTU of"
                + " 65520.");
    }

    @Override
    public Optional<String> absence(Machine machine) {
        return Machine.either(Machine.missing(PROGRAM, "unshare"), Machine.either(machine.noUserNamespaces(), machine.noTap()));
    }

    @Override
    Topology build(Site site, Machine machine) throws IOException {
        Namespace host = ContainerClient.hostNamespace(site, machine);
        ContainerClient client = ContainerClient.unshared(site, host);
        String routes = host.run("ip -4 route show default");
        Matcher gateway = GATEWAY.matcher(routes);
        if (!gateway.find()) {
            throw new IOException("pasta leads the gateway's address to the host's loopback, and this machine has no default route");
        }
        List<String> command = new ArrayList<>(List.of(PROGRAM, "-4", "--foreground", "--config-net", "-t", "none", "-u", "none", "-T",
                "none",
                "-U", "none"));
        if (machine.root()) {
            // Else it becomes nobody, who may not enter the client's namespaces.
            command.addAll(List.of("--runas", "0:0"));
        }
        command.add(Long.toString(client.process().pid()));
        site.startDataPlane(host, command);
        int port = machine.root() ? PORT : HostMode.freePort();
        return new Topology(client.host(), Optional.empty(), host, ProxyMode.LOOPBACK, gateway.group(1), port);
    }
}
