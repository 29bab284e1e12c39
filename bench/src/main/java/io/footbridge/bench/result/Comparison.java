package io.footbridge.bench.result;

import java.util.ArrayList;
import java.util.List;

/**
 * Two runs beside each other, row by row.
 *
 * @param mode title
 * @param workload title with unit
 * @param before median of the first run
 * @param after median of the second
 * @param change after by before: of the ratios to host mode where both runs have them, so that a faster machine is no change
 * @param range of the change
 * @param toHost whether the change is that of the ratios to host mode
 * @param verdict in words
 */
public record Comparison(String mode, String workload, double before, double after, double change, Statistics.Interval range,
        boolean toHost, String verdict) {

    /** All rows that both runs have. */
    public static List<Comparison> of(Run before, Run after) {
        List<Comparison> rows = new ArrayList<>();
        for (WorkloadEntry workload : before.workloads()) {
            for (Row old : before.rows(workload.id())) {
                after.row(old.mode(), old.workload()).filter(now -> !now.samples().isEmpty() && !old.samples().isEmpty())
                        .ifPresent(now -> rows.add(of(before, old, after, now, workload)));
            }
        }
        return rows;
    }

    private static Comparison of(Run before, Row old, Run after, Row now, WorkloadEntry workload) {
        double[] oldValues = values(old);
        double[] newValues = values(now);
        double[] oldRatios = before.row(Run.BASIS, old.workload()).map(basis -> Figures.ratios(old, basis)).orElse(new double[0]);
        double[] newRatios = after.row(Run.BASIS, now.workload()).map(basis -> Figures.ratios(now, basis)).orElse(new double[0]);
        boolean toHost = !old.mode().equals(Run.BASIS) && oldRatios.length > 0 && newRatios.length > 0;
        double[] from = toHost ? oldRatios : oldValues;
        double[] to = toHost ? newRatios : newValues;
        double change = Statistics.median(to) / Statistics.median(from);
        Statistics.Interval range = Statistics.ratio(from, to);
        return new Comparison(before.mode(old.mode()).map(ModeEntry::title).orElse(old.mode()),
                workload.title() + ", " + workload.unit(), Statistics.median(oldValues), Statistics.median(newValues), change, range,
                toHost,
                verdict(change, range, workload.moreIsBetter()));
    }

    private static String verdict(double change, Statistics.Interval range, boolean moreIsBetter) {
        if (Double.isNaN(change) || range.contains(1)) {
            return "within noise";
        }
        return change > 1 == moreIsBetter ? "better" : "worse";
    }

    private static double[] values(Row row) {
        return row.samples().stream().mapToDouble(Sample::value).toArray();
    }
}
