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
 */
public record SourceAddresses(long mac, List<Ipv4Address> ipv4, List<Ipv6Address> ipv6) {
    /** Copies the lists. */
    public SourceAddresses {
        ipv4 = List.copyOf(ipv4);
        ipv6 = List.copyOf(ipv6);
    }
}
