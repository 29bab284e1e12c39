package io.footbridge.dataplane;

import io.footbridge.nat.ConnectionTable;
import io.footbridge.nat.FlowRequest;
import io.footbridge.nat.Tuple;
import io.footbridge.wire.DropReason;
import io.footbridge.wire.MacAddress;
import io.footbridge.wire.Protocol;
import io.footbridge.wire.Tcp;
import java.util.concurrent.TimeUnit;

/**
 * How clients of the host reach a container: whoever a listening socket has accepted opens a session, and the container is sent
 * a SYN from the client's own address. A client that cannot be shown as itself, or whose address and port the container is
 * already talking to, appears as the gateway with a port that is free. What the container refuses, the client is reset for.
 *
 * <p>The container's MAC is its neighbour entry's. Where there is none it is asked for, and looked up again a little later,
 * ever less often, for three seconds. Owning worker only.
 */
final class TcpInwards implements TcpListeners.Taker {
    /** Bytes that a SYN counts as. */
    private static final int SYN_LENGTH = 60;
    private static final int FIRST_PORT = 32_768;
    private static final int PORT_MASK = 0x7FFF;
    private static final int ATTEMPTS = 64;
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    /** 5 ms doubled as often are more than three seconds in all. */
    private static final int LOOKS = 9;
    private static final long HANDSHAKE_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int HANDSHAKE_RETRIES = 5;

    private final int worker;
    private final TcpSockets sockets;
    private final TcpRecords records;
    private final HostStreams host;
    private final TcpSegments segments;
    private final TcpOpening opening;
    private final Questions questions;
    private final Routes routes;
    private final FlowRequest request = new FlowRequest();
    private ConnectionTable table;
    private int nextPort;

    TcpInwards(int worker, TcpSockets sockets, TcpRecords records, HostStreams host, TcpSegments segments, TcpOpening opening,
            Questions questions, Routes routes) {
        this.worker = worker;
        this.sockets = sockets;
        this.records = records;
        this.host = host;
        this.segments = segments;
        this.opening = opening;
        this.questions = questions;
        this.routes = routes;
    }

    void enable(ConnectionTable of) {
        table = of;
    }

    @Override
    public void accepted(int socket, PublishedPort published, int containerPort, long now) {
        Port container = published.forward().container();
        Topology topology = routes.topology();
        int flow = open(topology, published, containerPort, now);
        if (flow < 0) {
            container.lane(worker).counters.dropped(flow);
            host.reset(socket);
            return;
        }
        Tuple tuple = request.original();
        published.rule().count(SYN_LENGTH);
        int c = sockets.take(container, ConnectionTable.reverse(flow));
        if (c < 0) {
            table.remove(worker, flow);
            container.lane(worker).counters.dropped(DropReason.NO_SOCKET);
            host.reset(socket);
            return;
        }
        records.socket(c, socket);
        records.phase(c, TcpState.SYN_SENT);
        if (host.peeksFromOffset(socket)) {
            records.raise(c, TcpState.PEEK_OFFSET);
        }
        long gatewayMac = container.bridge().gatewayAddresses().mac;
        if (tuple.isIpv6()) {
            segments.template6(c, 0, gatewayMac, tuple.sourceHigh(), tuple.sourceLow(), tuple.sourcePort(),
                    tuple.destinationHigh(), tuple.destinationLow(), tuple.destinationPort());
        } else {
            segments.template4(c, 0, gatewayMac, (int) tuple.sourceLow(), tuple.sourcePort(),
                    (int) tuple.destinationLow(), tuple.destinationPort());
        }
        opening.begin(c, opening.initialSequence(tuple, now));
        records.rcvScale(c, TcpOpening.WINDOW_SCALE);
        records.rcvEdge(c, Integer.MAX_VALUE);
        records.heard(c, now);
        if (!sockets.watch(c)) {
            container.lane(worker).counters.dropped(DropReason.NO_SOCKET);
            sockets.drop(c, true);
            return;
        }
        advance(c, now);
    }

    /** Opens the session; its flow, or the negative code of a reason why not. */
    private int open(Topology topology, PublishedPort published, int containerPort, long now) {
        PortForward forward = published.forward();
        Port container = forward.container();
        Bridge network = container.bridge();
        GatewayAddresses gateway = network.gatewayAddresses();
        boolean clientIpv6 = host.isPeerIpv6();
        boolean ipv6 = SocketForwards.isInsideIpv6(forward, clientIpv6);
        if (gateway == null || network.socketsRoute() == null || !container.isAttached()
                || !(ipv6 ? gateway.hasIpv6 && topology.ipv6 : gateway.hasIpv4)) {
            return DropReason.NO_EGRESS.code();
        }
        long high = clientIpv6 ? host.peerHigh() : 0;
        long low = clientIpv6 ? host.peerLow() : Tuple.mapped(host.peerIpv4());
        int tick = topology.tick(now);
        Tuple original = request.original();
        original.protocol(Protocol.TCP, ipv6);
        original.realm(topology.socketsRealm);
        original.destination(published.insideHigh(ipv6), published.insideLow(ipv6), containerPort);
        original.source(high, low, host.peerPort());
        if (!SocketForwards.isShownAsItself(gateway, ipv6, clientIpv6, high, low) || isTaken(original, tick)) {
            int tried = 0;
            do {
                if (tried++ == ATTEMPTS) {
                    return DropReason.NO_FREE_PORT.code();
                }
                original.source(ipv6 ? gateway.ipv6High : 0, ipv6 ? gateway.ipv6Low : Tuple.mapped(gateway.ipv4),
                        FIRST_PORT + (nextPort++ & PORT_MASK));
            } while (isTaken(original, tick));
        }
        request.translated().set(original);
        request.translated().realm(network.realm());
        request.set(container.flowOwner(), published.rule(), null, false, Tcp.SYN);
        return table.open(worker, request, tick);
    }

    private boolean isTaken(Tuple tuple, int tick) {
        return table.find(worker, tuple, table.hash(tuple), tick) >= 0;
    }

    /** Looks the container up, and sends the SYN, or sends it again; false where it is time to give up. */
    boolean advance(int c, long now) {
        Port container = records.port(c);
        Bridge network = container.bridge();
        long high = segments.containerHigh(c);
        long low = segments.containerLow(c);
        long found = network.neighbourTable().lookup(high, low, network.tick(now));
        int retries = records.retries(c);
        if (found == Neighbours.UNKNOWN) {
            // The count of duplicates has no other meaning yet.
            int looks = records.dupAcks(c);
            GatewayAddresses gateway = network.gatewayAddresses();
            if (looks == LOOKS || gateway == null) {
                return false;
            }
            questions.ask(network, gateway, records.is(c, TcpState.IPV6), high, low, MacAddress.BROADCAST);
            records.dupAcks(c, looks + 1);
            sockets.wake(c, now + (LOOK_NANOS << looks), now);
            return true;
        }
        if (retries == HANDSHAKE_RETRIES) {
            return false;
        }
        records.dupAcks(c, 0);
        segments.containerMac(c, found & MacAddress.MASK);
        opening.ask(c);
        records.retries(c, retries + 1);
        sockets.wake(c, now + (HANDSHAKE_NANOS << retries), now);
        return true;
    }
}
