package io.footbridge.wire;

import static io.footbridge.wire.BigEndian.u8;

import java.lang.foreign.MemorySegment;

/**
 * Cuts an IPv4 packet that may be fragmented into fragments for a smaller MTU (RFC 791 section 3.2, RFC 1812 section
 * 5.2.6). The packet may be a fragment itself.
 *
 * <p>Fragment {@code i} of {@code n} has the frame's link header, tags included, the packet's IPv4 header, and its own part
 * of the payload, with
 * <ul>
 * <li>fragment offset and "more fragments", which the last one has only where the packet had it;
 * <li>total length and header checksum;
 * <li>options: all in the first; in the others those that are marked to be copied;
 * <li>a virtio-net header that is all zero.
 * </ul>
 *
 * <p>Every fragment is made from the frame alone; sent by ascending index they are in order (RFC 4787 REQ-13). A GSO frame
 * is cut by {@link Segmenter} first.
 */
public final class Ipv4Fragmenter {
    private static final int UNIT = 8;
    private static final int OPTION_END = 0;
    private static final int OPTION_NOP = 1;
    private static final int OPTION_COPIED = 0x80;
    private static final int FLAGS = 0xE000;

    private Ipv4Fragmenter() {
    }

    /**
     * How many fragments a packet makes. A partial checksum is completed in place, for none of the fragments could have it.
     *
     * @param headerOffset of the virtio-net header
     * @param frameOffset of the Ethernet header
     * @param parsed what {@link Frame#parse} made of it: IPv4
     * @param mtu of the IP packet
     * @return 1 or more, or a drop code: {@link DropReason#MTU} where the packet is too big and may not be fragmented, is a
     *     GSO frame, or where the MTU has no room for eight bytes of payload
     */
    public static int count(MemorySegment memory, long headerOffset, long frameOffset, long parsed, int mtu) {
        if (Frame.packetLength(parsed) <= mtu) {
            return 1;
        }
        long packet = frameOffset + Frame.networkOffset(parsed);
        int header = Ipv4.headerLength(memory, packet);
        if (mtu < header + UNIT || Ipv4.dontFragment(memory, packet) || VirtioNetHeader.isGso(memory, headerOffset)) {
            return DropReason.MTU.code();
        }
        int completed = Checksum.complete(memory, headerOffset, frameOffset, Frame.packetEnd(parsed));
        if (completed < 0) {
            return completed;
        }
        int beyondFirst = Frame.packetLength(parsed) - header - room(mtu, header);
        int room = room(mtu, laterHeader(memory, packet, header));
        return 1 + (beyondFirst + room - 1) / room;
    }

    /** Payload of a fragment that others follow. */
    private static int room(int mtu, int header) {
        return mtu - header & -UNIT;
    }

    /**
     * Writes one fragment: its virtio-net header at {@code destinationHeaderOffset}, and the frame directly behind. The
     * destination must not overlap the frame, and have room for the virtio-net header, the link header and {@code mtu}
     * bytes.
     *
     * @param index 0 to {@link #count} - 1, which has been called and was not negative
     * @return the frame's length, or {@link DropReason#MTU}'s code where there is no such fragment
     */
    public static int fragment(MemorySegment memory, long headerOffset, long frameOffset, long parsed, int mtu, int index,
            MemorySegment destination, long destinationHeaderOffset) {
        long frame = destinationHeaderOffset + VirtioNetHeader.LENGTH;
        int network = Frame.networkOffset(parsed);
        long packet = frameOffset + network;
        int length = Frame.packetLength(parsed);
        if (length <= mtu) {
            VirtioNetHeader.copy(memory, headerOffset, destination, destinationHeaderOffset);
            MemorySegment.copy(memory, frameOffset, destination, frame, network + length);
            return index == 0 ? network + length : DropReason.MTU.code();
        }
        int header = Ipv4.headerLength(memory, packet);
        int payload = length - header;
        int first = room(mtu, header);
        int ownHeader = index == 0 ? header : laterHeader(memory, packet, header);
        int room = room(mtu, ownHeader);
        long start = index == 0 ? 0 : first + (index - 1L) * room;
        if (index < 0 || room <= 0 || start >= payload) {
            return DropReason.MTU.code();
        }
        int part = (int) Math.min(room, payload - start);
        long made = frame + network;
        VirtioNetHeader.clear(destination, destinationHeaderOffset);
        MemorySegment.copy(memory, frameOffset, destination, frame, network + (index == 0 ? header : Ipv4.MIN_HEADER_LENGTH));
        if (index > 0) {
            copyOptions(memory, packet, header, destination, made, ownHeader);
        }
        MemorySegment.copy(memory, packet + header + start, destination, made + ownHeader, part);
        finish(memory, packet, destination, made, ownHeader, part, (int) start, start + part == payload);
        return network + ownHeader + part;
    }

    private static void finish(MemorySegment memory, long packet, MemorySegment destination, long made, int header, int part,
            int start, boolean last) {
        int field = Ipv4.flagsAndFragmentOffset(memory, packet);
        int more = last ? field & Ipv4.MORE_FRAGMENTS : Ipv4.MORE_FRAGMENTS;
        Ipv4.headerLength(destination, made, header);
        Ipv4.totalLength(destination, made, header + part);
        Ipv4.flagsAndFragmentOffset(destination, made, more | (field & ~FLAGS) + start / UNIT);
        Ipv4.writeChecksum(destination, made);
    }

    /** The header's length in fragments other than the first. */
    private static int laterHeader(MemorySegment memory, long packet, int header) {
        int copied = 0;
        for (int at = Ipv4.MIN_HEADER_LENGTH, length; (length = optionLength(memory, packet, at, header)) > 0; at += length) {
            copied += isCopied(memory, packet, at) ? length : 0;
        }
        return Ipv4.MIN_HEADER_LENGTH + (copied + 3 & ~3);
    }

    private static void copyOptions(MemorySegment memory, long packet, int header, MemorySegment destination, long made,
            int madeHeader) {
        int to = Ipv4.MIN_HEADER_LENGTH;
        for (int at = Ipv4.MIN_HEADER_LENGTH, length; (length = optionLength(memory, packet, at, header)) > 0; at += length) {
            if (isCopied(memory, packet, at)) {
                MemorySegment.copy(memory, packet + at, destination, made + to, length);
                to += length;
            }
        }
        for (; to < madeHeader; to++) {
            u8(destination, made + to, OPTION_END);
        }
    }

    private static boolean isCopied(MemorySegment memory, long packet, int at) {
        return (u8(memory, packet + at) & OPTION_COPIED) != 0;
    }

    /** Bytes of the option at a position, or 0 where the options end or are malformed. */
    private static int optionLength(MemorySegment memory, long packet, int at, int header) {
        if (at >= header || u8(memory, packet + at) == OPTION_END) {
            return 0;
        }
        if (u8(memory, packet + at) == OPTION_NOP) {
            return 1;
        }
        int length = at + 1 < header ? u8(memory, packet + at + 1) : 0;
        return length < 2 || at + length > header ? 0 : length;
    }
}
