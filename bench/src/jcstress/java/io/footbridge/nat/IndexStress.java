package io.footbridge.nat;

import java.lang.foreign.MemorySegment;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * The index of the connection table under races, two actors each. There are two buckets, so that each key's second bucket
 * is the other one; entries 10 to 19 have one key, all others one each.
 */
public final class IndexStress {
    private static final long BUCKETS = 2;
    private static final int KEY = 10;

    private IndexStress() {
    }

    private static int keyOf(int entry) {
        return entry >= KEY && entry < KEY + 10 ? KEY : entry;
    }

    /** All in the first half, so that bucket 0 is the first one of all. */
    private static long hash(int entry) {
        return keyOf(entry) * 0x9E37_79B9_7F4A_7C15L >>> 1;
    }

    private static Index index(int others) {
        // On the heap, for a state is made some million times: a segment is a segment.
        MemorySegment memory = MemorySegment.ofArray(new long[(int) BUCKETS * Index.BUCKET / Long.BYTES]);
        Index index = new Index(memory, BUCKETS,
                (existing, entry) -> keyOf(existing) == keyOf(entry) ? Index.Keys.SAME : Index.Keys.OTHER);
        for (int i = 0; i < others; i++) {
            index.insert(hash(100 + i), 100 + i);
        }
        return index;
    }

    /** The entry that a reader finds for the key. */
    private static int find(Index index) {
        long hash = hash(KEY);
        long word = index.word(index.first(hash));
        int found = findIn(index, index.first(hash), word, hash);
        return found == Index.NONE && Index.hasDisplaced(word)
                ? findIn(index, index.second(hash), index.word(index.second(hash)), hash) : found;
    }

    private static int findIn(Index index, long bucket, long word, long hash) {
        int candidates = index.candidates(bucket, word, hash);
        while (candidates != 0) {
            int slot = Integer.numberOfTrailingZeros(candidates);
            long value = index.value(bucket, slot);
            if (Index.isOf(value, hash) && keyOf(Index.entry(value)) == KEY && index.confirm(bucket, slot, word, value)) {
                return Index.entry(value);
            }
            candidates &= candidates - 1;
        }
        return Index.NONE;
    }

    /** Slots beyond the others'. */
    private static int entries(Index index, int others) {
        return (int) index.entries() - others;
    }

    /** The race in the first bucket. */
    @JCStressTest
    @Outcome(id = {"11, 11, 1", "12, 12, 1"}, expect = Expect.ACCEPTABLE, desc = "One entered, the other found it.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "Two entries, or none.")
    @State
    public static class SameKeyInTheFirstBucket {
        private final Index index = index(0);

        @Actor
        public void first(III_Result result) {
            result.r1 = index.insert(hash(11), 11);
        }

        @Actor
        public void second(III_Result result) {
            result.r2 = index.insert(hash(12), 12);
        }

        @Arbiter
        public void count(III_Result result) {
            result.r3 = find(index) == result.r1 ? entries(index, 0) : -1;
        }
    }

    /** The race in the second bucket, for the first one has all it prefers to have; decided in the first one. */
    @JCStressTest
    @Outcome(id = {"11, 11, 1", "12, 12, 1"}, expect = Expect.ACCEPTABLE, desc = "One entered, the other found it.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "Two entries, or none.")
    @State
    public static class SameKeyDisplaced {
        private final Index index = index(4);

        @Actor
        public void first(III_Result result) {
            result.r1 = index.insert(hash(11), 11);
        }

        @Actor
        public void second(III_Result result) {
            result.r2 = index.insert(hash(12), 12);
        }

        @Arbiter
        public void count(III_Result result) {
            result.r3 = find(index) == result.r1 ? entries(index, 4) : -1;
        }
    }

    /** One of the two may take the place that becomes free in the first bucket, while the other goes to the second. */
    @JCStressTest
    @Outcome(id = {"11, 11, 1", "12, 12, 1"}, expect = Expect.ACCEPTABLE, desc = "One entered, the other found it.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "Two entries, or none.")
    @State
    public static class SameKeyWhileItsBucketChanges {
        private final Index index = index(4);

        @Actor
        public void first(III_Result result) {
            result.r1 = index.insert(hash(11), 11);
        }

        @Actor
        public void second(III_Result result) {
            index.remove(hash(100), 100);
            index.insert(hash(105), 105);
            index.remove(hash(101), 101);
            result.r2 = index.insert(hash(12), 12);
        }

        @Arbiter
        public void count(III_Result result) {
            result.r3 = find(index) == result.r1 ? entries(index, 3) : -1;
        }
    }

    /** A reader finds what is there all the time, whatever comes and goes around it, displaced or not. */
    @JCStressTest
    @Outcome(id = "11, 11", expect = Expect.ACCEPTABLE, desc = "There.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "Missed.")
    @State
    public static class LookupWhileNeighboursChange {
        private final Index index = index(4);

        public LookupWhileNeighboursChange() {
            index.insert(hash(11), 11);
        }

        @Actor
        public void change() {
            for (int i = 0; i < 8; i++) {
                index.remove(hash(100 + i), 100 + i);
                index.insert(hash(104 + i), 104 + i);
            }
        }

        @Actor
        public void look(II_Result result) {
            result.r1 = find(index);
            result.r2 = find(index);
        }
    }

    /** What is taken out is gone for good, and what comes in its place is found under its own key only. */
    @JCStressTest
    @Outcome(id = {"11, 11, 0", "11, -1, 0", "-1, -1, 0"}, expect = Expect.ACCEPTABLE, desc = "There, then gone.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "Back again, or another's, or something is left.")
    @State
    public static class LookupDuringRemoval {
        private final Index index = index(4);

        public LookupDuringRemoval() {
            index.insert(hash(11), 11);
        }

        @Actor
        public void remove() {
            index.remove(hash(11), 11);
            index.insert(hash(110), 110);
        }

        @Actor
        public void look(III_Result result) {
            result.r1 = find(index);
            result.r2 = find(index);
        }

        @Arbiter
        public void count(III_Result result) {
            result.r3 = entries(index, 5);
        }
    }
}
