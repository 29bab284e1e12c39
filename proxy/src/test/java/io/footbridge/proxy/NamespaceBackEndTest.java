package io.footbridge.proxy;

import static io.footbridge.proxy.Streams.ANY_PORT;
import static io.footbridge.proxy.Streams.accept;
import static io.footbridge.proxy.Streams.connect;
import static io.footbridge.proxy.Streams.receive;
import static io.footbridge.proxy.Streams.send;
import static io.footbridge.tap.TestNamespaces.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.footbridge.tap.SystemCallException;
import io.footbridge.tap.TestNamespaces;
import io.footbridge.tap.namespace.NetworkNamespace;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A back end in a namespace that has no way out at all: only from inside can it be reached. */
class NamespaceBackEndTest {
    private static final String INSIDE = "10.77.0.2";

    private TestNamespaces namespaces;
    private Proxy proxy;
    private String name;

    @BeforeEach
    void start() {
        TestNamespaces.assumeCapable();
        namespaces = new TestNamespaces();
        name = namespaces.create();
        namespaces.run(name, "ip", "address", "add", INSIDE + "/32", "dev", "lo");
        proxy = Proxy.start(ProxySettings.defaults());
    }

    @AfterEach
    void stop() {
        if (proxy != null) {
            proxy.close();
        }
        if (namespaces != null) {
            namespaces.close();
        }
    }

    private NetworkNamespace enter() throws SystemCallException {
        return NetworkNamespace.open(TestNamespaces.path(name));
    }

    private <T> T inside(NetworkNamespace.Task<T, IOException> task) throws IOException {
        try (NetworkNamespace namespace = enter()) {
            return namespace.call(task);
        }
    }

    private BackEnd backEnd(int port) throws IOException {
        return BackEnd.inside(this::enter, InetAddress.getByName(INSIDE), port);
    }

