package io.footbridge.dataplane;

import io.footbridge.memory.Epochs;
import io.footbridge.memory.Region;
import io.footbridge.nat.ConnectionTable;
import io.footbridge.nat.NatSettings;
import io.footbridge.nat.Timeouts;
import io.footbridge.tap.Endpoint;
import io.footbridge.tap.FrameBatch;
import io.footbridge.tap.FrameBuffers;
import io.footbridge.wire.Ethernet;
import io.footbridge.wire.IpAddress;
import io.footbridge.wire.Ipv4;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv4Prefix;
import io.footbridge.wire.Protocol;
import io.footbridge.wire.Tcp;
import io.footbridge.wire.Udp;
import io.footbridge.wire.VirtioNetHeader;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * A network of 64 hosts behind an uplink, over endpoints in memory: what the benchmarks of routing stand on. Flow
 * {@code i} is of host {@code i % 64}; flows differ in host, port and destination, and so do their mappings as far as an
 * outside address has ports.
 */
final class RoutedWorld implements AutoCloseable {
    static final int HOSTS = 64;
    static final int PORTS = 1000;
    static final int FRAME_LENGTH = 60;

    private static final long UPLINK_MAC = 0x0242_c633_640aL;
    private static final long NETWORK_MAC = 0x0242_0a01_0001L;
    private static final long ROUTER_MAC = 0x0242_c633_6401L;
    private static final int ADDRESS = Ipv4Address.parse("198.51.100.10").address();
    private static final int FIRST_HOST = Ipv4Address.parse("10.1.0.2").address();
    private static final int FIRST_FAR = Ipv4Address.parse("203.0.113.1").address();
    private static final int FIRST_PORT = 1024;
    /** In ticks. */
    private static final int LONGER_THAN_ANY_TIMEOUT = 1 << 24;
    private static final long PACKET = Ethernet.HEADER_LENGTH;
    private static final long TRANSPORT = PACKET + Ipv4.MIN_HEADER_LENGTH;

    final FrameBuffers buffers;
    final Source inside = new Source();
    final Source outside = new Source();
    final Port link;
    final Port uplink;

    private final Region region;
    private final Routes routes = new Routes();
    private final Epochs epochs = new Epochs(1);
    private final int worker = epochs.register();
    private final RouteBatch routed;
    private final Forwarder forwarder;
    private final Routing routing;
    private final List<Bridge> bridges = new ArrayList<>();
    private final FrameBatch batch = new FrameBatch();

    /**
     * @param capacity of the connection table
     * @param pool how many outside addresses the network takes
     */
    RoutedWorld(int capacity, int pool) throws IOException {
        region = Region.map("frame buffers", RouteBatch.MEMORY);
        buffers = new FrameBuffers(region.segment());
        Egress egress = new Egress(0, buffers);
        Gateway gateway = new Gateway(0, buffers, egress);
        routed = new RouteBatch(0, buffers, egress, gateway, routes);
        forwarder = new Forwarder(0, buffers, egress, gateway, routed);
        epochs.enter(worker);
        routing = new Routing(routes, new NatSettings(capacity, Timeouts.DEFAULT), epochs, 1, 42, System::nanoTime,
                new Hooks());
        Bridge network = bridge("bench");
        network.gateway(Optional.of(new GatewaySettings(NETWORK_MAC, Optional.of(Ipv4Prefix.parse("10.1.0.1/24")),
                Optional.empty(), 1500, true)));
        routing.add(network);
        routing.enable(false);
        UplinkSettings settings = new UplinkSettings(UPLINK_MAC, Optional.of(new Ipv4Prefix(ADDRESS, 24)),
                Optional.empty(), Optional.of(Ipv4Address.parse("198.51.100.1")), Optional.empty(), 1500);
        Uplink up = new Uplink(bridge("up"), routing, settings);
        up.bridge().uplink(up);
        routing.reserve(up);
        uplink = port(up.bridge(), outside);
        up.port(uplink);
        routing.activate(up);
        link = port(network, inside);
        List<IpAddress> addresses = new ArrayList<>();
        for (int i = 0; i < pool; i++) {
            addresses.add(new Ipv4Address(ADDRESS + 1 + i));
        }
        RouteSettings by = RouteSettings.by(up);
        routing.route(network, Optional.of(new RouteSettings(up, true, pool > 1 ? addresses : List.of(), by.filtering(),
                by.mss(), false)));
        up.bridge().addNeighbour(Ipv4Address.parse("198.51.100.1"), ROUTER_MAC);
        for (int i = 0; i < HOSTS; i++) {
            long mac = NETWORK_MAC + 1 + i;
            network.addNeighbour(new Ipv4Address(FIRST_HOST + i), mac);
            network.addFdb(mac, 0, link, FdbEntry.Kind.STATIC, false);
        }
    }

