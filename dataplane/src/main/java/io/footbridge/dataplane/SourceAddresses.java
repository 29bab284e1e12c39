package io.footbridge.dataplane;

import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv6Address;
import java.util.List;

/**
 * Who a checked port's endpoint is: frames from it must carry this MAC and one of these addresses as their sender.
 *
 * @param mac 48-bit MAC
 * @param ipv4 IPv4 addresses of the endpoint
 * @param ipv6 IPv6 addresses of the endpoint; the link-local address of the MAC is always its own as well
 * @param anyAddress whether every address is as good as its own: a network that gives out none checks the MAC alone
 */
public record SourceAddresses(long mac, List<Ipv4Address> ipv4, List<Ipv6Address> ipv6, boolean anyAddress) {
    /** An endpoint that has these addresses and no others. */
    public SourceAddresses(long mac, List<Ipv4Address> ipv4, List<Ipv6Address> ipv6) {
        this(mac, ipv4, ipv6, false);
    }

    /** An endpoint of which only the MAC is known. */
    public static SourceAddresses ofMac(long mac) {
        return new SourceAddresses(mac, List.of(), List.of(), true);
    }

    /** Copies the lists. */
    public SourceAddresses {
        ipv4 = List.copyOf(ipv4);
        ipv6 = List.copyOf(ipv6);
    }
}
