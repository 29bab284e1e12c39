package io.footbridge.dataplane;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.tap.Endpoint;
import io.footbridge.tap.FrameBatch;
import io.footbridge.tap.FrameBuffers;
import io.footbridge.tap.PacketSocketEndpoint;
import io.footbridge.tap.TapEndpoint;
import io.footbridge.wire.MacAddress;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.agrona.concurrent.SystemNanoClock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Ports that come and go while workers forward, and an engine that has nothing to do. */
@Timeout(60)
class EngineStressTest {
    private static final int SLOTS = 6;
    private static final int BURST = 24;
    private static final Duration STRESS = Duration.ofSeconds(3);
    private static final int MARK = TestFrames.PACKET + 30;

    /** A port of one of two bridges; whatever it is sent must bear that bridge's mark. */
    private static final class Slot {
        final FarEnd far;
        final Port port;
        final byte mark;
        final List<MemorySegment> frames = new ArrayList<>();
        long received;

        Slot(Engine engine, Bridge bridge, byte mark, long serial) throws IOException {
            this.mark = mark;
            far = FarEnd.ofDatagrams();
            Endpoint endpoint = serial % 2 == 0 ? TapEndpoint.overDatagrams(far.near())
                    : PacketSocketEndpoint.overDatagrams(far.near());
            port = engine.addPort(bridge, "p" + serial, new Lingering(endpoint), PortSettings.of(PortRole.LINK, 1500));
            for (long destination : new long[] {MacAddress.BROADCAST, TestBridge.mac((int) serial - 1),
                TestBridge.mac((int) serial - 3)}) {
                MemorySegment frame = new SampleFrames(Arena.ofAuto(), TestBridge.mac((int) serial), destination)
                        .empty(600, 0x88b5);
                frame.set(JAVA_BYTE, MARK, mark);
                frames.add(frame);
            }
        }

        void drain() {
            Optional<MemorySegment> frame;
            while ((frame = far.receive()).isPresent()) {
                assertThat(frame.get().get(JAVA_BYTE, MARK)).as("a frame of the other bridge").isEqualTo(mark);
                received++;
            }
        }
    }

    /** Now and then takes its time before it sends, as a kernel does that runs the receiver within the call. */
    private static final class Lingering implements Endpoint {
        private static final AtomicInteger USED_AFTER_CLOSE = new AtomicInteger();

        private final Endpoint real;
        private volatile boolean closed;

        Lingering(Endpoint real) {
            this.real = real;
        }

        @Override
        public void transmit(FrameBuffers buffers, FrameBatch batch) {
            if (ThreadLocalRandom.current().nextInt(16) == 0) {
                LockSupport.parkNanos(1_000_000);
            }
            if (closed) {
                USED_AFTER_CLOSE.incrementAndGet();
            }
            real.transmit(buffers, batch);
        }

        @Override
        public int receive(FrameBuffers buffers, FrameBatch batch) {
            if (closed) {
                USED_AFTER_CLOSE.incrementAndGet();
            }
            return real.receive(buffers, batch);
        }

        @Override
        public int descriptor() {
            return real.descriptor();
        }

        @Override
        public int offloads() {
            return real.offloads();
        }

        @Override
        public boolean exists() {
            return real.exists();
        }

        @Override
        public long kernelDrops() {
            return real.kernelDrops();
        }

        @Override
        public void close() {
            closed = true;
            real.close();
        }
    }

