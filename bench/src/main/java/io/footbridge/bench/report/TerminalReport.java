package io.footbridge.bench.report;

import io.footbridge.bench.result.Comparison;
import io.footbridge.bench.result.CrossCheck;
import io.footbridge.bench.result.Figures;
import io.footbridge.bench.result.ModeEntry;
import io.footbridge.bench.result.Row;
import io.footbridge.bench.result.Run;
import io.footbridge.bench.result.Statistics;
import io.footbridge.bench.result.WorkloadEntry;
import java.util.List;
import java.util.Locale;

/** A run, or two, as tables of text. */
public final class TerminalReport {
    private static final String HEAD = "%-28s %9s  %-20s %7s  %-15s %6s %6s %9s%n";
    private static final int NAME = 28;

    private final StringBuilder text = new StringBuilder();

    private TerminalReport() {
    }

    /** A run. */
    public static String of(Run run) {
        TerminalReport report = new TerminalReport();
        run.workloads().forEach(workload -> report.table(run, workload));
        report.absent(run);
        report.crossChecks(run);
        if (!run.notes().isEmpty()) {
            report.text.append("\nNotes\n");
            run.notes().forEach(note -> report.text.append("- ").append(note).append('\n'));
        }
        report.text.append(String.format(Locale.ROOT, "%n%d rounds of %s s in %d s; seed %d. %s%n", run.rounds(),
                Numbers.of(run.seconds()),
                Math.round(run.elapsedSeconds()), run.seed(), method(run)));
        return report.text.toString();
    }

    /** How ranges are to be read. */
    static String method(Run run) {
        return run.rounds() < Statistics.LEAST_ROUNDS
                ? "Ranges are least and most: of so few rounds there is no interval."
                : "Ranges are 95 % intervals of the median (bootstrap over the rounds); ratios are each round's own.";
    }

    private void table(Run run, WorkloadEntry workload) {
        String range = run.rounds() < Statistics.LEAST_ROUNDS ? "least .. most" : "95 % interval";
        boolean rate = workload.moreIsBetter();
        text.append('\n').append(workload.title()).append(", ").append(workload.unit()).append('\n');
        text.append(String.format(Locale.ROOT, HEAD, "", "median", range, "/ host", range, "busy", "plane", rate ? "per core"
                : "p99, us"));
        for (Row row : run.rows(workload.id())) {
            String title = title(run, row.mode());
            if (row.samples().isEmpty()) {
                text.append(String.format(Locale.ROOT, "%-28s %9s  %s%n", title, "-", row.errors().isEmpty() ? "" : row.errors()
                        .getFirst()));
                continue;
            }
            Figures figures = Figures.of(run, row);
            text.append(String.format(Locale.ROOT, HEAD, title, Numbers.of(figures.median()), Numbers.range(figures.range()),
                    Numbers.of(figures.ratio()), Double.isNaN(figures.ratio()) ? "" : Numbers.range(figures.ratioRange()),
                    Numbers.of(figures.busyCores()),
                    figures.dataPlaneCores().isPresent() ? Numbers.of(figures.dataPlaneCores().getAsDouble()) : "-",
                    Numbers.of(rate ? figures.perBusyCore() : Latencies.of(row).map(latencies -> latencies.micros(99))
                    .orElse(Double.NaN))));
            row.errors().forEach(error -> text.append(String.format(Locale.ROOT, "%-28s %9s  %s%n", "", "", error)));
        }
    }

    private void absent(Run run) {
        List<ModeEntry> absent = run.modes().stream().filter(mode -> !mode.absence().isEmpty()).toList();
        if (!absent.isEmpty()) {
            text.append("\nNot measured\n");
            absent.forEach(mode -> text.append(pad(mode.title())).append(' ').append(mode.absence()).append('\n'));
        }
    }

    private void crossChecks(Run run) {
        if (run.crossChecks().isEmpty()) {
            return;
        }
        text.append("\nCross-check, medians of interleaved pairs\n");
        text.append(String.format(Locale.ROOT, "%-28s %-30s %9s %9s %7s  %s%n", "", "", "ours", "theirs", "ratio", ""));
        for (CrossCheck check : run.crossChecks()) {
            String what = run.workload(check.workload()).map(workload -> workload.title() + ", " + workload.unit())
                    .orElse(check.workload());
            text.append(String.format(Locale.ROOT, "%-28s %-30s %9s %9s %7s  %s: %s%n", title(run, check.mode()), what,
                    Numbers.of(Statistics.median(Statistics.array(check.ours()))),
                    Numbers.of(Statistics.median(Statistics.array(check.theirs()))), Numbers.of(Statistics.median(check.ratios())),
                    check.tool(), check.verdict()));
        }
    }

    /** Two runs. */
    public static String of(List<Comparison> rows) {
        StringBuilder text = new StringBuilder();
        String workload = "";
        for (Comparison row : rows) {
            if (!row.workload().equals(workload)) {
                workload = row.workload();
                text.append('\n').append(workload).append('\n').append(String.format(Locale.ROOT, "%-28s %9s %9s %8s  %-16s %s%n", "",
                        "before",
                        "after", "change", "range", ""));
            }
            text.append(String.format(Locale.ROOT, "%-28s %9s %9s %8s  %-16s %s%n", row.mode(), Numbers.of(row.before()),
                    Numbers.of(row.after()),
                    Numbers.of(row.change()), Numbers.range(row.range()), row.verdict() + (row.toHost() ? "" : " (absolute)")));
        }
        return text.append("\nThe change is that of the ratio to host mode, where both runs have it: a faster machine is no change.\n")
                .toString();
    }

    private static String title(Run run, String mode) {
        return run.mode(mode).map(ModeEntry::title).orElse(mode);
    }

    private static String pad(String name) {
        return name + " ".repeat(Math.max(0, NAME - name.length()));
    }
}
