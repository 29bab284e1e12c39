package io.footbridge.dataplane;

import io.footbridge.nat.ConnectionTable;
import io.footbridge.nat.Tracking;
import io.footbridge.nat.Tuple;
import io.footbridge.tap.CallState;
import io.footbridge.tap.DatagramReceiver;
import io.footbridge.tap.DatagramSender;
import io.footbridge.tap.Errno;
import io.footbridge.tap.FileCalls;
import io.footbridge.tap.FrameBuffers;
import io.footbridge.tap.Sockaddr;
import io.footbridge.tap.SocketCalls;
import io.footbridge.wire.BigEndian;
import io.footbridge.wire.DropReason;
import io.footbridge.wire.Ipv4;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv6;
import io.footbridge.wire.Protocol;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * What UDP and echo have in common of a worker: datagrams from containers wait here until their batch has been decided, and
 * are sent from where they lie; those of one length in a row from one socket to one place go as one message. Owning worker
 * only.
 *
 * <p>Whether a datagram may be fragmented on its way is the container's to say, by DF: its socket is set so that the kernel
 * refuses what is too long for the path, and the container is told its MTU, as a router would. For datagrams without DF, and
 * those that came in fragments, the socket is set the other way for a while.
 */
final class HostDatagrams {
    /** Where in a slot of the frame buffers a payload is received. */
    private static final int PAYLOAD = FrameBuffers.HEADROOM + ContainerFrames.HEADROOM + 2;
    /** More than any datagram. */
    private static final int CAPACITY = 1 << 16;
    /** Hops that a datagram is given unless it has fewer: below this, somebody is tracing the route. */
    private static final int USUAL_HOPS = 32;
    /** Bytes of a socket's buffers, as far as the system lets have them. */
    private static final int BUFFER = 4 << 20;

