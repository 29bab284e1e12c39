package io.footbridge.dataplane;

import io.footbridge.nat.OutsideAddress;
import io.footbridge.nat.Tuple;
import io.footbridge.wire.IpAddress;

/**
 * An address of an uplink, and what comes in by it. Immutable; part of a {@link Topology}.
 *
 * <p>An uplink has its own addresses, those of the pools of networks that it serves, and those that are one container's
 * alone (1:1).
 */
final class LocalAddress {
    final long high;
    final long low;
    final Bridge uplink;
    final OutsideAddress outside;
    /** Whether it is the uplink's own, by which people know it. */
    final boolean own;
    final PublishedPorts published;
    /** Whose address it is; null where it is nobody's alone. */
    final Assignment assignment;

    LocalAddress(IpAddress address, Bridge uplink, OutsideAddress outside, boolean own, PublishedPorts published,
            Assignment assignment) {
        this.high = Tuple.high(address);
        this.low = Tuple.low(address);
        this.uplink = uplink;
        this.outside = outside;
        this.own = own;
        this.published = published;
        this.assignment = assignment;
    }
}
