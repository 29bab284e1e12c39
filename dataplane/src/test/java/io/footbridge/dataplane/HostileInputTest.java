package io.footbridge.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.wire.DropReason;
import io.footbridge.wire.Protocol;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bad input on the routed path, from inside and from outside: a counted drop each, and other containers' flows go on. */
class HostileInputTest {
    private static NatBed bed;
    private NatHost client;
    private NatHost neighbour;
    private NatHost server;
    /** A flow of somebody else's, under way. */
    private Dissection bystander;

    @BeforeAll
    static void start() {
        bed = new NatBed();
    }

    @AfterAll
    static void stop() {
        bed.close();
    }

    @BeforeEach
    void begin() {
        bed.reset();
        client = bed.client;
        neighbour = bed.neighbour;
        server = bed.server;
        bystander = bed.passes(neighbour, neighbour.udp(6000, server.ipv4, 6000), server);
    }

    /** One drop for this reason, nothing sent to anyone, and the bystander unharmed. */
    private void refused(DropReason reason, NatHost from, String expression) {
        bed.drops(reason, () -> from.sends(expression));
        nobodyHears();
    }

    private void nobodyHears() {
        for (NatHost host : List.of(client, neighbour, bed.other, server, bed.stranger, bed.router)) {
            host.receivesNothing();
        }
        bed.passes(neighbour, neighbour.udp(6000, server.ipv4, 6000), server);
        bed.passes(server, server.answerTo(bystander), neighbour);
    }

    @Test
    void aWrongIpChecksum() {
        refused(DropReason.BAD_CHECKSUM, client, client.ip(server.ipv4, "chksum=1") + "/UDP(sport=4000,dport=5)/b'hello'");
        refused(DropReason.BAD_CHECKSUM, server, server.ip(NatBed.UPLINK4, "chksum=1") + "/UDP(sport=6000,dport=6000)/b'hello'");
    }

