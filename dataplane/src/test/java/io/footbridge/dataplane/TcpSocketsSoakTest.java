package io.footbridge.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.tap.TestNamespaces;
import java.io.IOException;
import java.net.InetSocketAddress;
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
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Many connections at once, and many that end in every way. How long and how many, {@code -Dfootbridge.soak.seconds} and
 * {@code -Dfootbridge.soak.connections} say.
 */
@Timeout(600)
class TcpSocketsSoakTest {
    private static final int SECONDS = Integer.getInteger("footbridge.soak.seconds", 3);
    private static final int CONNECTIONS = Integer.getInteger("footbridge.soak.connections", 500);
    private static final int TALKERS = 24;

    private SocketsBed bed;

    @BeforeEach
    void begin() throws IOException {
        TestNamespaces.assumeCapable();
        bed = new SocketsBed(1500);
    }

    @AfterEach
    void end() {
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
        long before = sockets();
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
        TestNamespaces.await("no socket is left", () -> sockets() <= before);
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
        List<SocketChannel> insides = new ArrayList<>();
        List<SocketChannel> outsides = new ArrayList<>();
        try (ServerSocketChannel server = bed.inHost.call(() -> ServerSocketChannel.open()
                .bind(new InetSocketAddress("127.0.0.1", 0), 4096))) {
            bed.inContainer.call(() -> {
                for (int i = 0; i < CONNECTIONS; i++) {
                    insides.add(SocketChannel.open(new InetSocketAddress(SocketsBed.GATEWAY4, SocketsBed.portOf(server))));
                    outsides.add(server.accept());
                }
                return null;
            });
        }
        assertThat(bed.connections()).isEqualTo(CONNECTIONS);
        ByteBuffer buffer = ByteBuffer.allocate(Integer.BYTES);
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < CONNECTIONS; i++) {
                insides.get(i).write(buffer.clear().putInt(i ^ round).flip());
            }
            for (int i = 0; i < CONNECTIONS; i++) {
                buffer.clear();
                while (buffer.hasRemaining()) {
                    outsides.get(i).read(buffer);
                }
                assertThat(buffer.flip().getInt()).isEqualTo(i ^ round);
                outsides.get(i).write(buffer.flip());
            }
            for (int i = 0; i < CONNECTIONS; i++) {
                buffer.clear();
                while (buffer.hasRemaining()) {
                    insides.get(i).read(buffer);
                }
                assertThat(buffer.flip().getInt()).isEqualTo(i ^ round);
            }
        }
        for (int i = 0; i < CONNECTIONS; i++) {
            outsides.get(i).close();
            insides.get(i).close();
        }
        bed.awaitQuiet();
    }
}