    @Test
    void streamsReachItAndItSeesItsOwnAddressAsClient() throws IOException {
        try (ServerSocket listener = inside(() -> new ServerSocket(0, 100, InetAddress.getByName(INSIDE)))) {
            Relay relay = proxy.relayTcp(ANY_PORT, backEnd(listener.getLocalPort()));
            List<Socket> clients = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                clients.add(connect(relay));
                send(clients.getLast(), "who is there?");
            }
            for (int i = 0; i < clients.size(); i++) {
                try (Socket server = accept(listener)) {
                    assertThat(server.getInetAddress().getHostAddress()).isEqualTo(INSIDE);
                    assertThat(receive(server, 13)).isEqualTo("who is there?");
                    send(server, "me");
                }
            }
            for (Socket client : clients) {
                assertThat(receive(client, 2)).isEqualTo("me");
                client.close();
            }
            await("the connections to end", () -> proxy.statistics().open() == 0);
        }
    }

    @Test
    void clientsOneAfterTheOtherAreServedAndSoonAfterNothingHoldsTheNamespace() throws IOException {
        try (ServerSocket listener = inside(() -> new ServerSocket(0, 100, InetAddress.getByName(INSIDE)))) {
            Relay relay = proxy.relayTcp(ANY_PORT, backEnd(listener.getLocalPort()));
            long before = sockets();
            for (int i = 0; i < 300; i++) {
                try (Socket client = connect(relay); Socket server = accept(listener)) {
                    assertThat(server.getInetAddress().getHostAddress()).isEqualTo(INSIDE);
                    send(client, "x");
                    assertThat(receive(server, 1)).isEqualTo("x");
                }
            }
            await("the connections to end", () -> proxy.statistics().open() == 0);
            await("what was made ahead to be closed", () -> sockets() <= before);
        }
    }

    private static long sockets() {
        try (var open = Files.list(Path.of("/proc/self/fd"))) {
            return open.filter(descriptor -> target(descriptor).startsWith("socket:")).count();
        } catch (IOException failed) {
            throw new java.io.UncheckedIOException(failed);
        }
    }

    @Test
    void datagramsReachItTheFirstIncluded() throws IOException {
        try (DatagramSocket server = inside(() -> new DatagramSocket(0, InetAddress.getByName(INSIDE)));
                DatagramSocket client = new DatagramSocket(0, Streams.LOOPBACK)) {
            server.setSoTimeout(20_000);
            client.setSoTimeout(20_000);
            Relay relay = proxy.relayUdp(ANY_PORT, backEnd(server.getLocalPort()));
            for (int i = 0; i < 5; i++) {
                client.send(new DatagramPacket(new byte[] {(byte) i}, 1, relay.address()));
            }
            DatagramPacket packet = new DatagramPacket(new byte[10], 10);
            for (int i = 0; i < 5; i++) {
                server.receive(packet);
                assertThat(packet.getData()[0]).isEqualTo((byte) i);
                server.send(new DatagramPacket(packet.getData(), 1, packet.getSocketAddress()));
                client.receive(packet);
                assertThat(packet.getData()[0]).isEqualTo((byte) i);
            }
        }
    }

    @Test
    void aNamespaceThatIsGoneGivesAnEndOfStreamAndNothingKeepsItAlive() throws IOException {
        Relay relay;
        try (ServerSocket listener = inside(() -> new ServerSocket(0, 100, InetAddress.getByName(INSIDE)))) {
            relay = proxy.relayTcp(ANY_PORT, backEnd(listener.getLocalPort()));
            try (Socket client = connect(relay); Socket server = accept(listener)) {
                send(client, "x");
                assertThat(receive(server, 1)).isEqualTo("x");
            }
        }
        await("the connection to end", () -> proxy.statistics().open() == 0);
        String net;
        try (NetworkNamespace namespace = enter()) {
            net = "net:[" + namespace.inode() + "]";
        }
        namespaces.delete(name);
        try (var open = Files.list(Path.of("/proc/self/fd"))) {
            assertThat(open.map(NamespaceBackEndTest::target)).doesNotContain(net);
        }
        try (Socket client = connect(relay)) {
            assertThat(client.getInputStream().read()).isEqualTo(-1);
        }
        assertThat(proxy.statistics().refused()).isEqualTo(1);
    }

    @Test
    void aDoorThatFailsUnexpectedlyEndsItsClientsAndTheNextMayTryAgain() throws IOException {
        try (ServerSocket listener = inside(() -> new ServerSocket(0, 100, InetAddress.getByName(INSIDE)))) {
            AtomicBoolean broken = new AtomicBoolean(true);
            Relay relay = proxy.relayTcp(ANY_PORT, BackEnd.inside(() -> {
                if (broken.get()) {
                    throw new IllegalStateException("the door is jammed");
                }
                return enter();
            }, InetAddress.getByName(INSIDE), listener.getLocalPort()));
            for (int i = 0; i < 20; i++) {
                try (Socket client = connect(relay)) {
                    assertThat(client.getInputStream().read()).isEqualTo(-1);
                }
            }
            assertThat(proxy.statistics().refused()).isEqualTo(20);
            broken.set(false);
            for (int i = 0; i < 20; i++) {
                try (Socket client = connect(relay); Socket server = accept(listener)) {
                    send(client, "x");
                    assertThat(receive(server, 1)).isEqualTo("x");
                }
            }
        }
    }

    @Test
    void socketsThatAreBeingMadeAtTheEndAreClosed() throws IOException, InterruptedException {
        long before = sockets();
        Proxy other = Proxy.start(ProxySettings.defaults());
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Relay relay = other.relayTcp(ANY_PORT, BackEnd.inside(() -> {
            entered.countDown();
            awaitUninterrupted(goOn);
            return enter();
        }, InetAddress.getByName(INSIDE), 80));
        try (Socket client = connect(relay)) {
            awaitUninterrupted(entered);
            Thread closing = Thread.ofPlatform().start(other::close);
            await("the listener to be closed", () -> !accepts(relay.address()));
            goOn.countDown();
            closing.join();
            assertThat(client.getInputStream().read()).isEqualTo(-1);
        }
        assertThat(sockets()).isLessThanOrEqualTo(before);
    }

    private static boolean accepts(InetSocketAddress address) {
        try (Socket socket = new Socket()) {
            socket.connect(address);
            return true;
        } catch (IOException refused) {
            return false;
        }
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException gone) {
            return "";
        }
    }

    @Test
    void itsLoopbackIsReachedOnlyByThoseWhoAskForIt() throws IOException {
        assertThatThrownBy(() -> BackEnd.inside(this::enter, Streams.LOOPBACK, 80)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("loopback");
        assertThatThrownBy(() -> BackEnd.insideOrLoopback(this::enter, InetAddress.getByName("0.0.0.0"), 80))
                .isInstanceOf(IllegalArgumentException.class);
        try (ServerSocket listener = inside(() -> new ServerSocket(0, 100, Streams.LOOPBACK))) {
            Relay relay = proxy.relayTcp(new InetSocketAddress(Streams.LOOPBACK, 0),
                    BackEnd.insideOrLoopback(this::enter, Streams.LOOPBACK, listener.getLocalPort()));
            try (Socket client = connect(relay); Socket server = accept(listener)) {
                send(client, "x");
                assertThat(receive(server, 1)).isEqualTo("x");
            }
        }
    }
}
