package io.footbridge.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs programs of the machine, each with a time limit. */
final class Commands {
    private static final long LIMIT_SECONDS = 60;

    private Commands() {
    }

    /** Runs a program to its end and returns what it printed; any exit code but 0 is an error that quotes it. */
    static String run(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        try {
            byte[] output = process.getInputStream().readAllBytes();
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException(String.join(" ", command) + ": no end after " + LIMIT_SECONDS + " s");
            }
            String text = new String(output, StandardCharsets.UTF_8);
            if (process.exitValue() != 0) {
                throw new IOException(String.join(" ", command) + ": exit code " + process.exitValue() + ": " + text.strip());
            }
            return text;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while " + String.join(" ", command) + " ran", interrupted);
        } finally {
            process.destroyForcibly();
        }
    }

    /** As {@link #run}, split at blanks. */
    static String shell(String command) throws IOException {
        return run(command.strip().split("\\s+"));
    }

    /** As {@link #shell}, for cleaning up: what cannot be undone was not done. */
    static void attempt(String command) {
        try {
            shell(command);
        } catch (IOException absent) {
            // Nothing to undo.
        }
    }

    /** Tells a process to end and waits until it has; nothing where there is none. */
    static void end(Process process) {
        if (process == null) {
            return;
        }
        process.destroy();
        try {
            process.waitFor();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether a program is there. */
    static boolean exists(String program) {
        return List.of("/usr/bin/", "/usr/sbin/", "/bin/", "/sbin/").stream()
                .anyMatch(folder -> new java.io.File(folder + program).canExecute());
    }
}
