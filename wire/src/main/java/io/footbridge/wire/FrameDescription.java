package io.footbridge.wire;

import java.lang.foreign.MemorySegment;

/** A frame as one line of text: each layer's own description, as deep as the frame holds good. */
final class FrameDescription {
    private FrameDescription() {
    }

    static String of(MemorySegment memory, long frameOffset, int frameLength) {
        long link = Frame.parseLink(memory, frameOffset, frameLength);
        if (link < 0) {
            return "%s, %d bytes".formatted(DropReason.ofCode((int) link).label(), frameLength);
        }
        StringBuilder text = new StringBuilder(Ethernet.describe(memory, frameOffset));
        for (int tag = 0; tag < Frame.tags(link); tag++) {
            text.append(": ").append(Vlan.describe(memory, frameOffset + (long) Vlan.TAG_LENGTH * tag));
        }
        int etherType = Frame.etherType(link);
        if (Frame.tags(link) > 0) {
            text.append(", ").append(Ethernet.nameOf(etherType));
        }
        text.append(": ");
        long parsed = Frame.parse(memory, frameOffset, frameLength);
        if (parsed < 0) {
            return text.append(DropReason.ofCode((int) parsed).label()).toString();
        }
        long network = frameOffset + Frame.networkOffset(parsed);
        switch (etherType) {
            case Ethernet.ARP -> text.append(Arp.check(memory, network, Frame.packetLength(parsed)) < 0
                    ? DropReason.BAD_HEADER.label() : Arp.describe(memory, network));
            case Ethernet.IPV4 -> text.append(Ipv4.describe(memory, network))
                    .append(transport(memory, frameOffset, parsed));
            case Ethernet.IPV6 -> text.append(Ipv6.describe(memory, network))
                    .append(transport(memory, frameOffset, parsed));
            default -> text.append(Frame.packetLength(parsed)).append(" bytes");
        }
        return text.toString();
    }

    private static String transport(MemorySegment memory, long frameOffset, long parsed) {
        if (Frame.fragment(parsed) == Fragment.LATER) {
            return "";
        }
        long offset = frameOffset + Frame.transportOffset(parsed);
        return switch (Frame.protocol(parsed)) {
            case Protocol.TCP -> ": " + Tcp.describe(memory, offset);
            case Protocol.UDP -> ": " + Udp.describe(memory, offset);
            case Protocol.ICMP -> ": " + Icmp.describe(memory, offset);
            case Protocol.ICMPV6 -> ": " + icmpv6(memory, frameOffset, offset, parsed);
            default -> "";
        };
    }

    private static String icmpv6(MemorySegment memory, long frameOffset, long offset, long parsed) {
        boolean neighbour = Frame.etherType(parsed) == Ethernet.IPV6 && NeighbourDiscovery.check(memory,
                frameOffset + Frame.networkOffset(parsed), offset, Frame.transportLength(parsed)) >= 0;
        return neighbour ? NeighbourDiscovery.describe(memory, offset) : Icmpv6.describe(memory, offset);
    }
}
