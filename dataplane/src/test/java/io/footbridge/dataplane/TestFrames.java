package io.footbridge.dataplane;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.footbridge.wire.Ethernet;
import io.footbridge.wire.Icmpv6;
import io.footbridge.wire.Ipv4;
import io.footbridge.wire.Ipv6;
import io.footbridge.wire.NeighbourDiscovery;
import io.footbridge.wire.Protocol;
import io.footbridge.wire.Udp;
import io.footbridge.wire.VirtioNetHeader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Frames that {@link SampleFrames} does not make, mostly by changing those that it does. All native memory. */
final class TestFrames {
    static final int HEADER = VirtioNetHeader.LENGTH;
    static final int PACKET = HEADER + Ethernet.HEADER_LENGTH;
    static final int TRANSPORT4 = PACKET + Ipv4.MIN_HEADER_LENGTH;
    static final int TRANSPORT6 = PACKET + Ipv6.HEADER_LENGTH;

    private TestFrames() {
    }

    static MemorySegment copy(MemorySegment frame) {
        MemorySegment copy = Arena.ofAuto().allocate(frame.byteSize());
        return copy.copyFrom(frame);
    }

    static byte[] bytes(MemorySegment frame) {
        return frame.toArray(JAVA_BYTE);
    }

    /** UDP over IPv6 with a full checksum; the payload is all ones. */
    static MemorySegment udp6(SampleFrames frames, long sourceHigh, long sourceLow, long destinationHigh, long destinationLow,
            int port, int payload) {
        int length = Udp.HEADER_LENGTH + payload;
        MemorySegment frame = frames.ipv6(sourceHigh, sourceLow, destinationHigh, destinationLow, Protocol.UDP, 64, length);
        Udp.write(frame, TRANSPORT6, 5201, port, length);
        frame.asSlice(TRANSPORT6 + Udp.HEADER_LENGTH).fill((byte) -1);
        Udp.writeChecksum(frame, TRANSPORT6, Ipv6.pseudoHeader(frame, PACKET, Protocol.UDP, length));
        return frame;
    }

    /** The frame with another tag outermost; its virtio-net header follows. */
    static MemorySegment tagged(MemorySegment frame, int tpid, int tci) {
        MemorySegment longer = Arena.ofAuto().allocate(frame.byteSize() + 4);
        int addresses = HEADER + 12;
        MemorySegment.copy(frame, 0, longer, 0, addresses);
        longer.set(JAVA_BYTE, addresses, (byte) (tpid >>> 8));
        longer.set(JAVA_BYTE, addresses + 1, (byte) tpid);
        longer.set(JAVA_BYTE, addresses + 2, (byte) (tci >>> 8));
        longer.set(JAVA_BYTE, addresses + 3, (byte) tci);
        MemorySegment.copy(frame, addresses, longer, addresses + 4, frame.byteSize() - addresses);
        VirtioNetHeader.adjust(longer, 0, 4);
        return longer;
    }

    static MemorySegment tagged(MemorySegment frame, int vlan) {
        return tagged(frame, Ethernet.VLAN, vlan);
    }

    /** The frame with so many bytes behind its packet. */
    static MemorySegment padded(MemorySegment frame, int padding) {
        MemorySegment longer = Arena.ofAuto().allocate(frame.byteSize() + padding);
        longer.copyFrom(frame).asSlice(frame.byteSize()).fill((byte) 0xa5);
        return longer;
    }

    /** The frame cut to a length from its Ethernet header on. */
    static MemorySegment cut(MemorySegment frame, int length) {
        return copy(frame.asSlice(0, HEADER + (long) length));
    }

    /** An IPv4 frame with options: record route, as ping -R sends them. */
    static MemorySegment withOptions(MemorySegment frame, int optionBytes) {
        MemorySegment longer = Arena.ofAuto().allocate(frame.byteSize() + optionBytes);
        MemorySegment.copy(frame, 0, longer, 0, TRANSPORT4);
        MemorySegment.copy(frame, TRANSPORT4, longer, TRANSPORT4 + optionBytes, frame.byteSize() - TRANSPORT4);
        longer.set(JAVA_BYTE, TRANSPORT4, (byte) 7);
        longer.set(JAVA_BYTE, TRANSPORT4 + 1, (byte) optionBytes);
        longer.set(JAVA_BYTE, TRANSPORT4 + 2, (byte) 4);
        longer.set(JAVA_BYTE, PACKET, (byte) (0x40 | 5 + optionBytes / 4));
        Ipv4.totalLength(longer, PACKET, Ipv4.totalLength(frame, PACKET) + optionBytes);
        Ipv4.writeChecksum(longer, PACKET);
        return longer;
    }

