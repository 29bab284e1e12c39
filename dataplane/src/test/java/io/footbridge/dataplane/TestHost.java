package io.footbridge.dataplane;

import io.footbridge.wire.Arp;
import io.footbridge.wire.Checksum;
import io.footbridge.wire.DropReason;
import io.footbridge.wire.Ethernet;
import io.footbridge.wire.Icmp;
import io.footbridge.wire.Icmpv6;
import io.footbridge.wire.IpAddress;
import io.footbridge.wire.Ipv4;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv6;
import io.footbridge.wire.Ipv6Address;
import io.footbridge.wire.Protocol;
import io.footbridge.wire.Tcp;
import io.footbridge.wire.Udp;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * A host of a {@link TestUplink}: a container, the host's own interface, or somebody on the uplink's link. Makes packets
 * of its own, each a native segment with the virtio-net header first, and says what it was sent.
 */
final class TestHost {
    static final int P = TestFrames.PACKET;

    final TestUplink world;
    final Port port;
    final MemoryEndpoint endpoint;
    final long mac;
    final Ipv4Address ipv4;
    final Ipv6Address ipv6;
    /** The MAC to which it sends what is not on its link. */
    final long nextHop;

    TestHost(TestUplink world, Port port, MemoryEndpoint endpoint, long mac, String ipv4, String ipv6, long nextHop) {
        this.world = world;
        this.port = port;
        this.endpoint = endpoint;
        this.mac = mac;
        this.ipv4 = Ipv4Address.parse(ipv4);
        this.ipv6 = Ipv6Address.parse(ipv6);
        this.nextHop = nextHop;
    }

    /** Frames of this host to a MAC. */
    SampleFrames to(long destination) {
        return new SampleFrames(world.arena, mac, destination);
    }

    /** A TCP segment to elsewhere, from this host's address of the family, with a full checksum. */
    MemorySegment tcp(IpAddress to, int sourcePort, int destinationPort, int flags, int payload) {
        return tcp(own(to), to, sourcePort, destinationPort, flags, payload);
    }

    /** As {@link #tcp(IpAddress, int, int, int, int)}, under another source address. */
    MemorySegment tcp(IpAddress from, IpAddress to, int sourcePort, int destinationPort, int flags, int payload) {
        MemorySegment frame = packet(from, to, Protocol.TCP, Tcp.MIN_HEADER_LENGTH + payload);
        Tcp.write(frame, transport(frame), sourcePort, destinationPort, 1000, 1, flags, 0xffff);
        return summed(frame);
    }

    /** A datagram to elsewhere, with a full checksum. */
    MemorySegment udp(IpAddress to, int sourcePort, int destinationPort, int payload) {
        return udp(own(to), to, sourcePort, destinationPort, payload);
    }

    /** As {@link #udp(IpAddress, int, int, int)}, under another source address. */
    MemorySegment udp(IpAddress from, IpAddress to, int sourcePort, int destinationPort, int payload) {
        MemorySegment frame = packet(from, to, Protocol.UDP, Udp.HEADER_LENGTH + payload);
        Udp.write(frame, transport(frame), sourcePort, destinationPort, Udp.HEADER_LENGTH + payload);
        return summed(frame);
    }

    /** An echo request to elsewhere. */
    MemorySegment echo(IpAddress to, int identifier, int payload) {
        return echo(own(to), to, to.isIpv4() ? Icmp.ECHO_REQUEST : Icmpv6.ECHO_REQUEST, identifier, payload);
    }

    /** An echo request or reply. */
    MemorySegment echo(IpAddress from, IpAddress to, int type, int identifier, int payload) {
        MemorySegment frame = packet(from, to, to.isIpv4() ? Protocol.ICMP : Protocol.ICMPV6,
                Icmp.HEADER_LENGTH + payload);
        Icmp.type(frame, transport(frame), type);
        Icmp.identifier(frame, transport(frame), identifier);
        return summed(frame);
    }

    /** An ICMP or ICMPv6 error about a packet that this host was sent, back to its sender. */
    MemorySegment error(MemorySegment about, int type, int code, int rest) {
        IpAddress from = source(about);
        MemorySegment frame = world.arena.allocate(P + 1280L);
        Ethernet.write(frame, TestFrames.HEADER, nextHop, mac, from.isIpv4() ? Ethernet.IPV4 : Ethernet.IPV6);
        int length = switch (from) {
            case Ipv4Address to -> Icmp.writeError(frame, P, ipv4.address(), to.address(), type, code, rest, about, P);
            case Ipv6Address to -> Icmpv6.writeError(frame, P, ipv6.high(), ipv6.low(), to.high(), to.low(), type, code,
                    rest, about, P);
        };
        return frame.asSlice(0, P + (long) length);
    }

    /** A packet of any protocol to elsewhere, zeros behind its IP header. */
    MemorySegment packet(IpAddress from, IpAddress to, int protocol, int length) {
        return switch (to) {
            case Ipv4Address four -> to(nextHop).ipv4(((Ipv4Address) from).address(), four.address(), protocol, length);
            case Ipv6Address six -> to(nextHop).ipv6(((Ipv6Address) from).high(), ((Ipv6Address) from).low(),
                    six.high(), six.low(), protocol, 64, length);
        };
    }

    private IpAddress own(IpAddress to) {
        return to.isIpv4() ? ipv4 : ipv6;
    }

    /** Sends packets. */
    void send(MemorySegment... frames) {
        world.forward(this, frames);
    }