    @Test
    void aWrongIcmpChecksum() {
        refused(DropReason.BAD_CHECKSUM, client, client.ip(server.ipv4) + "/ICMP(type=8,id=3,chksum=1)/b'hello'");
        refused(DropReason.BAD_CHECKSUM, bed.router, bed.router.ip(NatBed.UPLINK4) + "/ICMP(type=3,code=3,chksum=1)/"
                + Quotes.of(bystander));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "F", "SF", "SR", "SFR", "FPU", "RF", "SAF", "SRAFPUEC", "P", "U"})
    void tcpFlagsThatNoTcpSendsTogether(String flags) {
        refused(DropReason.BAD_STATE, client, client.tcp(4000, server.ipv4, 80, flags));
        bed.publish(Protocol.TCP, 8080, client, 80);
        refused(DropReason.BAD_STATE, server, server.tcp(4000, NatBed.UPLINK4, 8080, flags));
    }

    @Test
    void aSegmentThatBelongsToNoConnectionOpensNone() {
        for (String flags : List.of("A", "PA", "FA", "R", "RA", "SA")) {
            bed.drops(DropReason.BAD_STATE, () -> client.sends(client.tcp(4000, server.ipv4, 80, flags)));
        }
        nobodyHears();
    }

    @Test
    void aLandAttackFromOutside() {
        bed.publish(Protocol.TCP, 8080, client, 80);
        refused(DropReason.MARTIAN, server, server.tcp(8080, NatBed.UPLINK4, 8080, "S").replace(server.ipv4, NatBed.UPLINK4));
        refused(DropReason.MARTIAN, server, server.udp(53, NatBed.UPLINK4, 54).replace(server.ipv4, NatBed.UPLINK4));
    }

    @Test
    void aLandAttackFromInside() {
        refused(DropReason.MARTIAN, client, client.tcp(80, client.ipv4, 80, "S"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.1", "127.0.0.1", "224.0.0.5", "239.1.2.3", "240.0.0.1", "255.255.255.255"})
    void sourcesThatNobodyHas(String source) {
        bed.publish(Protocol.UDP, 8053, client, 53);
        refused(DropReason.MARTIAN, server, server.udp(4000, NatBed.UPLINK4, 8053).replace(server.ipv4, source));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.1", "127.0.0.1", "224.0.0.5", "240.0.0.1", "255.255.255.255"})
    void destinationsThatAreNotRouted(String destination) {
        bed.drops(DropReason.MARTIAN, () -> client.sends(client.udp(4000, destination, 53)));
        server.receivesNothing();
        bed.router.receivesNothing();
    }

    @Test
    void aSourceThatIsAnothersIsRefused() {
        refused(DropReason.SOURCE_ADDRESS, client, client.udp(6000, server.ipv4, 6000).replace("src='10.0.2.10'", "src='10.0.2.11'"));
        refused(DropReason.SOURCE_MAC, client, client.udp(6000, server.ipv4, 6000).replace("02:42:0a:00:02:0a", "02:42:0a:00:02:0b"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"LSRR", "SSRR"})
    void sourceRoutes(String option) {
        String options = "options=[IPOption_" + option + "(routers=['203.0.113.5'])]";
        refused(DropReason.MARTIAN, client, client.ip(bed.stranger.ipv4, options) + "/UDP(sport=4000,dport=5)/b'hello'");
        refused(DropReason.MARTIAN, server, server.ip(NatBed.UPLINK4, options) + "/UDP(sport=6000,dport=6000)/b'hello'");
    }

    @Test
    void aFirstFragmentTooShortForItsPorts() {
        refused(DropReason.RUNT, client, client.ip(server.ipv4, "flags='MF',proto=6") + "/Raw(b'\\x0f\\xa0\\x00\\x50abcd')");
    }

    @Test
    void aFragmentThatReachesIntoTheTcpHeader() {
        refused(DropReason.FRAGMENT, client, client.ip(server.ipv4, "frag=1,proto=6") + "/Raw(b'x'*64)");
    }

    @Test
    void fragmentsThatOverlap() {
        List<MemorySegment> pieces = bed.scapy.frames("fragment(%s/UDP(sport=4000,dport=5)/(b'x'*3000),1480)"
                .formatted(client.ip(server.ipv4, "id=9")));
        client.sends(List.of(pieces.get(0)));
        assertThat(server.receivesAll()).hasSize(1);
        bed.drops(DropReason.FRAGMENT, () -> client.sends(
                client.ip(server.ipv4, "id=9,frag=100,flags='MF',proto=17") + "/Raw(b'y'*1480)"));
        server.receivesNothing();
        nobodyHears();
    }

    @Test
    void fragmentsBeyondTheLongestPacket() {
        refused(DropReason.FRAGMENT, client, client.ip(server.ipv4, "id=9,frag=8191,proto=17") + "/Raw(b'y'*800)");
    }

    @Test
    void anErrorWhoseQuoteWasNeverSent() {
        String[] quotes = {
            "IP(src='198.51.100.10',dst='203.0.113.5')/UDP(sport=6000,dport=6001)/b'hello'",
            "IP(src='198.51.100.10',dst='203.0.113.6')/UDP(sport=6000,dport=6000)/b'hello'",
            "IP(src='198.51.100.11',dst='203.0.113.5')/UDP(sport=6000,dport=6000)/b'hello'",
            "IP(src='198.51.100.10',dst='203.0.113.5')/TCP(sport=6000,dport=6000)",
            "IP(src='10.0.2.11',dst='203.0.113.5')/UDP(sport=6000,dport=6000)/b'hello'"};
        for (String quote : quotes) {
            refused(DropReason.BAD_QUOTE, bed.router, bed.router.ip(NatBed.UPLINK4) + "/ICMP(type=3,code=3)/" + quote);
        }
    }

    @Test
    void anErrorWhoseQuoteIsTooShort() {
        for (int length : new int[] {0, 1, 8, 19, 20, 27}) {
            String quote = Quotes.of(Arrays.copyOf(Quotes.bytes(bystander), length));
            Map<DropReason, Long> before = bed.drops();
            bed.router.sends(bed.router.ip(NatBed.UPLINK4) + "/ICMP(type=3,code=3)/" + quote);
            assertThat(total(bed.drops()) - total(before)).isOne();
            neighbour.receivesNothing();
        }
        nobodyHears();
    }

    @Test
    void anErrorAboutAnothersFlow() {
        // The client has seen what passes between its neighbour and the server, and forges an error about it.
        String quote = "IP(src='203.0.113.5',dst='10.0.2.11')/UDP(sport=6000,dport=6000)/b'answer'";
        refused(DropReason.BAD_QUOTE, client, client.ip(server.ipv4) + "/ICMP(type=3,code=3)/" + quote);
    }

    @Test
    void anErrorAboutAnError() {
        String quote = "IP(src='198.51.100.10',dst='203.0.113.5')/ICMP(type=3,code=3)/IP(src='203.0.113.5',dst='198.51.100.10')"
                + "/UDP(sport=6000,dport=6000)/b'hello'";
        refused(DropReason.BAD_QUOTE, bed.router, bed.router.ip(NatBed.UPLINK4) + "/ICMP(type=11,code=0)/" + quote);
    }

    @Test
    void aRedirectChangesNothing() {
        refused(DropReason.BAD_QUOTE, bed.router, bed.router.ip(NatBed.UPLINK4) + "/ICMP(type=5,code=1,gw='203.0.113.66')/"
                + Quotes.of(bystander));
    }

    @Test
    void aPortScanFromInsideMeetsItsOwnLimit() {
        client.port().settings(NatBed.containerSettings(client, 100, 0));
        Map<DropReason, Long> before = bed.drops();
        for (int first = 1; first < 1001; first += 100) {
            client.sends("[%s for p in range(%d,%d)]".formatted(
                    client.tcp(4000, server.ipv4, 9999, "S").replace("9999", "p"), first, first + 100));
        }
        assertThat(server.receivesAll()).hasSize(100);
        assertThat(bed.drops().get(DropReason.FLOW_LIMIT) - before.getOrDefault(DropReason.FLOW_LIMIT, 0L)).isEqualTo(900);
        assertThat(client.receivesAll()).hasSizeBetween(1, 110).allSatisfy(refusal -> refusal.shows("ICMP.type", 3, "ICMP.code", 13));
        nobodyHears();
    }

    @Test
    void aPortScanFromOutsideFindsOnlyWhatIsPublished() {
        bed.publish(Protocol.TCP, 500, client, 80);
        bed.drops(999, DropReason.UNSOLICITED, () -> {
            for (int first = 1; first < 1001; first += 100) {
                server.sends("[%s for p in range(%d,%d)]".formatted(
                        server.tcp(4000, NatBed.UPLINK4, 9999, "S").replace("9999", "p"), first, first + 100));
            }
        });
        client.receives().shows("TCP.dport", 80, "TCP.flags", "S");
        nobodyHears();
        assertThat(bed.flows()).isEqualTo(2);
    }

    private static long total(Map<DropReason, Long> drops) {
        return drops.values().stream().mapToLong(Long::longValue).sum();
    }
}
