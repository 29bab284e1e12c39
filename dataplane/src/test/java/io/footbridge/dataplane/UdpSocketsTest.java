package io.footbridge.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.nat.Filtering;
import io.footbridge.tap.Errno;
import io.footbridge.tap.SystemCallException;
import io.footbridge.wire.Checksum;
import io.footbridge.wire.DropReason;
import io.footbridge.wire.Ethernet;
import io.footbridge.wire.Frame;
import io.footbridge.wire.Icmp;
import io.footbridge.wire.IpAddress;
import io.footbridge.wire.Ipv4;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv4Fragmenter;
import io.footbridge.wire.Ipv6;
import io.footbridge.wire.Ipv6Address;
import io.footbridge.wire.Protocol;
import io.footbridge.wire.Udp;
import io.footbridge.wire.VirtioNetHeader;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** UDP by host sockets, with servers and clients on this host's loopback, to which the gateways lead. */
class UdpSocketsTest {
    private static final int H = TestFrames.HEADER;
    private static final int P = TestFrames.PACKET;
    /** The port of discard, which nobody serves. */
    private static final int UNUSED = 9;
    private static final int PATIENCE_MILLIS = 10_000;
    private static final Ipv4Address GATEWAY = Ipv4Address.parse("10.1.0.1");
    private static final Ipv6Address GATEWAY6 = Ipv6Address.parse("fd01::1");
    private static final SocketsSettings OPEN = settings(Filtering.ADDRESS_AND_PORT);

    private final TestUplink world = new TestUplink();
    private final List<DatagramSocket> sockets = new ArrayList<>();

    private static SocketsSettings settings(Filtering filtering) {
        return new SocketsSettings(filtering, true, Optional.empty());
    }

    @BeforeEach
    void route() {
        world.bySockets(world.web, Optional.of(OPEN));
    }

    @AfterEach
    void close() {
        sockets.forEach(DatagramSocket::close);
        world.close();
    }

    private DatagramSocket socket(String address) throws IOException {
        DatagramSocket socket = new DatagramSocket(new InetSocketAddress(InetAddress.getByName(address), 0));
        socket.setSoTimeout(PATIENCE_MILLIS);
        sockets.add(socket);
        return socket;
    }

