package io.footbridge.bench;

import io.footbridge.fdb.EntryKind;
import io.footbridge.fdb.FdbSettings;
import io.footbridge.fdb.ForwardingEntry;
import io.footbridge.fdb.ForwardingTable;
import io.footbridge.fdb.LearnOutcome;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * The forwarding table under races, two actors each, so that two processors are enough. Two stations share a home
 * line, so that each is put where the other just was: ports 1 to 3 belong to the one, 5 to 7 to the other.
 */
public final class ForwardingTableStress {
    private static final int NONE = ForwardingTable.NONE;
    private static final FdbSettings SETTINGS = FdbSettings.of(256, 8).withAgeing(10);
    private static final long SEED = 7;
    private static final long ONE = station(1);
    private static final long OTHER = neighbourOf(ONE);

    private ForwardingTableStress() {
    }

    private static ForwardingTable table() {
        // On the heap, for a state is made some million times: a segment is a segment.
        long[] words = new long[(int) SETTINGS.bytes() / Long.BYTES];
        return new ForwardingTable(MemorySegment.ofArray(words), SETTINGS, SEED);
    }

    private static long station(int n) {
        return ForwardingTable.key(0, 0x02_00_00_00_00_00L + n);
    }

    private static long neighbourOf(long key) {
        ForwardingTable table = table();
        int n = 2;
        while (table.touch(station(n)) != table.touch(key)) {
            n++;
        }
        return station(n);
    }

    private static List<ForwardingEntry> entries(ForwardingTable table, int now) {
        List<ForwardingEntry> entries = new ArrayList<>();
        table.forEach(now, entries::add);
        return entries;
    }

