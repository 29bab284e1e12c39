package io.footbridge.nat;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.wire.DropReason;
import io.footbridge.wire.Fragment;
import io.footbridge.wire.Frame;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterProperty;
import net.jqwik.api.lifecycle.BeforeProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FragmentTableTest {
    private static final long REFUSED = DropReason.FRAGMENT.code();
    private static final long PORTS = 40000L << 16 | 53;
    private static final int UDP = 17;

    private FragmentTable table;
    private MemorySegment memory;
    private int length;
    private int realm = 3;
    private int now = 1000;

    @BeforeEach
    @BeforeProperty
    void open() throws IOException {
        table = new FragmentTable(0x1234_5678_9ABC_DEF0L);
    }

    @AfterEach
    @AfterProperty
    void close() {
        table.close();
    }

    private static Packet udp(int id) {
        Packet packet = Packet.ipv4(UDP).to(Packet.OUTSIDE, 53);
        packet.identification = id;
        return packet;
    }

    /** A fragment of so many bytes behind the IP header, at so many. */
    private static Packet part(int id, int from, int bytes, boolean more) {
        return udp(id).payload(from == 0 ? bytes - 8 : bytes).fragment(from, more);
    }

    private long accept(Packet packet) {
        memory = packet.build();
        return accept(memory);
    }

    private long accept(MemorySegment frame) {
        length = (int) frame.byteSize() - 10;
        long parsed = Frame.parse(frame, 10, length);
        assertThat(parsed).isPositive();
        assertThat(Frame.fragment(parsed)).isNotEqualTo(Fragment.WHOLE);
        return table.accept(frame, 0, 10, length, parsed, realm, now);
    }

    /** What is given back, accepted again, as hexadecimal digits of whole frames. */
    private List<byte[]> released() {
        List<byte[]> frames = new ArrayList<>();
        MemorySegment room = MemorySegment.ofArray(new byte[20_000]);
        int bytes;
        while ((bytes = table.release(room, 10)) > 0) {
            byte[] frame = Arrays.copyOf(Packet.content(room), 10 + bytes);
            if (accept(MemorySegment.ofArray(frame)) >= 0) {
                frames.add(frame);
            }
        }
        return frames;
    }

    @Test
    void laterFragmentsGetTheFirstOnesPorts() {
        assertThat(accept(part(1, 0, 1480, true))).isEqualTo(PORTS);
        assertThat(accept(part(1, 1480, 1480, true))).isEqualTo(PORTS);
        assertThat(accept(part(1, 2960, 17, false))).isEqualTo(PORTS);
        assertThat(released()).isEmpty();
        assertThat(table.expired(now + 1000)).isZero();
    }

    @Test
    void fragmentsThatComeBeforeTheFirstWaitForIt() {
        Packet last = part(1, 2960, 17, false);
        Packet second = part(1, 1480, 1480, true);
        assertThat(accept(last)).isEqualTo(FragmentTable.HELD);
        assertThat(released()).isEmpty();
        assertThat(accept(second)).isEqualTo(FragmentTable.HELD);
        assertThat(accept(part(1, 0, 1480, true))).isEqualTo(PORTS);
        List<byte[]> frames = released();
        assertThat(frames).hasSize(2);
        assertThat(frames.get(0)).isEqualTo(Packet.content(last.build()));
        assertThat(frames.get(1)).isEqualTo(Packet.content(second.build()));
        assertThat(table.expired(now + 1000)).isZero();
    }

    @Test
    void queriesAndOtherProtocolsHaveTheirPortsToo() {
        Packet query = Packet.ipv4(1).from(Packet.INSIDE, 0xFEDC).fragment(0, true);
        assertThat(accept(query)).isEqualTo(0xFEDC_0008L);
        assertThat(table.protocol()).isEqualTo(1);
        assertThat(accept(Packet.ipv4(47).payload(64).fragment(0, true))).isZero();
        assertThat(accept(Packet.ipv4(47).payload(64).fragment(64, false))).isZero();
        assertThat(accept(Packet.ipv6(17).from(Packet.INSIDE6, 9).to(Packet.OUTSIDE6, 65535).payload(8).fragment(0, true)))
                .isEqualTo(0x9_FFFFL);
        assertThat(accept(Packet.ipv6(17).payload(8).fragment(16, false))).isEqualTo(0x9_FFFFL);
    }

    @Test
    void aLaterIpv6FragmentIsOfTheFirstOnesProtocolWhateverItsHeaderSays() {
        // Destination options stand in the first fragment, behind the fragment header.
        byte[] first = new byte[40];
        Packet.put(first, 0, "1100010400000000" + "9c4000350100" + "0000");
        assertThat(accept(Packet.ipv6(60).payload(first).fragment(0, true))).isEqualTo(PORTS);
        assertThat(table.protocol()).isEqualTo(UDP);
        assertThat(accept(Packet.ipv6(60).payload(8).fragment(40, false))).isEqualTo(PORTS);
        assertThat(table.protocol()).isEqualTo(UDP);
    }

    @Test
    void allFragmentsOfAPacketGetOneIdentificationAndEachPacketAnother() {
        Set<Integer> seen = new HashSet<>();
        for (int id = 0; id < 200; id++) {
            accept(part(id, 0, 16, true));
            int given = table.identification();
            assertThat(given).isBetween(0, 65_535);
            assertThat(seen.add(given)).isTrue();
            assertThat(seen.add(table.freshIdentification())).isTrue();
            accept(part(id, 16, 16, true));
            assertThat(table.identification()).isEqualTo(given);
            accept(part(id, 32, 16, false));
            assertThat(table.identification()).isEqualTo(given);
        }
    }

    @Test
    void packetsAreToldApartByAllThatTheirFragmentsShare() {
        accept(part(1, 0, 16, true));
        assertThat(accept(part(2, 16, 16, true))).isEqualTo(FragmentTable.HELD);
        assertThat(accept(part(1, 16, 16, true).from(Packet.UPLINK, 0))).isEqualTo(FragmentTable.HELD);
        assertThat(accept(part(1, 16, 16, true).to(Packet.UPLINK, 0))).isEqualTo(FragmentTable.HELD);
        Packet other = part(1, 16, 16, true);
        other.protocol = 132;
        assertThat(accept(other)).isEqualTo(FragmentTable.HELD);
        realm = 4;
        assertThat(accept(part(1, 16, 16, true))).isEqualTo(FragmentTable.HELD);
        realm = 3;
        assertThat(accept(part(1, 16, 16, true))).isEqualTo(PORTS);
    }

    @Test
    void anOverlapPoisonsThePacket() {
        int[][] overlaps = {{0, 48}, {8, 16}, {24, 16}, {40, 16}, {0, 16}, {16, 48}, {24, 8}, {48, 24}};
        for (int[] overlap : overlaps) {
            int id = overlap[0] << 8 | overlap[1];
            assertThat(accept(part(id, 0, 24, true))).isEqualTo(PORTS);
            assertThat(accept(part(id, 24, 24, true))).isEqualTo(PORTS);
            assertThat(accept(part(id, 64, 16, true))).isEqualTo(PORTS);
            assertThat(accept(part(id, overlap[0], overlap[1], true))).as(Arrays.toString(overlap)).isEqualTo(REFUSED);
            assertThat(accept(part(id, 80, 16, false))).isEqualTo(REFUSED);
            assertThat(accept(part(id, 0, 24, true))).isEqualTo(REFUSED);
        }
    }

    @Test
    void aRepeatedFragmentIsRefusedAndDoesNoHarm() {
        accept(part(1, 0, 24, true));
        assertThat(accept(part(1, 0, 24, true))).isEqualTo(REFUSED);
        assertThat(accept(part(1, 48, 5, false))).isEqualTo(PORTS);
        assertThat(accept(part(1, 48, 5, false))).isEqualTo(REFUSED);
        assertThat(accept(part(1, 24, 24, true))).isEqualTo(PORTS);
    }

    @Test
    void repeatedFragmentsThatWereHeldDoNotKeepTheOthers() {
        accept(part(1, 24, 24, true));
        accept(part(1, 24, 24, true));
        accept(part(1, 48, 24, false));
        assertThat(accept(part(1, 0, 24, true))).isEqualTo(PORTS);
        assertThat(released()).hasSize(2);
        assertThat(table.expired(now + 1000)).isZero();
    }

    @Test
    void partsThatContradictEachOtherAboutTheEndPoisonThePacket() {
        int[][] pairs = {{48, 24, 0, 24, 24, 0}, {24, 24, 0, 48, 24, 1}, {24, 17, 0, 24, 18, 0}, {24, 24, 0, 24, 24, 1},
            {48, 24, 1, 24, 8, 0}, {24, 24, 1, 24, 24, 0}, {24, 8, 0, 32, 8, 0}};
        int id = 1;
        for (int[] pair : pairs) {
            accept(part(id, 0, 16, true));
            assertThat(accept(part(id, pair[0], pair[1], pair[2] == 1))).isEqualTo(PORTS);
            assertThat(accept(part(id, pair[3], pair[4], pair[5] == 1))).as(Arrays.toString(pair)).isEqualTo(REFUSED);
            assertThat(accept(part(id, 16, 8, true))).as(Arrays.toString(pair)).isEqualTo(REFUSED);
            id++;
        }
    }

    @Test
    void malformedFragmentsAreRefused() {
        assertThat(accept(part(1, 0, 23, true))).isEqualTo(REFUSED);
        assertThat(accept(part(2, 24, 7, true))).isEqualTo(REFUSED);
        assertThat(accept(part(3, 24, 0, false))).isEqualTo(REFUSED);
        assertThat(accept(part(4, 65_520, 100, false))).isEqualTo(REFUSED);
        Packet tiny = Packet.ipv4(6).payload(16).fragment(8, false);
        assertThat(accept(tiny)).isEqualTo(REFUSED);
        assertThat(accept(Packet.ipv6(6).payload(16).fragment(8, false))).isEqualTo(REFUSED);
        assertThat(accept(Packet.ipv6(17).payload(16).fragment(65_528, false))).isEqualTo(REFUSED);
        assertThat(accept(Packet.ipv6(17).payload(7).fragment(65_528, false))).isEqualTo(FragmentTable.HELD);
        assertThat(accept(part(5, 65_512, 3, false))).isEqualTo(FragmentTable.HELD);
        assertThat(accept(part(6, 65_512, 4, false))).isEqualTo(REFUSED);
    }

    @Test
    void anIdentificationMayComeAgainWhenItsPacketIsComplete() {
        for (int round = 0; round < 3; round++) {
            assertThat(accept(part(1, 0, 24, true))).isEqualTo(PORTS);
            assertThat(accept(part(1, 24, 24, false))).isEqualTo(PORTS);
        }
    }

    @Test
    void aPacketIsForgottenAfterTwoSecondsAndWhatItHeldIsCounted() {
        accept(part(1, 0, 24, true));
        accept(part(2, 24, 24, true));
        accept(part(2, 48, 24, true));
        now += 20;
        assertThat(table.expired(now)).isZero();
        assertThat(accept(part(1, 24, 24, true))).isEqualTo(PORTS);
        now += 2;
        assertThat(accept(part(1, 48, 24, true))).isEqualTo(FragmentTable.HELD);
        assertThat(table.expired(now)).isEqualTo(2);
        assertThat(table.expired(now)).isZero();
        assertThat(accept(part(2, 0, 24, true))).isEqualTo(PORTS);
        assertThat(released()).isEmpty();
    }

    @Test
    void onlySoManyFragmentsOfAPacketAndOfASourceAreHeld() {
        for (int i = 1; i <= 9; i++) {
            assertThat(accept(part(1, 24 * i, 24, true))).isEqualTo(i <= 8 ? FragmentTable.HELD : REFUSED);
        }
        for (int i = 1; i <= 9; i++) {
            assertThat(accept(part(100 + i, 24, 24, true))).isEqualTo(i <= 8 ? FragmentTable.HELD : REFUSED);
        }
        assertThat(accept(part(1, 24, 24, true).from(Packet.UPLINK, 0))).isEqualTo(FragmentTable.HELD);
    }

    @Test
    void whereAllSlotsAreTakenTheFragmentThatWaitedLongestGoes() {
        for (int i = 0; i < 65; i++) {
            assertThat(accept(part(i, 24, 24, false).from("0a00%04x".formatted(i), 0))).isEqualTo(FragmentTable.HELD);
        }
        assertThat(table.expired(now)).isOne();
        for (int i = 0; i < 65; i++) {
            assertThat(accept(part(i, 0, 24, true).from("0a00%04x".formatted(i), 40000))).isEqualTo(PORTS);
            assertThat(released()).hasSize(i == 0 ? 0 : 1);
        }
    }

    @Test
    void aFrameThatNoSlotTakesIsNotHeld() {
        int longest = HeldFragments.MAX_FRAME - 34;
        assertThat(accept(part(1, 24, longest, false))).isEqualTo(FragmentTable.HELD);
        assertThat(accept(part(2, 24, longest + 1, false))).isEqualTo(REFUSED);
        assertThat(accept(part(1, 0, 24, true))).isEqualTo(PORTS);
        assertThat(released()).hasSize(1);
    }

    @Test
    void aFloodOfOneSourceLeavesTheOthersTheirPackets() {
        for (int host = 0; host < 64; host++) {
            assertThat(accept(part(1, 0, 24, true).from("0a0000%02x".formatted(host), 40000))).isEqualTo(PORTS);
        }
        for (int id = 0; id < 20_000; id++) {
            assertThat(accept(part(id & 0xFFFF, id % 2 * 24, 24, true).from("0a000101", 7)))
                    .isIn((long) (7 << 16 | 53), FragmentTable.HELD, REFUSED);
        }
        for (int host = 0; host < 64; host++) {
            assertThat(accept(part(1, 24, 24, true).from("0a0000%02x".formatted(host), 0))).isEqualTo(PORTS);
        }
    }

    @Test
    void aSourceThatHasAllItMayHaveLosesItsOldestPacket() {
        for (int id = 0; id <= FragmentRecords.PER_SOURCE; id++) {
            now++;
            assertThat(accept(part(id, 0, 24, true))).isEqualTo(PORTS);
            now -= id % 2;
        }
        assertThat(accept(part(FragmentRecords.PER_SOURCE, 24, 24, true))).isEqualTo(PORTS);
        assertThat(accept(part(1, 24, 24, true))).isEqualTo(PORTS);
        assertThat(accept(part(0, 24, 24, true))).isEqualTo(FragmentTable.HELD);
    }

    @Property(tries = 500)
    void whateverTheirOrderAllFragmentsOfAPacketComeThroughOnce(@ForAll Random random, @ForAll boolean ipv6,
            @ForAll @IntRange(min = 2, max = 9) int count) {
        List<Packet> parts = new ArrayList<>();
        int from = 0;
        int id = random.nextInt(65_536);
        for (int i = 0; i < count; i++) {
            int bytes = 8 * (1 + random.nextInt(180));
            boolean more = i + 1 < count;
            Packet part = ipv6 ? Packet.ipv6(UDP).to(Packet.OUTSIDE6, 53) : udp(id);
            part.fragmentIdentification = id;
            parts.add(part.payload(from == 0 ? bytes - 8 : more ? bytes : bytes - random.nextInt(8)).fragment(from, more));
            from += bytes;
        }
        Collections.shuffle(parts, random);
        List<String> through = new ArrayList<>();
        Set<Integer> given = new HashSet<>();
        for (Packet part : parts) {
            long answer = accept(part);
            if (answer == FragmentTable.HELD) {
                continue;
            }
            assertThat(answer).isEqualTo(PORTS);
            given.add(table.identification());
            through.add(Arrays.toString(Packet.content(memory)));
            released().forEach(frame -> through.add(Arrays.toString(frame)));
        }
        assertThat(given).hasSize(1);
        assertThat(through).containsExactlyInAnyOrderElementsOf(
                parts.stream().map(part -> Arrays.toString(Packet.content(part.build()))).toList());
        assertThat(table.expired(now)).isZero();
    }

    @Test
    void noFragmentsThrowAndNoByteOfAPacketComesThroughTwice() {
        Random random = new Random(5);
        List<Set<Integer>> units = new ArrayList<>();
        for (int id = 0; id < 4; id++) {
            units.add(new HashSet<>());
        }
        int passed = 0;
        int refused = 0;
        for (int round = 0; round < 100_000; round++) {
            if (round % 20 == 0) {
                now += 50;
                units.forEach(Set::clear);
            }
            int id = random.nextInt(4);
            int from = 8 * random.nextInt(20);
            int bytes = random.nextInt(8) == 0 ? random.nextInt(60) : 8 * (1 + random.nextInt(6));
            // The last one ends far away, so that no packet is ever complete.
            boolean last = random.nextInt(12) == 0;
            Packet part = part(id, last ? 512 : from, from == 0 || last ? Math.max(8, bytes) : bytes, !last);
            long answer = accept(part);
            if (answer == REFUSED) {
                refused++;
            } else if (answer != FragmentTable.HELD) {
                passed++;
                noteUnits(units.get(id), Packet.content(memory));
            }
            for (byte[] frame : released()) {
                noteUnits(units.get(id), frame);
            }
        }
        assertThat(passed).isGreaterThan(4_000);
        assertThat(refused).isGreaterThan(10_000);
    }

    private static void noteUnits(Set<Integer> units, byte[] frame) {
        int field = Packet.word(frame, 10 + 14 + 6);
        int bytes = Packet.word(frame, 10 + 14 + 2) - 20;
        for (int unit = field & 0x1FFF; unit < (field & 0x1FFF) + (bytes + 7) / 8; unit++) {
            assertThat(units.add(unit)).isTrue();
        }
    }
}
