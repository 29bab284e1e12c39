package io.footbridge.nat;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class IndexTest {
    private static final int ENDED_FROM = 1 << 20;

    /** Keys are hashes; the entry's number finds them. */
    private final Map<Integer, Long> keys = new HashMap<>();

    private Index index(long buckets) {
        MemorySegment memory = Arena.ofAuto().allocate(buckets * Index.BUCKET, Index.BUCKET);
        return new Index(memory, buckets, (existing, entry) -> {
            if (!keys.get(existing).equals(keys.get(entry))) {
                return Index.Keys.OTHER;
            }
            return existing >= ENDED_FROM ? Index.Keys.ENDED : Index.Keys.SAME;
        });
    }

    private int find(Index index, long hash) {
        int found = Index.NONE;
        long word = index.word(index.first(hash));
        for (long bucket : new long[] {index.first(hash), Index.hasDisplaced(word) ? index.second(hash) : index.first(hash)}) {
            long itsWord = index.word(bucket);
            int candidates = index.candidates(bucket, itsWord, hash);
            for (int slot = 0; slot < Index.SLOTS; slot++) {
                long value = index.value(bucket, slot);
                assertThat((candidates >>> slot & 1) != 0)
                        .isEqualTo((itsWord >>> slot & 1) != 0 && Index.isOf(value, hash));
                if ((candidates >>> slot & 1) != 0 && keys.get(Index.entry(value)) == hash) {
                    assertThat(index.confirm(bucket, slot, itsWord, value)).isTrue();
                    found = Index.entry(value);
                }
            }
        }
        return found;
    }

    /** Few buckets and few hashes, so that buckets are full, keys displaced, and tags alike. */
    @Property(tries = 300)
    void itAgreesWithAMap(@ForAll @LongRange(min = 0) long seed, @ForAll @IntRange(min = 2, max = 5) int buckets) {
        keys.clear();
        Index index = index(buckets);
        SplittableRandom random = new SplittableRandom(seed);
        Map<Long, Integer> model = new HashMap<>();
        List<Long> hashes = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            long hash = random.nextLong();
            // Some have the least of all tags, some the greatest.
            hashes.add(i % 8 == 0 ? hash & -1L << 32 : i % 8 == 1 ? hash | 0xFFFF_FFFFL : hash);
        }
        for (int i = 0; i < 400; i++) {
            long hash = hashes.get(random.nextInt(hashes.size()));
            Integer there = model.get(hash);
            if (there != null && random.nextBoolean()) {
                index.remove(hash, there);
                model.remove(hash);
            } else {
                keys.put(i, hash);
                int result = index.insert(hash, i);
                if (there != null) {
                    assertThat(result).isEqualTo(there);
                } else if (result != Index.FULL) {
                    assertThat(result).isEqualTo(i);
                    model.put(hash, i);
                }
            }
            for (long each : hashes) {
                assertThat(find(index, each)).isEqualTo(model.getOrDefault(each, Index.NONE));
            }
        }
        assertThat(index.entries()).isEqualTo(model.size());
        model.forEach((hash, entry) -> index.remove(hash, entry));
        assertThat(index.entries()).isZero();
        for (int bucket = 0; bucket < buckets; bucket++) {
            assertThat(Index.hasDisplaced(index.word((long) bucket * Index.BUCKET))).isFalse();
        }
    }

    @Test
    void anEndedEntryGivesWayToANewOneOfItsKey() {
        Index index = index(4);
        keys.put(ENDED_FROM, 77L);
        keys.put(1, 77L);
        assertThat(index.insert(77, ENDED_FROM)).isEqualTo(ENDED_FROM);
        assertThat(index.insert(77, 1)).isEqualTo(1);
        assertThat(find(index, 77)).isEqualTo(1);
        index.remove(77, ENDED_FROM);
        assertThat(find(index, 77)).isEqualTo(1);
        index.remove(77, 1);
        assertThat(index.entries()).isZero();
    }

    @Test
    void itTakesAllThatItIsMadeFor() {
        int entries = 200_000;
        Index index = index(Index.buckets(entries));
        SplittableRandom random = new SplittableRandom(3);
        for (int i = 0; i < entries; i++) {
            long hash = random.nextLong();
            keys.put(i, hash);
            assertThat(index.insert(hash, i)).isEqualTo(i);
        }
        assertThat(entries / (Index.buckets(entries) * (double) Index.SLOTS)).isLessThanOrEqualTo(0.6);
    }
}
