package io.footbridge.dataplane;

import io.footbridge.wire.Arp;
import io.footbridge.wire.Ethernet;
import io.footbridge.wire.Icmp;
import io.footbridge.wire.Icmpv6;
import io.footbridge.wire.Ipv4;
import io.footbridge.wire.Ipv6;
import io.footbridge.wire.MacAddress;
import io.footbridge.wire.NeighbourDiscovery;
import io.footbridge.wire.Protocol;
import io.footbridge.wire.Tcp;
import io.footbridge.wire.Udp;
import io.footbridge.wire.VirtioNetHeader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Makes frames of one station to another, each a segment of its own with the virtio-net header first: for the warm-up,
 * for benchmarks and for tests. Native memory, so that the frame path's types stay what they are in service.
 */
final class SampleFrames {
    static final int HEADER = VirtioNetHeader.LENGTH;

    private static final int PORT = 5201;
    private static final int WINDOW = 0xffff;
    private static final int HOPS = 64;

    private final Arena arena;
    private final long sourceMac;
    private final long destinationMac;

    SampleFrames(Arena arena, long sourceMac, long destinationMac) {
        this.arena = arena;
        this.sourceMac = sourceMac;
        this.destinationMac = destinationMac;
    }

    /** A frame with nothing behind its Ethernet header but zeros. */
    MemorySegment empty(int length, int etherType) {
        MemorySegment frame = arena.allocate(HEADER + (long) length);
        if (length >= Ethernet.HEADER_LENGTH) {
            Ethernet.write(frame, HEADER, destinationMac, sourceMac, etherType);
        }
        return frame;
    }

    MemorySegment arpRequest(int sender, int target) {
        MemorySegment frame = empty(Ethernet.HEADER_LENGTH + Arp.LENGTH, Ethernet.ARP);
        Arp.writeRequest(frame, HEADER + Ethernet.HEADER_LENGTH, sourceMac, sender, target);
        return frame;
    }

    MemorySegment arpReply(int sender, int target) {
        MemorySegment frame = empty(Ethernet.HEADER_LENGTH + Arp.LENGTH, Ethernet.ARP);
        Arp.writeReply(frame, HEADER + Ethernet.HEADER_LENGTH, sourceMac, sender, destinationMac, target);
        return frame;
    }

    /** TCP over IPv4: whole with a full checksum, or with {@code gsoSize} above 0 a GSO frame with a partial one. */
    MemorySegment tcp4(int source, int destination, int payload, int gsoSize) {
        MemorySegment frame = ipv4(source, destination, Protocol.TCP, Tcp.MIN_HEADER_LENGTH + payload);
        long packet = HEADER + Ethernet.HEADER_LENGTH;
        long segment = packet + Ipv4.MIN_HEADER_LENGTH;
        Tcp.write(frame, segment, PORT, PORT, 1, 1, Tcp.ACK, WINDOW);
        finishTcp(frame, segment, payload, gsoSize, VirtioNetHeader.GSO_TCPV4,
                Ipv4.pseudoHeader(frame, packet, Protocol.TCP, Tcp.MIN_HEADER_LENGTH + payload));
        return frame;
    }

    /** A TCP segment over IPv4 with these flags and no payload. */
    MemorySegment tcp4(int source, int destination, int flags) {
        MemorySegment frame = tcp4(source, destination, 0, 0);
        long packet = HEADER + Ethernet.HEADER_LENGTH;
        long segment = packet + Ipv4.MIN_HEADER_LENGTH;
        Tcp.flags(frame, segment, flags);
        Tcp.writeChecksum(frame, segment, Tcp.MIN_HEADER_LENGTH,
                Ipv4.pseudoHeader(frame, packet, Protocol.TCP, Tcp.MIN_HEADER_LENGTH));
        return frame;
    }

    /** A TCP segment over IPv6 with these flags and no payload. */
    MemorySegment tcp6(long sourceHigh, long sourceLow, long destinationHigh, long destinationLow, int flags) {
        MemorySegment frame = ipv6(sourceHigh, sourceLow, destinationHigh, destinationLow, Protocol.TCP, HOPS,
                Tcp.MIN_HEADER_LENGTH);
        long packet = HEADER + Ethernet.HEADER_LENGTH;
        long segment = packet + Ipv6.HEADER_LENGTH;
        Tcp.write(frame, segment, PORT, PORT, 1, 1, flags, WINDOW);
        Tcp.writeChecksum(frame, segment, Tcp.MIN_HEADER_LENGTH,
                Ipv6.pseudoHeader(frame, packet, Protocol.TCP, Tcp.MIN_HEADER_LENGTH));
        return frame;
    }

    /** As {@link #tcp4(int, int, int, int)} over IPv6. */
    MemorySegment tcp6(long sourceLow, long destinationLow, long high, int payload, int gsoSize) {
        MemorySegment frame = ipv6(high, sourceLow, high, destinationLow, Protocol.TCP, HOPS,
                Tcp.MIN_HEADER_LENGTH + payload);
        long packet = HEADER + Ethernet.HEADER_LENGTH;
        long segment = packet + Ipv6.HEADER_LENGTH;
        Tcp.write(frame, segment, PORT, PORT, 1, 1, Tcp.ACK, WINDOW);
        finishTcp(frame, segment, payload, gsoSize, VirtioNetHeader.GSO_TCPV6,
                Ipv6.pseudoHeader(frame, packet, Protocol.TCP, Tcp.MIN_HEADER_LENGTH + payload));
        return frame;
    }

