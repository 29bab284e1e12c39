package io.footbridge.control.run;

import java.nio.file.Path;

/** The files {@code run-PID.KIND} by which runs and those that serve them find each other, in the user's directory. */
public final class RunFile {
    private RunFile() {
    }

    /** The directory in /proc of the COMMAND that a file is of. */
    public static Path process(Path file) {
        return Path.of("/proc", file.getFileName().toString().replaceAll("[^0-9]", ""));
    }
}
