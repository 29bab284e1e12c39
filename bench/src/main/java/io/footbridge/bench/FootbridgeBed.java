package io.footbridge.bench;

import java.io.IOException;

/** Our own bridge, with a daemon of its own. */
final class FootbridgeBed extends TestBed {
    private static final String NETWORK = "bench";

    private final String launcher;
    private final boolean tap;
    private FootbridgeDaemon daemon;

    /** @param launcher path of {@code ./footbridge} */
    FootbridgeBed(String launcher, boolean tap) {
        super(tap ? "Footbridge, TAP" : "Footbridge, veth", tap ? "fbt" : "fbx", tap ? "10.213.0" : "10.214.0");
        this.launcher = launcher;
        this.tap = tap;
    }

    @Override
    void begin() throws IOException {
        daemon = new FootbridgeDaemon(launcher);
        daemon.command("network create " + NETWORK + " --subnet " + subnet() + ".0/24");
    }

    @Override
    void join(int host) throws IOException {
        daemon.command("attach " + NETWORK + " --netns /run/netns/" + namespace(host) + " --name h" + host + " --ip "
                + address(host) + " --type " + (tap ? "tap" : "veth"));
    }

    @Override
    String statistics() throws IOException {
        return daemon.command("stats " + NETWORK);
    }

    @Override
    void end() {
        if (daemon != null) {
            daemon.close();
        }
    }
}
