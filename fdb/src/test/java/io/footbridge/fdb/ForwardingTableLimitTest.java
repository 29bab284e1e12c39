package io.footbridge.fdb;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ForwardingTableLimitTest {
    private static final int FLOODER = 0;
    private static final int NOW = 0;

    @Test
    void anEntryTakesAtMostTwentyFourBytesAtTheLimit() {
        for (int capacity : new int[] {256, 257, 1000, 8192, 1 << 20, 100_000_003}) {
            assertThat(FdbSettings.of(capacity, 1).bytes()).isBetween(23L * capacity, 24L * capacity);
        }
    }

    @Test
    void theTableHoldsAMillionEntriesAtItsLimit() {
        int capacity = 1 << 20;
        FdbSettings settings = FdbSettings.of(capacity, 2).withLearnLimit(capacity).withPortLimit(capacity);
        ForwardingTable table = Tables.of(settings);
        SplittableRandom random = new SplittableRandom(5);
        long[] keys = random.longs(capacity).map(key -> key & 0x0FFF_FEFF_FFFF_FFFFL).toArray();
        for (long key : keys) {
            assertThat(table.learn(key, 1, NOW)).isEqualTo(LearnOutcome.LEARNED);
        }
        assertThat(table.size()).isEqualTo(capacity);
        assertThat(table.learn(Tables.station(1), 1, NOW)).isEqualTo(LearnOutcome.REFUSED_LIMIT);
        assertThat(table.add(Tables.station(1), 1, EntryKind.STATIC, false, NOW)).isEqualTo(AddOutcome.FULL);
        for (long key : keys) {
            assertThat(table.lookup(key, NOW)).isEqualTo(1);
        }
    }

    @Test
    void mostEntriesStandInTheirHomeLineAtTheLimit() {
        int capacity = 1 << 16;
        FdbSettings settings = FdbSettings.of(capacity, 1);
        EntryStore store = new EntryStore(Arena.ofAuto().allocate(settings.bytes(), 64), Tables.SEED);
        int atHome = 0;
        for (int n = 0; n < capacity; n++) {
            long key = Tables.station(n);
            assertThat(store.insert(key, store.home(key), 0, Entry.DYNAMIC, false, NOW)).isEqualTo(EntryStore.INSERTED);
            if (store.find(key, store.home(key)) - store.home(key) < Entry.LINE) {
                atHome++;
            }
        }
        assertThat((double) atHome / capacity).isGreaterThan(0.85);
    }

    @Test
    void aFloodFromOnePortFillsThatPortsShareOnly() {
        FdbSettings settings = FdbSettings.of(8192, 8);
        ForwardingTable table = Tables.of(settings);
        for (int port = 1; port < 8; port++) {
            table.learn(Tables.station(port), port, NOW);
        }
        int learned = 0;
        for (int n = 100; n < 100_000; n++) {
            if (table.learn(Tables.station(n), FLOODER, NOW) == LearnOutcome.LEARNED) {
                learned++;
            }
        }
        assertThat(learned).isEqualTo(settings.portLimit()).isEqualTo((8192 - 512) / 16);
        assertThat(table.learned(FLOODER)).isEqualTo(learned);
        for (int port = 1; port < 8; port++) {
            assertThat(table.lookup(Tables.station(port), NOW)).isEqualTo(port);
            for (int n = 0; n < settings.portLimit() - 1; n++) {
                assertThat(table.learn(Tables.station(200_000 + port * 1000 + n), port, NOW))
                        .isEqualTo(LearnOutcome.LEARNED);
            }
        }
    }

    @Test
    void anAddressDoesNotMoveToAPortAtItsLimit() {
        ForwardingTable table = Tables.of(FdbSettings.of(256, 2));
        table.limit(FLOODER, 1);
        table.learn(Tables.station(1), 1, NOW);
        table.learn(Tables.station(2), FLOODER, NOW);
        assertThat(table.learn(Tables.station(1), FLOODER, NOW)).isEqualTo(LearnOutcome.REFUSED_LIMIT);
        assertThat(table.lookup(Tables.station(1), NOW)).isEqualTo(1);
        assertThat(table.learned(1)).isEqualTo(1);
        assertThat(table.learned(FLOODER)).isEqualTo(1);
    }

    @Test
    void aPortsLimitMayChangeAndTakesNothingAway() {
        ForwardingTable table = Tables.of(FdbSettings.of(256, 1));
        table.limit(0, 2);
        assertThat(table.limit(0)).isEqualTo(2);
        assertThat(table.learn(Tables.station(1), 0, NOW)).isEqualTo(LearnOutcome.LEARNED);
        assertThat(table.learn(Tables.station(2), 0, NOW)).isEqualTo(LearnOutcome.LEARNED);
        assertThat(table.learn(Tables.station(3), 0, NOW)).isEqualTo(LearnOutcome.REFUSED_LIMIT);
        table.limit(0, 0);
        assertThat(table.learn(Tables.station(2), 0, NOW)).isEqualTo(LearnOutcome.REFRESHED);
        assertThat(table.size()).isEqualTo(2);
        table.limit(0, 3);
        assertThat(table.learn(Tables.station(3), 0, NOW)).isEqualTo(LearnOutcome.LEARNED);
    }

    @Test
    void entriesMadeByHandFindRoomWhenNothingMoreIsLearned() {
        FdbSettings settings = FdbSettings.of(256, 1).withPortLimit(1000);
        ForwardingTable table = Tables.of(settings);
        int n = 0;
        while (table.learn(Tables.station(n), 0, NOW) == LearnOutcome.LEARNED) {
            n++;
        }
        assertThat(n).isEqualTo(settings.learnLimit()).isEqualTo(240);
        for (; n < 256; n++) {
            assertThat(table.add(Tables.station(n), 0, EntryKind.STATIC, false, NOW)).isEqualTo(AddOutcome.ADDED);
        }
        assertThat(table.add(Tables.station(n), 0, EntryKind.STATIC, false, NOW)).isEqualTo(AddOutcome.FULL);
        assertThat(table.size()).isEqualTo(256);
    }
}
