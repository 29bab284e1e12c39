package io.footbridge.dataplane;

import io.footbridge.wire.Ipv4Prefix;
import io.footbridge.wire.Ipv6;
import io.footbridge.wire.Ipv6Prefix;
import io.footbridge.wire.MacAddress;
import io.footbridge.wire.RouterAdvertisement;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** {@link GatewaySettings} in the form in which the frame path asks for them. Immutable but for the limits. */
final class GatewayAddresses {
    private static final int HOPS = 64;
    /** Prefix length from which on a subnet has no broadcast address (RFC 3021). */
    private static final int POINT_TO_POINT = 31;
    private static final int ROUTER_LIFETIME_SECONDS = 1800;
    private static final long PREFIX_LIFETIME_SECONDS = 86_400;

    final long mac;
    final boolean hasIpv4;
    final int ipv4;
    /** The subnet's broadcast address, or 0 where it is too small to have one. */
    final int ipv4Broadcast;
    final boolean hasIpv6;
    final long ipv6High;
    final long ipv6Low;
    /** The lower half of the gateway's fe80 address, which it has where it has an IPv6 address. */
    final long linkLocalLow;
    /**
     * What the gateway says of itself to all nodes where it has an IPv6 address, from the IPv6 header on; else null.
     * Written once, so that answering a solicitation is a copy.
     */
    final MemorySegment advertisement;
    /** ICMP errors that may be sent in all. */
    final RateLimit errors;

    private final GatewaySettings settings;

    GatewayAddresses(GatewaySettings settings, long now) {
        this.settings = settings;
        mac = settings.mac();
        hasIpv4 = settings.ipv4().isPresent();
        ipv4 = settings.ipv4().map(Ipv4Prefix::address).orElse(0);
        ipv4Broadcast = settings.ipv4().filter(prefix -> prefix.length() < POINT_TO_POINT)
                .map(prefix -> prefix.address() | -1 >>> prefix.length()).orElse(0);
        hasIpv6 = settings.ipv6().isPresent();
        ipv6High = settings.ipv6().map(Ipv6Prefix::high).orElse(0L);
        ipv6Low = settings.ipv6().map(Ipv6Prefix::low).orElse(0L);
        linkLocalLow = MacAddress.eui64(mac);
        advertisement = settings.ipv6().map(this::advertisement).orElse(null);
        errors = PortPolicy.newErrorLimit(now);
    }

    private MemorySegment advertisement(Ipv6Prefix prefix) {
        RouterAdvertisement message = new RouterAdvertisement(mac, HOPS, 0,
                settings.forwards() ? ROUTER_LIFETIME_SECONDS : 0, settings.mtu(), List.of(prefix.network()),
                PREFIX_LIFETIME_SECONDS, List.of(), 0);
        MemorySegment packet = Arena.ofAuto().allocate(message.length());
        message.write(packet, 0, linkLocalLow, Ipv6.LINK_MULTICAST_HIGH, Ipv6.ALL_NODES_LOW);
        return packet;
    }

    GatewaySettings settings() {
        return settings;
    }

    /** Whether this is the address that people know the gateway by. */
    boolean isIpv6(long high, long low) {
        return hasIpv6 && high == ipv6High && low == ipv6Low;
    }

    /** Whether this is the gateway's fe80 address, by which routers speak. */
    boolean isLinkLocal(long high, long low) {
        return hasIpv6 && high == Ipv6.LINK_LOCAL_HIGH && low == linkLocalLow;
    }
}