    /** What it was sent since it was last asked, without ARP and neighbour discovery. */
    List<MemorySegment> taken() {
        return endpoint.taken().stream().filter(frame -> !isQuestion(frame)).toList();
    }

    /** What it was sent since it was last asked: one packet. */
    MemorySegment taken1() {
        List<MemorySegment> all = taken();
        if (all.size() != 1) {
            throw new AssertionError(all.size() + " packets instead of one; drops " + world.drops());
        }
        return all.getFirst();
    }

    /** ARP and neighbour discovery that it was sent since it was last asked. */
    List<MemorySegment> questions() {
        return endpoint.taken().stream().filter(TestHost::isQuestion).toList();
    }

    long drops(DropReason reason) {
        return port.statistics().drops().getOrDefault(reason, 0L);
    }

    /** Answers an ARP request of the uplink or gateway for this host's address. */
    MemorySegment arpReplyTo(MemorySegment request) {
        MemorySegment frame = to(Arp.senderMac(request, P)).empty(Ethernet.HEADER_LENGTH + Arp.LENGTH, Ethernet.ARP);
        Arp.writeReply(frame, P, mac, Arp.targetAddress(request, P), Arp.senderMac(request, P),
                Arp.senderAddress(request, P));
        return frame;
    }

    private static boolean isQuestion(MemorySegment frame) {
        int etherType = Ethernet.etherType(frame, TestFrames.HEADER);
        return etherType == Ethernet.ARP || etherType == Ethernet.IPV6
                && Ipv6.nextHeader(frame, P) == Protocol.ICMPV6 && Ipv6.hopLimit(frame, P) == 255;
    }

    static boolean isIpv4(MemorySegment frame) {
        return Ethernet.etherType(frame, TestFrames.HEADER) == Ethernet.IPV4;
    }

    static long transport(MemorySegment frame) {
        return P + (isIpv4(frame) ? Ipv4.headerLength(frame, P) : Ipv6.HEADER_LENGTH);
    }

    static int protocol(MemorySegment frame) {
        return isIpv4(frame) ? Ipv4.protocol(frame, P) : Ipv6.nextHeader(frame, P);
    }

    static IpAddress source(MemorySegment frame) {
        return isIpv4(frame) ? new Ipv4Address(Ipv4.source(frame, P))
                : new Ipv6Address(Ipv6.sourceHigh(frame, P), Ipv6.sourceLow(frame, P));
    }

    static IpAddress destination(MemorySegment frame) {
        return isIpv4(frame) ? new Ipv4Address(Ipv4.destination(frame, P))
                : new Ipv6Address(Ipv6.destinationHigh(frame, P), Ipv6.destinationLow(frame, P));
    }

    /** Of TCP and UDP. */
    static int sourcePort(MemorySegment frame) {
        return Udp.source(frame, transport(frame));
    }

    /** Of TCP and UDP. */
    static int destinationPort(MemorySegment frame) {
        return Udp.destination(frame, transport(frame));
    }

    static int hops(MemorySegment frame) {
        return isIpv4(frame) ? Ipv4.timeToLive(frame, P) : Ipv6.hopLimit(frame, P);
    }

    static MemorySegment withHops(MemorySegment frame, int hops) {
        if (isIpv4(frame)) {
            Ipv4.timeToLive(frame, P, hops);
            Ipv4.writeChecksum(frame, P);
        } else {
            Ipv6.hopLimit(frame, P, hops);
        }
        return frame;
    }

    private static int payloadLength(MemorySegment frame) {
        return isIpv4(frame) ? Ipv4.totalLength(frame, P) - Ipv4.headerLength(frame, P) : Ipv6.payloadLength(frame, P);
    }

    private static int pseudoHeader(MemorySegment frame) {
        return isIpv4(frame) ? Ipv4.pseudoHeader(frame, P, protocol(frame), payloadLength(frame))
                : Ipv6.pseudoHeader(frame, P, protocol(frame), payloadLength(frame));
    }

    /** The frame with its transport checksum computed anew; IPv4's header checksum too. */
    static MemorySegment summed(MemorySegment frame) {
        if (isIpv4(frame)) {
            Ipv4.writeChecksum(frame, P);
        }
        int length = payloadLength(frame);
        switch (protocol(frame)) {
            case Protocol.TCP -> Tcp.writeChecksum(frame, transport(frame), length, pseudoHeader(frame));
            case Protocol.UDP -> Udp.writeChecksum(frame, transport(frame), pseudoHeader(frame));
            case Protocol.ICMP -> Icmp.writeChecksum(frame, transport(frame), length);
            case Protocol.ICMPV6 -> Icmpv6.writeChecksum(frame, P, transport(frame), length);
            default -> { }
        }
        return frame;
    }

    /** Whether all full checksums of a packet are right. */
    static boolean isSound(MemorySegment frame) {
        int sum = Checksum.sum(frame, transport(frame), payloadLength(frame));
        boolean transport = switch (protocol(frame)) {
            case Protocol.TCP, Protocol.ICMPV6 -> Checksum.add(sum, pseudoHeader(frame)) == 0xFFFF;
            case Protocol.UDP -> Udp.checksum(frame, transport(frame)) == 0
                    || Checksum.add(sum, pseudoHeader(frame)) == 0xFFFF;
            case Protocol.ICMP -> sum == 0xFFFF;
            default -> true;
        };
        return transport && (!isIpv4(frame) || Ipv4.verify(frame, P));
    }

    @Override
    public String toString() {
        return port.name();
    }
}
