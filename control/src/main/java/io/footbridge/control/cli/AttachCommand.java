package io.footbridge.control.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code footbridge attach}. */
@Command(name = "attach", description = "Attach a container, an interface of the host or a link of the host to a network.")
final class AttachCommand extends ClientCommand {
    @Parameters(paramLabel = "NET")
    private String network;
    @ArgGroup(multiplicity = "1")
    private Target target;
    @Option(names = "--name", paramLabel = "NAME", description = "its name on the network; default: ep and five hex digits")
    private String name;
    @Option(names = "--alias", paramLabel = "NAME", description = "what else it is called on the network; may be repeated, and shared")
    private List<String> aliases = new ArrayList<>();
    @Option(names = "--ifname", paramLabel = "IFNAME", description = "the interface's name in the container; default: eth0")
    private String ifname;
    @Option(names = "--ip", paramLabel = "IP", description = "its IPv4 address; default: the lowest free")
    private String ip;
    @Option(names = "--ip6", paramLabel = "IP", description = "its IPv6 address; default: the lowest free")
    private String ip6;
    @Option(names = "--mac", paramLabel = "MAC", description = "its MAC; default: 02:42 and the IPv4 address")
    private String mac;
    @Option(names = "--type", paramLabel = "tap|veth", description = "what kind of interface; default: tap")
    private String type;
    @Option(names = "-o", paramLabel = "KEY=VALUE",
        description = "source-check, hairpin, isolated, fdb-limit, flows, ports, static-nat, addresses")
    private Map<String, String> options = new LinkedHashMap<>();

    /** Exactly one of these. */
    private static final class Target {
        @Option(names = "--netns", required = true, paramLabel = "PATH", description = "a container's namespace, by its file")
        private Path netns;
        @Option(names = "--pid", required = true, paramLabel = "PID", description = "a container's namespace, by a process in it")
        private Integer pid;
        @Option(names = "--host", required = true, paramLabel = "IFNAME",
            description = "an interface on the host, holding the gateway's address")
        private String host;
        @Option(names = "--link", required = true, paramLabel = "IFNAME", description = "an existing link of the host")
        private String link;
    }

    @Override
    void run(ControlClient client) throws CommandFailure {
        Map<String, Object> request = new LinkedHashMap<>();
        Requests.putIfPresent(request, "netns", target.netns == null ? null : target.netns.toAbsolutePath().toString());
        Requests.putIfPresent(request, "pid", target.pid);
        Requests.putIfPresent(request, "host", target.host);
        Requests.putIfPresent(request, "link", target.link);
        Requests.putIfPresent(request, "name", name);
        if (!aliases.isEmpty()) {
            request.put("alias", aliases);
        }
        Requests.putIfPresent(request, "ifname", ifname);
        Requests.putIfPresent(request, "ip", ip);
        Requests.putIfPresent(request, "ip6", ip6);
        Requests.putIfPresent(request, "mac", mac);
        Requests.putIfPresent(request, "type", type);
        request.put("options", options);
        printOne(client.send("POST", ControlClient.path("networks", network, "endpoints"), request), Listings::endpoint);
    }
}
