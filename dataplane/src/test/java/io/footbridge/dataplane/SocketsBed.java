package io.footbridge.dataplane;

import io.footbridge.nat.Filtering;
import io.footbridge.tap.Endpoint;
import io.footbridge.tap.TapEndpoint;
import io.footbridge.tap.TestNamespaces;
import io.footbridge.tap.namespace.NetworkNamespace;
import io.footbridge.tap.netlink.LinkSetting;
import io.footbridge.tap.netlink.RouteNetlink;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv4Prefix;
import io.footbridge.wire.Ipv6;
import io.footbridge.wire.Ipv6Address;
import io.footbridge.wire.Ipv6Prefix;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Optional;
import java.util.function.ToIntFunction;
import org.agrona.concurrent.SystemNanoClock;

/**
 * A container behind a TAP on a network that goes by host sockets, where the host is a namespace too: the engine's threads run
 * in it. The network is 10.0.2.0/24 and fd00::/64, the container .10 and ::10; the gateway leads to the host's loopback.
 */
final class SocketsBed implements AutoCloseable {
    static final String GATEWAY4 = "10.0.2.1";
    static final String GATEWAY6 = "fd00::1";

    final TestNamespaces namespaces = new TestNamespaces();
    final String host = namespaces.create();
    final String container = namespaces.create();
    final NetworkNamespace inHost;
    final NetworkNamespace inContainer;
    final Engine engine;
    final Bridge bridge;
    final Port port;
    final LossyEndpoint endpoint;
    private final NetworkNamespace own;

    SocketsBed(int mtu) throws IOException {
        inHost = NetworkNamespace.open(TestNamespaces.path(host));
        inContainer = NetworkNamespace.open(TestNamespaces.path(container));
        own = NetworkNamespace.createPrivate();
        engine = inHost.call(() -> Engine.start(new EngineSettings(1, false, SystemNanoClock.INSTANCE, 42)));
        bridge = engine.addBridge("net", BridgeSettings.DEFAULT, Optional.of(new GatewaySettings(TestBridge.GATEWAY_MAC,
                Optional.of(Ipv4Prefix.parse("10.0.2.1/24")), Optional.of(Ipv6Prefix.parse("fd00::1/64")), mtu, true)));
        endpoint = new LossyEndpoint(tap());
        port = engine.addPort(bridge, "container", endpoint, PortSettings.of(PortRole.CONTAINER, mtu));
        engine.routeBySockets(bridge, Optional.of(new SocketsSettings(Filtering.ADDRESS_AND_PORT, true, Optional.empty())));
        ip("link", "set", "eth0", "mtu", Integer.toString(mtu), "up");
        ip("addr", "add", "10.0.2.10/24", "dev", "eth0");
        ip("route", "add", "default", "via", GATEWAY4);
        if (mtu >= Ipv6.MIN_MTU) {
            ip("addr", "add", "fd00::10/64", "dev", "eth0", "nodad");
            ip("-6", "route", "replace", "default", "via", GATEWAY6);
        }
    }

    /** Has flows leave from addresses of the host's. */
    void leaveFrom(String from4, String from6) throws IOException {
        engine.routeBySockets(bridge, Optional.of(new SocketsSettings(Filtering.ADDRESS_AND_PORT, true, Optional.empty(),
                Ipv4Address.parse(from4), Ipv6Address.parse(from6))));
    }

    private void ip(String... arguments) {
        String[] command = new String[arguments.length + 1];
        command[0] = "ip";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        namespaces.run(container, command);
    }

    private Endpoint tap() throws IOException {
        try (RouteNetlink netlink = RouteNetlink.in(own)) {
            TapEndpoint tap = own.call(() -> TapEndpoint.create("fbt0"));
            netlink.moveLink(netlink.link("fbt0").orElseThrow().index(), inContainer,
                    List.of(new LinkSetting.Name("eth0"), new LinkSetting.Mac(TestBridge.mac(0))));
            return tap;
        }
    }

    /** A server of the host, at an address of its loopback. */
    ServerSocketChannel serve(String address) throws IOException {
        return inHost.call(() -> ServerSocketChannel.open().bind(new InetSocketAddress(address, 0)));
    }

    /** A connection of the container's. */
    SocketChannel connect(String address, int toPort) throws IOException {
        return inContainer.call(() -> SocketChannel.open(new InetSocketAddress(address, toPort)));
    }

    static int portOf(ServerSocketChannel server) throws IOException {
        return ((InetSocketAddress) server.getLocalAddress()).getPort();
    }

    /** Waits until no connection and no flow of TCP is left. */
    void awaitQuiet() {
        TestNamespaces.await("no connection is left", () -> connections() == 0 && engine.flows(Optional.empty()).isEmpty());
    }

    int connections() {
        return ask(WorkerSockets::tcpCount);
    }

    /** How many connections there were at once at most: each has a place in memory, and a later one gets it again. */
    int places() {
        return ask(WorkerSockets::tcpPlaces);
    }

    private int ask(ToIntFunction<WorkerSockets> question) {
        int[] answer = new int[1];
        Worker worker = engine.worker();
        worker.execute(() -> answer[0] = question.applyAsInt(worker.sockets())).join();
        return answer[0];
    }

    @Override
    public void close() {
        engine.close();
        own.close();
        inHost.close();
        inContainer.close();
        namespaces.close();
    }
}
