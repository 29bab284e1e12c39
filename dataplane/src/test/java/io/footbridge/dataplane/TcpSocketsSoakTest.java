package io.footbridge.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.tap.TestNamespaces;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Many connections at once, many that end in every way, and long ones. How long, how many and how much each way, {@code
 * -Dfootbridge.soak.seconds}, {@code -Dfootbridge.soak.connections} and {@code -Dfootbridge.soak.mebibytes} say; where a process
 * may not open as many files, as many connections as it may.
 */
@Timeout(1200)
class TcpSocketsSoakTest {
    private static final int SECONDS = Integer.getInteger("footbridge.soak.seconds", 3);
    private static final int CONNECTIONS = Integer.getInteger("footbridge.soak.connections", 10_000);
    private static final long MEBIBYTES = Long.getLong("footbridge.soak.mebibytes", 32);
    /** Descriptors that a JVM has besides. */
    private static final int SPARE = 300;
    private static final long OTHERS_BYTES = 10_000;
    private static final int TALKERS = 24;
    /** Connections at once: those that talk, wait to be accepted, or are about to end. */
    private static final int AT_ONCE = 8 * TALKERS;
    /** What code of the test's and the JDK's may keep for itself; a connection that is kept would be thousands of times. */
    private static final long HEAP_SLACK = 4 << 20;

    private SocketsBed bed;

    @BeforeEach
    void begin() {
        TestNamespaces.assumeCapable();
    }

    @AfterEach
    void end() {
        System.clearProperty("footbridge.peekoff");
        if (bed != null) {
            bed.close();
        }
    }

