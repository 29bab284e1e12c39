package io.footbridge.bench.report;

import io.footbridge.bench.result.Statistics;
import java.util.Locale;

/** Numbers as people read them: three digits that count. */
final class Numbers {
    private static final double TEN = 10;
    private static final double HUNDRED = 100;
    private static final double TEN_THOUSAND = 10_000;

    private Numbers() {
    }

    static String of(double value) {
        double size = Math.abs(value);
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            return "-";
        }
        if (size >= TEN_THOUSAND) {
            return String.format(Locale.ROOT, "%,.0f", value);
        }
        return String.format(Locale.ROOT, size >= HUNDRED ? "%.0f" : size >= TEN ? "%.1f" : "%.2f", value);
    }

    static String range(Statistics.Interval range) {
        return of(range.low()) + " .. " + of(range.high());
    }
}
