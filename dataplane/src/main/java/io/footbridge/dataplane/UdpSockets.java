package io.footbridge.dataplane;

import io.footbridge.nat.ConnectionTable;
import io.footbridge.nat.Filtering;
import io.footbridge.nat.FlowRequest;
import io.footbridge.nat.NatRule;
import io.footbridge.nat.Tuple;
import io.footbridge.tap.DatagramReceiver;
import io.footbridge.tap.Epoll;
import io.footbridge.tap.SystemCallException;
import io.footbridge.wire.DropReason;
import io.footbridge.wire.Ethernet;
import io.footbridge.wire.Frame;
import io.footbridge.wire.Ipv4;
import io.footbridge.wire.Ipv6;
import io.footbridge.wire.Protocol;
import io.footbridge.wire.Udp;
import io.footbridge.wire.VirtioNetHeader;
import java.lang.foreign.MemorySegment;

/**
 * UDP by sockets of the host: one for each address and port of a container, not connected, so that whomever it speaks with
 * sees the same port (RFC 4787 REQ-1). Owning worker only.
 */
final class UdpSockets implements SocketProtocol {
    static final int SOL_UDP = 17;
    static final int UDP_GRO = 104;

    /** Messages that are taken from a socket at a time: so many, or as many of bulk. */
    private static final int BULK_MESSAGES = 6;
    private static final int BULK_BYTES = 8192;

    private final HostDatagrams datagrams;
    private final MappedSockets sockets;
    private final UdpForwards forwards;
    private final MemorySegment memory;
    private final SocketTarget target = new SocketTarget();
    private final Tuple from = new Tuple();
    private final FlowRequest request = new FlowRequest();
    private int most = DatagramReceiver.MESSAGES;

    /**
     * None yet.
     *
     * @param protocol its number in epoll tokens
     * @param limit sockets that there may be
     */
    UdpSockets(HostDatagrams datagrams, Epoll epoll, int protocol, int limit, Questions questions) {
        this.datagrams = datagrams;
        this.memory = datagrams.buffers.memory();
        this.sockets = new MappedSockets(this::openSocket, epoll, protocol, datagrams.state, limit,
                datagrams.worker);
        this.forwards = new UdpForwards(datagrams, sockets, questions);
    }

    @Override
    public void listen(PublishedPort published) throws SystemCallException {
        forwards.open(published);
    }

    /** Takes it no longer, and ends what came in: datagrams know no end of their own. */
    @Override
    public void unlisten(PublishedPort published) {
        forwards.close(published);
    }

    private int openSocket(MappedSocket socket) {
        int descriptor = datagrams.open(socket, Protocol.UDP);
        if (descriptor >= 0) {
            datagrams.set(descriptor, SOL_UDP, UDP_GRO, 1);
            socket.keepsWhole = true;
        }
        return descriptor;
    }

    @Override
    public void enable(ConnectionTable table) {
        sockets.enable(table);
    }

    @Override
    public int open(Packet packet, int flow, SocketTarget to) {
        DatagramSession session = obtain(packet, flow);
        return session == null ? sockets.refusal() : send(packet, flow, session, to);
    }

    private DatagramSession obtain(Packet packet, int flow) {
        DatagramSession session = sockets.obtain(flow, packet.tuple, packet.ingress, packet.tick, packet.now);
        if (session == null) {
            datagrams.errors.prohibited(packet);
        }
        return session;
    }

    @Override
    public int packet(Packet packet, int flow) {
        DatagramSession session = sockets.sessions().of(flow);
        if (session != null && session.inbound) {
            target.high = session.high;
            target.low = session.low;
            target.port = session.port;
            return send(packet, flow, session, target);
        }
        SocketsRoute route = packet.from.socketsRoute();
        GatewayAddresses gateway = packet.from.gatewayAddresses();
        if (route == null || gateway == null || !target.find(packet.tuple, gateway, route.settings())) {
            datagrams.errors.noRoute(packet);
            return DropReason.NOT_SERVED.code();
        }
        if (session == null) {
            session = obtain(packet, flow);
        }
        return session == null ? sockets.refusal() : send(packet, flow, session, target);
    }

