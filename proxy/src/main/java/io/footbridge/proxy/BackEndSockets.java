package io.footbridge.proxy;

import io.footbridge.tap.CallState;
import io.footbridge.tap.Errno;
import io.footbridge.tap.FileCalls;
import io.footbridge.tap.Sockaddr;
import io.footbridge.tap.SocketCalls;
import io.footbridge.tap.SystemCallException;
import io.footbridge.tap.namespace.NetworkNamespace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes sockets towards back ends. A socket belongs to the namespace of the thread that makes it and keeps it wherever it
 * is used afterwards, so only this one call has to be made inside. For a back end behind a door one thread enters, makes
 * the sockets of all connections that wait by then, and leaves: no worker moves, and no namespace is held between.
 */
final class BackEndSockets implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BackEndSockets.class);
    private static final long IDLE_SECONDS = 5;
    /** For what is being made at the end. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final int[] NONE = {};

    private final ConcurrentLinkedQueue<Request> waiting = new ConcurrentLinkedQueue<>();
    private final ThreadPoolExecutor entrance = new ThreadPoolExecutor(1, 1, IDLE_SECONDS, TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(), task -> Thread.ofPlatform().name("proxy-entrance").daemon().unstarted(task));

    BackEndSockets() {
        entrance.allowCoreThreadTimeOut(true);
    }

    /**
     * Sockets that are wanted.
     *
     * @param whenOpen waits for one; null where none but those of the stock are wanted
     * @param ahead how many for the worker's stock
     */
    private record Request(SocketStock.Key key, BackEnd backEnd, int type, Worker worker, IntConsumer whenOpen, int ahead) {
        /** On the thread that has made them. */
        void answer(int first, int[] others) {
            try {
                worker.loop().execute(() -> deliver(first, others));
            } catch (RejectedExecutionException ended) {
                drop(first, others);
            }
        }

        private void deliver(int first, int[] others) {
            if (ahead > 0) {
                worker.stock().put(worker.state(), key, others);
                worker.expireStock();
            }
            if (whenOpen != null) {
                whenOpen.accept(first);
            }
        }
    }

    /**
     * Makes a socket of a back end's family, not connected. The worker's thread only.
     *
     * @param whenOpen gets it, or the negated error number, on the worker's thread: within this call, or later
     */
    void open(BackEnd backEnd, int type, Worker worker, IntConsumer whenOpen) {
        open(backEnd, type, type == SocketCalls.SOCK_STREAM, worker, whenOpen);
    }

    /** As {@link #open} for a stream, for one for whom there were no descriptors: none are made ahead. */
    void openAgain(BackEnd backEnd, Worker worker, IntConsumer whenOpen) {
        open(backEnd, SocketCalls.SOCK_STREAM, false, worker, whenOpen);
    }

    private void open(BackEnd backEnd, int type, boolean stocked, Worker worker, IntConsumer whenOpen) {
        if (backEnd.door().isEmpty()) {
            whenOpen.accept(RelaySockets.backEnd(worker.state(), backEnd, type));
            return;
        }
        SocketStock.Key key = new SocketStock.Key(backEnd.door().get(), Sockaddr.family(backEnd.address()));
        int socket = stocked ? worker.stock().take(worker.state(), key) : -1;
        int ahead = stocked ? worker.stock().order(key) : 0;
        if (stocked) {
            worker.expireStock();
        }
        boolean asked = socket >= 0 && ahead == 0
                || ask(new Request(key, backEnd, type, worker, socket < 0 ? whenOpen : null, ahead));
        if (socket >= 0) {
            whenOpen.accept(socket);
        } else if (!asked) {
            whenOpen.accept(-Errno.EBADF.number());
        }
    }

    private boolean ask(Request request) {
        waiting.add(request);
        try {
            entrance.execute(this::enter);
            return true;
        } catch (RejectedExecutionException closed) {
            return false;
        }
    }

    /** Serves all that wait now; tasks that find nothing left do nothing. */
    private void enter() {
        Map<BackEnd.Door, List<Request>> doors = new HashMap<>();
        for (Request request = waiting.poll(); request != null; request = waiting.poll()) {
            doors.computeIfAbsent(request.key().door(), door -> new ArrayList<>()).add(request);
        }
        doors.forEach(BackEndSockets::enter);
    }

    private static void enter(BackEnd.Door door, List<Request> requests) {
        int[] first = new int[requests.size()];
        int[][] others = new int[requests.size()][];
        Arrays.fill(first, -1);
        Arrays.fill(others, NONE);
        int failure = 0;
        try (NetworkNamespace namespace = door.open()) {
            namespace.call(() -> {
                boolean plenty = true;
                for (int i = 0; i < first.length; i++) {
                    Request request = requests.get(i);
                    first[i] = request.whenOpen() == null ? -1 : make(request);
                    plenty &= !Errno.isExhausted(first[i]);
                }
                // After those that somebody waits for.
                for (int i = 0; plenty && i < first.length; i++) {
                    others[i] = makeAhead(requests.get(i));
                }
                return null;
            });
        } catch (SystemCallException failed) {
            failure = failed.errno();
        } catch (RuntimeException | Error failed) {
            // Those who wait must hear of it, or they would wait for ever.
            LOG.warn("no sockets are made for back ends behind a door: {}", failed.toString());
            failure = Errno.EIO.number();
        }
        for (int i = 0; i < first.length; i++) {
            if (failure != 0) {
                drop(first[i], others[i]);
                first[i] = -failure;
                others[i] = NONE;
            }
            requests.get(i).answer(first[i], others[i]);
        }
    }

    /** Closes what was made and nobody takes. */
    private static void drop(int first, int[] others) {
        CallState state = CallState.ofThread();
        if (first >= 0) {
            FileCalls.close(state, first);
        }
        for (int other : others) {
            FileCalls.close(state, other);
        }
    }

    private static int make(Request request) {
        return RelaySockets.backEnd(CallState.ofThread(), request.backEnd(), request.type());
    }

    /** As many as the system gives: who waits for one later asks again, and hears why there is none. */
    private static int[] makeAhead(Request request) {
        int[] made = new int[request.ahead()];
        for (int i = 0; i < made.length; i++) {
            made[i] = make(request);
            if (made[i] < 0) {
                return Arrays.copyOf(made, i);
            }
        }
        return made;
    }

    /** Nobody is served from here on. What is being made has been handed to its worker when this returns. */
    @Override
    public void close() {
        entrance.shutdown();
        boolean interrupted = false;
        for (long left = PATIENCE_NANOS, until = System.nanoTime() + left; left > 0; left = until - System.nanoTime()) {
            try {
                entrance.awaitTermination(left, TimeUnit.NANOSECONDS);
                break;
            } catch (InterruptedException later) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
