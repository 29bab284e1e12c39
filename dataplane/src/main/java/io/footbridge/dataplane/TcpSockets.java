package io.footbridge.dataplane;

import io.footbridge.nat.ConnectionTable;
import io.footbridge.tap.CallState;
import io.footbridge.tap.Epoll;
import io.footbridge.tap.Errno;
import io.footbridge.tap.SystemCallException;
import io.footbridge.wire.DropReason;
import io.footbridge.wire.Ethernet;
import io.footbridge.wire.Frame;
import io.footbridge.wire.Tcp;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;

/**
 * TCP between containers and sockets of the host, translated, not buffered: this end speaks TCP with the container
 * ({@link TcpInput}, {@link TcpOutput}), the kernel speaks it with the peer, and in between there are only numbers.
 *
 * <p><b>A cycle.</b> Packets and ready sockets change what the record says and put the connection on a list; at the cycle's
 * end each of the list is served once: acknowledged bytes leave the socket's queue, data goes to the container, and if none
 * did, one acknowledgement for all that came. Only data from the container goes to the socket at once, from where it stands.
 *
 * <p><b>Sessions end</b> in the connection table too: by time, by people, by the port's leaving. Each connection is visited
 * every few seconds by its timer, and one whose session is gone is reset. Owning worker only.
 */
final class TcpSockets implements SocketProtocol, TcpTimers.Visitor {
    private static final int NUMBER = 1;
    private static final int READ_EVENTS = Epoll.IN | Epoll.RDHUP | Epoll.HUP | Epoll.ERR;
    private static final int END_EVENTS = Epoll.RDHUP | Epoll.HUP | Epoll.ERR;

    /** RFC 6298 asks for a second over networks; the container is on this host, and Linux's own least is this. */
    private static final long RETRANSMISSION_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long HANDSHAKE_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int HANDSHAKE_RETRIES = 5;
    private static final int MAX_BACKOFF = 7;
    private static final int MAX_PROBES = 8;
    /** Halves of one protocol's share of descriptors: a connection needs one of its own, where datagrams share theirs. */
    private static final int SHARES = 3;
    /** A container that says nothing for so long, though it was asked, is gone. */
    private static final long SILENCE_NANOS = TimeUnit.SECONDS.toNanos(100);
    /** Below the time-out of an established session, which an answer renews. */
    private static final long KEEP_ALIVE_NANOS = TimeUnit.HOURS.toNanos(2);
    /** As long as Linux waits for the other side's FIN when nobody waits for its data. */
    private static final long HALF_CLOSED_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final Routes routes;
    private final Epoll epoll;
    private final HostStreams host;
    private final TcpRecords records;
    private final TcpTimers timers;
    private final TcpSegments segments;
    private final TcpInput input;
    private final TcpOutput output;
    private final TcpOpening opening;
    private final TcpReceiveWindow window;
    private final TcpSessions sessions;
    private final TcpInwards inwards;
    private final TcpListeners listeners;
    private final TcpQueue queue;
    /** The cycle's time when something was queued. */
    private long cycle;

    TcpSockets(int worker, Epoll epoll, Gateway gateway, Egress egress, RouterErrors errors, Routes routes, CallState state) {
        this.routes = routes;
        this.epoll = epoll;
        this.host = new HostStreams(state);
        try {
            this.records = new TcpRecords(worker, SHARES * DescriptorLimit.share() / 2);
        } catch (IOException full) {
            throw new UncheckedIOException(full);
        }
        this.timers = new TcpTimers(records);
        this.queue = new TcpQueue(records);
        this.segments = new TcpSegments(gateway.answers(), egress, records);
        this.output = new TcpOutput(records, host, segments);
        this.input = new TcpInput(records, host, segments, output);
        this.opening = new TcpOpening(records, host, segments, egress, errors);
        this.window = new TcpReceiveWindow(records, host, segments, epoll);
        this.sessions = new TcpSessions(worker);
        this.inwards = new TcpInwards(worker, this, records, host, segments, opening, gateway.questions(), routes);
        this.listeners = new TcpListeners(host, epoll, inwards);
    }

    /** Keys what must not be guessed; before {@link #enable}. */
    void seed(long seed) {
        opening.seed(seed);
    }

    @Override
    public void enable(ConnectionTable table) {
        segments.enable(table);
        sessions.enable(table);
        inwards.enable(table);
    }

    TcpRecords records() {
        return records;
    }

    @Override
    public int open(Packet packet, int flow, SocketTarget target) {
        segments.tick(packet.tick);
        int c = take(packet.ingress, flow);
        if (c < 0) {
            return opening.refuse(packet);
        }
        segments.track(flow, packet.memory, packet.frame, packet.parsed);
        opening.outwards(c, packet);
        boolean ipv6 = packet.isIpv6();
        int result = opening.connect(c, target, ipv6);
        int socket = records.socket(c);
        if (socket < 0) {
            sessions.forget(flow, c);
            records.release(c);
            return opening.refuse(packet);
        }
        records.phase(c, TcpState.CONNECTING);
        if (result >= 0 || Errno.EINPROGRESS.is(result)) {
            if (!watch(c)) {
                opening.refused(c, Errno.EACCES.number(), packet.now);
                drop(c, true);
                return 0;
            }
            timers.set(c, packet.now + HANDSHAKE_NANOS, packet.now);
            if (result >= 0) {
                connected(c, packet.now);
            }
        } else {
            opening.refused(c, -result, packet.now);
            drop(c, true);
        }
        return 0;
    }