    @Test
    void noFrameIsEverWrittenToADescriptorThatIsAnotherPortsByNow() throws IOException {
        Random random = new Random(11);
        AtomicInteger lost = new AtomicInteger();
        Set<Integer> descriptors = new HashSet<>();
        long serial = 0;
        long received = 0;
        try (Engine engine = Engine.start(new EngineSettings(2, false, SystemNanoClock.INSTANCE, 42))) {
            engine.onLost(port -> lost.incrementAndGet());
            BridgeSettings small = new BridgeSettings(Duration.ofSeconds(300), 256, false);
            Bridge[] bridges = {engine.addBridge("x", small, Optional.empty()),
                engine.addBridge("y", small, Optional.empty())};
            Slot[] slots = new Slot[SLOTS];
            for (int i = 0; i < SLOTS; i++) {
                slots[i] = new Slot(engine, bridges[i % 2], (byte) (1 + i % 2), ++serial);
            }
            long end = System.nanoTime() + STRESS.toNanos();
            while (System.nanoTime() - end < 0) {
                int leaving = random.nextInt(SLOTS);
                for (int i = 0; i < BURST; i++) {
                    for (Slot slot : slots) {
                        slot.far.send(slot.frames.get(i % slot.frames.size()));
                    }
                }
                Slot old = slots[leaving];
                engine.removePort(old.port);
                int next = 2 - old.mark;
                slots[leaving] = new Slot(engine, bridges[next], (byte) (1 + next), ++serial);
                descriptors.add(slots[leaving].far.near());
                for (Slot slot : slots) {
                    slot.drain();
                }
                old.drain();
                received += old.received;
                old.far.close();
            }
            assertThat(Lingering.USED_AFTER_CLOSE).hasValue(0);
            assertThat(lost).hasValue(0);
            assertThat(Stream.of(bridges).flatMap(bridge -> bridge.ports().stream())).hasSize(SLOTS);
            for (Slot slot : slots) {
                slot.far.close();
            }
        }
        assertThat(serial).as("ports that came and went").isGreaterThan(200);
        assertThat(descriptors.size()).as("descriptors, each given out again and again").isLessThan(40);
        assertThat(received).isGreaterThan(serial);
    }

    @Test
    void anIdleEngineSleeps() throws IOException {
        List<FarEnd> farEnds = new ArrayList<>();
        try (Engine engine = Engine.start(new EngineSettings(1, false, SystemNanoClock.INSTANCE, 42))) {
            Bridge bridge = engine.addBridge("net", BridgeSettings.DEFAULT, Optional.empty());
            for (int i = 0; i < 50; i++) {
                farEnds.add(FarEnd.ofPackets());
                engine.addPort(bridge, "p" + i, TapEndpoint.overDatagrams(farEnds.getLast().near()),
                        PortSettings.of(PortRole.CONTAINER, 1500));
            }
            Thread worker = Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> thread.getName().equals("footbridge-worker-0")).findFirst().orElseThrow();
            Path status = status("footbridge-work");
            long start = System.nanoTime();
            long sleeps = sleeps(status);
            long cpu = ManagementFactory.getThreadMXBean().getThreadCpuTime(worker.threadId());
            io.footbridge.tap.TestNamespaces.await("two seconds to pass",
                    () -> System.nanoTime() - start > 2_000_000_000L);
            long used = ManagementFactory.getThreadMXBean().getThreadCpuTime(worker.threadId()) - cpu;
            assertThat(sleeps(status) - sleeps).as("times that it went to sleep").isLessThan(20);
            assertThat(Duration.ofNanos(used)).as("of 2 s").isLessThan(Duration.ofMillis(20));
        }
        farEnds.forEach(FarEnd::close);
    }

    private static long sleeps(Path status) throws IOException {
        try (Stream<String> lines = Files.lines(status)) {
            return lines.filter(line -> line.startsWith("voluntary_ctxt_switches:"))
                    .mapToLong(line -> Long.parseLong(line.substring(24).strip())).findFirst().orElseThrow();
        }
    }

    /** Linux keeps 15 bytes of a thread's name. */
    private static Path status(String name) throws IOException {
        try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
            return tasks.map(task -> task.resolve("status")).filter(status -> {
                try {
                    return Files.readString(status).startsWith("Name:\t" + name + "\n");
                } catch (IOException ended) {
                    return false;
                }
            }).findFirst().orElseThrow();
        }
    }
}
