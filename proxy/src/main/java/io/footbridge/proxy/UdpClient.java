package io.footbridge.proxy;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.footbridge.tap.CallState;
import io.footbridge.tap.FileCalls;
import io.footbridge.tap.SocketCalls;
import io.netty.channel.IoEvent;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.unix.FileDescriptor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;

/**
 * A UDP client as a relay remembers it: its own connected socket to the back end, its address, and the control message
 * that makes replies leave from the address it asked. Owning worker only.
 */
final class UdpClient implements EpollIoHandle {
    private static final int NONE = -1;
    private static final int WAITING_AT_MOST = 8;
    private static final int HEADER = 16;
    private static final int PKTINFO_SOURCE = HEADER + 4;
    private static final int LENGTH_PKTINFO = HEADER + 12;
    private static final int SPACE_PKTINFO = 32;
    private static final int LENGTH_PKTINFO6 = HEADER + 20;
    private static final int SPACE_PKTINFO6 = 40;

    final UdpClientKey key;
    /** Of the last datagram in either direction, by the relay's clock. */
    long lastActive;
    /** Neighbours in the relay's list, which runs from the one that was silent longest. */
    UdpClient older;
    UdpClient newer;

    private final UdpRelay relay;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment name;
    private final MemorySegment reply;
    private ArrayDeque<byte[]> waiting = new ArrayDeque<>(1);
    private int descriptor = NONE;
    private FileDescriptor handle;
    private IoRegistration registration;
    private boolean closed;

    /** A client seen for the first time, from its datagram's address structure and control messages. */
    UdpClient(UdpRelay relay, UdpClientKey key, MemorySegment name, MemorySegment control) {
        this.relay = relay;
        this.key = key;
        this.name = arena.allocate(name.byteSize(), 8).copyFrom(name);
        this.reply = replyControl(arena, control);
    }

    /** The control message that sends from where {@code received} says its datagram was sent to; empty if it does not. */
    private static MemorySegment replyControl(Arena arena, MemorySegment received) {
        MemorySegment asked = UdpClientKey.asked(received);
        if (asked.byteSize() == 0) {
            return MemorySegment.NULL;
        }
        boolean six = asked.byteSize() > 4;
        MemorySegment control = arena.allocate(six ? SPACE_PKTINFO6 : SPACE_PKTINFO, 8);
        control.set(JAVA_LONG, 0, six ? LENGTH_PKTINFO6 : LENGTH_PKTINFO);
        control.set(JAVA_INT, 8, six ? RelaySockets.IPPROTO_IPV6 : RelaySockets.IPPROTO_IP);
        control.set(JAVA_INT, 12, six ? RelaySockets.IPV6_PKTINFO : RelaySockets.IP_PKTINFO);
        MemorySegment.copy(asked, 0, control, six ? HEADER : PKTINFO_SOURCE, asked.byteSize());
        return control;
    }

    MemorySegment name() {
        return name;
    }

    MemorySegment reply() {
        return reply;
    }

    boolean isOpen() {
        return registration != null;
    }

    boolean isClosed() {
        return closed;
    }

    int descriptor() {
        return descriptor;
    }

    /** Takes its socket, already connected, and is told of what arrives on it; false where the system refuses. */
    boolean open(Worker worker, int socket) {
        descriptor = socket;
        handle = new FileDescriptor(socket);
        registration = worker.watch(this, Worker.ARRIVALS);
        return registration != null;
    }

    /** Keeps a datagram until there is a socket; false if enough are waiting. */
    boolean keep(MemorySegment datagram) {
        return waiting.size() < WAITING_AT_MOST && waiting.add(datagram.toArray(JAVA_BYTE));
    }

    /** Sends what waited for the socket; how many datagrams were lost. */
    int sendWaiting(CallState state, MemorySegment buffer) {
        int lost = 0;
        for (byte[] datagram : waiting) {
            MemorySegment.copy(datagram, 0, buffer, JAVA_BYTE, 0, datagram.length);
            lost += SocketCalls.send(state, descriptor, buffer.address(), datagram.length, SocketCalls.MSG_NOSIGNAL) < 0 ? 1 : 0;
        }
        waiting = null;
        return lost;
    }

    @Override
    public FileDescriptor fd() {
        return handle;
    }

    @Override
    public void handle(IoRegistration source, IoEvent event) {
        relay.replies(this);
    }

    /** There may be more than one turn took. */
    void lookAgain() {
        registration.submit(Worker.ARRIVALS);
    }

    /** The loop ends. */
    @Override
    public void close() {
        relay.forget(this);
    }

    /** Closes its socket; once, by the relay. */
    void end(CallState state) {
        closed = true;
        if (registration != null) {
            registration.cancel();
            registration = null;
        }
        if (descriptor != NONE) {
            FileCalls.close(state, descriptor);
        }
        arena.close();
    }
}
