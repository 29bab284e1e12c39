package io.footbridge.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.tap.CallState;
import io.footbridge.tap.FileCalls;
import io.footbridge.tap.SocketCalls;
import io.footbridge.tap.TestNamespaces;
import io.footbridge.tap.namespace.NetworkNamespace;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is chosen depends on the machine: where its own choice is not BBR, nothing is to change. */
class CongestionControlTest {
    private final CallState state = CallState.ofThread();
    private final String system = systemsChoice();

    private String systemsChoice() {
        int socket = SocketCalls.socket(state, SocketCalls.AF_INET, SocketCalls.SOCK_STREAM, 0);
        try {
            return CongestionControl.of(state, socket);
        } finally {
            FileCalls.close(state, socket);
        }
    }

    private void assertStaysHere(String algorithm) {
        if (system.startsWith("bbr")) {
            assertThat(algorithm).isIn("cubic", "reno");
        } else {
            assertThat(algorithm).isEqualTo(system);
        }
    }

    /** The algorithm of this process's socket between two ports. */
    private String between(int local, int peer) throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.map(path -> Integer.parseInt(path.getFileName().toString())).filter(each -> {
                InetSocketAddress own = RelaySockets.localAddress(state, each);
                InetSocketAddress other = RelaySockets.peerAddress(state, each);
                return own != null && other != null && (local == 0 || own.getPort() == local) && other.getPort() == peer;
            }).map(each -> CongestionControl.of(state, each)).findFirst().orElseThrow();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "0.0.0.0"})
    void aConnectionFromThisMachineToThisMachineIsNotPacedOnEitherSide(String address) throws IOException {
        try (Proxy proxy = Proxy.start(ProxySettings.defaults());
                ServerSocket listener = new ServerSocket(0, 10, Streams.LOOPBACK);
                Relay relay = proxy.relayTcp(new InetSocketAddress(address, 0), BackEnd.at(Streams.LOOPBACK, listener.getLocalPort()));
                Socket client = new Socket(Streams.LOOPBACK, relay.address().getPort());
                Socket server = listener.accept()) {
            client.getOutputStream().write('x');
            assertThat(server.getInputStream().read()).isEqualTo('x');
            assertStaysHere(between(server.getPort(), listener.getLocalPort()));
            assertStaysHere(between(relay.address().getPort(), client.getLocalPort()));
        }
    }

    @Test
    void aClientAtAnotherAddressIsTreatedAsTheSystemSays() throws IOException {
        TestNamespaces.assumeCapable();
        try (TestNamespaces namespaces = new TestNamespaces()) {
            String name = namespaces.create();
            namespaces.run(name, "ip", "address", "add", "10.78.0.1/24", "dev", "lo");
            namespaces.run(name, "ip", "address", "add", "10.78.0.2/24", "dev", "lo");
            String inside = namespaces.run(name, "cat", "/proc/sys/net/ipv4/tcp_congestion_control").strip();
            try (NetworkNamespace namespace = NetworkNamespace.open(TestNamespaces.path(name))) {
                assertThat(namespace.<String, IOException>call(() -> ofClient("10.78.0.2"))).isEqualTo(inside);
                assertStaysHere(namespace.<String, IOException>call(() -> ofClient("10.78.0.1")));
            }
        }
    }

    /** The algorithm of a connection that a listener of ours, at 10.78.0.1, has accepted from an address. */
    private static String ofClient(String address) throws IOException {
        CallState state = CallState.ofThread();
        RelaySockets.Bound bound = RelaySockets.listener(state, new InetSocketAddress("10.78.0.1", 0), false);
        CongestionControl.stayHere(state, bound.descriptor());
        int port = RelaySockets.localAddress(state, bound.descriptor()).getPort();
        try (Socket client = new Socket(InetAddress.ofLiteral("10.78.0.1"), port, InetAddress.ofLiteral(address), 0)) {
            assertThat(client.isConnected()).isTrue();
            int accepted = SocketCalls.accept(state, bound.descriptor(), SocketCalls.SOCK_CLOEXEC);
            if (CongestionControl.isChosen()) {
                CongestionControl.leaveUnlessHere(state, accepted);
            }
            String algorithm = CongestionControl.of(state, accepted);
            FileCalls.close(state, accepted);
            return algorithm;
        } finally {
            FileCalls.close(state, bound.descriptor());
        }
    }
}
