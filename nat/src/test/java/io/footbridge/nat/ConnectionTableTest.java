package io.footbridge.nat;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.wire.Checksum;
import io.footbridge.wire.DropReason;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Protocol;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ConnectionTableTest {
    private static final int CAPACITY = 4096;
    private static final int HOST = TestTable.host(2);
    private static final int SERVER = TestTable.SERVER;

    private TestTable bed;
    private ConnectionTable table;

    @BeforeEach
    void make() throws IOException {
        bed = new TestTable(CAPACITY);
        table = bed.table;
    }

    @AfterEach
    void close() {
        bed.close();
    }

    @Test
    void aMasqueradedFlowIsFoundFromBothEnds() {
        int flow = bed.udp(HOST, 40_000, SERVER);
        assertThat(flow).isNotNegative();
        assertThat(ConnectionTable.isReply(flow)).isFalse();
        assertThat(bed.find(Protocol.UDP, HOST, 40_000, SERVER, 53, TestTable.INSIDE_REALM)).isEqualTo(flow);
        assertThat(bed.translated(flow)).hasToString(
                TestTable.tuple(Protocol.UDP, TestTable.OUTSIDE, 40_000, SERVER, 53, TestTable.OUTSIDE_REALM).toString());
        int reply = bed.find(Protocol.UDP, SERVER, 53, TestTable.OUTSIDE, 40_000, TestTable.OUTSIDE_REALM);
        assertThat(reply).isEqualTo(ConnectionTable.reverse(flow));
        assertThat(bed.translated(reply)).hasToString(
                TestTable.tuple(Protocol.UDP, SERVER, 53, HOST, 40_000, TestTable.INSIDE_REALM).toString());
        assertThat(table.targetRealm(flow)).isEqualTo(TestTable.OUTSIDE_REALM);
        assertThat(table.targetRealm(reply)).isEqualTo(TestTable.INSIDE_REALM);
        assertThat(table.owner(reply)).isSameAs(bed.owner);
        assertThat(table.owner(flow)).isSameAs(bed.owner);
        assertThat(table.protocol(flow)).isEqualTo(Protocol.UDP);
        assertThat(table.count()).isEqualTo(1);
        assertThat(table.mappings()).isEqualTo(1);
    }

    @Test
    void whatDiffersInOneFieldIsNotFound() {
        bed.udp(HOST, 40_000, SERVER);
        assertThat(bed.find(Protocol.TCP, HOST, 40_000, SERVER, 53, TestTable.INSIDE_REALM)).isEqualTo(ConnectionTable.NONE);
        assertThat(bed.find(Protocol.UDP, HOST + 1, 40_000, SERVER, 53, TestTable.INSIDE_REALM)).isEqualTo(ConnectionTable.NONE);
        assertThat(bed.find(Protocol.UDP, HOST, 40_001, SERVER, 53, TestTable.INSIDE_REALM)).isEqualTo(ConnectionTable.NONE);
        assertThat(bed.find(Protocol.UDP, HOST, 40_000, SERVER + 1, 53, TestTable.INSIDE_REALM)).isEqualTo(ConnectionTable.NONE);
        assertThat(bed.find(Protocol.UDP, HOST, 40_000, SERVER, 54, TestTable.INSIDE_REALM)).isEqualTo(ConnectionTable.NONE);
        assertThat(bed.find(Protocol.UDP, HOST, 40_000, SERVER, 53, 3)).isEqualTo(ConnectionTable.NONE);
    }

    @Test
    void aPublishedPortIsReachedFromOutside() {
        int flow = bed.publish(Protocol.TCP, SERVER, 50_000, 8080, HOST, 80);
        int reply = bed.find(Protocol.TCP, HOST, 80, SERVER, 50_000, TestTable.INSIDE_REALM);
        assertThat(reply).isEqualTo(ConnectionTable.reverse(flow));
        assertThat(bed.translated(reply)).hasToString(
                TestTable.tuple(Protocol.TCP, TestTable.OUTSIDE, 8080, SERVER, 50_000, TestTable.OUTSIDE_REALM).toString());
        assertThat(table.mappings()).isZero();
    }

    @Test
    void deltasAreTheDifferencesOfWhatIsRewritten() {
        int flow = bed.publish(Protocol.TCP, SERVER, 50_000, 8080, HOST, 80);
        assertThat(table.addressDelta(flow)).isEqualTo(Checksum.add(
                Checksum.delta32(SERVER, SERVER), Checksum.delta32(TestTable.OUTSIDE, HOST)));
        assertThat(table.portDelta(flow)).isEqualTo(Checksum.add(
                Checksum.delta16(50_000, 50_000), Checksum.delta16(8080, 80)));
    }

    @Test
    void whatIsThereIsAnsweredNotOpenedTwice() {
        int flow = bed.udp(HOST, 40_000, SERVER);
        assertThat(bed.udp(HOST, 40_000, SERVER)).isEqualTo(flow);
        assertThat(table.count()).isEqualTo(1);
        assertThat(table.mappings()).isEqualTo(1);
        assertThat(bed.owner.flows()).isEqualTo(1);
        assertThat(bed.owner.ports()).isEqualTo(1);
    }

    @Test
    void theOtherEndsPacketGetsTheSessionThatIsThere() {
        bed.udp(HOST, 5353, SERVER);
        int flow = bed.publish(Protocol.UDP, SERVER, 53, 5353, HOST, 5353);
        assertThat(ConnectionTable.isReply(flow)).isTrue();
        assertThat(table.count()).isEqualTo(1);
    }

    @Test
    void twoPublishedPortsOfOneContainerCannotHaveOneClientPort() {
        bed.publish(Protocol.TCP, SERVER, 50_000, 8080, HOST, 80);
        assertThat(bed.publish(Protocol.TCP, SERVER, 50_000, 8081, HOST, 80)).isEqualTo(DropReason.NO_FREE_PORT.code());
        assertThat(table.count()).isEqualTo(1);
        assertThat(bed.owner.flows()).isEqualTo(1);
        assertThat(bed.find(Protocol.TCP, SERVER, 50_000, TestTable.OUTSIDE, 8081, TestTable.OUTSIDE_REALM))
                .isEqualTo(ConnectionTable.NONE);
    }

    @Test
    void oneInsideEndHasOnePortWhateverItTalksTo() {
        int port = bed.outsidePort(bed.udp(HOST, 40_000, SERVER));
        assertThat(bed.outsidePort(bed.udp(HOST, 40_000, SERVER + 1))).isEqualTo(port);
        assertThat(table.mappings()).isEqualTo(1);
        Tuple inside = new Tuple();
        assertThat(table.inside(bed.outside, Protocol.UDP, port, inside)).isTrue();
        assertThat(inside.destinationLow()).isEqualTo(Tuple.mapped(HOST));
        assertThat(inside.destinationPort()).isEqualTo(40_000);
        assertThat(inside.realm()).isEqualTo(TestTable.INSIDE_REALM);
        assertThat(table.inside(bed.outside, Protocol.TCP, port, inside)).isFalse();
        assertThat(table.inside(bed.outside, Protocol.UDP, port + 1, inside)).isFalse();
        assertThat(table.inside(bed.outside, Protocol.SCTP, port, inside)).isFalse();
    }

    @Test
    void aRemovedSessionIsGoneFromBothEndsAndItsPortIsFreeWhenWorkersHavePassed() {
        int flow = bed.udp(HOST, 40_000, SERVER);
        Tuple reply = bed.replyOf(flow);
        long state = table.state(flow);
        assertThat(table.remove(TestTable.LANE, flow)).isTrue();
        assertThat(table.remove(TestTable.LANE, flow)).isFalse();
        assertThat(table.casState(flow, state, state | State.REPLIED)).isFalse();
        assertThat(bed.find(reply)).isEqualTo(ConnectionTable.NONE);
        assertThat(bed.find(Protocol.UDP, HOST, 40_000, SERVER, 53, TestTable.INSIDE_REALM)).isEqualTo(ConnectionTable.NONE);
        assertThat(table.count()).isZero();
        assertThat(table.mappings()).isZero();
        assertThat(bed.owner.hasAny()).isFalse();
        table.sweep(1, bed.now);
        assertThat(bed.outside.taken(Protocol.UDP)).isEqualTo(1);
        bed.settleDown();
        assertThat(bed.outside.taken(Protocol.UDP)).isZero();
    }

    @Test
    void changingTheStateKeepsTheGeneration() {
        int flow = bed.tcp(HOST, 40_000, SERVER);
        long state = table.state(flow);
        assertThat(State.phase(state)).isEqualTo(State.SYN_SENT);
        assertThat(table.casState(flow, state, State.withPhase(State.REPLIED, State.SYN_RECEIVED))).isTrue();
        assertThat(State.generation(table.state(flow))).isEqualTo(State.generation(state)).isNotZero();
        assertThat(State.phase(table.state(flow))).isEqualTo(State.SYN_RECEIVED);
        assertThat(table.casState(flow, state, state)).isFalse();
    }

    @Test
    void countersAndHintsAreOfOneDirection() {
        bed.now = 7;
        int flow = bed.udp(HOST, 40_000, SERVER);
        int reply = ConnectionTable.reverse(flow);
        table.settle(flow);
        assertThat(table.isSettled(flow)).isTrue();
        assertThat(table.isSettled(reply)).isFalse();
        table.unsettle(flow);
        assertThat(table.isSettled(flow)).isFalse();
        assertThat(table.owner(flow)).isSameAs(bed.owner);
        assertThat(table.createdAt(reply)).isEqualTo(7);
        table.seen(flow, 100, 8);
        table.seen(flow, 50, 9);
        table.counted(reply, 10);
        SessionView view = table.sessions(_ -> true, 9).getFirst();
        assertThat(view.originalPackets()).isEqualTo(2);
        assertThat(view.originalBytes()).isEqualTo(150);
        assertThat(view.replyPackets()).isEqualTo(1);
        assertThat(view.replyBytes()).isEqualTo(10);
        assertThat(view.expiresSeconds()).isEqualTo(120);
        assertThat(view.state()).isEmpty();
        assertThat(view.original().sourcePort()).isEqualTo(40_000);
        assertThat(view.reply().realm()).isEqualTo(TestTable.OUTSIDE_REALM);
    }

    @Test
    void ipv6FlowsAreFoundFromBothEndsAndApartFromIpv4() throws IOException {
        table.enableIpv6();
        OutsideAddress outside = table.newOutside(TestTable.ipv6Outside(), TestTable.OUTSIDE_REALM);
        Tuple original = TestTable.ipv6(Protocol.TCP, 5, 40_000, 9, 443, TestTable.INSIDE_REALM);
        bed.request.original().set(original);
        bed.request.translated().set(original);
        bed.request.translated().realm(TestTable.OUTSIDE_REALM);
        bed.request.set(bed.owner, null, new OutsideAddress[] {outside}, true, 0);
        int flow = table.open(TestTable.LANE, bed.request, 0);
        assertThat(flow).isNotNegative();
        assertThat(bed.find(original)).isEqualTo(flow);
        Tuple translated = bed.translated(flow);
        assertThat(translated.sourceHigh()).isEqualTo(outside.high());
        assertThat(translated.sourceLow()).isEqualTo(outside.low());
        assertThat(translated.isIpv6()).isTrue();
        assertThat(bed.find(bed.replyOf(flow))).isEqualTo(ConnectionTable.reverse(flow));
        Tuple answer = bed.replyOf(ConnectionTable.reverse(flow));
        assertThat(answer).hasToString(original.toString());
        assertThat(table.addressDelta(flow)).isEqualTo(Checksum.delta128(
                original.sourceHigh(), original.sourceLow(), outside.high(), outside.low()));
        Tuple inside = new Tuple();
        assertThat(table.inside(outside, Protocol.TCP, translated.sourcePort(), inside)).isTrue();
        assertThat(inside.destinationHigh()).isEqualTo(original.sourceHigh());
        bed.tcp(HOST, 40_000, SERVER);
        assertThat(table.count()).isEqualTo(2);
        assertThat(table.statistics().capacity()).as("of each family").isEqualTo(CAPACITY);
        assertThat(table.flush(view -> view.original().sourcePort() == 40_000)).isEqualTo(2);
        assertThat(table.count()).isZero();
    }

    @Test
    void anOwnerGoesWithAllThatItHas() {
        Owner other = table.newOwner(0, 0);
        int kept = bed.udp(HOST, 1, SERVER);
        for (int i = 0; i < 100; i++) {
            bed.masquerade(other, Protocol.UDP, HOST + 1, 2000 + i, SERVER, 53);
        }
        assertThat(other.flows()).isEqualTo(100);
        table.remove(other);
        assertThat(other.hasAny()).isFalse();
        assertThat(table.count()).isEqualTo(1);
        assertThat(bed.find(Protocol.UDP, HOST, 1, SERVER, 53, TestTable.INSIDE_REALM)).isEqualTo(kept);
        assertThat(table.newOwner(0, 0).id()).isNotEqualTo(other.id());
        bed.settleDown();
        assertThat(table.newOwner(0, 0).id()).isEqualTo(other.id());
    }

    @Test
    void anOutsideAddressGoesWithTheSessionsBehindItAndThoseThatCameToIt() throws IOException {
        bed.udp(HOST, 40_000, SERVER);
        bed.publish(Protocol.TCP, SERVER, 50_000, 8080, HOST, 80);
        OutsideAddress other = table.newOutside(new Ipv4Address(TestTable.OUTSIDE + 1), TestTable.OUTSIDE_REALM);
        bed.pool = new OutsideAddress[] {other};
        int kept = bed.udp(HOST, 40_001, SERVER);
        table.remove(bed.outside);
        assertThat(table.count()).isEqualTo(1);
        assertThat(bed.find(Protocol.UDP, HOST, 40_001, SERVER, 53, TestTable.INSIDE_REALM)).isEqualTo(kept);
        bed.settleDown();
        assertThat(table.mappings()).isEqualTo(1);
    }

    @Test
    void statisticsSayWhatHappened() {
        bed.udp(HOST, 1, SERVER);
        table.remove(TestTable.LANE, bed.udp(HOST, 2, SERVER));
        bed.seconds(121);
        bed.settleDown();
        NatStatistics statistics = table.statistics();
        assertThat(statistics).isEqualTo(new NatStatistics(0, CAPACITY, 0, 2, 1, 1, 0, 0, 0));
    }
}
