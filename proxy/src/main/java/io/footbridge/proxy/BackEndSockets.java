package io.footbridge.proxy;

import io.footbridge.tap.CallState;
import io.footbridge.tap.Errno;
import io.footbridge.tap.FileCalls;
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

/**
 * Makes sockets towards back ends. A socket belongs to the namespace of the thread that makes it and keeps it wherever it
 * is used afterwards, so only this one call has to be made inside. For a back end behind a door one thread enters, makes
 * the sockets of all connections that wait by then, and leaves: no worker moves, and no namespace is held between.
 */
final class BackEndSockets implements AutoCloseable {
    private static final long IDLE_SECONDS = 5;

    private final ConcurrentLinkedQueue<Request> waiting = new ConcurrentLinkedQueue<>();
    private final ThreadPoolExecutor entrance = new ThreadPoolExecutor(1, 1, IDLE_SECONDS, TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(), task -> Thread.ofPlatform().name("proxy-entrance").daemon().unstarted(task));

    BackEndSockets() {
        entrance.allowCoreThreadTimeOut(true);
    }

    private record Request(BackEnd backEnd, int type, Worker worker, IntConsumer whenOpen) {
        void answer(int socket) {
            try {
                worker.loop().execute(() -> whenOpen.accept(socket));
            } catch (RejectedExecutionException ended) {
                if (socket >= 0) {
                    FileCalls.close(CallState.ofThread(), socket);
                }
            }
        }
    }

    /**
     * Makes a socket of a back end's family, not connected.
     *
     * @param whenOpen gets it, or the negated error number, on the worker's thread: within this call, or later
     */
    void open(BackEnd backEnd, int type, Worker worker, IntConsumer whenOpen) {
        if (backEnd.door().isEmpty()) {
            whenOpen.accept(RelaySockets.backEnd(worker.state(), backEnd, type));
            return;
        }
        waiting.add(new Request(backEnd, type, worker, whenOpen));
        try {
            entrance.execute(this::enter);
        } catch (RejectedExecutionException closed) {
            whenOpen.accept(-Errno.EBADF.number());
        }
    }

    /** Serves all that wait now; tasks that find nothing left do nothing. */
    private void enter() {
        Map<BackEnd.Door, List<Request>> doors = new HashMap<>();
        for (Request request = waiting.poll(); request != null; request = waiting.poll()) {
            doors.computeIfAbsent(request.backEnd().door().orElseThrow(), door -> new ArrayList<>()).add(request);
        }
        doors.forEach(BackEndSockets::enter);
    }

    private static void enter(BackEnd.Door door, List<Request> requests) {
        int[] sockets = new int[requests.size()];
        try (NetworkNamespace namespace = door.open()) {
            namespace.call(() -> {
                CallState state = CallState.ofThread();
                for (int i = 0; i < sockets.length; i++) {
                    sockets[i] = RelaySockets.backEnd(state, requests.get(i).backEnd(), requests.get(i).type());
                }
                return null;
            });
        } catch (SystemCallException failed) {
            Arrays.fill(sockets, -failed.errno());
        }
        for (int i = 0; i < sockets.length; i++) {
            requests.get(i).answer(sockets[i]);
        }
    }

    /** Nobody is served from here on. */
    @Override
    public void close() {
        entrance.shutdown();
    }
}
