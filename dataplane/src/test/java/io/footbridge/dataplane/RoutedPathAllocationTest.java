package io.footbridge.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.wire.Icmp;
import io.footbridge.wire.Icmpv6;
import io.footbridge.wire.IpAddress;
import io.footbridge.wire.Ipv4;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Protocol;
import io.footbridge.wire.Tcp;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Routing, translating, turning round, fragmenting, asking, answering and dropping allocate nothing. */
class RoutedPathAllocationTest {
    private static final int WARM_UP = 40_000;
    private static final int WINDOW = 3_000;
    private static final int WINDOWS = 3;
    private static final int STEP_NANOS = 50_000;

    private final TestUplink world = TestUplink.masquerading();
    private final List<TestHost> senders = List.of(world.a, world.c, world.router);

    @AfterEach
    void close() {
        world.close();
    }

    /** A late compilation may dirty one window; code that allocates dirties all. */
    @Test
    void theRoutedPathAllocatesNothing() {
        world.publish(Protocol.TCP, 8080, world.c, 80);
        world.publish(Protocol.UDP, 53, world.c, 53);
        world.uplink.port().settings(world.uplink.port().settings().withMtu(1400));
        world.connect(world.a, TestUplink.FAR, 5201, 5201);
        MemorySegment[] inside = inside(world.a);
        MemorySegment[] other = inside(world.c);
        MemorySegment[] outside = outside();
        world.a.endpoint.replay(inside);
        world.c.endpoint.replay(other);
        world.router.endpoint.replay(outside);
        run(WARM_UP);
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        for (int window = 0; window < WINDOWS && least > 0; window++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            run(WINDOW);
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertThat(least).isZero();
        assertThat(senders).allMatch(sender -> sender.endpoint.swallowed() > WARM_UP);
        assertThat(world.drops()).as("the bad ones are dropped").hasSizeGreaterThan(7);
    }

    private void run(int batches) {
        for (int i = 0; i < batches; i++) {
            world.tick(STEP_NANOS);
            if (i % 100 == 0) {
                world.routed.tick(world.now());
            }
            world.forwardBatch(senders.get(i % senders.size()).port);
        }
    }

    private MemorySegment[] inside(TestHost host) {
        List<MemorySegment> frames = new ArrayList<>();
        for (IpAddress far : List.of(TestUplink.FAR, TestUplink.FAR6)) {
            boolean ipv6 = !far.isIpv4();
            IpAddress up = ipv6 ? TestUplink.ADDRESS6 : TestUplink.ADDRESS;
            MemorySegment query = host.udp(far, 5000, 53, 30);
            frames.add(query);
            frames.add(host.udp(far, 5000, 53, 1380));
            frames.add(host.tcp(far, 6000, 80, Tcp.SYN, 0));
            frames.add(host.tcp(far, 6001, 80, Tcp.ACK, 100));
            frames.add(host.tcp(up, 6002, 8080, Tcp.SYN, 0));
            frames.add(host.udp(up, 6003, 53, 20));
            frames.add(host.udp(up, 6003, 54, 20));
            frames.add(host.echo(far, 7, 56));
            frames.add(host.echo(up, 7, 56));
            frames.add(TestHost.withHops(host.udp(far, 5001, 33_434, 20), 1));
            frames.add(host.error(world.router.udp(far, ipv6 ? host.ipv6 : host.ipv4, 53, 5000, 30),
                    ipv6 ? Icmpv6.UNREACHABLE : Icmp.UNREACHABLE, Icmp.PORT_UNREACHABLE, 0));
        }
        frames.add(host.udp(world.b.ipv4, 5000, 53, 10));
        frames.add(host.udp(Ipv4Address.parse("198.51.100.77"), 5000, 53, 10));
        frames.add(host.to(host.nextHop).tcp4(host.ipv4.address(), TestUplink.FAR.address(), 6 * 1300, 1300));
        MemorySegment fragmentable = host.udp(TestUplink.FAR, 5002, 53, 1400);
        Ipv4.flagsAndFragmentOffset(fragmentable, TestFrames.PACKET, 0);
        frames.add(TestHost.summed(fragmentable));
        frames.add(TestFrames.fragment(host.udp(TestUplink.FAR, 5003, 53, 800), 0, true));
        frames.add(TestFrames.fragment(host.udp(TestUplink.FAR, 5003, 53, 800), 808, false));
        frames.add(host.udp(Ipv4Address.parse("203.0.113.99"), TestUplink.FAR, 5000, 53, 10));
        return frames.toArray(MemorySegment[]::new);
    }

    private MemorySegment[] outside() {
        List<MemorySegment> frames = new ArrayList<>();
        for (IpAddress far : List.of(TestUplink.FAR, TestUplink.FAR6)) {
            IpAddress up = far.isIpv4() ? TestUplink.ADDRESS : TestUplink.ADDRESS6;
            frames.add(world.router.udp(far, up, 53, 5000, 30));
            frames.add(world.router.tcp(far, up, 4000, 8080, Tcp.SYN, 0));
            frames.add(world.router.tcp(far, up, 4000, 8081, Tcp.SYN, 0));
            frames.add(world.router.udp(far, up, 4000, 9999, 10));
            frames.add(world.server.echo(up, 3, 20));
            frames.add(world.router.udp(far, far, 1, 2, 3));
        }
        frames.add(world.router.to(0xffff_ffff_ffffL).arpRequest(world.router.ipv4.address(), TestUplink.ADDRESS.address()));
        return frames.toArray(MemorySegment[]::new);
    }
}
