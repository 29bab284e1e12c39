package io.footbridge.dataplane;

import io.footbridge.nat.NatRule;

/** A range of ports that is published, and how many flows have come in by it. Made by {@link Uplink#publish}. */
public final class PublishedPort {
    private final PortForward forward;
    private final NatRule rule = new NatRule();

    PublishedPort(PortForward forward) {
        this.forward = forward;
    }

    /** What leads where. */
    public PortForward forward() {
        return forward;
    }

    /** Counts the flows that came in by it. */
    public NatRule rule() {
        return rule;
    }
}
