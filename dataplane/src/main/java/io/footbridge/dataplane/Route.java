package io.footbridge.dataplane;

import io.footbridge.nat.NatRule;

/** A network's way out, and how many flows have taken it. Any thread. */
public final class Route {
    private final RouteSettings settings;
    private final NatRule rule;

    Route(RouteSettings settings, NatRule rule) {
        this.settings = settings;
        this.rule = rule;
    }

    /** What is set of it. */
    public RouteSettings settings() {
        return settings;
    }

    /** Counts the flows that left by it. */
    public NatRule rule() {
        return rule;
    }
}
