package io.footbridge.control.slirp;

import io.footbridge.wire.IpAddress;
import io.footbridge.wire.Ipv4Address;

/**
 * A port of the host that leads to a port of the target.
 *
 * @param udp UDP, else TCP
 * @param hostAddress the host's address, unspecified for all
 * @param hostPort 1 to 65535
 * @param guestAddress where it leads
 * @param guestPort 1 to 65535
 */
record HostForward(boolean udp, IpAddress hostAddress, int hostPort, Ipv4Address guestAddress, int guestPort) {
    /** As listings call the protocol. */
    String protocol() {
        return udp ? "udp" : "tcp";
    }
}
