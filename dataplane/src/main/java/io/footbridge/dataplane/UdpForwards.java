package io.footbridge.dataplane;

import io.footbridge.nat.FlowRequest;
import io.footbridge.nat.Tuple;
import io.footbridge.tap.DatagramReceiver;
import io.footbridge.tap.FileCalls;
import io.footbridge.tap.SystemCallException;
import io.footbridge.wire.DropReason;
import io.footbridge.wire.IpAddress;
import io.footbridge.wire.Ipv4;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv6;
import io.footbridge.wire.Ipv6Address;
import io.footbridge.wire.MacAddress;
import io.footbridge.wire.Protocol;
import io.footbridge.wire.Udp;

/**
 * One worker's published UDP ports: a socket of the host for each port and address. Owning worker only.
 *
 * <p>A client appears in the container as itself, and its session is tracked as one from it to the container's own port. One
 * that cannot be shown (loopback, link-local, of the container's own subnet, of the other family) appears as the gateway, each
 * with a port of its own. Answers leave by the socket, and from the address, that was asked. Where the socket stands for all
 * addresses, what else the container sends from that port leaves by it too, so that it is seen as the port that is published.
 */
final class UdpForwards {
    private static final int IPPROTO_IP = 0;
    private static final int IP_PKTINFO = 8;
    private static final int IPPROTO_IPV6 = 41;
    private static final int IPV6_RECVPKTINFO = 49;
    /** Ports that clients appear with which the container does not see: those of Linux's own clients. */
    private static final int FIRST_PORT = 32_768;
    private static final int PORTS = 28_232;
    /** Ports that are tried for such a client. */
    private static final int ATTEMPTS = 64;

    private final HostDatagrams datagrams;
    private final MappedSockets sockets;
    private final Questions questions;
    private final FlowRequest request = new FlowRequest();
    private int nextPort;

    UdpForwards(HostDatagrams datagrams, MappedSockets sockets, Questions questions) {
        this.datagrams = datagrams;
        this.sockets = sockets;
        this.questions = questions;
    }

    /** Opens the sockets of all ports of a range, or of none. */
    void open(PublishedPort published) throws SystemCallException {
        SocketForwards.open(published.forward(), (address, port, containerPort) -> open(published, address, port, containerPort),
                () -> sockets.unpublish(published));
    }

    private void open(PublishedPort published, IpAddress address, int port, int containerPort) throws SystemCallException {
        PortForward forward = published.forward();
        boolean ipv6 = !(address instanceof Ipv4Address);
        boolean inside6 = SocketForwards.isInsideIpv6(forward, ipv6);
        MappedSocket like = new MappedSocket(0);
        like.ipv6 = ipv6;
        like.high = published.insideHigh(inside6);
        like.low = published.insideLow(inside6);
        like.port = containerPort;
        like.container = forward.container();
        like.realm = forward.container().bridge().realm();
        int descriptor = datagrams.open(ipv6, Protocol.UDP, Tuple.high(address), ipv6 ? Tuple.low(address)
                : ((Ipv4Address) address).address(), port);
        if (descriptor < 0) {
            throw new SystemCallException("listen on " + (ipv6 ? "[" + address + "]" : address) + ":" + port + "/udp", -descriptor);
        }
        datagrams.set(descriptor, UdpSockets.SOL_UDP, UdpSockets.UDP_GRO, 1);
        datagrams.set(descriptor, ipv6 ? IPPROTO_IPV6 : IPPROTO_IP, ipv6 ? IPV6_RECVPKTINFO : IP_PKTINFO, 1);
        boolean everywhere = address.equals(Ipv4Address.UNSPECIFIED) || address.equals(Ipv6Address.UNSPECIFIED);
        boolean speaks = inside6 == ipv6 && everywhere;
        int added = sockets.publish(published, like, descriptor, speaks);
        if (added < 0) {
            FileCalls.close(datagrams.state, descriptor);
            throw new SystemCallException("wait for datagrams to port " + port, -added);
        }
    }

    /** Closes the sockets of a range, and ends the sessions that came in by them. */
    void close(PublishedPort published) {
        sockets.unpublish(published);
    }

    /**
     * The flow of a datagram that came to a published port, opened if need be.
     *
     * @param from gets its tuple as the container sees it, in the realm of the host's sockets
     * @return the flow, or the negative code of a reason to drop
     */
    int flow(int message, MappedSocket socket, Tuple from, int tick, long now) {
        Bridge bridge = socket.container.bridge();
        GatewayAddresses gateway = bridge.gatewayAddresses();
        DatagramReceiver receiver = datagrams.receiver;
        boolean inside6 = socket.isInsideIpv6();
        if (gateway == null || bridge.socketsRoute() == null || receiver.isIpv6(message) != socket.ipv6) {
            return DropReason.NO_EGRESS.code();
        }
        long high = socket.ipv6 ? receiver.high(message) : 0;
        long low = socket.ipv6 ? receiver.low(message) : Tuple.mapped(receiver.address(message));
        int port = receiver.port(message);
        from.protocol(Protocol.UDP, inside6);
        from.realm(datagrams.routes.topology().socketsRealm);
        from.destination(socket.high, socket.low, socket.port);
        if (SocketForwards.isShownAsItself(gateway, inside6, socket.ipv6, high, low)) {
            from.source(high, low, port);
            int flow = find(from, tick);
            DatagramSession known = flow < 0 ? null : sockets.sessions().of(flow);
            if (flow >= 0 && (known == null || known.socket == socket)) {
                asked(known == null ? enter(flow, socket, from, message) : known, message);
                return flow;
            }
            if (flow < 0) {
                flow = open(socket, from, receiver.length(message), tick, now);
                if (flow >= 0) {
                    enter(flow, socket, from, message);
                }
                return flow;
            }
            // It has asked by another port of the host for the same of the container's, and must not get its answers mixed up.
        }
        if (inside6 ? !gateway.hasIpv6 : !gateway.hasIpv4) {
            return DropReason.UNSOLICITED.code();
        }
        return hidden(message, socket, gateway, from, high, low, port, tick, now);
    }

