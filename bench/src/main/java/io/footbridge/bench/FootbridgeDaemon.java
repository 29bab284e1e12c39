package io.footbridge.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A daemon of our own with a socket of its own, started and used as anyone would. */
final class FootbridgeDaemon implements AutoCloseable {
    private final String launcher;
    private final Path folder;
    private final Process process;

    /** @param launcher path of {@code ./footbridge} */
    FootbridgeDaemon(String launcher) throws IOException {
        this.launcher = launcher;
        folder = Files.createTempDirectory("footbridge-bench");
        process = new ProcessBuilder(launcher, "--socket", socket(), "daemon")
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        String ready = process.inputReader().readLine();
        if (ready == null || !ready.startsWith("footbridge: ready")) {
            throw new IOException("the daemon did not start: " + ready);
        }
    }

    /** Runs a command of the command line and returns what it printed. */
    String command(String words) throws IOException {
        return Commands.shell(launcher + " --socket " + socket() + " " + words);
    }

    private String socket() {
        return folder.resolve("control.sock").toString();
    }

    @Override
    public void close() {
        process.destroy();
        try {
            process.waitFor();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        Commands.attempt("rm -rf " + folder);
    }
}
