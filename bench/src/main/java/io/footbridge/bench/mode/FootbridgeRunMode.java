package io.footbridge.bench.mode;

import io.footbridge.bench.site.Machine;
import io.footbridge.bench.site.Namespace;
import io.footbridge.bench.site.Site;
import io.footbridge.bench.traffic.AgentHost;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** {@code footbridge run}: from a container that needs no root to the host. */
final class FootbridgeRunMode extends Mode {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String DEFAULT_DESTINATION = "00000000";

    FootbridgeRunMode() {
        super("fb-rootless", "Footbridge rootless", Group.FOOTBRIDGE, "From a container of footbridge run, which needs no root, to the"
                + " host's"
                + " loopback by the host's own sockets.");
    }

    @Override
    public Optional<String> absence(Machine machine) {
        return Machine.either(machine.noUserNamespaces(), machine.noTap());
    }

    @Override
    Topology build(Site site, Machine machine) throws IOException {
        Namespace host = ContainerClient.hostNamespace(site, machine);
        List<String> command = new ArrayList<>(List.of(machine.launcher(), "run", "--host-loopback", "--"));
        command.addAll(AgentHost.command());
        Process process = site.startWithDataPlane(host, command);
        AgentHost client = new AgentHost(process, PATIENCE);
        int port = machine.root() ? PORT : HostMode.freePort();
        return new Topology(client, Optional.empty(), host, ProxyMode.LOOPBACK, gateway(process.pid()), port);
    }

    /** The default gateway of a process's namespace, as {@code /proc/PID/net/route} has it: in hexadecimal, as it lies in memory. */
    private static String gateway(long pid) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid), "net", "route"))) {
            String[] fields = line.strip().split("\\s+");
            if (fields[1].equals(DEFAULT_DESTINATION)) {
                byte[] bytes = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.nativeOrder())
                        .putInt(HexFormat.fromHexDigits(fields[2])).array();
                return (bytes[0] & 0xff) + "." + (bytes[1] & 0xff) + "." + (bytes[2] & 0xff) + "." + (bytes[3] & 0xff);
            }
        }
        throw new IOException("the container has no default route");
    }
}
