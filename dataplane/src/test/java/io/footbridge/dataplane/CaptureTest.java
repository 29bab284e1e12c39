package io.footbridge.dataplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.footbridge.tap.FrameBuffers;
import io.footbridge.tap.TestNamespaces;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CaptureTest {
    private static final int EXPERIMENTAL = 0x88b5;

    private final TestBridge net = new TestBridge().withGateway();
    private final Station a = net.add(TestBridge.link());
    private final Station b = net.add(TestBridge.link());
    private final List<Capture> released = new ArrayList<>();

    @AfterEach
    void close() {
        net.close();
    }

    /** A packet as a reader of the file sees it. */
    private record Packet(String port, int direction, long time, List<Byte> bytes) {
        static Packet of(String port, int direction, MemorySegment frame) {
            return new Packet(port, direction, 0, boxed(TestFrames.bytes(frame.asSlice(TestFrames.HEADER))));
        }

        Packet undated() {
            return new Packet(port, direction, 0, bytes);
        }
    }

    private static List<Byte> boxed(byte[] bytes) {
        List<Byte> list = new ArrayList<>();
        for (byte each : bytes) {
            list.add(each);
        }
        return list;
    }

    private static List<Packet> parse(byte[] file) {
        ByteBuffer in = ByteBuffer.wrap(file);
        List<String> interfaces = new ArrayList<>();
        List<Packet> packets = new ArrayList<>();
        assertThat(in.getInt(0)).isEqualTo(0x0a0d0d0a);
        while (in.hasRemaining()) {
            int start = in.position();
            int type = in.getInt();
            int length = in.getInt();
            assertThat(in.getInt(start + length - 4)).isEqualTo(length);
            if (type == 1) {
                int nameLength = in.getShort(start + 18);
                interfaces.add(new String(file, start + 20, nameLength, StandardCharsets.UTF_8));
            } else if (type == 6) {
                int captured = in.getInt(start + 20);
                byte[] frame = new byte[captured];
                in.get(start + 28, frame);
                int options = start + 28 + (captured + 3 & -4);
                packets.add(new Packet(interfaces.get(in.getInt(start + 8)), in.getInt(options + 4),
                        in.getLong(start + 12), boxed(frame)));
            }
            in.position(start + length);
        }
        return packets;
    }

    private Capture capture(CapturePoint point) throws IOException {
        return new Capture(net.bridge, point, 1, released::add);
    }

    private static List<Packet> copied(Capture capture, long limit) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        capture.copyTo(out, limit);
        return parse(out.toByteArray());
    }

    @Test
    void ofAPortOneSeesWhatItSendsAndIsSent() throws IOException {
        net.acquaint();
        Capture capture = capture(a.port.captures());
        MemorySegment there = a.to(b).tcp4(a.ipv4, b.ipv4, 60_000, 1448);
        MemorySegment back = b.hello(a);
        net.forward(a, there);
        net.forward(b, back, b.toAll().empty(2000, EXPERIMENTAL));
        net.forward(b, b.as(b.mac, b.mac).empty(60, EXPERIMENTAL));
        long now = System.currentTimeMillis() * 1_000_000;
        capture.close();
        List<Packet> packets = copied(capture, 0);
        assertThat(packets).extracting(Packet::undated).containsExactly(Packet.of("p0", 1, there), Packet.of("p0", 2, back));
        assertThat(packets).allMatch(packet -> Math.abs(packet.time - now) < TimeUnit.MINUTES.toNanos(1));
    }

    @Test
    void ofANetworkOneSeesEachFrameOnceAsItEntersAndWhatTheGatewaySays() throws IOException {
        net.add(TestBridge.link());
        net.acquaint();
        Capture capture = capture(net.bridge.captures());
        MemorySegment broadcast = a.toAll().empty(60, EXPERIMENTAL);
        MemorySegment request = b.toAll().arpRequest(b.ipv4, TestBridge.GATEWAY_IPV4.address());
        net.forward(a, broadcast);
        net.forward(b, request);
        capture.close();
        assertThat(copied(capture, 0)).extracting(Packet::undated).containsExactly(Packet.of("p0", 1, broadcast),
                Packet.of("p1", 1, request), Packet.of("gateway", 2, b.taken().getLast()));
    }

    @Test
    void droppedFramesAreSeenTooHoweverLongOrShort() throws IOException {
        Capture capture = capture(a.port.captures());
        net.forward(a, a.toAll().empty(FrameBuffers.MAX_FRAME_LENGTH + 4, EXPERIMENTAL));
        net.forward(a, TestFrames.cut(a.toAll().empty(60, EXPERIMENTAL), 5));
        net.forward(a, TestFrames.cut(a.toAll().empty(60, EXPERIMENTAL), -2));
        capture.close();
        assertThat(copied(capture, 0)).extracting(packet -> packet.bytes().size())
                .containsExactly(FrameBuffers.MAX_FRAME_LENGTH, 5);
    }

    @Test
    void itEndsAfterAsManyFramesAsAreWanted() throws IOException {
        net.acquaint();
        Capture capture = capture(a.port.captures());
        for (int i = 0; i < 5; i++) {
            net.forward(a, a.hello(b));
        }
        assertThat(copied(capture, 3)).hasSize(3);
        capture.close();
    }

    @Test
    void itWritesAsFramesComeUntilItIsClosed() throws Exception {
        net.acquaint();
        Capture capture = capture(a.port.captures());
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        CompletableFuture<Void> copying = CompletableFuture.runAsync(() -> {
            try {
                capture.copyTo(out, 0);
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        });
        for (int i = 1; i <= 3; i++) {
            net.forward(a, a.hello(b));
            int wanted = i;
            TestNamespaces.await("frame " + i, () -> out.size() > 0 && parse(out.toByteArray()).size() == wanted);
        }
        assertThat(copying).isNotDone();
        capture.close();
        copying.get(10, TimeUnit.SECONDS);
        assertThat(parse(out.toByteArray())).hasSize(3);
    }

    @Test
    void onceClosedItHearsNothingAndIsReleasedOnce() throws IOException {
        net.acquaint();
        Capture capture = capture(a.port.captures());
        assertThat(a.port.captures().isActive()).isTrue();
        capture.close();
        capture.close();
        assertThat(a.port.captures().isActive()).isFalse();
        assertThat(released).containsExactly(capture);
        net.forward(a, a.hello(b));
        assertThat(copied(capture, 0)).isEmpty();
        assertThatThrownBy(() -> capture.copyTo(new ByteArrayOutputStream(), 0)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void itsMemoryGoesWithTheLastWhoMayTouchIt() throws IOException {
        Capture capture = capture(a.port.captures());
        capture.close();
        assertThat(capture.ring(0).memory().scope().isAlive()).isTrue();
        capture.leave();
        assertThat(capture.ring(0).memory().scope().isAlive()).isFalse();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        capture.copyTo(out, 0);
        assertThat(out.size()).isZero();
    }

    @Test
    void severalListenAtOnceAndEachSeesAll() throws IOException {
        net.acquaint();
        Capture first = capture(a.port.captures());
        net.forward(a, a.hello(b));
        Capture second = capture(a.port.captures());
        net.forward(a, a.hello(b));
        first.close();
        second.close();
        assertThat(copied(first, 0)).hasSize(2);
        assertThat(copied(second, 0)).hasSize(1);
    }

    @Test
    void whatAReaderTooSlowMissesIsCounted() throws IOException {
        net.acquaint();
        Capture capture = capture(a.port.captures());
        MemorySegment big = a.to(b).tcp4(a.ipv4, b.ipv4, 60_000, 1448);
        for (int i = 0; i < 150; i++) {
            net.forward(a, big);
        }
        b.taken();
        capture.close();
        assertThat(capture.dropped()).isPositive();
        assertThat(copied(capture, 0)).hasSize(150 - (int) capture.dropped());
    }
}
