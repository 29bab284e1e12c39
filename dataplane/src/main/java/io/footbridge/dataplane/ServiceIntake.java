package io.footbridge.dataplane;

import io.footbridge.wire.Checksum;
import io.footbridge.wire.DropReason;
import io.footbridge.wire.Ethernet;
import io.footbridge.wire.Fragment;
import io.footbridge.wire.Frame;
import io.footbridge.wire.Ipv4;
import io.footbridge.wire.Ipv6;
import io.footbridge.wire.Protocol;
import io.footbridge.wire.Udp;
import io.footbridge.wire.VirtioNetHeader;
import java.lang.foreign.MemorySegment;

/**
 * The frame path's part of the gateway's services: knows their questions among what is sent to the gateway, checks them
 * and copies them into the ring from which the service thread takes them. Owning worker only.
 *
 * <p>Questions are whole UDP datagrams of at most {@link #MAX_LENGTH}: DNS at port 53 of the gateway's addresses from any
 * port of the bridge; DHCP at port 67, to the gateway or to all, and DHCPv6 at port 547, to the gateway or to all servers,
 * from containers. A fragment is none, nor is a GSO frame.
 */
final class ServiceIntake {
    /** Result: nothing for a service. */
    static final int NONE = 1;

    static final int DNS_PORT = 53;
    static final int DHCP_PORT = 67;
    static final int DHCPV6_PORT = 547;
    /** ff02::1:2, all DHCPv6 servers and relay agents on the link. */
    static final long DHCPV6_SERVERS_LOW = 0x1_0002;
    /** Bytes of a frame with a question. */
    static final int MAX_LENGTH = 2048;

    private final MemorySegment memory;
    private final FrameRing ring;
    private final Runnable wake;

    /**
     * @param ring gets the questions, with {@link #kind} beside each
     * @param wake is told after each
     */
    ServiceIntake(MemorySegment memory, FrameRing ring, Runnable wake) {
        this.memory = memory;
        this.ring = ring;
        this.wake = wake;
    }

    /** What a ring's record says: which service, and by which port of which number it came. */
    static int kind(ServiceRequest.Kind service, int portIndex) {
        return portIndex << 2 | service.ordinal();
    }

    static ServiceRequest.Kind service(int kind) {
        return ServiceRequest.Kind.of(kind & 3);
    }

    static int portIndex(int kind) {
        return kind >>> 2;
    }

    /**
     * Takes a frame, untagged, if it is a question.
     *
     * @param parsed what Frame.parse made of it
     * @return {@link #NONE}, zero if it was taken, or the negative code of a reason to drop
     */
    int take(GatewayAddresses gateway, Port ingress, long offset, long parsed) {
        if (Frame.protocol(parsed) != Protocol.UDP || Frame.fragment(parsed) != Fragment.WHOLE || Frame.tags(parsed) > 0) {
            return NONE;
        }
        long packet = offset + Frame.networkOffset(parsed);
        long datagram = offset + Frame.transportOffset(parsed);
        int port = Udp.destination(memory, datagram);
        return switch (Frame.etherType(parsed)) {
            case Ethernet.IPV4 -> take4(gateway, ingress, offset, parsed, packet, datagram, port);
            case Ethernet.IPV6 -> take6(gateway, ingress, offset, parsed, packet, datagram, port);
            default -> NONE;
        };
    }

    private int take4(GatewayAddresses gateway, Port ingress, long offset, long parsed, long packet, long datagram,
            int port) {
        int destination = Ipv4.destination(memory, packet);
        boolean own = gateway.has(destination);
        boolean dns = port == DNS_PORT && own;
        boolean dhcp = port == DHCP_PORT && gateway.hasIpv4 && ingress.policy().container
                && (own || destination == -1 || destination == gateway.ipv4Broadcast && destination != 0);
        if (!dns && !dhcp) {
            return NONE;
        }
        if (!Ipv4.verify(memory, packet)) {
            return DropReason.BAD_CHECKSUM.code();
        }
        int source = Ipv4.source(memory, packet);
        if (source == gateway.ipv4 || !Ipv4.isHost(source) && !(dhcp && source == 0)) {
            return DropReason.MARTIAN.code();
        }
        int length = Udp.length(memory, datagram);
        return copy(dns ? ServiceRequest.Kind.DNS : ServiceRequest.Kind.DHCP, ingress, offset, parsed, datagram,
                Ipv4.pseudoHeader(memory, packet, Protocol.UDP, length));
    }

    private int take6(GatewayAddresses gateway, Port ingress, long offset, long parsed, long packet, long datagram,
            int port) {
        long high = Ipv6.destinationHigh(memory, packet);
        long low = Ipv6.destinationLow(memory, packet);
        boolean own = gateway.has(high, low) || gateway.isLinkLocal(high, low);
        boolean dns = port == DNS_PORT && own;
        boolean dhcp = port == DHCPV6_PORT && gateway.hasIpv6 && ingress.policy().container
                && (own || high == Ipv6.LINK_MULTICAST_HIGH && low == DHCPV6_SERVERS_LOW);
        if (!dns && !dhcp) {
            return NONE;
        }
        long sourceHigh = Ipv6.sourceHigh(memory, packet);
        long sourceLow = Ipv6.sourceLow(memory, packet);
        if (Ipv6.isMulticast(sourceHigh) || sourceHigh == 0 && (sourceLow == 0 || sourceLow == 1)
                || gateway.isIpv6(sourceHigh, sourceLow) || gateway.isLinkLocal(sourceHigh, sourceLow)) {
            return DropReason.MARTIAN.code();
        }
        if (Udp.checksum(memory, datagram) == 0) {
            // RFC 8200 section 8.1.
            return DropReason.BAD_CHECKSUM.code();
        }
        int length = Udp.length(memory, datagram);
        return copy(dns ? ServiceRequest.Kind.DNS : ServiceRequest.Kind.DHCPV6, ingress, offset, parsed, datagram,
                Ipv6.pseudoHeader(memory, packet, Protocol.UDP, length));
    }

    private int copy(ServiceRequest.Kind service, Port ingress, long offset, long parsed, long datagram, int pseudoHeader) {
        long header = offset - VirtioNetHeader.LENGTH;
        int length = Frame.packetEnd(parsed);
        if (length > MAX_LENGTH || VirtioNetHeader.isGso(memory, header)) {
            return DropReason.NOT_SERVED.code();
        }
        if (Checksum.complete(memory, header, offset, length) < 0 || !Udp.verify(memory, datagram, pseudoHeader)) {
            return DropReason.BAD_CHECKSUM.code();
        }
        if (!ingress.services().take()) {
            return DropReason.SERVICE_LIMIT.code();
        }
        if (!ring.record(memory, offset, length, ingress.serial(), kind(service, ingress.index()))) {
            ingress.services().giveBack();
            return DropReason.SERVICE_LIMIT.code();
        }
        wake.run();
        return 0;
    }
}
