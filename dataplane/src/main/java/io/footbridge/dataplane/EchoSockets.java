package io.footbridge.dataplane;

import io.footbridge.nat.ConnectionTable;
import io.footbridge.nat.Tuple;
import io.footbridge.tap.DatagramReceiver;
import io.footbridge.tap.Epoll;
import io.footbridge.tap.Errno;
import io.footbridge.wire.DropReason;
import io.footbridge.wire.Ethernet;
import io.footbridge.wire.Frame;
import io.footbridge.wire.Icmp;
import io.footbridge.wire.Icmpv6;
import io.footbridge.wire.Protocol;
import java.lang.foreign.MemorySegment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * ICMP and ICMPv6 echo by ping sockets of the host (icmp(7)), which need no privilege where net.ipv4.ping_group_range has one
 * of the process's groups: one for each address and identifier of a container. The kernel puts the socket's identifier in, so
 * that of the replies is put back. Owning worker only.
 */
final class EchoSockets implements SocketProtocol {
    private static final Logger LOG = LoggerFactory.getLogger(EchoSockets.class);

    private final HostDatagrams datagrams;
    private final MappedSockets sockets;
    private final MemorySegment memory;
    private final SocketTarget target = new SocketTarget();
    private final Tuple from = new Tuple();
    private boolean complained;

    /**
     * None yet.
     *
     * @param protocol its number in epoll tokens
     * @param limit sockets that there may be
     */
    EchoSockets(HostDatagrams datagrams, Epoll epoll, int protocol, int limit) {
        this.datagrams = datagrams;
        this.memory = datagrams.buffers.memory();
        this.sockets = new MappedSockets(this::openSocket, epoll, protocol, datagrams.state, limit,
                datagrams.worker);
    }

    private int openSocket(MappedSocket socket) {
        int descriptor = datagrams.open(socket, protocol(socket));
        if ((Errno.EACCES.is(descriptor) || Errno.EPERM.is(descriptor)) && !complained) {
            complained = true;
            LOG.warn("ping from containers: the kernel lets this process have no ping socket; set net.ipv4.ping_group_range "
                    + "so that it has one of its groups, as in: sysctl -w net.ipv4.ping_group_range='0 2147483647'");
        }
        socket.keepsWhole = descriptor >= 0;
        return descriptor;
    }

    private static int protocol(MappedSocket socket) {
        return socket.ipv6 ? Protocol.ICMPV6 : Protocol.ICMP;
    }

    @Override
    public void enable(ConnectionTable table) {
        sockets.enable(table);
    }

    @Override
    public int open(Packet packet, int flow, SocketTarget to) {
        if (!packet.isEchoRequest()) {
            datagrams.errors.prohibited(packet);
            return DropReason.NOT_SERVED.code();
        }
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
        if (!packet.isEchoRequest()) {
            return DropReason.BAD_STATE.code();
        }
        SocketsRoute route = packet.from.socketsRoute();
        GatewayAddresses gateway = packet.from.gatewayAddresses();
        if (route == null || gateway == null || !target.find(packet.tuple, gateway, route.settings())) {
            datagrams.errors.noRoute(packet);
            return DropReason.NOT_SERVED.code();
        }
        DatagramSession session = sockets.sessions().of(flow);
        if (session == null) {
            session = obtain(packet, flow);
        }
        return session == null ? sockets.refusal() : send(packet, flow, session, target);
    }

    private int send(Packet packet, int flow, DatagramSession session, SocketTarget to) {
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
            if (!isRight(packet)) {
                return DropReason.BAD_CHECKSUM.code();
            }
        }
        to.port = 0;
        datagrams.send(packet, session, sockets.sessions(), to, packet.transport(), Frame.transportLength(packet.parsed), 0, fragments);
        return 0;
    }

    /** Of a packet that came in fragments; others have been looked at. */
    private boolean isRight(Packet packet) {
        int length = Frame.transportLength(packet.parsed);
        return packet.isIpv6() ? Icmpv6.verify(memory, packet.network(), packet.transport(), length)
                : Icmp.verify(memory, packet.transport(), length);
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
            datagrams.containerErrors.take(socket, sockets.sessions(), protocol(socket), tick);
        }
        int count = datagrams.receiver.receive(datagrams.state, socket.descriptor, DatagramReceiver.MESSAGES);
        for (int i = 0; i < count; i++) {
            received(i, socket, tick);
        }
    }

    private void received(int message, MappedSocket socket, int tick) {
        int protocol = protocol(socket);
        int request = socket.ipv6 ? Icmpv6.ECHO_REQUEST : Icmp.ECHO_REQUEST;
        int reply = socket.ipv6 ? Icmpv6.ECHO_REPLY : Icmp.ECHO_REPLY;
        long icmp = HostDatagrams.received(message);
        int length = datagrams.receiver.length(message);
        if (datagrams.receiver.isCut(message) || length < Icmp.HEADER_LENGTH || Icmp.type(memory, icmp) != reply
                || !datagrams.readSender(message, socket, protocol, request, from)) {
            datagrams.frames.drop(socket.container, DropReason.UNSOLICITED.code());
            return;
        }
        int flow = datagrams.table.find(datagrams.worker, from, datagrams.table.hash(from), tick);
        if (flow < 0) {
            datagrams.frames.drop(socket.container, DropReason.UNSOLICITED.code());
            return;
        }
        Icmp.identifier(memory, icmp, socket.port);
        datagrams.frames.icmp(socket.container, socket.mac, flow, from, icmp, length, tick);
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
