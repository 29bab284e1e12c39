package io.footbridge.control.model;

import io.footbridge.wire.IpAddress;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv6Address;
import java.util.Optional;

/**
 * Which ports are to be published, read as docker reads {@code -p}: {@code [HOSTIP:][HOSTPORT[-END]:]PORT[-END][/PROTO]}.
 * Immutable.
 *
 * @param address at which address, 0.0.0.0 and :: for all of a family; empty for all of both
 * @param hostPorts which ports outside; empty for ephemeral ones
 * @param containerPorts which ports of the container: as many as outside, or one
 * @param protocol their protocol
 */
public record PublishSpec(Optional<IpAddress> address, Optional<PortRange> hostPorts, PortRange containerPorts,
    TransportProtocol protocol) {
    private static final long IPV4_MAPPED = 0xFFFF_0000_0000L;

    /**
     * Reads a SPEC.
     *
     * @throws IllegalArgumentException on any other text, in docker's words
     */
    public static PublishSpec parse(String text) {
        int last = text.lastIndexOf(':');
        int before = last < 0 ? -1 : text.lastIndexOf(':', last - 1);
        String ip = before < 0 ? "" : text.substring(0, before);
        String hostPort = last < 0 ? "" : text.substring(before + 1, last);
        String container = text.substring(last + 1);
        int slash = container.indexOf('/');
        String containerPort = slash < 0 ? container : container.substring(0, slash);
        TransportProtocol protocol = slash < 0 || slash == container.length() - 1 ? TransportProtocol.TCP
            : TransportProtocol.parse(container.substring(slash + 1));
        Optional<IpAddress> address = before < 0 || ip.isEmpty() ? Optional.empty() : Optional.of(address(ip));
        if (containerPort.isEmpty()) {
            throw new IllegalArgumentException("no port specified: " + shown(text) + "<empty>");
        }
        PortRange inside = range(containerPort, "invalid containerPort: ");
        if (inside.first() == 0) {
            throw new IllegalArgumentException("invalid containerPort: " + shown(containerPort));
        }
        Optional<PortRange> outside = hostPort.isEmpty() ? Optional.empty() : Optional.of(range(hostPort, "invalid hostPort: "));
        if (outside.isPresent() && outside.get().count() != inside.count() && inside.count() > 1) {
            throw new IllegalArgumentException("invalid ranges specified for container and host Ports: " + shown(containerPort) + " and "
                + shown(hostPort));
        }
        if (outside.isPresent() && outside.get().first() == 0) {
            if (outside.get().last() > 0) {
                throw new IllegalArgumentException("invalid hostPort: " + shown(hostPort));
            }
            outside = Optional.empty();
        }
        return new PublishSpec(address, outside, inside, protocol);
    }

    private static PortRange range(String text, String complaint) {
        try {
            return PortRange.parse(text);
        } catch (IllegalArgumentException wrong) {
            throw new IllegalArgumentException(complaint + shown(text));
        }
    }

    /** Brackets may stand around an IPv6 address, and need not. An IPv4-mapped one is IPv4. */
    private static IpAddress address(String text) {
        boolean bracketed = text.startsWith("[") && text.endsWith("]");
        try {
            IpAddress address = bracketed ? Ipv6Address.parse(text.substring(1, text.length() - 1)) : IpAddress.parse(text);
            boolean mapped = address instanceof Ipv6Address(long high, long low) && high == 0 && low >>> 32 == IPV4_MAPPED >>> 32;
            return mapped ? new Ipv4Address((int) ((Ipv6Address) address).low()) : address;
        } catch (IllegalArgumentException wrong) {
            throw new IllegalArgumentException("invalid IP address: " + shown(text));
        }
    }

    /** Of a person's text what fits on the line. */
    private static String shown(String text) {
        String quoted = Quoted.of(text);
        return quoted.substring(1, quoted.length() - 1);
    }

    /** Whether clients of this family are meant. */
    public boolean isFor(boolean ipv4) {
        return address.isEmpty() || address.get().isIpv4() == ipv4;
    }

    /** The shortest SPEC of the same meaning, its protocol always there. */
    @Override
    public String toString() {
        String ports = hostPorts.map(range -> range + ":").orElse(address.isPresent() ? ":" : "") + containerPorts + "/" + protocol.label();
        return address.map(ip -> (ip.isIpv4() ? ip.toString() : "[" + ip + "]") + ":").orElse("") + ports;
    }
}
