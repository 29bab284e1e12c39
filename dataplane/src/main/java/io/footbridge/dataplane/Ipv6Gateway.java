package io.footbridge.dataplane;

import io.footbridge.wire.DropReason;
import io.footbridge.wire.Ethernet;
import io.footbridge.wire.Fragment;
import io.footbridge.wire.Frame;
import io.footbridge.wire.Icmpv6;
import io.footbridge.wire.Ipv6;
import io.footbridge.wire.MacAddress;
import io.footbridge.wire.NeighbourDiscovery;
import io.footbridge.wire.Protocol;
import io.footbridge.wire.VirtioNetHeader;
import java.lang.foreign.MemorySegment;

/**
 * The gateway's IPv6 half: neighbour discovery and router advertisements (RFC 4861), echo and errors (RFC 4443). Owning
 * worker only.
 *
 * <p>The gateway speaks as a router from the fe80 address of its MAC, which is the engine's even where the host holds the
 * gateway's other address.
 */
final class Ipv6Gateway {
    private static final int HOPS = 64;

    private final Answers answers;
    private final MemorySegment memory;

    Ipv6Gateway(Answers answers) {
        this.answers = answers;
        this.memory = answers.memory();
    }

    boolean isForGateway(GatewayAddresses gateway, long packet) {
        return gateway.isIpv6(Ipv6.destinationHigh(memory, packet), Ipv6.destinationLow(memory, packet));
    }

    /**
     * Takes a packet that may be neighbour discovery for the gateway.
     *
     * @param answering whether the gateway's address is the engine's to answer for
     * @return {@link Gateway#PASSED}, {@link Gateway#HEARD} or {@link Gateway#TAKEN}
     */
    int neighbourDiscovery(Bridge bridge, GatewayAddresses gateway, boolean answering, Port ingress, long offset,
            long parsed) {
        if (!isMessage(offset, parsed)) {
            return Gateway.PASSED;
        }
        long packet = offset + Frame.networkOffset(parsed);
        long message = offset + Frame.transportOffset(parsed);
        int length = Frame.transportLength(parsed);
        int type = Icmpv6.type(memory, message);
        return switch (type) {
            case NeighbourDiscovery.ROUTER_SOLICITATION -> {
                if (!ingress.policy().container) {
                    yield Gateway.PASSED;
                }
                advertise(bridge, gateway, ingress);
                yield Gateway.HEARD;
            }
            case NeighbourDiscovery.NEIGHBOUR_SOLICITATION ->
                solicitation(bridge, gateway, answering, ingress, offset, packet, message, length)
                        ? Gateway.TAKEN : Gateway.PASSED;
            case NeighbourDiscovery.NEIGHBOUR_ADVERTISEMENT ->
                advertisement(bridge, gateway, ingress, packet, message, length);
            default -> Gateway.PASSED;
        };
    }

    private boolean solicitation(Bridge bridge, GatewayAddresses gateway, boolean answering, Port ingress, long offset,
            long packet, long message, int length) {
        long high = NeighbourDiscovery.targetHigh(memory, message);
        long low = NeighbourDiscovery.targetLow(memory, message);
        if (!gateway.isLinkLocal(high, low) && !(answering && gateway.has(high, low))) {
            return false;
        }
        long sourceHigh = Ipv6.sourceHigh(memory, packet);
        long sourceLow = Ipv6.sourceLow(memory, packet);
        boolean probe = (sourceHigh | sourceLow) == 0;
        long destinationMac = Ethernet.source(memory, offset);
        int flags = (gateway.isRouter ? NeighbourDiscovery.ROUTER_FLAG : 0) | NeighbourDiscovery.OVERRIDE_FLAG;
        if (probe) {
            sourceHigh = Ipv6.LINK_MULTICAST_HIGH;
            sourceLow = Ipv6.ALL_NODES_LOW;
            destinationMac = MacAddress.ofIpv6Multicast(Ipv6.ALL_NODES_LOW);
        } else {
            flags |= NeighbourDiscovery.SOLICITED_FLAG;
            learn(bridge, gateway, sourceHigh, sourceLow, message, length, NeighbourDiscovery.SOURCE_LINK_LAYER);
        }
        reply(bridge, ingress, high, low, sourceHigh, sourceLow, destinationMac, flags, gateway.mac);
        return true;
    }

    /** Answers a solicitation: the target has this MAC. */
    void reply(Bridge bridge, Port ingress, long high, long low, long toHigh, long toLow, long toMac, int flags,
            long mac) {
        // An advertisement is as long as a solicitation with its option: a header, a target and a MAC.
        long answer = answers.begin(Ethernet.HEADER_LENGTH + Ipv6.MIN_MTU, toMac, mac, Ethernet.IPV6);
        int written = NeighbourDiscovery.writeAdvertisement(memory, answer + Ethernet.HEADER_LENGTH, high, low,
                toHigh, toLow, flags, mac);
        answers.send(bridge, ingress, answer, Ethernet.HEADER_LENGTH + written);
    }

