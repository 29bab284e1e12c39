package io.footbridge.proxy;

import static io.footbridge.proxy.Streams.ANY_PORT;
import static io.footbridge.proxy.Streams.accept;
import static io.footbridge.proxy.Streams.backEndAt;
import static io.footbridge.proxy.Streams.beside;
import static io.footbridge.proxy.Streams.connect;
import static io.footbridge.proxy.Streams.receive;
import static io.footbridge.proxy.Streams.reset;
import static io.footbridge.proxy.Streams.send;
import static io.footbridge.tap.TestNamespaces.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TcpRelayTest {
    private static final int END_OF_STREAM = -1;

    private Proxy proxy;
    private ServerSocket listener;
    private Relay relay;

    @BeforeEach
    void start() throws IOException {
        proxy = Proxy.start(ProxySettings.defaults());
        listener = Streams.listen();
        relay = proxy.relayTcp(ANY_PORT, backEndAt(listener));
    }

    @AfterEach
    void stop() throws IOException {
        proxy.close();
        listener.close();
    }

    @Test
    void bytesPassBothWaysAndNothingIsHeldBack() throws IOException {
        try (Socket client = connect(relay); Socket server = accept(listener)) {
            for (int i = 0; i < 100; i++) {
                send(client, "question " + i);
                assertThat(receive(server, ("question " + i).length())).isEqualTo("question " + i);
                send(server, "answer " + i);
                assertThat(receive(client, ("answer " + i).length())).isEqualTo("answer " + i);
            }
        }
        await("the connection to end", () -> proxy.statistics().open() == 0);
    }

    @Test
    void anEndOfTheClientsStreamIsPassedOnAndTheOtherDirectionGoesOn() throws IOException {
        try (Socket client = connect(relay); Socket server = accept(listener)) {
            send(client, "all I have to say");
            client.shutdownOutput();
            assertThat(new String(server.getInputStream().readAllBytes())).isEqualTo("all I have to say");
            send(server, "and still ");
            assertThat(receive(client, 10)).isEqualTo("and still ");
            send(server, "an answer");
            Streams.end(server);
            assertThat(new String(client.getInputStream().readAllBytes())).isEqualTo("an answer");
        }
        await("the connection to end", () -> proxy.statistics().open() == 0);
    }

    @Test
    void anEndOfTheBackEndsStreamIsPassedOnAndTheOtherDirectionGoesOn() throws IOException {
        try (Socket client = connect(relay); Socket server = accept(listener)) {
            send(server, "a banner");
            server.shutdownOutput();
            assertThat(new String(client.getInputStream().readAllBytes())).isEqualTo("a banner");
            send(client, "and still a word");
            assertThat(receive(server, 16)).isEqualTo("and still a word");
            Streams.end(client);
            assertThat(server.getInputStream().read()).isEqualTo(END_OF_STREAM);
        }
        await("the connection to end", () -> proxy.statistics().open() == 0);
    }

    @Test
    void aResetOfTheBackEndReachesTheClientAsOneAfterAllThatWasSentBefore() throws IOException {
        try (Socket client = connect(relay); Socket server = accept(listener)) {
            send(client, "a question");
            assertThat(receive(server, 10)).isEqualTo("a question");
            send(server, "an answer");
            reset(server);
            assertThat(receive(client, 9)).isEqualTo("an answer");
            assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");
        }
        assertThat(proxy.statistics().resets()).isEqualTo(1);
        await("the connection to end", () -> proxy.statistics().open() == 0);
    }

    @Test
    void aResetOfTheClientReachesTheBackEndAsOne() throws IOException {
        try (Socket client = connect(relay); Socket server = accept(listener)) {
            send(client, "a question");
            assertThat(receive(server, 10)).isEqualTo("a question");
            reset(client);
            assertThatThrownBy(() -> server.getInputStream().read()).isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");
        }
        await("the connection to end", () -> proxy.statistics().open() == 0);
    }

    @Test
    void aBackEndThatResetsBeforeAnythingWasSaidGivesAnEndOfStream() throws IOException {
        try (Socket client = connect(relay)) {
            reset(accept(listener));
            assertThat(client.getInputStream().read()).isEqualTo(END_OF_STREAM);
        }
        assertThat(proxy.statistics().resets()).isZero();
    }

    @Test
    void aBackEndThatRefusesGivesAnEndOfStreamAlsoToAClientThatHasSpoken() throws IOException {
        listener.close();
        for (int i = 0; i < 20; i++) {
            try (Socket client = connect(relay)) {
                send(client, "anyone there?");
                assertThat(client.getInputStream().read()).isEqualTo(END_OF_STREAM);
            }
        }
        assertThat(proxy.statistics().refused()).isEqualTo(20);
        await("the connections to end", () -> proxy.statistics().open() == 0);
    }

    @Test
    void aBackEndThatNeverReadsStopsItsClientAndAClientThatGivesUpResetsIt() throws IOException {
        try (SocketChannel client = SocketChannel.open(relay.address()); Socket server = accept(listener)) {
            client.configureBlocking(false);
            ByteBuffer block = ByteBuffer.allocate(64 << 10);
            long[] sent = {0};
            int[] unchanged = {0};
            // What fits into four socket buffers and a pipe: the kernel lets each grow to a few MiB.
            await("the client to be stopped", () -> {
                block.clear();
                int n = client.write(block);
                sent[0] += n;
                unchanged[0] = n == 0 ? unchanged[0] + 1 : 0;
                return unchanged[0] == 50;
            });
            assertThat(sent[0]).isBetween(64L << 10, 64L << 20);
            client.setOption(StandardSocketOptions.SO_LINGER, 0);
            Streams.end(client);
            await("the connection to end", () -> proxy.statistics().open() == 0);
            assertThatThrownBy(() -> server.getInputStream().readAllBytes()).isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");
        }
        assertThat(proxy.statistics().pipesLent()).isZero();
    }

    @Test
    void aBackEndThatNeverWritesKeepsItsClientAsLongAsItLikes() throws Exception {
        try (Socket client = connect(relay); Socket server = accept(listener)) {
            Future<Integer> first = beside(() -> client.getInputStream().read());
            for (int i = 0; i < 3; i++) {
                // Others come and go meanwhile.
                try (Socket other = connect(relay); Socket itsServer = accept(listener)) {
                    send(other, "x");
                    assertThat(receive(itsServer, 1)).isEqualTo("x");
                }
            }
            assertThat(first.isDone()).isFalse();
            send(server, "!");
            assertThat(first.get(20, TimeUnit.SECONDS)).isEqualTo('!');
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void aThousandConnectionsAreServedAndTheirDescriptorsReturn(int workers) throws IOException {
        try (Proxy own = Proxy.start(ProxySettings.defaults().withWorkers(workers))) {
            Relay port = own.relayTcp(ANY_PORT, backEndAt(listener));
            try (Socket client = connect(port); Socket server = accept(listener)) {
                send(client, "warm");
                assertThat(receive(server, 4)).isEqualTo("warm");
            }
            await("the connection to end", () -> own.statistics().open() == 0);
            long before = Streams.descriptors();
            List<Socket> all = new ArrayList<>();
            for (int i = 0; i < 1000; i++) {
                Socket client = connect(port);
                Socket server = accept(listener);
                all.add(client);
                all.add(server);
                send(client, "from " + client.getLocalPort() + ".");
            }
            assertThat(own.statistics().open()).isEqualTo(1000);
            // Two of each test end, two of the proxy: an idle connection holds no pipe.
            assertThat(Streams.descriptors() - before).isBetween(4000L, 4016L);
            for (int i = 0; i < all.size(); i += 2) {
                String expected = "from " + all.get(i).getLocalPort() + ".";
                assertThat(receive(all.get(i + 1), expected.length())).isEqualTo(expected);
            }
            for (Socket socket : all) {
                socket.close();
            }
            await("all connections to end", () -> own.statistics().open() == 0);
            await("the descriptors to return", () -> Streams.descriptors() <= before);
            assertThat(own.statistics().accepted()).isEqualTo(1001);
        }
    }

    @Test
    void closingARelayEndsItsConnectionsAtOnceAndNoOthers() throws IOException {
        Relay other = proxy.relayTcp(ANY_PORT, backEndAt(listener));
        try (Socket kept = connect(other); Socket keptServer = accept(listener);
                Socket client = connect(relay); Socket server = accept(listener)) {
            send(client, "x");
            assertThat(receive(server, 1)).isEqualTo("x");
            relay.close();
            assertThat(proxy.statistics().open()).isEqualTo(1);
            assertThat(client.getInputStream().read()).isEqualTo(END_OF_STREAM);
            assertThat(server.getInputStream().read()).isEqualTo(END_OF_STREAM);
            assertThatThrownBy(() -> connect(relay)).isInstanceOf(IOException.class);
            send(kept, "still here");
            assertThat(receive(keptServer, 10)).isEqualTo("still here");
        }
    }

    @Test
    void aTakenPortAndAForeignAddressAreSaidInTheWordsOfDockerProxy() {
        assertThatThrownBy(() -> proxy.relayTcp(relay.address(), backEndAt(listener)))
                .isInstanceOf(ListenException.class).hasMessage("listen tcp4 127.0.0.1:" + relay.address().getPort()
                        + ": bind: address already in use");
        assertThatThrownBy(() -> proxy.relayTcp(new InetSocketAddress("192.0.2.9", 8080), backEndAt(listener)))
                .isInstanceOf(ListenException.class)
                .hasMessage("listen tcp4 192.0.2.9:8080: bind: cannot assign requested address");
        assertThatThrownBy(() -> proxy.relayTcp(new InetSocketAddress("2001:db8::9", 8080), backEndAt(listener)))
                .isInstanceOf(ListenException.class)
                .hasMessage("listen tcp6 [2001:db8::9]:8080: bind: cannot assign requested address");
    }

    @Test
    void anIpv6ClientReachesAnIpv4BackEnd() throws IOException {
        Relay six = proxy.relayTcp(new InetSocketAddress(InetAddress.getByName("::1"), 0), backEndAt(listener));
        try (Socket client = connect(six); Socket server = accept(listener)) {
            send(client, "over six");
            assertThat(receive(server, 8)).isEqualTo("over six");
            send(server, "over four");
            assertThat(receive(client, 9)).isEqualTo("over four");
        }
    }

    @Test
    void aPortIsFreeAgainRightAfterItsRelayIsClosedThoughConnectionsLinger() throws IOException {
        for (int i = 0; i < 3; i++) {
            try (Socket client = connect(relay); Socket server = accept(listener)) {
                send(client, "x");
                assertThat(receive(server, 1)).isEqualTo("x");
                relay.close();
            }
            relay = proxy.relayTcp(relay.address(), backEndAt(listener));
        }
    }

    @Test
    void thousandsOfPortsCostOneDescriptorEach() throws IOException {
        long before = Streams.descriptors();
        List<Relay> relays = new ArrayList<>();
        for (int i = 0; i < 2000; i++) {
            relays.add(proxy.relayTcp(ANY_PORT, backEndAt(listener)));
        }
        assertThat(Streams.descriptors() - before).isEqualTo(2000);
        try (Socket client = connect(relays.getLast()); Socket server = accept(listener)) {
            send(client, "last");
            assertThat(receive(server, 4)).isEqualTo("last");
        }
        relays.forEach(Relay::close);
        await("the descriptors to return", () -> Streams.descriptors() <= before);
    }

    @Test
    void theBackEndIsToldOfItsClientBeforeTheFirstByte() throws IOException {
        Relay told = proxy.relayTcp(ANY_PORT, backEndAt(listener).withHeader(ProxyProtocol.V1));
        try (Socket client = connect(told); Socket server = accept(listener)) {
            String header = "PROXY TCP4 127.0.0.1 127.0.0.1 " + client.getLocalPort() + " " + client.getPort() + "\r\n";
            assertThat(receive(server, header.length())).isEqualTo(header);
            send(client, "hello");
            assertThat(receive(server, 5)).isEqualTo("hello");
        }
    }
}
