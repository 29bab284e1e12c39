package io.footbridge.dataplane;

import static io.footbridge.tap.TestNamespaces.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.footbridge.dataplane.TcpPeer.Segment;
import io.footbridge.wire.DropReason;
import io.footbridge.wire.Tcp;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a container's segments do, one by one, well-meant and not. */
@Timeout(60)
class TcpSegmentsTest {
    private static final int ISN = 0x7FFF_FF00;
    private static final byte[] NONE = {};
    /** MSS 1460, window scale 7, SACK permitted. */
    private static final byte[] OPTIONS = {2, 4, 5, (byte) 0xB4, 1, 3, 3, 7, 1, 1, 4, 2};
    private static final Duration SOON = Duration.ofMillis(100);

    private TcpPeer peer;
    private SocketChannel outside;
    /** The next byte that the peer sends, and the next that it expects. */
    private int sends = ISN + 1;
    private int expects;

    @BeforeEach
    void begin() throws IOException {
        peer = new TcpPeer(1500);
    }

    @AfterEach
    void end() throws IOException {
        if (outside != null) {
            outside.close();
        }
        peer.close();
    }

    private Segment connect(byte[] options, int window) throws IOException {
        peer.send(Tcp.SYN, ISN, 0, window, options, NONE);
        Segment answer = peer.expect();
        assertThat(answer.flags()).isEqualTo(Tcp.SYN | Tcp.ACK);
        assertThat(answer.acknowledgement()).isEqualTo(ISN + 1);
        expects = answer.sequence() + 1;
        peer.send(Tcp.ACK, sends, expects, window);
        outside = peer.server.accept();
        return answer;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private String read(int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length);
        while (buffer.hasRemaining() && outside.read(buffer) >= 0) {
            Thread.onSpinWait();
        }
        return new String(buffer.array(), 0, buffer.position(), StandardCharsets.US_ASCII);
    }

    private void write(int length) throws IOException {
        byte[] data = new byte[length];
        for (int i = 0; i < length; i++) {
            data[i] = (byte) (i % 251);
        }
        ByteBuffer buffer = ByteBuffer.wrap(data);
        while (buffer.hasRemaining()) {
            outside.write(buffer);
        }
    }

    private long drops(DropReason reason) {
        return peer.port.statistics().drops().getOrDefault(reason, 0L);
    }

    @Test
    void optionsAreAnsweredOnlyWhereTheyWereOffered() throws IOException {
        Segment answer = connect(OPTIONS, 1000);
        assertThat(answer.mss()).isEqualTo(1460);
        assertThat(answer.scale()).isEqualTo(TcpOpening.WINDOW_SCALE);
        outside.close();
        assertThat(peer.expect().flags()).isEqualTo(Tcp.FIN | Tcp.ACK);
        peer.sourcePort++;
        answer = connect(NONE, 1000);
        assertThat(answer.mss()).isEqualTo(1460);
        assertThat(answer.scale()).isEqualTo(-1);
    }

    @Test
    void aTinySegmentSizeIsHeldToTheLeastThatIsMeant() throws IOException {
        connect(new byte[] {2, 4, 0, 1}, 60_000);
        write(5000);
        Segment first = peer.expect();
        assertThat(first.gsoSize()).isEqualTo(88);
        assertThat(first.payload().length).isLessThanOrEqualTo(5000);
    }

    @Test
    void nothingIsSentBeyondTheWindowAndAClosedOneIsAskedAfter() throws IOException {
        connect(OPTIONS, 10);
        peer.send(Tcp.ACK, sends, expects, 10);
        write(100_000);
        Segment first = peer.expect();
        assertThat(first.payload()).hasSize(1280);
        peer.send(Tcp.ACK, sends, expects + 1280, 0);
        Segment probe = peer.expect();
        assertThat(probe.payload()).isEmpty();
        assertThat(probe.sequence()).isEqualTo(expects + 1279);
        peer.send(Tcp.ACK, sends, expects + 1280, 0);
        Segment again = peer.expect();
        assertThat(again.payload()).isEmpty();
        peer.send(Tcp.ACK, sends, expects + 1280, 500);
        assertThat(peer.expect().payload()).hasSizeGreaterThan(20_000);
    }

