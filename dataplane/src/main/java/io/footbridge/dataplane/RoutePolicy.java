package io.footbridge.dataplane;

import io.footbridge.nat.Filtering;
import io.footbridge.nat.OutsideAddress;

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

    RoutePolicy(Route route, OutsideAddress[] pool4, OutsideAddress[] pool6, Assignment[] assignments) {
        RouteSettings settings = route.settings();
        this.route = route;
        this.uplink = settings.uplink().bridge();
        this.uplinkMac = settings.uplink().settings().mac();
        this.masquerade = settings.masquerade();
        this.pool4 = pool4;
        this.pool6 = pool6;
        this.assignments = assignments;
        this.filtering = settings.filtering();
        this.mss = settings.mss();
        this.windowCheck = settings.windowCheck();
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
