package io.footbridge.control.network;

import io.footbridge.control.model.PortRange;
import io.footbridge.control.model.TransportProtocol;
import io.footbridge.wire.IpPrefix;
import java.util.Optional;

/**
 * A rule of address translation, and how many flows it has opened.
 *
 * @param chain where the kernel would have it
 * @param target what it does
 * @param network whose rule it is
 * @param packets first packets of flows
 * @param bytes their bytes, from the IP header on
 * @param protocol for which protocol; empty for all
 * @param out the uplink that a flow leaves by; empty where that does not matter
 * @param source for which sources
 * @param destination for which destinations
 * @param ports for which destination ports; empty for all
 * @param to what the address, or address and port, becomes; empty where the uplink's address is taken
 */
public record NatRuleView(Chain chain, Target target, String network, long packets, long bytes, Optional<TransportProtocol> protocol,
    Optional<String> out, IpPrefix source, IpPrefix destination, Optional<PortRange> ports, Optional<String> to) {
    /** When a rule is asked. */
    public enum Chain {
        /** When a packet comes. */
        PREROUTING,
        /** When a packet leaves. */
        POSTROUTING
    }

    /** What a rule does. */
    public enum Target {
        /** Another destination. */
        DNAT,
        /** Another source. */
        SNAT,
        /** The uplink's address as source. */
        MASQUERADE
    }
}
