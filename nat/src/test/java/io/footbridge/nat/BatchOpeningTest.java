package io.footbridge.nat;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.wire.Protocol;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is read ahead of a batch's openings changes nothing, and is what they come to. */
class BatchOpeningTest {
    private static final int SIZE = 32;
    private static final int PORT = 40_000;

    private final TestTable bed;
    private final BatchOpening opening;

    BatchOpeningTest() throws IOException {
        bed = new TestTable(4096);
        opening = new BatchOpening(bed.table, TestTable.LANE, SIZE);
    }

    @AfterEach
    void close() {
        bed.close();
    }

    private static Tuple udp(int host) {
        return TestTable.tuple(Protocol.UDP, TestTable.host(host), PORT, TestTable.SERVER, 53, TestTable.INSIDE_REALM);
    }

    private int drawn(int host, int round) {
        Tuple inside = udp(host);
        long hash = bed.table.sessions(false).mappings().store().hash(inside, bed.pool[0].number());
        return Mappings.drawn(bed.table.lane(TestTable.LANE), inside, hash, round);
    }

    @Test
    void readingAheadTakesNothing() throws IOException {
        bed.table.enableIpv6();
        OutsideAddress[] pool6 = {bed.table.newOutside(TestTable.ipv6Outside(), TestTable.OUTSIDE_REALM)};
        bed.table.remove(TestTable.LANE, bed.udp(TestTable.host(1), PORT, TestTable.SERVER));
        bed.settleDown();
        opening.begin(bed.owner);
        for (int i = 0; i < SIZE - 4; i++) {
            opening.add(udp(i), bed.pool, TestTable.OUTSIDE_REALM);
        }
        opening.add(TestTable.ipv6(Protocol.TCP, 1, 2, 3, 4, TestTable.INSIDE_REALM), pool6, TestTable.OUTSIDE_REALM);
        opening.add(TestTable.tuple(47, TestTable.host(1), 0, TestTable.SERVER, 0, 1), bed.pool, TestTable.OUTSIDE_REALM);
        opening.add(TestTable.tuple(Protocol.ICMP, TestTable.host(1), 7, TestTable.SERVER, 8, 1), bed.pool, 2);
        opening.add(udp(1), new OutsideAddress[0], TestTable.OUTSIDE_REALM);
        opening.touch();
        opening.end();
        assertThat(bed.table.count()).isZero();
        assertThat(bed.table.mappings()).isZero();
        assertThat(bed.table.indexed()).isZero();
        assertThat(bed.outside.taken(Protocol.UDP)).isZero();
    }

    @Test
    void theSameFlowTwiceInABatchIsOneSession() {
        opening.begin(bed.owner);
        opening.add(udp(1), bed.pool, TestTable.OUTSIDE_REALM);
        opening.add(udp(1), bed.pool, TestTable.OUTSIDE_REALM);
        opening.touch();
        int flow = bed.udp(TestTable.host(1), PORT, TestTable.SERVER);
        assertThat(bed.udp(TestTable.host(1), PORT, TestTable.SERVER)).isEqualTo(flow);
        opening.end();
        assertThat(bed.table.count()).isEqualTo(1);
        assertThat(bed.table.mappings()).isEqualTo(1);
    }

    @Test
    void aTakenPortIsReplacedByTheOneThatWasDrawnForTheBatch() {
        bed.udp(TestTable.host(1), PORT, TestTable.SERVER);
        opening.begin(bed.owner);
        int first = drawn(2, 0);
        assertThat(bed.outsidePort(bed.udp(TestTable.host(2), PORT, TestTable.SERVER))).isEqualTo(first);
        int second = drawn(3, 1);
        bed.udp(TestTable.host(4), drawn(3, 0), TestTable.SERVER);
        assertThat(bed.outsidePort(bed.udp(TestTable.host(3), PORT, TestTable.SERVER))).isEqualTo(second);
    }

    @Test
    void eachBatchDrawsAnew() {
        Set<Integer> ports = new HashSet<>();
        for (int i = 0; i < 200; i++) {
            opening.begin(bed.owner);
            ports.add(drawn(1, 0));
            ports.add(drawn(2, 0));
        }
        assertThat(ports).hasSizeGreaterThan(380).allMatch(port -> port >= 1024 && port <= 65_535);
    }
}
