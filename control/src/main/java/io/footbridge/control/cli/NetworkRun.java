package io.footbridge.control.cli;

import io.footbridge.control.model.NetworkSpec;
import io.footbridge.control.model.PublishSpec;
import io.footbridge.control.run.CommandFiles;
import io.footbridge.control.run.CommandPipe;
import io.footbridge.control.run.Lifeline;
import io.footbridge.control.run.RunRequest;
import io.footbridge.wire.IpAddress;
import io.footbridge.wire.IpPrefix;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * {@code footbridge run --network}: has a daemon attach COMMAND, whose end the daemon waits for itself; so this ends when
 * COMMAND may start, and a user's daemon has taken its lifeline.
 */
final class NetworkRun {
    private static final String NETWORKS = "networks";

    private final RunArguments arguments;
    private final RunRequest request;
    private final String network;
    private final ControlClient client;
    private final PrintWriter err;

    /** With this as COMMAND's standard error. */
    NetworkRun(RunArguments arguments, PrintWriter err) {
        this.arguments = arguments;
        this.request = arguments.request();
        this.network = request.network().orElseThrow();
        this.client = new ControlClient(arguments.daemon());
        this.err = err;
    }

    /** Joins the network and lets COMMAND start. */
    void join() throws CommandFailure {
        if (arguments.creates() && !exists()) {
            create();
        } else if (request.hostLoopback() || request.mtu() != NetworkSpec.DEFAULT_MTU) {
            throw new CommandFailure("run: --host-loopback and --mtu are the network's, and network " + network
                + " exists; see footbridge network");
        }
        Map<String, Object> wanted = new LinkedHashMap<>(Map.of("pid", request.command(), "command", true));
        request.name().ifPresent(name -> wanted.put("name", name));
        request.ip().ifPresent(ip -> wanted.put("ip", ip));
        if (!request.aliases().isEmpty()) {
            wanted.put("alias", request.aliases());
        }
        Answer endpoint = new Answer(client.send("POST", ControlClient.path(NETWORKS, network, "endpoints"), wanted));
        for (PublishSpec spec : request.published()) {
            publish(spec, endpoint.text("name"));
        }
        try (CommandPipe pipe = new CommandPipe(arguments.lent())) {
            pipe.ready(CommandFiles.resolvConf(texts(endpoint.at("gateways")).map(IpAddress::parse).toList()),
                CommandFiles.hosts(texts(endpoint.at("addresses")).map(IpPrefix::parse).toList(), names(endpoint)));
        } catch (IOException failed) {
            throw new CommandFailure("run: " + failed.getMessage(), failed);
        }
        if (arguments.creates()) {
            Lifeline.awaitTaken(request.directory(), request.command());
        }
    }

    private boolean exists() throws CommandFailure {
        return new Answer(client.get(ControlClient.path(NETWORKS))).items().stream().anyMatch(one -> one.text("Name").equals(network));
    }

    private void create() throws CommandFailure {
        try {
            client.send("POST", ControlClient.path(NETWORKS), Map.of("name", network, "mtu", request.mtu(), "options",
                Map.of("host-loopback", request.hostLoopback() ? "on" : "off")));
        } catch (CommandFailure refused) {
            // Another run of the network may have come first.
            if (!exists()) {
                throw refused;
            }
        }
    }

    private void publish(PublishSpec spec, String endpoint) throws CommandFailure {
        Answer answer = new Answer(client.send("POST", ControlClient.path(NETWORKS, network, "ports"),
            Map.of("spec", spec.toString(), "endpoint", endpoint)));
        err.print(FlowListings.bindings(answer.at("bindings")));
        err.flush();
    }

    private static List<String> names(Answer endpoint) {
        return Stream.concat(Stream.of(endpoint.text("name")), texts(endpoint.at("aliases"))).toList();
    }

    private static Stream<String> texts(Answer list) {
        return list.items().stream().map(Answer::text);
    }
}
