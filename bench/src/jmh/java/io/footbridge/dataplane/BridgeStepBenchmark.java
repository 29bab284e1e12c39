package io.footbridge.dataplane;

import io.footbridge.memory.Region;
import io.footbridge.tap.Endpoint;
import io.footbridge.tap.FrameBatch;
import io.footbridge.tap.FrameBuffers;
import io.footbridge.wire.Ethernet;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.SystemNanoClock;
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
 * The bridge's whole step, receive to transmit, over endpoints in memory: nanoseconds a frame, in batches of 32, source
 * and destination drawn from {@code macs} stations behind two ports.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 1, jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC"})
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class BridgeStepBenchmark {
    private static final int FRAME_LENGTH = 60;
    private static final int DRAWS = 1 << 16;
    private static final long BASE = 0x0242_0000_0000L;

    /** How many stations there are. */
    @Param({"2", "10000"})
    public int macs;

    private Region region;
    private FrameBuffers buffers;
    private Forwarder forwarder;
    private Bridge bridge;
    private Port ingress;
    private Source source;
    private final FrameBatch batch = new FrameBatch();

    /** Makes the bridge and lets it learn every station. */
    @Setup
    public void setUp() throws IOException {
        region = Region.map("frame buffers", FrameBuffers.LENGTH);
        buffers = new FrameBuffers(region.segment());
        Egress egress = new Egress(0, buffers);
        forwarder = new Forwarder(0, buffers, egress, new Gateway(0, buffers, egress));
        bridge = new Bridge("bench", new BridgeSettings(BridgeSettings.DEFAULT.ageing(), 32_768, false),
                SystemNanoClock.INSTANCE, 42);
        source = new Source(macs);
        ingress = port(0, source);
        Port egressPort = port(1, new Source(0));
        for (int i = 0; i < macs; i++) {
            Port behind = i % 2 == 0 ? ingress : egressPort;
            bridge.addFdb(BASE + i, 0, behind, FdbEntry.Kind.STATIC, false);
        }
    }

    private Port port(int index, Endpoint endpoint) {
        Port port = new Port(bridge, "p" + index, index, index + 1, endpoint,
                new PortPolicy(PortSettings.of(PortRole.LINK, 1500), 0), 1, null);
        bridge.limitFdb(port);
        bridge.portTable(bridge.portTable().with(port));
        return port;
    }

    /** Frees the memory. */
    @TearDown
    public void tearDown() {
        bridge.free();
        region.close();
    }

    /** One batch from one port to the other. */
    @Benchmark
    @OperationsPerInvocation(FrameBatch.CAPACITY)
    public int step() {
        source.receive(buffers, batch);
        forwarder.forward(ingress, batch, System.nanoTime());
        return batch.count();
    }

    /** The endpoint alone, to be subtracted: writes the MACs of 32 frames where a kernel would have copied them. */
    @Benchmark
    @OperationsPerInvocation(FrameBatch.CAPACITY)
    public int receiveAlone() {
        return source.receive(buffers, batch);
    }

    /** Gives frames between stations drawn beforehand, and takes whatever it is sent. */
    private static final class Source implements Endpoint {
        private final long[] draws = new long[2 * DRAWS];
        private int next;

        Source(int macs) {
            SplittableRandom random = new SplittableRandom(7);
            for (int i = 0; i < DRAWS && macs > 1; i++) {
                draws[2 * i] = BASE + 2L * random.nextInt(macs / 2);
                draws[2 * i + 1] = BASE + 1 + 2L * random.nextInt(macs / 2);
            }
        }

        @Override
        public int receive(FrameBuffers buffers, FrameBatch batch) {
            MemorySegment memory = buffers.memory();
            batch.clear();
            for (int i = 0; i < FrameBatch.CAPACITY; i++) {
                long offset = FrameBuffers.slot(0) + FrameBuffers.HEADROOM + FrameBuffers.VIRTIO_HEADER_LENGTH + i * 128L;
                Ethernet.write(memory, offset, draws[next + 1], draws[next], Ethernet.IPV4);
                next = next + 2 & 2 * DRAWS - 1;
                batch.add(offset, FRAME_LENGTH);
            }
            return batch.count();
        }

        @Override
        public void transmit(FrameBuffers buffers, FrameBatch batch) {
            // Taken.
        }

        @Override
        public int descriptor() {
            return -1;
        }

        @Override
        public int offloads() {
            return OFFLOAD_TSO | OFFLOAD_USO;
        }

        @Override
        public boolean exists() {
            return true;
        }

        @Override
        public long kernelDrops() {
            return 0;
        }

        @Override
        public void close() {
            // Nothing is held.
        }
    }
}
