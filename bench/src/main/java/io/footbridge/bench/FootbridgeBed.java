package io.footbridge.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Our own bridge: a daemon with a socket of its own, started and used as anyone would. */
final class FootbridgeBed extends TestBed {
    private static final String NETWORK = "bench";

    private final String launcher;
    private final boolean tap;
    private Path folder;
    private Process daemon;

    /** @param launcher path of {@code ./footbridge} */
    FootbridgeBed(String launcher, boolean tap) {
        super(tap ? "Footbridge, TAP" : "Footbridge, veth", tap ? "fbt" : "fbx", tap ? "10.213.0" : "10.214.0");
        this.launcher = launcher;
        this.tap = tap;
    }

    @Override
    void begin() throws IOException {
        folder = Files.createTempDirectory("footbridge-bench");
        daemon = new ProcessBuilder(launcher, "--socket", socket(), "daemon")
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        String ready = daemon.inputReader().readLine();
        if (ready == null || !ready.startsWith("footbridge: ready")) {
            throw new IOException("the daemon did not start: " + ready);
        }
        footbridge("network create " + NETWORK + " --subnet " + subnet() + ".0/24");
    }

    @Override
    void join(int host) throws IOException {
        footbridge("attach " + NETWORK + " --netns /run/netns/" + namespace(host) + " --name h" + host + " --ip "
                + address(host) + " --type " + (tap ? "tap" : "veth"));
    }

    /** What the daemon counted, for a look after the rounds. */
    String statistics() throws IOException {
        return footbridge("stats " + NETWORK);
    }

    private String footbridge(String command) throws IOException {
        return Commands.shell(launcher + " --socket " + socket() + " " + command);
    }

    private String socket() {
        return folder.resolve("control.sock").toString();
    }

    @Override
    void end() {
        if (daemon != null) {
            daemon.destroy();
            try {
                daemon.waitFor();
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        Commands.attempt("rm -rf " + folder);
    }
}
