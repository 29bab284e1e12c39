package io.footbridge.bench;

import java.io.IOException;

/** The kernel's own bridge over veth pairs. */
final class KernelBridge extends TestBed {
    private static final String BRIDGE = "fbkbr0";

    KernelBridge() {
        super("kernel bridge", "fbk", "10.210.0");
    }

    @Override
    void begin() throws IOException {
        Commands.attempt("ip link del " + BRIDGE);
        Commands.shell("ip link add " + BRIDGE + " type bridge");
        // Netfilter hooks would make the rival slower than it need be.
        Commands.attempt("ip link set " + BRIDGE + " type bridge nf_call_iptables 0 nf_call_ip6tables 0 nf_call_arptables 0");
        Commands.shell("ip link set " + BRIDGE + " up");
    }

    @Override
    void join(int host) throws IOException {
        Commands.shell("ip link set " + veth(host) + " master " + BRIDGE);
        configure(host);
    }

    @Override
    void end() {
        Commands.attempt("ip link del " + BRIDGE);
    }
}
