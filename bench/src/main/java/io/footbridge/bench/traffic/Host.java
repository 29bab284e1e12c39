package io.footbridge.bench.traffic;

import java.io.IOException;
import java.time.Duration;

/** Where a client's tasks run. */
public interface Host {
    /**
     * Does a task and waits for it, but not longer than a limit. One task at a time.
     *
     * @throws IOException when it failed or took too long; whatever it had open is closed then
     */
    Outcome run(Task task, Duration limit) throws IOException;
}
