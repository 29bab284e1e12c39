package io.footbridge.nat;

import io.footbridge.wire.Checksum;
import io.footbridge.wire.Ethernet;
import io.footbridge.wire.Fragment;
import io.footbridge.wire.Frame;
import io.footbridge.wire.Icmp;
import io.footbridge.wire.Icmpv6;
import io.footbridge.wire.Ipv4;
import io.footbridge.wire.Ipv6;
import io.footbridge.wire.Protocol;
import io.footbridge.wire.Tcp;
import io.footbridge.wire.Udp;
import io.footbridge.wire.VirtioNetHeader;
import java.lang.foreign.MemorySegment;

/**
 * Rewrites packets as their flow wants, in place, checksums kept right by differences. Owning worker only.
 *
 * <table>
 * <caption>Which checksum takes which difference</caption>
 * <tr><th>checksum</th><th>addresses</th><th>ports</th></tr>
 * <tr><td>IPv4 header</td><td>yes</td><td>no</td></tr>
 * <tr><td>TCP, UDP, full</td><td>yes</td><td>yes</td></tr>
 * <tr><td>TCP, UDP, partial: the sum of the pseudo-header, not complemented</td><td>yes</td><td>no</td></tr>
 * <tr><td>UDP without checksum</td><td>no</td><td>no</td></tr>
 * <tr><td>ICMP query (the identifier is its port)</td><td>no</td><td>yes</td></tr>
 * <tr><td>ICMPv6 query</td><td>yes</td><td>yes</td></tr>
 * <tr><td>UDP-Lite, DCCP: covers the pseudo-header; they keep their ports</td><td>yes</td><td>no</td></tr>
 * <tr><td>others: none, or one that covers no address (SCTP, GRE)</td><td>no</td><td>no</td></tr>
 * </table>
 *
 * <p>GSO frames are rewritten as they are: neither segment size nor lengths matter. The virtio-net header stays, also
 * where it says that the checksum was verified, for it still holds.
 */
public final class Rewriter {
    private static final int DCCP = 33;
    private static final int UDP_LITE = 136;
    /** Where UDP, UDP-Lite and DCCP end whose checksum is known to be there. */
    private static final int CHECKSUM_END = 8;

    private final ConnectionTable table;
    private final Rewriting rewriting = new Rewriting();

    /** @param table whose flows are given */
    public Rewriter(ConnectionTable table) {
        this.table = table;
    }

    /** Reads how packets of a flow are rewritten: one look at its line. */
    public void read(int flow, Rewriting into) {
        table.store(flow).rewriting(ConnectionTable.entry(flow), into);
    }

    /**
     * Rewrites addresses, and ports where they are there: not in a later fragment.
     *
     * @param header offset of the virtio-net header
     * @param frame offset of the Ethernet header
     * @param parsed what Frame.parse made of it
     */
    public void rewrite(MemorySegment memory, long header, long frame, long parsed, int flow) {
        read(flow, rewriting);
        rewrite(memory, header, frame, parsed, rewriting);
    }

    /** As {@link #rewrite(MemorySegment, long, long, long, int)}, with what was read of the flow before. */
    public void rewrite(MemorySegment memory, long header, long frame, long parsed, Rewriting by) {
        rewrite(memory, header, frame, parsed, by.reading(), by.addressDelta, by.portDelta);
    }

    /** As {@link #rewrite(MemorySegment, long, long, long, Rewriting)}, and takes one hop off, of which more are left. */
    public void forward(MemorySegment memory, long header, long frame, long parsed, Rewriting by) {
        long packet = frame + Frame.networkOffset(parsed);
        Tuple to = by.reading();
        if (Frame.etherType(parsed) == Ethernet.IPV4) {
            Ipv4.forward(memory, packet, to.addresses(), by.addressDelta);
        } else {
            writeIpv6Addresses(memory, packet, to);
            Ipv6.hopLimit(memory, packet, Ipv6.hopLimit(memory, packet) - 1);
        }
        rewriteTransport(memory, header, frame, parsed, to, by.addressDelta, by.portDelta);
    }

    static void rewrite(MemorySegment memory, long header, long frame, long parsed, Tuple to, int addressDelta,
            int portDelta) {
        long packet = frame + Frame.networkOffset(parsed);
        if (Frame.etherType(parsed) == Ethernet.IPV4) {
            writeIpv4Addresses(memory, packet, to);
            Ipv4.updateChecksum(memory, packet, addressDelta);
        } else {
            writeIpv6Addresses(memory, packet, to);
        }
        rewriteTransport(memory, header, frame, parsed, to, addressDelta, portDelta);
    }

    private static void rewriteTransport(MemorySegment memory, long header, long frame, long parsed, Tuple to,
            int addressDelta, int portDelta) {
        if (Frame.fragment(parsed) == Fragment.LATER) {
            return;
        }
        int offset = Frame.transportOffset(parsed);
        boolean partial = VirtioNetHeader.needsChecksum(memory, header)
                && VirtioNetHeader.checksumStart(memory, header) == offset;
        writeTransport(memory, frame + offset, Frame.transportLength(parsed), to, addressDelta, portDelta, partial);
    }

