package io.footbridge.nat;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.memory.SeededHash;
import io.footbridge.memory.Words;
import io.footbridge.wire.Protocol;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What stands where in the records, and how much memory a flow takes. */
class ConnectionTableLayoutTest {
    private static final long RESERVED_LANES = 3;

    private final MemorySegment memory = Arena.ofAuto().allocate(4096, 64);

    @Test
    void aFlowTakesNoMoreThanItMay() {
        assertThat(bytesPerFlow(false)).isLessThanOrEqualTo(224);
        assertThat(bytesPerFlow(true)).isLessThanOrEqualTo(352);
    }

    /** Session and mapping, each with its share of an index, and of the records that lie ready beyond capacity. */
    private static double bytesPerFlow(boolean ipv6) {
        int capacity = NatSettings.DEFAULT.capacity();
        long records = SessionTable.records(capacity, (int) RESERVED_LANES);
        long bytes = records * SessionStore.stride(ipv6) + Index.buckets(2L * capacity) * Index.BUCKET
                + records * MappingStore.stride(ipv6) + Index.buckets(capacity) * Index.BUCKET;
        return (double) bytes / capacity;
    }

    @Test
    void aDirectionIsOneLineOrTwo() {
        assertThat(SessionStore.stride(false)).isEqualTo(2 * 64);
        assertThat(SessionStore.stride(true)).isEqualTo(2 * 128);
        assertThat(MappingStore.stride(false)).isEqualTo(32);
        assertThat(MappingStore.stride(true)).isEqualTo(40);
        assertThat(Remotes.RECORD).isEqualTo(32);
    }

    @Test
    void fieldsOfASessionFillItsLinesWithoutOverlap() {
        assertDisjoint(64, new int[][] {{SessionStore.PORTS, 8}, {SessionStore.TARGET, 8}, {SessionStore.TRANSLATED_PORTS, 4},
            {SessionStore.LAST_SEEN, 4}, {SessionStore.STATE, 8}, {SessionStore.PACKETS, 8}, {SessionStore.BYTES, 8},
            {SessionStore.ADDRESSES, 8}, {SessionStore.TRANSLATED_ADDRESSES, 8}}, 64);
        assertDisjoint(128, new int[][] {{SessionStore.PORTS, 8}, {SessionStore.TARGET, 8}, {SessionStore.TRANSLATED_PORTS, 4},
            {SessionStore.LAST_SEEN, 4}, {SessionStore.MAPPING, 4}, {SessionStore.CREATED, 4}, {SessionStore.PACKETS, 8},
            {SessionStore.BYTES, 8}, {SessionStore.SOURCE, 16}, {SessionStore.DESTINATION, 16},
            {SessionStore.TRANSLATED_SOURCE, 16}, {SessionStore.TRANSLATED_DESTINATION, 16}}, 112);
        assertDisjoint(40, new int[][] {{MappingStore.KEY, 8}, {MappingStore.OUTSIDE, 8}, {MappingStore.SESSIONS, 4},
            {MappingStore.LINK, 4}, {MappingStore.LOW, 8}, {MappingStore.HIGH, 8}}, 40);
    }

    private static void assertDisjoint(int size, int[][] fields, int used) {
        List<Integer> bytes = new ArrayList<>();
        for (int[] field : fields) {
            assertThat(field[0] % Math.min(field[1], 8)).isZero();
            for (int i = 0; i < field[1]; i++) {
                bytes.add(field[0] + i);
            }
        }
        assertThat(bytes).doesNotHaveDuplicates().allMatch(at -> at < size).hasSize(used);
    }

    @Test
    void anIpv4SessionStandsAsItsTableSays() {
        SessionStore store = new SessionStore(memory, false, new SeededHash(1));
        Tuple original = TestTable.tuple(Protocol.TCP, 0x0A000002, 0x8001, 0xC6336401, 443, 0xABCDE);
        Tuple translated = TestTable.tuple(Protocol.TCP, 0xCB007101, 0x9001, 0xC6336401, 443, 0xFFFFF);
        write(store, 3, original, translated, 0xFFFFE, 0x1234567);
        long line = 3 * 128;
        assertThat(Words.getLong(memory, line)).isEqualTo(0x8001_01BB_06_0A_BCDEL | 0);
        assertThat(Words.getLong(memory, line + 8) & 0xFF_FFFF_FFFFL).isEqualTo(0xFFFFE_FFFFFL);
        assertThat(Words.getInt(memory, line + 16)).isEqualTo(0x9001_01BB);
        assertThat(Words.getInt(memory, line + 20)).isEqualTo(77);
        assertThat(Words.getLong(memory, line + 48)).isEqualTo(0x0A000002_C6336401L);
        assertThat(Words.getLong(memory, line + 56)).isEqualTo(0xCB007101_C6336401L);
        long reply = line + 64;
        assertThat(Words.getLong(memory, reply)).isEqualTo(0x01BB_9001_06_0F_FFFFL);
        assertThat(Words.getInt(memory, reply + 24)).isEqualTo(0x1234568);
        assertThat(Words.getInt(memory, reply + 28)).isEqualTo(77);
        assertThat(Words.getLong(memory, reply + 48)).isEqualTo(0xC6336401_CB007101L);
        assertThat(Words.getLong(memory, reply + 56)).isEqualTo(0xC6336401_0A000002L);
        assertThat(store.mapping(6)).isEqualTo(0x1234567);
        assertThat(store.owner(7)).isEqualTo(0xFFFFE);
    }

    @Test
    void anIpv6SessionReadsBackInBothDirections() {
        SessionStore store = new SessionStore(memory, true, new SeededHash(1));
        Tuple original = TestTable.ipv6(Protocol.UDP, -1, 1, -2, 65_535, ConnectionTable.MAX_REALM);
        Tuple translated = TestTable.ipv6(Protocol.UDP, 7, 2, -2, 65_535, 1);
        write(store, 5, original, translated, 0, -1);
        Tuple into = new Tuple();
        store.key(10, into);
        assertThat(into).hasToString(original.toString());
        store.translated(10, into);
        assertThat(into).hasToString(translated.toString());
        store.translated(11, into);
        Tuple back = new Tuple();
        back.invert(into);
        assertThat(back).hasToString(original.toString());
        assertThat(store.mapping(11)).isEqualTo(-1);
        assertThat(store.hash(10)).isEqualTo(store.hash(original));
        assertThat(store.matches(10, original)).isTrue();
        assertThat(store.matches(11, original)).isFalse();
    }

    private static void write(SessionStore store, int record, Tuple original, Tuple translated, int owner, int mapping) {
        Tuple reply = new Tuple();
        reply.invert(translated);
        Tuple answer = new Tuple();
        answer.invert(original);
        store.write(record, original, translated, reply, answer, owner, mapping, true, false, 77);
    }

    @Test
    void directionsHaveWindowsOfTheirOwn() {
        int flow = 12;
        assertThat(ConnectionTable.windowOffset(flow)).isEqualTo(6 * 32);
        assertThat(ConnectionTable.windowOffset(ConnectionTable.reverse(flow))).isEqualTo(6 * 32 + 16);
        assertThat(ConnectionTable.windowOffset(flow | 1 << 30)).isEqualTo(6 * 32);
    }
}
