package io.footbridge.bench.run;

import io.footbridge.bench.mode.Standing;
import io.footbridge.bench.result.CrossCheck;
import io.footbridge.bench.site.Namespace;
import io.footbridge.bench.site.Programs;
import io.footbridge.bench.site.Site;
import io.footbridge.bench.traffic.Task;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Repeats single streams with iperf3 and HTTP with wrk, each in a pair with ours. iperf3's server listens on the port after the
 * responder's, so that whatever publishes one publishes both; wrk asks the responder itself.
 */
final class CrossChecker {
    private static final Pattern RECEIVED = Pattern.compile("\"sum_received\":\\s*\\{[^}]*?\"bits_per_second\":\\s*([0-9.e+]+)");
    private static final Pattern REQUESTS = Pattern.compile("Requests/sec:\\s*([0-9.]+)");
    private static final String IPERF3 = "iperf3";
    private static final String WRK = "wrk";

    private final Plan plan;
    private final Progress progress;

    CrossChecker(Plan plan, Progress progress) {
        this.plan = plan;
        this.progress = progress;
    }

    /** How long it takes over one mode. */
    static long plannedForOne(Plan plan) {
        long workloads = plan.workloads().stream().filter(workload -> tool(workload).isPresent()).count();
        return plan.crossCheck() * workloads * 2 * whole(plan.nanos());
    }

    private static Optional<String> tool(Workload workload) {
        return switch (workload.kind()) {
            case STREAM, STREAM_BACK -> workload.streams() == 1 ? Optional.of(IPERF3) : Optional.empty();
            case HTTP -> Optional.of(WRK);
            default -> Optional.empty();
        };
    }

    List<CrossCheck> run(Map<Standing, Site> modes) {
        List<CrossCheck> checks = new ArrayList<>();
        for (Workload workload : plan.workloads()) {
            String tool = tool(workload).orElse("");
            if (plan.crossCheck() == 0 || tool.isEmpty()) {
                continue;
            }
            if (Programs.find(tool).isEmpty()) {
                checks.add(new CrossCheck("", workload.id(), tool, List.of(), List.of(), tool + " is not installed"));
                continue;
            }
            modes.forEach((mode, site) -> checks.add(check(workload, tool, mode, site)));
        }
        return checks;
    }

    private CrossCheck check(Workload workload, String tool, Standing mode, Site site) {
        List<Double> ours = new ArrayList<>();
        List<Double> theirs = new ArrayList<>();
        String error = mode.clientNamespace().isPresent() ? "" : "not checked: the client stands in a user namespace";
        // A known tool takes whole seconds.
        long nanos = whole(plan.nanos());
        try {
            for (int pair = 0; pair < plan.crossCheck() && error.isEmpty(); pair++) {
                progress.tell("cross-check with " + tool + ": ", mode.mode().title());
                ours.add(workload.run(mode, nanos).value());
                theirs.add((tool.equals(WRK) ? wrk(workload, mode, nanos) : iperf3(workload, mode, site, nanos)) / workload.scale());
                progress.done(2 * nanos);
            }
        } catch (IOException failed) {
            error = "failed: " + failed.getMessage();
        }
        return new CrossCheck(mode.mode().id(), workload.id(), tool, ours, theirs, error);
    }

    private static long whole(long nanos) {
        return Math.max(1, Math.round(nanos / 1e9)) * 1_000_000_000L;
    }

    private static double iperf3(Workload workload, Standing mode, Site site, long nanos) throws IOException {
        String port = Integer.toString(mode.port() + 1);
        Process server = site.startPassing(mode.serverNamespace(), List.of(IPERF3, "-s", "-1", "-p", port, "--forceflush"));
        try {
            // It says a line of dashes, then that it listens.
            site.await(server, "-");
            site.await(server, "Server listening");
            Namespace client = mode.clientNamespace().orElseThrow();
            return found(RECEIVED, client.run(IPERF3 + " -J -t " + nanos / 1_000_000_000L + " -p " + port + " -c " + mode.target()
                    + (workload.kind() == Task.Kind.STREAM_BACK ? " -R" : "")));
        } finally {
            server.destroy();
        }
    }

    private static double wrk(Workload workload, Standing mode, long nanos) throws IOException {
        return found(REQUESTS, mode.clientNamespace().orElseThrow().run(WRK + " -t1 -c" + workload.streams() + " -d"
                + nanos / 1_000_000_000L
                + "s http://" + mode.target() + ":" + mode.port() + "/"));
    }

    private static double found(Pattern pattern, String output) throws IOException {
        Matcher matcher = pattern.matcher(output);
        if (!matcher.find()) {
            throw new IOException("no figure in what it printed");
        }
        return Double.parseDouble(matcher.group(1));
    }
}
