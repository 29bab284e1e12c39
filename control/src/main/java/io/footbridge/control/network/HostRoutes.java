package io.footbridge.control.network;

import io.footbridge.control.edge.Edge;
import io.footbridge.control.edge.HostRoute;
import io.footbridge.control.model.EndpointTarget;
import io.footbridge.wire.IpAddress;
import io.footbridge.wire.IpPrefix;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The host's routes to uplinks' addresses, over the interfaces that it has on their networks: so that the host reaches what
 * is published there. Where the networks of one uplink have several, the first serves. Guarded by the service's lock.
 *
 * <p>An uplink that has the link's own address gets none: to the host that address is its own.
 */
final class HostRoutes {
    private static final Logger LOG = LoggerFactory.getLogger(HostRoutes.class);

    private final Registry registry;
    private final Edge edge;
    private final List<HostRoute> installed = new ArrayList<>();

    HostRoutes(Registry registry, Edge edge) {
        this.registry = registry;
        this.edge = edge;
    }

    /** Whether the host reaches the addresses of a network's uplink. */
    boolean reach(Network network) {
        return network.uplink().flatMap(SharedUplink::held).filter(held ->
            held.addresses().stream().anyMatch(address -> installed.stream().anyMatch(route -> route.destination().equals(address))))
            .isPresent();
    }

    /** Brings the host's routes to what the networks ask for now. What the host refuses is logged. */
    void adjust() {
        Map<IpAddress, HostRoute> wanted = new HashMap<>();
        for (Network network : registry.all()) {
            network.endpoints().values().stream().filter(endpoint -> endpoint.target() instanceof EndpointTarget.HostInterface)
                .forEach(endpoint -> routes(network, endpoint).forEach(route -> wanted.putIfAbsent(route.destination(), route)));
        }
        for (HostRoute route : List.copyOf(installed)) {
            if (!wanted.containsValue(route)) {
                installed.remove(route);
                carryOut("remove", route, edge::removeRoute);
            }
        }
        for (HostRoute route : wanted.values()) {
            if (!installed.contains(route) && carryOut("add", route, edge::addRoute)) {
                installed.add(route);
            }
        }
    }

    private static List<HostRoute> routes(Network network, AttachedEndpoint host) {
        List<HostRoute> routes = new ArrayList<>();
        network.uplink().filter(uplink -> !uplink.addressing().isAutomatic()).flatMap(SharedUplink::held).ifPresent(held -> {
            for (IpAddress address : held.addresses()) {
                network.gateways().stream().map(IpPrefix::asAddress).filter(gateway -> gateway.isIpv4() == address.isIpv4()).findFirst()
                    .ifPresent(gateway -> routes.add(new HostRoute(address, host.ifname(), gateway)));
            }
        });
        return routes;
    }

    private static boolean carryOut(String action, HostRoute route, Change change) {
        try {
            change.apply(route);
            return true;
        } catch (IOException refused) {
            LOG.warn("{} the host's route to {}: {}", action, route.destination(), refused.getMessage());
            return false;
        }
    }

    private interface Change {
        void apply(HostRoute route) throws IOException;
    }
}
