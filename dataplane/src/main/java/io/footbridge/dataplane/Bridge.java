package io.footbridge.dataplane;

import io.footbridge.fdb.AddOutcome;
import io.footbridge.fdb.EntryKind;
import io.footbridge.fdb.FdbSettings;
import io.footbridge.fdb.ForwardingEntry;
import io.footbridge.fdb.ForwardingTable;
import io.footbridge.memory.Region;
import io.footbridge.memory.SeededHash;
import io.footbridge.wire.IpAddress;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.agrona.concurrent.NanoClock;

/**
 * A network as the engine sees it: ports, a forwarding database, and a gateway where the network has one. Made by
 * {@link Engine#addBridge}; any thread.
 */
public final class Bridge {
    /** How many ports a bridge may have. */
    public static final int MAX_PORTS = 16_383;

    /** What the FDB gives for the gateway's MAC instead of a port's index. */
    static final int GATEWAY_INDEX = MAX_PORTS;

    private static final int NEIGHBOUR_RECORDS = 4096;
    private static final long TICK_NANOS = 100_000_000L;
    private static final int TICKS_PER_SECOND = 10;
    private static final int LINK_SHARE = 2;

    private final String name;
    private final int realm;
    private final NanoClock clock;
    private final long started;
    private final Region region;
    private final ForwardingTable fdb;
    private final Neighbours neighbours;
    private final CapturePoint captures = new CapturePoint();
    private final int defaultPortLimit;
    /** Guarded by the region's monitor. */
    private boolean freed;
    private volatile BridgeSettings settings;
    private volatile PortTable ports = PortTable.EMPTY;
    /** Null where there is none. */
    private volatile GatewayAddresses gateway;
    /** Null where there is none, and on an uplink. */
    private volatile RoutePolicy route;
    /** Null where it does not go by the host's sockets, and on an uplink. */
    private volatile SocketsRoute socketsRoute;
    /** Null where this is a network. */
    private volatile Uplink uplink;
    /** Null where there is none. */
    private volatile InetSocketAddress tcpDns;
    /** Null where no addresses are being probed. */
    private volatile AddressProbe probe;
    /** Null where no other host has used an address of this uplink since it was last told of. */
    private volatile Conflict conflict;

    /** A bridge that stands alone: nothing is routed to or from it. */
    Bridge(String name, BridgeSettings settings, NanoClock clock, long seed) throws IOException {
        this(name, 1, settings, clock, seed, () -> { });
    }

    /**
     * @param realm the number that its addresses are tracked under
     * @param resolved is told when a neighbour becomes known
     */
    Bridge(String name, int realm, BridgeSettings settings, NanoClock clock, long seed, Runnable resolved)
            throws IOException {
        this.name = name;
        this.realm = realm;
        this.settings = settings;
        this.clock = clock;
        this.started = clock.nanoTime();
        FdbSettings table = FdbSettings.of(settings.fdbLimit(), MAX_PORTS + 1).withAgeing(ticks(settings.ageing()));
        this.defaultPortLimit = table.portLimit();
        long split = -(-table.bytes() & -Neighbours.RECORD);
        this.region = Region.map("network " + name, split + Neighbours.bytes(NEIGHBOUR_RECORDS));
        this.fdb = new ForwardingTable(region.segment().asSlice(0, split), table, seed);
        this.neighbours = new Neighbours(region.segment().asSlice(split), NEIGHBOUR_RECORDS, new SeededHash(~seed),
                resolved);
    }

    /** Another host on the link that uses an address of the uplink. */
    record Conflict(long high, long low, long mac) {
    }

    /** What became of {@link #addFdb}. */
    public enum FdbResult {
        /** The entry stands. */
        ADDED,
        /** There is an entry for that MAC already. */
        EXISTS,
        /** The table is full. */
        FULL
    }

    /** The network's name. */
    public String name() {
        return name;
    }

    /** What is set of it now. */
    public BridgeSettings settings() {
        return settings;
    }

