package io.footbridge.dataplane;

import io.footbridge.nat.ConnectionTable;
import io.footbridge.nat.Filtering;
import io.footbridge.nat.FlowRequest;
import io.footbridge.nat.NatRule;
import io.footbridge.nat.OutsideAddress;
import io.footbridge.nat.Owner;
import io.footbridge.nat.Tracking;
import io.footbridge.nat.Tuple;
import io.footbridge.wire.DropReason;
import io.footbridge.wire.Frame;
import io.footbridge.wire.Protocol;
import io.footbridge.wire.Tcp;

/**
 * What becomes of a packet that belongs to no flow: it opens one, is answered, or is dropped, and its sender told where
 * that is due. Owning worker only.
 *
 * <p><b>From a network</b>: to an address of an uplink, echo is answered as outside; to another network it is refused;
 * else a flow is opened by the network's route, which takes the container's own outside address where it has one, or one
 * of the pool.
 *
 * <p><b>From an uplink</b>, in this order: a published port; an address that is one container's alone; a port that a flow
 * from inside has, as far as its network's filtering lets others in; echo. The rest is dropped: TCP silently (RFC 5382
 * REQ-4), UDP to the uplink's own address with port unreachable.
 */
final class NewFlows {
    /** Result: the packet was answered here. */
    static final int ANSWERED = Integer.MAX_VALUE;

    private final int worker;
    private final ConnectionTable table;
    private final Gateway gateway;
    private final RouterErrors errors;
    private final SocketFlows sockets;
    private final FlowRequest request = new FlowRequest();
    private final Tuple inside = new Tuple();

    NewFlows(int worker, ConnectionTable table, Gateway gateway, RouterErrors errors, SocketFlows sockets) {
        this.sockets = sockets;
        this.worker = worker;
        this.table = table;
        this.gateway = gateway;
        this.errors = errors;
    }

    /** A packet from a network: its flow, {@link #ANSWERED}, or the negative code of a reason to drop. */
    int fromNetwork(Packet packet) {
        Tuple tuple = packet.tuple;
        Bridge network = packet.from;
        GatewayAddresses addresses = network.gatewayAddresses();
        boolean ipv6 = tuple.isIpv6();
        if (addresses == null || !addresses.isInSubnet(tuple.sourceHigh(), tuple.sourceLow(), ipv6)) {
            return DropReason.MARTIAN.code();
        }
        LocalAddress local = packet.topology.local(tuple.destinationHigh(), tuple.destinationLow());
        RoutePolicy route = network.routePolicy();
        int refused = packet.ingress.policy().host
                ? hostMaySend(addresses, tuple, local, route) : containerMaySend(packet, addresses, local);
        if (refused < 0) {
            return refused;
        }
        if (local != null && local.assignment == null && packet.isEchoRequest()) {
            return answerEcho(packet);
        }
        SocketsRoute bySockets = network.socketsRoute();
        if (bySockets != null && !packet.ingress.policy().host) {
            refused = mayOpen(packet);
            if (refused == DropReason.BAD_STATE.code()) {
                sockets.stray(packet);
            }
            return refused < 0 ? refused : sockets.open(packet, bySockets);
        }
        GatewayAddresses uplink = route == null ? null : route.uplink.gatewayAddresses();
        if (uplink == null || !(ipv6 ? uplink.hasIpv6 : uplink.hasIpv4)) {
            errors.noRoute(packet);
            return DropReason.NO_UPLINK.code();
        }
        if (!ipv6 && (int) tuple.destinationLow() == uplink.ipv4Broadcast) {
            return DropReason.MARTIAN.code();
        }
        refused = mayOpen(packet);
        return refused < 0 ? refused : openOutwards(packet, route);
    }

