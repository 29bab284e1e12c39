package io.footbridge.dataplane;

import io.footbridge.wire.Arp;
import io.footbridge.wire.DropReason;
import io.footbridge.wire.Ethernet;
import io.footbridge.wire.Fragment;
import io.footbridge.wire.Frame;
import io.footbridge.wire.Icmpv6;
import io.footbridge.wire.Ipv4;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv6;
import io.footbridge.wire.Ipv6Address;
import io.footbridge.wire.MacAddress;
import io.footbridge.wire.NeighbourDiscovery;
import io.footbridge.wire.Protocol;
import io.footbridge.wire.Udp;
import io.footbridge.wire.Vlan;
import java.lang.foreign.MemorySegment;

/**
 * {@link SourceAddresses} in the form in which frames are held against them. Immutable.
 *
 * <p>Besides its own addresses an endpoint may use those that it must use before it has any: 0.0.0.0 to ask a DHCP server
 * and in ARP probes (RFC 5227), and :: for what a host says before duplicate address detection is over (RFC 4862).
 */
final class SourceCheck {
    private static final int DHCP_SERVER = 67;
    private static final int MLD_FIRST = 130;
    private static final int MLD_LAST = 132;
    private static final int MLD_V2_REPORT = 143;

    private final long mac;
    private final int[] ipv4;
    private final long[] ipv6;
    private final boolean anyAddress;

    SourceCheck(SourceAddresses source) {
        mac = source.mac();
        anyAddress = source.anyAddress();
        ipv4 = source.ipv4().stream().mapToInt(Ipv4Address::address).toArray();
        ipv6 = new long[2 * source.ipv6().size() + 2];
        ipv6[0] = Ipv6.LINK_LOCAL_HIGH;
        ipv6[1] = MacAddress.eui64(mac);
        int next = 2;
        for (Ipv6Address address : source.ipv6()) {
            ipv6[next++] = address.high();
            ipv6[next++] = address.low();
        }
    }

    /**
     * Whether a frame is the endpoint's own.
     *
     * @param source the frame's source MAC
     * @return zero, or the negative code of a reason to drop
     */
    int check(MemorySegment memory, long offset, int length, long source) {
        if (source != mac) {
            return DropReason.SOURCE_MAC.code();
        }
        long link = Frame.parseLink(memory, offset, length);
        if (link < 0) {
            return (int) link;
        }
        int etherType = Frame.etherType(link);
        long packet = offset + Frame.networkOffset(link);
        if (etherType == Ethernet.IPV4) {
            if (Frame.packetLength(link) < Ipv4.MIN_HEADER_LENGTH) {
                return DropReason.RUNT.code();
            }
            return owns(Ipv4.source(memory, packet)) ? 0 : unnumbered(memory, offset, length, packet);
        }
        if (etherType == Ethernet.IPV6) {
            return ipv6(memory, offset, length);
        }
        if (etherType == Ethernet.ARP) {
            return arp(memory, packet, Frame.packetLength(link));
        }
        // Behind more tags than are looked behind there may be anything.
        return Vlan.isTag(etherType) ? DropReason.SOURCE_ADDRESS.code() : 0;
    }

    private int arp(MemorySegment memory, long message, int length) {
        int checked = Arp.check(memory, message, length);
        if (checked < 0) {
            return checked;
        }
        int sender = Arp.senderAddress(memory, message);
        // A probe asks for the address that the endpoint is about to use; one for another's would keep that from it.
        boolean probe = sender == 0 && Arp.operation(memory, message) == Arp.REQUEST
                && owns(Arp.targetAddress(memory, message));
        return Arp.senderMac(memory, message) == mac && (probe || owns(sender))
                ? 0 : DropReason.SOURCE_NEIGHBOUR.code();
    }

    /** A packet from none of the endpoint's IPv4 addresses: only a DHCP client's, from 0.0.0.0. */
    private static int unnumbered(MemorySegment memory, long offset, int length, long packet) {
        if (Ipv4.source(memory, packet) != 0) {
            return DropReason.SOURCE_ADDRESS.code();
        }
        long parsed = Frame.parse(memory, offset, length);
        if (parsed < 0) {
            return (int) parsed;
        }
        boolean dhcp = Frame.protocol(parsed) == Protocol.UDP && Frame.fragment(parsed) == Fragment.WHOLE
                && Udp.destination(memory, offset + Frame.transportOffset(parsed)) == DHCP_SERVER;
        return dhcp ? 0 : DropReason.SOURCE_ADDRESS.code();
    }

