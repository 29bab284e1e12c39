package io.footbridge.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * What NAT costs: TCP from a container to somebody outside and back, through Footbridge's NAT, beside the kernel's bridge
 * with nftables' masquerade, Footbridge's own bridge without NAT, and the bare loop, in interleaved rounds.
 *
 * <p>Arguments: the path of {@code ./footbridge} and the number of rounds.
 */
public final class NatFigures {
    private NatFigures() {
    }

    /** Runs the rounds and prints tables and ratios. */
    public static void main(String[] arguments) throws IOException {
        String launcher = Path.of(arguments[0]).toAbsolutePath().toString();
        int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 5;
        if (!KernelNatBed.isInstalled()) {
            throw new IOException("no nft: install nftables");
        }
        TestBed kernel = new KernelNatBed();
        TestBed bare = new BareBed(false);
        TestBed bridgeVeth = new FootbridgeBed(launcher, false);
        TestBed natVeth = new FootbridgeNatBed(launcher, false);
        TestBed bridgeTap = new FootbridgeBed(launcher, true);
        TestBed natTap = new FootbridgeNatBed(launcher, true);
        List<TestBed> beds = List.of(kernel, bare, bridgeVeth, natVeth, bridgeTap, natTap);
        try {
            for (TestBed bed : beds) {
                bed.setUp(2);
            }
            for (Workload workload : List.of(new Stream("TCP, 1 stream out, Gbit/s", 1, ""),
                    new Stream("TCP, 1 stream in, Gbit/s", 1, "-R"))) {
                Rounds figures = Rounds.of(workload, beds, rounds, "kernel");
                figures.ratio(natVeth, bridgeVeth);
                figures.ratio(natTap, bridgeTap);
                figures.ratio(natVeth, kernel);
                figures.ratio(natTap, kernel);
                figures.ratio(bare, kernel);
                figures.ratio(natVeth, bare);
            }
            for (TestBed bed : beds) {
                System.out.print(bed.statistics());
            }
        } finally {
            beds.reversed().forEach(TestBed::close);
        }
        Runtime.getRuntime().halt(0);
    }
}
