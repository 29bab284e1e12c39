package io.footbridge.proxy;

import static io.footbridge.proxy.Streams.LOOPBACK;
import static io.footbridge.tap.TestNamespaces.await;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UdpRelayTest {
    private static final int LIMIT = 20_000;

    private final List<DatagramSocket> sockets = new ArrayList<>();
    private Proxy proxy;
    private DatagramSocket server;
    private Relay relay;

    @BeforeEach
    void start() throws IOException {
        begin(ProxySettings.defaults());
    }

    private void begin(ProxySettings settings) throws IOException {
        proxy = Proxy.start(settings);
        server = socket(LOOPBACK);
        relay = proxy.relayUdp(new InetSocketAddress("0.0.0.0", 0), backEnd());
    }

    private void beginAgain(ProxySettings settings) throws IOException {
        proxy.close();
        begin(settings);
    }

    @AfterEach
    void stop() {
        proxy.close();
        sockets.forEach(DatagramSocket::close);
    }

    private DatagramSocket socket(InetAddress address) throws SocketException {
        DatagramSocket socket = new DatagramSocket(0, address);
        socket.setSoTimeout(LIMIT);
        socket.setReceiveBufferSize(1 << 20);
        sockets.add(socket);
        return socket;
    }

    private BackEnd backEnd() {
        return BackEnd.at(server.getLocalAddress(), server.getLocalPort());
    }

    private InetSocketAddress port() {
        return new InetSocketAddress(LOOPBACK, relay.address().getPort());
    }

    private static void send(DatagramSocket socket, byte[] data, SocketAddress to) throws IOException {
        socket.send(new DatagramPacket(data, data.length, to));
    }

    private static void send(DatagramSocket socket, String text, SocketAddress to) throws IOException {
        send(socket, text.getBytes(StandardCharsets.US_ASCII), to);
    }

    private static DatagramPacket receive(DatagramSocket socket) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[65535], 65535);
        socket.receive(packet);
        return packet;
    }

    private static byte[] data(DatagramPacket packet) {
        return Arrays.copyOf(packet.getData(), packet.getLength());
    }

    private static String text(DatagramPacket packet) {
        return new String(data(packet), StandardCharsets.US_ASCII);
    }

    @Test
    void eachClientHasASocketOfItsOwnAndItsReplies() throws IOException {
        Set<SocketAddress> seen = new HashSet<>();
        List<DatagramSocket> clients = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            clients.add(socket(LOOPBACK));
        }
        for (int round = 0; round < 3; round++) {
            for (DatagramSocket client : clients) {
                send(client, "from " + client.getLocalPort(), port());
            }
            for (int i = 0; i < clients.size(); i++) {
                DatagramPacket request = receive(server);
                seen.add(request.getSocketAddress());
                send(server, "to " + text(request), request.getSocketAddress());
            }
            for (DatagramSocket client : clients) {
                DatagramPacket reply = receive(client);
                assertThat(text(reply)).isEqualTo("to from " + client.getLocalPort());
                assertThat(reply.getSocketAddress()).isEqualTo(port());
            }
        }
        assertThat(seen).hasSize(50);
        assertThat(proxy.statistics().udpClients()).isEqualTo(50);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 1472, 1473, 65506, 65507})
    void aDatagramOfAnySizePassesWholeBothWays(int size) throws IOException {
        byte[] content = new byte[size];
        new Random(size).nextBytes(content);
        DatagramSocket client = socket(LOOPBACK);
        send(client, content, port());
        DatagramPacket request = receive(server);
        assertThat(data(request)).isEqualTo(content);
        send(server, content, request.getSocketAddress());
        assertThat(data(receive(client))).isEqualTo(content);
    }

    @Test
    void aReplyComesFromTheAddressThatWasAsked() throws IOException {
        DatagramSocket client = socket(LOOPBACK);
        for (String asked : List.of("127.0.0.77", "127.0.0.1", "127.1.2.3", "127.0.0.77")) {
            SocketAddress to = new InetSocketAddress(asked, relay.address().getPort());
            send(client, "to " + asked, to);
            DatagramPacket request = receive(server);
            assertThat(text(request)).isEqualTo("to " + asked);
            send(server, "reply", request.getSocketAddress());
            assertThat(receive(client).getSocketAddress()).isEqualTo(to);
        }
        assertThat(proxy.statistics().udpClients()).isEqualTo(3);
    }

    @Test
    void anIpv6ClientReachesAnIpv4BackEndAndItsReplyComesFromTheAddressItAsked() throws IOException {
        Relay six = proxy.relayUdp(new InetSocketAddress(InetAddress.getByName("::"), 0), backEnd());
        DatagramSocket client = socket(InetAddress.getByName("::1"));
        SocketAddress to = new InetSocketAddress(InetAddress.getByName("::1"), six.address().getPort());
        send(client, "over six", to);
        DatagramPacket request = receive(server);
        assertThat(text(request)).isEqualTo("over six");
        send(server, "over four", request.getSocketAddress());
        DatagramPacket reply = receive(client);
        assertThat(text(reply)).isEqualTo("over four");
        assertThat(reply.getSocketAddress()).isEqualTo(to);
    }

    @Test
    void aBackEndThatIsDownAndComesBackIsServedAgainFromTheSameSocket() throws IOException {
        DatagramSocket client = socket(LOOPBACK);
        send(client, "first", port());
        DatagramPacket request = receive(server);
        int port = server.getLocalPort();
        server.close();
        // Each of these is answered by an ICMP error, which stays on the socket to the back end.
        for (int i = 0; i < 10; i++) {
            send(client, "nobody hears", port());
        }
        await("the datagrams to be sent on", () -> proxy.statistics().datagramsToBackEnd()
                + proxy.statistics().datagramsLost() == 11);
        server = new DatagramSocket(port, LOOPBACK);
        server.setSoTimeout(LIMIT);
        sockets.add(server);
        send(client, "again", port());
        DatagramPacket again = receive(server);
        assertThat(text(again)).isEqualTo("again");
        assertThat(again.getSocketAddress()).isEqualTo(request.getSocketAddress());
        send(server, "reply", again.getSocketAddress());
        assertThat(text(receive(client))).isEqualTo("reply");
        assertThat(proxy.statistics().datagramsLost()).isZero();
    }

    @Test
    void aClientThatIsGoneDoesNotStopTheReplies() throws IOException {
        DatagramSocket gone = socket(LOOPBACK);
        send(gone, "x", port());
        SocketAddress toGone = receive(server).getSocketAddress();
        gone.close();
        for (int i = 0; i < 5; i++) {
            send(server, "nobody hears", toGone);
        }
        DatagramSocket client = socket(LOOPBACK);
        send(client, "y", port());
        send(server, "reply", receive(server).getSocketAddress());
        assertThat(text(receive(client))).isEqualTo("reply");
    }

    @Test
    void aSilentClientIsForgottenAndOneThatSpeaksIsNot() throws IOException {
        beginAgain(ProxySettings.defaults().withUdp(Duration.ofMillis(300), 100));
        long before = Streams.descriptors();
        DatagramSocket silent = socket(LOOPBACK);
        DatagramSocket talking = socket(LOOPBACK);
        send(silent, "once", port());
        receive(server);
        long since = System.nanoTime();
        send(talking, "first", port());
        SocketAddress talkingAs = receive(server).getSocketAddress();
        assertThat(proxy.statistics().udpClients()).isEqualTo(2);
        await("the silent one to be forgotten", () -> {
            send(talking, "still here", port());
            assertThat(receive(server).getSocketAddress()).isEqualTo(talkingAs);
            return proxy.statistics().udpClients() == 1;
        });
        assertThat(System.nanoTime() - since).isGreaterThanOrEqualTo(Duration.ofMillis(250).toNanos());
        await("both to be forgotten", () -> proxy.statistics().udpClients() == 0);
        // The test's own two sockets are all that is left.
        assertThat(Streams.descriptors()).isEqualTo(before + 2);
    }

    @Test
    void repliesAloneKeepAClientRemembered() throws IOException {
        beginAgain(ProxySettings.defaults().withUdp(Duration.ofMillis(300), 100));
        DatagramSocket subscriber = socket(LOOPBACK);
        send(subscriber, "subscribe", port());
        SocketAddress as = receive(server).getSocketAddress();
        long until = System.nanoTime() + Duration.ofMillis(900).toNanos();
        await("three times the idle time to pass", () -> {
            send(server, "news", as);
            assertThat(text(receive(subscriber))).isEqualTo("news");
            return System.nanoTime() - until > 0;
        });
        assertThat(proxy.statistics().udpClients()).isEqualTo(1);
    }

    @Test
    void theClientThatWasSilentLongestMakesRoomForANewOne() throws IOException {
        beginAgain(ProxySettings.defaults().withUdp(Duration.ofSeconds(90), 3));
        DatagramSocket[] clients = new DatagramSocket[4];
        SocketAddress[] as = new SocketAddress[4];
        for (int i : new int[] {0, 1, 2, 0, 3}) {
            clients[i] = clients[i] == null ? socket(LOOPBACK) : clients[i];
            send(clients[i], "x", port());
            as[i] = receive(server).getSocketAddress();
        }
        assertThat(proxy.statistics().udpClients()).isEqualTo(3);
        for (int i : new int[] {0, 2, 3}) {
            send(clients[i], "again", port());
            assertThat(receive(server).getSocketAddress()).as("client " + i).isEqualTo(as[i]);
        }
        send(clients[1], "again", port());
        assertThat(receive(server).getSocketAddress()).isNotEqualTo(as[1]);
    }

    @Test
    void aBurstPassesInOrderAndWhole() throws IOException {
        DatagramSocket client = socket(LOOPBACK);
        for (int burst = 0; burst < 20; burst++) {
            for (int i = 0; i < 40; i++) {
                send(client, burst + "/" + i, port());
            }
            SocketAddress as = null;
            for (int i = 0; i < 40; i++) {
                DatagramPacket request = receive(server);
                assertThat(text(request)).isEqualTo(burst + "/" + i);
                as = request.getSocketAddress();
            }
            for (int i = 0; i < 40; i++) {
                send(server, burst + ":" + i, as);
            }
            for (int i = 0; i < 40; i++) {
                assertThat(text(receive(client))).isEqualTo(burst + ":" + i);
            }
        }
        // Counted once they have been sent.
        await("all to be counted", () -> proxy.statistics().datagramsToBackEnd() == 800 && proxy.statistics().datagramsToClient() == 800);
    }

    @Test
    void closingThePortClosesTheSocketsOfItsClients() throws IOException {
        long before = Streams.descriptors();
        for (int i = 0; i < 20; i++) {
            DatagramSocket client = socket(LOOPBACK);
            send(client, "x", port());
            receive(server);
            client.close();
        }
        assertThat(proxy.statistics().udpClients()).isEqualTo(20);
        relay.close();
        assertThat(proxy.statistics().udpClients()).isZero();
        assertThat(Streams.descriptors()).isEqualTo(before - 1);
    }
}
