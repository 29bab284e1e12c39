package io.footbridge.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.memory.SeededHash;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv6Address;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class NeighboursTest {
    private static final long MAC = 0x0242_0a00_0000L;

    private final Neighbours one = table(Neighbours.WINDOW);

    private static Neighbours table(int records) {
        return new Neighbours(Arena.ofAuto().allocate(Neighbours.bytes(records), 64), records, new SeededHash(5));
    }

    private static Ipv4Address ipv4(int number) {
        return new Ipv4Address(0x0a00_0000 + number);
    }

    private static List<Long> macs(Neighbours table) {
        return table.list(0).stream().map(Neighbour::mac).sorted().toList();
    }

    @Test
    void whoIsHeardOfIsListedUntilForgotten() {
        one.heard(0x0a00_0001, MAC, 10);
        one.heard(0xfd00L << 48, 9, MAC + 1, 10);
        assertThat(one.list(10)).containsExactlyInAnyOrder(
                new Neighbour(ipv4(1), MAC, Neighbour.State.REACHABLE),
                new Neighbour(new Ipv6Address(0xfd00L << 48, 9), MAC + 1, Neighbour.State.REACHABLE));
        one.remove(ipv4(1));
        assertThat(macs(one)).containsExactly(MAC + 1);
        one.remove(ipv4(1));
        one.remove(new Ipv6Address(0xfd00L << 48, 9));
        assertThat(one.list(10)).isEmpty();
    }

    @Test
    void thirtySecondsAfterItIsStale() {
        one.heard(0x0a00_0001, MAC, 10);
        assertThat(one.list(310).getFirst().state()).isEqualTo(Neighbour.State.REACHABLE);
        assertThat(one.list(311).getFirst().state()).isEqualTo(Neighbour.State.STALE);
        one.heard(0x0a00_0001, MAC, 311);
        assertThat(one.list(311).getFirst().state()).isEqualTo(Neighbour.State.REACHABLE);
    }

    @Test
    void aNewMacTakesTheOldOnesPlace() {
        one.heard(0x0a00_0001, MAC, 10);
        one.heard(0x0a00_0001, MAC + 5, 10);
        assertThat(macs(one)).containsExactly(MAC + 5);
    }

    @Test
    void whenThereIsNoRoomTheOneHeardOfLongestAgoGivesWay() {
        for (int i = 0; i < Neighbours.WINDOW; i++) {
            one.heard(0x0a00_0000 + i, MAC + i, 100 + (i == 3 ? -50 : i));
        }
        one.heard(0x0a00_0063, MAC + 99, 200);
        assertThat(macs(one)).hasSize(Neighbours.WINDOW).doesNotContain(MAC + 3).contains(MAC + 99);
    }

    @Test
    void permanentOnesNeverGiveWayNorChange() {
        for (int i = 0; i < Neighbours.WINDOW; i++) {
            one.addPermanent(ipv4(i), MAC + i);
        }
        one.heard(0x0a00_0063, MAC + 99, 200);
        one.heard(0x0a00_0001, MAC + 98, 200);
        assertThat(macs(one)).isEqualTo(IntStream.range(0, Neighbours.WINDOW).mapToObj(i -> MAC + i).toList());
        assertThat(one.list(9999)).allMatch(line -> line.state() == Neighbour.State.PERMANENT);
        one.remove(ipv4(1));
        one.heard(0x0a00_0001, MAC + 98, 200);
        assertThat(macs(one)).contains(MAC + 98);
    }

    @Test
    void aPermanentOneTakesThePlaceOfOneThatWasHeardOf() {
        one.heard(0x0a00_0001, MAC, 10);
        one.addPermanent(ipv4(1), MAC + 7);
        one.addPermanent(ipv4(1), MAC + 8);
        assertThat(one.list(10)).containsExactly(new Neighbour(ipv4(1), MAC + 8, Neighbour.State.PERMANENT));
    }

    @Test
    void anIpv4AddressAndItsMappedFormAreTheSame() {
        one.heard(0x0a00_0001, MAC, 10);
        one.heard(0, 0xffff_0a00_0001L, MAC + 1, 10);
        assertThat(one.list(10)).extracting(Neighbour::address).containsExactly(ipv4(1));
    }

    @Test
    void whatIsSetByHandStandsHoweverManySpeakAtTheTime() throws InterruptedException {
        for (int round = 0; round < 300; round++) {
            Neighbours table = table(Neighbours.WINDOW);
            CountDownLatch start = new CountDownLatch(1);
            Thread chatty = Thread.ofPlatform().start(() -> {
                start.countDown();
                for (int i = 0; i < 400; i++) {
                    table.heard(0x0a00_0001, MAC + 66, i);
                    table.heard(0x0a00_0100 + i, MAC + 77, i);
                }
            });
            start.await();
            table.addPermanent(ipv4(1), MAC);
            chatty.join();
            assertThat(table.list(0)).as("round " + round).filteredOn(line -> line.address().equals(ipv4(1)))
                    .containsExactly(new Neighbour(ipv4(1), MAC, Neighbour.State.PERMANENT));
        }
    }
}
