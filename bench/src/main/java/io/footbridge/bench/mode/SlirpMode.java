package io.footbridge.bench.mode;

import io.footbridge.bench.site.Machine;
import io.footbridge.bench.site.Namespace;
import io.footbridge.bench.site.Site;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** slirp4netns, or our drop-in for it: from a rootless container to the host. */
final class SlirpMode extends Mode {
    private static final String PROGRAM = "slirp4netns";
    private static final String GATEWAY = "10.0.2.2";

    private final boolean ours;

    SlirpMode(boolean ours) {
        super(ours ? "fb-slirp4netns" : PROGRAM, ours ? "Footbridge slirp4netns" : PROGRAM, ours ? Group.FOOTBRIDGE : Group.RIVAL,
                "From a rootless container to the host's loopback by " + (ours ? "bin/slirp4netns, our drop-in for it," : PROGRAM + ",")
                + " with the MTU of 65520 that Podman and Docker give it.");
        this.ours = ours;
    }

    @Override
    public Optional<String> absence(Machine machine) {
        return Machine.either(Machine.missing(ours ? "sh" : PROGRAM, "unshare"), Machine.either(machine.noUserNamespaces(),
                machine.noTap()));
    }

    @Override
    Topology build(Site site, Machine machine) throws IOException {
        Namespace host = ContainerClient.hostNamespace(site, machine);
        ContainerClient client = ContainerClient.unshared(site, host);
        site.startDataPlane(host, List.of(ours ? machine.dropIn(PROGRAM) : PROGRAM, "-c", "--mtu=65520", Long.toString(client.process()
                .pid()), "tap0"));
        int port = machine.root() ? PORT : HostMode.freePort();
        return new Topology(client.host(), Optional.empty(), host, ProxyMode.LOOPBACK, GATEWAY, port);
    }
}