    /** A record for a connection of a port; {@link TcpRecords#NONE} where there is none. */
    int take(Port port, int flow) {
        int c = records.take(port);
        if (c >= 0) {
            records.flow(c, flow);
            records.life(c, sessions.life(flow));
            records.socket(c, -1);
            records.timerSlot(c, TcpRecords.NONE);
            records.queued(c, TcpRecords.NONE);
            sessions.enter(flow, c);
        }
        return c;
    }

    /** Has epoll tell of a connection's socket; false where it cannot. */
    boolean watch(int c) {
        return epoll.add(records.socket(c), WorkerSockets.token(NUMBER, c), TcpReceiveWindow.EVENTS) >= 0;
    }

    /** Has a connection visited then. */
    void wake(int c, long due, long now) {
        timers.set(c, due, now);
    }

    private void connected(int c, long now) {
        records.heard(c, now);
        opening.connected(c);
        timers.set(c, now + HANDSHAKE_NANOS, now);
    }

    @Override
    public int packet(Packet packet, int flow) {
        segments.tick(packet.tick);
        int c = sessions.find(flow);
        if (c < 0) {
            return DropReason.BAD_STATE.code();
        }
        if (records.life(c) != sessions.life(flow)) {
            drop(c, true);
            return DropReason.BAD_STATE.code();
        }
        if (packet.ingress != records.port(c) || packet.isFragment()) {
            return DropReason.BAD_STATE.code();
        }
        MemorySegment memory = packet.memory;
        if (!TcpSegments.isIntact(memory, packet.header(), packet.network(), packet.transport(),
                Frame.transportLength(packet.parsed), packet.isIpv6())) {
            return DropReason.BAD_CHECKSUM.code();
        }
        int refused = segments.track(flow, memory, packet.frame, packet.parsed);
        if (refused < 0) {
            return refused;
        }
        segments.containerMac(c, Ethernet.source(memory, packet.frame));
        records.heard(c, packet.now);
        if (records.phase(c) != TcpState.ESTABLISHED) {
            return handshake(c, packet);
        }
        return segment(c, packet);
    }

    private int segment(int c, Packet packet) {
        int result = input.segment(c, packet);
        if (result == TcpInput.RESET) {
            drop(c, true);
        } else if (result == TcpInput.FAILED) {
            fail(c);
        } else {
            queue(c, packet.now);
            return Math.min(result, 0);
        }
        return 0;
    }

    private int handshake(int c, Packet packet) {
        int result = opening.segment(c, packet);
        if (result == TcpOpening.RESET) {
            drop(c, true);
            return 0;
        }
        if (result == TcpOpening.ESTABLISHED) {
            establish(c, packet.now);
            return segment(c, packet);
        }
        return result;
    }

    private void establish(int c, long now) {
        records.sndUna(c, records.sndMax(c));
        records.phase(c, TcpState.ESTABLISHED);
        records.retries(c, 0);
        records.due(c, 0);
        records.raise(c, TcpState.READABLE);
        queue(c, now);
    }

    private void queue(int c, long now) {
        if (queue.add(c)) {
            cycle = now;
        }
    }

    @Override
    public void ready(int number, int events, long now) {
        if ((number & TcpListeners.TOKEN) != 0) {
            segments.tick(routes.topology().tick(now));
            listeners.ready(number, now);
            return;
        }
        if (number >= records.limit() || records.phase(number) == TcpState.FREE) {
            return;
        }
        if (records.phase(number) == TcpState.CONNECTING) {
            connecting(number, now);
            return;
        }
        if ((events & READ_EVENTS) != 0) {
            records.raise(number, TcpState.READABLE);
        }
        if ((events & Epoll.PRI) != 0) {
            records.raise(number, TcpState.URGENT);
        }
        if ((events & END_EVENTS) != 0) {
            records.raise(number, TcpState.ENDING);
        }
        if ((events & Epoll.OUT) != 0) {
            window.writable(number);
        }
        queue(number, now);
    }

    private void connecting(int c, long now) {
        int error = host.error(records.socket(c));
        if (error != 0) {
            segments.tick(routes.topology().tick(now));
            opening.refused(c, error, now);
            drop(c, true);
        } else if (host.isConnected(records.socket(c))) {
            segments.tick(routes.topology().tick(now));
            connected(c, now);
        }
    }

    /** What the socket is at an end with, the container is told by RST. */
    private void fail(int c) {
        segments.reset(c, Tcp.ACK, records.sndMax(c));
        drop(c, true);
    }