    /** UDP over IPv4: whole without a checksum, or with {@code gsoSize} above 0 a GSO frame with a partial one. */
    MemorySegment udp4(int source, int destination, int destinationPort, int payload, int gsoSize) {
        MemorySegment frame = ipv4(source, destination, Protocol.UDP, Udp.HEADER_LENGTH + payload);
        long packet = HEADER + Ethernet.HEADER_LENGTH;
        long datagram = packet + Ipv4.MIN_HEADER_LENGTH;
        Udp.write(frame, datagram, PORT, destinationPort, Udp.HEADER_LENGTH + payload);
        if (gsoSize > 0) {
            Udp.checksum(frame, datagram,
                    Ipv4.pseudoHeader(frame, packet, Protocol.UDP, Udp.HEADER_LENGTH + payload));
            offload(frame, VirtioNetHeader.GSO_UDP_L4, gsoSize, datagram, Udp.CHECKSUM, Udp.HEADER_LENGTH);
        }
        return frame;
    }

    MemorySegment echo4(int source, int destination, int payload) {
        int length = Icmp.HEADER_LENGTH + payload;
        MemorySegment frame = ipv4(source, destination, Protocol.ICMP, length);
        long message = HEADER + Ethernet.HEADER_LENGTH + Ipv4.MIN_HEADER_LENGTH;
        Icmp.type(frame, message, Icmp.ECHO_REQUEST);
        Icmp.writeChecksum(frame, message, length);
        return frame;
    }

    MemorySegment echo6(long high, long sourceLow, long destinationHigh, long destinationLow, int payload) {
        int length = Icmpv6.HEADER_LENGTH + payload;
        MemorySegment frame = ipv6(high, sourceLow, destinationHigh, destinationLow, Protocol.ICMPV6, HOPS, length);
        long packet = HEADER + Ethernet.HEADER_LENGTH;
        Icmpv6.type(frame, packet + Ipv6.HEADER_LENGTH, Icmpv6.ECHO_REQUEST);
        Icmpv6.writeChecksum(frame, packet, packet + Ipv6.HEADER_LENGTH, length);
        return frame;
    }

    /** A solicitation; its Ethernet destination is the target's solicited-node group. */
    MemorySegment solicitation(long high, long sourceLow, long targetHigh, long targetLow) {
        MemorySegment whole = arena.allocate(HEADER + Ethernet.HEADER_LENGTH + (long) Ipv6.MIN_MTU);
        Ethernet.write(whole, HEADER, MacAddress.ofIpv6Multicast(Ipv6.solicitedNodeLow(targetLow)), sourceMac,
                Ethernet.IPV6);
        int length = NeighbourDiscovery.writeSolicitation(whole, HEADER + Ethernet.HEADER_LENGTH, high, sourceLow,
                targetHigh, targetLow, sourceMac);
        return whole.asSlice(0, HEADER + Ethernet.HEADER_LENGTH + length);
    }

    MemorySegment ipv4(int source, int destination, int protocol, int length) {
        MemorySegment frame = empty(Ethernet.HEADER_LENGTH + Ipv4.MIN_HEADER_LENGTH + length, Ethernet.IPV4);
        Ipv4.write(frame, HEADER + Ethernet.HEADER_LENGTH, source, destination, protocol, HOPS,
                Ipv4.MIN_HEADER_LENGTH + length);
        return frame;
    }

    MemorySegment ipv6(long high, long sourceLow, long destinationHigh, long destinationLow, int protocol, int hops,
            int length) {
        MemorySegment frame = empty(Ethernet.HEADER_LENGTH + Ipv6.HEADER_LENGTH + length, Ethernet.IPV6);
        Ipv6.write(frame, HEADER + Ethernet.HEADER_LENGTH, high, sourceLow, destinationHigh, destinationLow, protocol,
                hops, length);
        return frame;
    }

    private static void finishTcp(MemorySegment frame, long segment, int payload, int gsoSize, int gsoType,
            int pseudoHeader) {
        if (gsoSize > 0) {
            Tcp.checksum(frame, segment, pseudoHeader);
            offload(frame, gsoType, gsoSize, segment, Tcp.CHECKSUM, Tcp.MIN_HEADER_LENGTH);
        } else {
            Tcp.writeChecksum(frame, segment, Tcp.MIN_HEADER_LENGTH + payload, pseudoHeader);
        }
    }

    private static void offload(MemorySegment frame, int gsoType, int gsoSize, long transport, int checksumOffset,
            int headerLength) {
        VirtioNetHeader.flags(frame, 0, VirtioNetHeader.NEEDS_CSUM);
        VirtioNetHeader.gsoType(frame, 0, gsoType);
        VirtioNetHeader.gsoSize(frame, 0, gsoSize);
        VirtioNetHeader.headerLength(frame, 0, (int) (transport - HEADER) + headerLength);
        VirtioNetHeader.checksumStart(frame, 0, (int) (transport - HEADER));
        VirtioNetHeader.checksumOffset(frame, 0, checksumOffset);
    }
}
