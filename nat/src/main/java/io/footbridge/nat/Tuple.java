package io.footbridge.nat;

import io.footbridge.wire.Ethernet;
import io.footbridge.wire.Frame;
import io.footbridge.wire.Icmp;
import io.footbridge.wire.Icmpv6;
import io.footbridge.wire.IpAddress;
import io.footbridge.wire.Ipv4;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv6;
import io.footbridge.wire.Ipv6Address;
import io.footbridge.wire.Protocol;
import io.footbridge.wire.Udp;
import java.lang.foreign.MemorySegment;

/**
 * What a packet is looked up by: addresses, ports, protocol, and the realm in which they mean something.
 *
 * <p>IPv4 addresses stand as IPv4-mapped IPv6 ones: upper half 0, lower half {@code 0x0000_ffff_aabb_ccdd}. An ICMP query
 * has its identifier as the asker's port and the type of the request as the other one, in both directions; protocols
 * other than TCP, UDP and ICMP queries have ports 0.
 *
 * <p>Mutable, so that a worker has one for each frame of a batch and allocates none; one thread at a time.
 */
public final class Tuple {
    private static final long MAPPED = 0xFFFF_0000_0000L;
    private static final int TIMESTAMP = 13;
    private static final int TIMESTAMP_REPLY = 14;
    private static final int INFORMATION = 15;
    private static final int INFORMATION_REPLY = 16;
    private static final int MASK = 17;
    private static final int MASK_REPLY = 18;

    private static final int SOURCE_PORT_SHIFT = 48;
    private static final int PORTS_SHIFT = 32;
    private static final int PROTOCOL_SHIFT = 24;
    private static final long SOURCE_PORT = 0xFFFFL << SOURCE_PORT_SHIFT;
    private static final long DESTINATION_PORT = 0xFFFFL << PORTS_SHIFT;
    private static final long PROTOCOL = 0xFFL << PROTOCOL_SHIFT;
    private static final long REALM = ConnectionTable.MAX_REALM;
    private static final long LOW = 0xFFFF_FFFFL;

    // Of IPv6 tuples.
    private long sourceHigh;
    private long sourceLow;
    private long destinationHigh;
    private long destinationLow;
    /** Of IPv4 tuples; see {@link #addresses()}. */
    private long addresses;
    /** See {@link #ports()}. */
    private long ports;
    private boolean ipv6;

    /** An IPv4 address in the form in which tuples hold it. */
    public static long mapped(int address) {
        return MAPPED | Integer.toUnsignedLong(address);
    }

    /** The upper half of an address in the form in which tuples hold it. */
    public static long high(IpAddress address) {
        return switch (address) {
            case Ipv4Address _ -> 0;
            case Ipv6Address ipv6 -> ipv6.high();
        };
    }

    /** The lower half of an address in the form in which tuples hold it. */
    public static long low(IpAddress address) {
        return switch (address) {
            case Ipv4Address ipv4 -> mapped(ipv4.address());
            case Ipv6Address ipv6 -> ipv6.low();
        };
    }

    /** The address that two halves stand for. Off the frame path. */
    public static IpAddress address(long high, long low) {
        return high == 0 && (low & ~0xFFFF_FFFFL) == MAPPED ? new Ipv4Address((int) low) : new Ipv6Address(high, low);
    }

    /**
     * Reads a packet's tuple.
     *
     * @param frame offset of the Ethernet header
     * @param parsed what {@link Frame#parse} made of it: an IP packet that is whole or a first fragment
     * @param of the realm that the packet came from
     */
    public void read(MemorySegment memory, long frame, long parsed, int of) {
        readAddresses(memory, frame, parsed, of);
        readPorts(memory, frame + Frame.transportOffset(parsed), Frame.protocol(parsed));
    }

    /** As {@link #read}, of a packet whose ports are not there to be read: they are 0. */
    public void readAddresses(MemorySegment memory, long frame, long parsed, int of) {
        long packet = frame + Frame.networkOffset(parsed);
        readAddresses(memory, packet, Frame.etherType(parsed) == Ethernet.IPV6);
        ports = (long) Frame.protocol(parsed) << PROTOCOL_SHIFT | of;
    }

    /** Reads the addresses of an IP header, which may be one that an ICMP error quotes. */
    void readAddresses(MemorySegment memory, long packet, boolean isIpv6) {
        ipv6 = isIpv6;
        if (isIpv6) {
            sourceHigh = Ipv6.sourceHigh(memory, packet);
            sourceLow = Ipv6.sourceLow(memory, packet);
            destinationHigh = Ipv6.destinationHigh(memory, packet);
            destinationLow = Ipv6.destinationLow(memory, packet);
        } else {
            addresses = Ipv4.addresses(memory, packet);
        }
        ports &= PROTOCOL | REALM;
    }

    /** Reads the ports of a transport header, of which the first eight bytes are there. */
    void readPorts(MemorySegment memory, long transport, int of) {
        long rest = (long) of << PROTOCOL_SHIFT | ports & REALM;
        if (of == Protocol.TCP || of == Protocol.UDP) {
            rest |= (long) Udp.ports(memory, transport) << PORTS_SHIFT;
        } else if (of == Protocol.ICMP || of == Protocol.ICMPV6) {
            int type = Icmp.type(memory, transport);
            int request = requestOf(of, type);
            if (request >= 0) {
                int identifier = Icmp.identifier(memory, transport);
                rest |= request == type ? word(identifier, request) : word(request, identifier);
            }
        }
        ports = rest;
    }

