package io.footbridge.proxy;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import io.footbridge.tap.Sockaddr;
import io.footbridge.tap.SocketCalls;
import java.lang.foreign.MemorySegment;

/**
 * What tells one UDP client from another: its address, port and interface, and the address that it asked, from which its
 * replies must come. Mutable so that a look-up makes no object; a key in a table is not changed.
 */
final class UdpClientKey {
    private static final int HEADER = 16;

    private long addressHigh;
    private long addressLow;
    private long askedHigh;
    private long askedLow;
    private long portAndScope;

    /** Takes a datagram's sender and what its control messages say it was sent to. */
    UdpClientKey read(MemorySegment name, MemorySegment control) {
        boolean six = Sockaddr.family(name) == SocketCalls.AF_INET6;
        addressHigh = six ? name.get(JAVA_LONG_UNALIGNED, Sockaddr.ADDRESS_INET6) : 0;
        addressLow = six ? name.get(JAVA_LONG_UNALIGNED, Sockaddr.ADDRESS_INET6 + 8)
                : Integer.toUnsignedLong(name.get(JAVA_INT_UNALIGNED, Sockaddr.ADDRESS_INET));
        portAndScope = (long) Sockaddr.port(name) << Integer.SIZE
                | (six ? Integer.toUnsignedLong(name.get(JAVA_INT_UNALIGNED, Sockaddr.SCOPE)) : 0);
        MemorySegment asked = asked(control);
        askedHigh = asked.byteSize() > 4 ? asked.get(JAVA_LONG_UNALIGNED, 0) : 0;
        askedLow = asked.byteSize() > 4 ? asked.get(JAVA_LONG_UNALIGNED, 8)
                : asked.byteSize() == 0 ? 0 : Integer.toUnsignedLong(asked.get(JAVA_INT_UNALIGNED, 0));
        return this;
    }

    /**
     * The address that control messages name as the local one a datagram was sent to: 4 bytes, 16, or none. For IPv4 it
     * is {@code ipi_spec_dst}, which for a broadcast is the address of ours that may answer it.
     */
    static MemorySegment asked(MemorySegment control) {
        for (long at = 0; at + HEADER <= control.byteSize();) {
            long length = control.get(JAVA_LONG, at);
            if (length < HEADER || length > control.byteSize() - at) {
                break;
            }
            int level = control.get(JAVA_INT, at + 8);
            int type = control.get(JAVA_INT, at + 12);
            if (level == RelaySockets.IPPROTO_IP && type == RelaySockets.IP_PKTINFO && length >= HEADER + 12) {
                return control.asSlice(at + HEADER + 4, 4);
            }
            if (level == RelaySockets.IPPROTO_IPV6 && type == RelaySockets.IPV6_PKTINFO && length >= HEADER + 20) {
                return control.asSlice(at + HEADER, 16);
            }
            at += (length + 7) & -8;
        }
        return MemorySegment.NULL;
    }

    /** The same, to stay in a table. */
    UdpClientKey copy() {
        UdpClientKey copy = new UdpClientKey();
        copy.addressHigh = addressHigh;
        copy.addressLow = addressLow;
        copy.askedHigh = askedHigh;
        copy.askedLow = askedLow;
        copy.portAndScope = portAndScope;
        return copy;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof UdpClientKey key && addressHigh == key.addressHigh && addressLow == key.addressLow
                && askedHigh == key.askedHigh && askedLow == key.askedLow && portAndScope == key.portAndScope;
    }

    @Override
    public int hashCode() {
        long mixed = (addressHigh * 31 + addressLow) * 31 + askedHigh;
        mixed = (mixed * 31 + askedLow) * 31 + portAndScope;
        mixed *= 0x9E3779B97F4A7C15L;
        return (int) (mixed >>> Integer.SIZE);
    }
}
