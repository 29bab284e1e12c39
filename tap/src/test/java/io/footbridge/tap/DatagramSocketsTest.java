package io.footbridge.tap;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Datagrams in batches, over the loopback of this host. */
class DatagramSocketsTest {
    private static final int SOL_UDP = 17;
    private static final int UDP_GRO = 104;
    private static final int IP_RECVERR = 11;
    private static final int IP_PKTINFO = 8;
    private static final int LONGEST = 65_507;
    private static final int LOOPBACK = 0x7F00_0001;

    private final Arena arena = Arena.ofShared();
    private final CallState state = new CallState();
    private final DatagramSender sender = new DatagramSender(arena);
    private final MemorySegment places = arena.allocate(32 << 16);
    private final DatagramReceiver receiver = new DatagramReceiver(arena, places.address(), 1 << 16, 1 << 16);
    private final MemorySegment data = arena.allocate(1 << 20);
    private final int socket = open();

    private int open() {
        int descriptor = SocketCalls.socket(state, SocketCalls.AF_INET, SocketCalls.SOCK_DGRAM | SocketCalls.SOCK_CLOEXEC, 0);
        assertThat(SocketCalls.bind(state, descriptor, Sockaddr.of(arena, InetAddress.getLoopbackAddress(), 0))).isZero();
        return descriptor;
    }

    private int port(int descriptor) {
        MemorySegment name = arena.allocate(16, 8);
        assertThat(SocketCalls.getsockname(state, descriptor, name)).isZero();
        return Sockaddr.port(name);
    }

    @AfterEach
    void close() {
        FileCalls.close(state, socket);
        arena.close();
    }

    private byte[] fill(long at, int length, int seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        MemorySegment.copy(bytes, 0, data, JAVA_BYTE, at, length);
        return bytes;
    }

    private static byte[] receive(DatagramSocket from) throws IOException {
        from.setSoTimeout(10_000);
        DatagramPacket packet = new DatagramPacket(new byte[1 << 16], 1 << 16);
        from.receive(packet);
        return Arrays.copyOf(packet.getData(), packet.getLength());
    }

    @Test
    void messagesGoWhereTheyAreAddressedAndEqualOnesTogether() throws IOException {
        try (DatagramSocket one = new DatagramSocket(new InetSocketAddress("127.0.0.1", 0));
                DatagramSocket other = new DatagramSocket(new InetSocketAddress("127.0.0.1", 0))) {
            byte[] first = fill(0, 300, 1);
            byte[] second = fill(1000, 300, 2);
            byte[] third = fill(2000, 200, 3);
            sender.add(socket, LOOPBACK, one.getLocalPort(), data.address(), 300);
            assertThat(sender.join(data.address() + 1000, 301)).as("longer").isFalse();
            assertThat(sender.join(data.address() + 1000, 300)).isTrue();
            assertThat(sender.join(data.address() + 2000, 200)).isTrue();
            assertThat(sender.join(data.address() + 2000, 200)).as("behind a shorter one").isFalse();
            sender.add(socket, LOOPBACK, other.getLocalPort(), data.address(), 300);
            sender.hops(false, 5);
            assertThat(sender.count()).isEqualTo(2);
            sender.send(state);
            assertThat(sender.result(0)).isZero();
            assertThat(sender.result(1)).isZero();
            for (byte[] expected : List.of(first, second, third)) {
                assertThat(receive(one)).isEqualTo(expected);
            }
            assertThat(receive(other)).isEqualTo(first);
        }
    }

    @Test
    void aMessageOfTooManyBytesIsNotMade() {
        sender.add(socket, LOOPBACK, 9, data.address(), LONGEST);
        assertThat(sender.join(data.address(), 1)).isFalse();
        sender.clear();
        sender.add(socket, LOOPBACK, 9, data.address(), 0);
        assertThat(sender.join(data.address(), 1)).as("behind an empty one").isFalse();
        sender.clear();
        for (int i = 0; i < DatagramSender.MESSAGES; i++) {
            assertThat(sender.isFull()).isFalse();
            sender.add(socket, LOOPBACK, 9, data.address(), 1);
        }
        assertThat(sender.isFull()).isTrue();
    }

