package io.footbridge.bench.report;

import io.footbridge.bench.result.ModeEntry;
import io.footbridge.bench.result.Row;
import io.footbridge.bench.result.Run;
import io.footbridge.bench.result.WorkloadEntry;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Round trips by percentile, one chart for each group of modes and host mode in each, all of one scale: across in equal steps
 * of nines, upwards in powers of ten.
 */
final class PercentileChart {
    private static final int WIDTH = 440;
    private static final int HEIGHT = 300;
    private static final int LEFT = 52;
    private static final int RIGHT = 12;
    private static final int TOP = 12;
    private static final int BOTTOM = 30;
    private static final int STEPS = 80;
    private static final int COLOURS = 8;
    /** Samples that must lie beyond a percentile for it to be drawn. */
    private static final int BEYOND = 3;

    private final Run run;
    private final List<Row> rows;
    private final double nines;
    private final double lowest;
    private final double highest;

    private PercentileChart(Run run, List<Row> rows) {
        this.run = run;
        this.rows = rows;
        long count = rows.stream().flatMap(row -> Latencies.of(row).stream()).mapToLong(Latencies::count).min().orElse(1);
        nines = Math.max(1, Math.log10(Math.max(10, count / (double) BEYOND)));
        lowest = Math.floor(rows.stream().flatMap(row -> Latencies.of(row).stream()).mapToDouble(l -> Math.log10(l.micros(1))).min()
                .orElse(1));
        highest = Math.ceil(rows.stream().flatMap(row -> Latencies.of(row).stream())
                .mapToDouble(l -> Math.log10(l.micros(percentile(nines))))
                .max().orElse(2));
    }

    /** Charts of a workload that has round trips; empty where it has none. */
    static String of(Run run, WorkloadEntry workload) {
        List<Row> rows = run.rows(workload.id()).stream().filter(row -> Latencies.of(row).isPresent()).toList();
        if (rows.isEmpty()) {
            return "";
        }
        PercentileChart chart = new PercentileChart(run, rows);
        Markup out = new Markup();
        for (String[] group : new String[][] {{"KERNEL", "The kernel's"}, {"FOOTBRIDGE", "Footbridge"}, {"RIVAL",
                "Others in user space"}}) {
            List<Row> members = rows.stream().filter(row -> group(run, row).equals(group[0])).toList();
            if (!members.isEmpty()) {
                out.raw(chart.figure(group[1], members));
            }
        }
        if (out.toString().isEmpty()) {
            out.raw(chart.figure("Host", List.of()));
        }
        return out.toString();
    }

    private static String group(Run run, Row row) {
        return run.mode(row.mode()).map(ModeEntry::group).orElse("");
    }

    private String figure(String title, List<Row> members) {
        Markup out = new Markup();
        out.add("<figure><figcaption>%s</figcaption><svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">", title, WIDTH, HEIGHT,
                "Round trips by percentile: " + title);
        grid(out);
        Markup legend = new Markup();
        List<Row> drawn = Stream.concat(rows.stream().filter(row -> group(run, row).equals("HOST")), members.stream()).toList();
        int colour = 0;
        for (Row row : drawn) {
            boolean host = group(run, row).equals("HOST");
            String style = host ? "line-host" : "line-" + colour++ % COLOURS;
            out.add("<polyline class=\"%s\" points=\"%s\"/>", style, points(Latencies.of(row).orElseThrow()));
            legend.add("<li><svg viewBox=\"0 0 24 8\" aria-hidden=\"true\"><line class=\"%s\" x1=\"0\" x2=\"24\" y1=\"4\" y2=\"4\"/></svg>"
                    + " %s</li>",
                    style, run.mode(row.mode()).map(ModeEntry::title).orElse(row.mode()));
        }
        return out.raw("</svg><ul class=\"legend\">").raw(legend.toString()).raw("</ul></figure>\n").toString();
    }

    private void grid(Markup out) {
        for (double power = lowest; power <= highest; power++) {
            double y = y(power);
            double value = Math.pow(10, power);
            String label = value >= 1e6 ? Math.round(value / 1e6) + " s" : value >= 1e3 ? Math.round(value / 1e3) + " ms"
                    : Math.round(value) + " \u00b5s";
            out.add("<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/><text x=\"%d\" y=\"%.1f\""
                    + " text-anchor=\"end\">%s</text>",
                    LEFT, WIDTH - RIGHT, y, y, LEFT - 6, y + 4, label);
        }
        for (double at : new double[] {0, Math.log10(2), 1, 2, 3, 4, 5}) {
            if (at <= nines) {
                out.add("<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/><text x=\"%.1f\" y=\"%d\""
                        + " text-anchor=\"middle\">%s</text>",
                        x(at), x(at), TOP, HEIGHT - BOTTOM, x(at), HEIGHT - BOTTOM + 18, percent(at));
            }
        }
    }

    private static String percent(double nines) {
        double percentile = percentile(nines);
        int digits = Math.max(0, (int) Math.round(nines) - 2);
        return String.format(Locale.ROOT, "%." + digits + "f %%", percentile);
    }

    private static double percentile(double nines) {
        return 100 * (1 - Math.pow(10, -nines));
    }

    private String points(Latencies latencies) {
        StringBuilder points = new StringBuilder();
        for (int i = 0; i <= STEPS; i++) {
            double at = nines * i / STEPS;
            double micros = Math.max(latencies.micros(percentile(at)), Math.pow(10, lowest));
            points.append(String.format(Locale.ROOT, "%.1f,%.1f ", x(at), y(Math.log10(micros))));
        }
        return points.toString().strip();
    }

    private double x(double at) {
        return LEFT + (WIDTH - LEFT - RIGHT) * at / nines;
    }

    private double y(double power) {
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (power - lowest) / Math.max(1, highest - lowest);
    }
}
