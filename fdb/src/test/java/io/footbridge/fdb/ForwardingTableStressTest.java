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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Many threads over a table so small that slots change hands all the time. Each key has 16 ports that belong to no
 * other, so a port tells whose entry it was read from.
 */
class ForwardingTableStressTest {
    private static final int KEYS = 512;
    private static final int PORTS_PER_KEY = 16;
    private static final int THREADS = 4;
    private static final int OPERATIONS = 4_000_000;
    private static final int LEARN_LIMIT = 120;
    private static final int PORT_LIMIT = 1;

    private final FdbSettings settings = FdbSettings.of(256, KEYS * PORTS_PER_KEY)
            .withLearnLimit(LEARN_LIMIT).withPortLimit(PORT_LIMIT).withAgeing(3);
    private final ForwardingTable table = Tables.of(settings);
    private final AtomicInteger clock = new AtomicInteger();
    private final AtomicInteger foreign = new AtomicInteger();
    private final AtomicInteger overLimit = new AtomicInteger();

    @Test
    @Timeout(60)
    void noReaderSeesAForeignEntryAndNoLimitIsExceeded() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            List<Callable<Void>> work = new ArrayList<>();
            for (int thread = 0; thread < THREADS; thread++) {
                SplittableRandom random = new SplittableRandom(thread);
                work.add(() -> run(random));
            }
            for (Future<Void> done : threads.invokeAll(work)) {
                done.get();
            }
        }
        assertThat(foreign).hasValue(0);
        assertThat(overLimit).hasValue(0);
        assertCountsAreExact();
        for (int port = 0; port < KEYS * PORTS_PER_KEY; port++) {
            table.removePort(port);
        }
        assertThat(table.size()).isZero();
        assertCountsAreExact();
    }

    private Void run(SplittableRandom random) {
        for (int i = 0; i < OPERATIONS; i++) {
            int n = random.nextInt(KEYS);
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
            int port = random.nextInt(KEYS * PORTS_PER_KEY);
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

    private void assertCountsAreExact() {
        int now = clock.get();
        table.ageing(FdbSettings.MAX_AGEING);
        int[] learned = new int[KEYS * PORTS_PER_KEY];
        List<Long> keys = new ArrayList<>();
        table.forEach(now, entry -> {
            keys.add(entry.mac());
            if (entry.kind() == EntryKind.DYNAMIC) {
                learned[entry.port()]++;
            }
        });
        assertThat(keys).doesNotHaveDuplicates();
        assertThat(table.size()).isEqualTo(keys.size());
        for (int port = 0; port < learned.length; port++) {
            assertThat(table.learned(port)).isEqualTo(learned[port]);
        }
    }
}
