package io.footbridge.bench.site;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Processor time so far, in ticks of 10 ms: proc(5), {@code /proc/stat} and {@code /proc/PID/stat}.
 *
 * @param busy of all processors: neither idle, nor waiting for a disk, nor taken by other guests
 * @param steal what the hypervisor gave to others
 * @param dataPlane of the processes that were asked about and their children that have ended, in user and in kernel mode
 */
public record ProcessorTime(long busy, long steal, long dataPlane) {
    /** Ticks a second (USER_HZ, which is 100 on every architecture that Java runs on). */
    public static final int TICKS = 100;

    private static final int USER = 13;
    private static final int CHILDREN_KERNEL = 16;

    /** Now. */
    public static ProcessorTime now(List<ProcessHandle> processes) throws IOException {
        String[] fields = Files.readAllLines(Path.of("/proc/stat")).getFirst().strip().split("\\s+");
        long[] ticks = new long[11];
        for (int i = 1; i < Math.min(fields.length, ticks.length); i++) {
            ticks[i] = Long.parseLong(fields[i]);
        }
        // user, nice, system, idle, iowait, irq, softirq, steal; guest time is part of user's.
        long busy = ticks[1] + ticks[2] + ticks[3] + ticks[6] + ticks[7];
        long own = processes.stream().mapToLong(process -> of(process.pid())).sum();
        return new ProcessorTime(busy, ticks[8], own);
    }

    /** Since an earlier moment. */
    public ProcessorTime since(ProcessorTime earlier) {
        return new ProcessorTime(busy - earlier.busy, steal - earlier.steal, dataPlane - earlier.dataPlane);
    }

    private static long of(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            // The name in brackets may hold anything; what follows it does not. Field 3 is the first after it.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            long sum = 0;
            for (int field = USER; field <= CHILDREN_KERNEL; field++) {
                sum += Long.parseLong(fields[field - 2]);
            }
            return sum;
        } catch (IOException ended) {
            return 0;
        }
    }
}
