package io.footbridge.dataplane;

import io.footbridge.nat.ConnectionTable;
import java.util.List;

/**
 * What there is to route between: networks and uplinks by their realms, and the uplinks' addresses. Immutable; replaced
 * as a whole when anything of it changes, and read once per batch.
 */
final class Topology {
    /** Nothing is routed. */
    static final Topology NONE = new Topology(null, 0, false, 0, List.of(), List.of());

    private static final long TICK_NANOS = 100_000_000L;
    private static final long SPREAD = 0x9E37_79B9_7F4A_7C15L;

    /** Null where nothing is routed. */
    final ConnectionTable table;
    /** Whether IPv6 is routed. */
    final boolean ipv6;

    /** The realm of the host's own sockets; 0 where no network goes by them. */
    final int socketsRealm;

    private final long started;

    private final Bridge[] byRealm;
    private final Bridge[] networks;
    private final LocalAddress[] addresses;
    private final int shift;
    /** A bit for the last six bits of each of the addresses: most others are told by it alone. */
    private final long lastBits;

    /**
     * @param started when the table's time began, in nanoseconds
     * @param socketsRealm the realm of the host's own sockets, or 0
     * @param bridges networks and uplinks, each realm once
     * @param local the uplinks' addresses, each once
     */
    Topology(ConnectionTable table, long started, boolean ipv6, int socketsRealm, List<Bridge> bridges,
            List<LocalAddress> local) {
        this.table = table;
        this.started = started;
        this.ipv6 = ipv6;
        this.socketsRealm = socketsRealm;
        byRealm = new Bridge[bridges.stream().mapToInt(Bridge::realm).max().orElse(0) + 1];
        bridges.forEach(bridge -> byRealm[bridge.realm()] = bridge);
        networks = bridges.stream().filter(bridge -> !bridge.isUplink()).toArray(Bridge[]::new);
        int bits = Integer.SIZE - Integer.numberOfLeadingZeros(2 * local.size() + 1);
        addresses = new LocalAddress[1 << bits];
        shift = Long.SIZE - bits;
        local.forEach(this::enter);
        lastBits = local.stream().mapToLong(address -> 1L << address.low).reduce(0, (all, bit) -> all | bit);
    }

    private void enter(LocalAddress address) {
        int at = place(address.high, address.low);
        while (addresses[at] != null) {
            at = at + 1 & addresses.length - 1;
        }
        addresses[at] = address;
    }

    /** A moment in the table's ticks. */
    int tick(long nanos) {
        return tick(started, nanos);
    }

    /** A moment in the ticks of a table whose time began then. */
    static int tick(long started, long nanos) {
        return (int) ((nanos - started) / TICK_NANOS);
    }

    /** The network or uplink of a realm, or null when it has just been removed. */
    Bridge realm(int realm) {
        return realm < byRealm.length ? byRealm[realm] : null;
    }

    /** The uplink's address that this is, or null. */
    LocalAddress local(long high, long low) {
        return (lastBits >>> low & 1) == 0 ? null : find(high, low);
    }

    private LocalAddress find(long high, long low) {
        int at = place(high, low);
        LocalAddress address = addresses[at];
        while (address != null && (address.low != low || address.high != high)) {
            at = at + 1 & addresses.length - 1;
            address = addresses[at];
        }
        return address;
    }

    /** The network in whose subnet an address is, or null; for packets that open a flow. */
    Bridge networkOf(long high, long low, boolean isIpv6) {
        for (Bridge network : networks) {
            GatewayAddresses gateway = network.gatewayAddresses();
            if (gateway != null && gateway.isInSubnet(high, low, isIpv6)) {
                return network;
            }
        }
        return null;
    }

    private int place(long high, long low) {
        return (int) ((high * SPREAD ^ low) * SPREAD >>> shift);
    }
}
