package io.footbridge.control.run;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * How a run that has joined a network hears of the end of the user's daemon: a FIFO {@code run-PID.life} in the user's
 * directory, of which the script {@code engine} has the reading end. The daemon opens it and removes the name. Nothing is
 * ever written; when the daemon has ended, so has what the script reads.
 */
public final class Lifeline {
    /** The names of all of them, as a glob. */
    public static final String FILES = "run-*.life";

    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private Lifeline() {
    }

    /** Waits until the daemon has taken it, or COMMAND has ended; a while, lest a daemon that has just ended is waited for. */
    public static void awaitTaken(Path directory, int command) {
        Path file = directory.resolve("run-" + command + ".life");
        Path process = RunFile.process(file);
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (Files.exists(file) && Files.exists(process) && System.nanoTime() - deadline < 0) {
            LockSupport.parkNanos(PERIOD_NANOS);
        }
    }
}
