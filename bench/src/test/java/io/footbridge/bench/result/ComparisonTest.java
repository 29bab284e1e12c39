package io.footbridge.bench.result;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ComparisonTest {
    @Test
    void aRunBesideItselfIsWithinNoise() {
        List<Comparison> rows = Comparison.of(SampleRuns.run(0.5), SampleRuns.run(0.5));
        assertThat(rows).hasSize(4).allSatisfy(row -> assertThat(row.verdict()).isEqualTo("within noise"));
    }

    @Test
    void moreOfARateIsBetterAndSoIsLessOfARoundTrip() {
        List<Comparison> rows = Comparison.of(SampleRuns.run(0.5), SampleRuns.run(0.6)).stream()
                .filter(row -> row.mode().equals("Footbridge, TAP")).toList();
        assertThat(rows).extracting(Comparison::verdict).containsExactly("better", "better");
        assertThat(rows.getFirst().change()).isBetween(1.19, 1.21);
        assertThat(rows.getLast().change()).isBetween(0.82, 0.84);
        assertThat(Comparison.of(SampleRuns.run(0.6), SampleRuns.run(0.5))).extracting(Comparison::verdict)
                .containsExactly("within noise", "worse", "within noise", "worse");
    }

    @Test
    void oursAndAToolsAgreeWithinFifteenPercentOrTheirSpread() {
        assertThat(check(List.of(10.0, 11.0), List.of(10.0, 10.0)).verdict()).isEqualTo("agrees within 15 %");
        assertThat(check(List.of(10.0, 14.0), List.of(10.0, 10.0)).verdict()).startsWith("agrees within the run's own spread");
        assertThat(check(List.of(20.0, 20.0), List.of(10.0, 10.0)).verdict()).startsWith("differs");
    }

    private static CrossCheck check(List<Double> ours, List<Double> theirs) {
        return new CrossCheck("host", "tcp", "iperf3", ours, theirs, "");
    }
}
