package io.footbridge.fdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ForwardingTableTest {
    private static final long A = ForwardingTable.key(0, 0x02_00_00_00_00_01L);
    private static final long B = ForwardingTable.key(0, 0x02_00_00_00_00_02L);
    private static final int NONE = ForwardingTable.NONE;

    private final ForwardingTable table = Tables.of(FdbSettings.of(1024, 16));
    private int now = Integer.MAX_VALUE - 1000;

    @Test
    void aSourceIsLearnedAndFound() {
        assertThat(table.lookup(A, now)).isEqualTo(NONE);
        assertThat(table.learn(A, 3, now)).isEqualTo(LearnOutcome.LEARNED);
        assertThat(table.lookup(A, now)).isEqualTo(3);
        assertThat(table.lookup(B, now)).isEqualTo(NONE);
        assertThat(table.size()).isEqualTo(1);
        assertThat(table.learned(3)).isEqualTo(1);
    }

    @Test
    void twoPassesFindWhatOneFinds() {
        table.learn(A, table.touch(A), 3, now);
        assertThat(table.lookup(A, table.touch(A), now)).isEqualTo(3);
        assertThat(table.lookup(B, table.touch(B), now)).isEqualTo(NONE);
    }

    @Test
    void theSameMacInAnotherVlanIsAnotherStation() {
        table.learn(ForwardingTable.key(1, 0x02_00_00_00_00_01L), 1, now);
        table.learn(ForwardingTable.key(2, 0x02_00_00_00_00_01L), 2, now);
        assertThat(table.lookup(ForwardingTable.key(1, 0x02_00_00_00_00_01L), now)).isEqualTo(1);
        assertThat(table.lookup(ForwardingTable.key(2, 0x02_00_00_00_00_01L), now)).isEqualTo(2);
        assertThat(table.lookup(A, now)).isEqualTo(NONE);
    }

    @Test
    void aStationMovesToThePortItIsSeenOn() {
        table.learn(A, 3, now);
        assertThat(table.learn(A, 4, now)).isEqualTo(LearnOutcome.MOVED);
        assertThat(table.lookup(A, now)).isEqualTo(4);
        assertThat(table.learned(3)).isZero();
        assertThat(table.learned(4)).isEqualTo(1);
        assertThat(table.learn(A, 4, now)).isEqualTo(LearnOutcome.REFRESHED);
    }

    @Test
    void multicastAndZeroAreNeitherLearnedNorAdded() {
        for (long key : new long[] {0, ForwardingTable.key(7, 0), ForwardingTable.key(0, 0xFF_FF_FF_FF_FF_FFL),
                ForwardingTable.key(0, 0x01_00_5E_00_00_01L), ForwardingTable.key(0, 0x33_33_00_00_00_01L)}) {
            assertThat(table.learn(key, 1, now)).isEqualTo(LearnOutcome.REFUSED_ADDRESS);
            assertThat(table.add(key, 1, EntryKind.STATIC, false, now)).isEqualTo(AddOutcome.BAD_ADDRESS);
            assertThat(table.lookup(key, now)).isEqualTo(NONE);
            assertThat(table.remove(key)).isFalse();
        }
        assertThat(table.size()).isZero();
    }

    @Test
    void anEntryExpiresWhenItsAddressWasNotSeenForTheAgeingTime() {
        table.learn(A, 3, now);
        now += FdbSettings.DEFAULT_AGEING - 1;
        assertThat(table.lookup(A, now)).isEqualTo(3);
        now++;
        assertThat(table.lookup(A, now)).isEqualTo(NONE);
        assertThat(table.entry(A, now)).isEmpty();
        assertThat(table.size()).isEqualTo(1);
        assertThat(table.sweep(now, Integer.MAX_VALUE)).isEqualTo(1);
        assertThat(table.size()).isZero();
        assertThat(table.learned(3)).isZero();
    }

    @Test
    void beingSeenAsASourceRefreshesAndBeingLookedUpDoesNot() {
        table.learn(A, 3, now);
        table.learn(B, 3, now);
        now += 2000;
        table.lookup(A, now);
        assertThat(table.learn(B, 3, now)).isEqualTo(LearnOutcome.REFRESHED);
        now += 2000;
        assertThat(table.lookup(A, now)).isEqualTo(NONE);
        assertThat(table.lookup(B, now)).isEqualTo(3);
    }

    @Test
    void aThreadWhoseClockLagsDoesNotMakeAnEntryOlder() {
        table.learn(A, 3, now);
        assertThat(table.learn(A, 3, now - 5)).isEqualTo(LearnOutcome.REFRESHED);
        assertThat(table.entry(A, now).orElseThrow().age()).isZero();
        assertThat(table.lookup(A, now - 5)).isEqualTo(3);
    }

    @Test
    void anExpiredEntryIsLearnedAnewOnAnyPort() {
        table.learn(A, 3, now);
        now += FdbSettings.DEFAULT_AGEING;
        assertThat(table.learn(A, 4, now)).isEqualTo(LearnOutcome.LEARNED);
        assertThat(table.lookup(A, now)).isEqualTo(4);
        assertThat(table.size()).isEqualTo(1);
        assertThat(table.learned(3)).isZero();
    }

    @Test
    void withAgeingZeroWhatIsLearnedIsAbsentAtOnceAndWhatIsMadeByHandStays() {
        table.learn(A, 3, now);
        table.add(B, 4, EntryKind.STATIC, false, now);
        table.ageing(0);
        assertThat(table.lookup(A, now)).isEqualTo(NONE);
        assertThat(table.learn(A, 3, now)).isEqualTo(LearnOutcome.LEARNED);
        assertThat(table.lookup(A, now)).isEqualTo(NONE);
        assertThat(table.lookup(B, now)).isEqualTo(4);
        assertThat(table.sweep(now, Integer.MAX_VALUE)).isEqualTo(1);
        assertThat(table.size()).isEqualTo(1);
    }

    @Test
    void aLongerAgeingTimeHoldsForEntriesThatAreThere() {
        table.learn(A, 3, now);
        now += FdbSettings.DEFAULT_AGEING;
        assertThat(table.lookup(A, now)).isEqualTo(NONE);
        table.ageing(2 * FdbSettings.DEFAULT_AGEING);
        assertThat(table.lookup(A, now)).isEqualTo(3);
        assertThatIllegalArgumentException().isThrownBy(() -> table.ageing(-1));
    }

    @Test
    void aStaticEntryNeverAgesButMoves() {
        assertThat(table.add(A, 3, EntryKind.STATIC, false, now)).isEqualTo(AddOutcome.ADDED);
        now += 10 * FdbSettings.DEFAULT_AGEING;
        assertThat(table.lookup(A, now)).isEqualTo(3);
        assertThat(table.learn(A, 4, now)).isEqualTo(LearnOutcome.MOVED);
        assertThat(table.entry(A, now)).contains(new ForwardingEntry(0, 0x02_00_00_00_00_01L, 4, EntryKind.STATIC, false, 0));
        assertThat(table.learned(4)).isZero();
        table.sweep(now, Integer.MAX_VALUE);
        assertThat(table.lookup(A, now)).isEqualTo(4);
    }

    @Test
    void aStickyEntryStaysOnItsPort() {
        table.add(A, 3, EntryKind.STATIC, true, now);
        assertThat(table.learn(A, 4, now)).isEqualTo(LearnOutcome.REFUSED_STICKY);
        assertThat(table.learn(A, 3, now)).isEqualTo(LearnOutcome.REFRESHED);
        assertThat(table.lookup(A, now)).isEqualTo(3);
    }

    @Test
    void aPermanentEntryIsNeverLearnedOver() {
        table.add(A, 3, EntryKind.PERMANENT, false, now);
        assertThat(table.learn(A, 4, now)).isEqualTo(LearnOutcome.REFUSED_PERMANENT);
        assertThat(table.learn(A, 3, now)).isEqualTo(LearnOutcome.REFRESHED);
        assertThat(table.lookup(A, now)).isEqualTo(3);
    }

    @Test
    void anEntryMadeByHandTakesTheLearnedOnesPlaceButNotAnotherOnes() {
        table.learn(A, 3, now);
        assertThat(table.add(A, 4, EntryKind.PERMANENT, false, now)).isEqualTo(AddOutcome.REPLACED);
        assertThat(table.learned(3)).isZero();
        assertThat(table.add(A, 5, EntryKind.STATIC, false, now)).isEqualTo(AddOutcome.EXISTS);
        assertThat(table.lookup(A, now)).isEqualTo(4);
        assertThat(table.replace(A, 5, EntryKind.DYNAMIC, false, now)).isEqualTo(AddOutcome.REPLACED);
        assertThat(table.lookup(A, now)).isEqualTo(5);
        assertThat(table.learned(5)).isEqualTo(1);
        assertThat(table.size()).isEqualTo(1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> table.add(B, 16, EntryKind.STATIC, false, now))
                .withMessage("forwarding table: port 16 is not between 0 and 15");
    }

    @Test
    void whatIsRemovedIsGoneOnce() {
        table.add(A, 3, EntryKind.PERMANENT, true, now);
        assertThat(table.remove(A)).isTrue();
        assertThat(table.remove(A)).isFalse();
        assertThat(table.lookup(A, now)).isEqualTo(NONE);
        assertThat(table.size()).isZero();
    }

    @Test
    void aFlushSparesPermanentEntriesAndAVanishedPortKeepsNone() {
        table.learn(A, 3, now);
        table.add(B, 3, EntryKind.PERMANENT, false, now);
        table.add(Tables.station(1), 3, EntryKind.STATIC, true, now);
        table.learn(Tables.station(2), 4, now);
        assertThat(table.flush(3)).isEqualTo(2);
        assertThat(table.lookup(B, now)).isEqualTo(3);
        assertThat(table.lookup(Tables.station(2), now)).isEqualTo(4);
        assertThat(table.removePort(3)).isEqualTo(1);
        assertThat(table.lookup(B, now)).isEqualTo(NONE);
        table.add(A, 5, EntryKind.STATIC, false, now);
        assertThat(table.flushDynamic()).isEqualTo(1);
        assertThat(table.lookup(A, now)).isEqualTo(5);
        assertThat(table.size()).isEqualTo(1);
    }

    @Test
    void aListingShowsWhatHasNotExpired() {
        table.learn(A, 3, now);
        table.add(B, 4, EntryKind.STATIC, true, now);
        now += FdbSettings.DEFAULT_AGEING;
        table.learn(ForwardingTable.key(9, 0x02_00_00_00_00_03L), 5, now - 7);
        List<ForwardingEntry> shown = new ArrayList<>();
        table.forEach(now, shown::add);
        assertThat(shown).containsExactlyInAnyOrder(
                new ForwardingEntry(0, 0x02_00_00_00_00_02L, 4, EntryKind.STATIC, true, FdbSettings.DEFAULT_AGEING),
                new ForwardingEntry(9, 0x02_00_00_00_00_03L, 5, EntryKind.DYNAMIC, false, 7));
    }

    @Test
    void aSweepVisitsNoMoreThanItsBudgetAndComesAround() {
        for (int n = 0; n < 32; n++) {
            table.learn(Tables.station(n), n % 16, now);
        }
        now += FdbSettings.DEFAULT_AGEING;
        int slots = 1024 * 3 / 2;
        int removed = 0;
        for (int visited = 0; visited < slots; visited += 8) {
            int now8 = table.sweep(now, 8);
            assertThat(now8).isLessThanOrEqualTo(8);
            removed += now8;
        }
        assertThat(removed).isEqualTo(32);
        assertThat(table.size()).isZero();
        table.learn(A, 1, now - FdbSettings.DEFAULT_AGEING);
        assertThat(table.sweep(now, Integer.MAX_VALUE)).isEqualTo(1);
    }

    @Test
    void aSegmentTooShortOrUnalignedIsRefused() {
        FdbSettings settings = FdbSettings.of(256, 1);
        MemorySegment segment = Arena.ofAuto().allocate(settings.bytes() + 64, 64);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ForwardingTable(segment.asSlice(0, settings.bytes() - 1), settings, 0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ForwardingTable(segment.asSlice(8), settings, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> FdbSettings.of(255, 1))
                .withMessage("forwarding table: capacity 255 is not between 256 and 268435456");
    }
}
