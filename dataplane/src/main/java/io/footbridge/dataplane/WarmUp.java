package io.footbridge.dataplane;

import io.footbridge.memory.Epochs;
import io.footbridge.tap.CallState;
import io.footbridge.tap.Endpoint;
import io.footbridge.tap.FileCalls;
import io.footbridge.tap.FrameBuffers;
import io.footbridge.tap.PacketSocketEndpoint;
import io.footbridge.tap.SocketCalls;
import io.footbridge.tap.TapEndpoint;
import io.footbridge.wire.Ethernet;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv4Prefix;
import io.footbridge.wire.Ipv6Address;
import io.footbridge.wire.Ipv6Prefix;
import io.footbridge.wire.MacAddress;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.SystemNanoClock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs frames of every kind, good and bad, through a worker and the real endpoint classes, so that the first packets of
 * a network meet compiled code: without it each of the first hundred takes a hundred times as long.
 *
 * <p>The endpoints stand on socket pairs; nothing leaves the process.
 */
public final class WarmUp implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WarmUp.class);

    private static final int ROUNDS = 900;
    /** The first of them are without an uplink, as a network without one is. */
    private static final int UNROUTED_ROUNDS = 200;
    private static final long DEADLINE_NANOS = 1_500_000_000L;

    private static final long GATEWAY_MAC = 0x0242_0a00_0201L;
    private static final Ipv4Prefix GATEWAY_IPV4 = Ipv4Prefix.parse("10.0.2.1/24");
    private static final Ipv6Prefix GATEWAY_IPV6 = Ipv6Prefix.parse("fd00::1/64");
    private static final int FIRST_IPV4 = GATEWAY_IPV4.address() + 1;
    private static final int ELSEWHERE = WarmUpUplink.FAR;
    private static final int MTU = 1500;
    private static final int BULK = 60_000;
    private static final int MSS = 1448;

    private final NanoClock clock = SystemNanoClock.INSTANCE;
    private final Arena arena = Arena.ofShared();
    private final CallState state = new CallState();
    private final MemorySegment sink = arena.allocate(FrameBuffers.VIRTIO_HEADER_LENGTH
            + (long) FrameBuffers.MAX_FRAME_LENGTH);
    private final List<Integer> farEnds = new ArrayList<>();
    private final List<Endpoint> endpoints = new ArrayList<>();
    private final Epochs epochs = new Epochs(1);
    private final Routes routes = new Routes();
    private final Worker worker = new Worker(epochs.register(), epochs, clock, new Ignoring(), routes);
    private final WarmUpUplink uplink = new WarmUpUplink(routes, worker, epochs, clock);
    private final Bridge bridge = new Bridge("warm-up", uplink.routing().newRealm(), BridgeSettings.DEFAULT, clock, 1,
            () -> { });

    private WarmUp() throws IOException {
        bridge.gateway(Optional.of(new GatewaySettings(GATEWAY_MAC, Optional.of(GATEWAY_IPV4),
                Optional.of(GATEWAY_IPV6), MTU, true)));
    }

    /** Warms up; takes about a second of one core, bounded. Returns how many packets it routed to the uplink's link. */
    public static long run() throws IOException {
        try (WarmUp warmUp = new WarmUp()) {
            return warmUp.warm();
        }
    }

    /** Warms up beside what goes on already, for an engine that began cold. */
    public static void runBeside() {
        Thread.ofPlatform().name("warm-up").daemon().start(() -> {
            try {
                run();
            } catch (IOException failed) {
                LOG.warn("{}", failed.getMessage());
            }
        });
    }

    private long warm() throws IOException {
        List<List<MemorySegment>> traffic = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            addPort(bridge, i);
            traffic.add(frames(i, (i + 1) % 4));
        }
        Port link = addPort(uplink.bridge(), 4);
        traffic.add(WarmUpUplink.answers(arena, BULK, MSS));
        worker.onStart();
        long end = clock.nanoTime() + DEADLINE_NANOS;
        boolean routed = false;
        Port container = bridge.portTable().get(0);
        bridge.addNeighbour(new Ipv4Address(FIRST_IPV4), mac(0));
        bridge.addNeighbour(new Ipv6Address(GATEWAY_IPV6.high(), low(0)), mac(0));
        for (int round = 0; round < ROUNDS && clock.nanoTime() - end < 0; round++) {
            for (int i = 0; i < traffic.size(); i++) {
                for (MemorySegment frame : traffic.get(i)) {
                    FileCalls.write(state, farEnds.get(i), frame.address(), frame.byteSize());
                }
                forwardAll();
            }
            bridge.sweep(FrameBuffers.VIRTIO_HEADER_LENGTH);
            if (!routed && (round >= UNROUTED_ROUNDS || clock.nanoTime() - end > -DEADLINE_NANOS / 2)) {
                routed = true;
                uplink.route(bridge, link, container, FIRST_IPV4, GATEWAY_IPV6.high(), low(0));
            }
        }
        worker.onClose();
        return link.statistics().transmittedFrames();
    }

    /** Serves until nothing is left, emptying the far ends in between, lest their queues fill. */
    private void forwardAll() {
        while (worker.doWork() > 0) {
            for (int farEnd : farEnds) {
                while (FileCalls.read(state, farEnd, sink.address(), sink.byteSize()) > 0) {
                    // The frame has served its purpose.
                }
            }
        }
    }

    private Port addPort(Bridge to, int number) throws IOException {
        int[] pair = new int[2];
        int result = SocketCalls.socketpair(state, SocketCalls.SOCK_DGRAM | SocketCalls.SOCK_NONBLOCK
                | SocketCalls.SOCK_CLOEXEC, pair);
        if (result < 0) {
            throw new IOException("make a socket pair for the warm-up: error " + -result);
        }
        farEnds.add(pair[1]);
        Endpoint endpoint = number % 2 == 0 ? TapEndpoint.overDatagrams(pair[0])
                : PacketSocketEndpoint.overDatagrams(pair[0]);
        endpoints.add(endpoint);
        PortSettings settings = number < 2
                ? new PortSettings(PortRole.CONTAINER, MTU, false, false, 0, 0, 0, 0, Optional.of(new SourceAddresses(
                        mac(number), List.of(new Ipv4Address(FIRST_IPV4 + number)),
                        List.of(new Ipv6Address(GATEWAY_IPV6.high(), low(number))))))
                : PortSettings.of(PortRole.LINK, MTU);
        Port port = new Port(to, "warm-up-" + number, to.portTable().freeIndex(), number + 1L, endpoint,
                new PortPolicy(settings, clock.nanoTime()), 1, worker);
        uplink.routing().giveOwner(port);
        to.limitFdb(port);
        to.portTable(to.portTable().with(port));
        worker.serve(port);
        return port;
    }

    private List<MemorySegment> frames(int from, int to) {
        int source = FIRST_IPV4 + from;
        int destination = FIRST_IPV4 + to;
        long high = GATEWAY_IPV6.high();
        int gateway = GATEWAY_IPV4.address();
        SampleFrames peer = new SampleFrames(arena, mac(from), mac(to));
        SampleFrames toGateway = new SampleFrames(arena, mac(from), GATEWAY_MAC);
        SampleFrames toAll = new SampleFrames(arena, mac(from), MacAddress.BROADCAST);
        SampleFrames spoofed = new SampleFrames(arena, 0x0242_ffff_0000L + from, mac(to));
        SampleFrames unknown = new SampleFrames(arena, mac(from), 0x0242_eeee_0000L + from);
        MemorySegment lying = peer.tcp4(source, destination, BULK, MSS);
        lying.set(ValueLayout.JAVA_BYTE, 1, (byte) 0x7f);
        List<MemorySegment> frames = new ArrayList<>();
        frames.add(toAll.arpRequest(source, gateway));
        frames.add(toAll.arpRequest(source, destination));
        frames.add(peer.arpReply(source, destination));
        frames.add(peer.tcp4(source, destination, BULK, MSS));
        frames.add(peer.tcp4(source, destination, 0, 0));
        frames.add(peer.tcp4(source, destination, MSS, 0));
        frames.add(peer.tcp6(low(from), low(to), high, BULK, MSS - 20));
        frames.add(peer.tcp6(low(from), low(to), high, 0, 0));
        frames.add(peer.udp4(source, destination, 53, 18, 0));
        frames.add(peer.udp4(source, destination, 53, 9000, 1000));
        frames.add(peer.udp4(source + 77, destination, 53, 18, 0));
        frames.add(peer.echo4(source, destination, 56));
        frames.add(toGateway.echo4(source, gateway, 56));
        frames.add(toGateway.udp4(source, ELSEWHERE, 53, 18, 0));
        frames.add(toGateway.udp4(source, gateway, 53, 18, 0));
        frames.add(toGateway.echo6(high, low(from), high, GATEWAY_IPV6.low(), 56));
        frames.add(toGateway.echo6(high, low(from), 0x2001L << 48, 1, 56));
        frames.add(toAll.solicitation(high, low(from), high, GATEWAY_IPV6.low()));
        frames.add(toAll.solicitation(high, low(from), high, low(to)));
        frames.add(unknown.udp4(source, destination, 53, 18, 0));
        frames.add(spoofed.udp4(source, destination, 53, 18, 0));
        frames.add(peer.udp4(source, destination, 53, 4000, 0));
        frames.add(peer.empty(Ethernet.HEADER_LENGTH - 4, 0));
        frames.add(peer.empty(60, Ethernet.VLAN));
        frames.add(lying);
        frames.addAll(WarmUpUplink.questions(toGateway, source, high, low(from), BULK, MSS));
        return frames;
    }

    private static long mac(int number) {
        return GATEWAY_MAC + 1 + number;
    }

    private static long low(int number) {
        return GATEWAY_IPV6.low() + 1 + number;
    }

    @Override
    public void close() {
        endpoints.forEach(Endpoint::close);
        farEnds.forEach(farEnd -> FileCalls.close(state, farEnd));
        worker.free();
        uplink.close();
        bridge.free();
        arena.close();
    }

    private static final class Ignoring implements Worker.Listener {
        @Override
        public void gone(Port port) {
            throw new IllegalStateException("a warm-up endpoint is gone");
        }

        @Override
        public void down(Port port) {
            throw new IllegalStateException("a warm-up endpoint is down");
        }
    }
}
