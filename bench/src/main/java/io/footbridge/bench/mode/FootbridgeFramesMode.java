package io.footbridge.bench.mode;

import io.footbridge.bench.site.Machine;
import io.footbridge.bench.site.Namespace;
import io.footbridge.bench.site.Site;
import java.io.IOException;
import java.util.Optional;

/** Our NAT over an uplink of frames: from a container to a host outside, or from outside to a published port. */
final class FootbridgeFramesMode extends Mode {
    private final boolean published;

    FootbridgeFramesMode(boolean published) {
        super(published ? "fb-port-frames" : "fb-nat", published ? "Footbridge port, frames" : "Footbridge NAT", Group.FOOTBRIDGE,
                published ? "From a host outside to a port that Footbridge publishes at an uplink of frames (DNAT); TAP inside, veth"
                + " outside."
                : "From a container to a host outside, masqueraded by Footbridge at an uplink of frames; TAP inside, veth outside.");
        this.published = published;
    }

    @Override
    public Optional<String> absence(Machine machine) {
        return Machine.either(machine.noRights(), machine.noTap());
    }

    @Override
    Topology build(Site site, Machine machine) throws IOException {
        Namespace host = site.namespace();
        Namespace container = site.namespace();
        Namespace outside = site.namespace();
        Links.join(outside, Links.OUTSIDE, host, "up0");
        FootbridgeDaemon daemon = new FootbridgeDaemon("frames:up0,addr=" + Links.UPLINK + "/24")
                .endpoint("container", container, Links.CLIENT, true);
        if (published) {
            daemon.publish(Links.UPLINK, "container");
        }
        daemon.start(site, machine, host);
        return published ? Topology.between(outside, container, Links.UPLINK) : Topology.between(container, outside, Links.OUTSIDE);
    }
}
