package io.footbridge.wire;

import static io.footbridge.wire.BigEndian.i32;
import static io.footbridge.wire.BigEndian.i64;
import static io.footbridge.wire.BigEndian.u16;
import static io.footbridge.wire.BigEndian.u32;
import static io.footbridge.wire.BigEndian.u48;
import static io.footbridge.wire.BigEndian.u8;

import java.lang.foreign.MemorySegment;

/**
 * Neighbour discovery (RFC 4861), messages of ICMPv6. Offsets are those of the ICMPv6 header, lengths those of the
 * ICMPv6 message. {@link RouterAdvertisement} writes router advertisements.
 *
 * <pre>
 * type  name                     bytes 4 to 7                 bytes 8 on         options from
 *  133  router solicitation      0                                                 8
 *  134  router advertisement     hop limit, flags, lifetime   reachable, retrans  16
 *  135  neighbour solicitation   0                            target, 16 bytes    24
 *  136  neighbour advertisement  flags                        target, 16 bytes    24
 *  137  redirect                 0                            target, destination 40
 *
 * option     kind  units of 8  layout behind kind and length
 * SLLA, TLLA  1, 2     1       MAC 6
 * prefix         3     4       prefix length 1, flags 1, valid 4, preferred 4, 0 4, prefix 16
 * MTU            5     1       0 2, MTU 4
 * route         24    1-3      prefix length 1, preference 1, lifetime 4, prefix 0 to 16 (RFC 4191)
 * RDNSS         25   1+2n      0 2, lifetime 4, n addresses (RFC 8106)
 * </pre>
 *
 * <p>Options are visited by position, the bytes from the ICMPv6 header's start.
 */
public final class NeighbourDiscovery {
    /** Message: router solicitation. */
    public static final int ROUTER_SOLICITATION = 133;
    /** Message: router advertisement. */
    public static final int ROUTER_ADVERTISEMENT = 134;
    /** Message: neighbour solicitation. */
    public static final int NEIGHBOUR_SOLICITATION = 135;
    /** Message: neighbour advertisement. */
    public static final int NEIGHBOUR_ADVERTISEMENT = 136;
    /** Message: redirect. */
    public static final int REDIRECT = 137;

    /** Option: the sender's MAC. */
    public static final int SOURCE_LINK_LAYER = 1;
    /** Option: the target's MAC. */
    public static final int TARGET_LINK_LAYER = 2;
    /** Option: prefix information. */
    public static final int PREFIX = 3;
    /** Option: MTU. */
    public static final int MTU = 5;
    /** Option: route information. */
    public static final int ROUTE = 24;
    /** Option: recursive DNS servers. */
    public static final int RDNSS = 25;

    /** Flag of a neighbour advertisement: the sender is a router. */
    public static final int ROUTER_FLAG = 0x80;
    /** Flag of a neighbour advertisement: in answer to a solicitation. */
    public static final int SOLICITED_FLAG = 0x40;
    /** Flag of a neighbour advertisement: replaces the MAC that is known. */
    public static final int OVERRIDE_FLAG = 0x20;

    /** What the hop limit must be: the packet has crossed no router. */
    public static final int HOP_LIMIT = 255;

    static final int OPTION_UNIT = 8;
    private static final int FLAGS = 4;
    private static final int TARGET = 8;
    private static final int LINK_LAYER_ADDRESS = 2;
    private static final int NEIGHBOUR_MESSAGE_LENGTH = 24 + OPTION_UNIT;

    private NeighbourDiscovery() {
    }

    /** Whether an ICMPv6 type is a message of this protocol. */
    public static boolean isMessage(int type) {
        return type >= ROUTER_SOLICITATION && type <= REDIRECT;
    }

