package io.footbridge.nat;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.wire.Ipv6Address;
import io.footbridge.wire.Protocol;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A batch's flows are those that its packets have one by one. */
class BatchLookupTest {
    private static final int SIZE = 32;
    private static final long HIGH = Ipv6Address.parse("2001:db8::").high();

    private final TestTable bed;
    private final BatchLookup batch;
    private final Lookup[] lookups = new Lookup[SIZE];

    BatchLookupTest() throws IOException {
        bed = new TestTable(4096);
        bed.table.enableIpv6();
        batch = new BatchLookup(bed.table, TestTable.LANE, SIZE);
        Arrays.setAll(lookups, i -> new Lookup());
    }

    @AfterEach
    void close() {
        bed.close();
    }

    private static Tuple ipv6(int port) {
        Tuple tuple = new Tuple();
        tuple.source(HIGH, 1, port);
        tuple.destination(HIGH, 2, 53);
        tuple.protocol(Protocol.UDP, true);
        tuple.realm(TestTable.INSIDE_REALM);
        return tuple;
    }

    private int openIpv6(int port) {
        bed.request.original().set(ipv6(port));
        bed.request.translated().set(ipv6(port));
        bed.request.translated().realm(TestTable.OUTSIDE_REALM);
        bed.request.set(bed.owner, null, null, true, 0);
        return bed.table.open(TestTable.LANE, bed.request, bed.now);
    }

    @Test
    void bothFamiliesRepliesAndStrangersInOneBatch() {
        int[] expected = new int[SIZE];
        for (int i = 0; i < SIZE; i++) {
            int flow = i % 4 == 3 ? openIpv6(1000 + i) : bed.udp(TestTable.host(i), 1000, TestTable.SERVER);
            boolean stranger = i % 5 == 0;
            expected[i] = stranger ? ConnectionTable.NONE : i % 4 == 1 ? ConnectionTable.reverse(flow) : flow;
            lookups[i].tuple().set(i % 4 == 3 ? ipv6(stranger ? 1 : 1000 + i) : i % 4 == 1 && !stranger ? bed.replyOf(flow)
                    : TestTable.tuple(Protocol.UDP, TestTable.host(i), stranger ? 1001 : 1000, TestTable.SERVER, 53,
                            TestTable.INSIDE_REALM));
        }
        assertThat(find(SIZE)).isFalse();
        assertThat(lookups).extracting(Lookup::flow).containsExactly(Arrays.stream(expected).boxed().toArray(Integer[]::new));
        assertThat(lookups).allMatch(lookup -> lookup.hash() == bed.table.hash(lookup.tuple()));
    }

    @Test
    void whetherAllHaveAFlowIsTold() {
        int flow = bed.udp(TestTable.host(1), 1000, TestTable.SERVER);
        lookups[7].tuple().set(
                TestTable.tuple(Protocol.UDP, TestTable.host(1), 1000, TestTable.SERVER, 53, TestTable.INSIDE_REALM));
        batch.begin();
        batch.add(lookups[7]);
        assertThat(batch.find(bed.now)).isTrue();
        assertThat(lookups[7].flow()).isEqualTo(flow);
    }

    @Test
    void sessionsThatAreGoneOrExpiredAreNotFoundThoughTheTableIsCrowded() {
        Tuple[] all = new Tuple[3000];
        for (int i = 0; i < all.length; i++) {
            bed.udp(TestTable.host(i), 2000, TestTable.SERVER);
            all[i] = TestTable.tuple(Protocol.UDP, TestTable.host(i), 2000, TestTable.SERVER, 53, TestTable.INSIDE_REALM);
        }
        assertThat(found(all)).isEqualTo(foundOneByOne(all)).isGreaterThan(2000);
        bed.table.flush(flow -> flow.original().source().toString().endsWith("7"));
        assertThat(found(all)).isEqualTo(foundOneByOne(all)).isLessThan(all.length - 200);
        bed.seconds(Timeouts.DEFAULT.udpUnreplied() + 1);
        assertThat(found(all)).isZero();
    }

    private boolean find(int count) {
        batch.begin();
        for (int i = 0; i < count; i++) {
            batch.add(lookups[i]);
        }
        return batch.find(bed.now);
    }

    private int foundOneByOne(Tuple[] all) {
        return (int) Arrays.stream(all).filter(tuple -> bed.find(tuple) != ConnectionTable.NONE).count();
    }

    private int found(Tuple[] all) {
        int found = 0;
        for (int start = 0; start < all.length; start += SIZE) {
            int count = Math.min(SIZE, all.length - start);
            for (int i = 0; i < count; i++) {
                lookups[i].tuple().set(all[start + i]);
            }
            find(count);
            for (int i = 0; i < count; i++) {
                found += lookups[i].flow() == ConnectionTable.NONE ? 0 : 1;
            }
            bed.pass();
        }
        return found;
    }
}
