package io.footbridge.bench.run;

import io.footbridge.bench.mode.Mode;
import io.footbridge.bench.mode.Standing;
import io.footbridge.bench.result.CrossCheck;
import io.footbridge.bench.result.ModeEntry;
import io.footbridge.bench.result.Run;
import io.footbridge.bench.site.Machine;
import io.footbridge.bench.site.ProcessorTime;
import io.footbridge.bench.site.Site;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/** A run. Run by the main thread; closed by any. */
public final class Bench implements AutoCloseable {
    private static final long SET_UP_NANOS = 1_500_000_000L;

    private final Plan plan;
    private final Machine machine;
    private final Progress progress;
    private final List<ModeEntry> entries = new ArrayList<>();
    private final Map<Standing, Site> standing = new LinkedHashMap<>();
    /** All sites, so that another thread may close them; guarded by itself. */
    private final List<Site> sites = new ArrayList<>();
    private boolean closed;

    /** A run that has not begun. */
    public Bench(Plan plan, Machine machine, Progress progress) {
        this.plan = plan;
        this.machine = machine;
        this.progress = progress;
    }

    /** Does it all. Where nothing could be measured, the modes' entries say why. */
    public Run run() throws IOException {
        Instant started = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        long start = System.nanoTime();
        progress.plan(planned(plan.modes().size()));
        for (Mode mode : plan.modes()) {
            progress.tell("setting up ", mode.title());
            entries.add(setUp(mode));
            progress.done(SET_UP_NANOS);
        }
        progress.plan(planned(standing.size()));
        Rows rows = new Rows(plan, progress);
        rows.warmUp(standing.keySet());
        ProcessorTime before = idle();
        Random random = new Random(plan.seed());
        for (int round = 0; round < plan.rounds(); round++) {
            rows.round(round, standing.keySet(), random);
            takeDownTheDead();
        }
        ProcessorTime after = idle();
        List<CrossCheck> checks = new CrossChecker(plan, progress).run(standing);
        double seconds = plan.idleNanos() / 1e9 * ProcessorTime.TICKS;
        Run.Idle idle = new Run.Idle(before.busy() / seconds, after.busy() / seconds, (before.steal() + after.steal()) / 2.0 / seconds);
        Run run = new Run(Run.FORMAT, started.toString(), (System.nanoTime() - start) / 1e9, plan.quick(), plan.rounds(),
                plan.nanos() / 1e9,
                plan.seed(), EnvironmentReader.read(), idle, List.copyOf(entries),
                plan.workloads().stream().map(Workload::entry).toList(), rows.rows(idle.baseline()), checks, List.of());
        return Notes.added(run);
    }

    /** What is planned, with so many modes that stand. */
    private long planned(int modes) {
        long once = plan.workloads().stream().mapToLong(workload -> workload.expectedNanos(plan.nanos())).sum();
        long warmUp = plan.workloads().stream().mapToLong(workload -> workload.expectedNanos(plan.warmUpNanos())).sum();
        return plan.modes().size() * SET_UP_NANOS + modes * (warmUp + plan.rounds() * once + CrossChecker.plannedForOne(plan))
                + 2 * plan.idleNanos();
    }

    private ModeEntry setUp(Mode mode) throws IOException {
        String absence = mode.absence(machine).map(reason -> "skipped: " + reason).orElse("");
        if (absence.isEmpty()) {
            Site site = open();
            try {
                standing.put(Standing.build(mode, site, machine), site);
            } catch (IOException failed) {
                checkOpen();
                absence = "failed: " + failed.getMessage();
                site.close();
            }
        }
        return new ModeEntry(mode.id(), mode.title(), mode.group().name(), mode.remark(), absence);
    }

    private Site open() throws IOException {
        synchronized (sites) {
            checkOpen();
            Site site = new Site();
            sites.add(site);
            return site;
        }
    }

    private void checkOpen() throws IOException {
        synchronized (sites) {
            if (closed) {
                throw new IOException("interrupted");
            }
        }
    }

    private void takeDownTheDead() throws IOException {
        checkOpen();
        for (Standing mode : List.copyOf(standing.keySet())) {
            if (!mode.isAlive()) {
                standing.remove(mode).close();
            }
        }
    }

    private ProcessorTime idle() throws IOException {
        checkOpen();
        progress.tell("idle baseline", "");
        ProcessorTime before = ProcessorTime.now(List.of());
        long end = System.nanoTime() + plan.idleNanos();
        for (long left = plan.idleNanos(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
        progress.done(plan.idleNanos());
        return ProcessorTime.now(List.of()).since(before);
    }

    /** Takes everything down; whatever runs breaks off. A second close does nothing. */
    @Override
    public void close() {
        List<Site> all;
        synchronized (sites) {
            closed = true;
            all = List.copyOf(sites).reversed();
        }
        all.forEach(Site::close);
    }
}
