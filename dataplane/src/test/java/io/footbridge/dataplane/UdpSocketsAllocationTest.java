package io.footbridge.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.nat.Filtering;
import io.footbridge.tap.CallState;
import io.footbridge.tap.DatagramSender;
import io.footbridge.tap.FileCalls;
import io.footbridge.tap.SocketCalls;
import io.footbridge.tap.SystemCallException;
import io.footbridge.wire.DropReason;
import io.footbridge.wire.Frame;
import io.footbridge.wire.Ipv4;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv4Fragmenter;
import io.footbridge.wire.Ipv6Address;
import io.footbridge.wire.Protocol;
import io.footbridge.wire.Udp;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Datagrams by host sockets allocate nothing: out, in, by published ports, in fragments, refused and dropped. */
class UdpSocketsAllocationTest {
    private static final int WARM_UP = 25_000;
    private static final int WINDOW = 500;
    private static final int WINDOWS = 6;
    private static final int STEP_NANOS = 50_000;
    private static final int H = TestFrames.HEADER;
    private static final int LOOPBACK = 0x7F00_0001;
    private static final Ipv4Address GATEWAY = Ipv4Address.parse("10.1.0.1");
    private static final Ipv6Address GATEWAY6 = Ipv6Address.parse("fd01::1");

    private final TestUplink world = new TestUplink();
    private final Arena arena = Arena.ofShared();
    private final CallState state = new CallState();
    private final DatagramSender sender = new DatagramSender(arena);
    private final MemorySegment data = arena.allocate(10_000);
    private final int client = SocketCalls.socket(state, SocketCalls.AF_INET, SocketCalls.SOCK_DGRAM | SocketCalls.SOCK_CLOEXEC, 0);
    private int inside;
    private int published;

    @AfterEach
    void close() {
        FileCalls.close(state, client);
        world.close();
        arena.close();
    }

    /** A late compilation may dirty one window; code that allocates dirties all. */
    @Test
    void datagramsAllocateNothing() throws IOException {
        world.bySockets(world.web, Optional.of(new SocketsSettings(Filtering.ENDPOINT, true, Optional.empty())));
        try (DatagramSocket server = new DatagramSocket(new InetSocketAddress("127.0.0.1", 0));
                DatagramSocket seen = new DatagramSocket(new InetSocketAddress("127.0.0.1", 0))) {
            world.a.send(world.a.udp(GATEWAY, 4001, seen.getLocalPort(), 1));
            var first = new DatagramPacket(new byte[1], 1);
            seen.receive(first);
            inside = first.getPort();
            publish();
            world.a.endpoint.replay(frames(server.getLocalPort()));
            run(WARM_UP);
            var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
            long least = Long.MAX_VALUE;
            for (int window = 0; window < WINDOWS && least > 0; window++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                run(WINDOW);
                least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
            }
            assertThat(least).isZero();
        }
        assertThat(world.a.endpoint.swallowed()).isGreaterThan(WARM_UP);
        assertThat(world.drops()).containsKeys(DropReason.NOT_SERVED, DropReason.BAD_CHECKSUM);
    }

    private void publish() {
        for (published = 20_000;; published++) {
            try {
                world.sockets.listen(new PublishedPort(new PortForward(Protocol.UDP, Optional.empty(), published, 1,
                        world.a.port, Optional.of(world.a.ipv4), Optional.empty(), 53)));
                return;
            } catch (SystemCallException taken) {
                assertThat(taken).hasMessageContaining("listen on");
            }
        }
    }

    private MemorySegment[] frames(int server) {
        List<MemorySegment> frames = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            frames.add(world.a.udp(GATEWAY, 4001, server, 500));
        }
        frames.add(world.a.udp(GATEWAY, 4002, 9, 30));
        frames.add(world.a.udp(GATEWAY6, 4003, 9, 30));
        frames.add(TestHost.withHops(world.a.udp(GATEWAY, 4001, server, 20), 5));
        frames.add(world.a.packet(world.a.ipv4, GATEWAY, Protocol.ICMP, 30));
        MemorySegment wrong = world.a.udp(GATEWAY, 4001, server, 20);
        Udp.checksum(wrong, TestHost.transport(wrong), 1);
        frames.add(wrong);
        MemorySegment whole = world.a.udp(GATEWAY, 4001, server, 3000);
        Ipv4.flagsAndFragmentOffset(whole, TestFrames.PACKET, 0);
        Ipv4.writeChecksum(whole, TestFrames.PACKET);
        long parsed = Frame.parse(whole, H, (int) whole.byteSize() - H);
        for (int i = 0; i < Ipv4Fragmenter.count(whole, 0, H, parsed, 1500); i++) {
            MemorySegment room = arena.allocate(H + 14 + 1500L);
            int length = Ipv4Fragmenter.fragment(whole, 0, H, parsed, 1500, i, room, 0);
            frames.add(room.asSlice(0, H + (long) length));
        }
        return frames.toArray(MemorySegment[]::new);
    }

    private void run(int rounds) {
        for (int i = 0; i < rounds; i++) {
            world.tick(STEP_NANOS);
            world.forwardBatch(world.a.port);
            sender.clear();
            sender.add(client, LOOPBACK, inside, data.address(), 100);
            sender.add(client, LOOPBACK, inside, data.address(), 4000);
            sender.segment(1000);
            sender.add(client, LOOPBACK, inside, data.address(), 4000);
            sender.add(client, LOOPBACK, published, data.address(), 64);
            sender.send(state);
            world.serveSockets(0);
            if (i % 100 == 0) {
                world.routed.tick(world.now());
            }
        }
    }
}