    /** Replaces what is set. The size of the forwarding database and VLAN awareness stay as they were made. */
    public synchronized void settings(BridgeSettings changed) {
        if (changed.fdbLimit() != settings.fdbLimit() || changed.vlanAware() != settings.vlanAware()) {
            throw new IllegalArgumentException("fdb-limit and vlan are fixed when network " + name + " is created");
        }
        fdb.ageing(ticks(changed.ageing()));
        settings = changed;
    }

    /** Its gateway, if it has one. */
    public Optional<GatewaySettings> gateway() {
        return Optional.ofNullable(gateway).map(GatewayAddresses::settings);
    }

    /** Replaces its gateway. */
    public synchronized void gateway(Optional<GatewaySettings> changed) {
        gatewayAddresses(changed.map(settings -> new GatewayAddresses(settings, clock.nanoTime())).orElse(null));
    }

    /** As {@link #gateway(Optional)}, for an uplink too; null for none. */
    synchronized void gatewayAddresses(GatewayAddresses changed) {
        gateway().ifPresent(old -> unbindGatewayMac(old.mac()));
        gateway = changed;
        if (changed != null) {
            bindGatewayMac(changed.mac);
        }
    }

    /** Frames to this MAC are the engine's. */
    synchronized void bindGatewayMac(long mac) {
        fdb.replace(ForwardingTable.key(0, mac), GATEWAY_INDEX, EntryKind.PERMANENT, true, tick());
    }

    /** Frames to this MAC are the engine's no longer. */
    synchronized void unbindGatewayMac(long mac) {
        fdb.remove(ForwardingTable.key(0, mac));
    }

    /** Where the host's loopback takes TCP connections to port 53 of the gateway's addresses, or null for nowhere. */
    public InetSocketAddress tcpDns() {
        return tcpDns;
    }

    /** Sets where they are taken. */
    public void tcpDns(InetSocketAddress listener) {
        tcpDns = listener;
    }

    /** Its ports now. */
    public List<Port> ports() {
        return ports.list();
    }

    /** The forwarding database now, in no particular order. */
    public List<FdbEntry> fdb() {
        PortTable now = ports;
        List<FdbEntry> entries = new ArrayList<>();
        synchronized (region) {
            if (!freed) {
                fdb.forEach(tick(), entry -> entries.add(entry(entry, now)));
            }
        }
        return entries;
    }

    /**
     * Sets an entry by hand.
     *
     * @param vlan VLAN id, 0 on a VLAN-unaware bridge
     * @param kind static or permanent
     */
    public FdbResult addFdb(long mac, int vlan, Port port, FdbEntry.Kind kind, boolean sticky) {
        if (ports.get(port.index()) != port) {
            throw new IllegalArgumentException("port " + port.name() + " is no longer on network " + name);
        }
        EntryKind entryKind = kind == FdbEntry.Kind.PERMANENT ? EntryKind.PERMANENT : EntryKind.STATIC;
        AddOutcome outcome = fdb.add(ForwardingTable.key(vlan, mac), port.index(), entryKind, sticky, tick());
        return switch (outcome) {
            case ADDED, REPLACED -> FdbResult.ADDED;
            case EXISTS -> FdbResult.EXISTS;
            case FULL -> FdbResult.FULL;
            case BAD_ADDRESS -> throw new IllegalArgumentException("an FDB entry needs a unicast MAC that is not zero");
        };
    }

    /** Removes an entry; false when there is none, or it is the gateway's. */
    public synchronized boolean removeFdb(long mac, int vlan) {
        RoutePolicy routed = route;
        boolean gateways = gateway().filter(settings -> settings.mac() == mac).isPresent()
                || routed != null && routed.uplinkMac == mac;
        return !(gateways && vlan == 0) && fdb.remove(ForwardingTable.key(vlan, mac));
    }

    /** How it reaches the world, if it does. */
    public Optional<Route> route() {
        return Optional.ofNullable(route).map(RoutePolicy::route);
    }

    /** The gateway's neighbour table now. */
    public List<Neighbour> neighbours() {
        synchronized (region) {
            return freed ? List.of() : neighbours.list(tick());
        }
    }

    /** Sets a neighbour that is known without being heard of. */
    public void addNeighbour(IpAddress address, long mac) {
        neighbours.addPermanent(address, mac);
    }