    /** An IPv4 frame made a fragment. */
    static MemorySegment fragment(MemorySegment frame, int offset, boolean more) {
        MemorySegment copy = copy(frame);
        Ipv4.flagsAndFragmentOffset(copy, PACKET, offset / 8 | (more ? Ipv4.MORE_FRAGMENTS : 0));
        Ipv4.writeChecksum(copy, PACKET);
        return copy;
    }

    /** An IPv6 frame made a fragment: the header is put in, what follows stays. */
    static MemorySegment fragment6(MemorySegment frame, int offset, boolean more) {
        return extended(frame, Protocol.FRAGMENT, new byte[] {0, 0, (byte) (offset >>> 8),
            (byte) (offset & 0xf8 | (more ? 1 : 0)), 0, 0, 0, 7});
    }

    /** An IPv6 frame with an extension header behind the fixed one; its first byte is filled in. */
    static MemorySegment extended(MemorySegment frame, int kind, byte[] extension) {
        MemorySegment longer = Arena.ofAuto().allocate(frame.byteSize() + extension.length);
        MemorySegment.copy(frame, 0, longer, 0, TRANSPORT6);
        MemorySegment.copy(extension, 0, longer, JAVA_BYTE, TRANSPORT6, extension.length);
        longer.set(JAVA_BYTE, TRANSPORT6, (byte) Ipv6.nextHeader(frame, PACKET));
        MemorySegment.copy(frame, TRANSPORT6, longer, TRANSPORT6 + extension.length, frame.byteSize() - TRANSPORT6);
        Ipv6.nextHeader(longer, PACKET, kind);
        Ipv6.payloadLength(longer, PACKET, Ipv6.payloadLength(frame, PACKET) + extension.length);
        return longer;
    }

    /** A neighbour solicitation from ::, which asks whether an address is free. */
    static MemorySegment dadProbe(SampleFrames frames, long targetHigh, long targetLow) {
        MemorySegment frame = frames.ipv6(0, 0, Ipv6.LINK_MULTICAST_HIGH, Ipv6.solicitedNodeLow(targetLow),
                Protocol.ICMPV6, NeighbourDiscovery.HOP_LIMIT, 24);
        Icmpv6.type(frame, TRANSPORT6, NeighbourDiscovery.NEIGHBOUR_SOLICITATION);
        NeighbourDiscovery.target(frame, TRANSPORT6, targetHigh, targetLow);
        Icmpv6.writeChecksum(frame, PACKET, TRANSPORT6, 24);
        return frame;
    }

    /** An ICMPv6 message of neighbour discovery's kind: hop limit 255, a right checksum, what it says given whole. */
    static MemorySegment icmpv6(SampleFrames frames, long sourceHigh, long sourceLow, long destinationHigh,
            long destinationLow, byte... message) {
        MemorySegment frame = frames.ipv6(sourceHigh, sourceLow, destinationHigh, destinationLow, Protocol.ICMPV6,
                NeighbourDiscovery.HOP_LIMIT, message.length);
        MemorySegment.copy(message, 0, frame, JAVA_BYTE, TRANSPORT6, message.length);
        Icmpv6.writeChecksum(frame, PACKET, TRANSPORT6, message.length);
        return frame;
    }

    /** The same frame with an ICMPv6 checksum that fits its bytes again. */
    static MemorySegment resummed(MemorySegment frame) {
        Icmpv6.writeChecksum(frame, PACKET, TRANSPORT6, Ipv6.payloadLength(frame, PACKET));
        return frame;
    }

    static MemorySegment advertisement(SampleFrames frames, long sourceHigh, long sourceLow, long destinationHigh,
            long destinationLow, int flags, long targetHigh, long targetLow, long mac) {
        MemorySegment frame = frames.ipv6(sourceHigh, sourceLow, destinationHigh, destinationLow, Protocol.ICMPV6,
                NeighbourDiscovery.HOP_LIMIT, 32);
        NeighbourDiscovery.writeAdvertisement(frame, PACKET, targetHigh, targetLow, destinationHigh, destinationLow,
                flags, mac);
        Ipv6.source(frame, PACKET, sourceHigh, sourceLow);
        return resummed(frame);
    }

    static MemorySegment routerSolicitation(SampleFrames frames, long sourceHigh, long sourceLow) {
        return icmpv6(frames, sourceHigh, sourceLow, Ipv6.LINK_MULTICAST_HIGH, Ipv6.ALL_ROUTERS_LOW,
                (byte) NeighbourDiscovery.ROUTER_SOLICITATION, (byte) 0, (byte) 0, (byte) 0, (byte) 0, (byte) 0, (byte) 0,
                (byte) 0);
    }
}
