package io.footbridge.proxy;

import io.footbridge.tap.CallState;
import io.footbridge.tap.FileCalls;
import io.footbridge.tap.ProcessCalls;
import io.footbridge.tap.SystemCallException;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SelectStrategy;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.IntSupplier;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.lang.invoke.MethodHandles;
import java.net.InetSocketAddress;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Relays any number of published ports: one process, a few event loops, one descriptor per port and two per connection.
 * Any thread.
 */
public final class Proxy implements AutoCloseable {
    /**
     * Classes that a connection needs and that nothing before it does. Loaded from a folder, a class needs a descriptor,
     * and one that cannot be loaded once never can.
     */
    private static final Class<?>[] NEEDED_LATER = {TcpConnection.class, Side.class, Flow.class, Worker.Remainder.class, Pipe.class,
        SocketStock.Key.class, SocketStock.Shelf.class, SocketStock.Socket.class, DatagramBatch.class, UdpClient.class,
        UdpClientKey.class, ProxyProtocol.class, CongestionControl.class, SystemCallException.class};

    /** How often a loop looks before it waits. */
    private static final int LOOKS = 8;

    private final MultiThreadIoEventLoopGroup loops;
    private final Worker[] workers;
    private final BackEndSockets sockets = new BackEndSockets();
    private final Set<Relay> relays = ConcurrentHashMap.newKeySet();
    private final AtomicInteger turn = new AtomicInteger();

    private Proxy(ProxySettings settings) {
        PipeBudget budget = PipeBudget.probe(settings.workers() * settings.pipes());
        loops = new MultiThreadIoEventLoopGroup(settings.workers(), named(), EpollIoHandler.newFactory(0, () -> Proxy::poll));
        workers = new Worker[settings.workers()];
        for (int i = 0; i < workers.length; i++) {
            workers[i] = new Worker(loops.next(), i, settings,
                    new PipePool(budget.size(), budget.count() / workers.length));
        }
    }

    /**
     * Before a loop waits, those run who are ready to on its processor, and it looks once more, a few times. What they send meanwhile
     * is served together, without a sleep and a wake-up for each, which cost more than what is relayed of a small message. With nobody
     * ready this is some microseconds.
     */
    private static int poll(IntSupplier look, boolean hasTasks) throws Exception {
        if (hasTasks) {
            return look.get();
        }
        int ready = 0;
        for (int i = 0; i < LOOKS && ready <= 0; i++) {
            Thread.yield();
            ready = look.get();
        }
        return ready > 0 ? ready : SelectStrategy.SELECT;
    }

    private static ThreadFactory named() {
        AtomicInteger number = new AtomicInteger();
        return task -> {
            Thread thread = new FastThreadLocalThread(task, "proxy-" + number.getAndIncrement());
            thread.setDaemon(true);
            return thread;
        };
    }

    /**
     * Starts the event loops, and raises this process's limit of open descriptors as far as it may. The calling thread's
     * network namespace is the one in which back ends without a door are looked for.
     *
     * @throws IllegalStateException where the machine has no epoll that Netty can use
     */
    public static Proxy start(ProxySettings settings) {
        if (!Epoll.isAvailable()) {
            throw new IllegalStateException("no epoll: " + Epoll.unavailabilityCause().getMessage(), Epoll.unavailabilityCause());
        }
        ProcessCalls.raiseOpenFiles(CallState.ofThread());
        for (Class<?> needed : NEEDED_LATER) {
            try {
                MethodHandles.lookup().ensureInitialized(needed);
            } catch (IllegalAccessException impossible) {
                throw new AssertionError(impossible);
            }
        }
        return new Proxy(settings);
    }

    /**
     * Listens on a TCP address and relays who comes to a back end.
     *
     * @param address an IPv6 one takes IPv6 clients only; port 0 lets the system choose
     * @throws ListenException what failed, in the words of Go's net package
     */
    public Relay relayTcp(InetSocketAddress address, BackEnd backEnd) throws ListenException, SystemCallException {
        RelaySockets.Bound bound = RelaySockets.listener(CallState.ofThread(), address, false);
        if (bound.descriptor() < 0) {
            throw ListenException.of("tcp", address, bound);
        }
        return adoptTcp(bound.descriptor(), backEnd);
    }

    /** As {@link #relayTcp}, with a socket that listens already. It is this proxy's from here on, also if this fails. */
    public Relay adoptTcp(int listener, BackEnd backEnd) throws SystemCallException {
        CallState state = CallState.ofThread();
        InetSocketAddress address = RelaySockets.localAddress(state, listener);
        FileCalls.setNonBlocking(state, listener);
        RelaySockets.prepareStream(state, listener);
        // Who comes from elsewhere is told apart when accepted: a connection that has begun with BBR is paced for good.
        CongestionControl.stayHere(state, listener);
        Worker worker = nextWorker();
        TcpRelay relay = new TcpRelay(workers, worker, sockets, backEnd, listener, address);
        return started(relay, worker, relay::start);
    }

    /**
     * Receives on a UDP address and relays to a back end; replies leave from the address that the client asked.
     *
     * @param address as for {@link #relayTcp}
     * @throws ListenException what failed, in the words of Go's net package
     */
    public Relay relayUdp(InetSocketAddress address, BackEnd backEnd) throws ListenException, SystemCallException {
        RelaySockets.Bound bound = RelaySockets.datagram(CallState.ofThread(), address, false);
        if (bound.descriptor() < 0) {
            throw ListenException.of("udp", address, bound);
        }
        return adoptUdp(bound.descriptor(), backEnd);
    }

    /** As {@link #relayUdp}, with a socket that is bound already. It is this proxy's from here on, also if this fails. */
    public Relay adoptUdp(int socket, BackEnd backEnd) throws SystemCallException {
        CallState state = CallState.ofThread();
        InetSocketAddress address = RelaySockets.localAddress(state, socket);
        FileCalls.setNonBlocking(state, socket);
        int result = RelaySockets.wantDestination(state, socket, RelaySockets.family(state, socket));
        if (result < 0) {
            FileCalls.close(state, socket);
            throw new SystemCallException("setsockopt IP_PKTINFO", -result);
        }
        Worker worker = nextWorker();
        UdpRelay relay = new UdpRelay(worker, sockets, backEnd, socket, address);
        return started(relay, worker, relay::start);
    }

    private Worker nextWorker() {
        return workers[Math.floorMod(turn.getAndIncrement(), workers.length)];
    }

    private interface Start {
        void run() throws SystemCallException;
    }

    private Relay started(Relay relay, Worker worker, Start start) throws SystemCallException {
        Callable<SystemCallException> step = () -> {
            try {
                start.run();
                return null;
            } catch (SystemCallException failed) {
                return failed;
            }
        };
        relays.add(relay);
        SystemCallException failed = worker.loop().submit(step).syncUninterruptibly().getNow();
        Relay published = new Published(relay);
        if (failed != null) {
            published.close();
            throw failed;
        }
        return published;
    }

    /** What a caller holds: its close takes the relay off the proxy's list as well. */
    private final class Published implements Relay {
        private final Relay relay;

        private Published(Relay relay) {
            this.relay = relay;
        }

        @Override
        public InetSocketAddress address() {
            return relay.address();
        }

        @Override
        public void close() {
            relays.remove(relay);
            relay.close();
        }
    }

    /** What was done so far and is held now. */
    public ProxyStatistics statistics() {
        return ProxyStatistics.of(workers);
    }

    /** Ends all relays and the event loops. */
    @Override
    public void close() {
        relays.forEach(Relay::close);
        relays.clear();
        sockets.close();
        Worker.onEach(workers, Worker::close);
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