    private Bridge bridge(String name) throws IOException {
        Bridge bridge = new Bridge(name, routing.newRealm(), BridgeSettings.DEFAULT, System::nanoTime, 42, () -> { });
        bridges.add(bridge);
        return bridge;
    }

    private Port port(Bridge bridge, Endpoint endpoint) {
        int index = bridge.portTable().freeIndex();
        Port port = new Port(bridge, "p" + index, index, index + 1, endpoint,
                new PortPolicy(new PortSettings(PortRole.LINK, 1500, false, false, 0, 0, Integer.MAX_VALUE,
                        Integer.MAX_VALUE, Optional.empty()), 0), 1, null);
        bridge.limitFdb(port);
        routing.giveOwner(port);
        bridge.portTable(bridge.portTable().with(port));
        return port;
    }

    ConnectionTable table() {
        return routes.topology().table;
    }

    /** One batch of a port. */
    int step(Port from) {
        from.endpoint().receive(buffers, batch);
        forwarder.forward(from, batch, System.nanoTime());
        epochs.pass(worker);
        return batch.count();
    }

    /** Opens TCP connections, each with its handshake, and notes the outside address and port of each. */
    long[] connect(int flows) {
        long[] ends = new long[flows];
        for (int i = 0; i < flows; i++) {
            long seen = outside.sent;
            inside.one(i, 0, Tcp.SYN, false);
            step(link);
            if (outside.sent != seen + 1) {
                throw new IllegalStateException("flow " + i + ": " + link.statistics().drops());
            }
            ends[i] = outside.lastSource;
            outside.one(i, ends[i], Tcp.SYN | Tcp.ACK, true);
            step(uplink);
            inside.one(i, 0, Tcp.ACK, false);
            step(link);
            outside.one(i, ends[i], Tcp.ACK, true);
            step(uplink);
        }
        return ends;
    }

    /** Lets all flows expire; allocates nothing for each. */
    void expire() {
        int later = routes.topology().tick(System.nanoTime()) + LONGER_THAN_ANY_TIMEOUT;
        for (int i = 0; i < 5; i++) {
            epochs.pass(worker);
            table().sweep(Integer.MAX_VALUE >> 1, later);
        }
    }

    @Override
    public void close() {
        routed.free();
        routing.close();
        bridges.forEach(Bridge::free);
        region.close();
    }

    /** Gives frames of flows, and takes whatever it is sent. */
    static final class Source implements Endpoint {
        long sent;
        /** Address and port of the first frame of the last batch that it was sent. */
        long lastSource;
        private int[] order;
        /** Of the flows of {@link #order}, side by side with them. */
        private long[] outsideEnds;
        private int next;
        private int count = FrameBatch.CAPACITY;
        private int flags = Tcp.ACK;
        private boolean reply;
        private boolean fresh;

        /** From now on batches of data segments of flows in this order, again and again. */
        void segments(int[] inOrder, long[] ends, boolean asReply) {
            order = inOrder;
            outsideEnds = ends == null ? null : Arrays.stream(inOrder).mapToLong(flow -> ends[flow]).toArray();
            reply = asReply;
            flags = Tcp.ACK;
            count = FrameBatch.CAPACITY;
            next = 0;
        }

