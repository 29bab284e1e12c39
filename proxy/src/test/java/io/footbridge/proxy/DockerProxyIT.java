package io.footbridge.proxy;

import static io.footbridge.proxy.Streams.LOOPBACK;
import static io.footbridge.proxy.Streams.accept;
import static io.footbridge.proxy.Streams.receive;
import static io.footbridge.proxy.Streams.send;
import static io.footbridge.tap.TestNamespaces.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.tap.ProcessUse;
import java.io.IOException;
import java.net.ConnectException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** docker-proxy as a process of its own, started as dockerd starts it: status on descriptor 3, which is a pipe. */
class DockerProxyIT {
    private static final String STATUS_ONLY = "exec 3>&1 1>/dev/null";

    private ServerSocket listener;
    private Process process;

    @BeforeEach
    void listen() throws IOException {
        listener = Streams.listen();
    }

    @AfterEach
    void stop() throws Exception {
        listener.close();
        if (process != null && process.isAlive()) {
            process.destroyForcibly().waitFor();
        }
    }

    /** Starts it with its descriptor 3 led to where the test reads; {@code before} is shell, run before it. */
    private void start(String before, String... words) throws IOException {
        List<String> command = new ArrayList<>(List.of("sh", "-c", before + "; exec env --default-signal=INT,TERM \"$@\"", "sh",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED", "-Dtinylog.level=off", "-cp", System.getProperty("java.class.path"),
                DockerProxy.class.getName()));
        command.addAll(List.of(words));
        process = new ProcessBuilder(command).redirectInput(Path.of("/dev/null").toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD).start();
    }

    private String[] serve(String protocol, int port, int backEnd) {
        return new String[] {"-proto", protocol, "-host-ip", "127.0.0.1", "-host-port", String.valueOf(port),
            "-container-ip", "127.0.0.1", "-container-port", String.valueOf(backEnd)};
    }

    private String status() throws IOException {
        return new String(process.getInputStream().readNBytes(2), StandardCharsets.US_ASCII);
    }

    private int exitCode() throws InterruptedException {
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, LOOPBACK)) {
            return socket.getLocalPort();
        }
    }

    private static void signal(Process process, String name) throws Exception {
        assertThat(new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid())).start().waitFor()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"INT", "TERM"})
    void itServesAndEndsWithZeroAtTheSignalWithAllItsConnections(String signal) throws Exception {
        int port = freePort();
        start(STATUS_ONLY, serve("tcp", port, listener.getLocalPort()));
        assertThat(status()).isEqualTo("0\n");
        try (Socket client = new Socket(LOOPBACK, port); Socket server = accept(listener)) {
            client.setSoTimeout(20_000);
            send(client, "hello");
            assertThat(receive(server, 5)).isEqualTo("hello");
            signal(process, signal);
            assertThat(client.getInputStream().read()).isEqualTo(-1);
            assertThat(server.getInputStream().read()).isEqualTo(-1);
        }
        assertThat(exitCode()).isZero();
        assertThat(process.getInputStream().readAllBytes()).as("after the status").isEmpty();
    }

    @Test
    void aTakenPortIsSaidAndEndsWithOne() throws Exception {
        int taken = listener.getLocalPort();
        start(STATUS_ONLY, serve("tcp", taken, 1));
        assertThat(new String(process.getInputStream().readAllBytes())).isEqualTo("1\nfailed to listen on 127.0.0.1:" + taken
                + ": listen tcp4 127.0.0.1:" + taken + ": bind: address already in use");
        assertThat(exitCode()).isEqualTo(1);
    }

    @Test
    void anUnknownFlagLeavesTheStatusEmptyAndEndsWithTwo() throws Exception {
        start(STATUS_ONLY, "-no-such-flag");
        assertThat(process.getInputStream().readAllBytes()).isEmpty();
        assertThat(exitCode()).isEqualTo(2);
    }

    @Test
    void withoutAStatusDescriptorItServesAllTheSame() throws Exception {
        int port = freePort();
        start("exec 3>&- 4>&-", serve("tcp", port, listener.getLocalPort()));
        await("the port to be served", () -> {
            try (Socket client = new Socket(LOOPBACK, port); Socket server = accept(listener)) {
                send(client, "x");
                return receive(server, 1).equals("x");
            } catch (ConnectException notYet) {
                return false;
            }
        });
        signal(process, "INT");
        assertThat(exitCode()).isZero();
    }

    @Test
    void descriptorFourThatIsNoSocketIsSaidAndEndsWithOne() throws Exception {
        start(STATUS_ONLY + "; exec 4</dev/null", "-use-listen-fd");
        assertThat(new String(process.getInputStream().readAllBytes()))
                .isEqualTo("1\nfile file+net listen-sock: getsockopt: socket operation on non-socket");
        assertThat(exitCode()).isEqualTo(1);
    }

    @Test
    void itServesUdp() throws Exception {
        try (DatagramSocket server = new DatagramSocket(0, LOOPBACK); DatagramSocket client = new DatagramSocket(0, LOOPBACK)) {
            server.setSoTimeout(20_000);
            client.setSoTimeout(20_000);
            int port = freePort();
            start(STATUS_ONLY, serve("udp", port, server.getLocalPort()));
            assertThat(status()).isEqualTo("0\n");
            client.send(new DatagramPacket(new byte[] {42}, 1, new InetSocketAddress(LOOPBACK, port)));
            DatagramPacket packet = new DatagramPacket(new byte[8], 8);
            server.receive(packet);
            server.send(packet);
            client.receive(packet);
            assertThat(packet.getData()[0]).isEqualTo((byte) 42);
        }
    }

    /** Whose turn it is: the next connection that reaches the back end, or null if none does for a while. */
    private Socket nextAccepted(int milliseconds) throws IOException {
        listener.setSoTimeout(milliseconds);
        try {
            return accept(listener);
        } catch (SocketTimeoutException none) {
            return null;
        }
    }

    @Test
    void whenDescriptorsRunOutNewClientsWaitOldOnesGoOnAndAllAreServedInTheEnd() throws Exception {
        int port = freePort();
        start(STATUS_ONLY + "; ulimit -n 80", serve("tcp", port, listener.getLocalPort()));
        assertThat(status()).isEqualTo("0\n");
        Map<String, Socket> clients = new HashMap<>();
        while (clients.size() < 100) {
            Socket client = new Socket(LOOPBACK, port);
            client.setSoTimeout(20_000);
            String name = String.format("client %05d", client.getLocalPort());
            send(client, name);
            clients.put(name, client);
        }
        List<Socket> served = new ArrayList<>();
        for (Socket next = nextAccepted(20_000); next != null; next = nextAccepted(700)) {
            served.add(next);
        }
        assertThat(served.size()).isBetween(3, 40);
        Duration before = ProcessUse.processorTime(process.pid());
        assertThat(nextAccepted(700)).isNull();
        assertThat(ProcessUse.processorTime(process.pid()).minus(before)).as("waiting is not spinning").isLessThan(Duration.ofMillis(350));
        // Those who are served leave, and others take their places until all have been.
        while (!clients.isEmpty()) {
            Socket next = served.isEmpty() ? nextAccepted(20_000) : served.removeLast();
            assertThat(next).as("one of %d clients that wait", clients.size()).isNotNull();
            try (next; Socket client = clients.remove(receive(next, "client 12345".length()))) {
                send(next, "served");
                assertThat(receive(client, 6)).isEqualTo("served");
            }
        }
        signal(process, "TERM");
        assertThat(exitCode()).isZero();
    }

}
