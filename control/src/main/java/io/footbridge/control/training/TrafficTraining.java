package io.footbridge.control.training;

import io.footbridge.dataplane.Bridge;
import io.footbridge.dataplane.BridgeSettings;
import io.footbridge.dataplane.Engine;
import io.footbridge.dataplane.EngineSettings;
import io.footbridge.dataplane.GatewaySettings;
import io.footbridge.dataplane.PortRole;
import io.footbridge.dataplane.PortSettings;
import io.footbridge.dataplane.SocketsSettings;
import io.footbridge.nat.NatSettings;
import io.footbridge.nat.Timeouts;
import io.footbridge.tap.SystemCallException;
import io.footbridge.tap.TapEndpoint;
import io.footbridge.tap.namespace.InterfaceSysctl;
import io.footbridge.tap.namespace.NetworkNamespace;
import io.footbridge.tap.netlink.AddressFlag;
import io.footbridge.tap.netlink.LinkSetting.Mtu;
import io.footbridge.tap.netlink.LinkSetting.State;
import io.footbridge.tap.netlink.Prefix;
import io.footbridge.tap.netlink.Route;
import io.footbridge.tap.netlink.RouteNetlink;
import io.footbridge.wire.Ipv4Prefix;
import io.footbridge.wire.Ipv6Prefix;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.agrona.concurrent.SystemNanoClock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A container, its host and the engine between them, where the container goes by the host's sockets: both are namespaces of
 * this run's own, so nothing leaves it. Traffic of each kind goes on until all that carries it is compiled.
 *
 * <p>Where no namespaces or TAPs may be made there is none: the cache is somewhat less good then.
 */
public final class TrafficTraining implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TrafficTraining.class);
    private static final String TAP = "eth0";
    private static final int MTU = 1500;
    private static final int SESSIONS = 16_384;
    private static final int MACS = 1024;
    private static final long GATEWAY_MAC = 0x0242_0a00_0201L;
    private static final Path PING_GROUPS = Path.of("/proc/sys/net/ipv4/ping_group_range");
    private static final Path IPV6 = Path.of("/proc/net/if_inet6");
    private static final InetAddress GATEWAY4 = InetAddress.ofLiteral("10.0.2.1");
    private static final InetAddress GATEWAY6 = InetAddress.ofLiteral("fd00::1");
    private static final InetAddress CONTAINER4 = InetAddress.ofLiteral("10.0.2.10");
    private static final InetAddress CONTAINER6 = InetAddress.ofLiteral("fd00::10");

    /** Whether this machine's kernel has IPv6 at all. */
    final boolean ipv6 = Files.exists(IPV6);
    final NetworkNamespace host = NetworkNamespace.createPrivate();
    NetworkNamespace container;
    private Engine engine;

    private TrafficTraining() throws IOException {
        try {
            open();
        } catch (IOException | RuntimeException failed) {
            close();
            throw failed;
        }
    }

    private void open() throws IOException {
        container = NetworkNamespace.createPrivate();
        TapEndpoint tap = container.<TapEndpoint, SystemCallException>call(() -> TapEndpoint.attach(TAP));
        configureHost();
        engine = host.call(() -> Engine.start(new EngineSettings(1, false, SystemNanoClock.INSTANCE, 1,
            new NatSettings(SESSIONS, Timeouts.DEFAULT))));
        Bridge bridge = engine.addBridge("training", new BridgeSettings(BridgeSettings.DEFAULT.ageing(), MACS, false),
            Optional.of(new GatewaySettings(GATEWAY_MAC, Optional.of(Ipv4Prefix.parse("10.0.2.1/24")),
                Optional.of(Ipv6Prefix.parse("fd00::1/64")), MTU, true)));
        engine.routeBySockets(bridge, Optional.of(SocketsSettings.DEFAULT));
        engine.addPort(bridge, TAP, tap, PortSettings.of(PortRole.CONTAINER, MTU));
        configureContainer();
    }

    /** Goes through it, where it may and as far as it gets in time; whether it got to the end. */
    public static boolean run() throws IOException {
        try (TrafficTraining world = new TrafficTraining()) {
            return Traffic.run(world);
        } catch (SystemCallException notAllowed) {
            LOG.debug("no traffic: {}", notAllowed.getMessage());
            return false;
        } catch (FileSystemException notAllowed) {
            LOG.debug("no traffic: {}", notAllowed.toString());
            return false;
        }
    }

    private void configureHost() throws IOException {
        prepare(host);
        try (RouteNetlink netlink = RouteNetlink.in(host)) {
            int loopback = netlink.link("lo").orElseThrow().index();
            netlink.setLink(loopback, new State(true));
            netlink.addAddress(loopback, Traffic.SERVER4, Integer.SIZE);
            if (ipv6) {
                netlink.addAddress(loopback, Traffic.SERVER6, 2 * Long.SIZE, AddressFlag.NODAD);
            }
        }
    }

    private void configureContainer() throws IOException {
        prepare(container);
        try (RouteNetlink netlink = RouteNetlink.in(container)) {
            int tap = netlink.link(TAP).orElseThrow().index();
            netlink.setLink(tap, new Mtu(MTU), new State(true));
            netlink.addAddress(tap, CONTAINER4, 24);
            netlink.addRoute(Route.via(Prefix.ALL_IPV4, GATEWAY4, tap));
            if (ipv6) {
                netlink.addAddress(tap, CONTAINER6, 64, AddressFlag.NODAD);
                netlink.addRoute(Route.via(Prefix.ALL_IPV6, GATEWAY6, tap));
            }
        }
    }

    /** Of a namespace that has IPv6 off, and lets nobody ping. */
    private void prepare(NetworkNamespace namespace) throws IOException {
        for (String which : ipv6 ? new String[] {"all", "default", "lo"} : new String[0]) {
            InterfaceSysctl.ipv6(which, "disable_ipv6").write(namespace, "0");
        }
        namespace.<Path, IOException>call(() -> Files.writeString(PING_GROUPS, "0 0"));
    }

    @Override
    public void close() {
        if (engine != null) {
            engine.close();
        }
        if (container != null) {
            container.close();
        }
        host.close();
    }
}
