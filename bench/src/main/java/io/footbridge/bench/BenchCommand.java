package io.footbridge.bench;

import io.footbridge.bench.mode.Mode;
import io.footbridge.bench.mode.Modes;
import io.footbridge.bench.report.HtmlPage;
import io.footbridge.bench.report.TerminalReport;
import io.footbridge.bench.result.Comparison;
import io.footbridge.bench.result.ResultFile;
import io.footbridge.bench.result.Run;
import io.footbridge.bench.run.Bench;
import io.footbridge.bench.run.Plan;
import io.footbridge.bench.run.Progress;
import io.footbridge.bench.run.Workload;
import io.footbridge.bench.site.Machine;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code footbridge bench}: what bridge mode costs against host mode. */
@Command(name = "footbridge bench", mixinStandardHelpOptions = false, sortOptions = false, synopsisHeading = "Usage: ",
        description = "What bridge mode costs against host mode, measured on this machine. As root all modes; else the rootless ones.")
final class BenchCommand implements Callable<Integer> {
    private static final int QUICK_ROUNDS = 2;
    private static final int FULL_ROUNDS = 7;
    private static final int CROSS_CHECKS = 5;
    private static final double SHORTEST = 0.05;
    private static final double LONGEST = 600;
    private static final double FULL_SECONDS = 2;

    private final PrintStream out;
    private final PrintStream err;
    private final boolean terminal;
    private final String launcher;

    @Spec
    private CommandSpec spec;

    @Option(names = "--quick", description = "three workloads, two rounds of 1 s: a first look within 3 minutes")
    private boolean quick;

    @Option(names = "--modes", paramLabel = "ID", split = ",", description = "these modes only; see --list")
    private List<String> modes = List.of();

    @Option(names = "--workloads", paramLabel = "ID", split = ",", description = "these workloads only; see --list")
    private List<String> workloads = List.of();

    @Option(names = "--rounds", paramLabel = "N", description = "rounds that count: 2 with --quick, else 7")
    private Integer rounds;

    @Option(names = "--seconds", paramLabel = "S", description = "how long each measurement takes: 1 with --quick, else 2")
    private Double seconds;

    @Option(names = "--seed", paramLabel = "N", description = "of the order in which modes take turns")
    private Long seed;

    @Option(names = "--cross-check", description = "repeats single streams with iperf3 and HTTP with wrk, in 5 pairs with ours")
    private boolean crossCheck;

    @Option(names = "--json", paramLabel = "FILE", description = "the raw figures")
    private Path json;

    @Option(names = "--html", paramLabel = "FILE", description = "a page with charts, method and raw figures")
    private Path html;

    @Option(names = "--compare", paramLabel = "FILE", arity = "2", description = "what changed between two files of --json, and whether it"
            + " is noise")
    private List<Path> compare = List.of();

    @Option(names = "--list", description = "modes and workloads by id")
    private boolean list;

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "this text")
    private boolean help;

    private volatile Bench running;
    private volatile boolean interrupted;

    /** @param launcher path of {@code ./footbridge} */
    BenchCommand(PrintStream out, PrintStream err, boolean terminal, String launcher) {
        this.out = out;
        this.err = err;
        this.terminal = terminal;
        this.launcher = launcher;
    }

    @Override
    public Integer call() throws IOException {
        if (list) {
            Modes.all().forEach(mode -> out.printf("%-18s %s%n", mode.id(), mode.remark()));
            out.println();
            Workload.all().forEach(workload -> out.printf("%-18s %s, %s%n", workload.id(), workload.entry().title(), workload.entry()
                    .unit()));
            return 0;
        }
        if (!compare.isEmpty()) {
            List<Comparison> rows = Comparison.of(ResultFile.read(compare.getFirst()), ResultFile.read(compare.getLast()));
            if (rows.isEmpty()) {
                throw new IOException(compare.getFirst() + " and " + compare.getLast() + " have no mode and workload in common");
            }
            out.print(TerminalReport.of(rows));
            return 0;
        }
        return measure(plan());
    }

    private int measure(Plan plan) throws IOException {
        for (Path file : files()) {
            ResultFile.checkWritable(file);
        }
        Run run;
        Progress progress = new Progress(err, terminal);
        try (Bench bench = new Bench(plan, Machine.look(launcher), progress)) {
            running = bench;
            run = bench.run();
        } finally {
            progress.end();
            running = null;
        }
        out.print(TerminalReport.of(run));
        out.flush();
        if (json != null) {
            ResultFile.write(json, ResultFile.json(run));
        }
        if (html != null) {
            ResultFile.write(html, HtmlPage.of(run));
        }
        boolean anything = run.rows().stream().anyMatch(row -> !row.samples().isEmpty());
        if (!anything) {
            throw new IOException("nothing could be measured; the reasons stand above");
        }
        return 0;
    }

    private List<Path> files() {
        List<Path> files = new ArrayList<>();
        Optional.ofNullable(json).ifPresent(files::add);
        Optional.ofNullable(html).ifPresent(files::add);
        return files;
    }

    private Plan plan() {
        double length = seconds == null ? quick ? 1 : FULL_SECONDS : seconds;
        int count = rounds == null ? quick ? QUICK_ROUNDS : FULL_ROUNDS : rounds;
        if (!(length >= SHORTEST && length <= LONGEST)) {
            throw wrong("--seconds must be between " + SHORTEST + " and " + (int) LONGEST + ", got " + length);
        }
        if (count < 1) {
            throw wrong("--rounds must be at least 1, got " + count);
        }
        List<Workload> all = Workload.all().stream().filter(workload -> !quick || !workloads.isEmpty() || workload.quick()).toList();
        return new Plan(chosen("--modes", Modes.all(), Mode::id, modes), chosen("--workloads", all, Workload::id, workloads), quick, count,
                (long) (length * 1e9), seed == null ? System.nanoTime() >>> 20 : seed, crossCheck ? CROSS_CHECKS : 0);
    }

    private <T> List<T> chosen(String option, List<T> all, Function<T, String> id, List<String> wanted) {
        for (String word : wanted) {
            if (all.stream().noneMatch(item -> id.apply(item).equals(word))) {
                throw wrong(option + ": there is no '" + word + "'; --list names those that there are");
            }
        }
        return wanted.isEmpty() ? all : all.stream().filter(item -> wanted.contains(id.apply(item))).toList();
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    /** Takes everything down that stands; for whoever is told to end. Any thread. */
    void interrupt() {
        Bench bench = running;
        if (bench != null) {
            interrupted = true;
            bench.close();
        }
    }

    /** Whether {@link #interrupt} has ended a run. */
    boolean isInterrupted() {
        return interrupted;
    }
}
