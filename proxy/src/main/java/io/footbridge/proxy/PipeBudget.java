package io.footbridge.proxy;

import io.footbridge.tap.CallState;
import io.footbridge.tap.FileCalls;
import io.footbridge.tap.PipeCalls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How many pipes a process may make and how large. The kernel counts each user's pages in pipes (pipe(7)): a user past
 * pipe-user-pages-soft gets pipes of two pages, whatever program asks. So without privilege all pipes together take at
 * most a quarter of that.
 *
 * @param size bytes of each pipe
 * @param count pipes of the whole process, 0 if none is worth having
 */
record PipeBudget(int size, int count) {
    /** What a privileged pipe holds. More moves no byte faster; less makes twice the system calls. */
    static final int LARGE = 1 << 20;
    /** A smaller pipe is not worth its two system calls per chunk. */
    static final int LEAST = 64 << 10;

    private static final int SHARE = 4;
    private static final int PAGE = 4096;
    private static final int SOFT_DEFAULT_PAGES = 16384;
    private static final Path SOFT = Path.of("/proc/sys/fs/pipe-user-pages-soft");
    private static final Path LARGEST = Path.of("/proc/sys/fs/pipe-max-size");

    /** What this process may have, if it would like so many. */
    static PipeBudget probe(int wanted) {
        int largest = number(LARGEST, LARGE);
        // Zero is no limit at all, which is no reason to take all there is.
        int soft = number(SOFT, SOFT_DEFAULT_PAGES);
        return of(wanted, isUnlimited(largest), largest, soft == 0 ? SOFT_DEFAULT_PAGES : soft);
    }

    /** As {@link #probe}, from what was probed. */
    static PipeBudget of(int wanted, boolean unlimited, int largest, int softPages) {
        if (wanted == 0) {
            return new PipeBudget(LEAST, 0);
        }
        if (unlimited) {
            return new PipeBudget(LARGE, wanted);
        }
        long share = (long) softPages * PAGE / SHARE;
        int size = (int) Long.highestOneBit(Math.max(1, Math.min(Math.min(LARGE, largest), share / wanted)));
        if (size >= LEAST) {
            return new PipeBudget(size, wanted);
        }
        return new PipeBudget(LEAST, largest < LEAST ? 0 : (int) (share / LEAST));
    }

    /** CAP_SYS_RESOURCE in the initial user namespace may exceed pipe-max-size, and is exempt from the share too. */
    private static boolean isUnlimited(int largest) {
        CallState state = CallState.ofThread();
        int[] ends = new int[2];
        if (PipeCalls.pipe(state, ends) < 0) {
            return false;
        }
        boolean unlimited = PipeCalls.resize(state, ends[0], 2 * Math.min(largest, Integer.MAX_VALUE / 2)) > largest;
        FileCalls.close(state, ends[0]);
        FileCalls.close(state, ends[1]);
        return unlimited;
    }

    private static int number(Path file, int otherwise) {
        try {
            return (int) Math.min(Integer.MAX_VALUE, Long.parseLong(Files.readString(file).strip()));
        } catch (IOException | NumberFormatException absent) {
            return otherwise;
        }
    }
}
