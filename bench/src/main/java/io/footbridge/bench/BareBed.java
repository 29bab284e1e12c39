package io.footbridge.bench;

import io.footbridge.tap.Endpoint;
import io.footbridge.tap.PacketSocketEndpoint;
import io.footbridge.tap.Reception;
import io.footbridge.tap.TapEndpoint;
import io.footbridge.tap.netlink.RouteNetlink;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Hosts in pairs, 0 with 1, 2 with 3, each pair joined by a {@link BareLoop} in a process of its own. */
final class BareBed extends TestBed {
    private final boolean tap;
    private final List<Process> loops = new ArrayList<>();
    private int hosts;

    BareBed(boolean tap) {
        super(tap ? "bare loop, TAP" : "bare loop, veth", tap ? "fbb" : "fbw", tap ? "10.211.0" : "10.212.0");
        this.tap = tap;
    }

    @Override
    void begin() {
        // Each pair is joined when both of its hosts are there.
    }

    @Override
    void join(int host) throws IOException {
        if (!tap) {
            veth(host);
        }
        if (host % 2 == 1) {
            Process loop = new ProcessBuilder(ProcessHandle.current().info().command().orElse("java"),
                    "--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC", "-Xmx64m",
                    "-cp", System.getProperty("java.class.path"), BareBed.class.getName(),
                    tap ? "tap" : "veth", prefix() + (tap ? "t" : "v") + (host - 1), prefix() + (tap ? "t" : "v") + host)
                    .redirectError(ProcessBuilder.Redirect.INHERIT).start();
            loops.add(loop);
            loop.inputReader().readLine();
            for (int i = host - 1; i <= host; i++) {
                if (tap) {
                    Commands.shell("ip link set " + prefix() + "t" + i + " netns " + namespace(i)
                            + " name eth0 txqueuelen 4096");
                }
                configure(i);
            }
        }
        hosts = host + 1;
    }

    @Override
    void end() {
        loops.forEach(Process::destroyForcibly);
        for (int i = 0; i < hosts; i++) {
            Commands.attempt("ip link del " + prefix() + "v" + i);
        }
    }

    /** The loop's own process: tap|veth and the names of two devices. */
    public static void main(String[] arguments) throws IOException {
        Endpoint[] ends = new Endpoint[2];
        for (int i = 0; i < 2; i++) {
            String device = arguments[1 + i];
            ends[i] = arguments[0].equals("tap") ? TapEndpoint.create(device) : packetSocket(device);
        }
        System.out.println("ready");
        new BareLoop(ends[0], ends[1]).run();
    }

    private static Endpoint packetSocket(String device) throws IOException {
        try (RouteNetlink netlink = RouteNetlink.open()) {
            int index = netlink.link(device).orElseThrow(() -> new IOException("no device " + device)).index();
            return PacketSocketEndpoint.open(index, device, new Reception.Promiscuous());
        }
    }
}
