package io.footbridge.bench;

import java.io.IOException;

/**
 * Our own NAT: even hosts are containers of a network that masquerades, odd hosts stand on the other end of the veth
 * that is the network's frames uplink. One pair of hosts.
 */
final class FootbridgeNatBed extends TestBed {
    private static final String NETWORK = "bench";

    private final String launcher;
    private final boolean tap;
    private FootbridgeDaemon daemon;

    /** @param tap whether containers have a TAP; if not, a veth. The uplink is a veth in either case */
    FootbridgeNatBed(String launcher, boolean tap) {
        super(tap ? "Footbridge NAT, TAP" : "Footbridge NAT, veth", tap ? "fbm" : "fbn", tap ? "10.217.0" : "10.215.0");
        this.launcher = launcher;
        this.tap = tap;
    }

    @Override
    String subnet(int host) {
        return host % 2 == 0 ? subnet() : tap ? "10.218.0" : "10.216.0";
    }

    @Override
    void begin() throws IOException {
        String link = veth(1);
        configure(1);
        daemon = new FootbridgeDaemon(launcher);
        daemon.command("network create " + NETWORK + " --subnet " + subnet() + ".0/24 --uplink frames:" + link + ",addr="
                + subnet(1) + ".1/24");
    }

    @Override
    void join(int host) throws IOException {
        if (host == 0) {
            daemon.command("attach " + NETWORK + " --netns /run/netns/" + namespace(host) + " --name h" + host + " --ip "
                    + address(host) + " --type " + (tap ? "tap" : "veth"));
        } else if (host > 1) {
            throw new IOException(name() + " has one pair of hosts");
        }
    }

    @Override
    String statistics() throws IOException {
        return daemon.command("conntrack stats") + daemon.command("stats " + NETWORK);
    }

    @Override
    void end() {
        if (daemon != null) {
            daemon.close();
        }
        Commands.attempt("ip link del " + prefix() + "v1");
    }
}
