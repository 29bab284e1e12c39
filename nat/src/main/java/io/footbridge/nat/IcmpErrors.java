package io.footbridge.nat;

import io.footbridge.wire.Checksum;
import io.footbridge.wire.DropReason;
import io.footbridge.wire.Ethernet;
import io.footbridge.wire.Frame;
import io.footbridge.wire.Icmp;
import io.footbridge.wire.Icmpv6;
import io.footbridge.wire.Ipv4;
import io.footbridge.wire.Protocol;
import java.lang.foreign.MemorySegment;

/**
 * ICMP errors: the flow that they speak of, and their rewriting, from outside and from inside (RFC 5508 section 4). Owning
 * worker only.
 *
 * <p>An error quotes a packet as it read in the realm that the error comes from, and travels against it: its flow is that
 * of the quoted tuple inverted. It must be addressed to the quoted packet's sender. That the quote is one of ours is all
 * that can be known of it; so nothing is refreshed, changed or removed for its sake (RFC 4787 REQ-12, RFC 5382 REQ-10).
 * Redirects are refused: they are for the link they were sent on.
 *
 * <p>Rewritten are the quoted packet's addresses, ports and checksums, its own address differences being those of the
 * flow; the error's destination; and the error's source where the flow's is, whoever on that side sent it. Between two
 * hosts behind one address (hairpin) that is all as well, since there both halves of the flow differ.
 */
public final class IcmpErrors {
    private final ConnectionTable table;
    private final int lane;
    private final Tuple quoted = new Tuple();
    private final Tuple tuple = new Tuple();

    /** @param table whose flows are looked up */
    public IcmpErrors(ConnectionTable table, int lane) {
        this.table = table;
        this.lane = lane;
    }

    /**
     * Finds the flow that an ICMP error speaks of: the direction in which the error itself travels, so that
     * {@link ConnectionTable#targetRealm} says where to. A partial checksum is completed on the way.
     *
     * @param parsed what Frame.parse made of it: ICMP or ICMPv6, whole, an error
     * @param realm that the error came from
     * @return the flow, or the negative code of a reason to drop; never {@link ConnectionTable#NONE} as such
     */
    public int find(MemorySegment memory, long header, long frame, long parsed, int realm, int now) {
        int tupled = tuple(memory, header, frame, parsed, realm, quoted, tuple);
        if (tupled < 0) {
            return tupled;
        }
        int flow = table.find(lane, tuple, table.hash(tuple), now);
        return flow == ConnectionTable.NONE ? DropReason.BAD_QUOTE.code() : flow;
    }

    /**
     * Reads the tuple of the flow that an error speaks of.
     *
     * @param quoted gets the quoted packet's own tuple
     * @return 0, or the negative code of a reason to drop
     */
    static int tuple(MemorySegment memory, long header, long frame, long parsed, int realm, Tuple quoted, Tuple into) {
        int completed = Checksum.complete(memory, header, frame, Frame.packetEnd(parsed));
        int verified = completed < 0 ? completed : Tracking.verify(memory, header, frame, parsed);
        if (verified < 0) {
            return verified;
        }
        long quote = Quote.locate(memory, frame, parsed);
        if (quote < 0) {
            return (int) quote;
        }
        read(memory, frame, parsed, quote, quoted);
        quoted.realm(realm);
        into.readAddresses(memory, frame, parsed, realm);
        if (into.destinationLow() != quoted.sourceLow() || into.destinationHigh() != quoted.sourceHigh()) {
            return DropReason.BAD_QUOTE.code();
        }
        into.invert(quoted);
        return 0;
    }

    private static void read(MemorySegment memory, long frame, long parsed, long quote, Tuple into) {
        into.readAddresses(memory, frame + Quote.networkOffset(quote), Frame.etherType(parsed) == Ethernet.IPV6);
        into.readPorts(memory, frame + Quote.transportOffset(quote), Quote.protocol(quote));
    }

    /** Rewrites the error's own addresses and the packet that it quotes, as the flow wants; refreshes nothing. */
    public void rewrite(MemorySegment memory, long frame, long parsed, int flow) {
        table.translated(flow, tuple);
        rewrite(memory, frame, parsed, tuple, quoted, table.addressDelta(flow), table.portDelta(flow));
    }

    /**
     * Rewrites an error.
     *
     * @param to how packets of the flow that the error travels with are to read
     * @param scratch is overwritten
     */
    static void rewrite(MemorySegment memory, long frame, long parsed, Tuple to, Tuple scratch, int addressDelta,
            int portDelta) {
        long quote = Quote.locate(memory, frame, parsed);
        if (quote < 0) {
            return;
        }
        long packet = frame + Frame.networkOffset(parsed);
        long inner = frame + Quote.networkOffset(quote);
        long message = frame + Frame.transportOffset(parsed);
        int length = Frame.transportLength(parsed);
        read(memory, frame, parsed, quote, scratch);
        boolean sourceChanges = scratch.destinationLow() != to.sourceLow() || scratch.destinationHigh() != to.sourceHigh();
        boolean ipv6 = Frame.etherType(parsed) == Ethernet.IPV6;
        scratch.invert(to);
        if (ipv6) {
            Rewriter.writeIpv6Addresses(memory, inner, scratch);
        } else {
            Rewriter.writeIpv4Addresses(memory, inner, scratch);
            Ipv4.updateChecksum(memory, inner, addressDelta);
        }
        Rewriter.writeTransport(memory, frame + Quote.transportOffset(quote), Quote.available(quote), scratch,
                addressDelta, portDelta, false);
        scratch.readAddresses(memory, packet, ipv6);
        scratch.destination(to.destinationHigh(), to.destinationLow(), 0);
        if (sourceChanges) {
            scratch.source(to.sourceHigh(), to.sourceLow(), 0);
        }
        if (ipv6) {
            Rewriter.writeIpv6Addresses(memory, packet, scratch);
            Icmpv6.writeChecksum(memory, packet, message, length);
        } else {
            int before = Ipv4.pseudoHeader(memory, packet, Protocol.ICMP, length);
            Rewriter.writeIpv4Addresses(memory, packet, scratch);
            int after = Ipv4.pseudoHeader(memory, packet, Protocol.ICMP, length);
            Ipv4.updateChecksum(memory, packet, Checksum.delta16(before, after));
            Icmp.writeChecksum(memory, message, length);
        }
    }
}
