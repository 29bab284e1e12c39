package io.footbridge.bench;

import io.footbridge.memory.Region;
import io.footbridge.memory.SeededHash;
import io.footbridge.memory.Words;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Single accesses and hashes, as the sum of 32 in the first-level cache. {@code array} is what a Java array costs. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class MemoryBenchmark {
    private static final int BATCH = 32;

    private final SeededHash hash = new SeededHash(System.nanoTime());
    private final long[] array = new long[BATCH];
    private Region region;
    private long key;

    @Setup
    public void map() throws IOException {
        region = Region.map("a benchmark", 1);
    }

    @TearDown
    public void close() {
        region.close();
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public long array() {
        long sum = 0;
        for (int i = 0; i < BATCH; i++) {
            sum += array[i];
        }
        return sum;
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public long plain() {
        MemorySegment segment = region.segment();
        long sum = 0;
        for (long i = 0; i < BATCH; i++) {
            sum += Words.getLong(segment, i * Long.BYTES);
        }
        return sum;
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public long acquire() {
        MemorySegment segment = region.segment();
        long sum = 0;
        for (long i = 0; i < BATCH; i++) {
            sum += Words.getLongAcquire(segment, i * Long.BYTES);
        }
        return sum;
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void release() {
        MemorySegment segment = region.segment();
        for (long i = 0; i < BATCH; i++) {
            Words.putLongRelease(segment, i * Long.BYTES, i);
        }
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void compareAndSet() {
        MemorySegment segment = region.segment();
        for (long i = 0; i < BATCH; i++) {
            Words.casLong(segment, i * Long.BYTES, i, i);
        }
    }

    /** Each depends on the one before: latency, not throughput. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public long hashOfOne() {
        long word = key;
        for (int i = 0; i < BATCH; i++) {
            word = hash.hash(word);
        }
        return key = word;
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public long hashOfTwo() {
        long word = key;
        for (int i = 0; i < BATCH; i++) {
            word = hash.hash(word, i);
        }
        return key = word;
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public long hashOfThree() {
        long word = key;
        for (int i = 0; i < BATCH; i++) {
            word = hash.hash(word, i, 3);
        }
        return key = word;
    }
}
