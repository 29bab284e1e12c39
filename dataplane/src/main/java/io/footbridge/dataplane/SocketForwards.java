package io.footbridge.dataplane;

import io.footbridge.nat.Tuple;
import io.footbridge.tap.SystemCallException;
import io.footbridge.wire.IpAddress;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv6;
import io.footbridge.wire.Ipv6Address;
import java.util.ArrayList;
import java.util.List;

/**
 * How ports of the host lead to containers: at which addresses sockets stand for them, and as whom a client appears inside. What
 * TCP and UDP have in common. Any thread.
 */
final class SocketForwards {
    private static final int LOOPBACK4 = 127;
    private static final int LINK_LOCAL4 = 169 << 8 | 254;

    private SocketForwards() {
    }

    /** Where sockets of a range stand: at its address, or at all addresses of each family that the container has. */
    private static List<IpAddress> addresses(PortForward forward) {
        List<IpAddress> addresses = new ArrayList<>();
        if (forward.address().isPresent()) {
            addresses.add(forward.address().get());
            return addresses;
        }
        forward.ipv4().ifPresent(_ -> addresses.add(Ipv4Address.UNSPECIFIED));
        forward.ipv6().ifPresent(_ -> addresses.add(Ipv6Address.UNSPECIFIED));
        return addresses;
    }

    /** Opens a socket for one port of a range at one address. */
    interface Opening {
        /** Port {@code port} of the host leads to {@code containerPort}. */
        void open(IpAddress address, int port, int containerPort) throws SystemCallException;
    }

    /** Opens the sockets of all ports of a range, or of none: {@code undo} closes those that are open when one is refused. */
    static void open(PortForward forward, Opening opening, Runnable undo) throws SystemCallException {
        List<IpAddress> addresses = addresses(forward);
        try {
            for (int i = 0; i < forward.count(); i++) {
                for (IpAddress address : addresses) {
                    opening.open(address, forward.firstPort() + i, forward.containerPort() + i);
                }
            }
        } catch (SystemCallException refused) {
            undo.run();
            throw refused;
        }
    }

    /** Whether clients of a family come to the container's IPv6 address: of their own family where it has one. */
    static boolean isInsideIpv6(PortForward forward, boolean clientIpv6) {
        return clientIpv6 ? forward.ipv6().isPresent() : forward.ipv4().isEmpty();
    }

    /**
     * Whether a client may appear in a container's network as itself: of the family that the container is reached by, at an
     * address that means the same there and whose answers come back by the gateway.
     *
     * @param high upper half of its address in the form of a {@link Tuple}
     * @param low lower half
     */
    static boolean isShownAsItself(GatewayAddresses network, boolean insideIpv6, boolean clientIpv6, long high, long low) {
        if (insideIpv6 != clientIpv6 || network.isInSubnet(high, low, clientIpv6)) {
            return false;
        }
        if (clientIpv6) {
            boolean loopback = high == 0 && (low == 1 || low == 0);
            return !loopback && !Ipv6.isLinkLocal(high) && !Ipv6.isMulticast(high);
        }
        int address = (int) low;
        return address >>> 24 != LOOPBACK4 && address >>> 24 != 0 && address >>> 16 != LINK_LOCAL4;
    }
}