    /** Answers a solicitation of the host's interface for an address of the uplink; false where it is none. */
    boolean answersFor(Bridge bridge, GatewayAddresses uplink, Port host, long offset, long parsed) {
        long packet = offset + Frame.networkOffset(parsed);
        long message = offset + Frame.transportOffset(parsed);
        if (!isMessage(offset, parsed) || Icmpv6.type(memory, message) != NeighbourDiscovery.NEIGHBOUR_SOLICITATION) {
            return false;
        }
        long high = NeighbourDiscovery.targetHigh(memory, message);
        long low = NeighbourDiscovery.targetLow(memory, message);
        long sourceHigh = Ipv6.sourceHigh(memory, packet);
        long sourceLow = Ipv6.sourceLow(memory, packet);
        if (!uplink.has(high, low) || isUnspecifiedOrLoopback(sourceHigh, sourceLow)) {
            return false;
        }
        reply(bridge, host, high, low, sourceHigh, sourceLow, Ethernet.source(memory, offset),
                NeighbourDiscovery.ROUTER_FLAG | NeighbourDiscovery.SOLICITED_FLAG | NeighbourDiscovery.OVERRIDE_FLAG,
                uplink.mac);
        return true;
    }

    /** Whether a packet is a sound message of neighbour discovery. */
    private boolean isMessage(long offset, long parsed) {
        if (Frame.tags(parsed) > 0 || Frame.protocol(parsed) != Protocol.ICMPV6
                || Frame.fragment(parsed) != Fragment.WHOLE) {
            return false;
        }
        long packet = offset + Frame.networkOffset(parsed);
        long message = offset + Frame.transportOffset(parsed);
        int length = Frame.transportLength(parsed);
        return NeighbourDiscovery.isMessage(Icmpv6.type(memory, message))
                && NeighbourDiscovery.check(memory, packet, message, length) >= 0
                && isSound(offset, packet, message, length);
    }

    private int advertisement(Bridge bridge, GatewayAddresses gateway, Port ingress, long packet, long message,
            int length) {
        long high = NeighbourDiscovery.targetHigh(memory, message);
        long low = NeighbourDiscovery.targetLow(memory, message);
        if (gateway.has(high, low) && !gateway.isRouter) {
            conflict(bridge, gateway, ingress, high, low, message, length);
            return Gateway.HEARD;
        }
        if (!Ipv6.isMulticast(Ipv6.destinationHigh(memory, packet))) {
            learn(bridge, gateway, high, low, message, length, NeighbourDiscovery.TARGET_LINK_LAYER);
            return Gateway.HEARD;
        }
        if ((NeighbourDiscovery.flags(memory, message) & NeighbourDiscovery.OVERRIDE_FLAG) != 0) {
            // Says of itself, to all, that it has another MAC now.
            long mac = linkLayerAddress(message, length, NeighbourDiscovery.TARGET_LINK_LAYER);
            if (MacAddress.isStation(mac) && gateway.isOnLink(high, low)) {
                bridge.neighbourTable().update(high, low, mac, bridge.tick());
            }
        }
        return Gateway.PASSED;
    }

    /** Another host says that it has an address of the uplink: the address is defended, now and then. */
    private void conflict(Bridge bridge, GatewayAddresses gateway, Port ingress, long high, long low, long message,
            int length) {
        long mac = linkLayerAddress(message, length, NeighbourDiscovery.TARGET_LINK_LAYER);
        if (mac != gateway.mac) {
            bridge.conflict(high, low, mac);
            if (gateway.defends(bridge.clock().nanoTime())) {
                announce(bridge, ingress, gateway.mac, high, low);
            }
        }
    }

    /** Says to all nodes that an address has this MAC (RFC 4861 section 7.2.6). */
    void announce(Bridge bridge, Port port, long mac, long high, long low) {
        reply(bridge, port, high, low, Ipv6.LINK_MULTICAST_HIGH, Ipv6.ALL_NODES_LOW,
                MacAddress.ofIpv6Multicast(Ipv6.ALL_NODES_LOW), NeighbourDiscovery.OVERRIDE_FLAG, mac);
    }

    private void learn(Bridge bridge, GatewayAddresses gateway, long high, long low, long message, int length,
            int option) {
        long mac = linkLayerAddress(message, length, option);
        if (MacAddress.isStation(mac) && !Ipv6.isMulticast(high) && !isUnspecifiedOrLoopback(high, low)
                && gateway.isOnLink(high, low)) {
            bridge.neighbourTable().heard(high, low, mac, bridge.tick());
        }
    }

    /** What a link-layer address option says, or zero. */
    private long linkLayerAddress(long message, int length, int option) {
        int position = NeighbourDiscovery.option(memory, message, length, option);
        return position < 0 ? MacAddress.ZERO : NeighbourDiscovery.linkLayerAddress(memory, message, position);
    }