    @Test
    void whatASackBlockShowsToBeMissingIsSentAtOnce() throws IOException {
        connect(OPTIONS, 2000);
        write(1000);
        assertThat(peer.expect().payload()).hasSize(1000);
        write(500);
        assertThat(peer.expect().payload()).hasSize(500);
        peer.send(Tcp.ACK, sends, expects, 2000, TcpPeer.sack(expects + 1000, expects + 1500), NONE);
        Segment again = peer.receive(SOON);
        assertThat(again.sequence()).isEqualTo(expects);
        assertThat(again.payload()).hasSize(1000);
        assertThat(again.payload()[250]).isEqualTo((byte) 250);
        peer.send(Tcp.ACK, sends, expects + 1500, 2000);
        write(10);
        assertThat(peer.expect().sequence()).isEqualTo(expects + 1500);
    }

    @Test
    void threeDuplicatesAndATimeOutSendAgain() throws IOException {
        connect(OPTIONS, 2000);
        write(3000);
        Segment first = peer.expect();
        assertThat(first.payload()).hasSize(3000);
        for (int i = 0; i < 3; i++) {
            peer.send(Tcp.ACK, sends, expects, 2000);
        }
        Segment again = peer.receive(SOON);
        assertThat(again.sequence()).isEqualTo(expects);
        assertThat(again.payload()).hasSize(1460);
        Segment late = peer.expect();
        assertThat(late.sequence()).isEqualTo(expects);
        assertThat(late.payload()).hasSize(3000);
    }

    @Test
    void dataIsTakenOnceAndInOrderWhateverOverlaps() throws IOException {
        connect(OPTIONS, 2000);
        peer.send(Tcp.ACK | Tcp.PSH, sends + 3, expects, 2000, NONE, bytes("def"));
        assertThat(peer.expect().acknowledgement()).isEqualTo(sends);
        peer.send(Tcp.ACK | Tcp.PSH, sends, expects, 2000, NONE, bytes("abcd"));
        assertThat(peer.expect().acknowledgement()).isEqualTo(sends + 4);
        peer.send(Tcp.ACK | Tcp.PSH | Tcp.URG, sends + 2, expects, 2000, NONE, bytes("cdefgh"));
        assertThat(peer.expect().acknowledgement()).isEqualTo(sends + 8);
        peer.send(Tcp.ACK, sends - 1, expects, 2000);
        assertThat(peer.expect().acknowledgement()).isEqualTo(sends + 8);
        assertThat(read(8)).isEqualTo("abcdefgh");
        peer.spoilsChecksum = true;
        peer.send(Tcp.ACK | Tcp.PSH, sends + 8, expects, 2000, NONE, bytes("bad"));
        await("the bad one to be dropped", () -> drops(DropReason.BAD_CHECKSUM) == 1);
        peer.spoilsChecksum = false;
        peer.send(Tcp.ACK | Tcp.FIN, sends + 8, expects, 2000, NONE, bytes("good"));
        assertThat(peer.expect().acknowledgement()).isEqualTo(sends + 13);
        assertThat(read(8)).isEqualTo("good");
    }

    @Test
    void onlyTheVeryNextSequenceNumberResets() throws IOException {
        connect(OPTIONS, 2000);
        peer.send(Tcp.RST, sends + 100, 0, 0);
        Segment challenge = peer.expect();
        assertThat(challenge.flags()).isEqualTo(Tcp.ACK);
        peer.send(Tcp.SYN, sends + 7, 0, 2000);
        assertThat(peer.expect().flags()).isEqualTo(Tcp.ACK);
        peer.send(Tcp.RST, sends - 1, 0, 0);
        peer.send(Tcp.RST, sends + 0x4000_0000, 0, 0);
        assertThat(peer.receive(SOON)).isNull();
        assertThat(peer.connections()).isEqualTo(1);
        peer.send(Tcp.RST, sends, 0, 0);
        assertThatThrownBy(() -> outside.read(ByteBuffer.allocate(1))).hasMessageContaining("reset");
        await("the connection to be gone", () -> peer.connections() == 0);
    }

