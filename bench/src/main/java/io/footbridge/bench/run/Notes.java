package io.footbridge.bench.run;

import io.footbridge.bench.result.Figures;
import io.footbridge.bench.result.Row;
import io.footbridge.bench.result.Run;
import io.footbridge.bench.result.Sample;
import io.footbridge.bench.result.Statistics;
import io.footbridge.bench.result.WorkloadEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a reader should know before believing the figures. */
final class Notes {
    private static final double RESTLESS = 0.1;
    private static final double STOLEN = 0.02;
    private static final double SPREAD = 0.2;

    private Notes() {
    }

    static Run added(Run run) {
        List<String> notes = new ArrayList<>();
        idle(run, notes);
        for (WorkloadEntry workload : run.workloads()) {
            spread(run, workload, notes);
            List<String> close = Figures.notToldApart(run, workload);
            if (!close.isEmpty()) {
                notes.add(workload.title() + ": this run cannot tell apart " + String.join("; ", close) + ".");
            }
        }
        return new Run(run.format(), run.started(), run.elapsedSeconds(), run.quick(), run.rounds(), run.seconds(), run.seed(),
                run.environment(), run.idle(), run.modes(), run.workloads(), run.rows(), run.crossChecks(), List.copyOf(notes));
    }

    private static void idle(Run run, List<String> notes) {
        double most = Math.max(run.idle().busyCoresBefore(), run.idle().busyCoresAfter());
        if (most > RESTLESS) {
            notes.add(String.format(Locale.ROOT, "The machine was not idle: %.2f cores were busy before the rounds and %.2f after them,"
                    + " when bench"
                    + " did nothing. Believe no small difference.", run.idle().busyCoresBefore(), run.idle().busyCoresAfter()));
        }
        double steal = run.rows().stream().flatMap(row -> row.samples().stream()).mapToDouble(Sample::stealCores).average().orElse(0);
        if (steal > STOLEN) {
            notes.add(String.format(Locale.ROOT, "The hypervisor gave %.2f cores to other guests on average.", steal));
        }
    }

    private static void spread(Run run, WorkloadEntry workload, List<String> notes) {
        run.row(Run.BASIS, workload.id()).map(Row::samples).ifPresent(samples -> {
            double[] values = samples.stream().mapToDouble(Sample::value).toArray();
            double spread = (Statistics.most(values) - Statistics.least(values)) / Statistics.median(values);
            if (spread > SPREAD) {
                notes.add(String.format(Locale.ROOT, "%s: host mode itself varied by %.0f %% between rounds; ratios to it are less sure.",
                        workload.title(), 100 * spread));
            }
        });
    }
}
