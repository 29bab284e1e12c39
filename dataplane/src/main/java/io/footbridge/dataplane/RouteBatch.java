package io.footbridge.dataplane;

import io.footbridge.nat.BatchLookup;
import io.footbridge.nat.BatchOpening;
import io.footbridge.nat.ConnectionTable;
import io.footbridge.nat.FragmentTable;
import io.footbridge.nat.Lookup;
import io.footbridge.nat.Tracking;
import io.footbridge.nat.Tuple;
import io.footbridge.tap.FrameBatch;
import io.footbridge.tap.FrameBuffers;
import io.footbridge.wire.DropReason;
import io.footbridge.wire.Ethernet;
import io.footbridge.wire.Fragment;
import io.footbridge.wire.Frame;
import io.footbridge.wire.Icmpv6;
import io.footbridge.wire.Ipv4;
import io.footbridge.wire.Ipv6;
import io.footbridge.wire.NeighbourDiscovery;
import io.footbridge.wire.Protocol;
import io.footbridge.wire.Tcp;
import io.footbridge.wire.Udp;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * The router's step: the frames of a batch that were sent to the gateway's MAC, taken pass by pass so that the cache
 * misses of their flows overlap: look at all headers; find the flows ({@link BatchLookup}); read what those need that have to
 * be opened ({@link BatchOpening}); then one by one decide where to, rewrite and send, in the order they came. Owning worker only.
 *
 * <p>What is for the engine itself, or for the host's interface, goes to {@link Gateway} in its turn; all else is
 * {@link Router}'s. As long as nothing is routed in the whole engine, nothing comes here.
 */
final class RouteBatch {
    private static final int CACHE_LINE = 64;
    private static final long PENDING = FrameBuffers.LENGTH + CACHE_LINE - 1 & -CACHE_LINE;
    private static final long RELEASED = PENDING + Pending.LENGTH + CACHE_LINE;

    /** How much memory a worker has: frame buffers, packets that wait, and room for a fragment that waited. */
    static final long MEMORY = RELEASED + FrameBuffers.MAX_FRAME_LENGTH + CACHE_LINE & -CACHE_LINE;

    /** Longer than any fragment waits. */
    private static final long HELD_NANOS = (FragmentTable.LIFETIME + 10) * 100_000_000L;

    /** Verdict of the first pass: to be routed. */
    private static final int ROUTED = 0;
    /** Verdict of the first pass: the gateway's own affair. */
    private static final int OWN = 1;
    /** Verdict of the first pass: a fragment, whose ports are to be found. */
    private static final int FRAGMENT = 2;

    private final int worker;
    private final MemorySegment memory;
    private final FrameBuffers buffers;
    private final Egress egress;
    private final Gateway gateway;
    private final Routes routes;
    private final Packet packet;
    private final RouterErrors errors;
    private final SocketFlows sockets;
    private final Pending pending;
    private final NextHops nextHops;
    private final Routed[] routed = new Routed[FrameBatch.CAPACITY];
    private int count;
    private Bridge bridge;
    private PortTable ports;
    /** Null until something is routed. */
    private Router router;
    private BatchLookup batch;
    private BatchOpening opening;
    private FragmentTable fragments;
    /** The port that the last fragment came in by that waits for its first one; null where none does. */
    private volatile Port heldFrom;
    private long heldAt;

    /** A frame of the batch, and what the passes made of it so far. */
    private static final class Routed {
        final Lookup lookup = new Lookup();
        /** Offset of the Ethernet header. */
        long frame;
        int length;
        /** What is held against an MTU. */
        int size;
        /** What Frame.parse made of it. */
        long parsed;
        int verdict;
    }

    /** A router without the host's sockets. */
    RouteBatch(int worker, FrameBuffers buffers, Egress egress, Gateway gateway, Routes routes) {
        this(worker, buffers, egress, gateway, routes, SocketFlows.NONE);
    }

