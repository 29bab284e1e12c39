package io.footbridge.bench.mode;

import io.footbridge.bench.site.Machine;
import io.footbridge.bench.site.Namespace;
import io.footbridge.bench.site.Programs;
import io.footbridge.bench.site.Site;
import java.io.IOException;
import java.util.Optional;

/** What Docker's bridge mode is made of: the kernel's bridge, routing, connection tracking and masquerade. */
final class KernelNatMode extends Mode {
    KernelNatMode() {
        super("bridge-nat", "kernel bridge + NAT", Group.KERNEL, "From a container on the kernel's bridge to a host outside, masqueraded"
                + " by " + (hasNft() ? "nftables" : "iptables") + ": what Docker's bridge mode is made of.");
    }

    private static boolean hasNft() {
        return Programs.find("nft").isPresent();
    }

    @Override
    public Optional<String> absence(Machine machine) {
        return Machine.either(machine.noRights(), hasNft() || Programs.find("iptables").isPresent() ? Optional.empty()
                : Optional.of("needs nft or iptables; neither is installed"));
    }

    @Override
    Topology build(Site site, Machine machine) throws IOException {
        Namespace router = site.namespace();
        Namespace container = site.namespace();
        Namespace outside = site.namespace();
        router.run("ip link add br0 type bridge");
        Links.up(router, "br0", Links.GATEWAY);
        Links.join(container, Links.CLIENT, router, "in");
        router.run("ip link set in master br0");
        Links.join(outside, Links.OUTSIDE, router, "out");
        router.run("ip addr add " + Links.UPLINK + "/24 dev out");
        router.run("sysctl -q -w net.ipv4.ip_forward=1");
        container.run("ip route add default via " + Links.GATEWAY);
        if (hasNft()) {
            router.run("nft add table ip nat");
            router.run("nft add chain ip nat postrouting { type nat hook postrouting priority 100 ; }");
            router.run("nft add rule ip nat postrouting ip saddr " + Links.SUBNET + " oifname out masquerade");
        } else {
            router.run("iptables -t nat -A POSTROUTING -s " + Links.SUBNET + " -o out -j MASQUERADE");
        }
        return Topology.between(container, outside, Links.OUTSIDE);
    }
}
