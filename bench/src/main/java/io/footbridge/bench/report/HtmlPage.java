package io.footbridge.bench.report;

import io.footbridge.bench.result.CrossCheck;
import io.footbridge.bench.result.Figures;
import io.footbridge.bench.result.ModeEntry;
import io.footbridge.bench.result.Row;
import io.footbridge.bench.result.Run;
import io.footbridge.bench.result.Sample;
import io.footbridge.bench.result.Statistics;
import io.footbridge.bench.result.WorkloadEntry;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A run as one page that needs nothing else: no network, no script. */
public final class HtmlPage {
    private static final Pattern PLACE = Pattern.compile("\\{\\{([a-z]+)}}");

    private final Run run;

    private HtmlPage(Run run) {
        this.run = run;
    }

    /** The page. */
    public static String of(Run run) {
        HtmlPage page = new HtmlPage(run);
        Map<String, String> parts = new HashMap<>(Map.of("summary", page.summary(), "glance", page.glance(), "charts", page.charts(),
                "latency", page.latency(), "cores", page.cores(), "notes", page.notes(), "modes", page.modes(), "environment",
                page.environment(), "raw", page.raw()));
        parts.putAll(Map.of("rounds", Integer.toString(run.rounds()), "seconds", Numbers.of(run.seconds()), "seed",
                Long.toString(run.seed()), "idle", Numbers.of(run.idle().baseline()), "ranges", TerminalReport.method(run)));
        return PLACE.matcher(template()).replaceAll(place -> Matcher.quoteReplacement(parts.get(place.group(1))));
    }

    private static String template() {
        try (InputStream in = HtmlPage.class.getResourceAsStream("page.html")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException missing) {
            throw new UncheckedIOException(missing);
        }
    }

    private String summary() {
        String rounds = run.quick() ? run.rounds() + " quick rounds of " + Numbers.of(run.seconds()) + " s: a first look, no more"
                : run.rounds() + " rounds of " + Numbers.of(run.seconds()) + " s";
        Map<String, String> facts = run.environment().facts();
        return new Markup().add("<p class=\"lead\">%s &middot; %s &middot; Linux %s &middot; %s</p>",
                run.started().replace('T', ' ').replace("Z", " UTC"), rounds, facts.getOrDefault("kernel", "?"),
                facts.getOrDefault("processor", "?")).toString();
    }

    /** Every mode against every workload, as parts of host mode. */
    private String glance() {
        Markup out = new Markup().raw("<div class=\"scroll\"><table><thead><tr><th>of host mode</th>");
        run.workloads().forEach(workload -> out.add("<th>%s</th>", workload.title()));
        out.raw("</tr></thead><tbody>\n");
        for (ModeEntry mode : run.modes()) {
            if (!mode.absence().isEmpty()) {
                continue;
            }
            out.add("<tr class=\"%s\"><th>%s</th>", mode.group().toLowerCase(Locale.ROOT), mode.title());
            for (WorkloadEntry workload : run.workloads()) {
                Optional<Figures> figures = run.row(mode.id(), workload.id()).filter(row -> !row.samples().isEmpty())
                        .map(row -> Figures.of(run, row));
                out.add("<td>%s</td>", figures.map(f -> Numbers.of(f.ratio())).orElse("failed"));
            }
            out.raw("</tr>\n");
        }
        return out.raw("</tbody></table></div>").toString();
    }

    private String charts() {
        Markup out = new Markup();
        for (WorkloadEntry workload : run.workloads()) {
            out.add("<section><h3>%s <small>%s, %s</small></h3><p>%s</p>\n", workload.title(), unit(workload),
                    workload.moreIsBetter() ? "more is better" : "less is better", workload.method());
            out.raw(BarChart.figures(run, workload)).raw("</section>\n");
        }
        return out.toString();
    }

    private static String unit(WorkloadEntry workload) {
        return workload.unit().equals("us") ? "\u00b5s" : workload.unit();
    }

    private String latency() {
        Markup out = new Markup();
        run.workloads().forEach(workload -> out.raw(PercentileChart.of(run, workload)));
        String charts = out.toString();
        return charts.isEmpty() ? "" : "<h2>Round trips, percentile by percentile</h2>\n<p>Host mode is the dashed line in each. Across,"
                + " every step is another nine; upwards, every step is ten times as long.</p>\n<div class=\"charts\">" + charts + "</div>";
    }