    private int find(Tuple from, int tick) {
        return datagrams.table.find(datagrams.worker, from, datagrams.table.hash(from), tick);
    }

    private int hidden(int message, MappedSocket socket, GatewayAddresses gateway, Tuple from, long high, long low, int port,
            int tick, long now) {
        long seenHigh = from.isIpv6() ? gateway.ipv6High : 0;
        long seenLow = from.isIpv6() ? gateway.ipv6Low : Tuple.mapped(gateway.ipv4);
        DatagramReceiver receiver = datagrams.receiver;
        DatagramSession known = sockets.sessions().hidden(socket, high, low, port);
        if (known == null && HostDatagrams.isLoopback(socket.ipv6, high, low)) {
            from.source(seenHigh, seenLow, port);
            int asked = find(from, tick);
            DatagramSession outbound = asked < 0 ? null : sockets.sessions().of(asked);
            if (outbound != null && outbound.socket == socket && !outbound.inbound) {
                // The container has asked the host by its gateway.
                return asked;
            }
        }
        if (known != null) {
            from.source(seenHigh, seenLow, known.seenPort);
            int flow = find(from, tick);
            if (flow >= 0 && sockets.sessions().of(flow) == known) {
                asked(known, message);
                return flow;
            }
        }
        int wanted = port >= FIRST_PORT ? port : FIRST_PORT + nextPort++ % PORTS;
        for (int i = 0; i < ATTEMPTS; i++) {
            from.source(seenHigh, seenLow, wanted);
            if (find(from, tick) < 0) {
                int flow = open(socket, from, receiver.length(message), tick, now);
                if (flow != DropReason.NO_FREE_PORT.code()) {
                    if (flow >= 0) {
                        sockets.sessions().hide(enter(flow, socket, from, message));
                    }
                    return flow;
                }
            }
            nextPort = nextPort + 1 & Integer.MAX_VALUE;
            wanted = FIRST_PORT + nextPort % PORTS;
        }
        return DropReason.NO_FREE_PORT.code();
    }

    private int open(MappedSocket socket, Tuple from, int length, int tick, long now) {
        Port container = socket.container;
        if (!container.isAttached() || container.flowOwner() == null) {
            return DropReason.UNSOLICITED.code();
        }
        if (!findMac(socket)) {
            return DropReason.NEIGHBOUR.code();
        }
        request.original().set(from);
        request.translated().set(from);
        request.translated().realm(socket.realm);
        request.set(container.flowOwner(), socket.published.rule(), null, false, 0);
        sockets.watch(now);
        int flow = datagrams.table.open(datagrams.worker, request, tick);
        if (flow >= 0) {
            socket.published.rule().count(length + Udp.HEADER_LENGTH
                    + (from.isIpv6() ? Ipv6.HEADER_LENGTH : Ipv4.MIN_HEADER_LENGTH));
        }
        return flow;
    }

    /** Where the container is on its network; one that was never heard of is asked for, and the datagram lost. */
    private boolean findMac(MappedSocket socket) {
        Bridge bridge = socket.container.bridge();
        long found = bridge.neighbourTable().lookup(socket.high, socket.low, bridge.tick());
        if (found == Neighbours.UNKNOWN) {
            if (socket.mac == 0) {
                questions.ask(bridge, bridge.gatewayAddresses(), socket.isInsideIpv6(), socket.high, socket.low,
                        MacAddress.BROADCAST);
            }
            return socket.mac != 0;
        }
        socket.mac = found & MacAddress.MASK;
        return true;
    }

    private DatagramSession enter(int flow, MappedSocket socket, Tuple from, int message) {
        DatagramReceiver receiver = datagrams.receiver;
        DatagramSession session = sockets.sessions().put(flow, socket, from.sourceHigh(), from.sourceLow(), from.sourcePort());
        session.inbound = true;
        session.high = socket.ipv6 ? receiver.high(message) : 0;
        session.low = socket.ipv6 ? receiver.low(message) : Tuple.mapped(receiver.address(message));
        session.port = receiver.port(message);
        session.scope = socket.ipv6 ? receiver.scope(message) : 0;
        asked(session, message);
        return session;
    }

    /** Answers come from the address that was asked last. */
    private void asked(DatagramSession session, int message) {
        if (session.inbound) {
            boolean ipv6 = session.socket.ipv6;
            session.localHigh = ipv6 ? datagrams.receiver.localHigh(message) : 0;
            session.localLow = ipv6 ? datagrams.receiver.localLow(message) : datagrams.receiver.localAddress(message);
        }
    }
}
