package io.footbridge.proxy;

import io.footbridge.tap.CallState;
import io.footbridge.tap.Errno;
import io.footbridge.tap.FileCalls;
import io.footbridge.tap.Sockaddr;
import io.footbridge.tap.SocketCalls;
import io.footbridge.tap.SystemCallException;
import io.netty.channel.IoEvent;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.unix.FileDescriptor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A listening socket, its connections and their back end. One worker accepts; each connection is served by the worker
 * that has fewest, the accepting one if it is as good as another.
 *
 * <p>No client is accepted before the one before it has its socket towards the back end: else clients might take all descriptors,
 * and then each would wait for ever for its second. When descriptors run out, at most one client of a relay has been accepted in
 * vain; the others wait in the kernel's queue, as they would before a server that is busy.
 */
final class TcpRelay implements Relay, EpollIoHandle {
    private static final Logger LOG = LoggerFactory.getLogger(TcpRelay.class);
    private static final int ACCEPTED_AT_ONCE = 64;
    private static final long LONGEST_RETRY_MILLIS = 1000;
    private static final int FLAGS = SocketCalls.SOCK_NONBLOCK | SocketCalls.SOCK_CLOEXEC;
    private static final byte[] NO_HEADER = {};
    private static final int NONE = -1;

    private final Worker[] workers;
    private final Worker acceptor;
    private final BackEndSockets sockets;
    private final BackEnd backEnd;
    private final int descriptor;
    private final FileDescriptor handle;
    private final InetSocketAddress address;
    /** Whether clients may be on another machine, and must then be treated as such. */
    private final boolean anybody;
    /** The first of each worker's connections, touched by that worker alone. */
    private final TcpConnection[] first;
    private IoRegistration registration;
    private final AtomicBoolean closed = new AtomicBoolean();
    private boolean accepting;
    private boolean paused;
    /** The client that was accepted last, while it has no socket towards the back end; the acceptor's alone. */
    private int waiting = NONE;
    /** How long it waited when descriptors ran out last; 0 once a client was served since. */
    private long retryMillis;
    private final IntConsumer whenMade = this::serve;
    private volatile int lastRefusal;
    /** Made by the acceptor, before it hands over the first connection. */
    private MemorySegment target;

    TcpRelay(Worker[] workers, Worker acceptor, BackEndSockets sockets, BackEnd backEnd, int descriptor, InetSocketAddress address) {
        this.workers = workers;
        this.acceptor = acceptor;
        this.sockets = sockets;
        this.backEnd = backEnd;
        this.descriptor = descriptor;
        this.handle = new FileDescriptor(descriptor);
        this.address = address;
        this.anybody = CongestionControl.isChosen() && (address == null || !address.getAddress().isLoopbackAddress());
        this.first = new TcpConnection[workers.length];
    }

    /** Begins to accept; on the acceptor's thread. */
    void start() throws SystemCallException {
        registration = acceptor.watch(this, Worker.ARRIVALS);
        if (registration == null) {
            throw new SystemCallException("watch " + address, Errno.ENOSPC.number(), "raise fs.epoll.max_user_watches");
        }
    }

    BackEnd backEnd() {
        return backEnd;
    }

    /** The back end's address as connect(2) takes it, made for the first client: a port that nobody asks for needs none. */
    MemorySegment target() {
        return target;
    }

    @Override
    public InetSocketAddress address() {
        return address;
    }

    @Override
    public FileDescriptor fd() {
        return handle;
    }

    @Override
    public void handle(IoRegistration source, IoEvent event) {
        accept();
    }

    private void accept() {
        // Sockets of the stock are had within the call.
        if (accepting) {
            return;
        }
        accepting = true;
        boolean more = acceptSome();
        accepting = false;
        if (more) {
            registration.submit(Worker.ARRIVALS);
        }
    }

    /** Whether there may be more. */
    private boolean acceptSome() {
        CallState state = acceptor.state();
        for (int i = 0; i < ACCEPTED_AT_ONCE; i++) {
            if (waiting != NONE || closed.get()) {
                return false;
            }
            int socket = SocketCalls.accept(state, descriptor, FLAGS);
            if (socket >= 0) {
                waiting = socket;
                sockets.open(backEnd, SocketCalls.SOCK_STREAM, acceptor, whenMade);
            } else if (Errno.EAGAIN.is(socket) || Errno.EBADF.is(socket) || Errno.EINVAL.is(socket)) {
                return false;
            } else if (Errno.isExhausted(socket)) {
                pause(socket);
                return false;
            }
            // Anything else is the fate of one client that went before it was accepted (accept(2), "Error handling").
        }
        return !closed.get();
    }

