package io.footbridge.bench.mode;

import io.footbridge.bench.site.Machine;
import io.footbridge.bench.site.Namespace;
import io.footbridge.bench.site.Programs;
import io.footbridge.bench.site.Site;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A daemon of ours with a socket of its own, begun with a file, as anyone would: one network, its endpoints, its ports. */
final class FootbridgeDaemon {
    private final String uplink;
    private final List<String> endpoints = new ArrayList<>();
    private final List<String> published = new ArrayList<>();

    /** With one network over an uplink, as {@code --uplink} names it. */
    FootbridgeDaemon(String uplink) {
        this.uplink = uplink;
    }

    /** An endpoint of the network: a namespace by TAP or veth. */
    FootbridgeDaemon endpoint(String name, Namespace namespace, String address, boolean tap) {
        endpoints.add(name + ": {netns: " + namespace.path() + ", ip: " + address + ", type: " + (tap ? "tap" : "veth") + "}");
        return this;
    }

    /** Publishes the responder's port and the next, TCP and UDP, of an endpoint. */
    FootbridgeDaemon publish(String hostAddress, String name) {
        specs(hostAddress).forEach(spec -> published.add('"' + spec + " " + name + '"'));
        return this;
    }

    private static List<String> specs(String hostAddress) {
        String ports = Mode.PORT + "-" + (Mode.PORT + 1);
        return List.of(hostAddress + ":" + ports + ":" + ports + "/tcp", hostAddress + ":" + ports + ":" + ports + "/udp");
    }

    /** Publishes the same, relayed, once it is started. */
    static void relay(Site site, Machine machine, String hostAddress, String name) throws IOException {
        for (String spec : specs(hostAddress)) {
            Programs.run(List.of(machine.launcher(), "--socket", socket(site), "publish", "bench", spec, name, "--relay"));
        }
    }

    private static String socket(Site site) throws IOException {
        return site.folder() + "/control.sock";
    }

    /** Starts it in a namespace and waits until it is ready. */
    void start(Site site, Machine machine, Namespace namespace) throws IOException {
        Path file = site.folder().resolve("bench.yaml");
        Files.writeString(file, "networks:\n  bench: {subnet: " + Links.SUBNET + ", uplink: \"" + uplink + "\", endpoints: {"
                + String.join(", ", endpoints) + "}, publish: [" + String.join(", ", published) + "]}\n");
        Process process = site.startDataPlane(namespace, List.of(machine.launcher(), "--socket", socket(site), "daemon",
                "-c", file.toString()));
        site.await(process, "footbridge: ready");
    }
}
