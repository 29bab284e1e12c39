package io.footbridge.dataplane;

import io.footbridge.nat.NatRule;
import io.footbridge.nat.Tuple;
import io.footbridge.wire.IpAddress;
import io.footbridge.wire.Ipv4Address;

/**
 * An address of an uplink that is one container's alone, for all protocols and both directions (1:1), and how many flows it
 * has had. Made by {@link Uplink#assign}.
 */
public final class Assignment {
    final Ipv4Address outside;
    final Port container;
    final long insideHigh;
    final long insideLow;
    private final NatRule outwards = new NatRule();
    private final NatRule inwards = new NatRule();

    Assignment(Ipv4Address outside, Port container, IpAddress inside) {
        this.outside = outside;
        this.container = container;
        this.insideHigh = Tuple.high(inside);
        this.insideLow = Tuple.low(inside);
    }

    /** Counts the flows that the container opened. */
    public NatRule outwards() {
        return outwards;
    }

    /** Counts the flows that came in. */
    public NatRule inwards() {
        return inwards;
    }

    /** Whether a packet from this address, on this network, is the container's. */
    boolean isFrom(Bridge network, long high, long low) {
        return low == insideLow && high == insideHigh && container.bridge() == network;
    }
}
