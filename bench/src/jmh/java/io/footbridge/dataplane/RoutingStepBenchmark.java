package io.footbridge.dataplane;

import io.footbridge.tap.FrameBatch;
import java.io.IOException;
import java.util.SplittableRandom;
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
 * The router's whole step, receive to transmit, over endpoints in memory: nanoseconds a frame, in batches of 32, of
 * masqueraded TCP connections drawn at random among {@code flows}. A batch outwards is of one container, since it comes by
 * one port; a batch inwards is for any. The heap is that of jvm.options: in one beyond 4 GB each reference takes an
 * instruction more.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 1, jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC", "-Xmx256m", "-Xmn4m"})
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class RoutingStepBenchmark {
    private static final int DRAWS = 1 << 20;
    private static final int ADDRESSES = 4;

    /** How many connections there are. */
    @Param({"10000", "1000000"})
    public int flows;

    private RoutedWorld world;
    private final FrameBatch batch = new FrameBatch();

    /** Opens the connections. */
    @Setup
    public void setUp() throws IOException {
        world = new RoutedWorld(2 * Math.max(flows, 1 << 16), ADDRESSES);
        long[] ends = world.connect(flows);
        int[] outwards = new int[DRAWS];
        int[] inwards = new int[DRAWS];
        SplittableRandom random = new SplittableRandom(7);
        int perHost = flows / RoutedWorld.HOSTS;
        for (int i = 0; i < DRAWS; i++) {
            int host = i / FrameBatch.CAPACITY % RoutedWorld.HOSTS;
            outwards[i] = host + RoutedWorld.HOSTS * random.nextInt(perHost);
            inwards[i] = random.nextInt(flows);
        }
        world.inside.segments(outwards, null, false);
        world.outside.segments(inwards, ends, true);
    }

    /** Frees the memory. */
    @TearDown
    public void tearDown() {
        world.close();
    }

    /** A batch from the containers to the world. */
    @Benchmark
    @OperationsPerInvocation(FrameBatch.CAPACITY)
    public int outwards() {
        return world.step(world.link);
    }

    /** A batch from the world to the containers. */
    @Benchmark
    @OperationsPerInvocation(FrameBatch.CAPACITY)
    public int inwards() {
        return world.step(world.uplink);
    }

    /** The endpoint alone, to be subtracted: writes 32 frames where a kernel would have copied them. */
    @Benchmark
    @OperationsPerInvocation(FrameBatch.CAPACITY)
    public int receiveAlone() {
        return world.inside.receive(world.buffers, batch);
    }
}
