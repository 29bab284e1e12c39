package io.footbridge.bench;

import io.footbridge.dataplane.Bridge;
import io.footbridge.dataplane.BridgeSettings;
import io.footbridge.dataplane.Engine;
import io.footbridge.dataplane.EngineSettings;
import io.footbridge.dataplane.GatewaySettings;
import io.footbridge.dataplane.Port;
import io.footbridge.dataplane.PortForward;
import io.footbridge.dataplane.PortRole;
import io.footbridge.dataplane.PortSettings;
import io.footbridge.dataplane.RouteSettings;
import io.footbridge.dataplane.Uplink;
import io.footbridge.dataplane.UplinkSettings;
import io.footbridge.nat.NatSettings;
import io.footbridge.nat.NatStatistics;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv4Prefix;
import io.footbridge.wire.MacAddress;
import io.footbridge.wire.Protocol;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Flows that open, close and are abandoned at random, for minutes, through the whole path in memory: a real engine with
 * three networks behind two uplinks, flows out and in, between containers by their published ports, of TCP, UDP and ICMP.
 * Ends with tables that are empty, ports that are all free and memory that has not grown, or with exit code 1.
 *
 * <p>The engine's clock runs {@value #SPEED} times as fast, so that time-outs of hours are met. Arguments: minutes
 * (default 10), workers (default 2), new flows a second (default 3000).
 */
public final class Soak {
    private static final int SPEED = 60;
    private static final int CONTAINERS = 4;
    private static final int NETWORKS = 3;
    private static final int REPORT_SECONDS = 10;
    private static final int MTU = 1500;
    private static final int PUBLISHED = 8000;
    private static final int FIRST_PORT = 1024;
    private static final int SERVICE = 80;
    private static final long LONGEST_SECONDS = 8000;
    private static final double GROWTH = 1.02;
    private static final long GROWTH_KIB = 8192;

    private final AtomicLong jumped = new AtomicLong();
    private final long started = System.nanoTime();
    private final List<SoakHost> containers = new ArrayList<>();
    private final List<Port> ports = new ArrayList<>();
    private final List<SoakHost> outsides = new ArrayList<>();
    private final List<Uplink> uplinks = new ArrayList<>();
    private final Engine engine;
    private final int rate;

    private Soak(int workers, int rate) throws IOException {
        this.rate = rate;
        engine = Engine.start(new EngineSettings(workers, true, this::now, 42, NatSettings.DEFAULT));
        for (int i = 0; i < 2; i++) {
            uplinks.add(uplink(i));
        }
        for (int i = 0; i < NETWORKS; i++) {
            network(i, uplinks.get(i % uplinks.size()));
        }
    }

    private long now() {
        return (System.nanoTime() - started) * SPEED + jumped.get();
    }

    private Uplink uplink(int i) throws IOException {
        Ipv4Prefix address = Ipv4Prefix.parse("198.51.10" + i + ".10/24");
        long mac = MacAddress.ofIpv4(address.address());
        SoakHost outside = new SoakHost(0, 0x0200_0000_ff01L + i, Ipv4Address.parse("203.0.113.5").address(), mac);
        outsides.add(outside);
        return engine.addUplink("wan" + i, new UplinkSettings(mac, Optional.of(address), Optional.empty(),
                Optional.of(Ipv4Address.parse("198.51.10" + i + ".1")), Optional.empty(), MTU), outside);
    }