    RouteBatch(int worker, FrameBuffers buffers, Egress egress, Gateway gateway, Routes routes, SocketFlows sockets) {
        this.sockets = sockets;
        this.worker = worker;
        this.buffers = buffers;
        this.memory = buffers.memory();
        this.egress = egress;
        this.gateway = gateway;
        this.routes = routes;
        packet = new Packet(memory);
        errors = gateway.newRouterErrors();
        Questions questions = gateway.questions();
        pending = new Pending(memory, PENDING, questions, egress);
        nextHops = new NextHops(pending, questions, errors);
        Arrays.setAll(routed, place -> new Routed());
    }

    /**
     * Begins a batch.
     *
     * @return whether anything is routed: only then frames may be added
     */
    boolean begin(Port ingress, PortTable portTable, long now) {
        Topology topology = routes.topology();
        if (topology.table == null) {
            return false;
        }
        enter(topology, now);
        bridge = ingress.bridge();
        ports = portTable;
        packet.ingress = ingress;
        count = 0;
        return true;
    }

    private void enter(Topology topology, long now) {
        packet.topology = topology;
        packet.now = now;
        packet.tick = topology.tick(now);
    }

    /** Makes what it routes with, before the first topology with this table; owning worker's thread, once. */
    void enable(ConnectionTable table, long seed) throws IOException {
        batch = new BatchLookup(table, worker, FrameBatch.CAPACITY);
        opening = new BatchOpening(table, worker, FrameBatch.CAPACITY);
        fragments = new FragmentTable(seed);
        sockets.enable(table, seed);
        router = new Router(worker, table, gateway, egress, buffers, nextHops, errors, fragments, sockets);
    }

    /**
     * Adds a frame that was sent to the gateway's MAC.
     *
     * @param frame offset of its Ethernet header
     * @param size what is held against an MTU
     */
    void add(long frame, int length, int size) {
        Routed added = routed[count++];
        added.frame = frame;
        added.length = length;
        added.size = size;
    }

    /** Routes what was added, and takes up what waited for neighbours that the batch told of. */
    void run() {
        Port ingress = packet.ingress;
        opening.begin(ingress.flowOwner());
        lookAtAll(bridge.realm());
        boolean known = batch.find(packet.tick);
        if (!known) {
            readAhead();
        }
        forwardAll(ingress);
        opening.end();
        sockets.flush();
        count = 0;
        if (pending.hasAnswers()) {
            pending.resume(packet, router);
        }
    }

    /** First pass: what can be told from the frames alone, and which of them are to be looked up. */
    private void lookAtAll(int realm) {
        GatewayAddresses addresses = bridge.gatewayAddresses();
        batch.begin();
        for (int i = 0; i < count; i++) {
            Routed of = routed[i];
            of.verdict = look(of, realm, addresses);
            if (of.verdict == ROUTED) {
                batch.add(of.lookup);
            }
        }
    }

    /** Reads what the flows that are to be opened outwards will need; whether they may be is for the last pass to say. */
    private void readAhead() {
        RoutePolicy route = bridge.routePolicy();
        if (route == null || !route.masquerade) {
            return;
        }
        int realm = route.uplink.realm();
        for (int i = 0; i < count; i++) {
            Lookup lookup = routed[i].lookup;
            if (routed[i].verdict == ROUTED && lookup.flow() < 0) {
                Tuple tuple = lookup.tuple();
                opening.add(tuple, tuple.isIpv6() ? route.pool6 : route.pool4, realm);
            }
        }
        opening.touch();
    }

    /** Last pass: each goes its way. */
    private void forwardAll(Port ingress) {
        for (int i = 0; i < count; i++) {
            int verdict = forward(routed[i], ingress);
            if (verdict < 0) {
                ingress.lane(worker).counters.dropped(verdict);
            }
        }
    }