    private static final int SOL_SOCKET = 1;
    private static final int SO_SNDBUF = 7;
    private static final int SO_RCVBUF = 8;
    private static final int IPPROTO_IP = 0;
    private static final int IP_MTU_DISCOVER = 10;
    private static final int IP_RECVERR = 11;
    private static final int IPPROTO_IPV6 = 41;
    private static final int IPV6_MTU_DISCOVER = 23;
    private static final int IPV6_RECVERR = 25;
    private static final int IPV6_V6ONLY = 26;
    private static final int PMTUDISC_DONT = 0;
    private static final int PMTUDISC_DO = 2;
    private static final int FLAGS = SocketCalls.SOCK_NONBLOCK | SocketCalls.SOCK_CLOEXEC;
    private static final ValueLayout.OfShort NETWORK_SHORT = ValueLayout.JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN);
    private static final long LOOPBACK4 = Tuple.mapped(Ipv4Address.parse("127.0.0.1").address());

    final int worker;
    final FrameBuffers buffers;
    final CallState state;
    final Routes routes;
    final RouterErrors errors;
    final ContainerFrames frames;
    final ContainerErrors containerErrors;
    final DatagramReceiver receiver;
    final Reassembly reassembly;
    ConnectionTable table;
    Tracking tracking;

    private final Arena arena = Arena.ofShared();
    private final DatagramSender sender;
    private final MemorySegment value = arena.allocate(ValueLayout.JAVA_INT);
    private final MemorySegment name = arena.allocate(Sockaddr.LENGTH_INET6, 8);
    /** The packets that wait, by message; of one that is several datagrams, the first. */
    private final Packet[] waiting = new Packet[DatagramSender.MESSAGES];
    private final DatagramSession[] sessions = new DatagramSession[DatagramSender.MESSAGES];
    private final DatagramSessions[] kept = new DatagramSessions[DatagramSender.MESSAGES];
    private final int[] protocols = new int[DatagramSender.MESSAGES];
    private int lastHops;

    /** @param more offset in the buffers of {@link Reassembly#MEMORY} bytes */
    HostDatagrams(int worker, FrameBuffers buffers, long more, Gateway gateway, Egress egress, Routes routes) {
        this.worker = worker;
        this.buffers = buffers;
        this.state = buffers.state();
        this.routes = routes;
        this.errors = gateway.newRouterErrors();
        this.frames = new ContainerFrames(worker, buffers, egress);
        this.containerErrors = new ContainerErrors(worker, buffers, egress, arena);
        this.receiver = new DatagramReceiver(arena, buffers.address() + FrameBuffers.slot(0) + PAYLOAD,
                FrameBuffers.slot(1) - FrameBuffers.slot(0), CAPACITY);
        this.reassembly = new Reassembly(buffers.memory(), more);
        this.sender = new DatagramSender(arena);
        for (int i = 0; i < waiting.length; i++) {
            waiting[i] = new Packet(buffers.memory());
        }
    }

    void enable(ConnectionTable of, long seed) {
        table = of;
        tracking = new Tracking(of);
        frames.enable(of, seed);
        containerErrors.enable(of);
    }

    /** Where message {@code index} of the receiver's lies in the buffers. */
    static long received(int index) {
        return FrameBuffers.slot(index) + PAYLOAD;
    }

    /**
     * A socket of the host for a container's port, bound to the same port if that is free; of all addresses, or of the one that
     * the network's flows leave from.
     *
     * @return its descriptor, or the negated error number
     */
    int open(MappedSocket socket, int protocol) {
        SocketsRoute route = socket.container.bridge().socketsRoute();
        SocketsSettings settings = route == null ? SocketsSettings.DEFAULT : route.settings();
        long high = settings.fromHigh(socket.ipv6);
        long low = settings.fromLow(socket.ipv6);
        int descriptor = newSocket(socket.ipv6, protocol);
        if (descriptor >= 0 && bind(descriptor, socket.ipv6, high, low, socket.port) < 0) {
            // Somebody has it, or it is for the privileged: any other.
            int bound = bind(descriptor, socket.ipv6, high, low, 0);
            if (bound < 0) {
                FileCalls.close(state, descriptor);
                return bound;
            }
        }
        return descriptor;
    }

    /**
     * A socket of the host, bound to an address and port.
     *
     * @param low the lower half of an IPv6 address, or an IPv4 address
     * @return its descriptor, or the negated error number
     */
    int open(boolean ipv6, int protocol, long high, long low, int port) {
        int descriptor = newSocket(ipv6, protocol);
        int bound = descriptor < 0 ? descriptor : bind(descriptor, ipv6, high, low, port);
        if (bound < 0 && descriptor >= 0) {
            FileCalls.close(state, descriptor);
        }
        return bound < 0 ? bound : descriptor;
    }

    private int newSocket(boolean ipv6, int protocol) {
        int descriptor = SocketCalls.socket(state, ipv6 ? SocketCalls.AF_INET6 : SocketCalls.AF_INET,
                SocketCalls.SOCK_DGRAM | FLAGS, protocol);
        if (descriptor < 0) {
            return descriptor;
        }
        set(descriptor, SOL_SOCKET, SO_RCVBUF, BUFFER);
        set(descriptor, SOL_SOCKET, SO_SNDBUF, BUFFER);
        if (ipv6) {
            set(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, 1);
            set(descriptor, IPPROTO_IPV6, IPV6_RECVERR, 1);
        } else {
            set(descriptor, IPPROTO_IP, IP_RECVERR, 1);
        }
        keepWhole(descriptor, ipv6, true);
        return descriptor;
    }

    private int bind(int descriptor, boolean ipv6, long high, long low, int port) {
        name.fill((byte) 0);
        name.set(ValueLayout.JAVA_SHORT, 0, (short) (ipv6 ? SocketCalls.AF_INET6 : SocketCalls.AF_INET));
        name.set(NETWORK_SHORT, Sockaddr.PORT, (short) port);
        if (ipv6) {
            BigEndian.i64(name, Sockaddr.ADDRESS_INET6, high);
            BigEndian.i64(name, Sockaddr.ADDRESS_INET6 + Long.BYTES, low);
        } else {
            BigEndian.i32(name, Sockaddr.ADDRESS_INET, (int) low);
        }
        return SocketCalls.bind(state, descriptor, ipv6 ? name : name.asSlice(0, Sockaddr.LENGTH_INET));
    }

    /** Sets an option; one that the kernel does not know is done without. */
    void set(int descriptor, int level, int option, int to) {
        value.set(ValueLayout.JAVA_INT, 0, to);
        SocketCalls.setsockopt(state, descriptor, level, option, value);
    }

    private void keepWhole(int descriptor, boolean ipv6, boolean whole) {
        set(descriptor, ipv6 ? IPPROTO_IPV6 : IPPROTO_IP, ipv6 ? IPV6_MTU_DISCOVER : IP_MTU_DISCOVER,
                whole ? PMTUDISC_DO : PMTUDISC_DONT);
    }

    /**
     * Takes a datagram from a container. What cannot be sent is counted at its port, and its sender told, when the batch has
     * been decided.
     *
     * @param session that it is of
     * @param sessionsOf those of its protocol
     * @param packet that it is; it stays where it is until {@link #flush}, unless it was put together of fragments
     * @param payload offset of what is sent, {@code length} bytes
     * @param segment bytes of each datagram where there are several in a row, else 0
     */
    void send(Packet packet, DatagramSession session, DatagramSessions sessionsOf, SocketTarget target, long payload, int length,
            int segment, boolean fragments) {
        MappedSocket socket = session.socket;
        boolean whole = !fragments && (packet.isIpv6() || Ipv4.dontFragment(packet.memory, packet.network()));
        int hops = (packet.isIpv6() ? Ipv6.hopLimit(packet.memory, packet.network())
                : Ipv4.timeToLive(packet.memory, packet.network())) - 1;
        int fewer = hops < USUAL_HOPS ? hops : 0;
        long data = buffers.address() + payload;
        int last = sender.count() - 1;
        if (whole != socket.keepsWhole) {
            flush();
            keepWhole(socket.descriptor, socket.ipv6, whole);
            socket.keepsWhole = whole;
        } else if (segment == 0 && last >= 0 && sessions[last] == session && lastHops == fewer && packet.protocol() == Protocol.UDP
                && sender.join(data, length)) {
            return;
        }
        if (sender.isFull()) {
            flush();
        }
        kept[sender.count()] = sessionsOf;
        add(packet, session, target, data, length);
        if (segment > 0) {
            sender.segment(segment);
        }
        if (session.inbound && socket.ipv6) {
            sender.from(session.localHigh, session.localLow);
        } else if (session.inbound) {
            sender.from((int) session.localLow);
        }
        if (fewer > 0) {
            sender.hops(socket.ipv6, fewer);
        }
        lastHops = fewer;
        if (fragments) {
            flush();
        }
    }

    private void add(Packet packet, DatagramSession session, SocketTarget target, long data, int length) {
        MappedSocket socket = session.socket;
        int message = sender.count();
        if (socket.ipv6) {
            sender.add(socket.descriptor, target.high, target.low, target.port, session.inbound ? session.scope : 0, data, length);
        } else {
            sender.add(socket.descriptor, (int) target.low, target.port, data, length);
        }
        Packet waits = waiting[message];
        waits.set(packet.frame, packet.size, packet.parsed, packet.tuple);
        waits.ingress = packet.ingress;
        waits.from = packet.from;
        waits.topology = packet.topology;
        waits.now = packet.now;
        waits.tick = packet.tick;
        protocols[message] = packet.protocol();
        sessions[message] = session;
    }

    /** Sends what waits. */
    void flush() {
        if (sender.count() == 0) {
            return;
        }
        sender.send(state);
        for (int i = 0; i < sender.count(); i++) {
            if (sender.result(i) < 0) {
                failed(i, sender.result(i));
            }
            sessions[i] = null;
        }
        sender.clear();
    }

    private void failed(int message, int error) {
        Packet packet = waiting[message];
        DropReason reason;
        if (Errno.EAGAIN.is(error) || Errno.ENOBUFS.is(error) || Errno.ENOMEM.is(error)) {
            reason = DropReason.EGRESS_FULL;
        } else if (Errno.EMSGSIZE.is(error)) {
            int mtu = containerErrors.take(sessions[message].socket, kept[message], protocols[message], packet.tick);
            if (mtu > 0) {
                errors.tooBig(packet, mtu);
            }
            reason = DropReason.MTU;
        } else if (Errno.ENETUNREACH.is(error) || Errno.EADDRNOTAVAIL.is(error)) {
            errors.noRoute(packet);
            reason = DropReason.NO_UPLINK;
        } else if (Errno.EHOSTUNREACH.is(error)) {
            errors.noNeighbour(packet);
            reason = DropReason.NEIGHBOUR;
        } else if (Errno.EACCES.is(error) || Errno.EPERM.is(error)) {
            errors.prohibited(packet);
            reason = DropReason.EGRESS_REFUSED;
        } else {
            reason = DropReason.EGRESS_REFUSED;
        }
        packet.ingress.lane(worker).counters.dropped(reason);
    }

    /**
     * Reads who sent a message to a socket, and the container that it is for.
     *
     * @param port the sender's
     * @param into gets the tuple, in the realm of the host's sockets
     * @return false where no container may hear from that address
     */
    boolean readSender(int message, MappedSocket socket, int protocol, int port, Tuple into) {
        GatewayAddresses gateway = socket.container.bridge().gatewayAddresses();
        if (gateway == null || receiver.isIpv6(message) != socket.ipv6) {
            return false;
        }
        long high = socket.ipv6 ? receiver.high(message) : 0;
        long low = socket.ipv6 ? receiver.low(message) : Tuple.mapped(receiver.address(message));
        if (isLoopback(socket.ipv6, high, low)) {
            SocketsRoute route = socket.container.bridge().socketsRoute();
            if (route == null || !route.settings().hostLoopback()) {
                return false;
            }
            high = socket.ipv6 ? gateway.ipv6High : 0;
            low = socket.ipv6 ? gateway.ipv6Low : Tuple.mapped(gateway.ipv4);
        }
        into.protocol(protocol, socket.ipv6);
        into.realm(routes.topology().socketsRealm);
        into.source(high, low, port);
        into.destination(socket.high, socket.low, socket.port);
        return true;
    }

    /** Whether an address is that of the host's loopback to which gateways lead. */
    static boolean isLoopback(boolean ipv6, long high, long low) {
        return ipv6 ? high == 0 && low == 1 : low == LOOPBACK4;
    }

    void free() {
        arena.close();
    }
}
