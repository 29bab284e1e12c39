package io.footbridge.control.network;

import io.footbridge.control.model.RefusedException;
import io.footbridge.control.model.TransportProtocol;
import io.footbridge.wire.IpAddress;
import java.util.List;

/**
 * Ports outside that lead to ports inside, one to one.
 *
 * @param protocol their protocol
 * @param addresses where, one of each family at most; 0.0.0.0 and :: for all of a family
 * @param hostPort the first port outside
 * @param containerPort the first port inside
 * @param count how many
 */
record Binding(TransportProtocol protocol, List<IpAddress> addresses, int hostPort, int containerPort, int count) {
    /** Keeps a copy of the list. */
    Binding {
        addresses = List.copyOf(addresses);
    }

    /** That somebody has a port, in docker's words. */
    static RefusedException refused(IpAddress address, int port) {
        return RefusedException.conflict("Bind for " + shown(address) + ":" + port + " failed: port is already allocated");
    }

    /** As it stands in front of a port. */
    static String shown(IpAddress address) {
        return address.isIpv4() ? address.toString() : "[" + address + "]";
    }

    /** Whether it has this one port of its own, or as part of a range. */
    boolean has(TransportProtocol other, int outside, int inside) {
        return protocol == other && outside >= hostPort && outside < hostPort + count && outside - hostPort == inside - containerPort;
    }
}
