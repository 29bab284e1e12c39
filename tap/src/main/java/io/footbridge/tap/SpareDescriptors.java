package io.footbridge.tap;

/**
 * Descriptors that are kept back, so that there are some left for saying no when all others are in use: copies of one that is
 * open anyway. One thread at a time.
 */
public final class SpareDescriptors implements AutoCloseable {
    // fcntl(2)
    private static final int F_DUPFD_CLOEXEC = 1030;

    private final int original;
    private final int[] spares;
    private int held;

    /**
     * Holds none yet.
     *
     * @param original what is copied
     * @param count how many there are to be
     */
    public SpareDescriptors(int original, int count) {
        this.original = original;
        this.spares = new int[count];
    }

    /** Takes what is missing; whether all could be had. */
    public boolean refill() {
        while (held < spares.length) {
            int copy = FileCalls.fcntl(CallState.ofThread(), original, F_DUPFD_CLOEXEC, 0);
            if (copy < 0) {
                return false;
            }
            spares[held++] = copy;
        }
        return true;
    }

    /** Gives one away, for what is needed now; whether there was one. */
    public boolean giveOne() {
        if (held == 0) {
            return false;
        }
        FileCalls.close(CallState.ofThread(), spares[--held]);
        return true;
    }

    /** Gives all of them away. */
    @Override
    public void close() {
        while (giveOne()) {
            // another
        }
    }
}
