package io.footbridge.control.slirp;

import io.footbridge.dataplane.Bridge;
import io.footbridge.dataplane.BridgeSettings;
import io.footbridge.dataplane.Engine;
import io.footbridge.dataplane.EngineSettings;
import io.footbridge.dataplane.GatewaySettings;
import io.footbridge.dataplane.PortRole;
import io.footbridge.dataplane.PortSettings;
import io.footbridge.dataplane.SocketsSettings;
import io.footbridge.nat.Filtering;
import io.footbridge.nat.NatSettings;
import io.footbridge.nat.Timeouts;
import io.footbridge.tap.TapEndpoint;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.agrona.concurrent.SystemNanoClock;

/**
 * An engine with one network and one container on it: the target. Its tables are small, and it is not warmed up, since a
 * client waits for it to be ready.
 */
final class SlirpEngine implements HostForwarding, AutoCloseable {
    private static final int FLOWS = 32_768;
    private static final int MACS = 1024;
    /** 52:55 and the gateway's IPv4 address. */
    private static final long GATEWAY_MAC = 0x5255L << 32;

    private final Engine engine;
    private final Bridge bridge;

    private SlirpEngine(Engine engine, Bridge bridge) {
        this.engine = engine;
        this.bridge = bridge;
    }

    /**
     * Starts it.
     *
     * @param tap the engine's from now on, also when this fails
     * @param whenLost called when the TAP has gone
     */
    static SlirpEngine start(SlirpOptions options, TapEndpoint tap, Runnable whenLost) throws IOException {
        NatSettings nat = new NatSettings(FLOWS, Timeouts.DEFAULT);
        Engine engine = Engine.start(new EngineSettings(1, false, SystemNanoClock.INSTANCE, seed(), nat));
        engine.onLost(_ -> whenLost.run());
        SlirpNetwork network = options.network();
        long mac = GATEWAY_MAC | network.gateway().address() & 0xFFFF_FFFFL;
        GatewaySettings gateway = new GatewaySettings(mac, Optional.of(network.gatewayPrefix()),
            options.ipv6() ? Optional.of(SlirpNetwork.GATEWAY6) : Optional.empty(), options.mtu(), true);
        BridgeSettings settings = new BridgeSettings(BridgeSettings.DEFAULT.ageing(), MACS, false);
        Bridge bridge = engine.addBridge("slirp4netns", settings, Optional.of(gateway));
        // As slirp4netns has it: whoever answers a UDP port of the target's is let in.
        engine.routeBySockets(bridge,
            Optional.of(new SocketsSettings(Filtering.ENDPOINT, options.hostLoopback(), Optional.empty())));
        engine.addPort(bridge, options.tap(), tap, PortSettings.of(PortRole.CONTAINER, options.mtu()));
        return new SlirpEngine(engine, bridge);
    }

    /** Without a random generator of the JDK's, which takes its time to load. */
    private static long seed() throws IOException {
        try (InputStream in = Files.newInputStream(Path.of("/dev/urandom"))) {
            return ByteBuffer.wrap(in.readNBytes(Long.BYTES)).getLong();
        }
    }

    @Override
    public Opened open(HostForward forward) throws IOException {
        throw new IOException("forward " + forward + ": not available on " + bridge.name());
    }

    @Override
    public void close() {
        engine.close();
    }
}
