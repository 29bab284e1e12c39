package io.footbridge.nat;

/** What one thread at a time needs to work on the tables: a worker's own, or the one of all other threads, under a lock. */
final class Lane {
    private static final long GOLDEN = 0x9E37_79B9_7F4A_7C15L;

    final int number;
    final Tally tally;
    final Allotment allotment;
    /** A session's tuples while it is opened: what it becomes, what comes back, what that becomes, and one to try with. */
    final Tuple translated = new Tuple();
    final Tuple reply = new Tuple();
    final Tuple answer = new Tuple();
    final Tuple probe = new Tuple();
    /** Records that were looked at for eviction. */
    long visited;
    /** Whether the last flow that was asked for was not there before. */
    boolean fresh;
    /** Whether the remote address of the session that is opened was counted. */
    boolean remote;
    /** What was read only to have it near. */
    long touched;

    private long random;
    private long draws;

    Lane(int number, long seed, Tally tally, Allotment allotment) {
        this.number = number;
        this.tally = tally;
        this.allotment = allotment;
        this.random = seed + number * GOLDEN * GOLDEN;
        newDraws();
    }

    /** From now on {@link #draw} draws anew for each key. */
    void newDraws() {
        draws = next();
    }

    /**
     * A random number, 0 to {@code bound-1}, the same one for a key until {@link #newDraws}: so what it leads to can be read
     * ahead. Nobody who sees other draws can tell it.
     *
     * @param key a hash that nobody is shown
     * @param round which of the key's draws
     */
    int draw(long key, int round, int bound) {
        return (int) Math.unsignedMultiplyHigh(mix(key + draws + round * GOLDEN), bound);
    }

    /** A random number, 0 to {@code bound-1} (Steele et al., Fast splittable pseudorandom number generators). */
    int random(int bound) {
        return (int) Math.unsignedMultiplyHigh(next(), bound);
    }

    private long next() {
        random += GOLDEN;
        return mix(random);
    }

    private static long mix(long of) {
        long word = (of ^ of >>> 30) * 0xBF58_476D_1CE4_E5B9L;
        word = (word ^ word >>> 27) * 0x94D0_49BB_1331_11EBL;
        return word ^ word >>> 31;
    }
}