    @Test
    void whatIsTooLongOrRefusedSpoilsNothingElse() throws IOException {
        try (DatagramSocket one = new DatagramSocket(new InetSocketAddress("127.0.0.1", 0))) {
            sender.add(socket, LOOPBACK, one.getLocalPort(), data.address(), LONGEST + 1);
            sender.add(socket, LOOPBACK, 0, data.address(), 1);
            byte[] good = fill(0, 10, 4);
            sender.add(socket, LOOPBACK, one.getLocalPort(), data.address(), 10);
            sender.send(state);
            assertThat(sender.result(0)).isEqualTo(-Errno.EMSGSIZE.number());
            assertThat(sender.result(1)).isEqualTo(-Errno.EINVAL.number());
            assertThat(sender.result(2)).isZero();
            assertThat(receive(one)).isEqualTo(good);
        }
    }

    @Test
    void segmentsThatTheRouteCannotTakeGoOneByOne() throws IOException {
        try (DatagramSocket one = new DatagramSocket(new InetSocketAddress("127.0.0.1", 0))) {
            byte[] all = fill(0, 65_000, 5);
            sender.add(socket, LOOPBACK, one.getLocalPort(), data.address(), 65_000);
            // More segments than the kernel makes of one message.
            sender.segment(100);
            sender.send(state);
            assertThat(sender.result(0)).isZero();
            ByteBuffer got = ByteBuffer.allocate(65_000);
            for (int i = 0; i < 200; i++) {
                byte[] part = receive(one);
                assertThat(part).hasSize(100);
                got.put(part);
            }
            assertThat(Arrays.copyOf(got.array(), 20_000)).isEqualTo(Arrays.copyOf(all, 20_000));
        }
    }

    @Test
    void aMessageOfSeveralDatagramsIsReceivedAsOneWithTheirLength() {
        int server = open();
        SocketCalls.setsockopt(state, server, SOL_UDP, UDP_GRO, 1);
        SocketCalls.setsockopt(state, server, 0, IP_PKTINFO, 1);
        fill(0, 5000, 6);
        sender.add(socket, LOOPBACK, port(server), data.address(), 5000);
        sender.segment(1200);
        sender.from(LOOPBACK);
        sender.send(state);
        assertThat(sender.result(0)).isZero();
        assertThat(receiver.receive(state, server, 32)).isEqualTo(1);
        assertThat(receiver.length(0)).isEqualTo(5000);
        assertThat(receiver.segmentSize(0)).isEqualTo(1200);
        assertThat(receiver.isCut(0)).isFalse();
        assertThat(receiver.isIpv6(0)).isFalse();
        assertThat(receiver.address(0)).isEqualTo(LOOPBACK);
        assertThat(receiver.localAddress(0)).isEqualTo(LOOPBACK);
        assertThat(receiver.port(0)).isEqualTo(port(socket));
        assertThat(places.asSlice(0, 5000).mismatch(data.asSlice(0, 5000))).isEqualTo(-1);
        assertThat(receiver.receive(state, server, 32)).isEqualTo(-Errno.EAGAIN.number());
        FileCalls.close(state, server);
    }

    @Test
    void theErrorQueueTellsWhomItIsAbout() {
        SocketErrorQueue queue = new SocketErrorQueue(arena);
        SocketCalls.setsockopt(state, socket, 0, IP_RECVERR, 1);
        assertThat(queue.next(state, socket)).isFalse();
        int gone = open();
        int port = port(gone);
        FileCalls.close(state, gone);
        byte[] sent = fill(0, 50, 7);
        sender.add(socket, LOOPBACK, port, data.address(), 50);
        sender.send(state);
        assertThat(queue.next(state, socket)).isTrue();
        assertThat(queue.isError()).isTrue();
        assertThat(queue.origin()).isEqualTo(SocketErrorQueue.ICMP);
        assertThat(queue.error()).isEqualTo(Errno.ECONNREFUSED.number());
        assertThat(queue.type()).isEqualTo(3);
        assertThat(queue.code()).isEqualTo(3);
        assertThat(queue.isIpv6()).isFalse();
        assertThat(queue.address()).isEqualTo(LOOPBACK);
        assertThat(queue.port()).isEqualTo(port);
        assertThat(queue.hasOffender()).isTrue();
        assertThat(queue.offender()).isEqualTo(LOOPBACK);
        assertThat(queue.payload().asSlice(0, queue.payloadLength()).toArray(JAVA_BYTE)).isEqualTo(sent);
        assertThat(queue.next(state, socket)).isFalse();
    }
}
