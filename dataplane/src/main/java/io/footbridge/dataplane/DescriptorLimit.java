package io.footbridge.dataplane;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** How many descriptors the process may have open (RLIMIT_NOFILE), which the JVM has raised as far as it may. */
final class DescriptorLimit {
    private static final Path LIMITS = Path.of("/proc/self/limits");
    private static final String OPEN_FILES = "Max open files";
    /** What POSIX lets every process have, and Linux by default. */
    private static final int USUAL = 1024;
    private static final int MAX = 1 << 20;

    private DescriptorLimit() {
    }

    /** How many of them the sockets of one protocol may be: half, so that what serves people and devices has the rest. */
    static int share() {
        return of(read()) / 2;
    }

    private static List<String> read() {
        try {
            return Files.readAllLines(LIMITS);
        } catch (IOException unreadable) {
            return List.of();
        }
    }

    /** The limit in force that these lines of /proc/PID/limits tell. */
    static int of(List<String> lines) {
        for (String line : lines) {
            if (line.startsWith(OPEN_FILES)) {
                String soft = line.substring(OPEN_FILES.length()).strip().split("\\s+")[0];
                try {
                    return (int) Math.min(MAX, Long.parseLong(soft));
                } catch (NumberFormatException unlimited) {
                    return MAX;
                }
            }
        }
        return USUAL;
    }
}
