package io.footbridge.control.model;

import io.footbridge.wire.IpPrefix;
import io.footbridge.wire.Ipv4Prefix;
import java.util.Collection;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Which subnet a network gets that names none: the first of a fixed list that overlaps nothing. */
public final class SubnetChooser {
    private static final Ipv4Prefix OF_BRIDGE = Ipv4Prefix.parse("172.30.0.0/16");
    private static final List<Ipv4Prefix> POOL = Stream.concat(
        Stream.of("172.31.0.0/16", "172.29.0.0/16", "172.28.0.0/16"),
        IntStream.rangeClosed(201, 254).mapToObj(second -> "10." + second + ".0.0/16")).map(Ipv4Prefix::parse).toList();

    private static final int FIRST_OF_RUN = 2;
    private static final int LAST_OF_RUN = 255;

    private SubnetChooser() {
    }

    /**
     * The subnet of another network.
     *
     * @param inUse subnets of networks, routes and addresses of the host
     */
    public static Ipv4Prefix choose(Collection<? extends IpPrefix> inUse) throws RefusedException {
        return firstFree(POOL.stream(), inUse);
    }

    /** The subnet of the default network, which has a favourite of its own. */
    public static Ipv4Prefix chooseForBridge(Collection<? extends IpPrefix> inUse) throws RefusedException {
        return firstFree(Stream.concat(Stream.of(OF_BRIDGE), POOL.stream()), inUse);
    }

    /** The subnet of a private run: 10.0.2.0/24, or the next /24 that is free. */
    public static Ipv4Prefix chooseForRun(Collection<? extends IpPrefix> inUse) throws RefusedException {
        return firstFree(IntStream.rangeClosed(FIRST_OF_RUN, LAST_OF_RUN)
            .mapToObj(third -> Ipv4Prefix.parse("10.0." + third + ".0/24")), inUse);
    }

    private static Ipv4Prefix firstFree(Stream<Ipv4Prefix> candidates, Collection<? extends IpPrefix> inUse)
        throws RefusedException {
        return candidates.filter(candidate -> inUse.stream().noneMatch(candidate::overlaps)).findFirst()
            .orElseThrow(() -> RefusedException.conflict(
                "all predefined address pools have been fully subnetted; give --subnet a subnet that is free here"));
    }
}
