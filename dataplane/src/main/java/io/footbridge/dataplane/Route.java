package io.footbridge.dataplane;

import io.footbridge.nat.NatRule;

/** A network's way out, and how many flows have taken it. Any thread. */
public final class Route {
    private final RouteSettings settings;
    private final NatRule rule4;
    private final NatRule rule6;

    Route(RouteSettings settings) {
        this(settings, new NatRule(), new NatRule());
    }

    private Route(RouteSettings settings, NatRule rule4, NatRule rule6) {
        this.settings = settings;
        this.rule4 = rule4;
        this.rule6 = rule6;
    }

    /** The same way by other settings: it goes on counting. */
    Route with(RouteSettings changed) {
        return new Route(changed, rule4, rule6);
    }

    /** What is set of it. */
    public RouteSettings settings() {
        return settings;
    }

    /** Counts the flows of a family that left by it. */
    public NatRule rule(boolean ipv6) {
        return ipv6 ? rule6 : rule4;
    }
}
