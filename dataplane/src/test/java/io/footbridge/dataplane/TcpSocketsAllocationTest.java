package io.footbridge.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.tap.TestNamespaces;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Connections that are under way, and those that come and go, allocate nothing on the worker's thread. */
@Timeout(120)
class TcpSocketsAllocationTest {
    private static final int WINDOWS = 400;
    private static final int EXCHANGES = 200;
    /** The container has 28,000 ports for them. */
    private static final int CONNECTIONS = 50;
    private static final int BLOCK = 200_000;

    private SocketsBed bed;
    private com.sun.management.ThreadMXBean threads;
    private long worker;

    @BeforeEach
    void begin() throws IOException {
        TestNamespaces.assumeCapable();
        bed = new SocketsBed(1500);
        threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        worker = Arrays.stream(threads.getThreadInfo(threads.getAllThreadIds()))
                .filter(info -> info != null && info.getThreadName().equals(bed.engine.worker().roleName())).findFirst()
                .orElseThrow().getThreadId();
    }

    @AfterEach
    void end() {
        if (bed != null) {
            bed.close();
        }
    }

    private interface Step {
        void run() throws IOException;
    }

    /** The compiler takes its time; code that allocates does so in every window. */
    private void assertAllocatesNothing(int times, Step step) throws IOException {
        long least = Long.MAX_VALUE;
        for (int window = 0; window < WINDOWS && least > 0; window++) {
            long before = threads.getThreadAllocatedBytes(worker);
            for (int i = 0; i < times; i++) {
                step.run();
            }
            least = Math.min(least, threads.getThreadAllocatedBytes(worker) - before);
        }
        assertThat(least).isZero();
    }

    private static void pass(SocketChannel from, SocketChannel to, ByteBuffer block, ByteBuffer read) throws IOException {
        block.clear();
        int left = block.remaining();
        while (left > 0) {
            if (block.hasRemaining()) {
                from.write(block);
            }
            read.clear();
            left -= to.read(read);
        }
    }

    @Test
    void dataBothWaysAllocatesNothing() throws IOException {
        try (ServerSocketChannel server = bed.serve("127.0.0.1");
                SocketChannel inside = bed.connect(SocketsBed.GATEWAY4, SocketsBed.portOf(server));
                SocketChannel outside = server.accept()) {
            inside.configureBlocking(true);
            ByteBuffer small = ByteBuffer.allocateDirect(BLOCK).limit(100).slice();
            ByteBuffer large = ByteBuffer.allocateDirect(BLOCK / 4);
            ByteBuffer read = ByteBuffer.allocateDirect(BLOCK);
            assertAllocatesNothing(EXCHANGES, () -> {
                pass(inside, outside, small, read);
                pass(outside, inside, small, read);
                pass(inside, outside, large, read);
                pass(outside, inside, large, read);
            });
        }
    }

    @Test
    void connectionsThatComeAndGoAllocateNothing() throws IOException {
        try (ServerSocketChannel server = bed.serve("127.0.0.1")) {
            int port = SocketsBed.portOf(server);
            ByteBuffer one = ByteBuffer.allocateDirect(1);
            ByteBuffer read = ByteBuffer.allocateDirect(8);
            bed.inContainer.call(() -> {
                assertAllocatesNothing(CONNECTIONS, () -> {
                    try (SocketChannel inside = SocketChannel.open(new InetSocketAddress(SocketsBed.GATEWAY4, port));
                            SocketChannel outside = server.accept()) {
                        pass(inside, outside, one, read);
                        pass(outside, inside, one, read);
                    }
                });
                return null;
            });
        }
    }
}
