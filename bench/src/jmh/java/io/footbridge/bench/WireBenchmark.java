package io.footbridge.bench;

import io.footbridge.memory.Region;
import io.footbridge.wire.Checksum;
import io.footbridge.wire.Ethernet;
import io.footbridge.wire.Frame;
import io.footbridge.wire.Ipv4;
import io.footbridge.wire.Protocol;
import io.footbridge.wire.Tcp;
import io.footbridge.wire.VirtioNetHeader;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
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

/** Header access and checksums: nanoseconds a frame, frames in cache, at 64 places in turn so that no offset is constant. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 1, jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC"})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class WireBenchmark {
    private static final int PLACES = 64;
    private static final int STRIDE = 1664;
    private static final int PAYLOAD = 1448;
    private static final int BULK = 60_000;
    private static final int FRAME_LENGTH = Ethernet.HEADER_LENGTH + Ipv4.MIN_HEADER_LENGTH + Tcp.MIN_HEADER_LENGTH + PAYLOAD;

    private Region region;
    private MemorySegment memory;
    private int place;

    /** Lays out TCP frames, each with a partial checksum. */
    @Setup
    public void setUp() throws IOException {
        region = Region.map("a benchmark", (long) PLACES * STRIDE + BULK);
        memory = region.segment();
        for (int i = 0; i < PLACES; i++) {
            long frame = (long) i * STRIDE + VirtioNetHeader.LENGTH;
            Ethernet.write(memory, frame, 0x0242_0000_0001L, 0x0242_0000_0002L, Ethernet.IPV4);
            long packet = frame + Ethernet.HEADER_LENGTH;
            Ipv4.write(memory, packet, 0x0a000001, 0x0a000002, Protocol.TCP, 64,
                    FRAME_LENGTH - Ethernet.HEADER_LENGTH);
            Tcp.write(memory, packet + Ipv4.MIN_HEADER_LENGTH, 1, 2, 3, 4, Tcp.ACK, 0xffff);
            VirtioNetHeader.flags(memory, frame - VirtioNetHeader.LENGTH, VirtioNetHeader.NEEDS_CSUM);
            VirtioNetHeader.checksumStart(memory, frame - VirtioNetHeader.LENGTH,
                    Ethernet.HEADER_LENGTH + Ipv4.MIN_HEADER_LENGTH);
            VirtioNetHeader.checksumOffset(memory, frame - VirtioNetHeader.LENGTH, Tcp.CHECKSUM);
        }
    }

    /** Frees the memory. */
    @TearDown
    public void tearDown() {
        region.close();
    }

    private long frame() {
        place = place + 1 & PLACES - 1;
        return (long) place * STRIDE + VirtioNetHeader.LENGTH;
    }

    /** All headers of a TCP frame, checked. */
    @Benchmark
    public long parse() {
        return Frame.parse(memory, frame(), FRAME_LENGTH);
    }

    /** The virtio-net header of a frame with a partial checksum. */
    @Benchmark
    public int checkVirtioHeader() {
        long frame = frame();
        return VirtioNetHeader.check(memory, frame - VirtioNetHeader.LENGTH, frame, FRAME_LENGTH);
    }

    /** The length that is held against an MTU, of a frame that is not GSO. */
    @Benchmark
    public int networkLength() {
        long frame = frame();
        return Frame.networkLength(memory, frame - VirtioNetHeader.LENGTH, frame, FRAME_LENGTH);
    }

    /** The sum over a segment's payload. */
    @Benchmark
    public int sum1448() {
        return Checksum.sum(memory, frame() + FRAME_LENGTH - PAYLOAD, PAYLOAD);
    }

    /** The sum over a GSO frame's payload. */
    @Benchmark
    public int sum60000() {
        return Checksum.sum(memory, frame(), BULK);
    }

    /** The update of a checksum for one changed IPv4 address. */
    @Benchmark
    public int updateAddress() {
        long packet = frame() + Ethernet.HEADER_LENGTH;
        return Checksum.update32(Ipv4.checksum(memory, packet), Ipv4.source(memory, packet), place);
    }
}