    private int forward(Routed of, Port ingress) {
        if (of.verdict < 0) {
            return of.verdict;
        }
        if (of.verdict == OWN) {
            return gateway.receive(bridge, ports, ingress, of.frame, of.length, of.size, packet.now);
        }
        Lookup lookup = of.lookup;
        packet.from = bridge;
        packet.set(of.frame, of.size, of.parsed, lookup.tuple());
        if (of.verdict == FRAGMENT) {
            return fragment();
        }
        if (lookup.flow() >= 0) {
            int forwarded = router.forward(packet, lookup.flow());
            if (forwarded != Router.SPECIAL) {
                return forwarded;
            }
        }
        int martian = check();
        return martian < 0 ? martian : router.route(packet, lookup.hash());
    }

    /** What no router passes on; a packet of a known flow has been looked at when the flow was opened. */
    private int check() {
        int martian = packet.isIpv6() ? Martians.check6(memory, packet.network(), packet.parsed)
                : Martians.check4(memory, packet.network());
        return martian < 0 || !packet.tuple.isLand() ? martian : DropReason.MARTIAN.code();
    }

    /** What can be told from the frame alone. */
    private int look(Routed of, int realm, GatewayAddresses addresses) {
        long frame = of.frame;
        long asParsed = Frame.parse(memory, frame, of.length);
        if (asParsed < 0) {
            return (int) asParsed;
        }
        of.parsed = asParsed;
        if (addresses == null || Frame.tags(asParsed) > 0) {
            return OWN;
        }
        long network = frame + Frame.networkOffset(asParsed);
        int verdict = switch (Frame.etherType(asParsed)) {
            case Ethernet.IPV4 -> look4(addresses, frame, network, asParsed);
            case Ethernet.IPV6 -> packet.topology.ipv6 ? look6(addresses, frame, network, asParsed) : OWN;
            default -> OWN;
        };
        if (verdict != ROUTED) {
            return verdict;
        }
        Tuple tuple = of.lookup.tuple();
        if (Frame.fragment(asParsed) != Fragment.WHOLE) {
            tuple.readAddresses(memory, frame, asParsed, realm);
            return FRAGMENT;
        }
        int protocol = Frame.protocol(asParsed);
        if (protocol == Protocol.ICMP || protocol == Protocol.ICMPV6) {
            // RFC 5508 REQ-3. TCP's and UDP's checksums are for the ends to check.
            int checked = Tracking.verify(memory, frame - FrameBuffers.VIRTIO_HEADER_LENGTH, frame, asParsed);
            if (checked < 0) {
                return checked;
            }
        }
        tuple.read(memory, frame, asParsed, realm);
        return ROUTED;
    }

    private int look4(GatewayAddresses addresses, long frame, long network, long asParsed) {
        if (!Ipv4.verify(memory, network)) {
            return DropReason.BAD_CHECKSUM.code();
        }
        int destination = Ipv4.destination(memory, network);
        if (destination == addresses.ipv4Broadcast && addresses.ipv4Broadcast != 0) {
            return OWN;
        }
        if (addresses.isRouter && addresses.has(destination) && !isForSockets(frame, asParsed)) {
            return OWN;
        }
        // Options may say where to.
        boolean plain = Frame.transportOffset(asParsed) == Frame.networkOffset(asParsed) + Ipv4.MIN_HEADER_LENGTH;
        return plain ? ROUTED : Martians.check4(memory, network);
    }

    private int look6(GatewayAddresses addresses, long frame, long network, long asParsed) {
        long high = Ipv6.destinationHigh(memory, network);
        if (Ipv6.isMulticast(high) || Ipv6.isLinkLocal(high)
                || addresses.isRouter && addresses.has(high, Ipv6.destinationLow(memory, network))
                        && !isForSockets(frame, asParsed)
                || Frame.protocol(asParsed) == Protocol.ICMPV6 && Frame.fragment(asParsed) == Fragment.WHOLE
                        && NeighbourDiscovery.isMessage(Icmpv6.type(memory, frame + Frame.transportOffset(asParsed)))) {
            return OWN;
        }
        boolean plain = Frame.transportOffset(asParsed) == Frame.networkOffset(asParsed) + Ipv6.HEADER_LENGTH;
        return plain ? ROUTED : Martians.check6(memory, network, asParsed);
    }

