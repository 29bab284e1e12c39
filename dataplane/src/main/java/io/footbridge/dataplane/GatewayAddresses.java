package io.footbridge.dataplane;

import io.footbridge.nat.Tuple;
import io.footbridge.wire.IpAddress;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv4Prefix;
import io.footbridge.wire.Ipv6;
import io.footbridge.wire.Ipv6Address;
import io.footbridge.wire.Ipv6Prefix;
import io.footbridge.wire.MacAddress;
import io.footbridge.wire.RouterAdvertisement;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * {@link GatewaySettings} in the form in which the frame path asks for them: of a network's gateway, or of an uplink,
 * which is a host on its link. Immutable but for the limits.
 */
final class GatewayAddresses {
    private static final int HOPS = 64;
    /** Prefix length from which on a subnet has no broadcast address (RFC 3021). */
    private static final int POINT_TO_POINT = 31;
    private static final int ROUTER_LIFETIME_SECONDS = 1800;
    private static final long PREFIX_LIFETIME_SECONDS = 86_400;
    /** RFC 5227: an address is defended at most once in ten seconds. */
    private static final long DEFEND_NANOS = 10_000_000_000L;

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
    /** Whether this is a network's gateway: it says of itself that it is a router. An uplink is a host. */
    final boolean isRouter;
    /** Next hop of an uplink for IPv4 destinations outside its subnet; 0 where there is none. */
    final int hop4;
    /** Whether an uplink has a next hop for IPv6 destinations outside its subnet. */
    final boolean hasHop6;
    final long hop6High;
    final long hop6Low;
    /** When the address was last defended against another host, in nanoseconds (RFC 5227 section 2.4). */
    final AtomicLong defended;

    /** Whether questions for the gateway's services are taken. */
    final boolean isServed;

    private final int ipv4Mask;
    private final long ipv6MaskHigh;
    private final long ipv6MaskLow;
    private final int[] more4;
    private final long[] more6;
    private final GatewaySettings settings;

    /** A network's gateway. */
    GatewayAddresses(GatewaySettings settings, long now) {
        this(settings, true, Optional.empty(), Optional.empty(), settings.nameServers(), now);
    }

    /**
     * An uplink.
     *
     * @param more addresses that it answers for besides its own
     */
    GatewayAddresses(UplinkSettings uplink, List<IpAddress> more, long now) {
        this(new GatewaySettings(uplink.mac(), uplink.ipv4(), uplink.ipv6(), uplink.mtu(), false), false,
                uplink.gateway4(), uplink.gateway6(), more, now);
    }

    private GatewayAddresses(GatewaySettings settings, boolean isRouter, Optional<Ipv4Address> gateway4,
            Optional<Ipv6Address> gateway6, List<IpAddress> more, long now) {
        this.settings = settings;
        this.isRouter = isRouter;
        hop4 = gateway4.map(Ipv4Address::address).orElse(0);
        hasHop6 = gateway6.isPresent();
        hop6High = gateway6.map(Ipv6Address::high).orElse(0L);
        hop6Low = gateway6.map(Ipv6Address::low).orElse(0L);
        defended = new AtomicLong(now - DEFEND_NANOS);
        ipv4Mask = settings.ipv4().map(Ipv4Prefix::mask).orElse(0);
        int length6 = settings.ipv6().map(Ipv6Prefix::length).orElse(0);
        ipv6MaskHigh = mask(length6);
        ipv6MaskLow = mask(length6 - Long.SIZE);
        more4 = more.stream().filter(Ipv4Address.class::isInstance).mapToInt(a -> ((Ipv4Address) a).address()).sorted()
                .toArray();
        more6 = more.stream().filter(Ipv6Address.class::isInstance).map(Ipv6Address.class::cast)
                .flatMapToLong(a -> Arrays.stream(new long[] {a.high(), a.low()})).toArray();
        mac = settings.mac();
        isServed = settings.isServed();
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
        List<Ipv6Address> dns = settings.nameServers().stream().filter(Ipv6Address.class::isInstance)
                .map(Ipv6Address.class::cast).toList();
        if (dns.isEmpty() && settings.isServed()) {
            dns = List.of(prefix.asAddress());
        }
        RouterAdvertisement message = new RouterAdvertisement(mac, HOPS,
                settings.isServed() ? RouterAdvertisement.MANAGED | RouterAdvertisement.OTHER : 0,
                settings.forwards() ? ROUTER_LIFETIME_SECONDS : 0, settings.mtu(), List.of(prefix.network()),
                PREFIX_LIFETIME_SECONDS, settings.isAutonomous(), dns, ROUTER_LIFETIME_SECONDS);
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

    /** Whether an address, in the form in which tuples hold it, is in the subnet. */
    boolean isInSubnet(long high, long low, boolean isIpv6) {
        return isIpv6 ? hasIpv6 && ((high ^ ipv6High) & ipv6MaskHigh | (low ^ ipv6Low) & ipv6MaskLow) == 0
                : hasIpv4 && (((int) low ^ ipv4) & ipv4Mask) == 0;
    }

    /** Whether an address is one that is answered for. */
    boolean has(int address) {
        return hasIpv4 && address == ipv4 || more4.length > 0 && Arrays.binarySearch(more4, address) >= 0;
    }

    /** Whether an address is one that is answered for; the fe80 address not counted. */
    boolean has(long high, long low) {
        for (int i = 0; i < more6.length; i += 2) {
            if (more6[i] == high && more6[i + 1] == low) {
                return true;
            }
        }
        return isIpv6(high, low);
    }

    /** Whether a host that has the address may stand on the link itself: in the subnet, or a next hop. */
    boolean isOnLink(int address) {
        return hasIpv4 && ((address ^ ipv4) & ipv4Mask) == 0 || hop4 != 0 && address == hop4;
    }

    /** As {@link #isOnLink(int)}; fe80 addresses are always on the link. */
    boolean isOnLink(long high, long low) {
        return isInSubnet(high, low, true) || Ipv6.isLinkLocal(high) || hasHop6 && high == hop6High && low == hop6Low;
    }

    /** Whether the address is to be defended now; of several at once one is told so. */
    boolean defends(long now) {
        long last = defended.get();
        return now - last >= DEFEND_NANOS && defended.compareAndSet(last, now);
    }

    private static long mask(int length) {
        return length <= 0 ? 0 : length >= Long.SIZE ? -1L : -1L << Long.SIZE - length;
    }

    /** Whether this is the next hop of an uplink. */
    boolean isHop(long high, long low) {
        return hop4 != 0 && high == 0 && low == Tuple.mapped(hop4) || hasHop6 && high == hop6High && low == hop6Low;
    }

    /** Whether this is the gateway's fe80 address, by which routers speak. */
    boolean isLinkLocal(long high, long low) {
        return hasIpv6 && high == Ipv6.LINK_LOCAL_HIGH && low == linkLocalLow;
    }
}
