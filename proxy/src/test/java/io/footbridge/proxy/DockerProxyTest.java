package io.footbridge.proxy;

import static io.footbridge.proxy.Streams.LOOPBACK;
import static io.footbridge.proxy.Streams.accept;
import static io.footbridge.proxy.Streams.beside;
import static io.footbridge.proxy.Streams.receive;
import static io.footbridge.proxy.Streams.send;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.tap.CallState;
import io.footbridge.tap.Errno;
import io.footbridge.tap.FileCalls;
import io.footbridge.tap.PipeCalls;
import io.footbridge.tap.Sockaddr;
import io.footbridge.tap.SocketCalls;
import io.footbridge.tap.TestNamespaces;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DockerProxyTest {
    private final CallState state = CallState.ofThread();
    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private final ByteArrayOutputStream errors = new ByteArrayOutputStream();
    private final CountDownLatch stop = new CountDownLatch(1);
    private final int[] status = new int[2];
    private ServerSocket listener;
    private Future<Integer> ended;

    @BeforeEach
    void start() throws IOException {
        assertThat(PipeCalls.pipe(state, status)).isZero();
        // The test waits for what is written.
        FileCalls.fcntl(state, status[0], 4, 0);
        listener = Streams.listen();
    }

    @AfterEach
    void stop() throws Exception {
        stop.countDown();
        if (ended != null) {
            ended.get(20, TimeUnit.SECONDS);
        }
        FileCalls.close(state, status[0]);
        listener.close();
    }

    private void run(int listenDescriptor, String... words) {
        DockerProxy proxy = new DockerProxy("docker-proxy", new DockerProxy.Descriptors(status[1], listenDescriptor,
                new PrintStream(output), new PrintStream(errors)));
        ended = beside(() -> proxy.run(List.of(words), stop));
    }

    private int exitCode() throws Exception {
        return ended.get(20, TimeUnit.SECONDS);
    }

    private String[] towardsContainer(String protocol, String host, int port) {
        return new String[] {"-proto", protocol, "-host-ip", host, "-host-port", String.valueOf(port), "-container-ip", "127.0.0.1",
            "-container-port", String.valueOf(listener.getLocalPort())};
    }

    /** What one read gives, as dockerd reads it, or all until the end. */
    private String read(int most, boolean toTheEnd) {
        StringBuilder text = new StringBuilder();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(4096);
            long n;
            do {
                n = FileCalls.read(state, status[0], buffer.address(), most);
                for (int i = 0; i < n; i++) {
                    text.append((char) Byte.toUnsignedInt(buffer.get(JAVA_BYTE, i)));
                }
            } while (n > 0 && toTheEnd);
        }
        return text.toString();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, LOOPBACK)) {
            return socket.getLocalPort();
        }
    }

    private void relays(int port) throws IOException {
        try (Socket client = new Socket(LOOPBACK, port); Socket server = accept(listener)) {
            send(client, "x");
            assertThat(receive(server, 1)).isEqualTo("x");
        }
    }

    @Test
    void itSaysThatItRunsInOneWriteServesAndEndsWithZeroWhenStopped() throws Exception {
        int port = freePort();
        run(DockerProxy.NONE, towardsContainer("tcp", "127.0.0.1", port));
        assertThat(read(2, false)).isEqualTo("0\n");
        relays(port);
        try (Socket client = new Socket(LOOPBACK, port); Socket server = accept(listener)) {
            client.setSoTimeout(20_000);
            stop.countDown();
            assertThat(client.getInputStream().read()).isEqualTo(-1);
            assertThat(server.getInputStream().read()).isEqualTo(-1);
        }
        assertThat(exitCode()).isZero();
        assertThat(read(10, true)).isEmpty();
        assertThat(output.toString() + errors).isEmpty();
    }

    private void failsWith(String expected, int listenDescriptor, String... words) throws Exception {
        run(listenDescriptor, words);
        assertThat(exitCode()).isEqualTo(1);
        assertThat(read(4096, true)).isEqualTo("1\n" + expected);
    }

    @Test
    void aTakenPortIsSaidAndEndsWithOne() throws Exception {
        int port = listener.getLocalPort();
        failsWith("failed to listen on 127.0.0.1:" + port + ": listen tcp4 127.0.0.1:" + port + ": bind: address already in use",
                DockerProxy.NONE, towardsContainer("tcp", "127.0.0.1", port));
    }

    @Test
    void aForeignIpv6AddressIsSaidForUdp() throws Exception {
        failsWith("failed to listen on [2001:db8::9]:80: listen udp6 [2001:db8::9]:80: bind: cannot assign requested address",
                DockerProxy.NONE, towardsContainer("udp", "2001:db8::9", 80));
    }

    @Test
    void aMissingPortIsSaid() throws Exception {
        failsWith("failed to listen on 0.0.0.0:-1: listen tcp4 0.0.0.0:-1: bind: invalid argument", DockerProxy.NONE);
    }

    @Test
    void anUnknownProtocolIsSaid() throws Exception {
        failsWith("unsupported protocol icmp", DockerProxy.NONE, towardsContainer("icmp", "127.0.0.1", 80));
    }

    @Test
    void sctpIsNotSupported() throws Exception {
        failsWith("failed to listen on 127.0.0.1:80: protocol not supported", DockerProxy.NONE,
                towardsContainer("sctp", "127.0.0.1", 80));
    }

    @Test
    void aListeningSocketOfAProtocolThatIsNotServedIsClosed() throws Exception {
        int socket = socket(SocketCalls.AF_INET, SocketCalls.SOCK_STREAM, new InetSocketAddress("127.0.0.1", 0), true);
        List<String> words = new ArrayList<>(List.of(towardsContainer("sctp", "127.0.0.1", 80)));
        words.add("-use-listen-fd");
        failsWith("failed to listen on 127.0.0.1:80: protocol not supported", socket, words.toArray(String[]::new));
        // F_GETFD
        assertThat(FileCalls.fcntl(state, socket, 1, 0)).isEqualTo(-Errno.EBADF.number());
    }

    @Test
    void anUnknownFlagLeavesTheStatusEmptyAndEndsWithTwo() throws Exception {
        run(DockerProxy.NONE, "-no-such-flag");
        assertThat(exitCode()).isEqualTo(2);
        FileCalls.close(state, status[1]);
        assertThat(read(10, true)).isEmpty();
        assertThat(errors.toString()).startsWith("flag provided but not defined: -no-such-flag\nUsage of docker-proxy:\n");
    }

    @Test
    void theVersionIsPrintedAndNothingElseIsDone() throws Exception {
        for (String word : List.of("-v", "--version")) {
            output.reset();
            run(DockerProxy.NONE, word);
            assertThat(exitCode()).isZero();
            assertThat(output.toString()).matches("docker-proxy \\(commit \\S+\\) version \\S+\n");
        }
    }

    @Test
    void aClosedStatusDescriptorDoesNotStopIt() throws Exception {
        int port = freePort();
        DockerProxy proxy = new DockerProxy("docker-proxy", new DockerProxy.Descriptors(DockerProxy.NONE, DockerProxy.NONE,
                new PrintStream(output), new PrintStream(errors)));
        ended = beside(() -> proxy.run(List.of(towardsContainer("tcp", "127.0.0.1", port)), stop));
        TestNamespaces.await("the port to be served", () -> {
            try {
                relays(port);
                return true;
            } catch (ConnectException notYet) {
                return false;
            }
        });
        FileCalls.close(state, status[1]);
    }

    private int socket(int family, int type, InetSocketAddress address, boolean listening) {
        int socket = SocketCalls.socket(state, family, type, 0);
        try (Arena arena = Arena.ofConfined()) {
            assertThat(SocketCalls.bind(state, socket, Sockaddr.of(arena, address.getAddress(), address.getPort()))).isZero();
        }
        if (listening) {
            assertThat(SocketCalls.listen(state, socket, 100)).isZero();
        }
        return socket;
    }

    @Test
    void aListeningSocketThatIsHandedOverIsServedWhateverItsFamily() throws Exception {
        // Both families, as IPV6_V6ONLY is off: it is reached over IPv4, whatever -host-ip says.
        int socket = SocketCalls.socket(state, SocketCalls.AF_INET6, SocketCalls.SOCK_STREAM, 0);
        SocketCalls.setsockopt(state, socket, 41, 26, 0);
        try (Arena arena = Arena.ofConfined()) {
            SocketCalls.bind(state, socket, Sockaddr.of(arena, InetAddress.getByName("::"), 0));
        }
        SocketCalls.listen(state, socket, 100);
        int port = RelaySockets.localAddress(state, socket).getPort();
        List<String> words = new ArrayList<>(List.of(towardsContainer("tcp", "127.0.0.1", 1)));
        words.add("-use-listen-fd");
        run(socket, words.toArray(String[]::new));
        assertThat(read(2, false)).isEqualTo("0\n");
        relays(port);
        try (Socket client = new Socket(InetAddress.getByName("::1"), port); Socket server = accept(listener)) {
            send(client, "six");
            assertThat(receive(server, 3)).isEqualTo("six");
        }
    }

    private static final int F_DUPFD = 0;

    @Test
    void whatIsHandedOverAndNoListeningSocketIsRefused() throws Exception {
        String[] tcp = {"-use-listen-fd"};
        String[] udp = {"-use-listen-fd", "-proto=udp"};
        InetSocketAddress any = new InetSocketAddress(LOOPBACK, 0);
        int[] pair = new int[2];
        SocketCalls.socketpair(state, SocketCalls.SOCK_STREAM, pair);
        record Case(int descriptor, String[] words, String error) { }
        String file = "file file+net listen-sock: ";
        for (Case each : List.of(
                new Case(9999, tcp, file + "fcntl: bad file descriptor"),
                new Case(FileCalls.fcntl(state, status[0], F_DUPFD, 10), tcp, file + "getsockopt: socket operation on non-socket"),
                new Case(socket(SocketCalls.AF_INET, SocketCalls.SOCK_STREAM, any, false), tcp, file + "invalid argument"),
                new Case(socket(SocketCalls.AF_INET, SocketCalls.SOCK_DGRAM, any, false), tcp, file + "invalid argument"),
                new Case(socket(SocketCalls.AF_INET, SocketCalls.SOCK_STREAM, any, true), udp, file + "invalid argument"),
                new Case(pair[0], tcp, "unexpected socket type for listener fd: unix"))) {
            failsWith(each.error(), each.descriptor(), each.words());
            FileCalls.close(state, status[0]);
            assertThat(PipeCalls.pipe(state, status)).isZero();
            FileCalls.fcntl(state, status[0], 4, 0);
        }
        FileCalls.close(state, status[1]);
    }

    @Test
    void theStatusIsUtf8AndWhole() throws Exception {
        failsWith(new String("unsupported protocol ü".getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1),
                DockerProxy.NONE, towardsContainer("ü", "127.0.0.1", 80));
    }
}
