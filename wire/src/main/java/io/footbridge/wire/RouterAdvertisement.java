package io.footbridge.wire;

import static io.footbridge.wire.BigEndian.i64;
import static io.footbridge.wire.BigEndian.u16;
import static io.footbridge.wire.BigEndian.u32;
import static io.footbridge.wire.BigEndian.u8;

import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * What a gateway says of itself in router advertisements (RFC 4861 section 4.2), made once and written as often as
 * asked. The prefixes are announced as on-link, and as a rule not for autonomous configuration: addresses are given by
 * the engine, and an address that a container made itself would fail the source check.
 *
 * @param mac              the gateway's MAC address
 * @param hopLimit         the hop limit hosts should use, 0 to leave it to them
 * @param flags            {@link #MANAGED} and {@link #OTHER}
 * @param lifetime         seconds to be the default router, 0 to be none
 * @param mtu              the link's MTU, 0 to say nothing
 * @param prefixes         the networks on the link
 * @param prefixLifetime   seconds that the prefixes are valid and preferred
 * @param isAutonomous     whether hosts may make addresses of the prefixes themselves
 * @param dnsServers       DNS servers to use (RFC 8106), at most 127
 * @param dnsLifetime      seconds to use them
 */
public record RouterAdvertisement(long mac, int hopLimit, int flags, int lifetime, int mtu, List<Ipv6Prefix> prefixes,
        long prefixLifetime, boolean isAutonomous, List<Ipv6Address> dnsServers, long dnsLifetime) {
    /** Flag of the message: hosts get addresses by DHCPv6. */
    public static final int MANAGED = 0x80;
    /** Flag of the message: hosts get other settings by DHCPv6. */
    public static final int OTHER = 0x40;
    /** Flag of a prefix option: addresses of the prefix are reached without a router. */
    public static final int ON_LINK = 0x80;
    /** Flag of a prefix option: hosts may make addresses of the prefix themselves. */
    public static final int AUTONOMOUS = 0x40;

    private static final int HEADER_LENGTH = 16;
    private static final int PREFIX_LENGTH = 32;
    private static final int MAX_DNS_SERVERS = 127;

    /** Copies the lists. */
    public RouterAdvertisement {
        prefixes = List.copyOf(prefixes);
        dnsServers = List.copyOf(dnsServers);
        if (dnsServers.size() > MAX_DNS_SERVERS) {
            throw new IllegalArgumentException("%d DNS servers: expected at most %d".formatted(dnsServers.size(),
                    MAX_DNS_SERVERS));
        }
    }

    /** One whose prefixes are not for autonomous configuration. */
    public RouterAdvertisement(long mac, int hopLimit, int flags, int lifetime, int mtu, List<Ipv6Prefix> prefixes,
            long prefixLifetime, List<Ipv6Address> dnsServers, long dnsLifetime) {
        this(mac, hopLimit, flags, lifetime, mtu, prefixes, prefixLifetime, false, dnsServers, dnsLifetime);
    }

    /** The length of what {@link #write} writes, IPv6 header included. */
    public int length() {
        return Ipv6.HEADER_LENGTH + messageLength();
    }

    private int messageLength() {
        int unit = NeighbourDiscovery.OPTION_UNIT;
        return HEADER_LENGTH + unit + (mtu > 0 ? unit : 0) + PREFIX_LENGTH * prefixes.size()
                + (dnsServers.isEmpty() ? 0 : unit + 16 * dnsServers.size());
    }

    /**
     * Writes the message, IPv6 header first.
     *
     * @param offset    of the IPv6 header to write
     * @param sourceLow low half of the gateway's link-local address, see {@link MacAddress#eui64}
     * @return the length of what was written, IPv6 header included
     */
    public int write(MemorySegment memory, long offset, long sourceLow, long destinationHigh, long destinationLow) {
        int length = messageLength();
        long message = offset + Ipv6.write(memory, offset, Ipv6.LINK_LOCAL_HIGH, sourceLow, destinationHigh,
                destinationLow, Protocol.ICMPV6, NeighbourDiscovery.HOP_LIMIT, length);
        Icmpv6.type(memory, message, NeighbourDiscovery.ROUTER_ADVERTISEMENT);
        Icmpv6.code(memory, message, 0);
        u8(memory, message + 4, hopLimit);
        u8(memory, message + 5, flags);
        u16(memory, message + 6, lifetime);
        i64(memory, message + 8, 0);
        long option = message + HEADER_LENGTH;
        NeighbourDiscovery.writeLinkLayerAddress(memory, option, NeighbourDiscovery.SOURCE_LINK_LAYER, mac);
        option += NeighbourDiscovery.OPTION_UNIT;
        if (mtu > 0) {
            u8(memory, option, NeighbourDiscovery.MTU);
            u8(memory, option + 1, 1);
            u16(memory, option + 2, 0);
            u32(memory, option + 4, mtu);
            option += NeighbourDiscovery.OPTION_UNIT;
        }
        for (Ipv6Prefix prefix : prefixes) {
            option = writePrefix(memory, option, prefix);
        }
        if (!dnsServers.isEmpty()) {
            writeDnsServers(memory, option);
        }
        Icmpv6.writeChecksum(memory, offset, message, length);
        return Ipv6.HEADER_LENGTH + length;
    }

    private long writePrefix(MemorySegment memory, long option, Ipv6Prefix prefix) {
        Ipv6Prefix network = prefix.network();
        u8(memory, option, NeighbourDiscovery.PREFIX);
        u8(memory, option + 1, PREFIX_LENGTH / NeighbourDiscovery.OPTION_UNIT);
        u8(memory, option + 2, network.length());
        u8(memory, option + 3, isAutonomous ? ON_LINK | AUTONOMOUS : ON_LINK);
        u32(memory, option + 4, prefixLifetime);
        u32(memory, option + 8, prefixLifetime);
        u32(memory, option + 12, 0);
        i64(memory, option + 16, network.high());
        i64(memory, option + 24, network.low());
        return option + PREFIX_LENGTH;
    }

    private void writeDnsServers(MemorySegment memory, long option) {
        u8(memory, option, NeighbourDiscovery.RDNSS);
        u8(memory, option + 1, 1 + 2 * dnsServers.size());
        u16(memory, option + 2, 0);
        u32(memory, option + 4, dnsLifetime);
        long at = option + NeighbourDiscovery.OPTION_UNIT;
        for (Ipv6Address server : dnsServers) {
            i64(memory, at, server.high());
            i64(memory, at + 8, server.low());
            at += 16;
        }
    }
}
