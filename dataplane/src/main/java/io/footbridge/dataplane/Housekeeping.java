package io.footbridge.dataplane;

import io.footbridge.nat.Tuple;
import io.footbridge.wire.MacAddress;
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
    private static final int REPORT_EVERY = 20;
    private static final long FLOW_PERIOD_MILLIS = 50;
    /** The whole connection table in 10 s. */
    private static final int FLOW_ROUNDS = 200;
    /** So much is swept in well under a millisecond, however much of it has expired, and holds up who waits for the lock. */
    private static final int FLOW_SLICE = 4096;
    private static final long ANNOUNCE_MILLIS = 2000;

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
        executor.scheduleWithFixedDelay(() -> guarded(this::sweepFlows), FLOW_PERIOD_MILLIS, FLOW_PERIOD_MILLIS,
                TimeUnit.MILLISECONDS);
    }

    private void sweepFlows() {
        int left = -(-engine.routing().capacity() / FLOW_ROUNDS);
        int visited = left;
        while (left > 0 && visited > 0) {
            visited = engine.routing().sweep(Math.min(left, FLOW_SLICE));
            left -= visited;
        }
    }

    /** Runs something as long after as RFC 5227 has between announcements; after {@link #close} nothing. */
    void executeAgain(Runnable task) {
        try {
            executor.schedule(() -> guarded(task), ANNOUNCE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException closing) {
            LOG.debug("the engine is closing", closing);
        }
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
        guarded(engine::askNeighbours);
        guarded(this::reportConflicts);
        if (rounds++ % ADVERTISE_EVERY == 0) {
            guarded(this::advertise);
        }
    }

    private void reportConflicts() {
        for (Uplink uplink : engine.routing().uplinks()) {
            Bridge.Conflict conflict = rounds % REPORT_EVERY == 0 ? uplink.bridge().takeConflict() : null;
            if (conflict != null) {
                LOG.warn("uplink {}: {} also uses address {}; both will lose connections until one takes another",
                        uplink.name(), MacAddress.format(conflict.mac()), Tuple.address(conflict.high(), conflict.low()));
            }
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
