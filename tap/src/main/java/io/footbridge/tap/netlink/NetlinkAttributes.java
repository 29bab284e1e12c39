package io.footbridge.tap.netlink;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A list of attributes, by type; of two of one type the later counts, as in the kernel. Getters take what stands in for
 * an absent attribute and refuse one that is too short for its kind.
 */
final class NetlinkAttributes {
    private static final int HEADER = 4;
    /** The two top bits say nested and network byte order; not all senders set them. */
    private static final int TYPE_MASK = 0x3fff;
    private static final int IPV4_BYTES = 4;
    private static final int IPV6_BYTES = 16;

    private final Map<Integer, MemorySegment> byType;

    private NetlinkAttributes(Map<Integer, MemorySegment> byType) {
        this.byType = byType;
    }

    /** The attributes that fill a segment; up to three bytes of padding may follow them. */
    static NetlinkAttributes parse(MemorySegment list) throws NetlinkFormatException {
        Map<Integer, MemorySegment> byType = new HashMap<>();
        long at = 0;
        while (list.byteSize() - at >= HEADER) {
            long left = list.byteSize() - at;
            int length = Short.toUnsignedInt(list.get(JAVA_SHORT_UNALIGNED, at));
            int type = Short.toUnsignedInt(list.get(JAVA_SHORT_UNALIGNED, at + 2)) & TYPE_MASK;
            if (length < HEADER || length > left) {
                throw new NetlinkFormatException("attribute " + type + " of " + length + " bytes in " + left);
            }
            byType.put(type, list.asSlice(at + HEADER, length - HEADER));
            at += NetlinkMessage.align(length);
        }
        return new NetlinkAttributes(byType);
    }

    Optional<MemorySegment> get(int type) {
        return Optional.ofNullable(byType.get(type));
    }

    int getByte(int type, int absent) throws NetlinkFormatException {
        MemorySegment value = sized(type, Byte.BYTES);
        return value.byteSize() == 0 ? absent : Byte.toUnsignedInt(value.get(JAVA_BYTE, 0));
    }

    int getInt(int type, int absent) throws NetlinkFormatException {
        MemorySegment value = sized(type, Integer.BYTES);
        return value.byteSize() == 0 ? absent : value.get(JAVA_INT_UNALIGNED, 0);
    }

    /** The text up to its first zero; empty where absent. */
    String getString(int type) {
        MemorySegment value = byType.getOrDefault(type, MemorySegment.NULL);
        long length = 0;
        while (length < value.byteSize() && value.get(JAVA_BYTE, length) != 0) {
            length++;
        }
        return new String(value.asSlice(0, length).toArray(JAVA_BYTE), StandardCharsets.UTF_8);
    }

    /** The list within; an empty one where absent. */
    NetlinkAttributes getNested(int type) throws NetlinkFormatException {
        return parse(byType.getOrDefault(type, MemorySegment.NULL));
    }

    /** An Ethernet address as the low 48 bits; 0 where absent or of another size, as tunnels have. */
    long getMac(int type) {
        MemorySegment value = byType.getOrDefault(type, MemorySegment.NULL);
        long mac = 0;
        for (long i = 0; i < value.byteSize() && value.byteSize() == 6; i++) {
            mac = mac << 8 | Byte.toUnsignedLong(value.get(JAVA_BYTE, i));
        }
        return mac;
    }

    /** An IP address of either family. */
    Optional<InetAddress> getAddress(int type) throws NetlinkFormatException {
        MemorySegment value = byType.get(type);
        return value == null ? Optional.empty() : Optional.of(address(value));
    }

    /** The 64-bit counter at an index of an array; 0 where an older kernel's array ends before it. */
    long getCounter(int type, int index) {
        MemorySegment value = byType.getOrDefault(type, MemorySegment.NULL);
        long at = (long) index * Long.BYTES;
        return at + Long.BYTES <= value.byteSize() ? value.get(JAVA_LONG_UNALIGNED, at) : 0;
    }

    /** Four or sixteen bytes as an address. An IPv4-mapped one stays the IPv6 address that it is on the wire. */
    static InetAddress address(MemorySegment value) throws NetlinkFormatException {
        if (value.byteSize() != IPV4_BYTES && value.byteSize() != IPV6_BYTES) {
            throw new NetlinkFormatException("an IP address of " + value.byteSize() + " bytes");
        }
        byte[] bytes = value.toArray(JAVA_BYTE);
        try {
            return bytes.length == IPV4_BYTES
                    ? InetAddress.getByAddress(bytes)
                    : Inet6Address.getByAddress(null, bytes, -1);
        } catch (UnknownHostException impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** The value if present, then at least of this size; else an empty segment. */
    private MemorySegment sized(int type, long size) throws NetlinkFormatException {
        MemorySegment value = byType.get(type);
        if (value == null) {
            return MemorySegment.NULL;
        }
        if (value.byteSize() < size) {
            throw new NetlinkFormatException("attribute " + type + " has " + value.byteSize() + " bytes, not " + size);
        }
        return value;
    }
}
