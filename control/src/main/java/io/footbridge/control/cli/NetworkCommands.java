package io.footbridge.control.cli;

import io.footbridge.control.config.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code footbridge network}: with the habits of docker's. */
@Command(name = "network", description = "Networks.", subcommands = {
    NetworkCommands.Create.class, NetworkCommands.Ls.class, NetworkCommands.Inspect.class, NetworkCommands.Rm.class,
    NetworkCommands.Set.class})
final class NetworkCommands implements Callable<Integer> {
    private static final String NETWORKS = "networks";

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "network: create, ls, inspect, rm or set?");
    }

    @Command(name = "create", description = "Make a network; prints its id.")
    static final class Create extends ClientCommand {
        @Parameters(paramLabel = "NAME")
        private String name;
        @Option(names = "--subnet", paramLabel = "CIDR|none", description = "its IPv4 subnet; none: L2 only")
        private String subnet;
        @Option(names = "--gateway", paramLabel = "IP", description = "the gateway's address; default: the first")
        private String gateway;
        @Option(names = "--subnet6", paramLabel = "CIDR", description = "its IPv6 subnet")
        private String subnet6;
        @Option(names = "--mtu", paramLabel = "N", description = "longest packet; default: 1500")
        private Integer mtu;
        @Option(names = "--uplink", paramLabel = "UPLINK", description = {
                "sockets (default; nothing leaves by it in this version), none, or",
                "frames:IFNAME,addr=CIDR|auto[,addr6=CIDR][,gw=IP][,gw6=IP][,mac=MAC]: a host of its own on a link of this one; auto: "
                    + "the link's own address, followed when it changes; without gw nothing beyond the subnet "
                    + "is reached. Networks that name one link share one uplink"})
        private String uplink;
        @Option(names = "--no-icc", description = "containers may not talk to each other")
        private boolean noIcc;
        @Option(names = "--internal", description = "no way out")
        private boolean internal;
        @Option(names = "--no-masquerade", description = "flows that leave keep their address")
        private boolean noMasquerade;
        @Option(names = "--host-loopback", description = "the gateway's address leads to the host's loopback")
        private boolean hostLoopback;
        @Option(names = "-o", paramLabel = "KEY=VALUE",
            description = "ageing, fdb-limit, storm, vlan, filtering, mss, snat, window-check")
        private Map<String, String> options = new LinkedHashMap<>();

        @Override
        void run(ControlClient client) throws CommandFailure {
            Map<String, Object> request = new LinkedHashMap<>();
            request.put("name", name);
            Requests.putIfPresent(request, "subnet", subnet);
            Requests.putIfPresent(request, "gateway", gateway);
            Requests.putIfPresent(request, "subnet6", subnet6);
            Requests.putIfPresent(request, "mtu", mtu);
            Requests.putIfPresent(request, "uplink", uplink);
            Requests.putIf(request, "icc", noIcc, false);
            Requests.putIf(request, "internal", internal, true);
            Requests.putIf(request, "masquerade", noMasquerade, false);
            Requests.putIf(request, "host-loopback", hostLoopback, true);
            request.put("options", options);
            printOne(client.send("POST", ControlClient.path(NETWORKS), request), network -> network.text("Id") + "\n");
        }
    }

    @Command(name = "ls", aliases = "list", description = "All networks.")
    static final class Ls extends ClientCommand {
        @Override
        void run(ControlClient client) throws CommandFailure {
            print(client.get(ControlClient.path(NETWORKS)), Listings::networks);
        }
    }

    @Command(name = "inspect", description = "Networks in full, as JSON.")
    static final class Inspect extends ClientCommand {
        @Parameters(paramLabel = "NAME", arity = "1..*")
        private List<String> names;

        @Override
        void run(ControlClient client) throws CommandFailure {
            List<Object> networks = new java.util.ArrayList<>();
            for (String name : names) {
                networks.add(client.get(ControlClient.path(NETWORKS, name)));
            }
            print(Json.writeIndented(networks) + "\n");
        }
    }

    @Command(name = "rm", aliases = "remove", description = "Remove networks.")
    static final class Rm extends ClientCommand {
        @Parameters(paramLabel = "NAME", arity = "1..*")
        private List<String> names;

        @Override
        void run(ControlClient client) throws CommandFailure {
            for (String name : names) {
                client.delete(ControlClient.path(NETWORKS, name));
                print(name + "\n");
            }
        }
    }

    @Command(name = "set", description = "Change a network.")
    static final class Set extends ClientCommand {
        @Parameters(index = "0", paramLabel = "NAME")
        private String name;
        @Parameters(index = "1..*", paramLabel = "KEY=VALUE", arity = "1..*")
        private Map<String, String> changes;

        @Override
        void run(ControlClient client) throws CommandFailure {
            client.send("PATCH", ControlClient.path(NETWORKS, name), changes);
        }
    }
}
