package io.footbridge.nat;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * Makes packets for tests by plain byte writing, apart from the code under test: virtio-net header at 0, frame at 10, the
 * segment ends where the frame ends.
 */
final class Packet {
    static final int FRAME = 10;
    static final String INSIDE = "0a000002";
    static final String OUTSIDE = "c6336414";
    static final String UPLINK = "c633640a";
    static final String INSIDE6 = "fd000000000000000000000000000002";
    static final String OUTSIDE6 = "20010db8000000000000000000000014";
    static final String UPLINK6 = "20010db800000000000000000000000a";

    boolean ipv6;
    int protocol = 6;
    String source = INSIDE;
    String destination = OUTSIDE;
    int sourcePort = 40000;
    int destinationPort = 80;
    int flags = 0x10;
    int sequence = 1000;
    int acknowledgement = 2000;
    int window = 512;
    String tcpOptions = "";
    String ipOptions = "";
    int icmpType = 8;
    int icmpCode;
    int identification = 0x1234;
    int fragment;
    long fragmentIdentification = 0x89ABCDEFL;
    byte[] payload = bytes(40);
    int gsoSize;
    boolean partial;
    boolean noChecksum;
    int padding;
    int tags;

    /** What tracking made of it: zero, or the negative code of a reason to drop; that it tells a SYN from all else is checked. */
    int verdict(int tracked) {
        boolean syn = protocol == 6 && (flags & 2) != 0 && fragment == 0;
        assertThat(Math.max(tracked, 0)).isEqualTo(syn && tracked >= 0 ? 2 : 0);
        return Math.min(tracked, 0);
    }

    static Packet ipv4(int protocol) {
        Packet packet = new Packet();
        packet.protocol = protocol;
        packet.icmpType = protocol == 58 ? 128 : 8;
        return packet;
    }

    static Packet ipv6(int protocol) {
        Packet packet = ipv4(protocol);
        packet.ipv6 = true;
        packet.source = INSIDE6;
        packet.destination = OUTSIDE6;
        return packet;
    }

    Packet from(String address, int port) {
        source = address;
        sourcePort = port;
        return this;
    }

    Packet to(String address, int port) {
        destination = address;
        destinationPort = port;
        return this;
    }

    Packet flags(int of) {
        flags = of;
        return this;
    }

    Packet payload(int length) {
        payload = bytes(length);
        return this;
    }

    Packet payload(byte[] of) {
        payload = of;
        return this;
    }

    Packet partial() {
        partial = true;
        return this;
    }

    Packet gso(int size) {
        gsoSize = size;
        partial = true;
        return this;
    }

    /** The 16 bits of flags and fragment offset, as in IPv4; IPv6 gets a fragment header where they are not 0. */
    Packet fragment(int byteOffset, boolean more) {
        fragment = byteOffset / 8 | (more ? 0x2000 : 0);
        return this;
    }

    /** An ICMP error: type, code, and what it quotes. */
    Packet error(int type, int code, byte[] quote) {
        icmpType = type;
        icmpCode = code;
        payload = quote;
        sourcePort = 0;
        return this;
    }

    int networkOffset() {
        return 14 + 4 * tags;
    }

    int transportOffset() {
        return networkOffset() + (ipv6 ? fragmented() ? 48 : 40 : 20 + ipOptions.length() / 2);
    }

    private boolean fragmented() {
        return (fragment & 0x3FFF) != 0;
    }

    /** The IP packet alone. */
    byte[] packet() {
        byte[] frame = frame();
        return Arrays.copyOfRange(frame, networkOffset(), frame.length - padding);
    }

    /** What stands behind the IP header. */
    byte[] transport() {
        byte[] frame = frame();
        return Arrays.copyOfRange(frame, transportOffset(), frame.length - padding);
    }

    /** Virtio-net header and frame. */
    MemorySegment build() {
        byte[] frame = frame();
        byte[] all = new byte[FRAME + frame.length];
        System.arraycopy(frame, 0, all, FRAME, frame.length);
        all[0] = (byte) (partial ? 1 : 0);
        all[1] = (byte) (gsoSize == 0 ? 0 : protocol == 17 ? 5 : ipv6 ? 4 : 1);
        little16(all, 4, gsoSize);
        little16(all, 6, partial ? transportOffset() : 0);
        little16(all, 8, partial ? checksumField(protocol) : 0);
        return MemorySegment.ofArray(all);
    }

    private byte[] frame() {
        byte[] transport = header();
        int network = networkOffset();
        byte[] frame = new byte[transportOffset() + transport.length + padding];
        put(frame, 0, "02420a00000102420a000002");
        for (int tag = 0; tag < tags; tag++) {
            put16(frame, 12 + 4 * tag, 0x8100);
        }
        put16(frame, network - 2, ipv6 ? 0x86DD : 0x0800);
        if (ipv6) {
            frame[network] = 0x60;
            put16(frame, network + 4, transport.length + (fragmented() ? 8 : 0));
            frame[network + 6] = (byte) (fragmented() ? 44 : protocol);
            frame[network + 7] = 64;
            put(frame, network + 8, source + destination);
            if (fragmented()) {
                frame[network + 40] = (byte) protocol;
                put16(frame, network + 42, (fragment & 0x1FFF) << 3 | fragment >>> 13 & 1);
                put32(frame, network + 44, (int) fragmentIdentification);
            }
        } else {
            int header = 20 + ipOptions.length() / 2;
            frame[network] = (byte) (0x40 | header / 4);
            put16(frame, network + 2, header + transport.length);
            put16(frame, network + 4, identification);
            put16(frame, network + 6, fragment);
            frame[network + 8] = 64;
            frame[network + 9] = (byte) protocol;
            put(frame, network + 12, source + destination + ipOptions);
            put16(frame, network + 10, ~sum(frame, network, header) & 0xFFFF);
        }
        System.arraycopy(transport, 0, frame, transportOffset(), transport.length);
        return frame;
    }

