package io.footbridge.bench.traffic;

import java.util.Map;

/**
 * What came of a task.
 *
 * @param value the figure, in the unit of the task's kind
 * @param details more figures by name, such as {@code loss}
 * @param histogram nanoseconds, as HdrHistogram's compressed form in Base64; empty where there is none
 */
public record Outcome(double value, Map<String, Double> details, String histogram) {
    static Outcome of(double value) {
        return new Outcome(value, Map.of(), "");
    }
}