    /** Forgets a connection, its session with it; its peer is sent RST, or the rest of what the socket was given. */
    void drop(int c, boolean reset) {
        int socket = records.socket(c);
        if (socket >= 0) {
            if (reset) {
                host.reset(socket);
            } else {
                host.close(socket);
            }
        }
        timers.remove(c);
        sessions.end(records.flow(c), records.life(c), c);
        records.release(c);
    }

    private void serve(int c, long now) {
        if (records.phase(c) != TcpState.ESTABLISHED) {
            return;
        }
        if (records.is(c, TcpState.SPACE_DUE)) {
            window.update(c, WorkerSockets.token(NUMBER, c));
        }
        int pushed = output.discard(c) && (!records.is(c, TcpState.RETRANSMIT) || output.retransmit(c)) ? output.push(c)
                : TcpOutput.FAILED;
        if (pushed == TcpOutput.FAILED) {
            fail(c);
            return;
        }
        if (records.is(c, TcpState.ACK_DUE)) {
            segments.acknowledge(c);
        }
        if (records.is(c, TcpState.FIN_RECEIVED) && records.is(c, TcpState.FIN_ACKED)) {
            drop(c, false);
            return;
        }
        if (pushed == TcpOutput.MORE) {
            queue(c, now);
        }
        arm(c, now);
    }

    private boolean isOutstanding(int c) {
        return records.sndMax(c) != records.sndUna(c);
    }

    private void arm(int c, long now) {
        long due = records.due(c);
        if (isOutstanding(c) || records.is(c, TcpState.READABLE)) {
            long wanted = now + (RETRANSMISSION_NANOS << Math.min(records.retries(c), MAX_BACKOFF));
            if (due <= now || due > wanted) {
                timers.set(c, wanted, now);
            }
        } else {
            timers.set(c, now + (records.is(c, TcpState.FIN_RECEIVED) ? HALF_CLOSED_NANOS : KEEP_ALIVE_NANOS), now);
        }
    }

    @Override
    public void visit(int c, long now) {
        if (!sessions.isAlive(records.flow(c), records.life(c))) {
            if (records.phase(c) != TcpState.SYN_SENT) {
                segments.reset(c, Tcp.ACK, records.sndMax(c));
            }
            drop(c, true);
        } else if (now - records.due(c) < 0) {
            timers.set(c, records.due(c), now);
        } else if (records.phase(c) == TcpState.ESTABLISHED) {
            expire(c, now);
        } else {
            expireHandshake(c, now);
        }
    }

    private void expireHandshake(int c, long now) {
        int phase = records.phase(c);
        if (phase == TcpState.CONNECTING) {
            // The kernel knows how long to try.
            timers.set(c, now + KEEP_ALIVE_NANOS, now);
            return;
        }
        if (phase == TcpState.SYN_SENT) {
            if (!inwards.advance(c, now)) {
                drop(c, true);
            }
            return;
        }
        int retries = records.retries(c) + 1;
        if (retries > HANDSHAKE_RETRIES) {
            drop(c, true);
            return;
        }
        records.retries(c, retries);
        opening.answer(c);
        timers.set(c, now + (HANDSHAKE_NANOS << retries), now);
    }

    private void expire(int c, long now) {
        int retries = records.retries(c) + 1;
        if (now - records.heard(c) > SILENCE_NANOS && retries > MAX_PROBES) {
            fail(c);
            return;
        }
        records.retries(c, retries);
        if (records.sndWnd(c) > 0 && isOutstanding(c)) {
            output.rewind(c);
            queue(c, now);
        } else {
            // A closed window, or nothing to do for long: is somebody there?
            segments.probe(c);
            queue(c, now);
        }
        records.due(c, 0);
    }

    @Override
    public void listen(PublishedPort published) throws SystemCallException {
        listeners.open(published);
    }

    @Override
    public void unlisten(PublishedPort published) {
        listeners.close(published);
    }

    @Override
    public void leave(Port port) {
        listeners.leave(port);
        for (int c = 0; c < records.limit(); c++) {
            if (records.phase(c) != TcpState.FREE && records.port(c) == port) {
                drop(c, true);
            }
        }
    }

    @Override
    public void tick(long now) {
        segments.tick(routes.topology().tick(now));
        timers.advance(now, this);
        int c = queue.takeAll();
        while (c >= 0) {
            int next = queue.next(c);
            serve(c, now);
            c = next;
        }
        records.recycle();
        listeners.tick(now);
    }

    @Override
    public long deadline() {
        return !queue.isEmpty() || records.hasReleased() ? cycle : Math.min(timers.deadline(), listeners.deadline());
    }

    @Override
    public void free() {
        listeners.free();
        for (int c = 0; c < records.limit(); c++) {
            if (records.phase(c) != TcpState.FREE && records.socket(c) >= 0) {
                host.reset(records.socket(c));
            }
        }
        records.close();
    }
}
