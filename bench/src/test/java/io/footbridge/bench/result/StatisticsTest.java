package io.footbridge.bench.result;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class StatisticsTest {
    @Test
    void medianIsTheMiddleOneOrTheMeanOfTheTwoInTheMiddle() {
        assertThat(Statistics.median(3, 1, 2)).isEqualTo(2);
        assertThat(Statistics.median(4, 1, 2, 3)).isEqualTo(2.5);
        assertThat(Statistics.median()).isNaN();
    }

    @Test
    void ofFewValuesTheRangeIsLeastAndMost() {
        assertThat(Statistics.interval(1.0, 2.0)).isEqualTo(new Statistics.Interval(1, 2));
        assertThat(Statistics.interval(5.0, 2.0, 3.0, 4.0)).isEqualTo(new Statistics.Interval(2, 5));
    }

    @Test
    void anOutlierAmongSevenDoesNotReachTheMedian() {
        Statistics.Interval interval = Statistics.interval(1.00, 1.01, 0.99, 1.00, 1.02, 0.98, 50);
        assertThat(interval.contains(1.0)).isTrue();
        assertThat(interval.high()).isLessThan(50);
    }

    @Property(tries = 20)
    void theIntervalHoldsTheMedianAndLiesWithinTheValues(@ForAll @Size(min = 5, max = 12) List<@DoubleRange(min = 0.1,
            max = 100) Double> list) {
        double[] values = Statistics.array(list);
        Statistics.Interval interval = Statistics.interval(values);
        assertThat(interval.contains(Statistics.median(values))).isTrue();
        assertThat(interval.low()).isGreaterThanOrEqualTo(Statistics.least(values));
        assertThat(interval.high()).isLessThanOrEqualTo(Statistics.most(values));
    }

    @Test
    void sameFiguresAlwaysGiveTheSameInterval() {
        double[] values = {1, 4, 2, 8, 5, 7, 3};
        assertThat(Statistics.interval(values)).isEqualTo(Statistics.interval(values));
    }

    @Test
    void ratioOfAClearChangeLeavesOutOne() {
        double[] before = {10, 10.1, 9.9, 10.2, 9.8, 10, 10};
        double[] after = {12, 12.1, 11.9, 12.2, 11.8, 12, 12};
        Statistics.Interval interval = Statistics.ratio(before, after);
        assertThat(interval.contains(1)).isFalse();
        assertThat(interval.contains(1.2)).isTrue();
        assertThat(Statistics.ratio(before, before).contains(1)).isTrue();
    }

    @Test
    void ratioOfFewValuesIsAsWideAsItCouldBe() {
        assertThat(Statistics.ratio(new double[] {1, 2}, new double[] {2, 4})).isEqualTo(new Statistics.Interval(1, 4));
    }
}
