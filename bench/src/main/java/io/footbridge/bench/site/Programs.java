package io.footbridge.bench.site;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Programs of the machine: whether they are there, and running one to its end. */
public final class Programs {
    private static final long LIMIT_SECONDS = 60;
    private static final int QUOTED = 200;
    private static final List<String> FOLDERS = List.of("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin",
            "/usr/libexec/docker");

    private Programs() {
    }

    /** Where a program is. */
    public static Optional<Path> find(String name) {
        return FOLDERS.stream().map(folder -> Path.of(folder, name)).filter(Files::isExecutable).findFirst();
    }

    /** Runs a program to its end and returns what it printed; any exit code but 0 is an error that quotes it. */
    public static String run(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        try {
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException(inWords(command) + ": no end after " + LIMIT_SECONDS + " s");
            }
            if (process.exitValue() != 0) {
                throw new IOException(inWords(command) + ": exit code " + process.exitValue() + ": " + lastWords(output));
            }
            return output;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while " + inWords(command) + " ran");
        } finally {
            process.destroyForcibly();
        }
    }

    /** The next line that a program prints, or null at its end; a program that says nothing for too long is an error. */
    static String line(Process process, Duration limit) throws IOException {
        FutureTask<String> reading = new FutureTask<>(() -> process.inputReader().readLine());
        Thread.ofPlatform().daemon().name("bench-reader").start(reading);
        try {
            return reading.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException late) {
            throw new IOException("no word for " + limit.toSeconds() + " s", late);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        } catch (ExecutionException failed) {
            throw new IOException(failed.getCause().getMessage(), failed.getCause());
        }
    }

    /** The end of what a program printed, as part of a one-line message. */
    static String lastWords(String output) {
        String line = output.strip().replaceAll("[\\p{Cntrl}\\s]+", " ");
        return line.length() > QUOTED ? "..." + line.substring(line.length() - QUOTED) : line;
    }

    /** A command without what leads into its namespace. */
    private static String inWords(List<String> command) {
        int start = command.getFirst().equals("nsenter") ? command.indexOf("--") + 1 : 0;
        return String.join(" ", command.subList(start, command.size()));
    }
}
