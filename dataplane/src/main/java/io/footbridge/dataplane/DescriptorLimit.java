package io.footbridge.dataplane;

import io.footbridge.tap.CallState;
import io.footbridge.tap.ProcessCalls;

/** How many descriptors the process may have open (RLIMIT_NOFILE), which is raised as far as it may. */
final class DescriptorLimit {
    /** What POSIX lets every process have, and Linux by default. */
    private static final int USUAL = 1024;
    private static final int MAX = 1 << 20;

    private DescriptorLimit() {
    }

    /** How many of them the sockets of one protocol may be: half, so that what serves people and devices has the rest. */
    static int share() {
        return share(ProcessCalls.raiseOpenFiles(CallState.ofThread()));
    }

    /** The same, of a limit; one beyond counting, which reads as negative, is not told from one that cannot be read. */
    static int share(long limit) {
        return (int) Math.min(MAX, limit < 0 ? USUAL : limit) / 2;
    }
}
