package io.footbridge.nat;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.wire.DropReason;
import io.footbridge.wire.Frame;
import io.footbridge.wire.Tcp;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterProperty;
import net.jqwik.api.lifecycle.AfterTry;
import net.jqwik.api.lifecycle.BeforeProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TcpWindowTest {
    private static final int BAD_WINDOW = DropReason.BAD_WINDOW.code();
    private static final int SYN_ACK = Tcp.SYN | Tcp.ACK;
    private static final int CLIENT = 5000;
    private static final int SERVER = 900_000;

    private TestTable nat;
    private Tracking tracking;
    private int forth;
    private int port;

    @BeforeEach
    @BeforeProperty
    void open() throws IOException {
        nat = new TestTable(1024);
        nat.table.enableWindowCheck();
        tracking = new Tracking(nat.table);
        connect();
    }

    @AfterTry
    void forget() {
        nat.table.flush(_ -> true);
        nat.settleDown();
        connect();
    }

    @AfterEach
    @AfterProperty
    void close() {
        nat.close();
    }

    private void connect() {
        forth = nat.tcp(TestTable.host(2), 10_000 + port++ % 50_000, TestTable.SERVER);
        assertThat(forth).isNotNegative();
    }

    private int send(boolean reply, Packet packet) {
        return send(reply, packet, true);
    }

    private int send(boolean reply, Packet packet, boolean windowCheck) {
        MemorySegment memory = packet.build();
        long parsed = Frame.parse(memory, 10, (int) memory.byteSize() - 10);
        int flow = reply ? ConnectionTable.reverse(forth) : forth;
        return packet.verdict(tracking.packet(flow, memory, 10, parsed, windowCheck, nat.now));
    }

    private static Packet segment(int flags, int sequence, int acknowledgement, int window, int length) {
        Packet packet = Packet.ipv4(6).flags(flags).payload(new byte[length]);
        packet.sequence = sequence;
        packet.acknowledgement = acknowledgement;
        packet.window = window;
        return packet;
    }

    private static Packet scaled(Packet syn, int scale) {
        syn.tcpOptions = scale < 0 ? "" : "020405b40303%02x00".formatted(scale);
        return syn;
    }

    private int client(int flags, int sequence, int acknowledgement, int length) {
        return send(false, segment(flags, CLIENT + sequence, SERVER + acknowledgement, 1000, length));
    }

    private int server(int flags, int sequence, int acknowledgement, int length) {
        return send(true, segment(flags, SERVER + sequence, CLIENT + acknowledgement, 2000, length));
    }

    private int phase() {
        return State.phase(nat.table.state(forth));
    }

    /** Ends with next sequence numbers 1 and 1. */
    private void handshake() {
        assertThat(client(Tcp.SYN, 0, 0, 0)).isZero();
        assertThat(server(SYN_ACK, 0, 1, 0)).isZero();
        assertThat(client(Tcp.ACK, 1, 1, 0)).isZero();
        assertThat(phase()).isEqualTo(State.ESTABLISHED);
    }

    @Test
    void dataInsideTheWindowPassesAndDataBeyondDoesNot() {
        handshake();
        assertThat(client(Tcp.ACK, 1, 1, 500)).isZero();
        assertThat(client(Tcp.ACK, 2001, 1, 100)).isZero();
        assertThat(client(Tcp.ACK, 2002, 1, 100)).isEqualTo(BAD_WINDOW);
        assertThat(server(Tcp.ACK, 1, 501, 0)).isZero();
        assertThat(client(Tcp.ACK, 2501, 1, 100)).isZero();
        assertThat(server(Tcp.ACK, 1001, 501, 10)).isZero();
        assertThat(server(Tcp.ACK, 1002, 501, 10)).isEqualTo(BAD_WINDOW);
        assertThat(server(Tcp.ACK, -70_000, 501, 10)).isEqualTo(BAD_WINDOW);
    }

    @Test
    void whatWasNotSentCannotBeAcknowledged() {
        handshake();
        assertThat(client(Tcp.ACK, 1, 1, 500)).isZero();
        assertThat(server(Tcp.ACK, 1, 502, 0)).isEqualTo(BAD_WINDOW);
        assertThat(server(Tcp.ACK, 1, 501, 0)).isZero();
        assertThat(server(Tcp.ACK, 1, 501 - 68_049, 0)).isEqualTo(BAD_WINDOW);
        assertThat(server(Tcp.ACK, 1, 400, 0)).isZero();
    }

    @Test
    void keepAlivesAndProbesOfAClosedWindowPass() {
        handshake();
        assertThat(client(Tcp.ACK, 0, 1, 0)).isZero();
        assertThat(client(Tcp.ACK, 0, 1, 1)).isZero();
        assertThat(client(Tcp.ACK, 1, 1, 2000)).isZero();
        assertThat(send(true, segment(Tcp.ACK, SERVER + 1, CLIENT + 2001, 0, 0))).isZero();
        assertThat(client(Tcp.ACK, 2001, 1, 1)).isZero();
    }

    @Test
    void windowsAreScaledOnlyWhereBothEndsSaySo() {
        for (int scale : new int[] {-1, 7}) {
            connect();
            assertThat(send(false, scaled(segment(Tcp.SYN, CLIENT, 0, 1000, 0), 7))).isZero();
            assertThat(send(true, scaled(segment(SYN_ACK, SERVER, CLIENT + 1, 2000, 0), scale))).isZero();
            assertThat(client(Tcp.ACK, 1, 1, 0)).isZero();
            assertThat(server(Tcp.ACK, 1, 1, 0)).isZero();
            int allowed = scale < 0 ? 1 + 2000 : 1 + (2000 << 7);
            assertThat(client(Tcp.ACK, allowed, 1, 10)).isZero();
            assertThat(client(Tcp.ACK, allowed + 1, 1, 10)).isEqualTo(BAD_WINDOW);
            allowed = scale < 0 ? 1 + 1000 : 1 + (1000 << 7);
            assertThat(server(Tcp.ACK, allowed, 1, 10)).isZero();
            assertThat(server(Tcp.ACK, allowed + 1, 1, 10)).isEqualTo(BAD_WINDOW);
        }
    }

    @Test
    void aForgedResetOutsideTheWindowIsRefusedAndOneInsideClosesNothing() {
        handshake();
        assertThat(client(Tcp.ACK, 1, 1, 500)).isZero();
        assertThat(server(Tcp.ACK, 1, 501, 0)).isZero();
        assertThat(client(Tcp.RST, 500, 0, 0)).isEqualTo(BAD_WINDOW);
        assertThat(client(Tcp.RST, 501 + 2001, 0, 0)).isEqualTo(BAD_WINDOW);
        assertThat(client(Tcp.RST, 700, 0, 0)).isZero();
        assertThat(phase()).isEqualTo(State.ESTABLISHED);
        assertThat(client(Tcp.RST, 501, 0, 0)).isZero();
        assertThat(phase()).isEqualTo(State.CLOSED);
    }

    @Test
    void aResetBehindDataThatIsNotAcknowledgedYetCloses() {
        handshake();
        assertThat(client(Tcp.ACK, 1, 1, 500)).isZero();
        assertThat(client(Tcp.RST | Tcp.ACK, 501, 1, 0)).isZero();
        assertThat(phase()).isEqualTo(State.CLOSED);
    }

    @Test
    void aRefusedConnectionIsClosedOnlyByAResetThatAcknowledgesTheSyn() {
        client(Tcp.SYN, 0, 0, 0);
        assertThat(send(true, segment(Tcp.RST | Tcp.ACK, 0, CLIENT + 2, 0, 0))).isEqualTo(BAD_WINDOW);
        assertThat(phase()).isEqualTo(State.SYN_SENT);
        assertThat(send(true, segment(Tcp.RST | Tcp.ACK, 0, CLIENT + 1, 0, 0))).isZero();
        assertThat(phase()).isEqualTo(State.CLOSED);
        connect();
        client(Tcp.SYN, 0, 0, 0);
        assertThat(server(SYN_ACK, 0, 2, 0)).isEqualTo(BAD_WINDOW);
        assertThat(client(Tcp.RST, 77, 0, 0)).isZero();
        assertThat(phase()).isEqualTo(State.SYN_SENT);
    }

    @Test
    void aReopenedConnectionHasItsOwnNumbers() {
        handshake();
        client(Tcp.FIN | Tcp.ACK, 1, 1, 0);
        server(Tcp.FIN | Tcp.ACK, 1, 2, 0);
        assertThat(client(Tcp.ACK, 2, 2, 0)).isZero();
        int far = 1 << 30;
        assertThat(client(Tcp.SYN, far, 0, 0)).isZero();
        // The other end still waits for the last ACK: it challenges, and is reset.
        assertThat(server(Tcp.ACK, 2, 2, 0)).isZero();
        assertThat(client(Tcp.RST, 2, 0, 0)).isZero();
        assertThat(client(Tcp.SYN, far, 0, 0)).isZero();
        assertThat(server(SYN_ACK, 2 * far, far + 1, 0)).isZero();
        assertThat(client(Tcp.ACK, far + 1, 2 * far + 1, 100)).isZero();
        assertThat(phase()).isEqualTo(State.ESTABLISHED);
        assertThat(server(Tcp.ACK, 2, 2, 0)).isEqualTo(BAD_WINDOW);
    }

    @Test
    void aRepeatedSynAckBehindDataChangesNothing() {
        client(Tcp.SYN, 0, 0, 0);
        server(SYN_ACK, 0, 1, 0);
        assertThat(server(Tcp.ACK, 1, 1, 300)).isZero();
        assertThat(server(SYN_ACK, 0, 1, 0)).isZero();
        assertThat(client(Tcp.ACK, 1, 301, 0)).isZero();
    }

    @Test
    void sessionsThatWereThereBeforeAreTakenAsTheyAre() throws IOException {
        assertThat(send(false, segment(Tcp.SYN, CLIENT, 0, 1000, 0), false)).isZero();
        assertThat(send(true, segment(SYN_ACK, SERVER, CLIENT + 1, 2000, 0), false)).isZero();
        assertThat(client(Tcp.ACK, 1, 1, 0)).isZero();
        assertThat(client(Tcp.ACK, 1_000_000, 1, 100)).isZero();
        assertThat(server(Tcp.ACK, 5_000_000, 1, 100)).isZero();
        connect();
        handshake();
        assertThat(client(Tcp.ACK, 1_000_000, 1, 100)).isEqualTo(BAD_WINDOW);
        assertThat(send(false, segment(Tcp.ACK, CLIENT + 1_000_000, SERVER + 1, 1000, 100), false)).isZero();
        nat.table.forgetWindows(TestTable.INSIDE_REALM);
        assertThat(client(Tcp.ACK, 1_000_100, 1, 100)).isZero();
    }

    @Test
    void withoutMemoryForItNothingIsChecked() throws IOException {
        try (TestTable plain = new TestTable(1024)) {
            nat.close();
            nat = plain;
            tracking = new Tracking(plain.table);
            connect();
            handshake();
            assertThat(client(Tcp.ACK, 1_000_000, 1, 100)).isZero();
            open();
        }
    }

    /** One end of a connection that loses, repeats and disorders what it sends. */
    private static final class End {
        final int start;
        final int scale;
        final int window;
        final Deque<Packet> out = new ArrayDeque<>();
        int next;
        int acknowledged;
        int expected;
        int allowed;
        int peerScale;

        End(int start, int scale, int window) {
            this.start = start;
            this.scale = scale;
            this.window = window;
            next = start + 1;
            acknowledged = start + 1;
        }

        void emit(int flags, int sequence, int length) {
            out.add(segment(flags, sequence, expected, window, length));
        }

        void act(Random random) {
            int inFlight = next - acknowledged;
            if (random.nextInt(4) == 0 && inFlight > 0) {
                emit(Tcp.ACK, acknowledged, Math.min(inFlight, 1 + random.nextInt(1460)));
            } else if (allowed - next > 0) {
                int length = Math.min(allowed - next, 1 + random.nextInt(random.nextInt(8) == 0 ? 20_000 : 1460));
                emit(Tcp.ACK, next, length);
                next += length;
            } else {
                emit(Tcp.ACK, next, 0);
            }
        }

        void receive(Packet segment) {
            if (segment.acknowledgement - acknowledged > 0) {
                acknowledged = segment.acknowledgement;
            }
            allowed = Math.max(allowed - acknowledged, segment.acknowledgement - acknowledged + (segment.window << peerScale))
                    + acknowledged;
            int end = segment.sequence + segment.payload.length;
            if (segment.sequence - expected <= 0 && end - expected > 0) {
                expected = end;
            }
        }
    }

    @Property(tries = 300)
    void noSegmentOfAConnectionIsRefusedHoweverItIsLostRepeatedAndDisordered(@ForAll Random random,
            @ForAll @IntRange(min = -1, max = 9) int clientScale, @ForAll @IntRange(min = -1, max = 9) int serverScale) {
        boolean both = clientScale >= 0 && serverScale >= 0;
        End client = new End(random.nextInt(), both ? clientScale : 0, 1 + random.nextInt(65_535));
        End server = new End(random.nextInt(), both ? serverScale : 0, 1 + random.nextInt(65_535));
        client.peerScale = server.scale;
        server.peerScale = client.scale;
        assertThat(send(false, scaled(segment(Tcp.SYN, client.start, 0, client.window, 0), clientScale))).isZero();
        assertThat(send(true, scaled(segment(SYN_ACK, server.start, client.start + 1, server.window, 0), serverScale))).isZero();
        client.expected = server.start + 1;
        server.expected = client.start + 1;
        assertThat(send(false, segment(Tcp.ACK, client.next, client.expected, client.window, 0))).isZero();
        client.allowed = client.next + server.window;
        server.allowed = server.next + (client.window << client.scale);
        for (int step = 0; step < 400; step++) {
            boolean reply = random.nextBoolean();
            End sender = reply ? server : client;
            End receiver = reply ? client : server;
            if (sender.out.size() < 4) {
                sender.act(random);
            }
            // Lost, or overtaken by the next one, before it is seen.
            Packet packet = sender.out.poll();
            int fate = random.nextInt(10);
            if (fate == 0) {
                continue;
            }
            if (fate == 1 && !sender.out.isEmpty()) {
                Packet overtaking = sender.out.poll();
                sender.out.addFirst(packet);
                packet = overtaking;
            }
            assertThat(send(reply, packet)).as("step %d", step).isZero();
            if (random.nextInt(10) != 0) {
                receiver.receive(packet);
            }
        }
        assertThat(client.acknowledged - client.start).isPositive();
        int sequence = client.next + (1 << 30) + random.nextInt(1 << 20);
        assertThat(send(false, segment(Tcp.ACK, sequence, client.expected, 10, 10))).isEqualTo(BAD_WINDOW);
    }

    @Test
    void noNumbersThrow() {
        Random random = new Random(3);
        List<Integer> answers = new ArrayList<>();
        int[] kinds = {Tcp.SYN, SYN_ACK, Tcp.ACK, Tcp.FIN | Tcp.ACK, Tcp.RST, Tcp.RST | Tcp.ACK, 0};
        for (int round = 0; round < 50_000; round++) {
            Packet packet = segment(kinds[random.nextInt(kinds.length)], random.nextInt() >>> random.nextInt(32),
                    random.nextInt() >>> random.nextInt(32), random.nextInt(65_536), random.nextInt(100));
            answers.add(send(random.nextBoolean(), scaled(packet, random.nextInt(256))));
        }
        assertThat(answers).contains(0, BAD_WINDOW, DropReason.BAD_STATE.code());
    }
}