    /** The type of the query that an ICMP message asks or answers, or -1 where it is no query. */
    static int requestOf(int protocol, int type) {
        if (protocol == Protocol.ICMPV6) {
            return type == Icmpv6.ECHO_REQUEST || type == Icmpv6.ECHO_REPLY ? Icmpv6.ECHO_REQUEST : -1;
        }
        return switch (type) {
            case Icmp.ECHO_REQUEST, Icmp.ECHO_REPLY -> Icmp.ECHO_REQUEST;
            case TIMESTAMP, TIMESTAMP_REPLY -> TIMESTAMP;
            case INFORMATION, INFORMATION_REPLY -> INFORMATION;
            case MASK, MASK_REPLY -> MASK;
            default -> -1;
        };
    }

    /** Becomes the same as another. */
    public void set(Tuple other) {
        sourceHigh = other.sourceHigh;
        sourceLow = other.sourceLow;
        destinationHigh = other.destinationHigh;
        destinationLow = other.destinationLow;
        addresses = other.addresses;
        ports = other.ports;
        ipv6 = other.ipv6;
    }

    /** Becomes what a packet in the other direction would have, in the same realm. */
    public void invert(Tuple other) {
        long high = other.sourceHigh;
        long low = other.sourceLow;
        sourceHigh = other.destinationHigh;
        sourceLow = other.destinationLow;
        destinationHigh = high;
        destinationLow = low;
        addresses = Long.rotateLeft(other.addresses, Integer.SIZE);
        ports = word(other.destinationPort(), other.sourcePort()) | other.ports & (PROTOCOL | REALM);
        ipv6 = other.ipv6;
    }

    /** Sets the source. */
    public void source(long high, long low, int port) {
        sourceHigh = high;
        sourceLow = low;
        addresses = low << 32 | addresses & LOW;
        ports = ports & ~SOURCE_PORT | (long) port << SOURCE_PORT_SHIFT;
    }

    /** Sets the destination. */
    public void destination(long high, long low, int port) {
        destinationHigh = high;
        destinationLow = low;
        addresses = addresses & ~LOW | low & LOW;
        ports = ports & ~DESTINATION_PORT | (long) port << PORTS_SHIFT;
    }

    /** Sets protocol and family. */
    public void protocol(int of, boolean isIpv6) {
        ports = ports & ~PROTOCOL | (long) of << PROTOCOL_SHIFT;
        ipv6 = isIpv6;
    }

    /** Sets the realm. */
    public void realm(int of) {
        ports = ports & ~REALM | of;
    }

    /**
     * Ports, protocol and realm in one word: bits 48..63 source port, 32..47 destination port, 24..31 protocol, 0..19 realm.
     */
    long ports() {
        return ports;
    }

    /** Both addresses of an IPv4 tuple in one word: upper half source, lower half destination. */
    long addresses() {
        return addresses;
    }

    /** Sets all of an IPv4 tuple, from words as {@link #addresses()} and {@link #ports()} give them. */
    void setIpv4(long withAddresses, long withPorts) {
        addresses = withAddresses;
        ports = withPorts;
        ipv6 = false;
    }

    /** Sets all of an IPv6 tuple, ports and the rest from a word as {@link #ports()} gives it. */
    void setIpv6(long fromHigh, long fromLow, long toHigh, long toLow, long withPorts) {
        sourceHigh = fromHigh;
        sourceLow = fromLow;
        destinationHigh = toHigh;
        destinationLow = toLow;
        ports = withPorts;
        ipv6 = true;
    }

    private static long word(int sourcePort, int destinationPort) {
        return (long) sourcePort << SOURCE_PORT_SHIFT | (long) destinationPort << PORTS_SHIFT;
    }

    /** Upper half of the source address. */
    public long sourceHigh() {
        return ipv6 ? sourceHigh : 0;
    }

    /** Lower half of the source address. */
    public long sourceLow() {
        return ipv6 ? sourceLow : mapped((int) (addresses >>> 32));
    }

    /** Upper half of the destination address. */
    public long destinationHigh() {
        return ipv6 ? destinationHigh : 0;
    }

    /** Lower half of the destination address. */
    public long destinationLow() {
        return ipv6 ? destinationLow : mapped((int) addresses);
    }

    /** Source port, 0 to 65,535. */
    public int sourcePort() {
        return (int) (ports >>> SOURCE_PORT_SHIFT);
    }

    /** Destination port, 0 to 65,535. */
    public int destinationPort() {
        return (int) (ports >>> PORTS_SHIFT) & 0xFFFF;
    }

    /** Protocol number. */
    public int protocol() {
        return (int) (ports >>> PROTOCOL_SHIFT) & 0xFF;
    }

    /** The realm, 1 to {@link ConnectionTable#MAX_REALM}. */
    public int realm() {
        return (int) (ports & REALM);
    }

    /** Whether the addresses are IPv6 ones. */
    public boolean isIpv6() {
        return ipv6;
    }

    /** Whether both ends are the same address and port: a land attack. */
    public boolean isLand() {
        return sourceLow() == destinationLow() && sourceHigh() == destinationHigh() && sourcePort() == destinationPort();
    }

    @Override
    public String toString() {
        return "protocol " + protocol() + " " + address(sourceHigh(), sourceLow()) + " " + sourcePort() + " > "
                + address(destinationHigh(), destinationLow()) + " " + destinationPort() + " realm " + realm();
    }
}