    static void writeIpv4Addresses(MemorySegment memory, long packet, Tuple to) {
        Ipv4.addresses(memory, packet, to.addresses());
    }

    static void writeIpv6Addresses(MemorySegment memory, long packet, Tuple to) {
        Ipv6.source(memory, packet, to.sourceHigh(), to.sourceLow());
        Ipv6.destination(memory, packet, to.destinationHigh(), to.destinationLow());
    }

    /**
     * Rewrites a transport header.
     *
     * @param available bytes that are there; at least the eight of TCP, UDP and ICMP. A checksum beyond them is left out
     *     (of TCP, where an ICMP error quotes no more)
     */
    static void writeTransport(MemorySegment memory, long transport, int available, Tuple to, int addressDelta,
            int portDelta, boolean partial) {
        switch (to.protocol()) {
            case Protocol.TCP -> {
                writePorts(memory, transport, to);
                if (available >= Tcp.CHECKSUM + 2) {
                    Tcp.updateChecksum(memory, transport, addressDelta, portDelta, partial);
                }
            }
            case Protocol.UDP -> {
                writePorts(memory, transport, to);
                Udp.updateChecksum(memory, transport, addressDelta, portDelta, partial);
            }
            case Protocol.ICMP -> {
                if (writeIdentifier(memory, transport, to) && !partial) {
                    Icmp.updateChecksum(memory, transport, portDelta);
                    mendZero(memory, transport);
                }
            }
            case Protocol.ICMPV6 -> {
                int ports = writeIdentifier(memory, transport, to) ? portDelta : 0;
                Icmpv6.checksum(memory, transport,
                        Checksum.update(Icmpv6.checksum(memory, transport), addressDelta, ports, partial));
            }
            case UDP_LITE -> {
                if (available >= CHECKSUM_END) {
                    Udp.updateChecksum(memory, transport, addressDelta, 0, partial);
                }
            }
            case DCCP -> {
                if (available >= CHECKSUM_END) {
                    Udp.checksum(memory, transport,
                            Checksum.update(Udp.checksum(memory, transport), addressDelta, 0, partial));
                }
            }
            default -> { }
        }
    }

    private static void writePorts(MemorySegment memory, long transport, Tuple to) {
        Udp.ports(memory, transport, (int) (to.ports() >>> Integer.SIZE));
    }

    /** Writes the identifier of an ICMP or ICMPv6 query; false where the message is none, and has no port. */
    private static boolean writeIdentifier(MemorySegment memory, long transport, Tuple to) {
        int type = Icmp.type(memory, transport);
        int request = Tuple.requestOf(to.protocol(), type);
        if (request < 0) {
            return false;
        }
        Icmp.identifier(memory, transport, request == type ? to.sourcePort() : to.destinationPort());
        return true;
    }

    /** Of an echo reply that is all zeros, which a difference cannot tell from all ones, only this checksum is right. */
    private static void mendZero(MemorySegment memory, long transport) {
        if (Icmp.checksum(memory, transport) == 0 && Icmp.type(memory, transport) == Icmp.ECHO_REPLY
                && Icmp.identifier(memory, transport) == 0) {
            Icmp.checksum(memory, transport, 0xFFFF);
        }
    }

    /** Gives an IPv4 packet another identification, header checksum included. */
    public static void identification(MemorySegment memory, long frame, long parsed, int identification) {
        long packet = frame + Frame.networkOffset(parsed);
        int before = Ipv4.identification(memory, packet);
        Ipv4.identification(memory, packet, identification);
        Ipv4.updateChecksum(memory, packet, Checksum.delta16(before, identification));
    }

    /**
     * Lowers the segment size that a TCP SYN offers, so that no segment is longer than an MTU on the way; other packets
     * stay as they are.
     *
     * @param header offset of the virtio-net header
     * @param frame offset of the Ethernet header
     * @param mtu the smallest MTU on the way, 576 to 65,535
     */
    public static void clampSegmentSize(MemorySegment memory, long header, long frame, long parsed, int mtu) {
        if (Frame.protocol(parsed) != Protocol.TCP || Frame.fragment(parsed) == Fragment.LATER) {
            return;
        }
        int offset = Frame.transportOffset(parsed);
        if ((Tcp.flags(memory, frame + offset) & Tcp.SYN) == 0) {
            return;
        }
        int network = Frame.etherType(parsed) == Ethernet.IPV4 ? Ipv4.MIN_HEADER_LENGTH : Ipv6.HEADER_LENGTH;
        boolean partial = VirtioNetHeader.needsChecksum(memory, header)
                && VirtioNetHeader.checksumStart(memory, header) == offset;
        Tcp.clampMaxSegmentSize(memory, frame + offset, mtu - network - Tcp.MIN_HEADER_LENGTH, partial);
    }
}
