package io.footbridge.dataplane;

import io.footbridge.wire.Protocol;
import java.util.Comparator;
import java.util.List;

/** The ranges of ports that are published on one address, sorted for a binary search. Immutable. */
final class PublishedPorts {
    static final PublishedPorts NONE = new PublishedPorts(List.of());

    private final PublishedPort[] tcp;
    private final PublishedPort[] udp;

    /** @param ranges none of which share a port of one protocol */
    PublishedPorts(List<PublishedPort> ranges) {
        tcp = sorted(ranges, Protocol.TCP);
        udp = sorted(ranges, Protocol.UDP);
    }

    private static PublishedPort[] sorted(List<PublishedPort> ranges, int protocol) {
        return ranges.stream().filter(range -> range.forward().protocol() == protocol)
                .sorted(Comparator.comparingInt(range -> range.forward().firstPort())).toArray(PublishedPort[]::new);
    }

    /** The range that a port is in, or null. */
    PublishedPort find(int protocol, int port) {
        PublishedPort[] ranges = protocol == Protocol.TCP ? tcp : protocol == Protocol.UDP ? udp : NONE.tcp;
        int low = 0;
        int high = ranges.length - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            PortForward forward = ranges[middle].forward();
            if (port < forward.firstPort()) {
                high = middle - 1;
            } else if (port >= forward.firstPort() + forward.count()) {
                low = middle + 1;
            } else {
                return ranges[middle];
            }
        }
        return null;
    }
}
