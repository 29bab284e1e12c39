package io.footbridge.control.daemon;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a process has started, to be stopped in the reverse order, once. Any thread. */
public final class Parts {
    private static final Logger LOG = LoggerFactory.getLogger(Parts.class);
    private static final Duration LIMIT_TO_STOP = Duration.ofSeconds(5);

    private final Deque<Part> parts = new ArrayDeque<>();
    private volatile String stopping = "nothing yet";
    private boolean stopped;

    /** Something that was started. */
    private record Part(String name, AutoCloseable closing) {
    }

    /** Nothing yet. */
    public Parts() {
    }

    /** Passes through what was just started. */
    public synchronized <T extends AutoCloseable> T started(String name, T part) {
        parts.push(new Part(name, part));
        LOG.debug("{} started", name);
        return part;
    }

    /** From now on the process ends with 1 if it has not ended by itself within five seconds. */
    public void limitStop() {
        Thread.ofPlatform().daemon().start(() -> {
            LockSupport.parkNanos(LIMIT_TO_STOP.toNanos());
            LOG.error("stopping took longer than {} s and was cut short at {}; the next start on this socket cleans up",
                LIMIT_TO_STOP.toSeconds(), stopping);
            Runtime.getRuntime().halt(1);
        });
    }

    /** Stops all of it. */
    public synchronized void stop() {
        if (stopped) {
            return;
        }
        stopped = true;
        for (Part part : parts) {
            stopping = part.name();
            try {
                part.closing().close();
            } catch (Exception failure) {
                LOG.warn("stop {}: {}", part.name(), failure.toString());
            }
        }
    }
}