    private void network(int i, Uplink uplink) throws IOException {
        Ipv4Prefix gateway = Ipv4Prefix.parse("10.0." + i + ".1/24");
        long mac = MacAddress.ofIpv4(gateway.address());
        Bridge bridge = engine.addBridge("net" + i, BridgeSettings.DEFAULT,
                Optional.of(new GatewaySettings(mac, Optional.of(gateway), Optional.empty(), MTU, true)));
        engine.route(bridge, Optional.of(RouteSettings.by(uplink)));
        for (int j = 0; j < CONTAINERS; j++) {
            Ipv4Address address = Ipv4Address.parse("10.0." + i + "." + (10 + j));
            SoakHost host = new SoakHost(containers.size() + 1, MacAddress.ofIpv4(address.address()), address.address(), mac);
            Port port = engine.addPort(bridge, "c" + j, host, PortSettings.of(PortRole.CONTAINER, MTU));
            containers.add(host);
            ports.add(port);
            for (int protocol : new int[] {Protocol.TCP, Protocol.UDP}) {
                uplink.publish(new PortForward(protocol, Optional.empty(), PUBLISHED + host.number, 1, port,
                        Optional.of(address), Optional.empty(), SERVICE));
            }
        }
    }

    /** Runs the soak. */
    public static void main(String[] arguments) throws IOException {
        int minutes = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 10;
        int workers = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 2;
        int rate = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 3000;
        boolean good = new Soak(workers, rate).run(minutes);
        System.out.println(good ? "verdict: good" : "verdict: NOT good");
        Runtime.getRuntime().halt(good ? 0 : 1);
    }

    private boolean run(int minutes) throws IOException {
        List<Long> memory = new ArrayList<>();
        System.out.printf(Locale.ROOT, "%7s %9s %9s %9s %11s %11s %9s %9s %10s %9s%n", "s", "engine h", "sessions", "mappings",
                "opened", "expired", "evicted", "refused", "packets/s", "RSS MiB");
        long packets = 0;
        for (int line = 1; line <= minutes * 60 / REPORT_SECONDS; line++) {
            openFor(TimeUnit.SECONDS.toNanos(REPORT_SECONDS));
            long sum = received();
            memory.add(residentKibibytes());
            report((sum - packets) / REPORT_SECONDS, memory.getLast());
            packets = sum;
        }
        boolean good = expect(SoakHost.WRONG.get() == 0, SoakHost.WRONG + " packets came to the wrong container or were spoilt");
        good &= flat(memory);
        good &= emptied();
        for (int protocol : new int[] {Protocol.UDP, Protocol.TCP}) {
            good &= portsAreFree(protocol);
        }
        engine.close();
        return good;
    }

    private long received() {
        long sum = 0;
        for (SoakHost host : containers) {
            sum += host.received.sum();
        }
        for (SoakHost host : outsides) {
            sum += host.received.sum();
        }
        return sum;
    }

