package io.footbridge.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.tap.DescriptorPassing;
import io.footbridge.tap.SystemCallException;
import io.footbridge.tap.TapEndpoint;
import io.footbridge.tap.TestNamespaces;
import io.footbridge.tap.namespace.NetworkNamespace;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A program that may enter a namespace where the daemon may not opens the TAP there and hands it over. */
class DescriptorIT {
    private TestNamespaces namespaces;
    private TestDaemon daemon;

    @BeforeEach
    void start() {
        TestNamespaces.assumeCapable();
        namespaces = new TestNamespaces();
        daemon = TestDaemon.start(namespaces);
    }

    @AfterEach
    void stop() {
        if (daemon != null) {
            daemon.close();
            namespaces.close();
        }
    }

    @Test
    void a_tap_that_another_program_opened_becomes_an_endpoint() throws IOException {
        String container = namespaces.create();
        try (NetworkNamespace namespace = NetworkNamespace.open(TestNamespaces.path(container));
            TapEndpoint tap = namespace.<TapEndpoint, SystemCallException>call(() -> TapEndpoint.create("tap0"))) {
            Socket socket = connect();
            assertThat(upgrade(socket, "bridge", "{\"name\":\"c\",\"ifname\":\"tap0\"}")).startsWith("HTTP/1.1 101");
            DescriptorPassing.send(socket.intValue(), tap.descriptor(), (byte) 0);
            assertThat(receive(socket, "\n")).contains("\"name\":\"c\"", "\"mac\":\"02:42:ac:1e:00:02\"",
                "\"addresses\":[\"172.30.0.2/16\"]", "\"gateways\":[\"172.30.0.1\"]", "\"mtu\":1500");
            socket.close();
        }
        namespaces.run(container, "ip", "link", "set", "tap0", "address", "02:42:ac:1e:00:02", "up");
        namespaces.run(container, "ip", "addr", "add", "172.30.0.2/16", "dev", "tap0");
        daemon.awaitPing(container, "172.30.0.1");
        daemon.must("detach", "bridge", "c");
        assertThat(namespaces.exec(container, "ip", "link", "show", "tap0").succeeded()).isFalse();
    }

    @Test
    void what_is_no_tap_is_refused_and_the_name_stays_free() throws IOException {
        for (int i = 0; i < 2; i++) {
            Socket socket = connect();
            assertThat(upgrade(socket, "bridge", "{\"name\":\"c\"}")).startsWith("HTTP/1.1 101");
            DescriptorPassing.send(socket.intValue(), socket.intValue(), (byte) 0);
            assertThat(receive(socket, "\n")).contains("\"message\":\"take over a TAP descriptor", "it is no TAP: open /dev/net/tun");
            socket.close();
        }
        assertThat(daemon.must("stats").lines()).hasSize(1);
    }

    @Test
    void bytes_without_a_descriptor_harm_nobody() throws IOException {
        Socket socket = connect();
        assertThat(upgrade(socket, "bridge", "{}")).startsWith("HTTP/1.1 101");
        byte[] bytes = "no descriptor here".getBytes(StandardCharsets.UTF_8);
        socket.send(ByteBuffer.allocateDirect(bytes.length).put(0, bytes), 0, bytes.length);
        socket.shutdown(false, true);
        assertThat(receive(socket, "never")).doesNotContain("\"name\"");
        socket.close();
        assertThat(daemon.must("network", "ls")).contains("bridge");
    }

    @Test
    void a_mistake_is_answered_before_a_descriptor_is_asked_for() throws IOException {
        Socket socket = connect();
        assertThat(upgrade(socket, "nosuch", "{}")).startsWith("HTTP/1.1 404");
        socket.close();
        Socket other = connect();
        assertThat(upgrade(other, "bridge", "{\"bogus\":1}")).startsWith("HTTP/1.1 400");
        other.close();
    }

    private Socket connect() throws IOException {
        Epoll.ensureAvailability();
        Socket socket = Socket.newSocketDomain();
        assertThat(socket.connect(new DomainSocketAddress(daemon.socket().toFile()))).isTrue();
        return socket;
    }

    private static String upgrade(Socket socket, String network, String body) throws IOException {
        byte[] request = ("POST /v1/networks/" + network + "/endpoints HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n"
            + "Upgrade: footbridge-descriptor\r\nContent-Length: " + body.length() + "\r\n\r\n" + body).getBytes(StandardCharsets.US_ASCII);
        socket.send(ByteBuffer.allocateDirect(request.length).put(0, request), 0, request.length);
        return receive(socket, "\r\n\r\n");
    }

    /** What comes until a text has come, or until the end. */
    private static String receive(Socket socket, String until) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 16);
        int[] length = {0};
        StringBuilder text = new StringBuilder();
        TestNamespaces.await("an answer", () -> {
            int count = socket.recv(buffer, length[0], buffer.capacity());
            for (int i = 0; i < count; i++) {
                text.append((char) buffer.get(length[0] + i));
            }
            length[0] += Math.max(0, count);
            return count < 0 || text.indexOf(until) >= 0;
        });
        return text.toString();
    }
}
