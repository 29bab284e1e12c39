package io.footbridge.control.slirp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.footbridge.wire.Ipv4Address;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class ApiSocketTest {
    private static final String LIST = "{\"execute\":\"list_hostfwd\"}\n";
    private static final String EMPTY_LIST = "{\"return\":{\"entries\":[]},\"entries\":[]}";

    @TempDir
    private Path folder;
    private Path path;

    @BeforeEach
    void listen() throws IOException {
        path = folder.resolve("api.sock");
        // Left by an earlier process.
        Files.writeString(path, "old");
        ApiRequests requests = new ApiRequests(_ -> () -> { }, Ipv4Address.parse("10.0.2.100"));
        Thread.ofPlatform().daemon().start(new ApiSocket(ApiSocket.listen(path.toString()), requests));
    }

    private SocketChannel connect() throws IOException {
        SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX);
        client.connect(UnixDomainSocketAddress.of(path));
        return client;
    }

    private static void send(SocketChannel client, String text) throws IOException {
        client.write(StandardCharsets.UTF_8.encode(text));
    }

    private static String receive(SocketChannel client) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
        int read = client.read(buffer);
        return read < 0 ? "" : new String(buffer.array(), 0, read, StandardCharsets.UTF_8);
    }

    @Test
    void answerComesAtOnceAndThenTheEnd() throws IOException {
        try (SocketChannel client = connect()) {
            send(client, LIST);
            assertThat(receive(client)).isEqualTo(EMPTY_LIST);
            assertThat(receive(client)).isEmpty();
        }
    }

    @Test
    void clientThatHasEndedItsSideIsAnswered() throws IOException {
        try (SocketChannel client = connect()) {
            send(client, LIST);
            client.shutdownOutput();
            assertThat(receive(client)).isEqualTo(EMPTY_LIST);
        }
    }

    @Test
    void silentClientsHoldNobodyUp() throws IOException {
        List<SocketChannel> silent = new ArrayList<>();
        try {
            for (int i = 0; i < 200; i++) {
                silent.add(connect());
                try (SocketChannel client = connect()) {
                    send(client, LIST);
                    assertThat(receive(client)).isEqualTo(EMPTY_LIST);
                }
            }
            // The last of them still has its turn; the first had to go.
            send(silent.getLast(), LIST);
            assertThat(receive(silent.getLast())).isEqualTo(EMPTY_LIST);
            assertThat(receive(silent.getFirst())).isEmpty();
        } finally {
            for (SocketChannel client : silent) {
                client.close();
            }
        }
    }

    @Test
    void requestThatIsTooLargeIsRefused() throws IOException {
        try (SocketChannel client = connect()) {
            send(client, " ".repeat(4096));
            assertThat(receive(client)).isEqualTo("{\"error\":{\"desc\":\"bad request: too large message\"}}");
        }
    }

    @Test
    void clientThatLeavesWithoutAWordIsNoMatter() throws IOException {
        connect().close();
        answerComesAtOnceAndThenTheEnd();
    }

    @Test
    void longListReachesAClientThatReadsSlowlyWhileOthersAreServed() throws IOException {
        for (int i = 1; i <= 2000; i++) {
            try (SocketChannel client = connect()) {
                send(client, "{\"execute\":\"add_hostfwd\",\"arguments\":{\"proto\":\"tcp\",\"host_port\":" + i + ",\"guest_port\":80}}");
                assertThat(receive(client)).isEqualTo("{\"return\":{\"id\":" + i + "}}");
            }
        }
        try (SocketChannel slow = connect(); SocketChannel other = connect()) {
            send(slow, LIST);
            send(other, "{}");
            assertThat(receive(other)).contains("no execute found");
            StringBuilder whole = new StringBuilder();
            for (String part = receive(slow); !part.isEmpty(); part = receive(slow)) {
                whole.append(part);
            }
            assertThat(whole.toString()).contains("\"id\":2000,").endsWith("}]}");
        }
    }

    @Test
    void directoryThatIsMissingIsNamed() {
        assertThatThrownBy(() -> ApiSocket.listen(folder.resolve("none/api.sock").toString()))
            .hasMessage("bind API socket " + folder + "/none/api.sock: No such file or directory; make its directory first");
    }
}
