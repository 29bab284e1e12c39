package io.footbridge.tap.netlink;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Messages about routes (linux/rtnetlink.h). The structure in front is rtmsg, 12 bytes, each of one byte: {@code family@0,
 * destination length@1, source length@2, tos@3, table@4, protocol@5, scope@6, type@7}, and {@code u32 flags@8}.
 */
final class RouteCodec {
    static final int RTM_NEWROUTE = 24;
    static final int RTM_DELROUTE = 25;
    static final int RTM_GETROUTE = 26;

    private static final int STRUCTURE = 12;

    private static final int RTA_DST = 1;
    private static final int RTA_OIF = 4;
    private static final int RTA_GATEWAY = 5;
    private static final int RTA_PRIORITY = 6;
    private static final int RTA_PREFSRC = 7;
    private static final int RTA_MULTIPATH = 9;
    private static final int RTA_TABLE = 15;
    private static final int RTA_VIA = 18;

    private static final int RT_TABLE_MAIN = 254;
    private static final int RTPROT_BOOT = 3;
    private static final int RT_SCOPE_NOWHERE = 255;
    private static final int RTM_F_CLONED = 0x200;
    private static final int RTNH_F_ONLINK = 4;

    /** struct rtnexthop: {@code u16 length@0, u8 flags@2, u8 hops@3, s32 index@4}, then attributes. */
    private static final int NEXT_HOP = 8;
    /** struct rtvia: {@code u16 family}, then the address. */
    private static final int VIA_ADDRESS = 2;

    private RouteCodec() {
    }

    /** A route of the main table, once for each of its links; messages of other types are passed over. */
    static void decode(NetlinkMessage message, Consumer<Route> into) throws NetlinkFormatException {
        if (message.type() != RTM_NEWROUTE) {
            return;
        }
        NetlinkAttributes attributes = message.attributesAfter(STRUCTURE);
        MemorySegment structure = message.payload();
        int family = unsigned(structure, 0);
        int flags = structure.get(JAVA_INT_UNALIGNED, 8);
        if (attributes.getInt(RTA_TABLE, unsigned(structure, 4)) != RT_TABLE_MAIN || (flags & RTM_F_CLONED) != 0
                || family != AddressCodec.AF_INET && family != AddressCodec.AF_INET6) {
            return;
        }
        Route route = new Route(destination(family, unsigned(structure, 1), attributes), gateway(attributes),
                attributes.getInt(RTA_OIF, 0), Route.Type.of(unsigned(structure, 7)), unsigned(structure, 6),
                Integer.toUnsignedLong(attributes.getInt(RTA_PRIORITY, 0)), (flags & RTNH_F_ONLINK) != 0,
                attributes.getAddress(RTA_PREFSRC));
        Optional<MemorySegment> hops = attributes.get(RTA_MULTIPATH);
        if (hops.isPresent()) {
            decodeHops(route, hops.get(), into);
        } else {
            into.accept(route);
        }
    }

    static NetlinkRequest all(int family) {
        MemorySegment structure = MemorySegment.ofArray(new byte[STRUCTURE]);
        structure.set(JAVA_BYTE, 0, (byte) family);
        structure.set(JAVA_BYTE, 4, (byte) RT_TABLE_MAIN);
        return new NetlinkRequest("RTM_GETROUTE", RTM_GETROUTE, NetlinkMessage.NLM_F_DUMP).structure(structure);
    }

    static NetlinkRequest add(Route route) {
        int flags = NetlinkMessage.NLM_F_ACK | NetlinkMessage.NLM_F_CREATE | NetlinkMessage.NLM_F_EXCL;
        return put(new NetlinkRequest("RTM_NEWROUTE", RTM_NEWROUTE, flags), route, RTPROT_BOOT, route.scope());
    }

    /** Any protocol and scope: a route is known by where it leads, and by its metric if it has one. */
    static NetlinkRequest remove(Route route) {
        return put(new NetlinkRequest("RTM_DELROUTE", RTM_DELROUTE, NetlinkMessage.NLM_F_ACK), route, 0,
                RT_SCOPE_NOWHERE);
    }

    private static NetlinkRequest put(NetlinkRequest request, Route route, int protocol, int scope) {
        Prefix destination = route.destination();
        MemorySegment structure = MemorySegment.ofArray(new byte[STRUCTURE]);
        structure.set(JAVA_BYTE, 0, (byte) AddressCodec.family(destination.address()));
        structure.set(JAVA_BYTE, 1, (byte) destination.length());
        structure.set(JAVA_BYTE, 4, (byte) RT_TABLE_MAIN);
        structure.set(JAVA_BYTE, 5, (byte) protocol);
        structure.set(JAVA_BYTE, 6, (byte) scope);
        structure.set(JAVA_BYTE, 7, (byte) route.type().ordinal());
        structure.set(JAVA_INT_UNALIGNED, 8, route.onLink() ? RTNH_F_ONLINK : 0);
        request.structure(structure);
        if (!destination.isDefault()) {
            request.put(RTA_DST, destination.address().getAddress());
        }
        route.gateway().ifPresent(hop -> request.put(RTA_GATEWAY, hop.getAddress()));
        if (route.index() != 0) {
            request.putInt(RTA_OIF, route.index());
        }
        route.source().ifPresent(own -> request.put(RTA_PREFSRC, own.getAddress()));
        if (route.metric() != 0) {
            request.putInt(RTA_PRIORITY, (int) route.metric());
        }
        return request;
    }

    private static void decodeHops(Route route, MemorySegment hops, Consumer<Route> into)
            throws NetlinkFormatException {
        long at = 0;
        while (hops.byteSize() - at >= NEXT_HOP) {
            int length = Short.toUnsignedInt(hops.get(JAVA_SHORT_UNALIGNED, at));
            if (length < NEXT_HOP || length > hops.byteSize() - at) {
                throw new NetlinkFormatException("a next hop of " + length + " bytes");
            }
            NetlinkAttributes attributes =
                    NetlinkAttributes.parse(hops.asSlice(at + NEXT_HOP, length - NEXT_HOP));
            into.accept(new Route(route.destination(), gateway(attributes), hops.get(JAVA_INT_UNALIGNED, at + 4),
                    route.type(), route.scope(), route.metric(), (unsigned(hops, at + 2) & RTNH_F_ONLINK) != 0,
                    route.source()));
            at += NetlinkMessage.align(length);
        }
    }

    private static Prefix destination(int family, int length, NetlinkAttributes attributes)
            throws NetlinkFormatException {
        Prefix all = family == AddressCodec.AF_INET ? Prefix.ALL_IPV4 : Prefix.ALL_IPV6;
        InetAddress first = attributes.getAddress(RTA_DST).orElse(all.address());
        if (AddressCodec.family(first) != family || length > first.getAddress().length * Byte.SIZE) {
            throw new NetlinkFormatException("a route to a prefix of " + length + " bits in family " + family);
        }
        return Prefix.containing(first, length);
    }

    private static Optional<InetAddress> gateway(NetlinkAttributes attributes) throws NetlinkFormatException {
        Optional<MemorySegment> via = attributes.get(RTA_VIA);
        if (via.isPresent() && via.get().byteSize() > VIA_ADDRESS) {
            return Optional.of(NetlinkAttributes.address(via.get().asSlice(VIA_ADDRESS)));
        }
        return attributes.getAddress(RTA_GATEWAY);
    }

    private static int unsigned(MemorySegment segment, long at) {
        return Byte.toUnsignedInt(segment.get(JAVA_BYTE, at));
    }
}
