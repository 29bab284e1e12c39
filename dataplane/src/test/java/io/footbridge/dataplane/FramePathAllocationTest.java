package io.footbridge.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.tap.Endpoint;
import io.footbridge.tap.FrameBatch;
import io.footbridge.tap.FrameBuffers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Forwarding, answering and dropping allocate nothing. */
class FramePathAllocationTest {
    private static final int WARM_UP = 40_000;
    private static final int WINDOW = 3_000;
    private static final int WINDOWS = 3;
    private static final Duration STEP = Duration.ofNanos(50_000);
    private static final int ELSEWHERE = 0x0808_0808;
    private static final int GATEWAY = TestBridge.GATEWAY_IPV4.address();
    private static final long HIGH = TestBridge.HIGH;

    private final FrameRing questions = ring();
    private final TestBridge net = new TestBridge().withServices(questions);

    private long asked;

    @AfterEach
    void close() {
        net.close();
        questions.close();
    }

    private static FrameRing ring() {
        try {
            return new FrameRing("a test", 1 << 16);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** A late compilation may dirty one window; code that allocates dirties all. */
    @Test
    void theFramePathAllocatesNothing() {
        List<Replay> endpoints = List.of(new Replay(3), new Replay(3), new Replay(0));
        List<Port> ports = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            ports.add(net.port(i < 2 ? TestBridge.checked(i)
                    : new PortSettings(PortRole.LINK, 1400, false, false, 0, 1_000_000, 0, 0, Optional.empty()), endpoints.get(i)));
            endpoints.get(i).frames = traffic(i, (i + 1) % 3);
        }
        run(ports, WARM_UP);
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        for (int window = 0; window < WINDOWS && least > 0; window++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            run(ports, WINDOW);
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertThat(least).isZero();
        assertThat(endpoints).allMatch(endpoint -> endpoint.transmitted > WARM_UP);
        assertThat(asked).isGreaterThan(WARM_UP);
        assertThat(ports.getFirst().statistics().drops()).as("the bad ones are dropped").hasSizeGreaterThan(5);
    }

    private void run(List<Port> ports, int batches) {
        for (int i = 0; i < batches; i++) {
            net.advance(STEP);
            Port port = ports.get(i % ports.size());
            net.forwardBatch(port);
            if (i % 32 > 0) {
                // Otherwise the port comes to its limit.
                takeQuestions(port);
            }
        }
    }

    private void takeQuestions(Port port) {
        int position;
        while ((position = questions.next()) >= 0) {
            questions.release(position);
            asked++;
            if (port.services().underWay() > 0) {
                port.services().giveBack();
            }
        }
    }

    private MemorySegment[] traffic(int from, int to) {
        int source = TestBridge.ipv4(from);
        long low = TestBridge.ipv6Low(from);
        SampleFrames peer = new SampleFrames(net.arena, TestBridge.mac(from), TestBridge.mac(to));
        SampleFrames gateway = new SampleFrames(net.arena, TestBridge.mac(from), TestBridge.GATEWAY_MAC);
        SampleFrames all = new SampleFrames(net.arena, TestBridge.mac(from), -1L >>> 16);
        SampleFrames spoofed = new SampleFrames(net.arena, TestBridge.mac(7), TestBridge.mac(to));
        MemorySegment badSum = gateway.echo4(source, GATEWAY, 56);
        badSum.set(java.lang.foreign.ValueLayout.JAVA_BYTE, TestFrames.TRANSPORT4 + 20, (byte) 1);
        return new MemorySegment[] {
            peer.tcp4(source, TestBridge.ipv4(to), 1448, 0),
            peer.tcp4(source, TestBridge.ipv4(to), 4 * 1348, 1348),
            peer.tcp6(low, TestBridge.ipv6Low(to), HIGH, 4 * 1328, 1328),
            peer.udp4(source, TestBridge.ipv4(to), 9, 3000, 1000),
            peer.udp4(source + 50, TestBridge.ipv4(to), 9, 20, 0),
            spoofed.udp4(source, TestBridge.ipv4(to), 9, 20, 0),
            all.arpRequest(source, GATEWAY),
            all.arpRequest(source, TestBridge.ipv4(to)),
            gateway.arpReply(source, GATEWAY),
            gateway.echo4(source, GATEWAY, 56),
            TestFrames.withOptions(gateway.echo4(source, GATEWAY, 56), 20),
            gateway.udp4(source, ELSEWHERE, 53, 20, 0),
            gateway.tcp4(source, GATEWAY, 0, 0),
            gateway.udp4(source, GATEWAY, 53, 40, 0),
            all.udp4(source, -1, 67, 300, 0),
            TestFrames.udp6(gateway, HIGH, low, HIGH, 1, 53, 40),
            gateway.echo6(HIGH, low, HIGH, 1, 56),
            gateway.echo6(HIGH, low, 0x2001L << 48, 1, 56),
            all.solicitation(HIGH, low, HIGH, 1),
            all.solicitation(HIGH, low, HIGH, TestBridge.ipv6Low(to)),
            TestFrames.routerSolicitation(new SampleFrames(net.arena, TestBridge.mac(from), 0x3333_0000_0002L), HIGH, low),
            TestFrames.tagged(peer.udp4(source, TestBridge.ipv4(to), 9, 20, 0), 5),
            new SampleFrames(net.arena, TestBridge.mac(from), 0x0242_eeee_0000L).empty(60, 0x88b5),
            new SampleFrames(net.arena, TestBridge.mac(from), 0x0180_c200_0000L).empty(60, 0x88b5),
            gateway.empty(60, 0x88b5),
            badSum,
            TestFrames.cut(all.empty(60, 0), 10),
        };
    }

    /** Gives the same frames again and again, and takes whatever it is sent. */
    private static final class Replay implements Endpoint {
        private final int offloads;
        private MemorySegment[] frames;
        private long transmitted;

        Replay(int offloads) {
            this.offloads = offloads;
        }

        @Override
        public int receive(FrameBuffers buffers, FrameBatch batch) {
            batch.clear();
            for (int i = 0; i < frames.length; i++) {
                long start = FrameBuffers.slot(i) + FrameBuffers.HEADROOM;
                long size = frames[i].byteSize();
                MemorySegment.copy(frames[i], 0, buffers.memory(), start, size);
                batch.add(start + FrameBuffers.VIRTIO_HEADER_LENGTH, (int) size - FrameBuffers.VIRTIO_HEADER_LENGTH);
            }
            return batch.count();
        }

        @Override
        public void transmit(FrameBuffers buffers, FrameBatch batch) {
            transmitted += batch.count();
        }

        @Override
        public int descriptor() {
            return -1;
        }

        @Override
        public int offloads() {
            return offloads;
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
            // Nothing is open.
        }
    }
}
