package io.footbridge.control.api;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Who carries requests out: few threads for those that end soon, one each for those that do not. Both are bounded. */
final class RequestThreads implements AutoCloseable {
    private static final int THREADS = 4;
    private static final int WAITING = 256;
    private static final int STREAMS = 16;
    private static final int IDLE_SECONDS = 10;

    private final ThreadPoolExecutor requests;
    private final ThreadPoolExecutor streams;

    RequestThreads() {
        requests = new ThreadPoolExecutor(THREADS, THREADS, IDLE_SECONDS, TimeUnit.SECONDS, new ArrayBlockingQueue<>(WAITING),
            factory("request-"));
        requests.allowCoreThreadTimeOut(true);
        streams = new ThreadPoolExecutor(0, STREAMS, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), factory("stream-"));
    }

    private static ThreadFactory factory(String name) {
        return Thread.ofPlatform().name(name, 0).daemon().factory();
    }

    /** Throws RejectedExecutionException where too many wait already. */
    void execute(Runnable request) {
        requests.execute(request);
    }

    /** Throws RejectedExecutionException where too many are open already. */
    void stream(Runnable stream) {
        streams.execute(stream);
    }

    @Override
    public void close() {
        requests.shutdownNow();
        streams.shutdownNow();
    }
}
