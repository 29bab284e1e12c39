package io.footbridge.nat;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.wire.DropReason;
import io.footbridge.wire.Frame;
import io.footbridge.wire.Protocol;
import io.footbridge.wire.Tcp;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Packets of flows in a table: states, time-outs and counters, as VPP's NAT44-ED tests and the RFCs have them. */
class TrackedFlowTest {
    private static final int SYN = Tcp.SYN;
    private static final int SYN_ACK = Tcp.SYN | Tcp.ACK;
    private static final int ACK = Tcp.ACK;
    private static final int FIN = Tcp.FIN | Tcp.ACK;
    private static final int RST = Tcp.RST;
    private static final int BAD_STATE = DropReason.BAD_STATE.code();

    private TestTable nat;
    private Tracking tracking;
    private int forth;
    private int back;

    @BeforeEach
    void open() throws IOException {
        nat = new TestTable(1024);
        tracking = new Tracking(nat.table);
    }

    @AfterEach
    void close() {
        nat.close();
    }

    private void tcp() {
        forth = nat.tcp(TestTable.host(2), 40000, TestTable.SERVER);
        back = nat.find(nat.replyOf(forth));
        assertThat(back).isEqualTo(ConnectionTable.reverse(forth));
    }

    private int packet(int flow, Packet packet) {
        MemorySegment memory = packet.build();
        long parsed = Frame.parse(memory, 10, (int) memory.byteSize() - 10);
        return packet.verdict(tracking.packet(flow, memory, 10, parsed, false, nat.now));
    }

    private int segment(int flow, int flags) {
        return packet(flow, Packet.ipv4(6).flags(flags).payload(0));
    }

    private void handshake() {
        tcp();
        assertThat(segment(forth, SYN)).isZero();
        assertThat(segment(back, SYN_ACK)).isZero();
        assertThat(segment(forth, ACK)).isZero();
        assertThat(segment(back, ACK)).isZero();
    }

    private SessionView view() {
        return nat.table.sessions(_ -> true, nat.now).getFirst();
    }

    private String state() {
        return view().state().orElse("");
    }

    private boolean lives(int seconds) {
        nat.seconds(seconds);
        return nat.find(nat.replyOf(forth)) == back;
    }

    @Test
    void aConnectionIsShownAsConntrackShowsIt() {
        tcp();
        segment(forth, SYN);
        assertThat(state()).isEqualTo("SYN_SENT");
        assertThat(view().replied()).isFalse();
        segment(back, SYN_ACK);
        assertThat(state()).isEqualTo("SYN_RECV");
        segment(forth, ACK);
        assertThat(state()).isEqualTo("ESTABLISHED");
        assertThat(view().assured()).isTrue();
        segment(forth, FIN);
        assertThat(state()).isEqualTo("FIN_WAIT");
        segment(back, FIN);
        assertThat(state()).isEqualTo("TIME_WAIT");
        segment(back, RST);
        assertThat(state()).isEqualTo("CLOSE");
    }

    @Test
    void theOtherEndMayCloseFirst() {
        handshake();
        segment(back, FIN);
        assertThat(state()).isEqualTo("CLOSE_WAIT");
        segment(forth, ACK);
        segment(forth, FIN);
        assertThat(state()).isEqualTo("TIME_WAIT");
    }

    @Test
    void aDirectionIsSettledByASegmentThatChangesNothing() {
        tcp();
        segment(forth, SYN);
        segment(back, SYN_ACK);
        segment(back, ACK);
        assertThat(nat.table.isSettled(back)).isFalse();
        segment(forth, ACK);
        assertThat(nat.table.isSettled(forth)).isTrue();
        segment(back, ACK);
        assertThat(nat.table.isSettled(back)).isTrue();
        segment(back, FIN);
        assertThat(nat.table.isSettled(back)).isTrue();
        segment(back, RST);
        assertThat(nat.table.isSettled(back)).isFalse();
        assertThat(nat.table.isSettled(forth)).isTrue();
    }

