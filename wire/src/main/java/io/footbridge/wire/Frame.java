package io.footbridge.wire;

import java.lang.foreign.MemorySegment;

/**
 * A whole frame, looked at once: tags, ether type, IP header and transport header, their lengths checked against the
 * frame and against each other.
 *
 * <p>The result is one {@code long}, so that nothing is allocated; the methods below take it apart.
 *
 * <pre>
 *  bits    name
 *  0..15   ether type behind the tags
 * 16..31   transport offset from the frame's start; 0 if not IP
 * 32..39   transport protocol; 0 if not IP
 * 40..41   fragment, see {@link Fragment}
 * 42..43   tags, 0 to 2
 * 44..60   packet length: what IP says, without padding; if not IP, all behind the link header
 *    61    atomic (RFC 6864 section 4): a whole IPv4 packet that is not to be fragmented
 *    63    set: the low half is a drop code
 * </pre>
 */
public final class Frame {
    /** The longest frame: two tags and an IPv6 packet of the largest payload. */
    public static final int MAX_LENGTH = Ethernet.HEADER_LENGTH + Vlan.MAX_TAGS * Vlan.TAG_LENGTH
            + Ipv6.HEADER_LENGTH + Ipv6.MAX_PAYLOAD_LENGTH;

    private static final int TRANSPORT_SHIFT = 16;
    private static final int PROTOCOL_SHIFT = 32;
    private static final int FRAGMENT_SHIFT = 40;
    private static final int TAGS_SHIFT = 42;
    private static final int PACKET_LENGTH_SHIFT = 44;
    private static final int PACKET_LENGTH_MASK = 0x1_FFFF;
    private static final int ATOMIC_SHIFT = 61;

    /** Ether type, version and header length of an IPv4 packet without options. */
    private static final long PLAIN_IPV4 = 0x0800_45;
    /** More fragments, and the fragment offset. */
    private static final int PLAIN_FRAGMENT = 0x3FFF;
    /** Where the don't-fragment bit stands in the second eight bytes from the ether type on. */
    private static final int PLAIN_DONT_FRAGMENT_SHIFT = 62;
    private static final int PLAIN_TRANSPORT = Ethernet.HEADER_LENGTH + Ipv4.MIN_HEADER_LENGTH;
    /** Bytes that are read at once. */
    private static final int PLAIN_LENGTH = Ethernet.ETHER_TYPE + 16;
    /** No frame, and no drop code. */
    private static final long OTHER = Long.MIN_VALUE;

    private Frame() {
    }

    /**
     * Looks at the link header alone, behind up to {@link Vlan#MAX_TAGS} tags. What a bridge needs: what is inside may
     * be anything.
     *
     * @return the frame as read, transport offset and protocol 0, or a negative drop code
     */
    public static long parseLink(MemorySegment memory, long frameOffset, int frameLength) {
        if (frameLength < Ethernet.HEADER_LENGTH) {
            return DropReason.RUNT.code();
        }
        if (frameLength > MAX_LENGTH) {
            return DropReason.OVERSIZE.code();
        }
        int etherType = Ethernet.etherType(memory, frameOffset);
        int tags = 0;
        while (Vlan.isTag(etherType) && tags < Vlan.MAX_TAGS) {
            int tagged = Vlan.TAG_LENGTH * ++tags;
            if (frameLength < Ethernet.HEADER_LENGTH + tagged) {
                return DropReason.RUNT.code();
            }
            etherType = Ethernet.etherType(memory, frameOffset + tagged);
        }
        int packetLength = frameLength - Ethernet.HEADER_LENGTH - Vlan.TAG_LENGTH * tags;
        return (long) packetLength << PACKET_LENGTH_SHIFT | (long) tags << TAGS_SHIFT | etherType;
    }

    /**
     * Looks at all headers. IPv4 and IPv6 are checked down to the transport header of TCP, UDP, ICMP and ICMPv6; other
     * transport protocols, and other ether types, ARP among them, are passed as they are. Checksums are not verified.
     *
     * @return the frame as read, or a negative drop code: headers that are not all there, or contradict each other
     */
    public static long parse(MemorySegment memory, long frameOffset, int frameLength) {
        long plain = frameLength < PLAIN_LENGTH ? OTHER : parsePlain(memory, frameOffset, frameLength);
        return plain == OTHER ? parseAny(memory, frameOffset, frameLength) : plain;
    }

