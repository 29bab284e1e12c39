package io.footbridge.bench;

import io.footbridge.fdb.FdbSettings;
import io.footbridge.fdb.ForwardingTable;
import io.footbridge.fdb.LearnOutcome;
import io.footbridge.memory.Region;
import java.io.IOException;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The forwarding table at its limit, filled with random addresses, against {@code ConcurrentHashMap<Long, Integer>}
 * with the same content. Addresses come in batches of 32 in random order. To be run together with {@link Calibration}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 1, jvmArgsAppend = {"-Xms1g", "-Xmx1g", "-XX:+UseSerialGC", "-XX:+UseTransparentHugePages",
    "--enable-native-access=ALL-UNNAMED"})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ForwardingTableBenchmark {
    private static final int BATCH = 32;
    private static final int PORTS = 64;
    private static final long STATION_BITS = 0x0000_FEFF_FFFF_FFFFL;

    /** A power of two. */
    @Param("1048576")
    int entries;

    private Region region;
    private ForwardingTable table;
    private ConcurrentHashMap<Long, Integer> map;
    private long[] known;
    private long[] unknown;
    private final long[] touched = new long[BATCH];
    private int at;
    private int now;

    @Setup
    public void prepare() throws IOException {
        FdbSettings settings = FdbSettings.of(entries, PORTS).withLearnLimit(entries).withPortLimit(entries)
                .withAgeing(FdbSettings.MAX_AGEING);
        region = Region.map("the forwarding table", settings.bytes());
        table = new ForwardingTable(region.segment(), settings, System.nanoTime());
        map = new ConcurrentHashMap<>(entries);
        SplittableRandom random = new SplittableRandom(1);
        known = new long[entries];
        unknown = new long[entries];
        for (int i = 0; i < entries; i++) {
            do {
                known[i] = random.nextLong() & STATION_BITS;
            } while (table.learn(known[i], i % PORTS, now) != LearnOutcome.LEARNED);
            map.put(known[i], i % PORTS);
            unknown[i] = random.nextLong() & STATION_BITS;
        }
        for (int i = entries - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            long other = known[i];
            known[i] = known[j];
            known[j] = other;
        }
    }

    @TearDown
    public void close() {
        region.close();
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int hit() {
        return lookup(known);
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int hitInTwoPasses() {
        return lookupInTwoPasses(known);
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int miss() {
        return lookup(unknown);
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int missInTwoPasses() {
        return lookupInTwoPasses(unknown);
    }

    /** A source seen again within the same tick: nothing is stored. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int learnKnownInTwoPasses() {
        int start = nextBatch();
        for (int i = 0; i < BATCH; i++) {
            touched[i] = table.touch(known[start + i]);
        }
        int sum = 0;
        for (int i = 0; i < BATCH; i++) {
            // The port that the table answers, which costs a hit in the same line.
            int port = table.lookup(known[start + i], touched[i], now);
            sum += table.learn(known[start + i], touched[i], port, now);
        }
        return sum;
    }

    /** A source seen again in a later tick: the entry is stored anew. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int refreshInTwoPasses() {
        now++;
        return learnKnownInTwoPasses();
    }

    /** An entry made and removed. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int removeAndLearn() {
        int start = nextBatch();
        int sum = 0;
        for (int i = 0; i < BATCH; i++) {
            table.remove(known[start + i]);
            sum += table.learn(known[start + i], i, now);
        }
        return sum;
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int mapHit() {
        return lookupInMap(known);
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int mapMiss() {
        return lookupInMap(unknown);
    }

    private int lookup(long[] keys) {
        int start = nextBatch();
        int sum = 0;
        for (int i = start; i < start + BATCH; i++) {
            sum += table.lookup(keys[i], now);
        }
        return sum;
    }

    private int lookupInTwoPasses(long[] keys) {
        int start = nextBatch();
        for (int i = 0; i < BATCH; i++) {
            touched[i] = table.touch(keys[start + i]);
        }
        int sum = 0;
        for (int i = 0; i < BATCH; i++) {
            sum += table.lookup(keys[start + i], touched[i], now);
        }
        return sum;
    }

    private int lookupInMap(long[] keys) {
        int start = nextBatch();
        int sum = 0;
        for (int i = start; i < start + BATCH; i++) {
            Integer port = map.get(keys[i]);
            sum += port == null ? -1 : port;
        }
        return sum;
    }

    private int nextBatch() {
        return at = at + BATCH & entries - 1;
    }
}
