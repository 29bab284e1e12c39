package io.footbridge.bench.result;

import java.util.List;
import java.util.Optional;

/**
 * A whole run: raw figures and what they depend on.
 *
 * @param format {@link #FORMAT}
 * @param started when, in ISO 8601
 * @param elapsedSeconds how long it took
 * @param quick whether it was the quick one
 * @param rounds how many were to be counted
 * @param seconds how long each measurement took
 * @param seed of the order of the modes
 * @param environment the machine
 * @param idle what is busy when nothing is done, before and after the rounds
 * @param modes all that were asked for
 * @param workloads all that were asked for
 * @param rows a row for each mode that stood and each workload
 * @param crossChecks beside known tools, where that was asked for
 * @param notes what a reader should know before believing the figures
 */
public record Run(String format, String started, double elapsedSeconds, boolean quick, int rounds, double seconds, long seed,
        Environment environment, Idle idle, List<ModeEntry> modes, List<WorkloadEntry> workloads, List<Row> rows,
        List<CrossCheck> crossChecks, List<String> notes) {
    /** What stands first in the file. */
    public static final String FORMAT = "footbridge-bench-1";

    /** The mode that others are compared with. */
    public static final String BASIS = "host";

    /**
     * What is busy when nothing is done.
     *
     * @param busyCoresBefore cores, with all modes standing, before the rounds
     * @param busyCoresAfter after them
     * @param stealCores time given to other guests meanwhile
     */
    public record Idle(double busyCoresBefore, double busyCoresAfter, double stealCores) {
        /** What is taken off: the less of the two, since somebody else's work may fall into one of them. */
        public double baseline() {
            return Math.min(busyCoresBefore, busyCoresAfter);
        }
    }

    /** A mode of this run. */
    public Optional<ModeEntry> mode(String id) {
        return modes.stream().filter(mode -> mode.id().equals(id)).findFirst();
    }

    /** A workload of this run. */
    public Optional<WorkloadEntry> workload(String id) {
        return workloads.stream().filter(workload -> workload.id().equals(id)).findFirst();
    }

    /** The rows of a workload, in the order of the modes. */
    public List<Row> rows(String workload) {
        return rows.stream().filter(row -> row.workload().equals(workload)).toList();
    }

    /** The row of a mode and a workload. */
    public Optional<Row> row(String mode, String workload) {
        return rows.stream().filter(row -> row.mode().equals(mode) && row.workload().equals(workload)).findFirst();
    }
}
