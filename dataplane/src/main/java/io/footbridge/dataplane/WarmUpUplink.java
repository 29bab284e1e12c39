package io.footbridge.dataplane;

import io.footbridge.memory.Epochs;
import io.footbridge.nat.ConnectionTable;
import io.footbridge.nat.NatSettings;
import io.footbridge.nat.Timeouts;
import io.footbridge.wire.IpAddress;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv4Prefix;
import io.footbridge.wire.Ipv6Address;
import io.footbridge.wire.Ipv6Prefix;
import io.footbridge.wire.MacAddress;
import io.footbridge.wire.Protocol;
import io.footbridge.wire.Tcp;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.agrona.concurrent.NanoClock;

/** The routed part of the {@link WarmUp}: an uplink for its network, and what crosses it in both directions. */
final class WarmUpUplink implements AutoCloseable {
    static final int FAR = 0x0808_0808;
    static final long FAR_HIGH = 0x2001_4860L << 32;
    static final long FAR_LOW = 0x8888;
    static final int ADDRESS = Ipv4Address.parse("192.0.2.10").address();
    static final Ipv6Address ADDRESS6 = Ipv6Address.parse("2001:db8::10");

    private static final long MAC = 0x0242_c000_020aL;
    private static final long ROUTER_MAC = 0x0242_c000_0201L;
    private static final int PUBLISHED = 53;
    private static final int MTU = 1500;

    private final Routing routing;
    private final Uplink uplink;

    WarmUpUplink(Routes routes, Worker worker, Epochs epochs, NanoClock clock) throws IOException {
        routing = new Routing(routes, new NatSettings(NatSettings.MIN_CAPACITY, Timeouts.DEFAULT), epochs, 1, 1, clock,
                new Hooks(worker));
        routing.enable(true);
        UplinkSettings settings = new UplinkSettings(MAC, Optional.of(new Ipv4Prefix(ADDRESS, 24)),
                Optional.of(new Ipv6Prefix(ADDRESS6.high(), ADDRESS6.low(), 64)),
                Optional.of(Ipv4Address.parse("192.0.2.1")), Optional.of(Ipv6Address.parse("2001:db8::1")), MTU);
        Bridge bridge = new Bridge("warm-up-uplink", routing.newRealm(), BridgeSettings.DEFAULT, clock, 2, () -> { });
        uplink = new Uplink(bridge, routing, settings);
        bridge.uplink(uplink);
        bridge.addNeighbour(settings.gateway4().orElseThrow(), ROUTER_MAC);
        bridge.addNeighbour(settings.gateway6().orElseThrow(), ROUTER_MAC);
    }

    Routing routing() {
        return routing;
    }

    Bridge bridge() {
        return uplink.bridge();
    }

    /** Routes the network by this uplink, whose link's port this is, and publishes a port of a container. */
    void route(Bridge network, Port link, Port container, int address, long high, long low) {
        uplink.port(link);
        routing.add(network);
        routing.reserve(uplink);
        routing.activate(uplink);
        routing.route(network, Optional.of(RouteSettings.by(uplink)));
        routing.giveOwner(container);
        uplink.publish(new PortForward(Protocol.UDP, Optional.empty(), PUBLISHED, 1, container,
                Optional.of(new Ipv4Address(address)), Optional.of(new Ipv6Address(high, low)), PUBLISHED));
    }

    /** What a container sends to the world, with the answers that the world sends to {@link #answers}. */
    static List<MemorySegment> questions(SampleFrames toGateway, int source, long high, long low, int bulk, int mss) {
        List<MemorySegment> frames = new ArrayList<>();
        frames.add(toGateway.tcp4(source, FAR, Tcp.SYN));
        frames.add(toGateway.tcp4(source, FAR, 0, 0));
        frames.add(toGateway.tcp4(source, FAR, bulk, mss));
        frames.add(toGateway.udp4(source, FAR, PUBLISHED, 18, 0));
        frames.add(toGateway.udp4(source, FAR, PUBLISHED, 2000, 0));
        frames.add(toGateway.udp4(source, ADDRESS, PUBLISHED, 18, 0));
        frames.add(toGateway.echo4(source, FAR, 56));
        frames.add(toGateway.echo4(source, ADDRESS, 56));
        frames.add(toGateway.tcp6(high, low, FAR_HIGH, FAR_LOW, Tcp.SYN));
        frames.add(toGateway.tcp6(high, low, FAR_HIGH, FAR_LOW, Tcp.ACK));
        frames.add(toGateway.echo6(high, low, FAR_HIGH, FAR_LOW, 56));
        return frames;
    }

    /** What the world sends to the uplink. */
    static List<MemorySegment> answers(Arena arena, int bulk, int mss) {
        SampleFrames router = new SampleFrames(arena, ROUTER_MAC, MAC);
        SampleFrames toAll = new SampleFrames(arena, ROUTER_MAC, MacAddress.BROADCAST);
        List<MemorySegment> frames = new ArrayList<>();
        frames.add(router.tcp4(FAR, ADDRESS, Tcp.SYN | Tcp.ACK));
        frames.add(router.tcp4(FAR, ADDRESS, 0, 0));
        frames.add(router.tcp4(FAR, ADDRESS, bulk, mss));
        frames.add(router.udp4(FAR, ADDRESS, PUBLISHED, 18, 0));
        frames.add(router.udp4(FAR, ADDRESS, PUBLISHED + 1, 18, 0));
        frames.add(router.echo4(FAR, ADDRESS, 56));
        frames.add(router.tcp6(FAR_HIGH, FAR_LOW, ADDRESS6.high(), ADDRESS6.low(), Tcp.SYN | Tcp.ACK));
        frames.add(router.tcp6(FAR_HIGH, FAR_LOW, ADDRESS6.high(), ADDRESS6.low(), Tcp.ACK));
        frames.add(toAll.arpRequest(FAR, ADDRESS));
        return frames;
    }

    @Override
    public void close() {
        routing.close();
        uplink.bridge().free();
    }

    /** The worker is run by the thread that warms up. */
    private record Hooks(Worker worker) implements Routing.Hooks {
        @Override
        public void enable(ConnectionTable table) throws IOException {
            worker.routed().enable(table, 1);
        }

        @Override
        public void awaitEpoch() {
            // Nothing that it holds is replaced.
        }

        @Override
        public void probe(Uplink uplink, List<IpAddress> addresses) {
            // There is nobody to ask.
        }

        @Override
        public void announce(Uplink uplink, Collection<IpAddress> addresses) {
            // There is nobody to tell.
        }
    }
}