    /** Sends a router advertisement to one port, to all nodes behind it. */
    void advertise(Bridge bridge, GatewayAddresses gateway, Port port) {
        long packetLength = gateway.advertisement.byteSize();
        int length = Ethernet.HEADER_LENGTH + (int) packetLength;
        long answer = answers.begin(length, MacAddress.ofIpv6Multicast(Ipv6.ALL_NODES_LOW), gateway.mac, Ethernet.IPV6);
        MemorySegment.copy(gateway.advertisement, 0, memory, answer + Ethernet.HEADER_LENGTH, packetLength);
        answers.send(bridge, port, answer, length);
    }

    /** Takes an IPv6 packet that was sent to the gateway's MAC; zero, or the negative code of a reason to drop. */
    int receive(Bridge bridge, GatewayAddresses gateway, boolean answering, Port ingress, long offset, long parsed,
            long now) {
        long packet = offset + Frame.networkOffset(parsed);
        long sourceHigh = Ipv6.sourceHigh(memory, packet);
        long sourceLow = Ipv6.sourceLow(memory, packet);
        long high = Ipv6.destinationHigh(memory, packet);
        long low = Ipv6.destinationLow(memory, packet);
        if (Ipv6.isMulticast(sourceHigh) || isUnspecifiedOrLoopback(sourceHigh, sourceLow)
                || gateway.isIpv6(sourceHigh, sourceLow) || gateway.isLinkLocal(sourceHigh, sourceLow)
                || !Ipv6.isMulticast(high) && !Martians.isHost6(high, low)) {
            return DropReason.MARTIAN.code();
        }
        if (neighbourDiscovery(bridge, gateway, answering, ingress, offset, parsed) != Gateway.PASSED) {
            return 0;
        }
        if (Ipv6.isMulticast(high)) {
            return DropReason.NOT_SERVED.code();
        }
        boolean own = gateway.has(high, low) || gateway.isLinkLocal(high, low);
        if (own && Frame.protocol(parsed) == Protocol.ICMPV6) {
            return icmpv6(bridge, ingress, offset, parsed);
        }
        if (own || !Ipv6.isLinkLocal(high)) {
            unreachable(bridge, gateway, ingress, offset, packet, now);
        }
        return own ? DropReason.NOT_SERVED.code() : DropReason.NO_UPLINK.code();
    }

    /** Answers an echo request, each fragment by itself, as {@link Ipv4Gateway} does. */
    int icmpv6(Bridge bridge, Port ingress, long offset, long parsed) {
        long packet = offset + Frame.networkOffset(parsed);
        long message = offset + Frame.transportOffset(parsed);
        int length = Frame.transportLength(parsed);
        int fragment = Frame.fragment(parsed);
        if (fragment != Fragment.LATER) {
            if (Icmpv6.type(memory, message) != Icmpv6.ECHO_REQUEST || Icmpv6.code(memory, message) != 0) {
                return DropReason.NOT_SERVED.code();
            }
            if (fragment == Fragment.WHOLE && !isSound(offset, packet, message, length)) {
                return DropReason.BAD_CHECKSUM.code();
            }
            Icmpv6.toEchoReply(memory, message);
        }
        long high = Ipv6.destinationHigh(memory, packet);
        long low = Ipv6.destinationLow(memory, packet);
        Ipv6.destination(memory, packet, Ipv6.sourceHigh(memory, packet), Ipv6.sourceLow(memory, packet));
        Ipv6.source(memory, packet, high, low);
        Ipv6.hopLimit(memory, packet, HOPS);
        answers.turnRound(offset, Ethernet.destination(memory, offset));
        answers.send(bridge, ingress, offset, Frame.packetEnd(parsed));
        return 0;
    }

    private void unreachable(Bridge bridge, GatewayAddresses gateway, Port ingress, long offset, long packet, long now) {
        if (!Icmpv6.mayAnswer(memory, packet, Icmpv6.UNREACHABLE) || !ingress.policy().errors.allows(now)
                || !gateway.errors.allows(now)) {
            return;
        }
        long answer = answers.begin(Ethernet.HEADER_LENGTH + Icmpv6.MAX_ERROR_LENGTH,
                Ethernet.source(memory, offset), gateway.mac, Ethernet.IPV6);
        int length = Icmpv6.writeError(memory, answer + Ethernet.HEADER_LENGTH, gateway.ipv6High, gateway.ipv6Low,
                Ipv6.sourceHigh(memory, packet), Ipv6.sourceLow(memory, packet), Icmpv6.UNREACHABLE, Icmpv6.NO_ROUTE,
                0, memory, packet);
        answers.send(bridge, ingress, answer, Ethernet.HEADER_LENGTH + length);
    }

    private boolean isSound(long offset, long packet, long message, int length) {
        return !VirtioNetHeader.needsChecksum(memory, offset - VirtioNetHeader.LENGTH)
                && Icmpv6.verify(memory, packet, message, length);
    }

    private static boolean isUnspecifiedOrLoopback(long high, long low) {
        return high == 0 && (low == 0 || low == 1);
    }
}