    /** A container speaks as itself, and to nobody in another network. */
    private int containerMaySend(Packet packet, GatewayAddresses addresses, LocalAddress local) {
        Tuple tuple = packet.tuple;
        if (isGateways(addresses, tuple)) {
            return DropReason.MARTIAN.code();
        }
        Bridge other = local != null ? null : packet.topology.networkOf(tuple.destinationHigh(),
                tuple.destinationLow(), tuple.isIpv6());
        if (other == null) {
            return 0;
        }
        if (other == packet.from) {
            if (packet.from.socketsRoute() != null && isToGateway(addresses, tuple)) {
                return 0;
            }
            errors.noRoute(packet);
            return DropReason.NO_UPLINK.code();
        }
        errors.prohibited(packet);
        return DropReason.OTHER_NETWORK.code();
    }

    /** The host has ways of its own; through the network's gateway it reaches what the network's uplink publishes. */
    private static int hostMaySend(GatewayAddresses addresses, Tuple tuple, LocalAddress local, RoutePolicy route) {
        if (!isGateways(addresses, tuple)) {
            return DropReason.MARTIAN.code();
        }
        return local == null || route == null || local.uplink != route.uplink ? DropReason.NOT_SERVED.code() : 0;
    }

    private static boolean isToGateway(GatewayAddresses addresses, Tuple tuple) {
        return tuple.isIpv6() ? addresses.has(tuple.destinationHigh(), tuple.destinationLow())
                : addresses.has((int) tuple.destinationLow());
    }

    private static boolean isGateways(GatewayAddresses addresses, Tuple tuple) {
        return tuple.isIpv6() ? addresses.has(tuple.sourceHigh(), tuple.sourceLow())
                : addresses.has((int) tuple.sourceLow());
    }

    private int openOutwards(Packet packet, RoutePolicy route) {
        Tuple tuple = packet.tuple;
        request.original().set(tuple);
        Tuple translated = request.translated();
        translated.set(tuple);
        translated.realm(route.uplink.realm());
        OutsideAddress[] pool = null;
        NatRule rule = route.route().rule(tuple.isIpv6());
        Assignment assignment = route.assignmentOf(packet.from, tuple.sourceHigh(), tuple.sourceLow());
        if (assignment != null) {
            translated.source(0, Tuple.mapped(assignment.outside.address()), tuple.sourcePort());
            rule = assignment.outwards();
        } else if (route.masquerade) {
            pool = tuple.isIpv6() ? route.pool6 : route.pool4;
        }
        return open(packet, packet.ingress.flowOwner(), rule, pool, true);
    }

    /**
     * A packet from an uplink: its flow, {@link #ANSWERED}, or the negative code of a reason to drop.
     *
     * @param tuple the packet's as it reads on the uplink
     * @param local the uplink's address that it is for, or null
     * @param turned whether it comes from inside, by way of the uplink's address
     */
    int fromUplink(Packet packet, Tuple tuple, LocalAddress local, boolean turned) {
        if (local == null) {
            return packet.topology.networkOf(tuple.destinationHigh(), tuple.destinationLow(), tuple.isIpv6()) == null
                    ? DropReason.NOT_SERVED.code() : DropReason.UNSOLICITED.code();
        }
        if (!turned && isOurs(packet.topology, tuple)) {
            return DropReason.MARTIAN.code();
        }
        request.original().set(tuple);
        Tuple translated = request.translated();
        translated.set(tuple);
        PublishedPort published = local.published.find(tuple.protocol(), tuple.destinationPort());
        if (published != null) {
            return openPublished(packet, published);
        }
        if (local.assignment != null) {
            return openAssigned(packet, local.assignment);
        }
        RoutePolicy lettingIn = lettingIn(packet, tuple, local);
        if (lettingIn != null) {
            return openInwards(packet, local, lettingIn);
        }
        if (packet.isEchoRequest() && !turned) {
            return answerEcho(packet);
        }
        return unsolicited(packet, local);
    }

    /** Whether the source is an address that nobody outside can have. */
    private static boolean isOurs(Topology topology, Tuple tuple) {
        return topology.local(tuple.sourceHigh(), tuple.sourceLow()) != null
                || topology.networkOf(tuple.sourceHigh(), tuple.sourceLow(), tuple.isIpv6()) != null;
    }

