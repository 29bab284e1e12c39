package io.footbridge.proxy;

import io.footbridge.tap.CallState;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.util.concurrent.Future;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One event loop and what its connections share: the call state, the buffer that small messages pass through, the pipes.
 * Everything but {@link #load()}, {@link #loop} and the counters is for the loop's own thread.
 */
final class Worker {
    /** A message up to this size is copied; a longer one shows a stream, which is spliced. */
    static final int COPY = 16 << 10;
    /** What a stream is asked for: all there is to know, once each time it changes. */
    static final EpollIoOps EDGES = EpollIoOps.EPOLLIN.with(EpollIoOps.EPOLLOUT).with(EpollIoOps.EPOLLRDHUP)
            .with(EpollIoOps.EPOLLET);
    /** What listeners and datagram sockets are asked for; the latter would be writable anew after each datagram. */
    static final EpollIoOps ARRIVALS = EpollIoOps.EPOLLIN.with(EpollIoOps.EPOLLET);

    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
    private static final int SPARE_REMAINDERS = 8;

    private final IoEventLoop loop;
    private final int index;
    private final ProxySettings settings;
    private final PipePool pipes;
    private final CallState state = new CallState();
    private final Counters counters = new Counters();
    private final Arena arena = Arena.ofShared();
    private final MemorySegment buffer = arena.allocate(COPY, 64);
    private final MemorySegment scratch = arena.allocate(16, 8);
    private final ArrayDeque<Remainder> spare = new ArrayDeque<>();
    private final SocketStock stock = new SocketStock(System::nanoTime);
    private final AtomicInteger load = new AtomicInteger();
    private DatagramBatch datagrams;
    private boolean expiryDue;

    Worker(IoEventLoop loop, int index, ProxySettings settings, PipePool pipes) {
        this.loop = loop;
        this.index = index;
        this.settings = settings;
        this.pipes = pipes;
    }

    /** Bytes that a socket took only in part, copied out of the shared buffer until it takes the rest. */
    static final class Remainder {
        private final Arena arena = Arena.ofConfined();
        final MemorySegment segment = arena.allocate(COPY, 8);
    }

    IoEventLoop loop() {
        return loop;
    }

    /** Its place among the proxy's workers, from 0. */
    int index() {
        return index;
    }

    ProxySettings settings() {
        return settings;
    }

    CallState state() {
        return state;
    }

    Counters counters() {
        return counters;
    }

    PipePool pipes() {
        return pipes;
    }

    /** Sockets made ahead for back ends behind doors. Who changes it says {@link #expireStock}. */
    SocketStock stock() {
        return stock;
    }

    /** What nobody takes of the stock in time is closed from here on. */
    void expireStock() {
        if (!expiryDue && !stock.isEmpty()) {
            expiryDue = true;
            loop.schedule(() -> {
                expiryDue = false;
                stock.expire(state);
                expireStock();
            }, SocketStock.KEPT_NANOS, TimeUnit.NANOSECONDS);
        }
    }

    /** The {@value #COPY} bytes that a message passes through; nothing stays in them between two calls. */
    MemorySegment buffer() {
        return buffer;
    }

    /** Sixteen bytes for the results of calls. */
    MemorySegment scratch() {
        return scratch;
    }

    /** What the UDP relays of this worker receive into, made for the first of them. */
    DatagramBatch datagrams() {
        if (datagrams == null) {
            datagrams = new DatagramBatch(arena);
        }
        return datagrams;
    }

    /** Room for one datagram, whatever its size; nothing stays in it between two calls. */
    MemorySegment scratchDatagram() {
        return datagrams().room();
    }

    /** Connections it serves, and those that are on their way to it. Any thread. */
    int load() {
        return load.get();
    }

    /** A connection is handed to it, or has ended. Any thread. */
    void load(int more) {
        load.addAndGet(more);
    }

    /** Puts a descriptor under the loop's watch; null where the system refuses. */
    IoRegistration watch(EpollIoHandle handle, EpollIoOps edges) {
        Future<IoRegistration> registration = loop.register(handle);
        if (!registration.isSuccess()) {
            LOG.warn("descriptor {} cannot be watched", handle.fd().intValue(), registration.cause());
            return null;
        }
        registration.getNow().submit(edges);
        return registration.getNow();
    }

    /** Runs a task on each worker's own thread and waits until all have; a worker that has ended is passed over. */
    static void onEach(Worker[] workers, Consumer<Worker> task) {
        CountDownLatch done = new CountDownLatch(workers.length);
        for (Worker worker : workers) {
            Runnable step = () -> {
                try {
                    task.accept(worker);
                } finally {
                    done.countDown();
                }
            };
            if (worker.loop().inEventLoop()) {
                step.run();
                continue;
            }
            try {
                worker.loop().execute(step);
            } catch (RejectedExecutionException ended) {
                done.countDown();
            }
        }
        boolean interrupted = false;
        while (true) {
            try {
                done.await();
                break;
            } catch (InterruptedException later) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    Remainder takeRemainder() {
        Remainder kept = spare.pollLast();
        return kept == null ? new Remainder() : kept;
    }

    void giveBack(Remainder remainder) {
        if (spare.size() < SPARE_REMAINDERS) {
            spare.addLast(remainder);
        } else {
            remainder.arena.close();
        }
    }

    /** Frees what connections shared; on the loop, when none is left. */
    void close() {
        pipes.close(state);
        stock.close(state);
        spare.forEach(remainder -> remainder.arena.close());
        spare.clear();
        arena.close();
    }
}
