package io.footbridge.bench.report;

import io.footbridge.bench.result.Figures;
import io.footbridge.bench.result.ModeEntry;
import io.footbridge.bench.result.Row;
import io.footbridge.bench.result.Run;
import io.footbridge.bench.result.WorkloadEntry;
import java.util.List;
import java.util.Locale;

/** Modes as bars of one scale, with the range as a line; and busy cores as bars in two parts. */
final class BarChart {
    private static final double ROOM = 1.02;
    private static final int FULL = 1000;

    private BarChart() {
    }

    /** A workload's figures. */
    static String figures(Run run, WorkloadEntry workload) {
        Markup out = new Markup();
        List<Row> rows = run.rows(workload.id()).stream().filter(row -> !row.samples().isEmpty()).toList();
        double most = rows.stream().map(row -> Figures.of(run, row)).mapToDouble(figures -> Math.max(figures.median(), figures.range()
                .high()))
                .max().orElse(1) * ROOM;
        for (Row row : rows) {
            Figures figures = Figures.of(run, row);
            out.raw(open(run, row));
            out.add("<rect class=\"fill\" width=\"%d\" height=\"14\" y=\"3\"/>", scaled(figures.median(), most));
            out.add("<line class=\"range\" x1=\"%d\" x2=\"%d\" y1=\"10\" y2=\"10\"/></svg>", scaled(figures.range().low(), most),
                    scaled(figures.range().high(), most));
            out.add("<span class=\"value\"><b>%s</b> <small>%s</small></span></div>\n", Numbers.of(figures.median()),
                    Double.isNaN(figures.ratio()) ? "" : Numbers.of(figures.ratio()) + " of host");
        }
        return out.toString();
    }

    /** What a workload keeps busy. */
    static String cores(Run run, WorkloadEntry workload) {
        Markup out = new Markup();
        List<Row> rows = run.rows(workload.id()).stream().filter(row -> !row.samples().isEmpty()).toList();
        double most = rows.stream().map(row -> Figures.of(run, row)).mapToDouble(Figures::busyCores).max().orElse(1) * ROOM;
        for (Row row : rows) {
            Figures figures = Figures.of(run, row);
            double plane = Math.min(figures.dataPlaneCores().orElse(0), figures.busyCores());
            out.raw(open(run, row));
            out.add("<rect class=\"fill\" width=\"%d\" height=\"14\" y=\"3\"/>", scaled(plane, most));
            out.add("<rect class=\"rest\" x=\"%d\" width=\"%d\" height=\"14\" y=\"3\"/></svg>", scaled(plane, most),
                    scaled(figures.busyCores() - plane, most));
            out.add("<span class=\"value\"><b>%s</b> <small>%s</small></span></div>\n", Numbers.of(figures.busyCores()),
                    workload.moreIsBetter() ? Numbers.of(figures.perBusyCore()) + " per core" : "");
        }
        return out.toString();
    }

    private static String open(Run run, Row row) {
        ModeEntry mode = run.mode(row.mode()).orElseThrow();
        return new Markup().add("<div class=\"bar %s\"><span class=\"name\">%s</span>"
                + "<svg viewBox=\"0 0 1000 20\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect class=\"track\" width=\"1000\""
                + " height=\"14\" y=\"3\"/>",
                mode.group().toLowerCase(Locale.ROOT), mode.title()).toString();
    }

    private static long scaled(double value, double most) {
        return Math.round(FULL * Math.clamp(value / most, 0, 1));
    }
}
