package io.footbridge.dataplane;

import io.footbridge.nat.NatSettings;
import java.security.SecureRandom;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.SystemNanoClock;

/**
 * How an engine runs. Immutable.
 *
 * @param workers threads that forward, at least 1
 * @param warmUp whether to run frames of every kind through the code before the engine is handed out
 * @param clock monotonic nanoseconds; for blocking, the engine uses the system's own
 * @param seed for hashing and for what is drawn at random; unguessable in service, fixed in tests
 * @param nat how flows are tracked, once there is an uplink
 */
public record EngineSettings(int workers, boolean warmUp, NanoClock clock, long seed, NatSettings nat) {
    private static final int MAX_WORKERS = 8;

    /** Checks the number of workers. */
    public EngineSettings {
        if (workers < 1 || workers > MAX_WORKERS) {
            throw new IllegalArgumentException("workers: 1 to " + MAX_WORKERS + " expected, not " + workers);
        }
    }

    /** The same with the default connection table. */
    public EngineSettings(int workers, boolean warmUp, NanoClock clock, long seed) {
        this(workers, warmUp, clock, seed, NatSettings.DEFAULT);
    }

    /** One worker on one or two cores, else half as many as there are cores; warmed up. */
    public static EngineSettings defaults() {
        int cores = Runtime.getRuntime().availableProcessors();
        return new EngineSettings(Math.clamp(cores / 2, 1, MAX_WORKERS), true, SystemNanoClock.INSTANCE,
                new SecureRandom().nextLong());
    }

    /** The same with another number of workers. */
    public EngineSettings withWorkers(int count) {
        return new EngineSettings(count, warmUp, clock, seed, nat);
    }

    /** The same without warming up; {@link WarmUp} can do that later. */
    public EngineSettings cold() {
        return new EngineSettings(workers, false, clock, seed, nat);
    }

    /** The same with another connection table. */
    public EngineSettings withNat(NatSettings changed) {
        return new EngineSettings(workers, warmUp, clock, seed, changed);
    }
}
