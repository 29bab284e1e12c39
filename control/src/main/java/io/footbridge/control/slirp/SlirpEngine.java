package io.footbridge.control.slirp;

import io.footbridge.control.dhcp.Lease;
import io.footbridge.dataplane.Bridge;
import io.footbridge.dataplane.BridgeSettings;
import io.footbridge.dataplane.Engine;
import io.footbridge.dataplane.EngineSettings;
import io.footbridge.dataplane.GatewaySettings;
import io.footbridge.dataplane.ListeningPort;
import io.footbridge.dataplane.Port;
import io.footbridge.dataplane.PortForward;
import io.footbridge.dataplane.PortRole;
import io.footbridge.dataplane.PortSettings;
import io.footbridge.dataplane.ServerAddress;
import io.footbridge.dataplane.SocketsSettings;
import io.footbridge.nat.Filtering;
import io.footbridge.nat.NatSettings;
import io.footbridge.nat.Timeouts;
import io.footbridge.tap.TapEndpoint;
import io.footbridge.wire.IpAddress;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv4Prefix;
import io.footbridge.wire.Ipv6Address;
import io.footbridge.wire.Protocol;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.agrona.concurrent.SystemNanoClock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An engine with one network and one container on it: the target. Its tables are small, and it is not warmed up, since a
 * client waits for it to be ready.
 */
final class SlirpEngine implements HostForwarding, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SlirpEngine.class);
    private static final String NAME = "slirp4netns";
    private static final int FLOWS = 32_768;
    private static final int MACS = 1024;
    /** 52:55 and the gateway's IPv4 address. */
    private static final long GATEWAY_MAC = 0x5255L << 32;

    private final Engine engine;
    private final Port guest;

    private SlirpEngine(Engine engine, Port guest) {
        this.engine = engine;
        this.guest = guest;
    }

    /**
     * Starts it.
     *
     * @param tap the engine's from now on, also when this fails
     * @param mac the TAP's MAC, for DHCP
     * @param whenLost called when the TAP has gone
     */
    static SlirpEngine start(SlirpOptions options, TapEndpoint tap, long mac, Runnable whenLost) throws IOException {
        NatSettings nat = new NatSettings(FLOWS, Timeouts.DEFAULT);
        Engine engine = Engine.start(new EngineSettings(1, false, SystemNanoClock.INSTANCE, seed(), nat));
        engine.onLost(_ -> whenLost.run());
        GatewaySettings gateway = gateway(options);
        BridgeSettings settings = new BridgeSettings(BridgeSettings.DEFAULT.ageing(), MACS, false);
        Bridge bridge = engine.addBridge(NAME, settings, Optional.of(gateway));
        engine.routeBySockets(bridge, Optional.of(sockets(options, Optional.empty())));
        if (options.dns()) {
            SlirpServices services = new SlirpServices(SlirpServices.zone(options.network()), Optional.of(lease(options, gateway, mac)));
            engine.serve(services);
            services.begin(bound -> leadTcpDns(engine, bridge, options, bound));
        }
        Port guest = engine.addPort(bridge, options.tap(), tap, PortSettings.of(PortRole.CONTAINER, options.mtu()));
        if (options.configure()) {
            // So that the first datagram from outside need not wait until the target has answered a question.
            bridge.addNeighbour(options.network().guest(), mac);
        }
        return new SlirpEngine(engine, guest);
    }

    private static GatewaySettings gateway(SlirpOptions options) {
        SlirpNetwork network = options.network();
        Stream<IpAddress> names = options.ipv6() ? Stream.of(network.dns(), SlirpNetwork.DNS6.asAddress()) : Stream.of(network.dns());
        return new GatewaySettings(GATEWAY_MAC | network.gateway().address() & 0xFFFF_FFFFL, Optional.of(network.gatewayPrefix()),
            options.ipv6() ? Optional.of(SlirpNetwork.GATEWAY6) : Optional.empty(), options.mtu(), true, options.dns(),
            options.dns() ? names.toList() : List.of(), true);
    }

    /** As slirp4netns has it: whoever answers a UDP port of the target's is let in. */
    private static SocketsSettings sockets(SlirpOptions options, Optional<ServerAddress> tcpDns) {
        return new SocketsSettings(Filtering.ENDPOINT, options.hostLoopback(), tcpDns,
            options.outbound4().orElse(Ipv4Address.UNSPECIFIED), options.outbound6().orElse(Ipv6Address.UNSPECIFIED));
    }

    private static Lease lease(SlirpOptions options, GatewaySettings gateway, long mac) {
        SlirpNetwork network = options.network();
        Ipv4Prefix address = new Ipv4Prefix(network.firstByDhcp().address(), network.prefix().length());
        return new Lease(mac, Optional.of(address), Optional.empty(), Optional.of(network.gateway()), Optional.empty(), gateway.mac(), true,
            options.mtu());
    }

    private static void leadTcpDns(Engine engine, Bridge bridge, SlirpOptions options, InetSocketAddress bound) {
        try {
            ServerAddress server = new ServerAddress(IpAddress.ofInetAddress(bound.getAddress()), bound.getPort());
            engine.routeBySockets(bridge, Optional.of(sockets(options, Optional.of(server))));
        } catch (IOException refused) {
            LOG.warn("no DNS over TCP: {}", refused.getMessage());
        } catch (IllegalStateException closed) {
            LOG.debug("the target ended first", closed);
        }
    }

    /** Without a random generator of the JDK's, which takes its time to load. */
    private static long seed() throws IOException {
        try (InputStream in = Files.newInputStream(Path.of("/dev/urandom"))) {
            return ByteBuffer.wrap(in.readNBytes(Long.BYTES)).getLong();
        }
    }

    @Override
    public Opened open(HostForward forward) throws IOException {
        ListeningPort listening = engine.listen(new PortForward(forward.udp() ? Protocol.UDP : Protocol.TCP,
            Optional.of(forward.hostAddress()), forward.hostPort(), 1, guest, Optional.of(forward.guestAddress()), Optional.empty(),
            forward.guestPort()));
        return listening::close;
    }

    @Override
    public void close() {
        engine.close();
    }
}
