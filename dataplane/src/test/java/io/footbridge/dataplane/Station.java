package io.footbridge.dataplane;

import io.footbridge.wire.DropReason;
import io.footbridge.wire.MacAddress;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Whoever is behind a port of a {@link TestBridge}: its addresses, the frames it makes, and what it was sent. */
final class Station {
    final Port port;
    final MemoryEndpoint endpoint;
    final long mac;
    final int ipv4;
    final long ipv6Low;

    private final Arena arena;

    Station(Arena arena, Port port, MemoryEndpoint endpoint, int number) {
        this.arena = arena;
        this.port = port;
        this.endpoint = endpoint;
        this.mac = TestBridge.mac(number);
        this.ipv4 = TestBridge.ipv4(number);
        this.ipv6Low = TestBridge.ipv6Low(number);
    }

    /** Frames of this station to a MAC. */
    SampleFrames to(long destination) {
        return new SampleFrames(arena, mac, destination);
    }

    SampleFrames to(Station other) {
        return to(other.mac);
    }

    SampleFrames toAll() {
        return to(MacAddress.BROADCAST);
    }

    SampleFrames toGateway() {
        return to(TestBridge.GATEWAY_MAC);
    }

    /** Frames that claim another source MAC. */
    SampleFrames as(long source, long destination) {
        return new SampleFrames(arena, source, destination);
    }

    /** A small datagram to another station. */
    MemorySegment hello(Station other) {
        return to(other).udp4(ipv4, other.ipv4, 9, 20, 0);
    }

    /** What it was sent since it was last asked. */
    List<MemorySegment> taken() {
        return endpoint.taken();
    }

    long drops(DropReason reason) {
        return port.statistics().drops().getOrDefault(reason, 0L);
    }

    long drops() {
        return port.statistics().drops().values().stream().mapToLong(Long::longValue).sum();
    }

    void settings(PortSettings settings) {
        port.settings(settings);
    }

    @Override
    public String toString() {
        return port.name();
    }
}
