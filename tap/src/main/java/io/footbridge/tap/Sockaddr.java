package io.footbridge.tap;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * The address structures of IPv4 and IPv6 sockets (netinet/in.h), as system calls take and leave them:
 *
 * <pre>
 * sockaddr_in                      sockaddr_in6
 * offset width name                offset width name
 *      0     2 sin_family (host)        0     2 sin6_family (host)
 *      2     2 sin_port                 2     2 sin6_port
 *      4     4 sin_addr                 4     4 sin6_flowinfo
 *      8     8 zero                     8    16 sin6_addr
 *                                      24     4 sin6_scope_id (host)
 * </pre>
 */
public final class Sockaddr {
    /** Bytes of {@code sockaddr_in}. */
    public static final int LENGTH_INET = 16;
    /** Bytes of {@code sockaddr_in6}, the longer one. */
    public static final int LENGTH_INET6 = 28;
    /** Where the port lies in both, two bytes in network order. */
    public static final int PORT = 2;
    /** Where the address lies in {@code sockaddr_in}. */
    public static final int ADDRESS_INET = 4;
    /** Where the address lies in {@code sockaddr_in6}. */
    public static final int ADDRESS_INET6 = 8;
    /** Where the interface's number lies in {@code sockaddr_in6}. */
    public static final int SCOPE = 24;

    private static final int MAX_PATH = 107;
    private static final ValueLayout.OfShort NETWORK_SHORT = JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN);

    private Sockaddr() {
    }

    /** The family of sockets that an address belongs to. */
    public static int family(InetAddress address) {
        return address instanceof Inet6Address ? SocketCalls.AF_INET6 : SocketCalls.AF_INET;
    }

    /** A structure of an address's own family. */
    public static MemorySegment of(Arena arena, InetAddress address, int port) {
        byte[] bytes = address.getAddress();
        boolean six = bytes.length > 4;
        MemorySegment name = arena.allocate(six ? LENGTH_INET6 : LENGTH_INET, 8);
        name.set(JAVA_SHORT, 0, (short) family(address));
        name.set(NETWORK_SHORT, PORT, (short) port);
        MemorySegment.copy(bytes, 0, name, JAVA_BYTE, six ? ADDRESS_INET6 : ADDRESS_INET, bytes.length);
        if (address instanceof Inet6Address scoped) {
            name.set(JAVA_INT, SCOPE, scoped.getScopeId());
        }
        return name;
    }

    /**
     * A structure of a Unix domain socket's path (sys/un.h): the family, then at 2 the path with a terminating zero.
     *
     * @throws IllegalArgumentException the path has more than 107 bytes
     */
    public static MemorySegment ofPath(Arena arena, String path) {
        byte[] bytes = path.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > MAX_PATH) {
            throw new IllegalArgumentException("socket path " + path + " is too long: at most " + MAX_PATH + " bytes");
        }
        MemorySegment name = arena.allocate(Short.BYTES + bytes.length + 1L, Short.BYTES);
        name.set(JAVA_SHORT, 0, (short) SocketCalls.AF_UNIX);
        MemorySegment.copy(bytes, 0, name, JAVA_BYTE, Short.BYTES, bytes.length);
        return name;
    }

    /** The family that a structure says it is of. */
    public static int family(MemorySegment name) {
        return name.get(JAVA_SHORT, 0);
    }

    /** The port, 0 to 65535. */
    public static int port(MemorySegment name) {
        return Short.toUnsignedInt(name.get(NETWORK_SHORT, PORT));
    }

    /** The bytes of the address, 4 or 16; an IPv4 address mapped into IPv6 comes out as the 4 that it is. */
    public static byte[] address(MemorySegment name) {
        boolean six = family(name) == SocketCalls.AF_INET6;
        byte[] bytes = name.asSlice(six ? ADDRESS_INET6 : ADDRESS_INET, six ? 16 : 4).toArray(JAVA_BYTE);
        try {
            return InetAddress.getByAddress(bytes).getAddress();
        } catch (UnknownHostException impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** The address and the port; an IPv6 address without its scope. */
    public static InetSocketAddress toJava(MemorySegment name) {
        try {
            return new InetSocketAddress(InetAddress.getByAddress(address(name)), port(name));
        } catch (UnknownHostException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