    /**
     * Checks a message as RFC 4861 asks of its receivers (sections 6.1, 7.1, 8.1), all but the checksum: hop limit, code,
     * length, addresses and target, and that each option has a length and lies inside.
     *
     * @param ipv6Offset of the checked IPv6 header
     * @param length     bytes of the ICMPv6 message
     * @return the position of the first option, or a drop code
     */
    public static int check(MemorySegment memory, long ipv6Offset, long offset, int length) {
        if (length < Icmpv6.HEADER_LENGTH) {
            return DropReason.RUNT.code();
        }
        int type = Icmpv6.type(memory, offset);
        int options = optionsOf(type);
        if (!isMessage(type) || Ipv6.hopLimit(memory, ipv6Offset) != HOP_LIMIT || Icmpv6.code(memory, offset) != 0) {
            return DropReason.BAD_HEADER.code();
        }
        if (length < options) {
            return DropReason.RUNT.code();
        }
        int position = options;
        while (position < length) {
            int optionLength = length - position < OPTION_UNIT ? 0 : optionLength(memory, offset, position);
            if (optionLength == 0 || position + optionLength > length) {
                return DropReason.BAD_HEADER.code();
            }
            position += optionLength;
        }
        return addressesFit(memory, ipv6Offset, offset, length, type) ? options : DropReason.BAD_HEADER.code();
    }

    private static boolean addressesFit(MemorySegment memory, long ipv6Offset, long offset, int length, int type) {
        boolean unspecified = (Ipv6.sourceHigh(memory, ipv6Offset) | Ipv6.sourceLow(memory, ipv6Offset)) == 0;
        return switch (type) {
            case ROUTER_SOLICITATION -> !unspecified || option(memory, offset, length, SOURCE_LINK_LAYER) < 0;
            case NEIGHBOUR_SOLICITATION -> !Ipv6.isMulticast(targetHigh(memory, offset))
                    && (!unspecified || Ipv6.isSolicitedNode(Ipv6.destinationHigh(memory, ipv6Offset),
                            Ipv6.destinationLow(memory, ipv6Offset))
                            && option(memory, offset, length, SOURCE_LINK_LAYER) < 0);
            case NEIGHBOUR_ADVERTISEMENT -> !Ipv6.isMulticast(targetHigh(memory, offset))
                    && (!Ipv6.isMulticast(Ipv6.destinationHigh(memory, ipv6Offset))
                            || (flags(memory, offset) & SOLICITED_FLAG) == 0);
            default -> Ipv6.isLinkLocal(Ipv6.sourceHigh(memory, ipv6Offset));
        };
    }

    private static int optionsOf(int type) {
        return switch (type) {
            case ROUTER_ADVERTISEMENT -> 16;
            case NEIGHBOUR_SOLICITATION, NEIGHBOUR_ADVERTISEMENT -> 24;
            case REDIRECT -> 40;
            default -> 8;
        };
    }

    /** Flags of a neighbour advertisement. */
    public static int flags(MemorySegment memory, long offset) {
        return u8(memory, offset + FLAGS);
    }

    /** Sets the flags of a neighbour advertisement. */
    public static void flags(MemorySegment memory, long offset, int flags) {
        u8(memory, offset + FLAGS, flags);
    }

    /** High half of the target of a neighbour solicitation or advertisement. */
    public static long targetHigh(MemorySegment memory, long offset) {
        return i64(memory, offset + TARGET);
    }

    /** Low half of the target of a neighbour solicitation or advertisement. */
    public static long targetLow(MemorySegment memory, long offset) {
        return i64(memory, offset + TARGET + 8);
    }

    /** Sets the target of a neighbour solicitation or advertisement. */
    public static void target(MemorySegment memory, long offset, long high, long low) {
        i64(memory, offset + TARGET, high);
        i64(memory, offset + TARGET + 8, low);
    }

    /** Hop limit that a router advertisement suggests; 0 if none. */
    public static int currentHopLimit(MemorySegment memory, long offset) {
        return u8(memory, offset + 4);
    }

    /** Flags of a router advertisement: 0x80 addresses by DHCPv6, 0x40 other settings by DHCPv6. */
    public static int routerFlags(MemorySegment memory, long offset) {
        return u8(memory, offset + 5);
    }

