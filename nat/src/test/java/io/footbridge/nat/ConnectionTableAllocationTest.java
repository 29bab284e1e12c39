package io.footbridge.nat;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.wire.Protocol;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

class ConnectionTableAllocationTest {
    private static final int WARM_UP = 150_000;
    private static final int WINDOW = 2_000;
    private static final int WINDOWS = 5;

    private final Tuple tuple = new Tuple();
    private final int[] flows = new int[1];
    private final Lookup lookup = new Lookup();
    private BatchLookup batch;
    private final Tuple into = new Tuple();
    private int step;
    private long sum;

    /** A late compilation may dirty one window; code that allocates dirties all. */
    @Test
    void theFramePathAllocatesNothing() throws Exception {
        try (TestTable bed = new TestTable(NatSettings.MIN_CAPACITY)) {
            bed.table.enableAddressFiltering();
            bed.table.enableWindowCheck();
            run(bed, WARM_UP);
            var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
            long least = Long.MAX_VALUE;
            for (int window = 0; window < WINDOWS; window++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                run(bed, WINDOW);
                least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
            }
            assertThat(least).isZero();
            assertThat(sum).isNotZero();
            NatStatistics statistics = bed.table.statistics();
            assertThat(statistics.opened()).isGreaterThan(10_000);
            assertThat(statistics.expired()).isPositive();
            assertThat(statistics.evicted()).isPositive();
        }
    }

    /** New flows, known ones, expired ones, evicted and removed ones. */
    private void run(TestTable bed, int steps) {
        ConnectionTable table = bed.table;
        if (batch == null) {
            batch = new BatchLookup(table, TestTable.LANE, 1);
        }
        for (int end = step + steps; step < end; step++) {
            // Many flows fill the table, few come again when they have expired.
            boolean many = (step & 1024) != 0;
            bed.now = step * 2;
            int host = TestTable.host(2 + (step & 7));
            int port = 2000 + step * 31 % (many ? 4000 : 50);
            TestTable.set(tuple, Protocol.UDP, host, port, TestTable.SERVER, 53, TestTable.INSIDE_REALM);
            lookup.tuple().set(tuple);
            batch.begin();
            batch.add(lookup);
            batch.find(bed.now);
            int flow = lookup.flow();
            if (flow == ConnectionTable.NONE) {
                flow = bed.udp(host, port, TestTable.SERVER);
            }
            if (flow >= 0) {
                table.seen(flow, 100, bed.now);
                table.translated(flow, into);
                sum += into.sourcePort() + table.addressDelta(flow) + table.portDelta(flow) + table.owner(flow).flows();
                table.inside(bed.outside, Protocol.UDP, into.sourcePort(), tuple);
                sum += table.hasSentTo(bed.outside, Protocol.UDP, into.sourcePort(), 0, tuple.sourceLow(), bed.now) ? 1 : 0;
            }
            if ((step & 31) == 0 && flow >= 0) {
                table.remove(TestTable.LANE, flow);
            }
            if ((step & 15) == 0) {
                bed.pass();
            }
        }
    }
}