    /** The transport header and payload; in a later fragment the payload alone. */
    private byte[] header() {
        if ((fragment & 0x1FFF) != 0) {
            return payload;
        }
        int options = tcpOptions.length() / 2;
        int length = switch (protocol) {
            case 6 -> 20 + options;
            case 17, 136, 1, 58 -> 8;
            case 33 -> 12;
            default -> 0;
        };
        byte[] bytes = new byte[length + payload.length];
        switch (protocol) {
            case 6 -> {
                put32(bytes, 4, sequence);
                put32(bytes, 8, acknowledgement);
                bytes[12] = (byte) ((20 + options) / 4 << 4);
                bytes[13] = (byte) flags;
                put16(bytes, 14, window);
                put(bytes, 20, tcpOptions);
            }
            case 17 -> put16(bytes, 4, bytes.length);
            case 1, 58 -> {
                bytes[0] = (byte) icmpType;
                bytes[1] = (byte) icmpCode;
                put16(bytes, 4, sourcePort);
                put16(bytes, 6, icmpType == 8 || icmpType == 128 ? 7 : 0);
            }
            default -> { }
        }
        if (protocol != 1 && protocol != 58 && length > 0) {
            put16(bytes, 0, sourcePort);
            put16(bytes, 2, destinationPort);
        }
        System.arraycopy(payload, 0, bytes, length, payload.length);
        int field = checksumField(protocol);
        if (field >= 0 && !noChecksum) {
            int pseudo = protocol == 1 ? 0 : pseudoHeader(HexFormat.of().parseHex(source + destination), protocol,
                    bytes.length);
            int full = ~add(pseudo, sum(bytes, 0, bytes.length)) & 0xFFFF;
            put16(bytes, field, partial ? pseudo : full == 0 && protocol == 17 ? 0xFFFF : full);
        }
        return bytes;
    }

    static int checksumField(int protocol) {
        return switch (protocol) {
            case 6 -> 16;
            case 17, 136, 33 -> 6;
            case 1, 58 -> 2;
            default -> -1;
        };
    }

    /** Bytes different at each place. */
    static byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i * 31 + (i >>> 8) * 17 + 5);
        }
        return bytes;
    }

    /** Whether IP header and transport checksum of an IP packet without IPv6 extension headers are right. */
    static boolean verifies(byte[] packet, boolean partial) {
        boolean v6 = (packet[0] & 0xF0) == 0x60;
        int header = v6 ? 40 : (packet[0] & 0xF) * 4;
        int protocol = packet[v6 ? 6 : 9] & 0xFF;
        if (!v6 && sum(packet, 0, header) != 0xFFFF) {
            return false;
        }
        int field = checksumField(protocol);
        if (field < 0 || protocol == 17 && word(packet, header + field) == 0) {
            return true;
        }
        int pseudo = protocol == 1 ? 0 : pseudoHeader(Arrays.copyOfRange(packet, v6 ? 8 : 12, v6 ? 40 : 20), protocol,
                packet.length - header);
        return partial ? word(packet, header + field) == pseudo
                : add(pseudo, sum(packet, header, packet.length - header)) == 0xFFFF;
    }

    private static int pseudoHeader(byte[] addresses, int protocol, int length) {
        return add(sum(addresses, 0, addresses.length), add(protocol, length));
    }

    /** The sum as RFC 1071 section 4.1 spells it out, one word after another. */
    static int sum(byte[] bytes, int from, int length) {
        int total = 0;
        for (int i = from; i < from + length; i += 2) {
            total = add(total, (bytes[i] & 0xFF) << 8 | (i + 1 < from + length ? bytes[i + 1] & 0xFF : 0));
        }
        return total;
    }

    private static int add(int first, int second) {
        return first + second > 0xFFFF ? first + second - 0xFFFF : first + second;
    }

    static byte[] content(MemorySegment memory) {
        return memory.toArray(ValueLayout.JAVA_BYTE);
    }

    static int word(byte[] bytes, int at) {
        return (bytes[at] & 0xFF) << 8 | bytes[at + 1] & 0xFF;
    }

    static void put(byte[] bytes, int at, String hex) {
        byte[] from = HexFormat.of().parseHex(hex);
        System.arraycopy(from, 0, bytes, at, from.length);
    }

    static void put16(byte[] bytes, int at, int value) {
        bytes[at] = (byte) (value >>> 8);
        bytes[at + 1] = (byte) value;
    }

    static void put32(byte[] bytes, int at, int value) {
        put16(bytes, at, value >>> 16);
        put16(bytes, at + 2, value);
    }

    private static void little16(byte[] bytes, int at, int value) {
        bytes[at] = (byte) value;
        bytes[at + 1] = (byte) (value >>> 8);
    }
}
