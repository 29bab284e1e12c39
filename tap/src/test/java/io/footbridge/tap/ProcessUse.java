package io.footbridge.tap;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;

/** What a process of a test has in use, as /proc tells (proc(5)). Any thread. */
public final class ProcessUse {
    private static final int TICK_MILLIS = 10;

    private ProcessUse() {
    }

    /** Descriptors that it has open. */
    public static int descriptors(long pid) throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            return (int) open.count();
        }
    }

    /** Processor time, of user and kernel together, to a hundredth of a second (stat, fields 14 and 15). */
    public static Duration processorTime(long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return Duration.ofMillis(TICK_MILLIS * (Long.parseLong(fields[11]) + Long.parseLong(fields[12])));
    }
}
