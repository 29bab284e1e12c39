package io.footbridge.dataplane;

import io.footbridge.wire.BigEndian;
import io.footbridge.wire.DropReason;
import io.footbridge.wire.Frame;
import io.footbridge.wire.Ipv4;
import io.footbridge.wire.Ipv6;
import io.footbridge.wire.Protocol;
import java.lang.foreign.MemorySegment;

/**
 * Packets that no router passes on whatever its routes say: from or to addresses that one host cannot have or that mean
 * something on one link only (RFC 1812 section 5.3.7, RFC 4291 section 2.5.6), and those that choose their own way.
 */
final class Martians {
    private static final int OPTION_END = 0;
    private static final int OPTION_NOP = 1;
    private static final int LOOSE_SOURCE_ROUTE = 131;
    private static final int STRICT_SOURCE_ROUTE = 137;

    private static final int EXTENSION_UNIT = 8;

    private Martians() {
    }

    /** Zero, or the code of {@link DropReason#MARTIAN}. */
    static int check4(MemorySegment memory, long packet) {
        boolean routable = Ipv4.isHost(Ipv4.source(memory, packet)) && Ipv4.isHost(Ipv4.destination(memory, packet));
        return routable && (Ipv4.headerLength(memory, packet) == Ipv4.MIN_HEADER_LENGTH || !isSourceRouted(memory, packet))
                ? 0 : DropReason.MARTIAN.code();
    }

    /** Zero, or the code of {@link DropReason#MARTIAN}. Of packets whose destination is neither a group nor link-local. */
    static int check6(MemorySegment memory, long packet, long parsed) {
        long high = Ipv6.sourceHigh(memory, packet);
        boolean routable = isHost6(high, Ipv6.sourceLow(memory, packet)) && !Ipv6.isLinkLocal(high)
                && isHost6(Ipv6.destinationHigh(memory, packet), Ipv6.destinationLow(memory, packet));
        boolean plain = Frame.transportOffset(parsed) == Frame.networkOffset(parsed) + Ipv6.HEADER_LENGTH;
        return routable && (plain || !isSourceRouted6(memory, packet)) ? 0 : DropReason.MARTIAN.code();
    }

    /**
     * Neither a group, nor of ::/96 (unspecified, loopback, RFC 4291 section 2.5.5.1), nor an IPv4 address mapped into IPv6, by
     * which a socket of the host would reach what the IPv4 address means to it.
     */
    static boolean isHost6(long high, long low) {
        return !Ipv6.isMulticast(high) && (high != 0 || low >>> 32 != 0 && low >>> 32 != 0xFFFF);
    }

    /** RFC 7126 section 4.3 and 4.4: routers drop them. */
    private static boolean isSourceRouted(MemorySegment memory, long packet) {
        int end = Ipv4.headerLength(memory, packet);
        int at = Ipv4.MIN_HEADER_LENGTH;
        while (at < end) {
            int option = BigEndian.u8(memory, packet + at);
            if (option == OPTION_END) {
                return false;
            }
            if (option == LOOSE_SOURCE_ROUTE || option == STRICT_SOURCE_ROUTE) {
                return true;
            }
            int length = option == OPTION_NOP || at + 1 == end ? 1 : BigEndian.u8(memory, packet + at + 1);
            at += Math.max(length, 1);
        }
        return false;
    }

    /** A routing header of type 0 (RFC 5095); Frame.parse has walked these headers, so they are there. */
    private static boolean isSourceRouted6(MemorySegment memory, long packet) {
        int next = Ipv6.nextHeader(memory, packet);
        long at = packet + Ipv6.HEADER_LENGTH;
        for (int i = 0; i < Ipv6.MAX_EXTENSION_HEADERS; i++) {
            if (next == Protocol.ROUTING) {
                return BigEndian.u8(memory, at + 2) == 0;
            }
            if (next != Protocol.HOP_BY_HOP && next != Protocol.DESTINATION_OPTIONS) {
                return false;
            }
            next = BigEndian.u8(memory, at);
            at += (BigEndian.u8(memory, at + 1) + 1L) * EXTENSION_UNIT;
        }
        return false;
    }
}
