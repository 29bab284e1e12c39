package io.footbridge.dataplane;

import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.AgentRunner;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The threads of the workers: started, stopped, and what goes wrong in them reported. */
final class WorkerThreads {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerThreads.class);
    private static final long WAKE_NANOS = 20_000;
    private static final int REPORTS_BURST = 10;
    private static final int CLOSE_RETRY_MILLIS = 5000;

    private final Worker[] workers;
    private final AgentRunner[] runners;
    private final RateLimit reports = new RateLimit(1, REPORTS_BURST, System.nanoTime());

    WorkerThreads(Worker[] workers) {
        this.workers = workers;
        this.runners = new AgentRunner[workers.length];
        for (int i = 0; i < workers.length; i++) {
            runners[i] = new AgentRunner(workers[i], this::report, null, workers[i]);
        }
    }

    /** Starts them all. */
    void start() {
        for (AgentRunner runner : runners) {
            AgentRunner.startOnThread(runner);
        }
    }

    /** Stops them one after the other; returns when all have ended. */
    void stop() {
        for (int i = 0; i < workers.length; i++) {
            stop(workers[i], runners[i]);
        }
    }

    private static void stop(Worker worker, AgentRunner runner) {
        Thread waker = Thread.ofPlatform().daemon().start(() -> {
            while (!runner.isClosed()) {
                worker.wake();
                LockSupport.parkNanos(WAKE_NANOS);
            }
        });
        runner.close(CLOSE_RETRY_MILLIS, thread -> LOG.warn("{} has not ended yet", thread.getName()));
        boolean interrupted = false;
        while (waker.isAlive()) {
            try {
                waker.join();
            } catch (InterruptedException ignored) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** A defect, since no input may lead here; told now and then, so that it cannot fill a disk. */
    private void report(Throwable thrown) {
        if (reports.allows(System.nanoTime())) {
            LOG.error("a worker met an error and goes on", thrown);
        }
    }
}
