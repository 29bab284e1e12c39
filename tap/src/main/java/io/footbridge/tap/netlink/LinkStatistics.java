package io.footbridge.tap.netlink;

import io.footbridge.tap.Errno;
import io.footbridge.tap.SystemCallException;
import io.footbridge.tap.namespace.NetworkNamespace;
import java.io.IOException;

/**
 * The kernel's counters of a link (struct rtnl_link_stats64), since the link was made and seen from the namespace that
 * it is in: what a container sends is its link's transmit side. On a TAP, {@code txDropped} counts the frames that found
 * their reader's queue full.
 *
 * @param rxNoHandler received frames for which nothing on the host was there
 */
public record LinkStatistics(long rxPackets, long txPackets, long rxBytes, long txBytes, long rxErrors, long txErrors,
        long rxDropped, long txDropped, long rxFrameErrors, long rxMissed, long rxNoHandler) {

    /** The counters of a link in a namespace, through a socket that is closed again. */
    public static LinkStatistics read(NetworkNamespace namespace, int index) throws IOException {
        try (RouteNetlink netlink = RouteNetlink.in(namespace)) {
            return netlink.link(index).orElseThrow(() -> new SystemCallException(
                    "counters of interface " + index + " in namespace " + namespace, Errno.ENODEV.number()))
                    .statistics();
        }
    }

    static LinkStatistics decode(NetlinkAttributes attributes, int type) {
        return new LinkStatistics(attributes.getCounter(type, 0), attributes.getCounter(type, 1),
                attributes.getCounter(type, 2), attributes.getCounter(type, 3), attributes.getCounter(type, 4),
                attributes.getCounter(type, 5), attributes.getCounter(type, 6), attributes.getCounter(type, 7),
                attributes.getCounter(type, 13), attributes.getCounter(type, 15), attributes.getCounter(type, 23));
    }
}
