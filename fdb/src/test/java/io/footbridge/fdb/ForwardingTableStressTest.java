package io.footbridge.fdb;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Many threads over a table so small that slots change hands all the time. Each key has 16 ports that belong to no
 * other, so a port tells whose entry it was read from.
 */
class ForwardingTableStressTest {
    private static final int PORTS_PER_KEY = 16;
    private static final int THREADS = 4;
    private static final int PORT_LIMIT = 1;

    private final AtomicInteger clock = new AtomicInteger();
    private final AtomicInteger foreign = new AtomicInteger();
    private final AtomicInteger overLimit = new AtomicInteger();
    private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    private int keys;
    private FdbSettings settings;
    private ForwardingTable table;

    @Test
    @Timeout(60)
    void noReaderSeesAForeignEntryAndNoLimitIsExceeded() throws Exception {
        prepare(512, 120);
        runOnAllThreads(4_000_000, 0);
        assertNothingWrong();
    }

    /** Few keys, so that threads are at the same one; many rounds, because a second entry is seen when all is quiet. */
    @Test
    @Timeout(60)
    void noKeyEverGetsASecondEntry() throws Exception {
        prepare(3, 120);
        for (int round = 0; round < 4_000; round++) {
            runOnAllThreads(200, round);
            assertNothingWrong();
        }
    }

    @AfterEach
    void stopThreads() {
        threads.shutdownNow();
    }

    private void prepare(int keys, int learnLimit) {
        this.keys = keys;
        settings = FdbSettings.of(256, keys * PORTS_PER_KEY)
                .withLearnLimit(learnLimit).withPortLimit(PORT_LIMIT).withAgeing(3);
        table = Tables.of(settings);
    }

    private void runOnAllThreads(int operations, int seed) throws Exception {
        List<Callable<Void>> work = new ArrayList<>();
        for (int thread = 0; thread < THREADS; thread++) {
            SplittableRandom random = new SplittableRandom(seed * THREADS + thread);
            work.add(() -> run(random, operations));
        }
        for (Future<Void> done : threads.invokeAll(work)) {
            done.get();
        }
    }

    private void assertNothingWrong() {
        assertThat(foreign).hasValue(0);
        assertThat(overLimit).hasValue(0);
        assertCountsAreExact();
        for (int n = 0; n < keys; n++) {
            table.remove(Tables.station(n));
        }
        assertThat(table.size()).isZero();
        assertCountsAreExact();
    }

    private Void run(SplittableRandom random, int operations) {
        for (int i = 0; i < operations; i++) {
            int n = random.nextInt(keys);
            long key = Tables.station(n);
            int port = n * PORTS_PER_KEY + random.nextInt(PORTS_PER_KEY);
            int now = clock.get();
            switch (random.nextInt(64)) {
                case 0 -> table.remove(key);
                case 1 -> table.add(key, port, EntryKind.STATIC, random.nextBoolean(), now);
                case 2 -> table.replace(key, port, EntryKind.DYNAMIC, false, now);
                case 3, 4 -> table.sweep(now, 32);
                case 5 -> tick(random);
                case 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20 -> table.learn(key, port, now);
                default -> check(n, table.lookup(key, now));
            }
        }
        return null;
    }

    private void tick(SplittableRandom random) {
        if (random.nextInt(4) == 0) {
            clock.incrementAndGet();
        }
        if (table.size() > settings.capacity()) {
            overLimit.incrementAndGet();
        }
        if (random.nextInt(64) == 0) {
            int port = random.nextInt(keys * PORTS_PER_KEY);
            if (random.nextBoolean()) {
                table.flush(port);
            } else {
                list(clock.get());
            }
        }
        if (random.nextInt(2048) == 0) {
            table.flushDynamic();
        }
    }

    private void list(int now) {
        table.forEach(now, entry -> check((int) (entry.mac() - ForwardingTable.mac(Tables.station(0))), entry.port()));
    }

    private void check(int n, int port) {
        if (port != ForwardingTable.NONE && port / PORTS_PER_KEY != n) {
            foreign.incrementAndGet();
        }
    }

    /** What has expired is counted and not listed: it is swept first. */
    private void assertCountsAreExact() {
        int now = clock.get();
        table.sweep(now, Integer.MAX_VALUE);
        int[] learned = new int[keys * PORTS_PER_KEY];
        List<Long> macs = new ArrayList<>();
        table.forEach(now, entry -> {
            macs.add(entry.mac());
            if (entry.kind() == EntryKind.DYNAMIC) {
                learned[entry.port()]++;
            }
        });
        assertThat(macs).doesNotHaveDuplicates();
        assertThat(table.size()).isEqualTo(macs.size());
        for (int port = 0; port < learned.length; port++) {
            assertThat(table.learned(port)).isEqualTo(learned[port]);
        }
    }
}
