package io.footbridge.dataplane;

import io.footbridge.nat.ConnectionTable;
import io.footbridge.nat.FlowRequest;
import io.footbridge.nat.NatRule;
import io.footbridge.nat.Owner;
import io.footbridge.tap.CallState;
import io.footbridge.tap.Epoll;
import io.footbridge.tap.FrameBuffers;
import io.footbridge.tap.SystemCallException;
import io.footbridge.wire.DropReason;
import io.footbridge.wire.Frame;
import io.footbridge.wire.Protocol;
import io.footbridge.wire.Tcp;
import java.util.concurrent.TimeUnit;

/**
 * A worker's half of the uplink of host sockets: opens flows in the connection table, and hands packets and ready descriptors
 * to the protocol that they are of. Owning worker only.
 *
 * <p>To the connection table such a flow is one that is only tracked: it reads the same on both sides, and goes to a realm of
 * its own, in which there are no frames. A descriptor's epoll token says whose it is: the protocol in the upper bits, and
 * below them a number of the protocol's own.
 */
final class WorkerSockets implements SocketFlows {
    /** The numbers of a protocol's descriptors are below this. */
    static final int NUMBERS = 1 << 28;

    /** How much memory behind the router's a worker needs. */
    static final long MEMORY = Reassembly.MEMORY;

    private static final int PROTOCOL_SHIFT = 28;
    private static final int UDP = 2;
    private static final int ECHO = 3;
    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);

    private final int worker;
    private final Egress egress;
    private final RouterErrors errors;
    private final Routes routes;
    private final TcpSockets tcp;
    private final TcpStrays strays;
    private final SocketProtocol udp;
    private final SocketProtocol echo;
    private final HostDatagrams datagrams;
    /** By their number in a token. */
    private final SocketProtocol[] protocols;
    private final FlowRequest request = new FlowRequest();
    private final SocketTarget target = new SocketTarget();
    /** Null until something is routed. */
    private ConnectionTable table;

    WorkerSockets(int worker, Epoll epoll, FrameBuffers buffers, Gateway gateway, Egress egress, Routes routes) {
        this.worker = worker;
        this.egress = egress;
        this.errors = gateway.newRouterErrors();
        this.routes = routes;
        this.strays = new TcpStrays(gateway.answers());
        this.tcp = new TcpSockets(worker, epoll, gateway, egress, errors, routes, new CallState());
        this.datagrams = new HostDatagrams(worker, buffers, RouteBatch.MEMORY, gateway, egress, routes);
        int limit = DescriptorLimit.share();
        this.udp = new UdpSockets(datagrams, epoll, UDP, limit, gateway.questions());
        this.echo = new EchoSockets(datagrams, epoll, ECHO, limit);
        this.protocols = new SocketProtocol[] {null, tcp, udp, echo};
    }

    /** The epoll token of a descriptor of the protocol with this place in {@link #protocols}. */
    static int token(int protocol, int number) {
        return protocol << PROTOCOL_SHIFT | number;
    }

    /** Whether a token is of a socket. */
    static boolean isOurs(int token) {
        return token >= NUMBERS;
    }

    @Override
    public void enable(ConnectionTable of, long seed) {
        table = of;
        datagrams.enable(of, seed);
        tcp.seed(seed);
        tcp.enable(of);
        udp.enable(of);
        echo.enable(of);
    }

    private SocketProtocol of(int protocol) {
        return switch (protocol) {
            case Protocol.TCP -> tcp;
            case Protocol.UDP -> udp;
            case Protocol.ICMP, Protocol.ICMPV6 -> echo;
            default -> null;
        };
    }

    @Override
    public int open(Packet packet, SocketsRoute route) {
        SocketProtocol protocol = of(packet.tuple.protocol());
        if (protocol == null) {
            errors.noRoute(packet);
            return DropReason.NO_UPLINK.code();
        }
        if (!target.find(packet.tuple, packet.from.gatewayAddresses(), route.settings())) {
            errors.noRoute(packet);
            return DropReason.NOT_SERVED.code();
        }
        request.original().set(packet.tuple);
        request.translated().set(packet.tuple);
        request.translated().realm(packet.topology.socketsRealm);
        NatRule rule = route.rule(packet.isIpv6());
        Owner owner = packet.ingress.flowOwner();
        request.set(owner, rule, null, true, packet.protocol() == Protocol.TCP ? Tcp.flags(packet.memory, packet.transport()) : 0);
        int flow = table.open(worker, request, packet.tick);
        if (flow < 0) {
            errors.prohibited(packet);
            return flow;
        }
        rule.count(Frame.packetLength(packet.parsed));
        int opened = protocol.open(packet, flow, target);
        if (opened < 0) {
            table.remove(worker, flow);
            return opened;
        }
        return NewFlows.ANSWERED;
    }

    @Override
    public void stray(Packet packet) {
        if (packet.protocol() == Protocol.TCP) {
            strays.answer(packet);
        }
    }

    @Override
    public int packet(Packet packet, int flow) {
        SocketProtocol protocol = of(packet.tuple.protocol());
        return protocol == null ? DropReason.NO_UPLINK.code() : protocol.packet(packet, flow);
    }

    @Override
    public void flush() {
        for (int i = 1; i < protocols.length; i++) {
            protocols[i].flush();
        }
    }

    /** Serves a descriptor that is ready; {@code token} is one that {@link #isOurs}. */
    void ready(int token, int events, long now) {
        protocols[token >>> PROTOCOL_SHIFT].ready(token & NUMBERS - 1, events, now);
        egress.flush();
    }

    /** Takes what comes to ports of the host that lead to a container of this worker's. */
    void listen(PublishedPort published) throws SystemCallException {
        of(published.forward().protocol()).listen(published);
    }

    /** Takes it no longer. */
    void unlisten(PublishedPort published) {
        of(published.forward().protocol()).unlisten(published);
    }

    /** Ends what leads to a port that has left its bridge. */
    void leave(Port port) {
        for (int i = 1; i < protocols.length; i++) {
            protocols[i].leave(port);
        }
        egress.flush();
    }

    /** Does what is due. */
    void tick(long now) {
        if (deadline() - now <= 0) {
            for (int i = 1; i < protocols.length; i++) {
                protocols[i].tick(now);
            }
            egress.flush();
        }
    }

    private long deadline() {
        return Math.min(Math.min(tcp.deadline(), udp.deadline()), echo.deadline());
    }

    /** For how many milliseconds the worker may sleep; negative for as long as it likes. */
    int patienceMillis(long now) {
        long deadline = deadline();
        return deadline == Long.MAX_VALUE ? -1 : Math.clamp((deadline - now + MILLI - 1) / MILLI, 0, Integer.MAX_VALUE);
    }

    /** How many TCP connections there are; for tests. */
    int tcpCount() {
        return tcp.records().count();
    }

    /** For how many TCP connections at once there has been memory; for tests. */
    int tcpPlaces() {
        return tcp.records().limit();
    }

    /** The cycle's time in the connection table's ticks. */
    int tickOf(long now) {
        return routes.topology().tick(now);
    }

    void free() {
        for (int i = 1; i < protocols.length; i++) {
            protocols[i].free();
        }
        datagrams.free();
    }
}
