package io.footbridge.dataplane;

import static io.footbridge.tap.TestNamespaces.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.footbridge.tap.TestNamespaces;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A container's TCP by host sockets, with real kernels at both ends. */
@Timeout(120)
class TcpSocketsTest {
    private static final int MTU = 1500;
    private static final int SMALL_WRITES = 64;
    private SocketsBed bed;

    @BeforeEach
    void capable() {
        TestNamespaces.assumeCapable();
    }

    @AfterEach
    void end() {
        System.clearProperty("footbridge.peekoff");
        if (bed != null) {
            bed.close();
        }
    }

    /** A connection and its two ends. */
    private record Pair(SocketChannel inside, SocketChannel outside) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            inside.close();
            outside.close();
        }
    }

    private Pair pair(boolean ipv6) throws IOException {
        try (ServerSocketChannel server = bed.serve(ipv6 ? "::1" : "127.0.0.1")) {
            SocketChannel inside = bed.connect(ipv6 ? SocketsBed.GATEWAY6 : SocketsBed.GATEWAY4, SocketsBed.portOf(server));
            return new Pair(inside, server.accept());
        }
    }

    @ParameterizedTest
    @CsvSource({"false,127.0.0.9", "true,fd0f::9"})
    void itLeavesFromTheAddressThatIsSet(boolean ipv6, String from) throws Exception {
        bed = new SocketsBed(MTU);
        if (ipv6) {
            bed.namespaces.run(bed.host, "ip", "addr", "add", from + "/128", "dev", "lo");
        }
        bed.leaveFrom(ipv6 ? "127.0.0.9" : from, ipv6 ? from : "fd0f::9");
        try (Pair pair = pair(ipv6)) {
            assertThat(((InetSocketAddress) pair.outside.getRemoteAddress()).getAddress()).isEqualTo(InetAddress.ofLiteral(from));
        }
    }

    @Test
    void anAddressThatTheHostHasNotIsRefusedAtOnce() throws Exception {
        bed = new SocketsBed(MTU);
        bed.leaveFrom("198.51.100.77", "::");
        assertThatThrownBy(() -> pair(false)).isInstanceOf(SocketException.class);
        bed.awaitQuiet();
    }

    private void exchange(boolean ipv6, long bytes) throws Exception {
        try (Pair pair = pair(ipv6)) {
            StreamCheck.bothWays(pair.inside, bytes, pair.outside, bytes);
        }
        bed.awaitQuiet();
    }

    @ParameterizedTest
    @CsvSource({"1500,false,on", "1500,true,on", "65520,false,on", "65520,true,on", "1500,false,off", "65520,true,off",
        "1280,true,on", "576,false,on"})
    void bytesArriveAsTheyWereSentBothWaysAtOnce(int mtu, boolean ipv6, String peekOffset) throws Exception {
        System.setProperty("footbridge.peekoff", peekOffset);
        bed = new SocketsBed(mtu);
        exchange(ipv6, 32 << 20);
    }

    @ParameterizedTest
    @CsvSource({"1500,on,0.01", "65520,on,0.01", "1500,off,0.01"})
    void whatIsLostOnTheWayIsSentAgain(int mtu, String peekOffset, double loss) throws Exception {
        System.setProperty("footbridge.peekoff", peekOffset);
        bed = new SocketsBed(mtu);
        bed.endpoint.loss(loss);
        try (Pair pair = pair(false)) {
            StreamCheck.bothWays(pair.inside, 1 << 19, pair.outside, 4 << 20);
        }
        bed.endpoint.loss(0);
    }

    @Test
    void anEndThatWritesNoMoreStillReads() throws Exception {
        bed = new SocketsBed(MTU);
        for (boolean insideFirst : new boolean[] {true, false}) {
            try (Pair pair = pair(false)) {
                SocketChannel first = insideFirst ? pair.inside : pair.outside;
                SocketChannel second = insideFirst ? pair.outside : pair.inside;
                long asked = StreamCheck.send(first, 100, 3).get();
                assertThat(StreamCheck.receive(second).get()).isEqualTo(asked);
                CompletableFuture<Long> answered = StreamCheck.send(second, 5 << 20, 4);
                assertThat(StreamCheck.receive(first).get()).isEqualTo(answered.get());
            }
            bed.awaitQuiet();
        }
    }

    @Test
    void aReaderThatRestsHoldsTheWriterUpAndLosesNothing() throws Exception {
        bed = new SocketsBed(MTU);
        for (boolean outwards : new boolean[] {true, false}) {
            try (Pair pair = pair(false)) {
                SocketChannel from = outwards ? pair.inside : pair.outside;
                SocketChannel to = outwards ? pair.outside : pair.inside;
                CompletableFuture<Long> sent = StreamCheck.send(from, 48 << 20, 5);
                awaitStandstill();
                assertThat(sent).isNotDone();
                assertThat(StreamCheck.receive(to).get()).isEqualTo(sent.get());
            }
        }
    }

    private void awaitStandstill() {
        long[] before = {-1};
        await("the writer to be held up", () -> {
            long now = bed.port.statistics().receivedBytes() + bed.port.statistics().transmittedBytes();
            boolean still = now == before[0];
            before[0] = now;
            LockSupport.parkNanos(300_000_000L);
            return still;
        });
    }

    /** A segment by itself takes half as much again of a send buffer as its payload is long. */
    @Test
    void aBufferOfSegmentsThatAreKeptOneByOneIsNotOverrun() throws Exception {
        bed = new SocketsBed(MTU);
        bed.namespaces.run(bed.host, "ip", "link", "set", "lo", "mtu", "1500", "gso_max_segs", "1");
        try (Pair pair = pair(false)) {
            CompletableFuture<Long> sent = StreamCheck.send(pair.inside, 48 << 20, 6);
            awaitStandstill();
            assertThat(StreamCheck.receive(pair.outside).get()).isEqualTo(sent.get());
        }
        // A probe for a loss that was none may be among them.
        assertThat(counted("RetransSegs")).isLessThan(counted("OutSegs") / 500);
    }

    /** Small segments that wait for acknowledgements take up much of a buffer; bulk that comes after them finds its window. */
    @Test
    void bulkAfterManySmallWritesWaitsForNoTimer() throws Exception {
        bed = new SocketsBed(65_520);
        bed.namespaces.run(bed.host, "ip", "link", "set", "lo", "mtu", "1500");
        bed.leaveFrom("127.0.0.9", "::");
        try (Pair pair = pair(false)) {
            pair.inside.setOption(StandardSocketOptions.TCP_NODELAY, true);
            long before = bed.port.statistics().receivedFrames();
            // What acknowledges them gets lost, and no more.
            bed.namespaces.run(bed.host, "ip", "rule", "add", "pref", "10", "lookup", "local");
            bed.namespaces.run(bed.host, "ip", "rule", "del", "pref", "0");
            bed.namespaces.run(bed.host, "ip", "rule", "add", "pref", "5", "from", "127.0.0.1", "to", "127.0.0.9", "blackhole");
            for (int i = 1; i <= SMALL_WRITES; i++) {
                pair.inside.write(ByteBuffer.allocate(1));
                long sent = before + i;
                await("a small segment", () -> bed.port.statistics().receivedFrames() >= sent);
            }
            bed.namespaces.run(bed.host, "ip", "rule", "del", "pref", "5");
            ByteBuffer small = ByteBuffer.allocate(SMALL_WRITES);
            while (small.hasRemaining()) {
                assertThat(pair.outside.read(small)).isPositive();
            }
            CompletableFuture<Long> sent = StreamCheck.send(pair.inside, 1 << 20, 7);
            assertThat(StreamCheck.receive(pair.outside).get()).isEqualTo(sent.get());
        }
        assertThat(counted("netstat", "TcpExt:", "TCPWinProbe")).isLessThan(3);
    }

    /** A count of TCP in the container (RFC 4022). */
    private long counted(String name) throws IOException {
        return counted("snmp", "Tcp:", name);
    }

    private long counted(String file, String group, String name) throws IOException {
        List<String> lines = bed.inContainer.call(() -> Files.readAllLines(Path.of("/proc/thread-self/net", file))).stream()
                .filter(line -> line.startsWith(group)).toList();
        int column = List.of(lines.getFirst().split(" ")).indexOf(name);
        return Long.parseLong(lines.getLast().split(" ")[column]);
    }

    @Test
    void whoIsRefusedOrFindsNoWayIsToldAtOnce() throws Exception {
        bed = new SocketsBed(MTU);
        int closed;
        try (ServerSocketChannel server = bed.serve("127.0.0.1")) {
            closed = SocketsBed.portOf(server);
        }
        assertThatThrownBy(() -> bed.connect(SocketsBed.GATEWAY4, closed)).isInstanceOf(ConnectException.class)
                .hasMessageContaining("refused");
        assertThatThrownBy(() -> bed.connect(SocketsBed.GATEWAY6, closed)).isInstanceOf(ConnectException.class)
                .hasMessageContaining("refused");
        assertThatThrownBy(() -> bed.connect("192.0.2.1", 80)).isInstanceOf(SocketException.class)
                .hasMessageContaining("unreachable");
        assertThatThrownBy(() -> bed.connect("2001:db8::1", 80)).isInstanceOf(SocketException.class)
                .hasMessageContaining("unreachable");
        bed.namespaces.run(bed.host, "ip", "route", "add", "prohibit", "192.0.2.2");
        bed.namespaces.run(bed.host, "ip", "route", "add", "unreachable", "192.0.2.3");
        assertThatThrownBy(() -> bed.connect("192.0.2.3", 80)).isInstanceOf(NoRouteToHostException.class);
        assertThatThrownBy(() -> bed.connect("192.0.2.2", 80)).isInstanceOf(IOException.class);
        bed.awaitQuiet();
    }

    @Test
    void aResetPassesBothWays() throws Exception {
        bed = new SocketsBed(MTU);
        for (boolean outwards : new boolean[] {true, false}) {
            try (Pair pair = pair(false)) {
                SocketChannel from = outwards ? pair.inside : pair.outside;
                SocketChannel to = outwards ? pair.outside : pair.inside;
                from.setOption(StandardSocketOptions.SO_LINGER, 0);
                from.close();
                assertThatThrownBy(() -> to.read(ByteBuffer.allocate(1))).isInstanceOf(SocketException.class)
                        .hasMessageContaining("reset");
            }
            bed.awaitQuiet();
        }
    }

    @Test
    void thousandsThatWaitForDeadHostsHoldNobodyUp() throws Exception {
        bed = new SocketsBed(MTU);
        bed.namespaces.run(bed.host, "ip", "link", "add", "d0", "type", "veth", "peer", "name", "d1");
        bed.namespaces.run(bed.host, "ip", "addr", "add", "198.51.100.1/24", "dev", "d0");
        bed.namespaces.run(bed.host, "ip", "link", "set", "d1", "up", "arp", "off");
        bed.namespaces.run(bed.host, "ip", "link", "set", "d0", "up", "arp", "off");
        List<SocketChannel> waiting = new ArrayList<>();
        for (int i = 0; i < 2000; i++) {
            int number = i;
            waiting.add(bed.inContainer.call(() -> {
                SocketChannel channel = SocketChannel.open();
                channel.configureBlocking(false);
                channel.connect(new InetSocketAddress("198.51.100." + (2 + number % 200), 1000 + number));
                return channel;
            }));
        }
        await("all to wait", () -> bed.connections() == 2000);
        exchange2();
        for (SocketChannel channel : waiting) {
            channel.close();
        }
        bed.engine.removePort(bed.port);
        bed.awaitQuiet();
    }

    /** A connection beside others. */
    private void exchange2() throws Exception {
        try (Pair pair = pair(false)) {
            long sent = StreamCheck.send(pair.inside, 1 << 20, 1).get();
            assertThat(StreamCheck.receive(pair.outside).get()).isEqualTo(sent);
        }
    }

    @ParameterizedTest
    @CsvSource({"on", "off"})
    void urgentDataIsDataInItsPlace(String peekOffset) throws Exception {
        System.setProperty("footbridge.peekoff", peekOffset);
        bed = new SocketsBed(MTU);
        try (Pair pair = pair(false)) {
            for (int i = 0; i < 20; i++) {
                boolean outwards = i % 2 == 0;
                SocketChannel from = outwards ? pair.inside : pair.outside;
                SocketChannel to = outwards ? pair.outside : pair.inside;
                to.socket().setOOBInline(true);
                from.write(ByteBuffer.wrap(new byte[] {1, 2, 3}));
                from.socket().sendUrgentData(4);
                from.write(ByteBuffer.wrap(new byte[] {5, 6}));
                ByteBuffer read = ByteBuffer.allocate(6);
                while (read.hasRemaining()) {
                    assertThat(to.read(read)).isPositive();
                }
                assertThat(read.array()).containsExactly(1, 2, 3, 4, 5, 6);
            }
        }
        bed.awaitQuiet();
    }

    @Test
    void aFlushedFlowIsResetAtBothEnds() throws Exception {
        bed = new SocketsBed(MTU);
        try (Pair pair = pair(true)) {
            // What comes by the connection came after the last packet of its handshake.
            pair.inside.write(ByteBuffer.wrap(new byte[1]));
            assertThat(pair.outside.read(ByteBuffer.allocate(1))).isEqualTo(1);
            assertThat(bed.engine.flows(Optional.empty())).singleElement()
                    .satisfies(flow -> assertThat(flow.state()).contains("ESTABLISHED"));
            assertThat(bed.engine.flushFlows(Optional.empty())).isEqualTo(1);
            assertThatThrownBy(() -> pair.outside.read(ByteBuffer.allocate(1))).hasMessageContaining("reset");
        }
        bed.awaitQuiet();
    }
}
