package io.footbridge.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.tap.CallState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PipeBudgetTest {
    private static final int SOFT_PAGES = 16384;
    private static final int LARGEST = 1 << 20;

    @Test
    void thePrivilegedHaveLargePipesAsManyAsTheyWant() {
        assertThat(PipeBudget.of(1000, true, LARGEST, SOFT_PAGES)).isEqualTo(new PipeBudget(1 << 20, 1000));
    }

    @ParameterizedTest
    @CsvSource({"16, 1048576, 16", "17, 524288, 17", "64, 262144, 64", "256, 65536, 256", "257, 65536, 256", "100000, 65536, 256",
            "1, 1048576, 1"})
    void othersStayWithinAQuarterOfTheirShare(int wanted, int size, int count) {
        PipeBudget budget = PipeBudget.of(wanted, false, LARGEST, SOFT_PAGES);
        assertThat(budget).isEqualTo(new PipeBudget(size, count));
        assertThat((long) budget.size() * budget.count()).isLessThanOrEqualTo(SOFT_PAGES * 4096L / 4);
    }

    @Test
    void aTinyShareAndATinyLargestSizeGiveNoPipesAtAll() {
        assertThat(PipeBudget.of(8, false, LARGEST, 32).count()).isZero();
        assertThat(PipeBudget.of(8, false, 32 << 10, SOFT_PAGES).count()).isZero();
        assertThat(PipeBudget.of(0, true, LARGEST, SOFT_PAGES).count()).isZero();
    }

    @Test
    void whatIsProbedHereGivesPipesOfTheSizeItSays() {
        CallState state = CallState.ofThread();
        PipeBudget budget = PipeBudget.probe(2);
        PipePool pool = new PipePool(budget.size(), 2);
        Pipe first = pool.borrow(state);
        Pipe second = pool.borrow(state);
        assertThat(first.size()).isEqualTo(budget.size());
        assertThat(pool.borrow(state)).isNull();
        assertThat(pool.lent()).isEqualTo(2);
        pool.giveBack(first);
        assertThat(pool.borrow(state)).isSameAs(first);
        pool.discard(state, second);
        assertThat(pool.made()).isEqualTo(1);
        pool.giveBack(first);
        pool.close(state);
        assertThat(pool.made()).isZero();
        assertThat(pool.lent()).isZero();
    }
}
