package io.footbridge.dataplane;

import java.util.concurrent.atomic.AtomicLong;

/**
 * A token bucket as one word: the moment at which the bucket would be full again (the generic cell rate algorithm). Any
 * thread; lock-free, and under contention a caller that loses too often is refused rather than kept.
 */
final class RateLimit {
    private static final long SECOND = 1_000_000_000L;
    private static final int ATTEMPTS = 4;

    private final long interval;
    private final long capacity;
    private final AtomicLong fullAt;

    /**
     * @param perSecond tokens that flow in each second, at least 1
     * @param burst tokens that the bucket holds, at least 1
     * @param now the clock's present reading in nanoseconds; the bucket is full then
     */
    RateLimit(int perSecond, int burst, long now) {
        interval = (SECOND + perSecond - 1) / perSecond;
        capacity = interval * burst;
        fullAt = new AtomicLong(now);
    }

    /** Takes a token if there is one. */
    boolean allows(long now) {
        for (int i = 0; i < ATTEMPTS; i++) {
            long seen = fullAt.get();
            long from = seen - now > 0 ? seen : now;
            if (from + interval - now > capacity) {
                return false;
            }
            if (fullAt.compareAndSet(seen, from + interval)) {
                return true;
            }
        }
        return false;
    }
}
