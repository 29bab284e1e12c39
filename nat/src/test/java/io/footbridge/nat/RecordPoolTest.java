package io.footbridge.nat;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

/** Each record is one's at a time, and none is lost. */
class RecordPoolTest {
    private static final int STRIDE = 32;
    private static final int LINK = 20;
    private static final int LANES = 3;

    private static RecordPool pool(int records) {
        MemorySegment segment = Arena.ofAuto().allocate((long) records * STRIDE, 64);
        return new RecordPool(segment, records, STRIDE, LINK, LANES);
    }

    private static Lane lane(int number) {
        return new Lane(number, 42, new Tally(), new Allotment(0));
    }

    private static List<Integer> takeAll(RecordPool pool, Lane lane) {
        List<Integer> taken = new ArrayList<>();
        int record;
        while ((record = pool.take(lane)) != RecordPool.NONE) {
            taken.add(record);
        }
        return taken;
    }

    @Test
    void oneLaneTakesAllThatNoOtherHasInStock() {
        RecordPool pool = pool(1000);
        Lane first = lane(0);
        Lane second = lane(1);
        pool.give(pool.take(second));
        Set<Integer> taken = new HashSet<>(takeAll(pool, first));
        assertThat(taken).hasSize(1000 - RecordPool.STOCK + 1).allMatch(record -> record >= 0 && record < 1000);
        List<Integer> rest = takeAll(pool, second);
        assertThat(rest).hasSize(RecordPool.STOCK - 1).doesNotContainAnyElementsOf(taken);
        assertThat(pool.highWater()).isEqualTo(1000);
    }

    @Test
    void fewerRecordsThanAStockHas() {
        RecordPool pool = pool(5);
        assertThat(takeAll(pool, lane(0))).containsExactlyInAnyOrder(0, 1, 2, 3, 4);
        assertThat(pool.take(lane(1))).isEqualTo(RecordPool.NONE);
        pool.give(3);
        assertThat(pool.take(lane(1))).isEqualTo(3);
        assertThat(pool.highWater()).isEqualTo(5);
    }

    @Test
    void chainsComeBackWhole() {
        RecordPool pool = pool(200);
        Lane lane = lane(0);
        List<Integer> taken = takeAll(pool, lane);
        for (int i = 0; i < taken.size() - 1; i++) {
            pool.link(taken.get(i), taken.get(i + 1));
        }
        pool.give(taken.getFirst(), taken.getLast());
        assertThat(takeAll(pool, lane)).containsExactlyInAnyOrderElementsOf(taken);
    }

    @Test
    void readingAheadTakesNothingFromTheLane() {
        RecordPool pool = pool(100);
        Lane lane = lane(0);
        pool.touch(lane, 32);
        pool.touch(lane, RecordPool.STOCK);
        pool.touch(lane, 2 * RecordPool.STOCK);
        assertThat(takeAll(pool, lane)).hasSize(100);
        pool.touch(lane, 32);
        assertThat(pool.take(lane)).isEqualTo(RecordPool.NONE);
    }

    @Test
    void noTwoThreadsHaveARecordAtATime() throws Exception {
        int records = LANES * RecordPool.STOCK + 60;
        RecordPool pool = pool(records);
        AtomicIntegerArray holders = new AtomicIntegerArray(records);
        try (ExecutorService threads = Executors.newFixedThreadPool(LANES)) {
            List<Future<Integer>> all = new ArrayList<>();
            for (int lane = 0; lane < LANES; lane++) {
                Lane own = lane(lane);
                all.add(threads.submit(() -> takeAndGive(pool, own, holders)));
            }
            int taken = 0;
            for (Future<Integer> one : all) {
                taken += one.get();
            }
            assertThat(taken).isPositive();
        }
        Set<Integer> left = new HashSet<>();
        for (int lane = 0; lane < LANES; lane++) {
            left.addAll(takeAll(pool, lane(lane)));
        }
        assertThat(left).hasSize(records);
    }

    /** Takes records and gives them back, one by one and in chains; fails where another has one of them. */
    private static int takeAndGive(RecordPool pool, Lane lane, AtomicIntegerArray holders) {
        Random random = new Random(lane.number);
        List<Integer> own = new ArrayList<>();
        int taken = 0;
        for (int i = 0; i < 300_000; i++) {
            int record = random.nextInt(3) > 0 ? pool.take(lane) : RecordPool.NONE;
            if (record != RecordPool.NONE) {
                if (!holders.compareAndSet(record, 0, lane.number + 1)) {
                    throw new AssertionError(record + " is " + holders.get(record) + "'s and was given to " + lane.number);
                }
                // As records in use have anything where the link is.
                pool.link(record, random.nextInt());
                own.add(record);
                taken++;
            } else if (!own.isEmpty()) {
                give(pool, own.subList(0, 1 + random.nextInt(own.size())), holders);
            }
        }
        give(pool, own, holders);
        return taken;
    }

    private static void give(RecordPool pool, List<Integer> chain, AtomicIntegerArray holders) {
        if (chain.isEmpty()) {
            return;
        }
        for (int i = 0; i < chain.size(); i++) {
            holders.set(chain.get(i), 0);
            if (i + 1 < chain.size()) {
                pool.link(chain.get(i), chain.get(i + 1));
            }
        }
        pool.give(chain.getFirst(), chain.getLast());
        chain.clear();
    }
}
