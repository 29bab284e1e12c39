package io.footbridge.nat;

import io.footbridge.wire.IpAddress;
import java.util.Optional;

/**
 * A session at one moment, for people. Immutable.
 *
 * @param protocol its number
 * @param state TCP's state as conntrack names it; empty for other protocols
 * @param expiresSeconds seconds until it is over if nothing comes
 * @param original the tuple of the packet that opened it
 * @param reply the tuple of what comes back
 * @param replied whether anything came back
 * @param assured whether it is safe from eviction
 * @param originalPackets packets in the original direction
 * @param originalBytes their bytes, from the IP header on
 * @param replyPackets packets in the reply direction
 * @param replyBytes their bytes, from the IP header on
 */
public record SessionView(int protocol, Optional<String> state, int expiresSeconds, Ends original, Ends reply,
        boolean replied, boolean assured, long originalPackets, long originalBytes, long replyPackets, long replyBytes) {
    /**
     * A tuple for people.
     *
     * @param source sender's address
     * @param destination receiver's address
     * @param sourcePort sender's port; of an ICMP query's asker the identifier
     * @param destinationPort receiver's port; of an ICMP query's asker the type of the request
     * @param realm in which the packet came
     */
    public record Ends(IpAddress source, IpAddress destination, int sourcePort, int destinationPort, int realm) {
    }
}
