package io.footbridge.bench.traffic;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Runs tasks on threads of this process, with sockets made at a place. */
public final class LocalHost implements Host {
    private final Place place;

    /** At a place. */
    public LocalHost(Place place) {
        this.place = place;
    }

    @Override
    public Outcome run(Task task, Duration limit) throws IOException {
        try (Channels channels = new Channels()) {
            FutureTask<Outcome> work = new FutureTask<>(() -> task.run(place, channels));
            Thread.ofPlatform().daemon().name("bench-client").start(work);
            return work.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException late) {
            throw new IOException("no end after " + limit.toSeconds() + " s", late);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        } catch (ExecutionException failed) {
            Throwable cause = failed.getCause();
            throw cause instanceof IOException io && io.getMessage() != null ? io : new IOException(cause.toString(), cause);
        }
    }
}