    private void pause(int result) {
        if (paused) {
            return;
        }
        paused = true;
        acceptor.counters().acceptPauses.add(1);
        if (retryMillis == 0) {
            LOG.warn("{} accepts no connections for now: {}", address, Errno.text(-result));
        }
        // Longer each time nothing has come free: many relays may be waiting, each of them for as long as it lasts.
        long first = acceptor.settings().acceptRetry().toMillis();
        retryMillis = Math.clamp(2 * retryMillis, first, Math.max(first, LONGEST_RETRY_MILLIS));
        acceptor.loop().schedule(this::goOn, retryMillis, TimeUnit.MILLISECONDS);
    }

    private void goOn() {
        paused = false;
        if (waiting != NONE && hasGone(waiting)) {
            forgetWaiting();
        }
        if (waiting == NONE) {
            accept();
        } else {
            sockets.openAgain(backEnd, acceptor, whenMade);
        }
    }

    /** Whether a client has reset, or ended without a word: while descriptors are short that means that it has lost patience. */
    private boolean hasGone(int client) {
        CallState state = acceptor.state();
        long read = SocketCalls.recv(state, client, acceptor.scratch().address(), 1, SocketCalls.MSG_PEEK);
        return read <= 0 && !Errno.EAGAIN.is((int) read);
    }

    /** Closes the client that waits. */
    private void forgetWaiting() {
        if (waiting != NONE) {
            FileCalls.close(acceptor.state(), waiting);
            waiting = NONE;
        }
    }

    /** Goes on with a socket for the client that waits, or hears why there is none. */
    private void serve(int made) {
        if (waiting == NONE) {
            if (made >= 0) {
                FileCalls.close(acceptor.state(), made);
            }
            return;
        }
        if (Errno.isExhausted(made)) {
            pause(made);
            return;
        }
        retryMillis = 0;
        handOver(waiting, made);
        waiting = NONE;
        accept();
    }

    private void handOver(int client, int made) {
        if (anybody) {
            CongestionControl.leaveUnlessHere(acceptor.state(), client);
        }
        Worker worker = acceptor;
        for (Worker other : workers) {
            worker = other.load() < worker.load() ? other : worker;
        }
        Worker chosen = worker;
        // Counted here, not there: else all of a burst would go to the same one.
        chosen.load(1);
        if (target == null) {
            target = Sockaddr.of(Arena.ofAuto(), backEnd.address(), backEnd.port());
        }
        TcpConnection connection = new TcpConnection(this, chosen, client, header(client));
        if (chosen == acceptor) {
            begin(connection, chosen, made);
        } else {
            chosen.loop().execute(() -> begin(connection, chosen, made));
        }
    }

    private void begin(TcpConnection connection, Worker worker, int made) {
        connection.next = first[worker.index()];
        if (connection.next != null) {
            connection.next.previous = connection;
        }
        first[worker.index()] = connection;
        connection.open(made);
        if (closed.get()) {
            connection.close();
        }
    }

    private byte[] header(int socket) {
        if (backEnd.header() == ProxyProtocol.NONE) {
            return NO_HEADER;
        }
        InetSocketAddress client = RelaySockets.peerAddress(acceptor.state(), socket);
        InetSocketAddress asked = RelaySockets.localAddress(acceptor.state(), socket);
        // A client without an address has gone already; reading from it will say so.
        return client == null || asked == null ? NO_HEADER : backEnd.header().header(client, asked);
    }

    /** A connection has ended; on its worker's thread. */
    void forget(TcpConnection connection, Worker worker) {
        if (connection.previous == null) {
            first[worker.index()] = connection.next;
        } else {
            connection.previous.next = connection.next;
        }
        if (connection.next != null) {
            connection.next.previous = connection.previous;
        }
    }

    /** A client could not be served; said once per reason, not once per client. */
    void refused(int errno) {
        if (errno != lastRefusal) {
            lastRefusal = errno;
            LOG.info("back end {}:{} of {} cannot be reached: {}", backEnd.address().getHostAddress(), backEnd.port(),
                    address, Errno.text(errno));
        }
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            Worker.onEach(workers, this::close);
        }
    }

    private void close(Worker worker) {
        if (worker == acceptor) {
            if (registration != null) {
                registration.cancel();
            }
            FileCalls.close(worker.state(), descriptor);
            forgetWaiting();
        }
        for (TcpConnection each = first[worker.index()]; each != null; each = first[worker.index()]) {
            each.close();
        }
    }
}
