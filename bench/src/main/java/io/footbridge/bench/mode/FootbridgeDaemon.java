package io.footbridge.bench.mode;

import io.footbridge.bench.site.Machine;
import io.footbridge.bench.site.Namespace;
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
    FootbridgeDaemon publish(String hostAddress, String name, String options) {
        String ports = Mode.PORT + "-" + (Mode.PORT + 1);
        for (String protocol : List.of("tcp", "udp")) {
            published.add('"' + (hostAddress + ":" + ports + ":" + ports + "/" + protocol + " " + name + " " + options).strip() + '"');
        }
        return this;
    }

    /** Starts it in a namespace and waits until it is ready. */
    void start(Site site, Machine machine, Namespace namespace) throws IOException {
        Path file = site.folder().resolve("bench.yaml");
        Files.writeString(file, "networks:\n  bench: {subnet: " + Links.SUBNET + ", uplink: \"" + uplink + "\", endpoints: {"
                + String.join(", ", endpoints) + "}, publish: [" + String.join(", ", published) + "]}\n");
        Process process = site.startDataPlane(namespace, List.of(machine.launcher(), "--socket", site.folder() + "/control.sock",
                "daemon", "-c", file.toString()));
        site.await(process, "footbridge: ready");
    }
}
