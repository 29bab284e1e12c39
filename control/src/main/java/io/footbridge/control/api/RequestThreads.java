package io.footbridge.control.api;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Who carries requests out: few threads for those that end soon, one each for those that do not. Both are bounded. */
final class RequestThreads implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RequestThreads.class);
    private static final Duration PATIENCE_WITH_STREAMS = Duration.ofMillis(500);
    private static final int THREADS = 4;
    private static final int WAITING = 256;
    private static final int STREAMS = 16;
    private static final int IDLE_SECONDS = 10;

    private final ThreadPoolExecutor requests;
    private final ThreadPoolExecutor streams;
    private final Set<BodyStream> open = ConcurrentHashMap.newKeySet();

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
    void stream(BodyStream stream) {
        open.add(stream);
        try {
            streams.execute(() -> {
                try {
                    stream.run();
                } finally {
                    open.remove(stream);
                }
            });
        } catch (RejectedExecutionException full) {
            open.remove(stream);
            throw full;
        }
    }

    /** Takes nothing more. Streams end in order where their clients take what is left within a short time. */
    @Override
    public void close() {
        requests.shutdownNow();
        streams.shutdown();
        open.forEach(BodyStream::end);
        try {
            if (!streams.awaitTermination(PATIENCE_WITH_STREAMS.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.debug("streams are cut off");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        streams.shutdownNow();
    }
}