    /**
     * As {@link #parse}, in two reads, of what most frames are: no tag, IPv4, no options, no fragment.
     *
     * @return {@link #OTHER} if it is something else
     */
    private static long parsePlain(MemorySegment memory, long frameOffset, int frameLength) {
        long first = BigEndian.i64(memory, frameOffset + Ethernet.ETHER_TYPE);
        int packetLength = (int) (first >>> 16) & 0xFFFF;
        if (first >>> 40 != PLAIN_IPV4 || packetLength < Ipv4.MIN_HEADER_LENGTH
                || packetLength > frameLength - Ethernet.HEADER_LENGTH) {
            return OTHER;
        }
        long second = BigEndian.i64(memory, frameOffset + Ethernet.ETHER_TYPE + 8);
        if ((second >>> 48 & PLAIN_FRAGMENT) != 0) {
            return OTHER;
        }
        int protocol = (int) (second >>> 32) & 0xFF;
        int transport = checkTransport(memory, frameOffset + PLAIN_TRANSPORT, packetLength - Ipv4.MIN_HEADER_LENGTH, protocol,
                Fragment.WHOLE);
        return transport < 0 ? transport : pack(Ethernet.IPV4, packetLength, PLAIN_TRANSPORT, protocol, Fragment.WHOLE)
                | (second >>> PLAIN_DONT_FRAGMENT_SHIFT & 1) << ATOMIC_SHIFT;
    }

    /** As {@link #parse}, of any frame. */
    static long parseAny(MemorySegment memory, long frameOffset, int frameLength) {
        long link = parseLink(memory, frameOffset, frameLength);
        if (link < 0) {
            return link;
        }
        return switch (etherType(link)) {
            case Ethernet.IPV4 -> parseIpv4(memory, frameOffset, link);
            case Ethernet.IPV6 -> parseIpv6(memory, frameOffset, link);
            default -> link;
        };
    }

    private static long parseIpv4(MemorySegment memory, long frameOffset, long link) {
        int network = networkOffset(link);
        long offset = frameOffset + network;
        int headerLength = Ipv4.check(memory, offset, packetLength(link));
        if (headerLength < 0) {
            return headerLength;
        }
        int packetLength = Ipv4.totalLength(memory, offset);
        int protocol = Ipv4.protocol(memory, offset);
        int fragment = Ipv4.fragment(memory, offset);
        int transport = checkTransport(memory, offset + headerLength, packetLength - headerLength, protocol, fragment);
        long atomic = fragment == Fragment.WHOLE && Ipv4.dontFragment(memory, offset) ? 1L << ATOMIC_SHIFT : 0;
        return transport < 0 ? transport : pack(link, packetLength, network + headerLength, protocol, fragment) | atomic;
    }

    private static long parseIpv6(MemorySegment memory, long frameOffset, long link) {
        int network = networkOffset(link);
        long offset = frameOffset + network;
        int checked = Ipv6.check(memory, offset, packetLength(link));
        if (checked < 0) {
            return checked;
        }
        int packetLength = Ipv6.HEADER_LENGTH + Ipv6.payloadLength(memory, offset);
        long walk = Ipv6.walk(memory, offset, packetLength);
        if (walk < 0) {
            return walk;
        }
        int protocol = Ipv6.walkedProtocol(walk);
        int fragment = Ipv6.walkedFragment(walk);
        int headers = Ipv6.walkedTransport(walk);
        int transport = checkTransport(memory, offset + headers, packetLength - headers, protocol, fragment);
        return transport < 0 ? transport : pack(link, packetLength, network + headers, protocol, fragment);
    }

    /** A first fragment's UDP length is that of the whole datagram, so there only the header must be present. */
    private static int checkTransport(MemorySegment memory, long offset, int available, int protocol, int fragment) {
        if (fragment == Fragment.LATER) {
            return 0;
        }
        return switch (protocol) {
            case Protocol.TCP -> Tcp.check(memory, offset, available);
            case Protocol.UDP -> fragment == Fragment.WHOLE ? Udp.check(memory, offset, available)
                    : available < Udp.HEADER_LENGTH ? DropReason.RUNT.code() : Udp.HEADER_LENGTH;
            case Protocol.ICMP -> Icmp.check(available);
            case Protocol.ICMPV6 -> Icmpv6.check(available);
            default -> 0;
        };
    }

    private static long pack(long link, int packetLength, int transportOffset, int protocol, int fragment) {
        long linkOnly = link & (1L << PACKET_LENGTH_SHIFT) - 1;
        return (long) packetLength << PACKET_LENGTH_SHIFT | linkOnly | (long) fragment << FRAGMENT_SHIFT
                | (long) protocol << PROTOCOL_SHIFT | (long) transportOffset << TRANSPORT_SHIFT;
    }

