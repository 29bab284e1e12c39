package io.footbridge.dataplane;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A range of ports of the host that leads to a container by the host's own sockets; made by {@link Engine#listen}. It ends with
 * its container's port too. Any thread.
 */
public final class ListeningPort implements AutoCloseable {
    private final PublishedPort published;
    private final Runnable end;
    private final AtomicBoolean closed = new AtomicBoolean();

    ListeningPort(PublishedPort published, Runnable end) {
        this.published = published;
        this.end = end;
    }

    /** What leads where, and how many flows have come in by it. */
    public PublishedPort published() {
        return published;
    }

    /** Listens no longer, when this returns; flows that have come in stay. Repeated calls do nothing. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            end.run();
        }
    }
}
