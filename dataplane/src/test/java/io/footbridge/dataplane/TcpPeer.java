package io.footbridge.dataplane;

import io.footbridge.nat.Filtering;
import io.footbridge.tap.CallState;
import io.footbridge.tap.FileCalls;
import io.footbridge.tap.FrameBuffers;
import io.footbridge.tap.SocketCalls;
import io.footbridge.tap.TapEndpoint;
import io.footbridge.wire.BigEndian;
import io.footbridge.wire.Checksum;
import io.footbridge.wire.Ethernet;
import io.footbridge.wire.Frame;
import io.footbridge.wire.Ipv4;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv4Prefix;
import io.footbridge.wire.Protocol;
import io.footbridge.wire.Tcp;
import io.footbridge.wire.VirtioNetHeader;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.SystemNanoClock;

/**
 * A container whose TCP is the test's own: it sends what segments it likes over a socket pair, to an engine whose host is this
 * very host. Its network is 10.0.2.0/24, it is .10, and the gateway leads to the host's loopback, where a server listens.
 */
final class TcpPeer implements AutoCloseable {
    private static final long MAC = TestBridge.mac(0);
    private static final int ADDRESS = Ipv4Address.parse("10.0.2.10").address();
    private static final int GATEWAY = Ipv4Address.parse("10.0.2.1").address();
    private static final int SEGMENT = Ethernet.HEADER_LENGTH + Ipv4.MIN_HEADER_LENGTH;
    private static final long WAIT_NANOS = 5_000_000_000L;

    final Engine engine;
    final Port port;
    final ServerSocketChannel server;
    private final CallState state = new CallState();
    private final MemorySegment buffer = Arena.ofAuto().allocate(FrameBuffers.MAX_FRAME_LENGTH + 64L, 8);
    private final int socket;
    /** Source port of what is sent. */
    int sourcePort = 5000;
    boolean spoilsChecksum;

    /** A segment that came; window as it stands in the header. */
    record Segment(int flags, int sequence, int acknowledgement, int window, int mss, int scale, int gsoSize, byte[] payload) {
        boolean has(int flag) {
            return (flags & flag) != 0;
        }
    }

    TcpPeer(int mtu) throws IOException {
        engine = Engine.start(new EngineSettings(1, false, SystemNanoClock.INSTANCE, 42));
        Bridge bridge = engine.addBridge("net", BridgeSettings.DEFAULT, Optional.of(new GatewaySettings(TestBridge.GATEWAY_MAC,
                Optional.of(Ipv4Prefix.parse("10.0.2.1/24")), Optional.empty(), mtu, true)));
        int[] pair = new int[2];
        SocketCalls.socketpair(state, SocketCalls.SOCK_DGRAM | SocketCalls.SOCK_NONBLOCK | SocketCalls.SOCK_CLOEXEC, pair);
        socket = pair[1];
        port = engine.addPort(bridge, "peer", TapEndpoint.overDatagrams(pair[0]), PortSettings.of(PortRole.CONTAINER, mtu));
        engine.routeBySockets(bridge, Optional.of(new SocketsSettings(Filtering.ADDRESS_AND_PORT, true, Optional.empty())));
        server = ServerSocketChannel.open().bind(new InetSocketAddress("127.0.0.1", 0));
    }

    int serverPort() throws IOException {
        return ((InetSocketAddress) server.getLocalAddress()).getPort();
    }