    /** Seconds that the sender of a router advertisement is a default router; 0 if it is none. */
    public static int routerLifetime(MemorySegment memory, long offset) {
        return u16(memory, offset + 6);
    }

    /** Position of the first option of a checked message, or -1. */
    public static int firstOption(MemorySegment memory, long offset, int length) {
        int options = optionsOf(Icmpv6.type(memory, offset));
        return options < length ? options : -1;
    }

    /** Position of the option behind the one at {@code position}, or -1. */
    public static int nextOption(MemorySegment memory, long offset, int length, int position) {
        int next = position + optionLength(memory, offset, position);
        return next < length ? next : -1;
    }

    /** Kind of the option at a position. */
    public static int optionKind(MemorySegment memory, long offset, int position) {
        return u8(memory, offset + position);
    }

    /** Bytes of the option at a position, kind and length included. */
    public static int optionLength(MemorySegment memory, long offset, int position) {
        return u8(memory, offset + position + 1) * OPTION_UNIT;
    }

    /**
     * Position of the first option of a kind in a checked message, or -1. An option too short for its fixed fields, of
     * the kinds named here, is passed over: the accessors below cannot fail on what this returns.
     */
    public static int option(MemorySegment memory, long offset, int length, int kind) {
        int position = firstOption(memory, offset, length);
        while (position >= 0 && (optionKind(memory, offset, position) != kind
                || optionLength(memory, offset, position) < fixedLength(memory, offset, position, kind))) {
            position = nextOption(memory, offset, length, position);
        }
        return position;
    }

    private static int fixedLength(MemorySegment memory, long offset, int position, int kind) {
        return switch (kind) {
            case PREFIX -> 32;
            case ROUTE -> OPTION_UNIT + (prefixLength(memory, offset, position) + 63) / 64 * OPTION_UNIT;
            case RDNSS -> 24;
            default -> OPTION_UNIT;
        };
    }

    /** MAC in a source or target link-layer address option. */
    public static long linkLayerAddress(MemorySegment memory, long offset, int position) {
        return u48(memory, offset + position + LINK_LAYER_ADDRESS);
    }

    /** Prefix length in a prefix or route option, as it stands: 0 to 255. */
    public static int prefixLength(MemorySegment memory, long offset, int position) {
        return u8(memory, offset + position + 2);
    }

    /** Flags of a prefix option: {@link RouterAdvertisement#ON_LINK}, {@link RouterAdvertisement#AUTONOMOUS}. */
    public static int prefixFlags(MemorySegment memory, long offset, int position) {
        return u8(memory, offset + position + 3);
    }

    /** Seconds: valid lifetime of a prefix option, lifetime of a route or RDNSS option; 0xFFFFFFFF is for ever. */
    public static long optionLifetime(MemorySegment memory, long offset, int position) {
        return u32(memory, offset + position + 4);
    }

    /** High half of the prefix in a prefix option. */
    public static long prefixHigh(MemorySegment memory, long offset, int position) {
        return i64(memory, offset + position + 16);
    }

    /** Low half of the prefix in a prefix option. */
    public static long prefixLow(MemorySegment memory, long offset, int position) {
        return i64(memory, offset + position + 24);
    }

    /** High half of the prefix in a route option; what the option leaves out is 0. */
    public static long routeHigh(MemorySegment memory, long offset, int position) {
        return optionLength(memory, offset, position) < 16 ? 0 : i64(memory, offset + position + 8);
    }

    /** Low half of the prefix in a route option; what the option leaves out is 0. */
    public static long routeLow(MemorySegment memory, long offset, int position) {
        return optionLength(memory, offset, position) < 24 ? 0 : i64(memory, offset + position + 16);
    }

    /** How many addresses an RDNSS option holds. */
    public static int serverCount(MemorySegment memory, long offset, int position) {
        return (optionLength(memory, offset, position) - OPTION_UNIT) / 16;
    }

