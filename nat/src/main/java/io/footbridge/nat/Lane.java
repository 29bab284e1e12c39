package io.footbridge.nat;

/** What one thread at a time needs to work on the tables: a worker's own, or the one of all other threads, under a lock. */
final class Lane {
    private static final long GOLDEN = 0x9E37_79B9_7F4A_7C15L;

    final int number;
    final Tally tally = new Tally();
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
    /** A port that was drawn, as an offset in its class, and whose word is near. */
    int draw;
    /** What was read only to have it near. */
    long touched;

    private long random;

    Lane(int number, long seed) {
        this.number = number;
        this.random = seed + number * GOLDEN * GOLDEN;
    }

    /** A random number, 0 to {@code bound-1} (Steele et al., Fast splittable pseudorandom number generators). */
    int random(int bound) {
        random += GOLDEN;
        long word = random;
        word = (word ^ word >>> 30) * 0xBF58_476D_1CE4_E5B9L;
        word = (word ^ word >>> 27) * 0x94D0_49BB_1331_11EBL;
        return (int) Math.unsignedMultiplyHigh(word ^ word >>> 31, bound);
    }
}