    private static DatagramPacket receive(DatagramSocket socket) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[1 << 16], 1 << 16);
        socket.receive(packet);
        return packet;
    }

    private static void reply(DatagramSocket socket, DatagramPacket to, int length) throws IOException {
        socket.send(new DatagramPacket(new byte[length], length, to.getSocketAddress()));
    }

    /** What the container is sent when sockets are next ready. */
    private List<MemorySegment> awaitTaken() {
        List<MemorySegment> taken = List.of();
        long start = System.nanoTime();
        while (taken.isEmpty()) {
            assertThat((System.nanoTime() - start) / 1_000_000).as("patience; drops %s", world.drops()).isLessThan(PATIENCE_MILLIS);
            world.serveSockets(100);
            taken = world.a.taken();
        }
        return taken;
    }

    private MemorySegment filled(MemorySegment datagram, int seed) {
        long transport = TestHost.transport(datagram);
        int length = Udp.length(datagram, transport) - Udp.HEADER_LENGTH;
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        MemorySegment.copy(bytes, 0, datagram, ValueLayout.JAVA_BYTE, transport + Udp.HEADER_LENGTH, length);
        boolean ipv4 = TestHost.isIpv4(datagram);
        Udp.writeChecksum(datagram, transport, ipv4 ? Ipv4.pseudoHeader(datagram, P, Protocol.UDP, length + 8)
                : Ipv6.pseudoHeader(datagram, P, Protocol.UDP, length + 8));
        return datagram;
    }

    private static byte[] random(int length, int seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static byte[] data(DatagramPacket packet) {
        return Arrays.copyOf(packet.getData(), packet.getLength());
    }

    @Test
    void itLeavesFromTheAddressThatIsSet() throws IOException {
        Ipv4Address from = Ipv4Address.parse("127.0.0.9");
        world.bySockets(world.web, Optional.of(new SocketsSettings(Filtering.ADDRESS_AND_PORT, true, Optional.empty(), from,
                Ipv6Address.UNSPECIFIED)));
        DatagramSocket server = socket("127.0.0.1");
        world.a.send(filled(world.a.udp(GATEWAY, 4001, server.getLocalPort(), 100), 1));
        DatagramPacket asked = receive(server);
        assertThat(asked.getAddress()).isEqualTo(from.toInetAddress());
        reply(server, asked, 10);
        assertThat(awaitTaken()).hasSize(1);
    }

    @Test
    void aDatagramAndItsAnswerCross() throws IOException {
        for (IpAddress gateway : List.of(GATEWAY, GATEWAY6)) {
            DatagramSocket server = socket(gateway.isIpv4() ? "127.0.0.1" : "::1");
            DatagramSocket other = socket(gateway.isIpv4() ? "127.0.0.1" : "::1");
            world.a.send(filled(world.a.udp(gateway, 4001, server.getLocalPort(), 100), 1),
                    world.a.udp(gateway, 4001, other.getLocalPort(), 0));
            DatagramPacket asked = receive(server);
            assertThat(data(asked)).isEqualTo(random(100, 1));
            assertThat(receive(other).getPort()).isEqualTo(asked.getPort());
            reply(server, asked, 70);
            MemorySegment answer = awaitTaken().getFirst();
            long parsed = Frame.parse(answer, H, (int) answer.byteSize() - H);
            assertThat(Frame.packetLength(parsed)).isEqualTo((gateway.isIpv4() ? 28 : 48) + 70);
            assertThat(TestHost.source(answer)).isEqualTo(gateway);
            assertThat(TestHost.destination(answer)).isEqualTo(gateway.isIpv4() ? world.a.ipv4 : world.a.ipv6);
            assertThat(TestHost.sourcePort(answer)).isEqualTo(server.getLocalPort());
            assertThat(TestHost.destinationPort(answer)).isEqualTo(4001);
            assertThat(Ethernet.destination(answer, H)).isEqualTo(world.a.mac);
            assertThat(Ethernet.source(answer, H)).isEqualTo(TestUplink.WEB_MAC);
            assertThat(VirtioNetHeader.check(answer, 0, H, (int) answer.byteSize() - H)).isZero();
            assertThat(Checksum.complete(answer, 0, H, (int) answer.byteSize() - H)).isZero();
            int pseudo = gateway.isIpv4() ? Ipv4.pseudoHeader(answer, P, Protocol.UDP, 78) : Ipv6.pseudoHeader(answer, P, Protocol.UDP, 78);
            assertThat(Udp.verify(answer, TestHost.transport(answer), pseudo)).isTrue();
        }
        assertThat(world.drops()).isEmpty();
        assertThat(world.table().sessions(flow -> flow.replied(), 0)).hasSize(2);
    }

    @Test
    void datagramsOfOneBatchArriveAsTheyWereEachWhole() throws IOException {
        DatagramSocket server = socket("127.0.0.1");
        int[] lengths = {100, 100, 100, 40, 100, 0, 7, 7, 8, 1000, 1000};
        MemorySegment[] frames = new MemorySegment[lengths.length];
        for (int i = 0; i < lengths.length; i++) {
            frames[i] = filled(world.a.udp(GATEWAY, 4001, server.getLocalPort(), lengths[i]), i);
        }
        world.a.send(frames);
        for (int i = 0; i < lengths.length; i++) {
            assertThat(data(receive(server))).as("%d", i).isEqualTo(random(lengths[i], i));
        }
    }

    @Test
    void aFrameOfSegmentsIsSoManyDatagrams() throws IOException {
        DatagramSocket server = socket("127.0.0.1");
        MemorySegment frame = filled(world.a.udp(GATEWAY, 4001, server.getLocalPort(), 2500), 3);
        VirtioNetHeader.flags(frame, 0, VirtioNetHeader.NEEDS_CSUM);
        VirtioNetHeader.gsoType(frame, 0, VirtioNetHeader.GSO_UDP_L4);
        VirtioNetHeader.gsoSize(frame, 0, 1000);
        VirtioNetHeader.checksumStart(frame, 0, (int) TestHost.transport(frame) - H);
        VirtioNetHeader.checksumOffset(frame, 0, Udp.CHECKSUM);
        world.a.send(frame);
        byte[] all = random(2500, 3);
        assertThat(data(receive(server))).isEqualTo(Arrays.copyOfRange(all, 0, 1000));
        assertThat(data(receive(server))).isEqualTo(Arrays.copyOfRange(all, 1000, 2000));
        assertThat(data(receive(server))).isEqualTo(Arrays.copyOfRange(all, 2000, 2500));
    }

    private List<MemorySegment> fragments(MemorySegment datagram, int mtu) {
        Ipv4.flagsAndFragmentOffset(datagram, P, 0);
        Ipv4.identification(datagram, P, 77);
        Ipv4.writeChecksum(datagram, P);
        long parsed = Frame.parse(datagram, H, (int) datagram.byteSize() - H);
        int count = Ipv4Fragmenter.count(datagram, 0, H, parsed, mtu);
        List<MemorySegment> made = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            MemorySegment room = world.arena.allocate(H + 14L + mtu);
            int length = Ipv4Fragmenter.fragment(datagram, 0, H, parsed, mtu, i, room, 0);
            made.add(room.asSlice(0, H + (long) length));
        }
        return made;
    }

    @Test
    void fragmentsArePutTogetherInWhateverOrderTheyCome() throws IOException {
        DatagramSocket server = socket("127.0.0.1");
        List<MemorySegment> inOrder = fragments(filled(world.a.udp(GATEWAY, 4001, server.getLocalPort(), 5000), 5), 1500);
        List<MemorySegment> shuffled = new ArrayList<>(inOrder);
        Collections.reverse(shuffled);
        for (List<MemorySegment> order : List.of(inOrder, shuffled)) {
            world.a.send(order.toArray(MemorySegment[]::new));
            assertThat(data(receive(server))).isEqualTo(random(5000, 5));
        }
        assertThat(world.drops()).isEmpty();
        MemorySegment wrong = filled(world.a.udp(GATEWAY, 4001, server.getLocalPort(), 5000), 5);
        Udp.checksum(wrong, TestHost.transport(wrong), 1);
        world.a.send(fragments(wrong, 1500).toArray(MemorySegment[]::new));
        assertThat(world.drops()).isEqualTo(Map.of(DropReason.BAD_CHECKSUM, 1L));
    }

    @Test
    void anAnswerBeyondTheMtuGoesInFragments() throws IOException {
        for (IpAddress gateway : List.of(GATEWAY, GATEWAY6)) {
            DatagramSocket server = socket(gateway.isIpv4() ? "127.0.0.1" : "::1");
            world.a.send(world.a.udp(gateway, 4001, server.getLocalPort(), 1));
            reply(server, receive(server), 4000);
            List<MemorySegment> taken = awaitTaken();
            assertThat(taken).hasSize(3).allMatch(frame -> frame.byteSize() <= P + 1500);
            int payload = taken.stream().mapToInt(frame -> (int) frame.byteSize() - P - (gateway.isIpv4() ? 20 : 48)).sum();
            assertThat(payload).isEqualTo(4008);
        }
    }

    @Test
    void whoWasNotAskedIsLetInAsTheNetworkFilters() throws IOException {
        DatagramSocket server = socket("127.0.0.1");
        DatagramSocket stranger = socket("127.0.0.1");
        DatagramSocket elsewhere = socket("127.0.0.2");
        world.a.send(world.a.udp(GATEWAY, 4001, server.getLocalPort(), 1));
        DatagramPacket asked = receive(server);
        for (Filtering filtering : Filtering.values()) {
            world.bySockets(world.web, Optional.of(settings(filtering)));
            long before = world.a.drops(DropReason.UNSOLICITED);
            boolean isIn = filtering != Filtering.ADDRESS_AND_PORT;
            DatagramSocket from = isIn ? stranger : elsewhere;
            from.send(new DatagramPacket(new byte[3], 3, InetAddress.getLoopbackAddress(), asked.getPort()));
            if (isIn) {
                assertThat(TestHost.sourcePort(awaitTaken().getFirst())).isEqualTo(stranger.getLocalPort());
            } else {
                world.serveSockets(PATIENCE_MILLIS);
                assertThat(world.a.drops(DropReason.UNSOLICITED)).isEqualTo(before + 1);
                assertThat(world.a.taken()).isEmpty();
            }
        }
    }

    @Test
    void aContainerHasNoMoreSocketsThanItMay() throws IOException {
        world.a.port.settings(new PortSettings(PortRole.CONTAINER, 1500, false, false, 0, 0, 0, 3, Optional.empty()));
        DatagramSocket server = socket("127.0.0.1");
        for (int i = 0; i < 5; i++) {
            world.a.send(world.a.udp(GATEWAY, 4001 + i, server.getLocalPort(), 1));
        }
        assertThat(world.drops()).isEqualTo(Map.of(DropReason.PORT_LIMIT, 2L));
        assertThat(world.a.taken()).hasSize(2).allSatisfy(told -> {
            assertThat(Icmp.type(told, P + 20)).isEqualTo(Icmp.UNREACHABLE);
            assertThat(Icmp.code(told, P + 20)).isEqualTo(Icmp.ADMINISTRATIVELY_PROHIBITED);
        });
        world.b.send(world.b.udp(GATEWAY, 4001, server.getLocalPort(), 1));
        assertThat(world.b.taken()).as("others go on").isEmpty();
        world.sockets.leave(world.a.port);
        assertThat(world.a.port.flowOwner().ports()).isZero();
    }

    @Test
    void socketsEndWithTheirFlows() throws IOException {
        DatagramSocket server = socket("127.0.0.1");
        for (int i = 0; i < 100; i++) {
            world.a.send(world.a.udp(GATEWAY, 4001 + i / 2, server.getLocalPort(), 1), world.a.udp(GATEWAY, 4001 + i / 2, 9, 1));
        }
        assertThat(world.a.port.flowOwner().ports()).isEqualTo(50);
        world.table().flush(flow -> flow.original().destinationPort() == 9);
        world.advance(Duration.ofSeconds(1));
        world.serveSockets(0);
        assertThat(world.a.port.flowOwner().ports()).as("each has one flow left").isEqualTo(50);
        world.table().flush(flow -> true);
        world.advance(Duration.ofSeconds(1));
        world.serveSockets(0);
        assertThat(world.a.port.flowOwner().ports()).isZero();
        world.a.send(world.a.udp(GATEWAY, 4001, server.getLocalPort(), 1));
        assertThat(world.a.port.flowOwner().ports()).isEqualTo(1);
    }

    @Test
    void aPortThatNobodyHasIsToldTheContainer() {
        for (IpAddress gateway : List.of(GATEWAY, GATEWAY6)) {
            world.a.send(filled(world.a.udp(gateway, 4001, UNUSED, 64), 8));
            MemorySegment told = awaitTaken().getFirst();
            int header = gateway.isIpv4() ? 20 : 40;
            assertThat(TestHost.source(told)).isEqualTo(gateway);
            assertThat(Icmp.type(told, P + header)).isEqualTo(gateway.isIpv4() ? 3 : 1);
            assertThat(Icmp.code(told, P + header)).isEqualTo(gateway.isIpv4() ? 3 : 4);
            long quoted = P + header + 8L;
            assertThat(Udp.source(told, quoted + header)).isEqualTo(4001);
            assertThat(told.asSlice(quoted + header + 8, 64).toArray(ValueLayout.JAVA_BYTE)).isEqualTo(random(64, 8));
        }
    }

    private PublishedPort publish(int containerPort) throws SystemCallException {
        for (int port = 20_000;; port++) {
            PublishedPort published = new PublishedPort(new PortForward(Protocol.UDP, Optional.empty(), port, 1, world.a.port,
                    Optional.of(world.a.ipv4), Optional.of(world.a.ipv6), containerPort));
            try {
                world.sockets.listen(published);
                return published;
            } catch (SystemCallException taken) {
                assertThat(taken.is(Errno.EADDRINUSE)).isTrue();
            }
        }
    }

    @Test
    void aClientOnTheHostAppearsAsTheGatewayWithAPortOfItsOwn() throws IOException {
        PublishedPort published = publish(53);
        for (String loopback : List.of("127.0.0.1", "::1")) {
            InetAddress host = InetAddress.getByName(loopback);
            DatagramSocket first = socket(loopback);
            DatagramSocket second = socket(loopback);
            List<MemorySegment> seen = new ArrayList<>();
            for (DatagramSocket client : List.of(first, second, first)) {
                client.send(new DatagramPacket(new byte[9], 9, host, published.forward().firstPort()));
                seen.addAll(awaitTaken());
            }
            assertThat(seen).hasSize(3).allSatisfy(frame -> {
                assertThat(TestHost.source(frame)).isEqualTo(host.getAddress().length == 4 ? GATEWAY : GATEWAY6);
                assertThat(TestHost.destinationPort(frame)).isEqualTo(53);
            });
            assertThat(TestHost.sourcePort(seen.get(0))).isEqualTo(TestHost.sourcePort(seen.get(2)))
                    .isNotEqualTo(TestHost.sourcePort(seen.get(1)));
            IpAddress gateway = host.getAddress().length == 4 ? GATEWAY : GATEWAY6;
            world.a.send(filled(world.a.udp(gateway, 53, TestHost.sourcePort(seen.get(1)), 20), 2));
            DatagramPacket answer = receive(second);
            assertThat(data(answer)).isEqualTo(random(20, 2));
            assertThat(answer.getPort()).isEqualTo(published.forward().firstPort());
            assertThat(answer.getAddress()).isEqualTo(host);
        }
        assertThat(published.rule().packets()).isEqualTo(4);
        world.sockets.unlisten(published);
        assertThat(world.table().count()).isZero();
        world.sockets.listen(published);
        world.sockets.leave(world.a.port);
        new DatagramSocket(published.forward().firstPort()).close();
    }

    @Test
    void whatAContainerSendsFromAPublishedPortLeavesByIt() throws IOException {
        PublishedPort published = publish(53);
        DatagramSocket server = socket("127.0.0.1");
        world.a.send(world.a.udp(GATEWAY, 53, server.getLocalPort(), 1));
        DatagramPacket asked = receive(server);
        assertThat(asked.getPort()).isEqualTo(published.forward().firstPort());
        reply(server, asked, 5);
        MemorySegment answer = awaitTaken().getFirst();
        assertThat(TestHost.sourcePort(answer)).isEqualTo(server.getLocalPort());
        assertThat(TestHost.destinationPort(answer)).isEqualTo(53);
    }

    @Test
    void aClientThatHasGoneIsToldTheContainer() throws IOException {
        PublishedPort published = publish(53);
        DatagramSocket client = socket("127.0.0.1");
        client.send(new DatagramPacket(new byte[9], 9, InetAddress.getLoopbackAddress(), published.forward().firstPort()));
        int seen = TestHost.sourcePort(awaitTaken().getFirst());
        client.close();
        world.a.send(world.a.udp(GATEWAY, 53, seen, 20));
        MemorySegment told = awaitTaken().getFirst();
        assertThat(Icmp.code(told, P + 20)).isEqualTo(Icmp.PORT_UNREACHABLE);
        assertThat(Udp.destination(told, P + 20 + 8 + 20)).isEqualTo(seen);
    }

    @Test
    void questionsOfLongAgoGiveWayWhereAContainerHasAllItMayHave() {
        world.a.port.settings(new PortSettings(PortRole.CONTAINER, 1500, false, false, 0, 0, 0, 3, Optional.empty()));
        for (int i = 0; i < 4; i++) {
            world.a.send(world.a.udp(GATEWAY, 4001 + i, UNUSED, 1));
        }
        assertThat(world.a.drops(DropReason.PORT_LIMIT)).isEqualTo(1);
        world.advance(Duration.ofSeconds(11));
        for (int i = 0; i < 4; i++) {
            world.a.send(world.a.udp(GATEWAY, 5001 + i, UNUSED, 1));
        }
        assertThat(world.a.drops(DropReason.PORT_LIMIT)).as("three had been silent").isEqualTo(2);
        assertThat(world.a.port.flowOwner().ports()).isEqualTo(3);
    }

    @Test
    void nothingThatAContainerSendsBreaksIt() throws IOException {
        DatagramSocket server = socket("127.0.0.1");
        publish(53);
        Random random = new Random(42);
        for (int round = 0; round < 20_000; round++) {
            MemorySegment frame = switch (random.nextInt(4)) {
                case 0 -> world.a.udp(GATEWAY, 4000 + random.nextInt(4), server.getLocalPort(), random.nextInt(1400));
                case 1 -> world.a.udp(GATEWAY6, 4000 + random.nextInt(4), server.getLocalPort(), random.nextInt(1400));
                case 2 -> fragments(world.a.udp(GATEWAY, 4000 + random.nextInt(4), server.getLocalPort(), 3000), 1500)
                        .get(random.nextInt(3));
                default -> world.a.echo(random.nextBoolean() ? GATEWAY : GATEWAY6, random.nextInt(1 << 16), 40);
            };
            int flips = random.nextInt(4);
            for (int i = 0; i < flips; i++) {
                long at = random.nextInt((int) Math.min(frame.byteSize(), P + 60));
                frame.set(ValueLayout.JAVA_BYTE, at, (byte) random.nextInt());
            }
            if (random.nextBoolean() && TestHost.isIpv4(frame)) {
                Ipv4.writeChecksum(frame, P);
            }
            world.a.send(random.nextInt(5) > 0 ? frame : frame.asSlice(0, Math.max(H, random.nextInt((int) frame.byteSize() + 1))));
            if (round % 50 == 0) {
                world.serveSockets(0);
                world.tick(100_000_000);
                world.a.taken();
            }
        }
        DatagramSocket fresh = socket("127.0.0.1");
        world.b.send(filled(world.b.udp(GATEWAY, 4001, fresh.getLocalPort(), 100), 1));
        assertThat(data(receive(fresh))).isEqualTo(random(100, 1));
    }
}
