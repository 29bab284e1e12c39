package io.footbridge.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * The rows that stand beside every figure, measured in the same run: what this machine takes at this hour for a load that
 * misses all caches and waits for the one before, and for a loop over a batch that does nothing. Two figures are
 * comparable only as far as their calibration rows are.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = {"-XX:+UseSerialGC", "-Xmx256m"})
public class Calibration {
    private static final long BYTES = 192L << 20;
    private static final int LINE = 64;
    private static final int BATCH = 32;

    private Arena arena;
    private MemorySegment chain;
    private long at;

    /** Links all cache lines of 192 MB to one ring in random order (Sattolo's shuffle: a single cycle). */
    @Setup
    public void link() {
        arena = Arena.ofConfined();
        chain = arena.allocate(BYTES, LINE);
        int lines = (int) (BYTES / LINE);
        int[] order = new int[lines];
        for (int i = 0; i < lines; i++) {
            order[i] = i;
        }
        var random = new SplittableRandom(1);
        for (int i = lines - 1; i > 0; i--) {
            int j = random.nextInt(i);
            int other = order[j];
            order[j] = order[i];
            order[i] = other;
        }
        for (int i = 0; i < lines; i++) {
            chain.set(ValueLayout.JAVA_LONG, (long) i * LINE, (long) order[i] * LINE);
        }
    }

    /** Gives the memory back. */
    @TearDown
    public void free() {
        arena.close();
    }

    /** One load whose address is the result of the one before. */
    @Benchmark
    public long dependentRandomLoad() {
        at = chain.get(ValueLayout.JAVA_LONG, at);
        return at;
    }

    /** A batch of 32 with nothing done to its frames. */
    @Benchmark
    public void emptyBatchLoop(Blackhole hole) {
        for (int i = 0; i < BATCH; i++) {
            hole.consume(i);
        }
    }
}
