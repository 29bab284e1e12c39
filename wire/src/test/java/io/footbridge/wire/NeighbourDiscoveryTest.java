package io.footbridge.wire;

import static io.footbridge.wire.FrameBuilder.hex;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.lang.foreign.MemorySegment;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class NeighbourDiscoveryTest {
    private static final long MAC = 0x0242_AC11_0001L;
    private static final int BAD = DropReason.BAD_HEADER.code();

    @Test
    void aSolicitationIsWrittenByteForByte() {
        MemorySegment memory = MemorySegment.ofArray(new byte[72]);
        assertThat(NeighbourDiscovery.writeSolicitation(memory, 0, Ipv6.LINK_LOCAL_HIGH, 1, Ipv6.LINK_LOCAL_HIGH,
                0x1234_5678L, MAC)).isEqualTo(72);
        Icmpv6.checksum(memory, 40, 0);
        assertThat(hex(memory)).isEqualTo(("6000000000203aff fe800000000000000000000000000001"
                + "ff0200000000000000000001ff345678 8700000000000000 fe800000000000000000000012345678"
                + "01010242ac110001").replace(" ", ""));
    }

    @Test
    void anAdvertisementPassesItsOwnCheck() {
        MemorySegment memory = MemorySegment.ofArray(new byte[72]);
        assertThat(NeighbourDiscovery.writeAdvertisement(memory, 0, 5, 6, 7, 8,
                NeighbourDiscovery.ROUTER_FLAG | NeighbourDiscovery.SOLICITED_FLAG, MAC)).isEqualTo(72);
        assertThat(Icmpv6.verify(memory, 0, 40, 32)).isTrue();
        assertThat(NeighbourDiscovery.check(memory, 0, 40, 32)).isEqualTo(24);
        assertThat(NeighbourDiscovery.flags(memory, 40)).isEqualTo(0xC0);
        assertThat(NeighbourDiscovery.targetHigh(memory, 40)).isEqualTo(5);
        assertThat(NeighbourDiscovery.targetLow(memory, 40)).isEqualTo(6);
        int option = NeighbourDiscovery.option(memory, 40, 32, NeighbourDiscovery.TARGET_LINK_LAYER);
        assertThat(option).isEqualTo(24);
        assertThat(NeighbourDiscovery.linkLayerAddress(memory, 40, option)).isEqualTo(MAC);
        assertThat(NeighbourDiscovery.option(memory, 40, 32, NeighbourDiscovery.SOURCE_LINK_LAYER)).isEqualTo(-1);
    }

    @Test
    void aMessageThatCrossedARouterIsRefused() {
        MemorySegment memory = solicitation();
        Ipv6.hopLimit(memory, 0, 254);
        assertThat(NeighbourDiscovery.check(memory, 0, 40, 32)).isEqualTo(BAD);
    }

    @Test
    void optionsMustHaveALengthAndLieInside() {
        assertThat(NeighbourDiscovery.check(solicitation(), 0, 40, 24)).isEqualTo(24);
        assertThat(NeighbourDiscovery.check(solicitation(), 0, 40, 23)).isEqualTo(DropReason.RUNT.code());
        assertThat(NeighbourDiscovery.check(solicitation(), 0, 40, 7)).isEqualTo(DropReason.RUNT.code());
        assertThat(NeighbourDiscovery.check(solicitation(), 0, 40, 31)).isEqualTo(BAD);
        for (int units : new int[] {0, 2, 255}) {
            MemorySegment memory = solicitation();
            BigEndian.u8(memory, 40 + 25, units);
            assertThat(NeighbourDiscovery.check(memory, 0, 40, 32)).isEqualTo(BAD);
        }
    }

    @Test
    void addressesMustFitTheMessage() {
        MemorySegment memory = solicitation();
        NeighbourDiscovery.target(memory, 40, Ipv6.LINK_MULTICAST_HIGH, 1);
        assertThat(NeighbourDiscovery.check(memory, 0, 40, 32)).isEqualTo(BAD);

        MemorySegment probe = solicitation();
        Ipv6.source(probe, 0, 0, 0);
        assertThat(NeighbourDiscovery.check(probe, 0, 40, 32)).isEqualTo(BAD);
        assertThat(NeighbourDiscovery.check(probe, 0, 40, 24)).isEqualTo(24);
        Ipv6.destination(probe, 0, Ipv6.LINK_MULTICAST_HIGH, Ipv6.ALL_NODES_LOW);
        assertThat(NeighbourDiscovery.check(probe, 0, 40, 24)).isEqualTo(BAD);

        MemorySegment unasked = MemorySegment.ofArray(new byte[72]);
        NeighbourDiscovery.writeAdvertisement(unasked, 0, 5, 6, Ipv6.LINK_MULTICAST_HIGH, 1,
                NeighbourDiscovery.SOLICITED_FLAG, MAC);
        assertThat(NeighbourDiscovery.check(unasked, 0, 40, 32)).isEqualTo(BAD);
        NeighbourDiscovery.flags(unasked, 40, NeighbourDiscovery.OVERRIDE_FLAG);
        assertThat(NeighbourDiscovery.check(unasked, 0, 40, 32)).isEqualTo(24);
    }

    private static MemorySegment solicitation() {
        MemorySegment memory = MemorySegment.ofArray(new byte[72]);
        NeighbourDiscovery.writeSolicitation(memory, 0, Ipv6.LINK_LOCAL_HIGH, 1, Ipv6.LINK_LOCAL_HIGH, 2, MAC);
        return memory;
    }

    @Test
    void prefixesMayBeForAutonomousConfiguration() {
        RouterAdvertisement advertisement = new RouterAdvertisement(MAC, 64, 0, 1800, 1500,
                List.of(Ipv6Prefix.parse("fd00:17::1/64")), 86_400, true, List.of(), 0);
        MemorySegment memory = MemorySegment.ofArray(new byte[advertisement.length()]);
        int message = advertisement.write(memory, 0, MacAddress.eui64(MAC), Ipv6.LINK_MULTICAST_HIGH, Ipv6.ALL_NODES_LOW) - 40;
        int prefix = NeighbourDiscovery.option(memory, 40, message, NeighbourDiscovery.PREFIX);
        assertThat(NeighbourDiscovery.prefixFlags(memory, 40, prefix))
                .isEqualTo(RouterAdvertisement.ON_LINK | RouterAdvertisement.AUTONOMOUS);
    }

    @Test
    void aRouterAdvertisementSaysWhatItWasTold() {
        RouterAdvertisement advertisement = new RouterAdvertisement(MAC, 64, 0x40, 1800, 1500,
                List.of(Ipv6Prefix.parse("fd00:17::1/64")), 86_400,
                List.of(Ipv6Address.parse("fd00:17::1"), Ipv6Address.parse("fd00:17::2")), 600);
        MemorySegment memory = MemorySegment.ofArray(new byte[advertisement.length()]);
        int length = advertisement.write(memory, 0, MacAddress.eui64(MAC), Ipv6.LINK_MULTICAST_HIGH,
                Ipv6.ALL_NODES_LOW);
        assertThat(length).isEqualTo(advertisement.length()).isEqualTo(40 + 16 + 8 + 8 + 32 + 40);
        int message = length - 40;
        assertThat(Icmpv6.verify(memory, 0, 40, message)).isTrue();
        assertThat(NeighbourDiscovery.check(memory, 0, 40, message)).isEqualTo(16);
        assertThat(NeighbourDiscovery.currentHopLimit(memory, 40)).isEqualTo(64);
        assertThat(NeighbourDiscovery.routerFlags(memory, 40)).isEqualTo(0x40);
        assertThat(NeighbourDiscovery.routerLifetime(memory, 40)).isEqualTo(1800);
        int source = NeighbourDiscovery.option(memory, 40, message, NeighbourDiscovery.SOURCE_LINK_LAYER);
        assertThat(NeighbourDiscovery.linkLayerAddress(memory, 40, source)).isEqualTo(MAC);
        int mtu = NeighbourDiscovery.option(memory, 40, message, NeighbourDiscovery.MTU);
        assertThat(NeighbourDiscovery.mtu(memory, 40, mtu)).isEqualTo(1500);
        int prefix = NeighbourDiscovery.option(memory, 40, message, NeighbourDiscovery.PREFIX);
        assertThat(NeighbourDiscovery.prefixLength(memory, 40, prefix)).isEqualTo(64);
        assertThat(NeighbourDiscovery.prefixFlags(memory, 40, prefix)).isEqualTo(RouterAdvertisement.ON_LINK);
        assertThat(NeighbourDiscovery.optionLifetime(memory, 40, prefix)).isEqualTo(86_400);
        assertThat(NeighbourDiscovery.prefixHigh(memory, 40, prefix)).isEqualTo(0xFD00_0017_0000_0000L);
        assertThat(NeighbourDiscovery.prefixLow(memory, 40, prefix)).isZero();
        int servers = NeighbourDiscovery.option(memory, 40, message, NeighbourDiscovery.RDNSS);
        assertThat(NeighbourDiscovery.serverCount(memory, 40, servers)).isEqualTo(2);
        assertThat(NeighbourDiscovery.optionLifetime(memory, 40, servers)).isEqualTo(600);
        assertThat(NeighbourDiscovery.serverHigh(memory, 40, servers, 1)).isEqualTo(0xFD00_0017_0000_0000L);
        assertThat(NeighbourDiscovery.serverLow(memory, 40, servers, 1)).isEqualTo(2);
    }

    @Test
    void aBareRouterAdvertisementHasOnlyItsMac() {
        RouterAdvertisement advertisement = new RouterAdvertisement(MAC, 0, 0, 0, 0, List.of(), 0, List.of(), 0);
        assertThat(advertisement.length()).isEqualTo(64);
    }

    @Test
    void moreServersThanAnOptionHoldsAreRefused() {
        List<Ipv6Address> servers = Collections.nCopies(128, Ipv6Address.LOOPBACK);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RouterAdvertisement(MAC, 0, 0, 0, 0, List.of(), 0, servers, 0))
                .withMessage("128 DNS servers: expected at most 127");
    }

    /** RFC 4191 section 2.3: the option carries as much of the prefix as its length needs. */
    @Test
    void routesOfEveryOptionLengthAreRead() {
        String start = "6000 0000 0000 3aff fe80 0000 0000 0000 0000 0000 0000 0001" + "ff02" + "0000".repeat(6)
                + "0001" + "8600 0000 4000 0708 0000 0000 0000 0000";
        MemorySegment memory = hex(start + "1801 0018 0000 0001" + "1802 3008 0000 0002 fd00 0001 0002 0003");
        int length = 16 + 8 + 16;
        assertThat(NeighbourDiscovery.check(memory, 0, 40, length)).isEqualTo(16);
        int first = NeighbourDiscovery.option(memory, 40, length, NeighbourDiscovery.ROUTE);
        assertThat(first).isEqualTo(16);
        assertThat(NeighbourDiscovery.prefixLength(memory, 40, first)).isZero();
        assertThat(NeighbourDiscovery.routeHigh(memory, 40, first)).isZero();
        int second = NeighbourDiscovery.nextOption(memory, 40, length, first);
        assertThat(NeighbourDiscovery.prefixLength(memory, 40, second)).isEqualTo(48);
        assertThat(NeighbourDiscovery.routeHigh(memory, 40, second)).isEqualTo(0xFD00_0001_0002_0003L);
        assertThat(NeighbourDiscovery.routeLow(memory, 40, second)).isZero();
        assertThat(NeighbourDiscovery.nextOption(memory, 40, length, second)).isEqualTo(-1);
    }
}
