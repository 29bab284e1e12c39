package io.footbridge.tap.netlink;

import io.footbridge.tap.AddressText;
import java.net.InetAddress;
import java.util.Optional;

/**
 * A route of the main table. A route over several links is one of these for each.
 *
 * @param destination what it leads to
 * @param gateway the next hop; empty where the destination is on the link itself
 * @param index the link it leaves by, or 0 where there is none
 * @param type what happens to a packet
 * @param scope 0 universe, 253 link, 254 host (rtnetlink's rt_scope)
 * @param metric which of several counts, the lowest first; 0 leaves it to the kernel (1024 for IPv6)
 * @param onLink whether the gateway is taken to be on the link though no address says so
 * @param source the address that the host's own packets have from then on; empty leaves it to the kernel
 */
public record Route(Prefix destination, Optional<InetAddress> gateway, int index, Type type, int scope, long metric,
        boolean onLink, Optional<InetAddress> source) {
    private static final int SCOPE_UNIVERSE = 0;
    private static final int SCOPE_LINK = 253;

    /** What a route does with a packet (rtnetlink's RTN_…), in the kernel's order. */
    public enum Type {
        /** Nothing is said. */
        UNSPECIFIED,
        /** Forwards it. */
        UNICAST,
        /** Takes it in. */
        LOCAL,
        /** Takes it in as broadcast. */
        BROADCAST,
        /** Takes it in, sends it as unicast. */
        ANYCAST,
        /** A group. */
        MULTICAST,
        /** Drops it. */
        BLACKHOLE,
        /** Refuses it: host unreachable. */
        UNREACHABLE,
        /** Refuses it: administratively prohibited. */
        PROHIBIT,
        /** Is none: the search goes on in the next table. */
        THROW,
        /** Another type, unknown here. */
        OTHER;

        static Type of(int number) {
            return number < OTHER.ordinal() ? values()[number] : OTHER;
        }
    }

    /** A route to hosts on the link itself. */
    public static Route direct(Prefix destination, int index) {
        return new Route(destination, Optional.empty(), index, Type.UNICAST, SCOPE_LINK, 0, false, Optional.empty());
    }

    /** A route through a gateway that an address of the link says is there. */
    public static Route via(Prefix destination, InetAddress gateway, int index) {
        return new Route(destination, Optional.of(gateway), index, Type.UNICAST, SCOPE_UNIVERSE, 0, false,
                Optional.empty());
    }

    /** The same, its gateway taken to be on the link whatever the link's addresses say. */
    public Route withOnLink() {
        return new Route(destination, gateway, index, type, scope, metric, true, source);
    }

    /** The same under another metric. */
    public Route withMetric(long other) {
        return new Route(destination, gateway, index, type, scope, other, onLink, source);
    }

    /** The same for packets that have this source, one of the host's own addresses. */
    public Route withSource(InetAddress own) {
        return new Route(destination, gateway, index, type, scope, metric, onLink, Optional.of(own));
    }

    /** As {@code ip route} writes it: {@code 0.0.0.0/0 via 10.9.0.1 dev 3}. */
    @Override
    public String toString() {
        return destination + gateway.map(hop -> " via " + AddressText.of(hop)).orElse("") + " dev " + index
                + source.map(own -> " src " + AddressText.of(own)).orElse("");
    }
}
