package io.footbridge.control.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code footbridge publish}, {@code unpublish} and {@code ports}: with the habits of docker's. */
final class PublishCommands {
    private static final String NETWORKS = "networks";
    private static final String PORTS = "ports";

    private PublishCommands() {
    }

    @Command(name = "publish",
        description = "Publish ports of a container at the address of its network's uplink, or by a relay; prints the bindings.",
        footer = {"", "SPEC: [HOSTIP:|[V6ADDR]:][HOSTPORT[-END]:]PORT[-END][/tcp|/udp]"})
    static final class Publish extends ClientCommand {
        @Parameters(index = "0", paramLabel = "NET")
        private String network;
        @Parameters(index = "1", paramLabel = "SPEC", description = "which ports, as docker's -p")
        private String spec;
        @Parameters(index = "2", paramLabel = "NAME", description = "whose")
        private String name;
        @Option(names = "--relay", description = "by a relay at the host's own addresses")
        private boolean relay;
        @Option(names = "--proxy-protocol", paramLabel = "v1|v2", description = "tell the container its client; with --relay, TCP only")
        private String proxyProtocol;

        @Override
        void run(ControlClient client) throws CommandFailure {
            if (proxyProtocol != null && !relay) {
                throw new CommandFailure("--proxy-protocol needs --relay: the engine shows the container its client itself");
            }
            Map<String, Object> request = new LinkedHashMap<>();
            request.put("spec", spec);
            request.put("endpoint", name);
            if (relay) {
                request.put("relay", proxyProtocol == null ? "none" : proxyProtocol);
            }
            Answer answer = new Answer(client.send("POST", ControlClient.path(NETWORKS, network, PORTS), request));
            print(answer.at("bindings").node(), FlowListings::bindings);
            if (!answer.text("note").isEmpty()) {
                note(answer.text("note"));
            }
        }
    }

    @Command(name = "unpublish", description = "Take back what was published.")
    static final class Unpublish extends ClientCommand {
        @Parameters(index = "0", paramLabel = "NET")
        private String network;
        @Parameters(index = "1", paramLabel = "SPEC", description = "as it was given, or a binding as it was printed")
        private String spec;

        @Override
        void run(ControlClient client) throws CommandFailure {
            client.delete(ControlClient.path(NETWORKS, network, PORTS, spec));
        }
    }

    @Command(name = PORTS, description = "All published ports.")
    static final class Ports extends ClientCommand {
        @Override
        void run(ControlClient client) throws CommandFailure {
            print(getFromAll(client, ControlClient.path(PORTS)), FlowListings::ports);
        }
    }
}