    /** Sends a segment to the server; options are padded by the caller to a multiple of four. */
    void send(int flags, int sequence, int acknowledgement, int window, byte[] options, byte[] payload) throws IOException {
        int header = Tcp.MIN_HEADER_LENGTH + options.length;
        int length = VirtioNetHeader.LENGTH + SEGMENT + header + payload.length;
        long frame = VirtioNetHeader.LENGTH;
        long tcp = frame + SEGMENT;
        VirtioNetHeader.clear(buffer, 0);
        Ethernet.write(buffer, frame, TestBridge.GATEWAY_MAC, MAC, Ethernet.IPV4);
        Ipv4.write(buffer, frame + Ethernet.HEADER_LENGTH, ADDRESS, GATEWAY, Protocol.TCP, 64,
                Ipv4.MIN_HEADER_LENGTH + header + payload.length);
        Tcp.write(buffer, tcp, sourcePort, serverPort(), sequence, acknowledgement, flags, window);
        Tcp.headerLength(buffer, tcp, header);
        MemorySegment.copy(options, 0, buffer, ValueLayout.JAVA_BYTE, tcp + Tcp.MIN_HEADER_LENGTH, options.length);
        MemorySegment.copy(payload, 0, buffer, ValueLayout.JAVA_BYTE, tcp + header, payload.length);
        Tcp.writeChecksum(buffer, tcp, header + payload.length,
                Checksum.pseudoHeader(ADDRESS, GATEWAY, Protocol.TCP, header + payload.length));
        if (spoilsChecksum) {
            Tcp.checksum(buffer, tcp, Tcp.checksum(buffer, tcp) ^ 1);
        }
        if (SocketCalls.send(state, socket, buffer.address(), length, 0) < 0) {
            // As from a container whose queue is full: the frame is lost.
            LockSupport.parkNanos(100_000);
        }
    }

    void send(int flags, int sequence, int acknowledgement, int window) throws IOException {
        send(flags, sequence, acknowledgement, window, new byte[0], new byte[0]);
    }

    /** The next TCP segment; null where none comes in time. */
    Segment receive(Duration limit) {
        long end = System.nanoTime() + limit.toNanos();
        do {
            long length = SocketCalls.recv(state, socket, buffer.address(), buffer.byteSize(), 0);
            if (length > VirtioNetHeader.LENGTH) {
                Segment segment = read((int) length - VirtioNetHeader.LENGTH);
                if (segment != null) {
                    return segment;
                }
            } else {
                LockSupport.parkNanos(50_000);
            }
        } while (System.nanoTime() - end < 0);
        return null;
    }

    /** The next segment, which must come. */
    Segment expect() {
        Segment segment = receive(Duration.ofNanos(WAIT_NANOS));
        if (segment == null) {
            throw new AssertionError("no segment came");
        }
        return segment;
    }

    private Segment read(int length) {
        long frame = VirtioNetHeader.LENGTH;
        long parsed = Frame.parse(buffer, frame, length);
        if (parsed < 0) {
            throw new AssertionError(Frame.describe(buffer, frame, length));
        }
        if (Frame.protocol(parsed) != Protocol.TCP) {
            return null;
        }
        long tcp = frame + Frame.transportOffset(parsed);
        int header = Tcp.headerLength(buffer, tcp);
        byte[] payload = buffer.asSlice(tcp + header, Frame.transportLength(parsed) - header).toArray(ValueLayout.JAVA_BYTE);
        return new Segment(Tcp.flags(buffer, tcp), Tcp.sequence(buffer, tcp), Tcp.acknowledgement(buffer, tcp),
                Tcp.window(buffer, tcp), Tcp.maxSegmentSize(buffer, tcp), Tcp.windowScale(buffer, tcp),
                VirtioNetHeader.gsoSize(buffer, 0), payload);
    }

    /** A SACK option of one block, padded. */
    static byte[] sack(int left, int right) {
        MemorySegment option = Arena.ofAuto().allocate(12);
        BigEndian.i32(option, 0, 0x0101_0000 | Tcp.OPTION_SACK << 8 | 10);
        BigEndian.i32(option, 4, left);
        BigEndian.i32(option, 8, right);
        return option.toArray(ValueLayout.JAVA_BYTE);
    }

    int connections() {
        int[] count = new int[1];
        engine.worker().execute(() -> count[0] = engine.worker().sockets().tcpCount()).join();
        return count[0];
    }

    @Override
    public void close() throws IOException {
        engine.close();
        server.close();
        FileCalls.close(state, socket);
    }
}