    @Test
    void impossibleFlagsAndSegmentsThatFitNoStateAreRefused() {
        tcp();
        assertThat(segment(forth, ACK)).isEqualTo(BAD_STATE);
        assertThat(segment(forth, SYN_ACK)).isEqualTo(BAD_STATE);
        assertThat(segment(back, FIN)).isEqualTo(BAD_STATE);
        handshake();
        for (int flags : new int[] {0, Tcp.PSH, Tcp.FIN, Tcp.SYN | Tcp.FIN, Tcp.FIN | Tcp.URG | Tcp.PSH, 0xFF, Tcp.URG}) {
            assertThat(segment(forth, flags)).isEqualTo(BAD_STATE);
        }
        assertThat(state()).isEqualTo("ESTABLISHED");
    }

    @Test
    void packetsAndBytesAreCountedByDirection() {
        handshake();
        long bytes = view().originalBytes();
        packet(forth, Packet.ipv4(6).gso(1000).payload(5000));
        assertThat(view().originalPackets()).isEqualTo(3);
        assertThat(view().originalBytes()).isEqualTo(bytes + 5040);
        assertThat(view().replyPackets()).isEqualTo(2);
        segment(forth, SYN);
        assertThat(view().originalPackets()).isEqualTo(4);
    }

    @Test
    void anEstablishedConnectionLivesForTwoHoursAndFourMinutes() {
        handshake();
        assertThat(lives(7440)).isTrue();
        segment(back, ACK);
        assertThat(lives(7440)).isTrue();
        assertThat(lives(1)).isFalse();
    }

    @Test
    void aHandshakeThatIsNotFinishedIsOverAfterFourMinutesHoweverOftenTheSynIsRepeated() {
        tcp();
        segment(forth, SYN);
        nat.seconds(200);
        segment(forth, SYN);
        assertThat(lives(40)).isTrue();
        assertThat(lives(1)).isFalse();
    }

    @Test
    void aResetConnectionIsKeptForFourMinutes() {
        handshake();
        nat.seconds(3600);
        assertThat(segment(forth, RST)).isZero();
        nat.seconds(200);
        assertThat(segment(forth, RST)).isZero();
        assertThat(lives(40)).isTrue();
        assertThat(lives(1)).isFalse();
    }

    @Test
    void aConnectionWhoseSupposedResetterGoesOnIsEstablishedAgain() {
        handshake();
        segment(forth, RST);
        segment(back, ACK);
        assertThat(state()).isEqualTo("CLOSE");
        segment(forth, ACK);
        assertThat(state()).isEqualTo("ESTABLISHED");
        assertThat(lives(7440)).isTrue();
    }

    @Test
    void aFinishedConnectionIsKeptForFourMinutesAndItsLastSegmentsPass() {
        handshake();
        segment(forth, FIN);
        segment(back, FIN);
        assertThat(segment(forth, ACK)).isZero();
        assertThat(segment(back, FIN)).isZero();
        assertThat(segment(forth, ACK)).isZero();
        assertThat(lives(240)).isTrue();
        assertThat(lives(1)).isFalse();
    }

    @Test
    void halfAConnectionMayBeSilentForLong() {
        handshake();
        segment(forth, FIN);
        assertThat(lives(7440)).isTrue();
    }

    @Test
    void aFinishedConnectionThatIsHalfReopenedIsNotEstablished() {
        for (boolean inside : new boolean[] {true, false}) {
            handshake();
            segment(forth, FIN);
            segment(back, FIN);
            segment(inside ? forth : back, SYN);
            assertThat(state()).isEqualTo("SYN_SENT");
            assertThat(view().assured()).isFalse();
            assertThat(lives(240)).isTrue();
            assertThat(lives(1)).isFalse();
            nat.settleDown();
        }
    }