    /** Whether what is sent to the gateway's own address is for a socket of the host; {@link SocketTarget} says for which. */
    private boolean isForSockets(long frame, long asParsed) {
        if (bridge.socketsRoute() == null) {
            return false;
        }
        boolean hasHost = ports.host() != null;
        long transport = frame + Frame.transportOffset(asParsed);
        return switch (Frame.protocol(asParsed)) {
            case Protocol.TCP -> !hasHost || Frame.fragment(asParsed) == Fragment.WHOLE
                    && Tcp.destination(memory, transport) == SocketTarget.DNS;
            case Protocol.UDP -> !hasHost && (Frame.fragment(asParsed) == Fragment.LATER
                    || !SocketTarget.isService(Udp.destination(memory, transport)));
            default -> false;
        };
    }

    /** Routes a fragment, and after it those that waited for it. */
    private int fragment() {
        Port ingress = packet.ingress;
        int verdict = routeFragment(packet.length);
        int length;
        while (verdict >= 0 && (length = fragments.release(memory, RELEASED + CACHE_LINE)) > 0) {
            packet.ingress = ingress;
            packet.from = bridge;
            long asParsed = Frame.parse(memory, RELEASED + CACHE_LINE, length);
            int released = (int) asParsed;
            if (asParsed >= 0) {
                packet.set(RELEASED + CACHE_LINE, length - Frame.networkOffset(asParsed), asParsed, packet.tuple);
                packet.tuple.readAddresses(memory, packet.frame, asParsed, bridge.realm());
                released = routeFragment(length);
            }
            if (released < 0) {
                ingress.lane(worker).counters.dropped(released);
            }
            // The next one comes to the same place.
            egress.flush();
        }
        return verdict;
    }

    private int routeFragment(int length) {
        long known = fragments.accept(memory, packet.header(), packet.frame, length, packet.parsed, bridge.realm(),
                packet.tick);
        if (known < 0) {
            return (int) known;
        }
        if (known == FragmentTable.HELD) {
            heldFrom = packet.ingress;
            heldAt = packet.now;
            return 0;
        }
        Tuple tuple = packet.tuple;
        tuple.protocol(fragments.protocol(), tuple.isIpv6());
        tuple.source(tuple.sourceHigh(), tuple.sourceLow(), (int) known >>> 16);
        tuple.destination(tuple.destinationHigh(), tuple.destinationLow(), (int) known & 0xFFFF);
        packet.identification = fragments.identification();
        int martian = check();
        return martian < 0 ? martian : router.route(packet, packet.topology.table.hash(tuple));
    }

    /** Fragments whose first one never came are drops of the port that the last of them came in by. */
    private void dropExpiredFragments() {
        Port port = heldFrom;
        for (int i = fragments.expired(packet.tick); i > 0; i--) {
            port.lane(worker).counters.dropped(DropReason.FRAGMENT);
        }
    }

    /** Whether packets wait for neighbours; any thread. */
    boolean isWaiting() {
        return pending.isWaiting();
    }

    /** Whether there is anything for {@link #tick}; any thread. */
    boolean hasTimers() {
        return pending.isWaiting() || heldFrom != null;
    }

    /** Notes that a neighbour has become known; any thread. */
    void answered() {
        pending.answered();
    }

    /** Whether {@link #answered()} was called since {@link #resume}. */
    boolean hasAnswers() {
        return pending.hasAnswers();
    }

    /** Takes up what waited for neighbours that are known now; outside a batch. */
    void resume(long now) {
        enter(routes.topology(), now);
        pending.resume(packet, router);
        egress.flush();
    }

    /** Asks again for neighbours that have not answered, and gives up those that were asked often enough. */
    void tick(long now) {
        if (router != null) {
            enter(routes.topology(), now);
            pending.tick(packet, router);
            if (heldFrom != null) {
                dropExpiredFragments();
                heldFrom = packet.now - heldAt > HELD_NANOS ? null : heldFrom;
            }
        }
    }

    /** Frees what it holds beside the worker's memory. */
    void free() {
        if (fragments != null) {
            fragments.close();
            fragments = null;
        }
    }
}