    private int ipv6(MemorySegment memory, long offset, int length) {
        long parsed = Frame.parse(memory, offset, length);
        if (parsed < 0) {
            return (int) parsed;
        }
        long packet = offset + Frame.networkOffset(parsed);
        long high = Ipv6.sourceHigh(memory, packet);
        long low = Ipv6.sourceLow(memory, packet);
        boolean own = owns(high, low);
        if (!own && (high | low) != 0) {
            return DropReason.SOURCE_ADDRESS.code();
        }
        if (Frame.protocol(parsed) != Protocol.ICMPV6 || Frame.fragment(parsed) == Fragment.LATER) {
            return own ? 0 : DropReason.SOURCE_ADDRESS.code();
        }
        long message = offset + Frame.transportOffset(parsed);
        int type = Icmpv6.type(memory, message);
        if (NeighbourDiscovery.isMessage(type)) {
            // RFC 6980: these messages are never fragmented, lest they slip by a check like this one.
            return Frame.fragment(parsed) == Fragment.FIRST ? DropReason.SOURCE_NEIGHBOUR.code()
                    : neighbourDiscovery(memory, packet, message, Frame.transportLength(parsed), type);
        }
        boolean membership = type >= MLD_FIRST && type <= MLD_LAST || type == MLD_V2_REPORT;
        return own || membership ? 0 : DropReason.SOURCE_ADDRESS.code();
    }

    private int neighbourDiscovery(MemorySegment memory, long packet, long message, int length, int type) {
        int checked = NeighbourDiscovery.check(memory, packet, message, length);
        if (checked < 0) {
            return checked;
        }
        boolean allowed = switch (type) {
            case NeighbourDiscovery.NEIGHBOUR_ADVERTISEMENT -> ownsTarget(memory, message)
                    && names(memory, message, length, NeighbourDiscovery.TARGET_LINK_LAYER);
            case NeighbourDiscovery.NEIGHBOUR_SOLICITATION -> isProbe(memory, packet) ? ownsTarget(memory, message)
                    : names(memory, message, length, NeighbourDiscovery.SOURCE_LINK_LAYER);
            case NeighbourDiscovery.ROUTER_SOLICITATION ->
                names(memory, message, length, NeighbourDiscovery.SOURCE_LINK_LAYER);
            // Router advertisements and redirects are the gateway's to send, where there is one of ours.
            default -> anyAddress;
        };
        return allowed ? 0 : DropReason.SOURCE_NEIGHBOUR.code();
    }

    /** Duplicate address detection asks from ::, for the address that the endpoint is about to use. */
    private static boolean isProbe(MemorySegment memory, long packet) {
        return (Ipv6.sourceHigh(memory, packet) | Ipv6.sourceLow(memory, packet)) == 0;
    }

    private boolean ownsTarget(MemorySegment memory, long message) {
        return owns(NeighbourDiscovery.targetHigh(memory, message), NeighbourDiscovery.targetLow(memory, message));
    }

    /** Whether the link-layer address options, if there are any, name the endpoint's MAC: which one counts, RFC 4861 leaves open. */
    private boolean names(MemorySegment memory, long message, int length, int option) {
        int position = NeighbourDiscovery.firstOption(memory, message, length);
        while (position >= 0) {
            if (NeighbourDiscovery.optionKind(memory, message, position) == option
                    && NeighbourDiscovery.linkLayerAddress(memory, message, position) != mac) {
                return false;
            }
            position = NeighbourDiscovery.nextOption(memory, message, length, position);
        }
        return true;
    }

    private boolean owns(int address) {
        for (int own : ipv4) {
            if (own == address) {
                return true;
            }
        }
        return anyAddress;
    }

    private boolean owns(long high, long low) {
        for (int i = 0; i < ipv6.length; i += 2) {
            if (ipv6[i] == high && ipv6[i + 1] == low) {
                return true;
            }
        }
        return anyAddress;
    }
}
