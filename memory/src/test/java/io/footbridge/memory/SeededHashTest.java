package io.footbridge.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.function.LongUnaryOperator;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class SeededHashTest {
    private static final long BUCKETS = 1 << 16;
    private static final int KEYS = 1 << 20;

    private final SeededHash hash = new SeededHash(42);

    @Test
    void eachInputBitTurnsEachOutputBitInHalfOfAllCases() {
        assertAvalanche(a -> hash.hash(a));
        assertAvalanche(a -> hash.hash(a, 0));
        assertAvalanche(b -> hash.hash(0, b));
        assertAvalanche(a -> hash.hash(a, 0, 0));
        assertAvalanche(b -> hash.hash(0, b, 0));
        assertAvalanche(c -> hash.hash(0, 0, c));
    }

    /** What a sender can choose: runs, strides, and keys that differ in the upper bits only. */
    @Test
    void patternsOfKeysFillBucketsAsRandomKeysWould() {
        for (long seed = 0; seed < 8; seed++) {
            SeededHash seeded = new SeededHash(seed);
            assertEven(i -> seeded.hash(0x0242_0000_0000L + i));
            assertEven(i -> seeded.hash(i << 24));
            assertEven(i -> seeded.hash(i << 40));
            assertEven(i -> seeded.hash((i & 0xFFF) << 48 | i >>> 12));
            assertEven(i -> seeded.hash(i * BUCKETS));
            assertEven(i -> seeded.hash(0x0A00_0001_0A00_0002L, i << 16));
            assertEven(i -> seeded.hash(i >>> 10, i & 0x3FF));
            assertEven(i -> seeded.hash(1, i << 44, 2));
            assertEven(i -> seeded.hash(i & 0x3FF, 0, i >>> 10));
        }
    }

    @Test
    void anotherSeedPlacesKeysElsewhere() {
        SeededHash other = new SeededHash(43);
        int together = 0;
        for (long key = 0; key < 10_000; key++) {
            if (SeededHash.range(hash.hash(key), 100) == SeededHash.range(other.hash(key), 100)) {
                together++;
            }
        }
        assertThat(together).isBetween(50, 150);
        assertThat(new SeededHash(42).hash(1, 2, 3)).isEqualTo(hash.hash(1, 2, 3));
    }

    @Test
    void orderAndCountOfWordsMatter() {
        assertThat(hash.hash(1, 2)).isNotEqualTo(hash.hash(2, 1));
        assertThat(hash.hash(1, 2, 3)).isNotEqualTo(hash.hash(3, 2, 1)).isNotEqualTo(hash.hash(1, 3, 2));
        assertThat(hash.hash(1, 0)).isNotEqualTo(hash.hash(1));
        assertThat(hash.hash(1, 0, 0)).isNotEqualTo(hash.hash(1, 0));
    }

    @Property
    void theRangeIsKept(@ForAll long hash, @ForAll @LongRange(min = 1) long n) {
        assertThat(SeededHash.range(hash, n)).isBetween(0L, n - 1);
    }

    private static void assertAvalanche(LongUnaryOperator hashed) {
        int samples = 4096;
        SplittableRandom random = new SplittableRandom(1);
        int[][] turned = new int[64][64];
        for (int sample = 0; sample < samples; sample++) {
            long input = random.nextLong();
            long before = hashed.applyAsLong(input);
            for (int bit = 0; bit < 64; bit++) {
                long difference = before ^ hashed.applyAsLong(input ^ 1L << bit);
                for (int out = 0; out < 64; out++) {
                    turned[bit][out] += (int) (difference >>> out & 1);
                }
            }
        }
        for (int bit = 0; bit < 64; bit++) {
            for (int out = 0; out < 64; out++) {
                // Six standard deviations of a fair coin: 4096 cells, so a fair hash fails once in 10^5 seeds.
                assertThat(turned[bit][out]).as("bit %d to bit %d", bit, out).isBetween(1856, 2240);
            }
        }
    }

    private static void assertEven(LongUnaryOperator hashed) {
        int[] filled = new int[(int) BUCKETS];
        for (long i = 0; i < KEYS; i++) {
            filled[(int) SeededHash.range(hashed.applyAsLong(i), BUCKETS)]++;
        }
        double mean = (double) KEYS / BUCKETS;
        double chiSquare = 0;
        for (int count : filled) {
            chiSquare += (count - mean) * (count - mean) / mean;
        }
        // Random keys: mean BUCKETS, standard deviation sqrt(2 BUCKETS) = 362. More even than random does no harm.
        assertThat(chiSquare).isLessThan(BUCKETS + 6 * 362);
    }
}
