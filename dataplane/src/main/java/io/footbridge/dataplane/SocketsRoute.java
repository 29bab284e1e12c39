package io.footbridge.dataplane;

import io.footbridge.nat.NatRule;

/** A network's way out by the host's own sockets, and how many flows have taken it. Any thread. */
public final class SocketsRoute {
    private final SocketsSettings settings;
    private final NatRule rule4;
    private final NatRule rule6;

    SocketsRoute(SocketsSettings settings) {
        this(settings, new NatRule(), new NatRule());
    }

    private SocketsRoute(SocketsSettings settings, NatRule rule4, NatRule rule6) {
        this.settings = settings;
        this.rule4 = rule4;
        this.rule6 = rule6;
    }

    /** The same way by other settings: it goes on counting. */
    SocketsRoute with(SocketsSettings changed) {
        return new SocketsRoute(changed, rule4, rule6);
    }

    /** What is set of it. */
    public SocketsSettings settings() {
        return settings;
    }

    /** Counts the flows of a family that left by it. */
    public NatRule rule(boolean ipv6) {
        return ipv6 ? rule6 : rule4;
    }
}
