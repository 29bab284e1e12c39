package io.footbridge.memory;

/**
 * A 64-bit hash of one, two or three longs that depends on a seed. All 64 bits are fit for use, the upper ones too
 * (see {@link #range}). Allocation-free, a few nanoseconds; any thread.
 *
 * <p>Senders choose MAC addresses and ports. Whoever does not know the seed cannot choose them so that they fall
 * together, nor learn the seed from afar, because no hash is ever shown. It is not a message authentication code.
 *
 * <p>A step multiplies two 64-bit words and folds the 128-bit product by exclusive or. Both words carry a part of the
 * seed, so no input is known to make a factor zero. A second step spreads what a product leaves uneven.
 */
public final class SeededHash {
    /** 2^64 divided by the golden ratio, odd: consecutive multiples are spread over the whole word. */
    private static final long GOLDEN = 0x9E37_79B9_7F4A_7C15L;
    /** Expands the seed; any odd number with about as many ones as zeros does. */
    private static final long EXPAND = 0xD6E8_FEB8_6659_FD93L;

    private final long first;
    private final long second;
    private final long third;
    private final long fourth;
    private final long fold;
    private final long last;

    /** @param seed drawn from a secure source at each start, or fixed in a test */
    public SeededHash(long seed) {
        first = expand(seed, 1);
        second = expand(seed, 2);
        third = expand(seed, 3);
        fourth = expand(seed, 4);
        // These two are factors as they are: odd, so that no bit is multiplied away, and never small.
        fold = expand(seed, 5) | 0x0000_0001_0000_0001L;
        last = expand(seed, 6) | 0x0000_0001_0000_0001L;
    }

    /** The hash of one word. */
    public long hash(long a) {
        return multiplyFold(multiplyFold(a ^ first, fold) ^ second, last);
    }

    /** The hash of two words, in this order. */
    public long hash(long a, long b) {
        return multiplyFold(multiplyFold(a ^ first, b ^ second) ^ third, last);
    }

    /** The hash of three words, in this order. */
    public long hash(long a, long b, long c) {
        long ab = multiplyFold(a ^ first, b ^ second);
        return multiplyFold(multiplyFold(ab ^ c ^ third, fold) ^ fourth, last);
    }

    /**
     * Maps a hash evenly onto {@code 0 .. n-1}, by its upper bits. Needs no power of two.
     *
     * @param n at least 1
     */
    public static long range(long hash, long n) {
        return Math.unsignedMultiplyHigh(hash, n);
    }

    private static long multiplyFold(long a, long b) {
        return Math.unsignedMultiplyHigh(a, b) ^ (a * b);
    }

    private static long expand(long seed, int part) {
        long word = seed + part * GOLDEN;
        for (int round = 0; round < 3; round++) {
            word ^= word >>> 32;
            word *= EXPAND;
            word ^= word >>> 29;
        }
        return word;
    }
}
