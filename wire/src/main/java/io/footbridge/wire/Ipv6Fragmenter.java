package io.footbridge.wire;

import java.lang.foreign.MemorySegment;

/**
 * Cuts an IPv6 packet into fragments, as its source does (RFC 8200 section 4.5). For sources only: routers never fragment
 * IPv6. The packet has no extension headers. Static; any thread.
 */
public final class Ipv6Fragmenter {
    private static final int UNIT = 8;

    private static final int OFFSET = 2;
    private static final int IDENTIFICATION = 4;

    private Ipv6Fragmenter() {
    }

    /**
     * How many fragments a packet makes. A partial checksum is completed in place, for none of the fragments could have it.
     *
     * @param headerOffset of the virtio-net header
     * @param frameOffset of the Ethernet header
     * @param parsed what {@link Frame#parse} made of it: IPv6
     * @param mtu of the IP packet
     * @return 1 or more, or a drop code: {@link DropReason#MTU} where the packet is too big and a GSO frame or has extension
     *     headers, or where the MTU has no room for eight bytes of payload
     */
    public static int count(MemorySegment memory, long headerOffset, long frameOffset, long parsed, int mtu) {
        if (Frame.packetLength(parsed) <= mtu) {
            return 1;
        }
        if (Frame.transportOffset(parsed) != Frame.networkOffset(parsed) + Ipv6.HEADER_LENGTH || room(mtu) <= 0
                || Ipv6.nextHeader(memory, frameOffset + Frame.networkOffset(parsed)) == Protocol.FRAGMENT
                || VirtioNetHeader.isGso(memory, headerOffset)) {
            return DropReason.MTU.code();
        }
        int completed = Checksum.complete(memory, headerOffset, frameOffset, Frame.packetEnd(parsed));
        return completed < 0 ? completed : (Frame.transportLength(parsed) + room(mtu) - 1) / room(mtu);
    }

    private static int room(int mtu) {
        return mtu - Ipv6.HEADER_LENGTH - Ipv6.FRAGMENT_HEADER_LENGTH & -UNIT;
    }

    /**
     * Writes one fragment: its virtio-net header at {@code destinationHeaderOffset}, and the frame directly behind. The
     * destination must not overlap the frame, and have room for the virtio-net header, the link header and {@code mtu}
     * bytes.
     *
     * @param identification what all fragments of the packet have in common, and no other packet of late between the two hosts
     * @param index 0 to {@link #count} - 1, which has been called and was not negative
     * @return the frame's length, or {@link DropReason#MTU}'s code where there is no such fragment
     */
    public static int fragment(MemorySegment memory, long headerOffset, long frameOffset, long parsed, int mtu,
            int identification, int index, MemorySegment destination, long destinationHeaderOffset) {
        long frame = destinationHeaderOffset + VirtioNetHeader.LENGTH;
        int network = Frame.networkOffset(parsed);
        if (Frame.packetLength(parsed) <= mtu) {
            VirtioNetHeader.copy(memory, headerOffset, destination, destinationHeaderOffset);
            MemorySegment.copy(memory, frameOffset, destination, frame, Frame.packetEnd(parsed));
            return index == 0 ? Frame.packetEnd(parsed) : DropReason.MTU.code();
        }
        int room = room(mtu);
        int payload = Frame.transportLength(parsed);
        long start = (long) index * room;
        if (index < 0 || room <= 0 || start >= payload) {
            return DropReason.MTU.code();
        }
        int part = (int) Math.min(room, payload - start);
        long made = frame + network;
        VirtioNetHeader.clear(destination, destinationHeaderOffset);
        MemorySegment.copy(memory, frameOffset, destination, frame, network + Ipv6.HEADER_LENGTH);
        Ipv6.payloadLength(destination, made, Ipv6.FRAGMENT_HEADER_LENGTH + part);
        Ipv6.nextHeader(destination, made, Protocol.FRAGMENT);
        long header = made + Ipv6.HEADER_LENGTH;
        BigEndian.u16(destination, header, Frame.protocol(parsed) << Byte.SIZE);
        BigEndian.u16(destination, header + OFFSET, (int) start | (start + part < payload ? 1 : 0));
        BigEndian.i32(destination, header + IDENTIFICATION, identification);
        MemorySegment.copy(memory, frameOffset + Frame.transportOffset(parsed) + start, destination,
                header + Ipv6.FRAGMENT_HEADER_LENGTH, part);
        return network + Ipv6.HEADER_LENGTH + Ipv6.FRAGMENT_HEADER_LENGTH + part;
    }
}