    @Test
    void anAcknowledgementOfWhatWasNeverSentChangesNothing() throws IOException {
        connect(OPTIONS, 2000);
        peer.send(Tcp.ACK, sends, expects + 5000, 2000);
        assertThat(peer.expect().sequence()).isEqualTo(expects);
        write(10);
        assertThat(peer.expect().payload()).hasSize(10);
        assertThat(drops(DropReason.BAD_STATE)).isEqualTo(1);
    }

    @Test
    void aSegmentOfNoConnectionIsAnsweredWithReset() throws IOException {
        peer.send(Tcp.ACK, 77, 88, 2000, NONE, bytes("lost"));
        Segment reset = peer.expect();
        assertThat(reset.flags()).isEqualTo(Tcp.RST);
        assertThat(reset.sequence()).isEqualTo(88);
        peer.send(Tcp.RST, 77, 88, 2000);
        assertThat(peer.receive(SOON)).isNull();
    }

    /** Segments that could be of the connection and are not, and ends that read, write, close and reset as they like. */
    @Test
    void noSegmentsWhateverLeaveAnythingBehind() throws IOException {
        SplittableRandom random = new SplittableRandom(11);
        int[] flags = {Tcp.ACK, Tcp.ACK, Tcp.ACK, Tcp.ACK | Tcp.PSH, Tcp.ACK | Tcp.FIN, Tcp.SYN, Tcp.SYN | Tcp.ACK, Tcp.RST,
            Tcp.RST | Tcp.ACK, Tcp.FIN, 0, Tcp.ACK | Tcp.URG, 0xFF};
        peer.server.configureBlocking(false);
        ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
        for (int round = 0; round < 300; round++) {
            peer.sourcePort = 10_000 + random.nextInt(20);
            int sequence = random.nextInt();
            peer.send(Tcp.SYN, sequence, 0, random.nextInt(65_536), random.nextBoolean() ? OPTIONS : NONE, NONE);
            Segment answer = peer.receive(Duration.ofMillis(5));
            int acknowledgement = answer == null ? random.nextInt() : answer.sequence() + 1;
            try (SocketChannel accepted = peer.server.accept()) {
                if (accepted != null) {
                    accepted.configureBlocking(false);
                }
                for (int i = 0; i < 40; i++) {
                    int spread = random.nextInt(4) == 0 ? random.nextInt() : random.nextInt(3000) - 500;
                    byte[] payload = new byte[random.nextInt(3) == 0 ? random.nextInt(1400) : 0];
                    byte[] options = new byte[random.nextInt(4) == 0 ? 4 * random.nextInt(11) : 0];
                    Arrays.fill(options, (byte) random.nextInt(9));
                    peer.send(flags[random.nextInt(flags.length)], sequence + 1 + (random.nextBoolean() ? 0 : spread),
                            acknowledgement + (random.nextBoolean() ? 0 : spread), random.nextInt(65_536), options, payload);
                    if (accepted != null && random.nextInt(4) == 0) {
                        serve(accepted, buffer, random);
                    }
                }
            }
            while (peer.receive(Duration.ofNanos(1)) != null) {
                Thread.onSpinWait();
            }
        }
        peer.engine.removePort(peer.port);
        await("all connections to be gone", () -> peer.connections() == 0);
        assertThat(peer.engine.flows(Optional.empty())).isEmpty();
    }

    private static void serve(SocketChannel accepted, ByteBuffer buffer, SplittableRandom random) {
        buffer.clear();
        try {
            switch (random.nextInt(6)) {
                case 0, 1 -> accepted.write(buffer.limit(random.nextInt(buffer.capacity())));
                case 2, 3 -> accepted.read(buffer);
                case 4 -> accepted.shutdownOutput();
                default -> accepted.setOption(StandardSocketOptions.SO_LINGER, random.nextInt(2) - 1);
            }
        } catch (IOException reset) {
            // The peer has done that.
            assertThat(reset).isNotNull();
        }
    }
}
