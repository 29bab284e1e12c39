package io.footbridge.bench;

import java.io.IOException;

/**
 * What Docker's bridge mode is made of: the kernel's bridge, routing, connection tracking and nftables' masquerade, in a
 * namespace of its own that stands between host 0 (inside) and host 1 (outside).
 */
final class KernelNatBed extends TestBed {
    private static final String ROUTER = "fbkrouter";
    private static final String OUTSIDE = "10.220.0";

    KernelNatBed() {
        super("kernel bridge + nft", "fbq", "10.219.0");
    }

    @Override
    String subnet(int host) {
        return host % 2 == 0 ? subnet() : OUTSIDE;
    }

    /** Whether nftables is there. */
    static boolean isInstalled() {
        return Commands.exists("nft");
    }

    @Override
    void begin() throws IOException {
        Commands.attempt("ip netns del " + ROUTER);
        Commands.shell("ip netns add " + ROUTER);
        inside("ip link set lo up");
        inside("ip link add br0 type bridge");
        inside("ip addr add " + subnet() + ".1/24 dev br0");
        inside("ip link set br0 up");
        inside("sysctl -q -w net.ipv4.ip_forward=1");
        inside("nft add table ip nat");
        inside("nft add chain ip nat postrouting { type nat hook postrouting priority 100 ; }");
        inside("nft add rule ip nat postrouting ip saddr " + subnet() + ".0/24 oifname out masquerade");
    }

    @Override
    void join(int host) throws IOException {
        if (host > 1) {
            throw new IOException(name() + " has one pair of hosts");
        }
        String end = host == 0 ? "in" : "out";
        Commands.shell("ip link add " + end + " netns " + ROUTER + " type veth peer name eth0 netns " + namespace(host));
        inside("ip link set " + end + " up");
        if (host == 0) {
            inside("ip link set in master br0");
        } else {
            inside("ip addr add " + OUTSIDE + ".1/24 dev out");
        }
        configure(host);
        if (host == 0) {
            Commands.shell("ip -n " + namespace(host) + " route add default via " + subnet() + ".1");
        }
    }

    private static void inside(String command) throws IOException {
        Commands.shell("ip netns exec " + ROUTER + " " + command);
    }

    @Override
    void end() {
        Commands.attempt("ip netns del " + ROUTER);
    }
}
