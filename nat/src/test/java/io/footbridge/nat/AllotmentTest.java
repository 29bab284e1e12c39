package io.footbridge.nat;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.wire.DropReason;
import io.footbridge.wire.Protocol;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a batch counts in ahead: nothing is lost, and no limit is another one by it. */
class AllotmentTest {
    private static final int CAPACITY = 4096;
    private static final int PORT = 40_000;

    private final TestTable bed;
    private final BatchOpening opening;

    AllotmentTest() throws IOException {
        bed = new TestTable(CAPACITY);
        opening = new BatchOpening(bed.table, TestTable.LANE, BatchOpening.MAX_SIZE);
    }

    @AfterEach
    void close() {
        bed.close();
    }

    private void begin(Owner owner, int packets) {
        opening.begin(owner);
        for (int i = 0; i < packets; i++) {
            opening.add(TestTable.tuple(Protocol.UDP, TestTable.host(i), PORT, TestTable.SERVER, 53, TestTable.INSIDE_REALM),
                    bed.pool, TestTable.OUTSIDE_REALM);
        }
        opening.touch();
    }

    private int open(Owner owner, int host) {
        return bed.masquerade(owner, Protocol.UDP, TestTable.host(host), PORT, TestTable.SERVER, 53);
    }

    private void assertCounted(Owner owner, int flows) {
        assertThat(bed.table.count()).isEqualTo(flows);
        assertThat(owner.flows()).isEqualTo(flows);
        assertThat(owner.ports()).isEqualTo(flows);
    }

    @Test
    void aBatchCountsAheadAndGivesBackWhatItDidNotUse() {
        begin(bed.owner, 10);
        assertCounted(bed.owner, 10);
        for (int i = 0; i < 3; i++) {
            assertThat(open(bed.owner, i)).isNotNegative();
        }
        assertCounted(bed.owner, 10);
        opening.end();
        assertCounted(bed.owner, 3);
        opening.end();
        assertCounted(bed.owner, 3);
    }

    @Test
    void whatOneBatchLeavesTheNextGivesBack() {
        begin(bed.owner, 10);
        begin(bed.owner, 7);
        assertCounted(bed.owner, 7);
    }

    @Test
    void whatABatchWithoutAnEndLeavesIsGivenBackEvenIfTheNextOpensNothing() {
        begin(bed.owner, 10);
        opening.begin(bed.owner);
        assertCounted(bed.owner, 0);
    }

    @Test
    void moreFlowsThanWereToldAheadAreCountedOneByOne() {
        begin(bed.owner, 5);
        for (int i = 0; i < 9; i++) {
            assertThat(open(bed.owner, i)).isNotNegative();
        }
        opening.end();
        assertCounted(bed.owner, 9);
    }

    @Test
    void aFewAreCountedOneByOne() {
        begin(bed.owner, 3);
        assertCounted(bed.owner, 0);
    }

    @Test
    void anotherOwnersFlowsAreCountedAsItsOwn() {
        Owner other = bed.table.newOwner(0, 0);
        begin(bed.owner, 10);
        assertThat(open(other, 1)).isNotNegative();
        opening.end();
        assertThat(other.flows()).isEqualTo(1);
        assertThat(other.ports()).isEqualTo(1);
        assertThat(bed.owner.flows()).isZero();
        assertThat(bed.table.count()).isEqualTo(1);
    }

    @Test
    void nearALimitOfFlowsNothingIsCountedAheadAndTheLimitIsExact() {
        Owner owner = bed.table.newOwner(20, 0);
        begin(owner, BatchOpening.MAX_SIZE);
        assertThat(owner.flows()).isZero();
        assertThat(owner.ports()).isZero();
        assertTwentyAreOpenedAndTheNextIsRefused(owner, DropReason.FLOW_LIMIT);
    }

    private void assertTwentyAreOpenedAndTheNextIsRefused(Owner owner, DropReason reason) {
        for (int i = 0; i < 20; i++) {
            assertThat(open(owner, i)).isNotNegative();
        }
        assertThat(open(owner, 20)).isEqualTo(reason.code());
        opening.end();
        assertCounted(owner, 20);
    }

    @Test
    void nearALimitOfPortsTheyAreCountedOneByOneAndTheLimitIsExact() {
        Owner owner = bed.table.newOwner(1000, 20);
        begin(owner, BatchOpening.MAX_SIZE);
        assertThat(owner.ports()).isZero();
        assertTwentyAreOpenedAndTheNextIsRefused(owner, DropReason.PORT_LIMIT);
    }

    @Test
    void nearTheTablesCapacityNothingIsCountedAhead() {
        int full = CAPACITY - BatchOpening.MAX_SIZE;
        for (int i = 0; i < full; i++) {
            assertThat(bed.udp(TestTable.host(100 + i), PORT, TestTable.SERVER)).isNotNegative();
        }
        begin(bed.owner, BatchOpening.MAX_SIZE);
        assertThat(bed.table.count()).isEqualTo(full);
    }

    @Test
    void anOwnerThatIsGoingIsGivenNothing() {
        bed.owner.retire();
        begin(bed.owner, 10);
        assertThat(bed.owner.hasAny()).isFalse();
        assertThat(open(bed.owner, 1)).isEqualTo(DropReason.FLOW_LIMIT.code());
        opening.end();
        assertCounted(bed.owner, 0);
    }

    @Test
    void anOwnerIsThereForAsLongAsABatchOfItsIs() {
        begin(bed.owner, 10);
        bed.owner.retire();
        assertThat(bed.owner.hasAny()).isTrue();
        opening.end();
        assertThat(bed.owner.hasAny()).isFalse();
    }

    @Test
    void bothFamiliesInOneBatch() throws IOException {
        bed.table.enableIpv6();
        OutsideAddress[] pool6 = {bed.table.newOutside(TestTable.ipv6Outside(), TestTable.OUTSIDE_REALM)};
        opening.begin(bed.owner);
        for (int i = 0; i < 8; i++) {
            opening.add(TestTable.ipv6(Protocol.TCP, i, 2000, 3, 443, TestTable.INSIDE_REALM), pool6, TestTable.OUTSIDE_REALM);
        }
        opening.add(TestTable.tuple(Protocol.UDP, TestTable.host(1), PORT, TestTable.SERVER, 53, TestTable.INSIDE_REALM),
                bed.pool, TestTable.OUTSIDE_REALM);
        opening.touch();
        assertThat(open(bed.owner, 1)).isNotNegative();
        opening.end();
        assertCounted(bed.owner, 1);
    }
}