    /**
     * The length by which a frame is judged against an MTU: that of its IP packet, or of the longest packet that a GSO
     * frame will be cut into (both IP and transport header, and gso_size). Each tag may exceed the MTU, as in Linux.
     *
     * <p>Ordinary frames cost two reads, and their padding counts. GSO frames have all headers walked, hdr_len being
     * only a hint.
     *
     * @return the length, or a negative drop code: a runt, or a GSO frame whose headers do not bear out its virtio-net
     *     header
     */
    public static int networkLength(MemorySegment memory, long headerOffset, long frameOffset, int frameLength) {
        if (VirtioNetHeader.gsoType(memory, headerOffset) == VirtioNetHeader.GSO_NONE) {
            if (frameLength >= Ethernet.HEADER_LENGTH && !Vlan.isTag(Ethernet.etherType(memory, frameOffset))) {
                return frameLength - Ethernet.HEADER_LENGTH;
            }
            long link = parseLink(memory, frameOffset, frameLength);
            return link < 0 ? (int) link : packetLength(link);
        }
        long parsed = parseGso(memory, headerOffset, frameOffset, frameLength);
        if (parsed < 0) {
            return (int) parsed;
        }
        int segment = payloadOffset(memory, frameOffset, parsed) - networkOffset(parsed)
                + VirtioNetHeader.gsoSize(memory, headerOffset);
        return Math.min(segment, packetLength(parsed));
    }

    /**
     * As {@link #parse}, of a GSO frame: the transport protocol is what the GSO type says, the packet is no fragment,
     * and a partial checksum begins at the transport header.
     */
    static long parseGso(MemorySegment memory, long headerOffset, long frameOffset, int frameLength) {
        int fits = VirtioNetHeader.check(memory, headerOffset, frameOffset, frameLength);
        if (fits < 0) {
            return fits;
        }
        long parsed = parse(memory, frameOffset, frameLength);
        if (parsed < 0) {
            return parsed;
        }
        int protocol = VirtioNetHeader.gsoType(memory, headerOffset) == VirtioNetHeader.GSO_UDP_L4 ? Protocol.UDP
                : Protocol.TCP;
        if (protocol(parsed) != protocol || fragment(parsed) != Fragment.WHOLE
                || VirtioNetHeader.needsChecksum(memory, headerOffset)
                        && VirtioNetHeader.checksumStart(memory, headerOffset) != transportOffset(parsed)) {
            return DropReason.BAD_VIRTIO_HEADER.code();
        }
        return parsed;
    }

    /** Where the payload of a parsed TCP or UDP frame begins, from the frame's start. */
    static int payloadOffset(MemorySegment memory, long frameOffset, long parsed) {
        int transport = transportOffset(parsed);
        return transport + (protocol(parsed) == Protocol.TCP ? Tcp.headerLength(memory, frameOffset + transport)
                : Udp.HEADER_LENGTH);
    }

    /** Ether type behind the tags. */
    public static int etherType(long parsed) {
        return (int) parsed & 0xFFFF;
    }

    /** Tags before that ether type, 0 to 2. */
    public static int tags(long parsed) {
        return (int) (parsed >>> TAGS_SHIFT) & 0x3;
    }

    /** Where the IP header, or what else the ether type says, begins: bytes from the frame's start, 14 to 22. */
    public static int networkOffset(long parsed) {
        return Ethernet.HEADER_LENGTH + Vlan.TAG_LENGTH * tags(parsed);
    }

    /** Bytes from the network offset on: of the IP packet without padding, or up to the frame's end if not IP. */
    public static int packetLength(long parsed) {
        return (int) (parsed >>> PACKET_LENGTH_SHIFT) & PACKET_LENGTH_MASK;
    }

    /** Where the packet ends and padding begins: bytes from the frame's start. */
    public static int packetEnd(long parsed) {
        return networkOffset(parsed) + packetLength(parsed);
    }

    /** Where the transport header begins, or would in a later fragment: bytes from the frame's start; 0 if not IP. */
    public static int transportOffset(long parsed) {
        return (int) (parsed >>> TRANSPORT_SHIFT) & 0xFFFF;
    }

    /** Bytes from the transport header to the packet's end. */
    public static int transportLength(long parsed) {
        return packetEnd(parsed) - transportOffset(parsed);
    }

    /** Transport protocol, see {@link Protocol}; 0 if not IP. */
    public static int protocol(long parsed) {
        return (int) (parsed >>> PROTOCOL_SHIFT) & 0xFF;
    }

    /** One of the constants of {@link Fragment}. */
    public static int fragment(long parsed) {
        return (int) (parsed >>> FRAGMENT_SHIFT) & 0x3;
    }

    /** Whether this is an IPv4 packet whose identification says nothing: it is no fragment, and none are made of it. */
    public static boolean isAtomic(long parsed) {
        return (parsed >>> ATOMIC_SHIFT & 1) != 0;
    }

    /** One line for people, of any bytes, bad ones too. Off the frame path. */
    public static String describe(MemorySegment memory, long frameOffset, int frameLength) {
        return FrameDescription.of(memory, frameOffset, frameLength);
    }
}
