package io.footbridge.wire;

import java.lang.foreign.MemorySegment;

/**
 * Software GSO: cuts a TCP or UDP frame of up to 64 KiB into the segments it stands for, for an egress that takes no
 * GSO frames. Also completes the checksum of a frame that is not GSO, so that a caller needs no second way.
 *
 * <p>Segment {@code i} of {@code n} has the headers of the frame, tags, IPv4 options and IPv6 extension headers
 * included, and its own part of the payload, with
 * <ul>
 * <li>IPv4: total length; identification + {@code i}; header checksum;
 * <li>IPv6: payload length;
 * <li>TCP: sequence number + {@code i} × gso_size; FIN and PSH only in the last, CWR only in the first; full checksum;
 * <li>UDP: length; full checksum;
 * <li>a virtio-net header that is all zero.
 * </ul>
 *
 * <p>Every segment is made from the frame alone, in any order: the headers are looked at again for each, which costs
 * little beside copying and summing the payload.
 */
public final class Segmenter {
    private Segmenter() {
    }

    /**
     * How many frames a frame makes.
     *
     * @return 1 or more, or a drop code if the virtio-net header and the frame's own headers do not agree
     */
    public static int count(MemorySegment memory, long headerOffset, long frameOffset, int frameLength) {
        if (!VirtioNetHeader.isGso(memory, headerOffset)) {
            int fits = VirtioNetHeader.check(memory, headerOffset, frameOffset, frameLength);
            return fits < 0 ? fits : 1;
        }
        long parsed = Frame.parseGso(memory, headerOffset, frameOffset, frameLength);
        if (parsed < 0) {
            return (int) parsed;
        }
        int payload = Frame.packetEnd(parsed) - Frame.payloadOffset(memory, frameOffset, parsed);
        int size = VirtioNetHeader.gsoSize(memory, headerOffset);
        return Math.max(1, (payload + size - 1) / size);
    }

    /**
     * Writes one segment: its virtio-net header at {@code destinationHeaderOffset}, and the frame directly behind.
     * The destination must not overlap the frame, and have {@link VirtioNetHeader#LENGTH} bytes more than the segment;
     * no segment is longer than the frame.
     *
     * @param index 0 to {@link #count} - 1
     * @return the length of the segment as a frame, or a drop code for the reasons of {@link #count}, or if there is no
     *     such segment
     */
    public static int segment(MemorySegment memory, long headerOffset, long frameOffset, int frameLength, int index,
            MemorySegment destination, long destinationHeaderOffset) {
        if (!VirtioNetHeader.isGso(memory, headerOffset)) {
            return copyWhole(memory, headerOffset, frameOffset, frameLength, destination, destinationHeaderOffset);
        }
        long parsed = Frame.parseGso(memory, headerOffset, frameOffset, frameLength);
        if (parsed < 0) {
            return (int) parsed;
        }
        int headers = Frame.payloadOffset(memory, frameOffset, parsed);
        int payload = Frame.packetEnd(parsed) - headers;
        int size = VirtioNetHeader.gsoSize(memory, headerOffset);
        long start = (long) index * size;
        if (index < 0 || index > 0 && start >= payload) {
            return DropReason.BAD_VIRTIO_HEADER.code();
        }
        int part = (int) Math.min(size, payload - start);
        boolean last = start + part == payload;
        long frame = destinationHeaderOffset + VirtioNetHeader.LENGTH;
        VirtioNetHeader.clear(destination, destinationHeaderOffset);
        MemorySegment.copy(memory, frameOffset, destination, frame, headers);
        MemorySegment.copy(memory, frameOffset + headers + start, destination, frame + headers, part);
        int pseudoHeader = finishNetwork(destination, frame, parsed, headers + part, index);
        finishTransport(destination, frame + Frame.transportOffset(parsed), headers + part
                - Frame.transportOffset(parsed), Frame.protocol(parsed), pseudoHeader, (int) start, index == 0, last);
        return headers + part;
    }

    private static int copyWhole(MemorySegment memory, long headerOffset, long frameOffset, int frameLength,
            MemorySegment destination, long destinationHeaderOffset) {
        int fits = VirtioNetHeader.check(memory, headerOffset, frameOffset, frameLength);
        if (fits < 0) {
            return fits;
        }
        long frame = destinationHeaderOffset + VirtioNetHeader.LENGTH;
        VirtioNetHeader.copy(memory, headerOffset, destination, destinationHeaderOffset);
        MemorySegment.copy(memory, frameOffset, destination, frame, frameLength);
        int completed = Checksum.complete(destination, destinationHeaderOffset, frame, frameLength);
        if (completed < 0) {
            return completed;
        }
        VirtioNetHeader.clear(destination, destinationHeaderOffset);
        return frameLength;
    }

    /**
     * Answers the sum of the pseudo-header. Its addresses are taken from the IP header, so a packet that still has an
     * IPv6 routing header to follow, whose pseudo-header would have the last destination, is not served.
     */
    private static int finishNetwork(MemorySegment memory, long frame, long parsed, int length, int index) {
        long network = frame + Frame.networkOffset(parsed);
        int packetLength = length - Frame.networkOffset(parsed);
        int transportLength = length - Frame.transportOffset(parsed);
        int protocol = Frame.protocol(parsed);
        if (Frame.etherType(parsed) == Ethernet.IPV6) {
            Ipv6.payloadLength(memory, network, packetLength - Ipv6.HEADER_LENGTH);
            return Ipv6.pseudoHeader(memory, network, protocol, transportLength);
        }
        Ipv4.totalLength(memory, network, packetLength);
        Ipv4.identification(memory, network, Ipv4.identification(memory, network) + index);
        Ipv4.writeChecksum(memory, network);
        return Ipv4.pseudoHeader(memory, network, protocol, transportLength);
    }

    private static void finishTransport(MemorySegment memory, long transport, int length, int protocol,
            int pseudoHeader, int start, boolean first, boolean last) {
        if (protocol == Protocol.UDP) {
            Udp.length(memory, transport, length);
            Udp.writeChecksum(memory, transport, pseudoHeader);
            return;
        }
        int cleared = (first ? 0 : Tcp.CWR) | (last ? 0 : Tcp.FIN | Tcp.PSH);
        Tcp.sequence(memory, transport, Tcp.sequence(memory, transport) + start);
        Tcp.flags(memory, transport, Tcp.flags(memory, transport) & ~cleared);
        Tcp.writeChecksum(memory, transport, length, pseudoHeader);
    }
}
