package io.footbridge.bench.mode;

import io.footbridge.bench.site.Machine;
import io.footbridge.bench.site.Namespace;
import io.footbridge.bench.site.Site;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** Open vSwitch with its user-space datapath over veth pairs, TSO on, its database and sockets in the mode's folder. */
final class OpenVSwitchMode extends Mode {
    private static final String SCHEMA = "/usr/share/openvswitch/vswitch.ovsschema";
    private static final long PATIENCE_NANOS = 10_000_000_000L;
    private static final long PAUSE_NANOS = 10_000_000;

    OpenVSwitchMode() {
        super("ovs", "Open vSwitch (netdev)", Group.RIVAL, "Open vSwitch's user-space datapath over two veth pairs, with"
                + " userspace-tso-enable.");
    }

    @Override
    public Optional<String> absence(Machine machine) {
        return Machine.either(machine.noRights(), Machine.missing("ovs-vswitchd", "ovsdb-server", "ovsdb-tool", "ovs-vsctl"));
    }

    @Override
    Topology build(Site site, Machine machine) throws IOException {
        Namespace switching = site.namespace();
        Path folder = site.folder();
        String database = folder + "/db.sock";
        List<String> environment = List.of("env", "OVS_RUNDIR=" + folder);
        switching.run("ovsdb-tool create " + folder + "/conf.db " + SCHEMA);
        site.start(switching, command(environment, "ovsdb-server " + folder + "/conf.db --remote=punix:" + database + " --unixctl="
                + folder + "/db.ctl --log-file=" + folder + "/db.log -vconsole:off"));
        await(folder.resolve("db.sock"));
        String vsctl = "ovs-vsctl --db=unix:" + database + " --timeout=20 ";
        switching.run(vsctl + "--no-wait init");
        switching.run(vsctl + "--no-wait set Open_vSwitch . other_config:userspace-tso-enable=true");
        site.startDataPlane(switching, command(environment, "ovs-vswitchd unix:" + database + " --unixctl=" + folder
                + "/vs.ctl --log-file=" + folder + "/vs.log -vconsole:off"));
        switching.run(vsctl + "add-br br0 -- set bridge br0 datapath_type=netdev");
        Namespace client = site.namespace();
        Namespace server = site.namespace();
        Links.join(client, Links.CLIENT, switching, "port0");
        Links.join(server, Links.SERVER, switching, "port1");
        switching.run(vsctl + "add-port br0 port0");
        switching.run(vsctl + "add-port br0 port1");
        return Topology.between(client, server, Links.SERVER);
    }

    private static List<String> command(List<String> environment, String words) {
        return Stream.concat(environment.stream(), Stream.of(words.split(" "))).toList();
    }

    private static void await(Path file) throws IOException {
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (!Files.exists(file)) {
            if (System.nanoTime() - end > 0) {
                throw new IOException("Open vSwitch's database did not start: no " + file);
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }
}
