package io.footbridge.dataplane;

import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The engine's own thread for what is not urgent: ageing, links that may have gone, periodic advertisements. */
final class Housekeeping implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Housekeeping.class);
    private static final long PERIOD_MILLIS = 500;
    /** A table of 16,384 entries is swept within 4 s. */
    private static final int SWEEP_SLOTS = 4096;
    private static final int ADVERTISE_EVERY = 400;

    private static final int CLOSE_SECONDS = 2;

    private final Engine engine;
    private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(this::newThread);
    private volatile Thread thread;
    private int rounds;

    Housekeeping(Engine engine) {
        this.engine = engine;
    }

    private Thread newThread(Runnable task) {
        thread = Thread.ofPlatform().name("footbridge-housekeeping").daemon().unstarted(task);
        return thread;
    }

    void start() {
        executor.scheduleWithFixedDelay(this::round, PERIOD_MILLIS, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Runs something soon; after {@link #close} nothing. */
    void execute(Runnable task) {
        try {
            executor.execute(() -> guarded(task));
        } catch (RejectedExecutionException closing) {
            LOG.debug("the engine is closing", closing);
        }
    }

    private void round() {
        guarded(engine::housekeep);
        guarded(() -> engine.sweep(SWEEP_SLOTS));
        if (rounds++ % ADVERTISE_EVERY == 0) {
            guarded(this::advertise);
        }
    }

    private void advertise() {
        Worker worker = engine.worker();
        for (Bridge bridge : engine.bridges()) {
            worker.execute(() -> worker.gateway().advertise(bridge));
        }
    }

    private static void guarded(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException failed) {
            LOG.error("housekeeping failed and goes on", failed);
        }
    }

    /** Begins nothing more, and waits for what is under way, within limits. */
    @Override
    public void close() {
        executor.shutdownNow();
        if (Thread.currentThread() == thread) {
            return;
        }
        try {
            if (!executor.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("a listener for lost ports has not returned within {} s", CLOSE_SECONDS);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
