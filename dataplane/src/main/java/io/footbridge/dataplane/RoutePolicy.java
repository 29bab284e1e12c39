package io.footbridge.dataplane;

import io.footbridge.nat.Filtering;
import io.footbridge.nat.OutsideAddress;
import io.footbridge.wire.IpAddress;
import java.util.List;
import java.util.Objects;

/** {@link Route} in the form in which the frame path asks for it. Immutable; replaced as a whole. */
final class RoutePolicy {
    final Bridge uplink;
    final long uplinkMac;
    final boolean masquerade;
    /** What IPv4 flows take as their source; null where they cannot leave. */
    final OutsideAddress[] pool4;
    /** What IPv6 flows take as their source; null where they cannot leave. */
    final OutsideAddress[] pool6;
    /** Addresses of the uplink that are one container's alone; null where there are none. */
    final Assignment[] assignments;
    final Filtering filtering;
    final int mss;
    final boolean windowCheck;

    private final Route route;

    /** @param assignments of the uplink's addresses; null for none */
    RoutePolicy(Route route, Assignment[] assignments) {
        RouteSettings settings = route.settings();
        this.route = route;
        this.uplink = settings.uplink().bridge();
        this.uplinkMac = settings.uplink().settings().mac();
        this.masquerade = settings.masquerade();
        this.pool4 = pool(settings, true);
        this.pool6 = pool(settings, false);
        this.assignments = assignments;
        this.filtering = settings.filtering();
        this.mss = settings.mss();
        this.windowCheck = settings.windowCheck();
    }

    /** The addresses that are set, or the uplink's own where none of the family is. */
    private static OutsideAddress[] pool(RouteSettings route, boolean ipv4) {
        OutsideAddress[] set = outsides(route, route.pool(), ipv4);
        return set.length > 0 ? set : outsides(route, Routing.own(route.uplink().settings()), ipv4);
    }

    private static OutsideAddress[] outsides(RouteSettings route, List<IpAddress> addresses, boolean ipv4) {
        return addresses.stream().filter(address -> address.isIpv4() == ipv4).map(route.uplink().outsides()::get)
                .filter(Objects::nonNull).toArray(OutsideAddress[]::new);
    }

    Route route() {
        return route;
    }

    /** The assignment of the container that has this address on this network, or null. */
    Assignment assignmentOf(Bridge network, long high, long low) {
        if (assignments != null) {
            for (Assignment assignment : assignments) {
                if (assignment.isFrom(network, high, low)) {
                    return assignment;
                }
            }
        }
        return null;
    }
}