    private int send(Packet packet, int flow, DatagramSession session, SocketTarget to) {
        session.socket.last = session;
        session.used = packet.tick;
        session.socket.mac = Ethernet.source(memory, packet.frame);
        int refused = datagrams.tracking.packet(flow, memory, packet.frame, packet.parsed, false, packet.tick);
        if (refused < 0) {
            return refused;
        }
        boolean fragments = packet.isFragment();
        if (fragments) {
            int whole = datagrams.reassembly.accept(packet);
            if (whole != Reassembly.WHOLE) {
                return whole;
            }
            refused = datagrams.reassembly.complete(packet);
            if (refused < 0) {
                return refused;
            }
        }
        long udp = packet.transport();
        boolean several = VirtioNetHeader.gsoType(memory, packet.header()) == VirtioNetHeader.GSO_UDP_L4;
        int length = (several ? Frame.transportLength(packet.parsed) : Udp.length(memory, udp)) - Udp.HEADER_LENGTH;
        if (!several && !isRight(packet, udp)) {
            return DropReason.BAD_CHECKSUM.code();
        }
        int segment = several ? VirtioNetHeader.gsoSize(memory, packet.header()) : 0;
        if (segment >= length) {
            segment = 0;
        }
        datagrams.send(packet, session, sockets.sessions(), to, udp + Udp.HEADER_LENGTH, length, segment, fragments);
        return 0;
    }

    /** The flow ends here, so its checksum is for us to check, where the container's kernel has not vouched for it. */
    private boolean isRight(Packet packet, long udp) {
        int flags = VirtioNetHeader.flags(memory, packet.header());
        if ((flags & (VirtioNetHeader.NEEDS_CSUM | VirtioNetHeader.DATA_VALID)) != 0) {
            return true;
        }
        int length = Udp.length(memory, udp);
        return packet.isIpv6()
                ? Udp.checksum(memory, udp) != 0
                        && Udp.verify(memory, udp, Ipv6.pseudoHeader(memory, packet.network(), Protocol.UDP, length))
                : Udp.verify(memory, udp, Ipv4.pseudoHeader(memory, packet.network(), Protocol.UDP, length));
    }

    @Override
    public void flush() {
        datagrams.flush();
    }

    @Override
    public void ready(int number, int events, long now) {
        MappedSocket socket = sockets.at(number);
        if (socket == null) {
            return;
        }
        int tick = datagrams.routes.topology().tick(now);
        if ((events & Epoll.ERR) != 0) {
            datagrams.containerErrors.take(socket, sockets.sessions(), Protocol.UDP, tick);
        }
        DatagramReceiver receiver = datagrams.receiver;
        int count = receiver.receive(datagrams.state, socket.descriptor, most);
        long bytes = 0;
        for (int i = 0; i < count; i++) {
            bytes += receiver.length(i);
            received(i, socket, tick, now);
        }
        if (count > 0) {
            most = bytes > (long) count * BULK_BYTES ? BULK_MESSAGES : DatagramReceiver.MESSAGES;
        }
    }

    private void received(int message, MappedSocket socket, int tick, long now) {
        int flow;
        if (datagrams.receiver.isCut(message)) {
            flow = DropReason.TRUNCATED.code();
        } else if (socket.published != null) {
            flow = forwards.flow(message, socket, from, tick, now);
        } else {
            flow = flow(message, socket, tick);
        }
        if (flow < 0) {
            datagrams.frames.drop(socket.container, flow);
            return;
        }
        datagrams.frames.datagram(socket.container, socket.mac, flow, from, HostDatagrams.received(message),
                datagrams.receiver.length(message), datagrams.receiver.segmentSize(message), tick);
    }

    /** The flow of a datagram that came to a container's own socket. */
    private int flow(int message, MappedSocket socket, int tick) {
        if (!datagrams.readSender(message, socket, Protocol.UDP, datagrams.receiver.port(message), from)) {
            return DropReason.UNSOLICITED.code();
        }
        ConnectionTable table = datagrams.table;
        int flow = table.find(datagrams.worker, from, table.hash(from), tick);
        return flow < 0 ? letIn(socket, tick) : flow;
    }

    /** A flow for somebody who was not asked, where the network's filtering lets such in. */
    private int letIn(MappedSocket socket, int tick) {
        SocketsRoute route = socket.container.bridge().socketsRoute();
        Filtering filtering = route == null ? Filtering.ADDRESS_AND_PORT : route.settings().filtering();
        if (filtering == Filtering.ADDRESS_AND_PORT || filtering == Filtering.ADDRESS
                && !sockets.sessions().hasRemote(socket, from.sourceHigh(), from.sourceLow())) {
            return DropReason.UNSOLICITED.code();
        }
        NatRule rule = route.rule(socket.ipv6);
        request.original().set(from);
        request.translated().set(from);
        request.translated().realm(socket.realm);
        request.set(socket.owner, rule, null, false, 0);
        int flow = datagrams.table.open(datagrams.worker, request, tick);
        if (flow >= 0) {
            sockets.sessions().put(flow, socket, from.sourceHigh(), from.sourceLow(), from.sourcePort());
        }
        return flow;
    }

    @Override
    public void leave(Port port) {
        sockets.leave(port);
    }

    @Override
    public void tick(long now) {
        sockets.tick(now);
    }

    @Override
    public long deadline() {
        return sockets.deadline();
    }

    @Override
    public void free() {
        sockets.free();
    }
}
