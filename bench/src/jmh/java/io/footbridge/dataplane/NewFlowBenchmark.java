package io.footbridge.dataplane;

import io.footbridge.tap.FrameBatch;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The router's whole step for first packets: nanoseconds a frame, in batches of 32, each of which opens a session and a
 * mapping with a port of its own, behind 64 addresses. A table of 4 M sessions fills from empty in each iteration.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 1, jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC", "-Xmx1g"})
@Warmup(iterations = 5)
@Measurement(iterations = 10)
public class NewFlowBenchmark {
    private static final int FLOWS = 1 << 20;

    private RoutedWorld world;

    /** Makes the tables. */
    @Setup
    public void setUp() throws IOException {
        world = new RoutedWorld(1 << 22, RoutedWorld.HOSTS);
        world.inside.datagrams();
    }

    /** Empties them. */
    @Setup(Level.Iteration)
    public void empty() {
        if (world.table().count() > 0 && world.table().count() != FLOWS) {
            throw new IllegalStateException(world.table().statistics() + " " + world.link.statistics().drops());
        }
        world.expire();
        world.inside.datagrams();
    }

    /** Frees the memory. */
    @TearDown
    public void tearDown() {
        world.close();
    }

    /** A million first packets. */
    @Benchmark
    @OperationsPerInvocation(FLOWS)
    public int open() {
        int count = 0;
        while (count < FLOWS) {
            count += world.step(world.link);
        }
        return count;
    }

    /** Frames that are made and not forwarded, to be subtracted. */
    @Benchmark
    @OperationsPerInvocation(FLOWS)
    public int receiveAlone() {
        FrameBatch batch = new FrameBatch();
        int count = 0;
        while (count < FLOWS) {
            count += world.inside.receive(world.buffers, batch);
        }
        return count;
    }
}
