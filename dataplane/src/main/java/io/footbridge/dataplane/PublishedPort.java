package io.footbridge.dataplane;

import io.footbridge.nat.NatRule;
import io.footbridge.nat.Tuple;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv6Address;

/** A range of ports that is published, and how many flows have come in by it. Made by {@link Uplink#publish}. */
public final class PublishedPort {
    private final PortForward forward;
    private final NatRule rule = new NatRule();
    private final long inside4;
    private final long inside6High;
    private final long inside6Low;

    PublishedPort(PortForward forward) {
        this.forward = forward;
        inside4 = forward.ipv4().map(Ipv4Address::address).map(Tuple::mapped).orElse(0L);
        inside6High = forward.ipv6().map(Ipv6Address::high).orElse(0L);
        inside6Low = forward.ipv6().map(Ipv6Address::low).orElse(0L);
    }

    /** What leads where. */
    public PortForward forward() {
        return forward;
    }

    /** Counts the flows that came in by it. */
    public NatRule rule() {
        return rule;
    }

    /** Upper half of the container's address, as tuples hold it. */
    long insideHigh(boolean ipv6) {
        return ipv6 ? inside6High : 0;
    }

    /** Lower half of the container's address, as tuples hold it. */
    long insideLow(boolean ipv6) {
        return ipv6 ? inside6Low : inside4;
    }
}
