package io.footbridge.fdb;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class EntryTest {
    @Test
    void fourEntriesOfSixteenBytesFillACacheLine() {
        assertThat(Entry.BYTES).isEqualTo(16);
        assertThat(Entry.LINE).isEqualTo(64).isEqualTo(4 * Entry.BYTES);
        assertThat(Entry.KEY).isZero();
        assertThat(Entry.VALUE).isEqualTo(8);
    }

    @Test
    void theKeyWordHoldsMacVlanReachAndClaim() {
        long key = ForwardingTable.key(0xABC, 0x02_42_AC_11_00_02L);
        assertThat(key).isEqualTo(0x0ABC_0242_AC11_0002L);
        assertThat(Entry.KEY_BITS).isEqualTo(0x0FFF_FFFF_FFFF_FFFFL);
        assertThat(Entry.REACH_BITS).isEqualTo(0x7000_0000_0000_0000L);
        assertThat(Entry.CLAIMED).isEqualTo(0x8000_0000_0000_0000L);
        assertThat(Entry.reachCode(0xDABC_0242_AC11_0002L)).isEqualTo(5);
        assertThat(Entry.reach(0xDABC_0242_AC11_0002L)).isEqualTo(16);
        assertThat(Entry.withReach(0xDABC_0242_AC11_0002L, 3)).isEqualTo(0xBABC_0242_AC11_0002L);
    }

    @Test
    void aReachCoversItsDistanceAndNotTwiceAsMuch() {
        assertThat(Entry.reach(Entry.withReach(-1, 0))).isZero();
        for (int distance = 1; distance <= Entry.MAX_REACH; distance++) {
            assertThat(Entry.reach(Entry.withReach(-1, distance))).isBetween(distance, Math.max(1, 2 * distance - 2));
            assertThat(Entry.withReach(-1, distance) | Entry.REACH_BITS).isEqualTo(-1);
        }
    }

    @Test
    void theValueWordHoldsTickPortKindStickyAndLife() {
        assertThat(Entry.alive(0, 0x1234, Entry.PERMANENT, true, 0x89AB_CDEF)).isEqualTo(0x000F_1234_89AB_CDEFL);
        assertThat(Entry.alive(0, 0xFFFF, Entry.DYNAMIC, false, -1)).isEqualTo(0x0009_FFFF_FFFF_FFFFL);
        assertThat(Entry.dead(0x000F_1234_89AB_CDEFL)).isEqualTo(0x0008_0000_0000_0000L);
    }

    /** Not by way of the accessors: the bytes themselves. */
    @Test
    void anEntryStandsInTheSegmentAsDescribed() {
        FdbSettings settings = FdbSettings.of(256, 4);
        MemorySegment segment = Arena.ofAuto().allocate(settings.bytes(), 64);
        ForwardingTable table = new ForwardingTable(segment, settings, 1);
        long key = ForwardingTable.key(5, 0x02_42_AC_11_00_02L);
        table.add(key, 3, EntryKind.STATIC, true, 77);
        long slot = table.touch(key);
        assertThat(segment.get(ValueLayout.JAVA_LONG, slot)).isEqualTo(0x0005_0242_AC11_0002L);
        assertThat(segment.get(ValueLayout.JAVA_LONG, slot + 8)).isEqualTo(0x000E_0003_0000_004DL);
    }

    @Property
    void whatIsPutInIsReadBack(@ForAll @IntRange(max = 0xFFFF) int port, @ForAll @IntRange(min = 1, max = 3) int kind,
            @ForAll boolean sticky, @ForAll int tick, @ForAll long before) {
        long value = Entry.alive(before, port, kind, sticky, tick);
        assertThat(Entry.port(value)).isEqualTo(port);
        assertThat(Entry.kind(value)).isEqualTo(kind);
        assertThat(Entry.isSticky(value)).isEqualTo(sticky);
        assertThat(Entry.tick(value)).isEqualTo(tick);
        assertThat(Entry.life(value)).isEqualTo((Entry.life(before) + 1) % 8192);
        assertThat(Entry.isAlive(value)).isTrue();
        assertThat(Entry.isAlive(Entry.dead(value))).isFalse();
        assertThat(Entry.sameLife(value, Entry.dead(value))).isTrue();
        assertThat(Entry.sameLife(value, before)).isFalse();
        assertThat(Entry.withTick(Entry.withPort(value, 9), 8)).isEqualTo(Entry.with(value, 9, kind, sticky, 8));
    }

    @Property
    void onlyDynamicEntriesExpireAndTicksMayWrap(@ForAll int tick, @ForAll @IntRange(max = 100_000) int age) {
        int now = tick + age;
        assertThat(Entry.isExpired(Entry.alive(0, 1, Entry.DYNAMIC, false, tick), now, 3000)).isEqualTo(age >= 3000);
        assertThat(Entry.isExpired(Entry.alive(0, 1, Entry.DYNAMIC, false, now), tick, 3000)).isFalse();
        assertThat(Entry.isExpired(Entry.alive(0, 1, Entry.STATIC, false, tick), now, 0)).isFalse();
        assertThat(Entry.isExpired(Entry.alive(0, 1, Entry.PERMANENT, false, tick), now, 0)).isFalse();
        assertThat(Entry.isExpired(0, now, 0)).isFalse();
    }
}