    private void report(long packetsPerSecond, long kibibytes) {
        NatStatistics now = engine.flowStatistics();
        System.out.printf(Locale.ROOT, "%7d %9.2f %9d %9d %11d %11d %9d %9d %10d %9.1f%n",
                TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - started), now() / 3.6e12, now.sessions(), now.mappings(),
                now.opened(), now.expired(), now.evicted(), now.refused(), packetsPerSecond, kibibytes / 1024.0);
    }

    /** Opens flows at random, evenly over a while. */
    private void openFor(long nanos) {
        long begin = System.nanoTime();
        long opened = 0;
        while (System.nanoTime() - begin < nanos) {
            long due = (long) ((System.nanoTime() - begin) / 1e9 * rate);
            while (opened < due) {
                openOne();
                opened++;
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    private void openOne() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        int which = random.nextInt(containers.size());
        SoakHost container = containers.get(which);
        int protocol = random.nextInt(10) == 0 ? Protocol.ICMP : random.nextBoolean() ? Protocol.TCP : Protocol.UDP;
        int port = random.nextInt(FIRST_PORT, 0x10000);
        int service = random.nextInt(1, 0x10000);
        switch (random.nextInt(10)) {
            case 0, 1 -> {
                // From outside to a published port.
                int uplink = which / CONTAINERS % uplinks.size();
                int address = Ipv4Address.parse("198.51.10" + uplink + ".10").address();
                outsides.get(uplink).open(protocol == Protocol.ICMP ? Protocol.UDP : protocol, port, address,
                        PUBLISHED + container.number, container.number);
            }
            case 2 -> {
                // A container to itself, by the port that is published.
                int address = Ipv4Address.parse("198.51.10" + which / CONTAINERS % uplinks.size() + ".10").address();
                container.open(protocol == Protocol.ICMP ? Protocol.TCP : protocol, port, address,
                        PUBLISHED + container.number, container.number);
            }
            default -> container.open(protocol, port, 0xcb00_7100 + random.nextInt(256), service, container.number);
        }
    }

    /** Lets all that is left expire. */
    private boolean emptied() {
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
        while (containers.stream().anyMatch(host -> host.queued() > 0) && System.nanoTime() < deadline) {
            LockSupport.parkNanos(1_000_000);
        }
        for (SoakHost host : containers) {
            host.watching.set(true);
        }
        for (SoakHost host : outsides) {
            host.watching.set(true);
        }
        LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
        jumped.addAndGet(TimeUnit.SECONDS.toNanos(LONGEST_SECONDS));
        while (engine.flowStatistics().sessions() > 0 && System.nanoTime() < deadline) {
            LockSupport.parkNanos(10_000_000);
        }
        NatStatistics left = engine.flowStatistics();
        return expect(left.sessions() == 0 && left.mappings() == 0 && engine.flows(Optional.empty()).isEmpty(),
                left.sessions() + " sessions and " + left.mappings() + " mappings are left");
    }

    /** Whether each outside port of the first uplink is given to whoever asks for it: nobody else has kept it. */
    private boolean portsAreFree(int protocol) {
        SoakHost outside = outsides.getFirst();
        // While the next hop is being asked for, only a few packets wait.
        meet(outside);
        outside.sourcePorts.clear();
        int share = (0x10000 - FIRST_PORT) / CONTAINERS;
        int asked = 0;
        for (int i = 0; i < CONTAINERS; i++) {
            for (int port = FIRST_PORT + i * share; port < FIRST_PORT + (i + 1) * share; port++) {
                if (port <= PUBLISHED || port > PUBLISHED + containers.size()) {
                    containers.get(i).open(protocol, port, outside.address, SERVICE, i + 1);
                    asked++;
                }
                while (containers.get(i).queued() > 64) {
                    LockSupport.parkNanos(10_000);
                }
            }
        }
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (outside.sourcePorts.size() < asked && System.nanoTime() < deadline) {
            LockSupport.parkNanos(1_000_000);
        }
        BitSet kept = new BitSet();
        outside.sourcePorts.forEach(kept::set);
        boolean good = expect(kept.cardinality() == asked && outside.sourcePorts.size() == asked, "protocol " + protocol + ": "
                + kept.cardinality() + " of " + asked + " ports are free, " + outside.sourcePorts.size() + " packets came");
        engine.flushFlows(Optional.empty());
        return good;
    }

    /** Lets the first uplink learn its next hop. */
    private void meet(SoakHost outside) {
        long before = outside.received.sum();
        while (outside.received.sum() == before) {
            containers.getFirst().open(Protocol.ICMP, 1, outside.address, 0, 1);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
        }
    }

    /** Whether the last half of the run stayed within what the second quarter took. */
    private static boolean flat(List<Long> memory) {
        int quarter = memory.size() / 4;
        long settled = memory.subList(quarter, Math.max(2 * quarter, quarter + 1)).stream().mapToLong(Long::longValue).max()
                .orElse(0);
        long most = memory.subList(memory.size() / 2, memory.size()).stream().mapToLong(Long::longValue).max().orElse(0);
        return expect(most <= settled * GROWTH + GROWTH_KIB,
                "resident memory: at most " + settled / 1024 + " MiB in the second quarter, " + most / 1024 + " MiB later");
    }

    private static boolean expect(boolean holds, String what) {
        System.out.println((holds ? "ok:  " : "BAD: ") + what);
        return holds;
    }

    private static long residentKibibytes() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        throw new IOException("/proc/self/status has no VmRSS");
    }
}