    private static long sockets() throws IOException {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors.filter(descriptor -> {
                try {
                    return Files.readSymbolicLink(descriptor).toString().startsWith("socket:");
                } catch (IOException closed) {
                    return false;
                }
            }).count();
        }
    }

    @Test
    void resetsHalfClosesAndStallsLeaveNothingBehind() throws Exception {
        bed = new SocketsBed(1500);
        // The first channel that is closed makes the JDK open a socket that it keeps.
        try (ServerSocketChannel server = bed.serve("127.0.0.1")) {
            bed.connect(SocketsBed.GATEWAY4, SocketsBed.portOf(server)).close();
        }
        bed.awaitQuiet();
        long before = sockets();
        long heap = liveHeap();
        long end = System.nanoTime() + Duration.ofSeconds(SECONDS).toNanos();
        AtomicInteger ended = new AtomicInteger();
        try (ServerSocketChannel server = bed.serve("127.0.0.1")) {
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < TALKERS; i++) {
                SplittableRandom random = new SplittableRandom(i);
                threads.add(bed.inContainer.call(() -> Thread.ofPlatform().start(() -> {
                    while (System.nanoTime() - end < 0) {
                        try (SocketChannel inside = bed.connect(SocketsBed.GATEWAY4, SocketsBed.portOf(server))) {
                            talk(inside, random);
                        } catch (IOException reset) {
                            ended.incrementAndGet();
                        }
                    }
                })));
                SplittableRandom other = new SplittableRandom(1000 + i);
                threads.add(Thread.ofPlatform().start(() -> {
                    while (System.nanoTime() - end < 0) {
                        try (SocketChannel outside = server.accept()) {
                            talk(outside, other);
                        } catch (IOException reset) {
                            ended.incrementAndGet();
                        }
                    }
                }));
            }
            LockSupport.parkNanos(end - System.nanoTime());
            // Those that wait for a connection get one.
            for (int i = 0; i < TALKERS; i++) {
                try {
                    bed.connect(SocketsBed.GATEWAY4, SocketsBed.portOf(server)).close();
                } catch (IOException reset) {
                    // It was accepted and reset before it could be told so.
                    ended.incrementAndGet();
                }
            }
            for (Thread thread : threads) {
                thread.join();
            }
        }
        assertThat(ended.get()).as("some were reset").isPositive();
        bed.awaitQuiet();
        TestNamespaces.await("no socket is left beyond " + before, () -> sockets() <= before);
        assertThat(bed.places()).as("places of connections in memory").isLessThan(AT_ONCE);
        assertThat(liveHeap()).as("bytes of heap in use").isLessThan(heap + HEAP_SLACK);
    }

    /** What is reachable, as a collection leaves it. */
    private static long liveHeap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    /** Sends, receives, rests, shuts and ends, as it happens. */
    private static void talk(SocketChannel with, SplittableRandom random) throws IOException {
        with.configureBlocking(false);
        ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 17);
        boolean shut = false;
        for (int i = random.nextInt(60); i > 0; i--) {
            buffer.clear();
            int step = random.nextInt(10);
            if (step < 4 && !shut) {
                with.write(buffer.limit(random.nextInt(buffer.capacity())));
            } else if (step < 8) {
                if (with.read(buffer) < 0) {
                    break;
                }
            } else if (step == 8) {
                LockSupport.parkNanos(random.nextInt(3_000_000));
            } else if (random.nextInt(8) == 0) {
                with.shutdownOutput();
                shut = true;
            }
        }
        if (random.nextInt(3) == 0) {
            with.setOption(StandardSocketOptions.SO_LINGER, 0);
        }
    }

    @Test
    void manyConnectionsTalkSideBySide() throws Exception {
        bed = new SocketsBed(1500);
        int count = Math.min(CONNECTIONS, (int) Math.min(Integer.MAX_VALUE, openFiles() - SPARE));
        Process server = TcpPeers.start(bed.host, "server", Integer.toString(count));
        Process client = null;
        try {
            String port = server.inputReader().readLine();
            client = TcpPeers.start(bed.container, "client", Integer.toString(count), SocketsBed.GATEWAY4, port);
            assertThat(client.inputReader().readLine()).isEqualTo("open");
            assertThat(bed.connections()).isEqualTo(count);
            client.outputWriter().append('\n').flush();
            assertThat(client.inputReader().readLine()).isEqualTo("intact");
            client.outputWriter().append('\n').flush();
            assertThat(client.waitFor()).isZero();
            assertThat(server.waitFor()).isZero();
        } finally {
            server.destroyForcibly();
            if (client != null) {
                client.destroyForcibly();
            }
        }
        bed.awaitQuiet();
    }

    /** How many descriptors this process may have; the JVM takes the hard limit for its own. */
    private static long openFiles() throws IOException {
        String line = Files.readAllLines(Path.of("/proc/self/limits")).stream().filter(limit -> limit.startsWith("Max open files"))
                .findFirst().orElseThrow();
        String soft = line.substring("Max open files".length()).strip().split("\\s+")[0];
        return soft.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(soft);
    }

    @ParameterizedTest
    @ValueSource(strings = {"on", "off"})
    void longStreamsStayWholeWhileOthersComeAndGo(String peekOffset, TestReporter reporter) throws Exception {
        System.setProperty("footbridge.peekoff", peekOffset);
        bed = new SocketsBed(1500);
        long bytes = MEBIBYTES << 20;
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger others = new AtomicInteger();
        try (ServerSocketChannel server = bed.serve("127.0.0.1"); ServerSocketChannel another = bed.serve("127.0.0.1");
                SocketChannel inside = bed.connect(SocketsBed.GATEWAY4, SocketsBed.portOf(server));
                SocketChannel outside = server.accept()) {
            CompletableFuture<Void> comers = CompletableFuture.runAsync(() -> comeAndGo(another, over, others),
                    task -> Thread.ofPlatform().start(task));
            StreamCheck.bothWays(inside, bytes, outside, bytes);
            over.set(true);
            comers.get();
        }
        assertThat(others.get()).as("others came and went").isPositive();
        bed.awaitQuiet();
        reporter.publishEntry("others beside " + MEBIBYTES + " MiB each way", Integer.toString(others.get()));
    }

    private void comeAndGo(ServerSocketChannel server, AtomicBoolean over, AtomicInteger count) {
        do {
            try (SocketChannel inside = bed.connect(SocketsBed.GATEWAY4, SocketsBed.portOf(server));
                    SocketChannel outside = server.accept()) {
                CompletableFuture<Long> sent = StreamCheck.send(inside, OTHERS_BYTES, count.get());
                if (StreamCheck.receive(outside).join().equals(sent.join())) {
                    count.incrementAndGet();
                } else {
                    throw new AssertionError("what another connection sent came otherwise");
                }
                if (count.get() % 2 == 0) {
                    inside.setOption(StandardSocketOptions.SO_LINGER, 0);
                }
            } catch (IOException failed) {
                throw new AssertionError(failed);
            }
        } while (!over.get());
    }
}
