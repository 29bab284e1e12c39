package io.footbridge.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

class AllocationTest {
    private static final int WARM = 60_000;
    private static final int WINDOW = 20_000;
    private static final int WINDOWS = 3;
    private static final int SLOT = 4096;

    private long sink;

    /** The compiler may still be at work in the first window, and until it is done the interpreter allocates. */
    @Test
    void theFramePathAllocatesNothing() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate((long) SLOT * Corpus.good().size(), 8);
            MemorySegment output = arena.allocate(SLOT, 8);
            int[] lengths = new int[Corpus.good().size()];
            for (int i = 0; i < lengths.length; i++) {
                lengths[i] = Corpus.length(Corpus.good().get(i));
                memory.asSlice((long) i * SLOT).copyFrom(Corpus.good().get(i));
            }
            run(memory, output, lengths, WARM);
            long allocated = Long.MAX_VALUE;
            for (int window = 0; window < WINDOWS && allocated > 0; window++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                run(memory, output, lengths, WINDOW);
                allocated = threads.getCurrentThreadAllocatedBytes() - before;
            }
            assertThat(allocated).isZero();
            assertThat(sink).isNotZero();
        }
    }

    private void run(MemorySegment memory, MemorySegment output, int[] lengths, int frames) {
        for (int i = 0; i < frames; i++) {
            int slot = i % lengths.length;
            sink += visit(memory, (long) slot * SLOT, lengths[slot], output);
        }
    }

    private static long visit(MemorySegment memory, long header, int length, MemorySegment output) {
        long frame = header + VirtioNetHeader.LENGTH;
        long seen = VirtioNetHeader.check(memory, header, frame, length);
        seen += Frame.networkLength(memory, header, frame, length);
        long parsed = Frame.parse(memory, frame, length);
        if (parsed < 0) {
            return seen + parsed;
        }
        seen += Ethernet.source(memory, frame) + Ethernet.destination(memory, frame);
        if (Frame.etherType(parsed) == Ethernet.IPV4) {
            long network = frame + Frame.networkOffset(parsed);
            int delta = Checksum.delta32(Ipv4.source(memory, network), (int) seen);
            Ipv4.source(memory, network, (int) seen);
            Ipv4.updateChecksum(memory, network, delta);
            if (Frame.protocol(parsed) == Protocol.TCP) {
                Tcp.updateChecksum(memory, frame + Frame.transportOffset(parsed), delta, 0,
                        VirtioNetHeader.needsChecksum(memory, header));
            }
        }
        seen += Checksum.sum(memory, frame, length);
        return seen + Segmenter.segment(memory, header, frame, length, 0, output, 0);
    }
}
