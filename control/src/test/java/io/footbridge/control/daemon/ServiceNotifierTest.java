package io.footbridge.control.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.footbridge.tap.TestNamespaces;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServiceNotifierTest {
    @TempDir
    Path directory;

    @Test
    void a_supervisor_is_told_that_it_is_ready_and_that_it_stops() throws IOException {
        Epoll.ensureAvailability();
        Path path = directory.resolve("notify");
        Socket supervisor = Socket.newSocketDomainDgram();
        supervisor.bind(new DomainSocketAddress(path.toFile()));
        ServiceNotifier notifier = new ServiceNotifier(path.toString());
        notifier.ready();
        assertThat(receive(supervisor)).isEqualTo("READY=1");
        notifier.stopping();
        assertThat(receive(supervisor)).isEqualTo("STOPPING=1");
        supervisor.close();
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", "relative", "/nonexistent/socket", "@nobody-listens-here"})
    void without_a_supervisor_that_listens_nothing_happens(String address) {
        assertThatCode(() -> new ServiceNotifier(address).ready()).doesNotThrowAnyException();
    }

    private static String receive(Socket socket) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(100);
        StringBuilder text = new StringBuilder();
        TestNamespaces.await("a message", () -> {
            int count = socket.recv(buffer, 0, buffer.capacity());
            if (count > 0) {
                byte[] bytes = new byte[count];
                buffer.get(0, bytes);
                text.append(new String(bytes, StandardCharsets.US_ASCII));
            }
            return count > 0;
        });
        return text.toString();
    }
}