    /** Forgets a neighbour. */
    public void removeNeighbour(IpAddress address) {
        neighbours.remove(address);
    }

    NanoClock clock() {
        return clock;
    }

    /** The number that its addresses are tracked under: unique in the engine at a time. */
    int realm() {
        return realm;
    }

    RoutePolicy routePolicy() {
        return route;
    }

    /** Replaces its way out: the uplink's MAC is the engine's here too, since the host's interface sends to it. */
    synchronized void routePolicy(RoutePolicy changed) {
        if (route != null) {
            unbindGatewayMac(route.uplinkMac);
        }
        route = changed;
        if (changed != null) {
            bindGatewayMac(changed.uplinkMac);
        }
        GatewayAddresses own = gateway;
        if (own != null) {
            bindGatewayMac(own.mac);
        }
    }

    /** Its way out by the host's own sockets. */
    public Optional<SocketsRoute> sockets() {
        return Optional.ofNullable(socketsRoute);
    }

    /** Its way out by the host's own sockets, or null. */
    SocketsRoute socketsRoute() {
        return socketsRoute;
    }

    void socketsRoute(SocketsRoute changed) {
        socketsRoute = changed;
    }

    boolean isUplink() {
        return uplink != null;
    }

    /** The uplink that this is the link of, or null. */
    Uplink uplink() {
        return uplink;
    }

    void uplink(Uplink of) {
        uplink = of;
    }

    AddressProbe probe() {
        return probe;
    }

    void probe(AddressProbe now) {
        probe = now;
    }

    /** Notes that another host uses an address of this uplink; frame path, allocates since it is not to happen. */
    void conflict(long high, long low, long mac) {
        Conflict seen = conflict;
        if (seen == null) {
            conflict = new Conflict(high, low, mac);
        }
    }

    /** What {@link #conflict} was told since the last call, or null. */
    Conflict takeConflict() {
        Conflict seen = conflict;
        conflict = null;
        return seen;
    }

    /** The cycle's time in the tables' ticks of 100 ms since the bridge was made. */
    int tick(long nanos) {
        return (int) ((nanos - started) / TICK_NANOS);
    }

    PortTable portTable() {
        return ports;
    }

    void portTable(PortTable changed) {
        ports = changed;
    }

    ForwardingTable fdbTable() {
        return fdb;
    }

    Neighbours neighbourTable() {
        return neighbours;
    }

    GatewayAddresses gatewayAddresses() {
        return gateway;
    }

    CapturePoint captures() {
        return captures;
    }

    /** Gives a port its share of the forwarding database. A link may have a whole network behind it. */
    void limitFdb(Port port) {
        int wanted = port.settings().fdbLimit();
        int share = port.settings().role() == PortRole.LINK ? settings.fdbLimit() / LINK_SHARE : defaultPortLimit;
        fdb.limit(port.index(), wanted > 0 ? wanted : share);
    }

    /** Removes expired entries from the next part of the table. */
    void sweep(int budget) {
        synchronized (region) {
            if (!freed) {
                fdb.sweep(tick(), budget);
            }
        }
    }

    /** Frees the tables; when no worker can reach the bridge any more. Who lists them afterwards finds nothing. */
    void free() {
        synchronized (region) {
            freed = true;
            region.close();
        }
    }

    int tick() {
        return tick(clock.nanoTime());
    }

    private static int ticks(Duration ageing) {
        return (int) Math.min(ageing.toMillis() / (1000 / TICKS_PER_SECOND), FdbSettings.MAX_AGEING);
    }

    private static FdbEntry entry(ForwardingEntry entry, PortTable ports) {
        FdbEntry.Kind kind = switch (entry.kind()) {
            case DYNAMIC -> FdbEntry.Kind.DYNAMIC;
            case STATIC -> FdbEntry.Kind.STATIC;
            case PERMANENT -> FdbEntry.Kind.PERMANENT;
        };
        return new FdbEntry(entry.mac(), entry.vlan(), Optional.ofNullable(ports.get(entry.port())), kind,
                entry.sticky(), entry.age() / TICKS_PER_SECOND);
    }
}
