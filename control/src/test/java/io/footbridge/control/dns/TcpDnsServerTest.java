package io.footbridge.control.dns;

import static io.footbridge.control.dns.Messages.query;
import static io.footbridge.control.dns.Messages.records;
import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.tap.TestNamespaces;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv4Prefix;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.handler.codec.dns.DnsRecordType;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class TcpDnsServerTest {
    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final Zone zone = new Zone("web", List.of(Ipv4Prefix.parse("10.9.0.0/24")),
        List.of(new Zone.Host("db", List.of(), List.of(Ipv4Address.parse("10.9.0.5")))), false);
    private final TcpDnsServer server = new TcpDnsServer(group.next(),
        new DnsServer(new UpstreamResolver(group.next(), new Random(1), _ -> List.of(), Duration.ofSeconds(1))), () -> zone);
    private final InetSocketAddress bound = server.address().orElseThrow();
    private final List<Socket> clients = new ArrayList<>();

    @AfterEach
    void stop() throws IOException {
        for (Socket client : clients) {
            client.close();
        }
        server.close();
        group.shutdownGracefully(0, 0, TimeUnit.SECONDS);
    }

    private Socket connect() throws IOException {
        Socket client = new Socket(bound.getAddress(), bound.getPort());
        clients.add(client);
        return client;
    }

    private static void send(Socket client, byte[] message) throws IOException {
        DataOutputStream out = new DataOutputStream(client.getOutputStream());
        out.writeShort(message.length);
        out.write(message);
    }

    private static byte[] receive(Socket client) throws IOException {
        DataInputStream in = new DataInputStream(client.getInputStream());
        byte[] message = new byte[in.readUnsignedShort()];
        in.readFully(message);
        return message;
    }

    private static boolean isOver(Socket client) {
        try {
            return client.getInputStream().read() < 0;
        } catch (IOException reset) {
            return true;
        }
    }

    @Test
    void questionsOfOneConnectionAreAnsweredOneAfterTheOtherOnTheLoopback() throws IOException {
        assertThat(bound.getAddress().isLoopbackAddress()).isTrue();
        Socket client = connect();
        for (int i = 0; i < 100; i++) {
            send(client, query("db.", DnsRecordType.A));
        }
        for (int i = 0; i < 100; i++) {
            assertThat(records(receive(client))).containsExactly("db. A 10.9.0.5");
        }
    }

    @Test
    void whoSendsNoQuestionOrTooLongAOneIsCutOff() throws IOException {
        Socket nonsense = connect();
        send(nonsense, new byte[5]);
        assertThat(isOver(nonsense)).isTrue();
        Socket large = connect();
        large.getOutputStream().write(new byte[] {(byte) 0xff, (byte) 0xff});
        large.getOutputStream().write(new byte[5000]);
        assertThat(isOver(large)).isTrue();
        Socket after = connect();
        send(after, query("db.", DnsRecordType.A));
        assertThat(records(receive(after))).hasSize(1);
    }

    @Test
    void anySilentConnectionGivesWayToANewOne() throws IOException {
        Socket first = connect();
        send(first, query("db.", DnsRecordType.A));
        receive(first);
        Socket second = connect();
        send(second, query("db.", DnsRecordType.A));
        receive(second);
        send(first, query("db.", DnsRecordType.A));
        receive(first);
        for (int i = 0; i < 63; i++) {
            Socket more = connect();
            send(more, query("db.", DnsRecordType.A));
            receive(more);
        }
        assertThat(isOver(second)).as("it was silent for longest").isTrue();
        send(first, query("db.", DnsRecordType.A));
        assertThat(records(receive(first))).hasSize(1);
    }

    @Test
    void whenItIsClosedNobodyConnects() throws IOException {
        Socket open = connect();
        server.close();
        assertThat(isOver(open)).isTrue();
        TestNamespaces.await("a refusal", () -> {
            try (Socket refused = new Socket(bound.getAddress(), bound.getPort())) {
                return !refused.isConnected();
            } catch (IOException gone) {
                return true;
            }
        });
    }
}