        /** From now on batches of first datagrams, each of a flow and a port of its own. */
        void datagrams() {
            fresh = true;
            next = 0;
        }

        /** The next batch is one segment of one flow. */
        void one(int flow, long end, int withFlags, boolean asReply) {
            order = new int[] {flow};
            outsideEnds = asReply ? new long[] {end} : null;
            reply = asReply;
            flags = withFlags;
            count = 1;
            next = 0;
        }

        @Override
        public int receive(FrameBuffers buffers, FrameBatch batch) {
            MemorySegment memory = buffers.memory();
            batch.clear();
            for (int i = 0; i < count; i++) {
                long frame = FrameBuffers.slot(0) + FrameBuffers.HEADROOM + FrameBuffers.VIRTIO_HEADER_LENGTH + i * 128L;
                VirtioNetHeader.clear(memory, frame - VirtioNetHeader.LENGTH);
                if (fresh) {
                    datagram(memory, frame, next++);
                } else {
                    segment(memory, frame, order[next], outsideEnds == null ? 0 : outsideEnds[next]);
                    next = next + 1 == order.length ? 0 : next + 1;
                }
                batch.add(frame, FRAME_LENGTH);
            }
            return count;
        }

        private void segment(MemorySegment memory, long frame, int flow, long end) {
            int host = flow % HOSTS;
            int port = FIRST_PORT + flow / HOSTS % PORTS;
            int far = FIRST_FAR + flow / (HOSTS * PORTS);
            if (reply) {
                Ethernet.write(memory, frame, UPLINK_MAC, ROUTER_MAC, Ethernet.IPV4);
                Ipv4.write(memory, frame + PACKET, far, (int) (end >>> 16), Protocol.TCP, 64, 46);
                Tcp.write(memory, frame + TRANSPORT, 443, (int) end & 0xFFFF, 1, 1, flags, 1000);
            } else {
                Ethernet.write(memory, frame, NETWORK_MAC, NETWORK_MAC + 1 + host, Ethernet.IPV4);
                Ipv4.write(memory, frame + PACKET, FIRST_HOST + host, far, Protocol.TCP, 64, 46);
                Tcp.write(memory, frame + TRANSPORT, port, 443, 1, 1, flags, 1000);
            }
        }

        private static void datagram(MemorySegment memory, long frame, int flow) {
            int host = flow % HOSTS;
            Ethernet.write(memory, frame, NETWORK_MAC, NETWORK_MAC + 1 + host, Ethernet.IPV4);
            Ipv4.write(memory, frame + PACKET, FIRST_HOST + host, FIRST_FAR, Protocol.UDP, 64, 46);
            Udp.write(memory, frame + TRANSPORT, FIRST_PORT + flow / HOSTS, 53, 26);
        }

        @Override
        public void transmit(FrameBuffers buffers, FrameBatch batch) {
            sent += batch.count();
            lastSource = (long) Ipv4.source(buffers.memory(), batch.offset(0) + PACKET) << 16
                    | Tcp.source(buffers.memory(), batch.offset(0) + TRANSPORT);
        }

        @Override
        public int descriptor() {
            return -1;
        }

        @Override
        public int offloads() {
            return OFFLOAD_TSO | OFFLOAD_USO;
        }

        @Override
        public boolean exists() {
            return true;
        }

        @Override
        public long kernelDrops() {
            return 0;
        }

        @Override
        public void close() {
            // Nothing is held.
        }
    }

    private final class Hooks implements Routing.Hooks {
        @Override
        public void enable(ConnectionTable table) throws IOException {
            routed.enable(table, 42);
        }

        @Override
        public void awaitEpoch() {
            epochs.pass(worker);
        }

        @Override
        public void probe(Uplink of, List<IpAddress> addresses) {
            // There is nobody to ask.
        }

        @Override
        public void announce(Uplink of, Collection<IpAddress> addresses) {
            // There is nobody to tell.
        }
    }
}
