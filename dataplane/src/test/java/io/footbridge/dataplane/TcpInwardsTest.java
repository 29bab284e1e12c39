package io.footbridge.dataplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.footbridge.tap.Errno;
import io.footbridge.tap.SystemCallException;
import io.footbridge.tap.TestNamespaces;
import io.footbridge.tap.namespace.NetworkNamespace;
import io.footbridge.wire.IpAddress;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv6Address;
import io.footbridge.wire.Protocol;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Ports of the host that lead to a container, with real kernels at both ends; a client stands in a namespace of its own. */
@Timeout(60)
class TcpInwardsTest {
    private static final Ipv4Address INSIDE4 = Ipv4Address.parse("10.0.2.10");
    private static final Ipv6Address INSIDE6 = Ipv6Address.parse("fd00::10");

    private SocketsBed bed;
    private NetworkNamespace inClient;
    private final List<AutoCloseable> open = new ArrayList<>();

    @BeforeEach
    void begin() throws IOException {
        TestNamespaces.assumeCapable();
        bed = new SocketsBed(1500);
        String client = bed.namespaces.create();
        inClient = NetworkNamespace.open(TestNamespaces.path(client));
        bed.namespaces.run(bed.host, "ip", "link", "add", "out", "type", "veth", "peer", "name", "eth0", "netns", client);
        bed.namespaces.run(bed.host, "ip", "link", "set", "out", "up");
        bed.namespaces.run(bed.host, "ip", "addr", "add", "192.0.2.1/24", "dev", "out");
        bed.namespaces.run(bed.host, "ip", "addr", "add", "2001:db8::1/64", "dev", "out", "nodad");
        bed.namespaces.run(client, "ip", "link", "set", "eth0", "up");
        bed.namespaces.run(client, "ip", "addr", "add", "192.0.2.9/24", "dev", "eth0");
        bed.namespaces.run(client, "ip", "addr", "add", "2001:db8::9/64", "dev", "eth0", "nodad");
    }

    @AfterEach
    void end() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
        if (inClient != null) {
            inClient.close();
        }
        if (bed != null) {
            bed.close();
        }
    }

    private PortForward forward(String address, int port, int count, int inside) {
        return new PortForward(Protocol.TCP, Optional.ofNullable(address).map(IpAddress::parse), port, count, bed.port,
                Optional.of(INSIDE4), Optional.of(INSIDE6), inside);
    }

    private ServerSocketChannel serve(String address, int port) throws IOException {
        ServerSocketChannel server =
                bed.inContainer.call(() -> ServerSocketChannel.open().bind(new InetSocketAddress(address, port)));
        open.add(server);
        return server;
    }

    private SocketChannel connect(NetworkNamespace from, String address, int port) throws IOException {
        SocketChannel client = from.call(() -> SocketChannel.open(new InetSocketAddress(address, port)));
        open.add(client);
        return client;
    }

    /** Connects, and says as whom the container sees it. */
    private String seen(NetworkNamespace from, String address, int port, ServerSocketChannel server) throws IOException {
        SocketChannel client = connect(from, address, port);
        SocketChannel inside = server.accept();
        open.add(inside);
        client.write(ByteBuffer.wrap(new byte[] {1, 2, 3}));
        assertThat(inside.read(ByteBuffer.allocate(8))).isEqualTo(3);
        inside.write(ByteBuffer.wrap(new byte[] {4, 5}));
        assertThat(client.read(ByteBuffer.allocate(8))).isEqualTo(2);
        InetSocketAddress remote = (InetSocketAddress) inside.getRemoteAddress();
        return remote.getAddress().getHostAddress() + (remote.getPort() == ((InetSocketAddress) client.getLocalAddress()).getPort()
                ? " by its own port" : "");
    }

    @Test
    void aClientIsSeenAsItselfWhereItCanBe() throws IOException {
        open.add(bed.engine.listen(forward(null, 8080, 1, 80)));
        ServerSocketChannel server4 = serve("10.0.2.10", 80);
        ServerSocketChannel server6 = serve("fd00::10", 80);
        assertThat(seen(inClient, "192.0.2.1", 8080, server4)).isEqualTo("192.0.2.9 by its own port");
        assertThat(seen(inClient, "2001:db8::1", 8080, server6)).isEqualTo("2001:db8:0:0:0:0:0:9 by its own port");
        assertThat(seen(bed.inHost, "192.0.2.1", 8080, server4)).isEqualTo("192.0.2.1 by its own port");
        assertThat(seen(bed.inHost, "127.0.0.1", 8080, server4)).isEqualTo("10.0.2.1");
        assertThat(seen(bed.inHost, "::1", 8080, server6)).isEqualTo("fd00:0:0:0:0:0:0:1");
    }

    @Test
    void aClientOfTheOtherFamilyIsSeenAsTheGateway() throws IOException {
        open.add(bed.engine.listen(new PortForward(Protocol.TCP, Optional.of(Ipv6Address.UNSPECIFIED), 8081, 1, bed.port,
                Optional.of(INSIDE4), Optional.empty(), 81)));
        ServerSocketChannel server = serve("10.0.2.10", 81);
        assertThat(seen(inClient, "2001:db8::1", 8081, server)).isEqualTo("10.0.2.1");
    }

    @Test
    void aRangeLeadsPortByPort() throws IOException {
        ListeningPort range = bed.engine.listen(forward("0.0.0.0", 9000, 3, 90));
        open.add(range);
        for (int i = 0; i < 3; i++) {
            assertThat(seen(inClient, "192.0.2.1", 9000 + i, serve("10.0.2.10", 90 + i))).startsWith("192.0.2.9");
        }
        assertThat(range.published().rule().packets()).isEqualTo(3);
    }

    @Test
    void whatTheContainerRefusesTheClientIsResetFor() throws IOException {
        open.add(bed.engine.listen(forward("0.0.0.0", 8082, 1, 82)));
        assertThatThrownBy(() -> connect(inClient, "192.0.2.1", 8082).read(ByteBuffer.allocate(1)))
                .isInstanceOf(SocketException.class).hasMessageContaining("reset");
        bed.awaitQuiet();
    }

    @Test
    void whatSomebodyHasIsRefusedWholeAndWhatIsClosedIsFree() throws IOException {
        try (ServerSocketChannel other = bed.inHost.call(
                () -> ServerSocketChannel.open().bind(new InetSocketAddress("0.0.0.0", 8085)))) {
            assertThat(other.isOpen()).isTrue();
            assertThatThrownBy(() -> bed.engine.listen(forward("0.0.0.0", 8083, 3, 83)))
                    .isInstanceOfSatisfying(SystemCallException.class, e -> assertThat(e.is(Errno.EADDRINUSE)).isTrue());
        }
        ListeningPort now = bed.engine.listen(forward("0.0.0.0", 8083, 3, 83));
        now.close();
        bed.engine.listen(forward("0.0.0.0", 8083, 3, 83));
        bed.engine.removePort(bed.port);
        assertThatThrownBy(() -> connect(inClient, "192.0.2.1", 8083)).hasMessageContaining("refused");
    }

    @Test
    void aClientThatLeavesBeforeTheContainerAnswersLeavesNothingBehind() throws IOException {
        open.add(bed.engine.listen(forward("0.0.0.0", 8086, 1, 86)));
        bed.namespaces.run(bed.container, "ip", "link", "set", "eth0", "down");
        for (int i = 0; i < 20; i++) {
            connect(inClient, "192.0.2.1", 8086).close();
        }
        bed.awaitQuiet();
    }
}
