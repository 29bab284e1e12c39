package io.footbridge.nat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.footbridge.wire.DropReason;
import io.footbridge.wire.Protocol;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExpiryAndEvictionTest {
    private static final int CAPACITY = NatSettings.MIN_CAPACITY;
    private static final int HOST = TestTable.host(2);
    private static final int SERVER = TestTable.SERVER;
    private static final int GRE = 47;

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

    private void state(int flow, int phase, long bits) {
        long state = table.state(flow);
        assertThat(table.casState(flow, state, State.withPhase(State.generation(state), phase) | bits)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "SYN_SENT, 1, 240", "SYN_SENT2, 2, 240", "SYN_RECV, 3, 240", "ESTABLISHED, 4, 7440", "FIN_WAIT, 5, 7440",
        "CLOSE_WAIT, 6, 7440", "TIME_WAIT, 7, 240", "CLOSE, 8, 240",
    })
    void aTcpSessionExpiresAfterItsStatesTime(String name, int phase, int seconds) {
        int flow = bed.tcp(HOST, 40_000, SERVER);
        state(flow, phase, 0);
        Tuple original = new Tuple();
        original.set(bed.request.original());
        SessionView view = table.sessions(_ -> true, bed.now).getFirst();
        assertThat(view.state()).contains(name);
        assertThat(view.expiresSeconds()).isEqualTo(seconds);
        bed.seconds(seconds);
        assertThat(bed.find(original)).isEqualTo(flow);
        table.sweep(CAPACITY, bed.now);
        assertThat(table.count()).isEqualTo(1);
        bed.now++;
        assertThat(bed.find(original)).isEqualTo(ConnectionTable.NONE);
        assertThat(table.count()).isZero();
        assertThat(table.statistics().expired()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"17, false, 120", "17, true, 300", "1, false, 60", "1, true, 60", "47, false, 300", "132, true, 300"})
    void otherSessionsExpireAfterTheirProtocolsTime(int protocol, boolean replied, int seconds) {
        int flow = bed.masquerade(protocol, HOST, 0, SERVER, 0);
        state(flow, State.STATELESS, replied ? State.REPLIED : 0);
        bed.seconds(seconds);
        table.sweep(CAPACITY, bed.now);
        assertThat(table.count()).isEqualTo(1);
        bed.now++;
        table.sweep(CAPACITY, bed.now);
        assertThat(table.count()).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "6, 1, 0, 1", "6, 2, 0, 1", "6, 3, 0, 1", "6, 4, 0, 2000000", "6, 5, 0, 2000000", "6, 6, 0, 2000000", "6, 7, 0, 3",
        "6, 8, 0, 3", "17, 9, 16, 4", "17, 9, 0, 5", "1, 9, 0, 6", "47, 9, 0, 7",
    })
    void timeoutsThatAreSetAreObeyed(int protocol, int phase, long bits, int seconds) throws IOException {
        try (TestTable other = new TestTable(new NatSettings(CAPACITY, new Timeouts(1, 2_000_000, 3, 4, 5, 6, 7)), 1)) {
            int flow = other.masquerade(protocol, HOST, 0, SERVER, 0);
            long state = other.table.state(flow);
            assertThat(other.table.casState(flow, state, State.withPhase(State.generation(state), phase) | bits)).isTrue();
            assertThat(other.table.sessions(_ -> true, other.now).getFirst().expiresSeconds()).isEqualTo(seconds);
            other.seconds(seconds);
            other.table.sweep(CAPACITY, other.now);
            assertThat(other.table.count()).isEqualTo(1);
            other.now++;
            other.table.sweep(CAPACITY, other.now);
            assertThat(other.table.count()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6})
    void eachTimeoutIsOneSecondToTwoMillion(int which) {
        for (int seconds : new int[] {1, 2_000_000}) {
            assertThat(timeouts(which, seconds)).isNotEqualTo(Timeouts.DEFAULT);
        }
        for (int seconds : new int[] {Integer.MIN_VALUE, 0, 2_000_001, Integer.MAX_VALUE}) {
            assertThatThrownBy(() -> timeouts(which, seconds)).isInstanceOf(IllegalArgumentException.class)
                    .hasMessageEndingWith("1 to 2000000 seconds expected, not " + seconds);
        }
    }

    private static Timeouts timeouts(int which, int seconds) {
        int[] all = {240, 7440, 240, 300, 120, 60, 300};
        all[which] = seconds;
        return new Timeouts(all[0], all[1], all[2], all[3], all[4], all[5], all[6]);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void eitherDirectionKeepsASessionAlive(boolean reply) {
        int flow = bed.udp(HOST, 40_000, SERVER);
        Tuple original = new Tuple();
        original.set(bed.request.original());
        Tuple back = bed.replyOf(flow);
        for (int i = 0; i < 5; i++) {
            bed.seconds(100);
            table.seen(reply ? ConnectionTable.reverse(flow) : flow, 10, bed.now);
        }
        bed.seconds(100);
        assertThat(bed.find(original)).isEqualTo(flow);
        assertThat(bed.find(back)).isEqualTo(ConnectionTable.reverse(flow));
        table.counted(flow, 10);
        bed.seconds(21);
        assertThat(bed.find(back)).isEqualTo(ConnectionTable.NONE);
        assertThat(bed.find(original)).isEqualTo(ConnectionTable.NONE);
    }

    @Test
    void timeMayWrap() {
        bed.now = Integer.MAX_VALUE - 5;
        int flow = bed.udp(HOST, 40_000, SERVER);
        Tuple original = new Tuple();
        original.set(bed.request.original());
        bed.seconds(120);
        assertThat(bed.now).isNegative();
        assertThat(bed.find(original)).isEqualTo(flow);
        bed.now++;
        assertThat(bed.find(original)).isEqualTo(ConnectionTable.NONE);
    }

    @Test
    void aSweepVisitsNoMoreThanItsBudgetAndGoesOnWhereItStopped() {
        // So that none of the records that are swept is a free one in stock.
        int sessions = 4 * RecordPool.STOCK;
        assertThat(table.sweep(100, 0)).isZero();
        for (int i = 0; i < sessions; i++) {
            bed.udp(HOST, 2000 + i, SERVER);
        }
        assertThat(table.sweep(100, bed.now)).isEqualTo(100);
        assertThat(table.count()).isEqualTo(sessions);
        bed.seconds(121);
        // What it removes counts for more than what it only visits.
        int removed = (100 + SessionTable.REMOVAL - 1) / SessionTable.REMOVAL;
        for (int left = sessions - removed; left > 0; left -= removed) {
            assertThat(table.sweep(100, bed.now)).isEqualTo(removed);
            assertThat(table.count()).isEqualTo(left);
        }
        assertThat(table.sweep(100, bed.now)).isLessThanOrEqualTo(100);
        assertThat(table.count()).isZero();
        assertThat(table.sweep(100, bed.now)).isZero();
        for (int i = 0; i < 3; i++) {
            bed.udp(HOST, 3000 + i, SERVER);
        }
        assertThat(table.sweep(1000, bed.now)).isLessThanOrEqualTo(sessions + RecordPool.STOCK);
    }

    @Test
    void neitherFamilyKeepsTheOtherFromBeingSwept() throws IOException {
        table.enableIpv6();
        for (int i = 0; i < 100; i++) {
            bed.udp(HOST, 2000 + i, SERVER);
            Tuple original = TestTable.ipv6(Protocol.UDP, 5, 2000 + i, 9, 53, TestTable.INSIDE_REALM);
            bed.request.original().set(original);
            bed.request.translated().set(original);
            bed.request.set(bed.owner, null, null, true, 0);
            assertThat(table.open(TestTable.LANE, bed.request, bed.now)).isNotNegative();
        }
        bed.seconds(121);
        for (int i = 0; i < 2; i++) {
            assertThat(table.sweep(50, bed.now)).isBetween(1, 50);
        }
        assertThat(table.sessions(flow -> !flow.original().source().isIpv4(), bed.now)).hasSizeLessThan(100);
        assertThat(table.sessions(flow -> flow.original().source().isIpv4(), bed.now)).hasSizeLessThan(100);
        for (int i = 0; i < 200 && table.count() > 0; i++) {
            assertThat(table.sweep(50, bed.now)).isBetween(1, 50);
        }
        assertThat(table.count()).isZero();
    }

    @Test
    void aFullTableEvictsClosedBeforeUnrepliedBeforeReplied() {
        int replied = fill(Protocol.UDP, State.STATELESS, State.REPLIED | State.ASSURED, CAPACITY - 3);
        int young = one(GRE, State.STATELESS, State.REPLIED);
        int unreplied = one(132, State.STATELESS, 0);
        int closed = one(Protocol.TCP, State.TIME_WAIT, State.REPLIED | State.ASSURED);
        bed.now += 20;
        expectEvicted(closed);
        // What has come itself is unreplied: it is made safe, so that the next one goes.
        expectEvicted(unreplied);
        expectEvicted(young);
        assertThat(openUntilFound()).isEqualTo(DropReason.CONNTRACK_FULL.code());
        assertThat(State.phase(table.state(replied))).isNotEqualTo(State.FREE);
        NatStatistics statistics = table.statistics();
        assertThat(statistics.evicted()).isEqualTo(3);
        assertThat(statistics.refused()).isPositive();
        assertThat(table.count()).isEqualTo(CAPACITY);
    }

    @ParameterizedTest
    @CsvSource({"6, 4, 0", "6, 5, 16", "6, 6, 16", "17, 9, 16", "17, 9, 48"})
    void protectedSessionsNeverGiveWay(int protocol, int phase, long bits) {
        fill(protocol, phase, bits, CAPACITY);
        bed.now += 21;
        for (int i = 0; i < 100; i++) {
            assertThat(bed.tcp(HOST + 100, 2000 + i, SERVER)).isEqualTo(DropReason.CONNTRACK_FULL.code());
        }
        assertThat(table.count()).isEqualTo(CAPACITY);
        assertThat(bed.owner.flows()).isEqualTo(CAPACITY);
        assertThat(table.statistics().refused()).isEqualTo(100);
        assertThat(table.statistics().evicted()).isZero();
    }

    @Test
    void evictionLooksAtABoundedNumberOfRecords() {
        fill(Protocol.UDP, State.STATELESS, State.REPLIED | State.ASSURED, CAPACITY);
        long before = table.visited(TestTable.LANE);
        bed.tcp(HOST + 100, 2000, SERVER);
        assertThat(table.visited(TestTable.LANE) - before).isBetween(1L, (long) Eviction.SCAN);
    }

    @Test
    void newcomersKeepComingWhileTheTableIsFullOfUnreplied() {
        for (int i = 0; i < 4 * CAPACITY; i++) {
            assertThat(bed.udp(HOST + i / 60_000, 2000 + i % 60_000, SERVER)).isNotNegative();
            if (i % 32 == 0) {
                bed.pass();
            }
        }
        assertThat(table.count()).isEqualTo(CAPACITY);
        assertThat(table.statistics().evicted()).isEqualTo(3 * CAPACITY);
    }

    @Test
    void whatHasExpiredMakesRoomFirst() {
        fill(Protocol.UDP, State.STATELESS, State.REPLIED | State.ASSURED, CAPACITY);
        bed.seconds(301);
        assertThat(bed.udp(HOST + 100, 2000, SERVER)).isNotNegative();
        assertThat(table.statistics().evicted()).isZero();
        assertThat(table.statistics().expired()).isPositive();
    }

    @Test
    void anOwnersLimitHoldsEvenWhenOthersCouldGiveWay() {
        Owner limited = table.newOwner(10, 0);
        for (int i = 0; i < 10; i++) {
            assertThat(bed.masquerade(limited, Protocol.UDP, HOST, 2000 + i, SERVER, 53)).isNotNegative();
        }
        assertThat(bed.masquerade(limited, Protocol.UDP, HOST, 3000, SERVER, 53)).isEqualTo(DropReason.FLOW_LIMIT.code());
        for (int i = 0; i < CAPACITY - 10; i++) {
            bed.udp(HOST + 1, 2000 + i, SERVER);
        }
        assertThat(bed.masquerade(limited, Protocol.UDP, HOST, 3000, SERVER, 53)).isEqualTo(DropReason.FLOW_LIMIT.code());
        assertThat(limited.flows()).isEqualTo(10);
        assertThat(table.newOwner(0, 0).flows()).isZero();
    }

    @Test
    void halfOpenConnectionsFromOutsideDoNotShutAnEndpointOut() {
        bed.owner.limits(10, 0);
        for (int i = 0; i < 10; i++) {
            assertThat(bed.publish(Protocol.TCP, SERVER, 1000 + i, 8080, HOST, 80)).isNotNegative();
        }
        assertThat(bed.publish(Protocol.TCP, SERVER, 3000, 8080, HOST, 80)).isNotNegative();
        assertThat(bed.tcp(HOST, 4000, SERVER)).isNotNegative();
        assertThat(bed.owner.flows()).isEqualTo(10);
        assertThat(table.statistics().evicted()).isEqualTo(2);
    }

    @Test
    void anOwnersShareIsAQuarterIfNothingIsSaid() {
        Owner owner = table.newOwner(0, 0);
        int opened = 0;
        for (int i = 0; i < CAPACITY; i++) {
            opened += bed.masquerade(owner, Protocol.UDP, HOST, 2000 + i, SERVER, 53) >= 0 ? 1 : 0;
        }
        assertThat(opened).isEqualTo(CAPACITY / 4);
    }

    private int fill(int protocol, int phase, long bits, int flows) {
        int last = ConnectionTable.NONE;
        for (int i = 0; i < flows; i++) {
            last = bed.masquerade(protocol, HOST, 2000 + i, SERVER, 53);
            state(last, phase, bits);
        }
        return last;
    }

    private int one(int protocol, int phase, long bits) {
        int flow = bed.masquerade(protocol, HOST + 1, 0, SERVER, 0);
        state(flow, phase, bits);
        return flow;
    }

    /** The hand looks at a part of the table at a time. */
    private int openUntilFound() {
        int result = ConnectionTable.NONE;
        for (int i = 0; i < CAPACITY / Eviction.SCAN + 1 && result < 0; i++) {
            result = bed.tcp(HOST + 2, 2000 + (int) table.statistics().evicted(), SERVER);
        }
        return result;
    }

    private void expectEvicted(int flow) {
        int newcomer = openUntilFound();
        assertThat(newcomer).isNotNegative();
        assertThat(State.phase(table.state(flow))).isEqualTo(State.FREE);
        state(newcomer, State.ESTABLISHED, State.REPLIED | State.ASSURED);
    }
}