    @Test
    void aFinishedConnectionIsReopenedByAHandshakeFromEitherEnd() {
        for (boolean inside : new boolean[] {true, false}) {
            handshake();
            segment(forth, FIN);
            segment(back, FIN);
            segment(inside ? forth : back, SYN);
            segment(inside ? back : forth, SYN_ACK);
            segment(inside ? forth : back, ACK);
            assertThat(state()).isEqualTo("ESTABLISHED");
            assertThat(view().assured()).isTrue();
            nat.seconds(8000);
            nat.settleDown();
        }
    }

    @Test
    void udpIsAssuredWhenItWasRepliedToAndIsOlderThanTwoSeconds() {
        forth = nat.udp(TestTable.host(2), 5000, TestTable.SERVER);
        back = ConnectionTable.reverse(forth);
        Packet packet = Packet.ipv4(17);
        packet(forth, packet);
        assertThat(view().replied()).isFalse();
        packet(back, packet);
        assertThat(view().replied()).isTrue();
        nat.now += 20;
        packet(forth, packet);
        assertThat(view().assured()).isFalse();
        assertThat(nat.table.isSettled(forth)).isFalse();
        nat.now++;
        packet(forth, packet);
        assertThat(view().assured()).isTrue();
        assertThat(nat.table.isSettled(forth)).isTrue();
        assertThat(nat.table.isSettled(back)).isFalse();
        packet(back, packet);
        assertThat(nat.table.isSettled(back)).isTrue();
        assertThat(view().originalPackets()).isEqualTo(3);
        assertThat(lives(300)).isTrue();
        assertThat(lives(1)).isFalse();
    }

    @Test
    void aLaterFragmentKeepsItsSessionAndIsCounted() {
        handshake();
        nat.seconds(7000);
        assertThat(packet(forth, Packet.ipv4(6).fragment(1480, false).payload(new byte[100]))).isZero();
        assertThat(view().originalPackets()).isEqualTo(3);
        assertThat(lives(7000)).isTrue();
        assertThat(state()).isEqualTo("ESTABLISHED");
    }

    @Test
    void aPacketOfASessionThatIsGoneIsRefusedOrPassedButBringsNothingBack() {
        handshake();
        nat.table.flush(_ -> true);
        assertThat(segment(forth, FIN)).isEqualTo(BAD_STATE);
        int udp = nat.udp(TestTable.host(2), 5000, TestTable.SERVER);
        nat.table.flush(_ -> true);
        assertThat(packet(udp, Packet.ipv4(17))).isZero();
        assertThat(nat.table.sessions(_ -> true, nat.now)).isEmpty();
    }

    @Test
    void theFinsOfBothEndsAreNotedWhenTwoWorkersSeeThemAtOnce() throws Exception {
        MemorySegment fin = Packet.ipv4(6).flags(FIN).payload(0).build();
        long parsed = Frame.parse(fin, 10, (int) fin.byteSize() - 10);
        AtomicReference<Throwable> failure = new AtomicReference<>();
        for (int round = 0; round < 300; round++) {
            forth = nat.masquerade(Protocol.TCP, TestTable.host(2), 10_000 + round, TestTable.SERVER, 80);
            back = ConnectionTable.reverse(forth);
            segment(forth, SYN);
            segment(back, SYN_ACK);
            segment(forth, ACK);
            segment(back, ACK);
            CyclicBarrier barrier = new CyclicBarrier(2);
            int other = back;
            Thread worker = Thread.ofPlatform().start(() -> {
                try {
                    barrier.await();
                    assertThat(new Tracking(nat.table).packet(other, fin, 10, parsed, false, nat.now)).isZero();
                } catch (Exception | AssertionError e) {
                    failure.set(e);
                }
            });
            barrier.await();
            assertThat(tracking.packet(forth, fin, 10, parsed, false, nat.now)).isZero();
            worker.join();
            assertThat(failure.get()).isNull();
            assertThat(State.phase(nat.table.state(forth))).isEqualTo(State.TIME_WAIT);
        }
    }
}
