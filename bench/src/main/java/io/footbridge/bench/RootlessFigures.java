package io.footbridge.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * What a container's TCP by the host's own sockets reaches, of a daemon and of bin/slirp4netns, beside slirp4netns and pasta, in
 * interleaved rounds: bulk to the host and back, over one stream and four; connections a second; round trips of TCP and of echo.
 *
 * <p>Arguments: the path of {@code ./footbridge}, the number of rounds, the MTU, and how the workloads begin that are wanted
 * where it is not all: {@code TCP}, {@code echo}.
 */
public final class RootlessFigures {
    private RootlessFigures() {
    }

    /** Runs the rounds and prints tables and ratios. */
    public static void main(String[] arguments) throws IOException {
        String launcher = Path.of(arguments[0]).toAbsolutePath().toString();
        int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 5;
        int mtu = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 1500;
        String wanted = arguments.length > 3 ? arguments[3] : "";
        List<RootlessBed> beds = Arrays.stream(RootlessBed.Program.values()).filter(RootlessBed::isInstalled)
                .map(program -> new RootlessBed(program, launcher, mtu)).toList();
        try {
            for (TestBed bed : beds) {
                bed.setUp(2);
            }
            List<Workload> workloads = List.of(new Stream("TCP, 1 stream out, Gbit/s", 1, ""),
                    new Stream("TCP, 4 streams out, Gbit/s", 1, "-P 4"), new Stream("TCP, 1 stream in, Gbit/s", 1, "-R"),
                    new Stream("TCP, 4 streams in, Gbit/s", 1, "-R -P 4"), new ConnectionRate(), new RequestResponse(50), new Echo(50),
                    new Echo(99));
            for (Workload workload : workloads.stream().filter(any -> any.name().startsWith(wanted)).toList()) {
                Rounds figures = Rounds.of(workload, List.copyOf(beds), rounds, "ours");
                for (RootlessBed ours : beds.stream().filter(RootlessBed::isOurs).toList()) {
                    beds.stream().filter(bed -> !bed.isOurs()).forEach(rival -> figures.ratio(ours, rival));
                }
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
