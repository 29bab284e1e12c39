package io.footbridge.control.daemon;

import io.footbridge.memory.CleanPages;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives back what only the start needed, and what only a change needed, such as a compilation: the pages of files that were read
 * and not written. It looks every two seconds, and waits until no more of them come.
 */
public final class MemoryTrim {
    private static final Logger LOG = LoggerFactory.getLogger(MemoryTrim.class);
    private static final long SETTLED_NANOS = TimeUnit.SECONDS.toNanos(4);
    private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(2);
    /** What has come is given back if it is more than this: what a daemon that only serves needs is less. */
    private static final long WORTHWHILE = 6 << 20;
    private static final long AT_REST = 256 << 10;

    private MemoryTrim() {
    }

    /** Does so in the calling thread, and never returns. */
    public static void forever() {
        pause(SETTLED_NANOS);
        try {
            trim(CleanPages.find());
        } catch (IOException | RuntimeException | Error failed) {
            // The daemon serves without it: its main thread must not end by this.
            LOG.debug("no memory is given back", failed);
        }
        while (true) {
            pause(SETTLED_NANOS);
        }
    }

    private static void trim(CleanPages pages) throws IOException {
        long needed = 0;
        long seen = 0;
        while (true) {
            long resident = CleanPages.resident();
            if (resident - needed > WORTHWHILE && resident - seen < AT_REST) {
                pages.giveBack();
                resident = CleanPages.resident();
                needed = resident;
            }
            seen = resident;
            pause(PERIOD_NANOS);
        }
    }

    private static void pause(long nanos) {
        long until = System.nanoTime() + nanos;
        for (long left = nanos; left > 0; left = until - System.nanoTime()) {
            LockSupport.parkNanos(left);
            // Nobody interrupts this thread on purpose, and a flag that stays would make it spin.
            Thread.interrupted();
        }
    }
}
