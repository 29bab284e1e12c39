package io.footbridge.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A daemon of our own with a socket of its own, started and used as anyone would. */
final class FootbridgeDaemon implements AutoCloseable {
    private final String launcher;
    private final Path folder;
    private final Process process;

    /**
     * Starts it and waits until it is ready.
     *
     * @param launcher path of {@code ./footbridge}
     * @param within the words of a command that starts it in another place; none for here
     */
    FootbridgeDaemon(String launcher, String... within) throws IOException {
        this.launcher = launcher;
        folder = Files.createTempDirectory("footbridge-bench");
        List<String> command = new ArrayList<>(List.of(within));
        command.addAll(List.of(launcher, "--socket", socket(), "daemon"));
        process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        String ready = process.inputReader().readLine();
        if (ready == null || !ready.startsWith("footbridge: ready")) {
            close();
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
        Commands.end(process);
        Commands.attempt("rm -rf " + folder);
    }
}