    @JCStressTest
    @Outcome(id = {"-1", "1"}, expect = Expect.ACCEPTABLE, desc = "Before or after.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "Torn.")
    @State
    public static class LookupDuringInsert {
        private final ForwardingTable table = table();

        @Actor
        public void insert() {
            table.learn(ONE, 1, 0);
        }

        @Actor
        public void look(I_Result result) {
            result.r1 = table.lookup(ONE, 0);
        }
    }

    @JCStressTest
    @Outcome(id = {"1, 1", "1, 2", "2, 2"}, expect = Expect.ACCEPTABLE, desc = "The old port, then the new one.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "Absent, or back on the old port.")
    @State
    public static class LookupDuringMove {
        private final ForwardingTable table = table();

        public LookupDuringMove() {
            table.learn(ONE, 1, 0);
        }

        @Actor
        public void move() {
            table.learn(ONE, 2, 0);
        }

        @Actor
        public void look(II_Result result) {
            result.r1 = table.lookup(ONE, 0);
            result.r2 = table.lookup(ONE, 0);
        }
    }

    /**
     * The slot goes from the one to the other and back, again and again: a reader between may find neither, but never
     * the other's port.
     */
    @JCStressTest
    @Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "Own or absent.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "The port of another station.")
    @State
    public static class LookupWhileTheSlotChangesHands {
        private static final int TIMES = 32;

        private final ForwardingTable table = table();

        @Actor
        public void exchange() {
            for (int i = 0; i < TIMES; i++) {
                table.learn(ONE, 1, 0);
                table.remove(ONE);
                table.learn(OTHER, 5, 0);
                table.remove(OTHER);
            }
        }

        @Actor
        public void look(II_Result result) {
            int foreignToOne = 0;
            int foreignToOther = 0;
            for (int i = 0; i < TIMES; i++) {
                foreignToOne += table.lookup(ONE, 0) == 5 ? 1 : 0;
                foreignToOther += table.lookup(OTHER, 0) == 1 ? 1 : 0;
            }
            result.r1 = foreignToOne;
            result.r2 = foreignToOther;
        }
    }

    @JCStressTest
    @Outcome(id = {"-1, 5, 1", "1, 5, 1", "-1, -1, 1", "1, -1, 1"}, expect = Expect.ACCEPTABLE, desc = "Own or absent, one left.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "Foreign, or not swept, or counted wrong.")
    @State
    public static class LookupDuringAgeingAndSweep {
        private final ForwardingTable table = table();

        public LookupDuringAgeingAndSweep() {
            table.learn(ONE, 1, 0);
        }

        @Actor
        public void sweepAndLearn() {
            table.sweep(10, Integer.MAX_VALUE);
            table.learn(OTHER, 5, 10);
        }

        @Actor
        public void look(III_Result result) {
            // A clock that lags: the entry is still good here.
            result.r1 = table.lookup(ONE, 9);
            result.r2 = table.lookup(OTHER, 10);
        }

        @Arbiter
        public void count(III_Result result) {
            result.r3 = table.size() == entries(table, 10).size() && table.learned(1) == 0 ? table.size() : NONE;
        }
    }

    @JCStressTest
    @Outcome(id = {"1, 1, 0", "1, -1, 0", "-1, -1, 0"}, expect = Expect.ACCEPTABLE, desc = "There, then gone.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "Back again, or counted wrong.")
    @State
    public static class LookupDuringFlush {
        private final ForwardingTable table = table();

        public LookupDuringFlush() {
            table.learn(ONE, 1, 0);
        }

        @Actor
        public void flush() {
            table.flush(1);
        }

        @Actor
        public void look(III_Result result) {
            result.r1 = table.lookup(ONE, 0);
            result.r2 = table.lookup(ONE, 0);
        }

        @Arbiter
        public void count(III_Result result) {
            result.r3 = table.size() + table.learned(1) + entries(table, 0).size();
        }
    }

    /** The flush either removes the entry first, or finds it on another port and leaves it. */
    @JCStressTest
    @Outcome(id = {"2, 1, 1", "-1, 0, 0"}, expect = Expect.ACCEPTABLE, desc = "On the new port, or gone and not yet learned.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "Moved and flushed, or counted wrong.")
    @State
    public static class MoveDuringFlush {
        private final ForwardingTable table = table();

        public MoveDuringFlush() {
            table.learn(ONE, 1, 0);
        }

        @Actor
        public void flush() {
            table.flush(1);
        }

        @Actor
        public void move(III_Result result) {
            table.learn(ONE, 2, 0);
            result.r1 = table.lookup(ONE, 0);
        }

        @Arbiter
        public void count(III_Result result) {
            result.r2 = table.learned(1) + table.learned(2);
            result.r3 = entries(table, 0).size();
        }
    }

    /** Both may withdraw; the next frame then learns. */
    @JCStressTest
    @Outcome(id = {"1, 0", "1, 1"}, expect = Expect.ACCEPTABLE, desc = "One entry.")
    @Outcome(id = {"0, 0"}, expect = Expect.ACCEPTABLE_INTERESTING, desc = "Both withdrew.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "Two entries, or counted wrong.")
    @State
    public static class InsertOfTheSameKey {
        private final ForwardingTable table = table();
        private int first;
        private int second;

        @Actor
        public void first() {
            first = table.learn(ONE, 1, 0);
        }

        @Actor
        public void second() {
            second = table.learn(ONE, 2, 0);
        }

        @Arbiter
        public void count(II_Result result) {
            List<ForwardingEntry> entries = entries(table, 0);
            boolean exact = table.size() == entries.size()
                    && table.learned(1) + table.learned(2) == entries.size()
                    && (entries.isEmpty() ? bothBusy() : table.learned(entries.getFirst().port()) == 1);
            result.r1 = exact ? entries.size() : 9;
            result.r2 = first == LearnOutcome.MOVED || second == LearnOutcome.MOVED ? 1 : 0;
        }

        private boolean bothBusy() {
            return first == LearnOutcome.BUSY && second == LearnOutcome.BUSY;
        }
    }

    /** An entry made by hand is there afterwards, whatever is learned meanwhile. */
    @JCStressTest
    @Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "Permanent, and alone.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "Lost, moved or double.")
    @State
    public static class AddWhileTheSameKeyIsLearned {
        private final ForwardingTable table = table();

        @Actor
        public void add() {
            table.add(ONE, 1, EntryKind.PERMANENT, false, 0);
        }

        @Actor
        public void learn() {
            table.learn(ONE, 2, 0);
        }

        @Arbiter
        public void count(II_Result result) {
            result.r1 = table.lookup(ONE, 0);
            result.r2 = table.size() == 1 && table.learned(2) == 0 ? entries(table, 0).size() : NONE;
        }
    }

    /** With ageing 0 the sweep meets entries that are just being put there, and must not take another's claim off. */
    @JCStressTest
    @Outcome(id = {"1, 1", "2, 2"}, expect = Expect.ACCEPTABLE, desc = "Counted as listed.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "An entry without its count, or a count without its entry.")
    @State
    public static class SweepDuringInserts {
        private final ForwardingTable table = table();

        public SweepDuringInserts() {
            table.ageing(0);
        }

        @Actor
        public void learn() {
            table.learn(ONE, 1, 0);
        }

        @Actor
        public void sweepAndLearn() {
            table.sweep(0, Integer.MAX_VALUE);
            table.learn(OTHER, 5, 0);
        }

        @Arbiter
        public void count(II_Result result) {
            table.ageing(10);
            result.r1 = table.size();
            result.r2 = entries(table, 0).size();
        }
    }

    /** A port with room for one gets one, and the refused one leaves no trace. */
    @JCStressTest
    @Outcome(id = "1, 1, 1", expect = Expect.ACCEPTABLE, desc = "One learned, one refused.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "Above the limit, or below it for no reason.")
    @State
    public static class LastPlaceOfAPort {
        private final ForwardingTable table = table();
        private int first;
        private int second;

        public LastPlaceOfAPort() {
            table.limit(3, 1);
        }

        @Actor
        public void first() {
            first = table.learn(ONE, 3, 0);
        }

        @Actor
        public void second() {
            second = table.learn(OTHER, 3, 0);
        }

        @Arbiter
        public void count(III_Result result) {
            result.r1 = table.learned(3);
            result.r2 = entries(table, 0).size();
            result.r3 = (first == LearnOutcome.LEARNED ? 1 : 0) + (second == LearnOutcome.LEARNED ? 1 : 0);
        }
    }
}