    /** High half of an address in an RDNSS option, {@code index} below {@link #serverCount}. */
    public static long serverHigh(MemorySegment memory, long offset, int position, int index) {
        return i64(memory, offset + position + OPTION_UNIT + 16L * index);
    }

    /** Low half of an address in an RDNSS option, {@code index} below {@link #serverCount}. */
    public static long serverLow(MemorySegment memory, long offset, int position, int index) {
        return i64(memory, offset + position + OPTION_UNIT + 16L * index + 8);
    }

    /** MTU in an MTU option. */
    public static long mtu(MemorySegment memory, long offset, int position) {
        return u32(memory, offset + position + 4);
    }

    /**
     * Writes a neighbour solicitation, IPv6 header first, to the target's solicited-node group.
     *
     * @param offset of the IPv6 header to write
     * @return the length of what was written, IPv6 header included
     */
    public static int writeSolicitation(MemorySegment memory, long offset, long sourceHigh, long sourceLow,
            long targetHigh, long targetLow, long mac) {
        return write(memory, offset, sourceHigh, sourceLow, Ipv6.LINK_MULTICAST_HIGH, Ipv6.solicitedNodeLow(targetLow),
                NEIGHBOUR_SOLICITATION, 0, targetHigh, targetLow, SOURCE_LINK_LAYER, mac);
    }

    /**
     * Writes a neighbour advertisement, IPv6 header first: {@code mac} has the target, which is also the source.
     *
     * @param offset of the IPv6 header to write
     * @param flags  {@link #ROUTER_FLAG}, {@link #SOLICITED_FLAG}, {@link #OVERRIDE_FLAG}
     * @return the length of what was written, IPv6 header included
     */
    public static int writeAdvertisement(MemorySegment memory, long offset, long targetHigh, long targetLow,
            long destinationHigh, long destinationLow, int flags, long mac) {
        return write(memory, offset, targetHigh, targetLow, destinationHigh, destinationLow, NEIGHBOUR_ADVERTISEMENT,
                flags, targetHigh, targetLow, TARGET_LINK_LAYER, mac);
    }

    private static int write(MemorySegment memory, long offset, long sourceHigh, long sourceLow, long destinationHigh,
            long destinationLow, int type, int flags, long targetHigh, long targetLow, int optionKind, long mac) {
        long message = offset + Ipv6.write(memory, offset, sourceHigh, sourceLow, destinationHigh, destinationLow,
                Protocol.ICMPV6, HOP_LIMIT, NEIGHBOUR_MESSAGE_LENGTH);
        Icmpv6.type(memory, message, type);
        Icmpv6.code(memory, message, 0);
        i32(memory, message + FLAGS, flags << 24);
        target(memory, message, targetHigh, targetLow);
        writeLinkLayerAddress(memory, message + 24, optionKind, mac);
        Icmpv6.writeChecksum(memory, offset, message, NEIGHBOUR_MESSAGE_LENGTH);
        return Ipv6.HEADER_LENGTH + NEIGHBOUR_MESSAGE_LENGTH;
    }

    static void writeLinkLayerAddress(MemorySegment memory, long optionOffset, int kind, long mac) {
        u8(memory, optionOffset, kind);
        u8(memory, optionOffset + 1, 1);
        u48(memory, optionOffset + LINK_LAYER_ADDRESS, mac);
    }

    /** One line for people, of a checked message. Off the frame path. */
    public static String describe(MemorySegment memory, long offset) {
        return switch (Icmpv6.type(memory, offset)) {
            case ROUTER_SOLICITATION -> "router solicitation";
            case ROUTER_ADVERTISEMENT -> "router advertisement, lifetime %d".formatted(routerLifetime(memory, offset));
            case NEIGHBOUR_SOLICITATION -> "who has %s?".formatted(target(memory, offset));
            case NEIGHBOUR_ADVERTISEMENT -> "%s is here".formatted(target(memory, offset));
            default -> "redirect";
        };
    }

    private static String target(MemorySegment memory, long offset) {
        return Ipv6Address.format(targetHigh(memory, offset), targetLow(memory, offset));
    }
}
