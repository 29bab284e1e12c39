package io.footbridge.dataplane;

import io.footbridge.memory.Region;
import io.footbridge.tap.Endpoint;
import io.footbridge.tap.FrameBatch;
import io.footbridge.tap.FrameBuffers;
import io.footbridge.wire.DropReason;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv4Prefix;
import io.footbridge.wire.Ipv6Address;
import io.footbridge.wire.Ipv6Prefix;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A bridge whose ports stand on endpoints in memory, forwarded on the test's own thread under a clock that the test
 * moves. The network is 10.0.2.0/24 and fd00::/64; station {@code n} is 10.0.2.(10+n), fd00::(10+n).
 */
final class TestBridge implements AutoCloseable {
    static final long GATEWAY_MAC = 0x0242_0a00_0201L;
    static final Ipv4Prefix GATEWAY_IPV4 = Ipv4Prefix.parse("10.0.2.1/24");
    static final Ipv6Prefix GATEWAY_IPV6 = Ipv6Prefix.parse("fd00::1/64");
    static final long HIGH = GATEWAY_IPV6.high();
    static final int MTU = 1500;

    private static final int TAIL = FrameBuffers.VIRTIO_HEADER_LENGTH + FrameBuffers.MAX_FRAME_LENGTH + 64;

    final Arena arena = Arena.ofShared();
    final Bridge bridge;
    final FrameBuffers buffers;
    final Egress egress;
    final Gateway gateway;

    private final Region region;
    private final Forwarder forwarder;
    private final FrameBatch batch = new FrameBatch();
    private final List<Station> stations = new ArrayList<>();
    private long serials;
    private long now = 1_000_000_000L;

    TestBridge() {
        this(BridgeSettings.DEFAULT);
    }

    TestBridge(BridgeSettings settings) {
        try {
            region = Region.map("a test's frame buffers", RouteBatch.MEMORY + TAIL);
            bridge = new Bridge("test", settings, () -> now, 42);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        buffers = new FrameBuffers(region.segment().asSlice(0, RouteBatch.MEMORY + TAIL));
        egress = new Egress(0, buffers);
        gateway = new Gateway(0, buffers, egress);
        forwarder = new Forwarder(0, buffers, egress, gateway);
    }

    static long mac(int number) {
        return 0x0242_0a00_020aL + number;
    }

    static int ipv4(int number) {
        return 0x0a00_020a + number;
    }

    static long ipv6Low(int number) {
        return 10 + number;
    }

    /** Who station {@code number} is, for a source check. */
    static SourceAddresses addresses(int number) {
        return new SourceAddresses(mac(number), List.of(new Ipv4Address(ipv4(number))),
                List.of(new Ipv6Address(HIGH, ipv6Low(number))));
    }

    static PortSettings link() {
        return PortSettings.of(PortRole.LINK, MTU);
    }

    static PortSettings container() {
        return PortSettings.of(PortRole.CONTAINER, MTU);
    }

    static PortSettings checked(int number) {
        return new PortSettings(PortRole.CONTAINER, MTU, false, false, 0, 0, 0, 0, Optional.of(addresses(number)));
    }

    /** Gives the network its gateway, 10.0.2.1 and fd00::1. */
    TestBridge withGateway() {
        bridge.gateway(Optional.of(new GatewaySettings(GATEWAY_MAC, Optional.of(GATEWAY_IPV4),
                Optional.of(GATEWAY_IPV6), MTU, true)));
        return this;
    }

    /** Gives it its gateway, whose services' questions go into a ring. */
    TestBridge withServices(FrameRing ring) {
        bridge.gateway(Optional.of(new GatewaySettings(GATEWAY_MAC, Optional.of(GATEWAY_IPV4),
                Optional.of(GATEWAY_IPV6), MTU, true, true)));
        gateway.serve(ring, () -> { });
        return this;
    }

    /** A station on a port of its own; the first is number 0. */
    Station add(PortSettings settings) {
        MemoryEndpoint endpoint = new MemoryEndpoint(arena);
        Station station = new Station(arena, port(settings, endpoint), endpoint, stations.size());
        stations.add(station);
        return station;
    }

    /** A port over an endpoint of the test's own. */
    Port port(PortSettings settings, Endpoint endpoint) {
        int index = bridge.portTable().freeIndex();
        Port port = new Port(bridge, "p" + index, index, ++serials, endpoint, new PortPolicy(settings, now), 1, null);
        bridge.limitFdb(port);
        bridge.portTable(bridge.portTable().with(port));
        return port;
    }

    /** Receives one batch from a port and forwards it; allocates nothing. */
    int forwardBatch(Port from) {
        int count = from.endpoint().receive(buffers, batch);
        if (count > 0) {
            forwarder.forward(from, batch, now);
        }
        return count;
    }

    /** Takes a station's port away, as the engine does. */
    void remove(Station station) {
        bridge.portTable(bridge.portTable().without(station.port));
        bridge.fdbTable().removePort(station.port.index());
        stations.remove(station);
    }

    /** Receives frames from a station and forwards them, in batches of at most 32. */
    void forward(Station from, MemorySegment... frames) {
        for (MemorySegment frame : frames) {
            from.endpoint.offer(frame);
        }
        forward(from);
    }

    /** Forwards what waits at a station's endpoint. */
    void forward(Station from) {
        int count;
        do {
            count = forwardBatch(from.port);
        } while (count > 0);
    }

    /** Lets every station be heard once, and forgets what that sent. */
    void acquaint() {
        for (Station station : stations) {
            forward(station, station.toAll().empty(60, 0x88b5));
        }
        stations.forEach(Station::taken);
    }

    void advance(Duration duration) {
        now += duration.toNanos();
    }

    long now() {
        return now;
    }

    List<Station> stations() {
        return stations;
    }

    /** Drops of all ports by reason. */
    Map<DropReason, Long> drops() {
        Map<DropReason, Long> all = new EnumMap<>(DropReason.class);
        for (Station station : stations) {
            station.port.statistics().drops().forEach((reason, count) -> all.merge(reason, count, Long::sum));
        }
        return all;
    }

    @Override
    public void close() {
        bridge.free();
        region.close();
        arena.close();
    }
}
