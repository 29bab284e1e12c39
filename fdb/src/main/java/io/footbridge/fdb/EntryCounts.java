package io.footbridge.fdb;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * How many entries there are, in all and learned per port, and how many there may be. Reserved before an entry appears
 * and released after it is gone, so an entry that can be seen is always counted. Any thread; nothing waits.
 */
final class EntryCounts {
    private final AtomicInteger total = new AtomicInteger();
    private final AtomicIntegerArray learned;
    private final AtomicIntegerArray limits;

    EntryCounts(FdbSettings settings) {
        learned = new AtomicIntegerArray(settings.ports());
        limits = new AtomicIntegerArray(settings.ports());
        for (int port = 0; port < settings.ports(); port++) {
            limits.setPlain(port, settings.portLimit());
        }
    }

    int total() {
        return total.get();
    }

    int learned(int port) {
        return learned.get(port);
    }

    int limit(int port) {
        return limits.get(port);
    }

    void limit(int port, int entries) {
        limits.set(port, entries);
    }

    /** One more in all, unless there are {@code limit} already. */
    boolean reserve(int limit) {
        int count;
        do {
            count = total.get();
            if (count >= limit) {
                return false;
            }
        } while (!total.compareAndSet(count, count + 1));
        return true;
    }

    void release() {
        total.getAndDecrement();
    }

    /** One more learned on this port, unless it is at its limit. */
    boolean reserveLearned(int port) {
        int count;
        do {
            count = learned.get(port);
            if (count >= limits.get(port)) {
                return false;
            }
        } while (!learned.compareAndSet(port, count, count + 1));
        return true;
    }

    /** One more on this port whatever its limit: made by hand. */
    void addLearned(int port) {
        learned.getAndIncrement(port);
    }

    void releaseLearned(int port) {
        learned.getAndDecrement(port);
    }
}