    private String cores() {
        Markup out = new Markup();
        for (WorkloadEntry workload : run.workloads()) {
            out.add("<section><h3>%s <small>busy cores</small></h3>\n", workload.title());
            out.raw(BarChart.cores(run, workload)).raw("</section>\n");
        }
        return out.toString();
    }

    private String notes() {
        Markup out = new Markup();
        if (!run.notes().isEmpty()) {
            out.raw("<h2>Before you believe it</h2>\n<ul>");
            run.notes().forEach(note -> out.add("<li>%s</li>\n", note));
            out.raw("</ul>");
        }
        return out.toString();
    }

    private String modes() {
        Markup out = new Markup().raw("<dl>");
        for (ModeEntry mode : run.modes()) {
            out.add("<dt class=\"%s\">%s <code>%s</code></dt><dd>%s", mode.group().toLowerCase(Locale.ROOT), mode.title(), mode.id(),
                    mode.remark());
            out.add(mode.absence().isEmpty() ? "</dd>\n" : " <b>%s</b></dd>\n", mode.absence());
        }
        return out.raw("</dl>").toString();
    }

    private String environment() {
        Markup out = new Markup().raw("<div class=\"scroll\"><table class=\"facts\"><tbody>");
        run.environment().facts().forEach((name, value) -> out.add("<tr><th>%s</th><td>%s</td></tr>\n", name, value));
        return out.raw("</tbody></table></div>").toString();
    }

    private String raw() {
        Markup out = new Markup();
        for (WorkloadEntry workload : run.workloads()) {
            out.add("<details><summary>%s, %s</summary><div class=\"scroll\"><table><thead><tr><th></th><th>round</th><th>value</th>"
                    + "<th>busy cores</th><th>data plane</th><th>steal</th><th>more</th></tr></thead><tbody>\n", workload.title(),
                    workload.unit());
            for (Row row : run.rows(workload.id())) {
                String title = run.mode(row.mode()).map(ModeEntry::title).orElse(row.mode());
                row.samples().forEach(sample -> sample(out, title, sample));
                row.errors().forEach(error -> out.add("<tr><th>%s</th><td colspan=\"6\">%s</td></tr>\n", title, error));
            }
            out.raw("</tbody></table></div></details>\n");
        }
        return out.raw(crossChecks(run.crossChecks())).toString();
    }

    private static void sample(Markup out, String title, Sample sample) {
        StringBuilder more = new StringBuilder();
        sample.details().entrySet().stream().sorted(Map.Entry.comparingByKey())
                .forEach(detail -> more.append(detail.getKey()).append(' ').append(Numbers.of(detail.getValue())).append("  "));
        out.add("<tr><th>%s</th><td>%d</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td></tr>\n", title, sample.round() + 1,
                Numbers.of(sample.value()), Numbers.of(sample.busyCores()), sample.dataPlaneCores().map(Numbers::of).orElse("-"),
                Numbers.of(sample.stealCores()), more.toString().strip());
    }

    private String crossChecks(List<CrossCheck> checks) {
        if (checks.isEmpty()) {
            return "";
        }
        Markup out = new Markup().raw("<h3>Beside known tools</h3><div"
                + " class=\"scroll\"><table><thead><tr><th></th><th></th><th>tool</th><th>ours</th>"
                + "<th>theirs</th><th>ratio</th><th>verdict</th></tr></thead><tbody>\n");
        for (CrossCheck check : checks) {
            out.add("<tr><th>%s</th><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td></tr>\n",
                    run.mode(check.mode()).map(ModeEntry::title).orElse(check.mode()),
                    run.workload(check.workload()).map(WorkloadEntry::title).orElse(check.workload()), check.tool(),
                    Numbers.of(Statistics.median(Statistics.array(check.ours()))),
                    Numbers.of(Statistics.median(Statistics.array(check.theirs()))), Numbers.of(Statistics.median(check.ratios())),
                    check.verdict());
        }
        return out.raw("</tbody></table></div>").toString();
    }
}