    private int openPublished(Packet packet, PublishedPort published) {
        Tuple translated = request.translated();
        PortForward forward = published.forward();
        Port container = forward.container();
        boolean ipv6 = translated.isIpv6();
        if (!container.isAttached() || (ipv6 ? forward.ipv6().isEmpty() : forward.ipv4().isEmpty())) {
            return DropReason.UNSOLICITED.code();
        }
        int refused = mayOpen(packet);
        if (refused < 0) {
            return refused;
        }
        translated.destination(published.insideHigh(ipv6), published.insideLow(ipv6),
                forward.containerPort() + translated.destinationPort() - forward.firstPort());
        translated.realm(container.bridge().realm());
        return open(packet, container.flowOwner(), published.rule(), null, false);
    }

    private int openAssigned(Packet packet, Assignment assignment) {
        if (!assignment.container.isAttached()) {
            return DropReason.UNSOLICITED.code();
        }
        int refused = mayOpen(packet);
        if (refused < 0) {
            return refused;
        }
        Tuple translated = request.translated();
        translated.destination(assignment.insideHigh, assignment.insideLow, translated.destinationPort());
        translated.realm(assignment.container.bridge().realm());
        return open(packet, assignment.container.flowOwner(), assignment.inwards(), null, false);
    }

    /** The policy of a network that lets this sender in by a port that a host of its has, or null; {@link #inside} says who. */
    private RoutePolicy lettingIn(Packet packet, Tuple tuple, LocalAddress local) {
        int protocol = tuple.protocol();
        if (protocol != Protocol.TCP && protocol != Protocol.UDP
                || !table.inside(local.outside, protocol, tuple.destinationPort(), inside)) {
            return null;
        }
        Bridge network = packet.topology.realm(inside.realm());
        RoutePolicy route = network == null ? null : network.routePolicy();
        if (route == null || route.filtering == Filtering.ADDRESS_AND_PORT) {
            return null;
        }
        return route.filtering == Filtering.ENDPOINT || table.hasSentTo(local.outside, protocol,
                tuple.destinationPort(), tuple.sourceHigh(), tuple.sourceLow(), packet.tick) ? route : null;
    }

    private int openInwards(Packet packet, LocalAddress local, RoutePolicy route) {
        int refused = mayOpen(packet);
        if (refused < 0) {
            return refused;
        }
        Owner owner = table.ownerInside(local.outside, request.original().protocol(), request.original().destinationPort());
        if (owner == null) {
            return DropReason.UNSOLICITED.code();
        }
        Tuple translated = request.translated();
        translated.destination(inside.destinationHigh(), inside.destinationLow(), inside.destinationPort());
        translated.realm(inside.realm());
        return open(packet, owner, route.route().rule(translated.isIpv6()), null, false);
    }

    private int unsolicited(Packet packet, LocalAddress local) {
        if (packet.protocol() == Protocol.UDP && local.own) {
            errors.noPort(packet);
        }
        return DropReason.UNSOLICITED.code();
    }

    /** Hops left, and a packet that may be a flow's first. */
    private int mayOpen(Packet packet) {
        if (!packet.hasHopsLeft()) {
            errors.timeExceeded(packet);
            return DropReason.TTL.code();
        }
        if (packet.isLaterFragment()) {
            return DropReason.BAD_STATE.code();
        }
        int admitted = Tracking.admit(packet.memory, packet.frame, packet.parsed);
        if (admitted < 0) {
            return admitted;
        }
        return Tracking.opens(packet.memory, packet.frame, packet.parsed) ? 0 : DropReason.BAD_STATE.code();
    }

    private int open(Packet packet, Owner owner, NatRule rule, OutsideAddress[] pool, boolean fromInside) {
        int flags = packet.protocol() == Protocol.TCP ? Tcp.flags(packet.memory, packet.transport()) : 0;
        request.set(owner, rule, pool, fromInside, flags);
        int flow = table.open(worker, request, packet.tick);
        if (flow >= 0) {
            rule.count(Frame.packetLength(packet.parsed));
        } else {
            errors.prohibited(packet);
        }
        return flow;
    }

    private int answerEcho(Packet packet) {
        int answered = gateway.echo(packet);
        return answered < 0 ? answered : ANSWERED;
    }
}
