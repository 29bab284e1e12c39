package io.footbridge.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.nat.Filtering;
import io.footbridge.wire.DropReason;
import io.footbridge.wire.Protocol;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What RFC 4787 asks of a NAT for UDP, requirement by requirement. */
class Rfc4787Test {
    private static NatBed bed;
    private NatHost client;
    private NatHost neighbour;
    private NatHost server;
    private NatHost stranger;

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
        stranger = bed.stranger;
    }

    @Test
    void req1TheMappingIsTheSameForAllDestinations() {
        Dissection first = bed.passes(client, client.udp(4000, server.ipv4, 5000), server);
        first.shows("IP.src", NatBed.UPLINK4, "IP.dst", server.ipv4, "UDP.dport", 5000, "IP.ttl", 63);
        String port = first.text("UDP.sport");
        bed.passes(client, client.udp(4000, server.ipv4, 5001), server).shows("IP.src", NatBed.UPLINK4, "UDP.sport", port);
        bed.passes(client, client.udp(4000, stranger.ipv4, 7), stranger).shows("IP.src", NatBed.UPLINK4, "UDP.sport", port);
    }

    @Test
    void req1OverIpv6Too() {
        Dissection first = bed.passes(client, client.udp(4000, server.ipv6, 5000), server);
        first.shows("IPv6.src", NatBed.UPLINK6, "IPv6.dst", server.ipv6, "IPv6.hlim", 63);
        bed.passes(client, client.udp(4000, stranger.ipv6, 7), stranger).shows("UDP.sport", first.text("UDP.sport"));
        bed.passes(server, server.answerTo(first), client).shows("IPv6.dst", client.ipv6, "UDP.dport", 4000);
    }

    @Test
    void req2AHostKeepsOneAddressOfAPool() {
        bed.pool("198.51.100.20", "198.51.100.21", "198.51.100.22", "198.51.100.23");
        Set<String> addresses = new HashSet<>();
        for (int port = 4000; port < 4010; port++) {
            addresses.add(bed.passes(client, client.udp(port, server.ipv4, port), server).text("IP.src"));
        }
        assertThat(addresses).hasSize(1);
        assertThat(addresses.iterator().next()).startsWith("198.51.100.2");
    }

    @Test
    void req3TwoHostsNeverShareAPort() {
        int first = bed.passes(client, client.udp(4000, server.ipv4, 5000), server).number("UDP.sport");
        Dissection second = bed.passes(neighbour, neighbour.udp(4000, server.ipv4, 5000), server);
        assertThat(second.number("UDP.sport")).isNotEqualTo(first);
        bed.passes(server, server.answerTo(second), neighbour).shows("UDP.dport", 4000);
        // Nor towards another destination, where nothing but this rule would be in the way.
        assertThat(bed.passes(bed.other, bed.other.udp(4000, stranger.ipv4, 9), stranger).number("UDP.sport"))
                .isNotIn(first, second.number("UDP.sport"));
    }

    @Test
    void req3aThePortStaysInItsRange() {
        for (int port : List.of(500, 1023)) {
            bed.passes(client, client.udp(port, server.ipv4, 5000), server);
            assertThat(bed.passes(neighbour, neighbour.udp(port, server.ipv4, 5000), server).number("UDP.sport"))
                    .isBetween(1, 1023).isNotEqualTo(port);
        }
        for (int port : List.of(1024, 65_535)) {
            bed.passes(client, client.udp(port, server.ipv4, 5000), server);
            assertThat(bed.passes(neighbour, neighbour.udp(port, server.ipv4, 5000), server).number("UDP.sport"))
                    .isBetween(1024, 65_535).isNotEqualTo(port);
        }
    }

    @Test
    void req4ThePortIsKeptWhereItIsFreeAndWithItItsParity() {
        bed.passes(client, client.udp(4000, server.ipv4, 5000), server).shows("UDP.sport", 4000);
        bed.passes(client, client.udp(4001, server.ipv4, 5000), server).shows("UDP.sport", 4001);
    }

    @Test
    void req5AMappingLastsTwoMinutesWithoutAnAnswer() {
        Dissection seen = bed.passes(client, client.udp(4000, server.ipv4, 5000), server);
        bed.advance(Duration.ofSeconds(119));
        bed.passes(server, server.answerTo(seen), client);
    }

    @Test
    void req5cAMappingThatIsUsedLastsFiveMinutes() {
        Dissection seen = bed.passes(client, client.udp(4000, server.ipv4, 5000), server);
        bed.passes(server, server.answerTo(seen), client);
        bed.advance(Duration.ofSeconds(299));
        bed.passes(server, server.answerTo(seen), client);
        bed.advance(Duration.ofSeconds(301));
        bed.drops(DropReason.UNSOLICITED, () -> server.answers(seen));
        client.receivesNothing();
        assertThat(bed.flows()).isZero();
    }

    @Test
    void req6PacketsInEitherDirectionRefreshTheMapping() {
        Dissection seen = bed.passes(client, client.udp(4000, server.ipv4, 5000), server);
        for (int i = 0; i < 3; i++) {
            bed.advance(Duration.ofSeconds(110));
            bed.passes(client, client.udp(4000, server.ipv4, 5000), server).shows("UDP.sport", seen.text("UDP.sport"));
        }
        bed.passes(server, server.answerTo(seen), client);
        for (int i = 0; i < 3; i++) {
            bed.advance(Duration.ofSeconds(290));
            bed.passes(server, server.answerTo(seen), client);
        }
    }

    @Test
    void req8ByDefaultOnlyWhoWasSentToMayAnswer() {
        Dissection seen = bed.passes(client, client.udp(4000, server.ipv4, 5000), server);
        bed.drops(DropReason.UNSOLICITED, () -> server.sends(server.udp(5001, NatBed.UPLINK4, seen.number("UDP.sport"))));
        bed.drops(DropReason.UNSOLICITED, () -> stranger.sends(stranger.udp(5000, NatBed.UPLINK4, seen.number("UDP.sport"))));
        client.receivesNothing();
        bed.passes(server, server.answerTo(seen), client);
    }

    @Test
    void req8AddressDependentFilteringCanBeChosen() {
        bed.filtering(Filtering.ADDRESS);
        int port = bed.passes(client, client.udp(4000, server.ipv4, 5000), server).number("UDP.sport");
        bed.passes(server, server.udp(5001, NatBed.UPLINK4, port), client).shows("UDP.sport", 5001, "UDP.dport", 4000);
        bed.drops(DropReason.UNSOLICITED, () -> stranger.sends(stranger.udp(5000, NatBed.UPLINK4, port)));
    }

    @Test
    void req8EndpointIndependentFilteringCanBeChosen() {
        bed.filtering(Filtering.ENDPOINT);
        int port = bed.passes(client, client.udp(4000, server.ipv4, 5000), server).number("UDP.sport");
        Dissection unasked = bed.passes(stranger, stranger.udp(777, NatBed.UPLINK4, port), client);
        unasked.shows("IP.src", stranger.ipv4, "UDP.sport", 777, "IP.dst", client.ipv4, "UDP.dport", 4000);
        bed.passes(client, client.answerTo(unasked), stranger).shows("IP.src", NatBed.UPLINK4, "UDP.sport", port);
    }

    @Test
    void req9AContainerReachesAnotherByItsOutsideAddress() {
        bed.filtering(Filtering.ENDPOINT);
        int port = bed.passes(neighbour, neighbour.udp(6000, server.ipv4, 5000), server).number("UDP.sport");
        Dissection seen = bed.passes(client, client.udp(4000, NatBed.UPLINK4, port), neighbour);
        seen.shows("UDP.dport", 6000);
        bed.passes(neighbour, neighbour.answerTo(seen), client).shows("IP.src", NatBed.UPLINK4, "UDP.sport", port);
    }

    @Test
    void req9aHairpinShowsTheExternalSource() {
        bed.publish(Protocol.UDP, 8053, neighbour, 53);
        int port = bed.passes(client, client.udp(4000, server.ipv4, 5000), server).number("UDP.sport");
        Dissection seen = bed.passes(client, client.udp(4000, NatBed.UPLINK4, 8053), neighbour);
        seen.shows("IP.src", NatBed.UPLINK4, "UDP.sport", port, "UDP.dport", 53);
        bed.passes(neighbour, neighbour.answerTo(seen), client).shows("IP.src", NatBed.UPLINK4, "UDP.sport", 8053);
    }

    @Test
    void req9aAContainerReachesItselfByItsPublishedPort() {
        bed.publish(Protocol.UDP, 8053, client, 53);
        Dissection seen = bed.passes(client, client.udp(4000, NatBed.UPLINK4, 8053), client);
        seen.shows("IP.src", NatBed.UPLINK4, "IP.dst", client.ipv4, "UDP.dport", 53);
        bed.passes(client, client.answerTo(seen), client).shows("IP.src", NatBed.UPLINK4, "UDP.sport", 8053, "UDP.dport", 4000);
    }

    @Test
    void req10NoPayloadIsEverChanged() {
        String register = "REGISTER sip:a SIP/2.0 Contact: <sip:u@10.0.2.10:5060>";
        String sip = client.ip(server.ipv4) + "/UDP(sport=5060,dport=5060)/b'" + register + "'";
        assertThat(bed.passes(client, sip, server).payload()).isEqualTo(register);
    }

    @Test
    void req11WhoFindsAPortTakenBehavesLikeAnyoneElse() {
        bed.passes(client, client.udp(4000, server.ipv4, 5000), server);
        Dissection seen = bed.passes(neighbour, neighbour.udp(4000, server.ipv4, 5000), server);
        String port = seen.text("UDP.sport");
        bed.passes(neighbour, neighbour.udp(4000, stranger.ipv4, 5), stranger).shows("UDP.sport", port);
        bed.drops(DropReason.UNSOLICITED, () -> server.sends(server.udp(5001, NatBed.UPLINK4, Integer.parseInt(port))));
    }

    @Test
    void req12AnErrorDoesNotEndTheMapping() {
        Dissection seen = bed.passes(client, client.udp(4000, server.ipv4, 5000), server);
        for (String error : List.of("type=3,code=1", "type=3,code=3", "type=11,code=0", "type=4,code=0")) {
            bed.router.sends(bed.router.ip(NatBed.UPLINK4) + "/ICMP(" + error + ")/" + Quotes.of(seen));
        }
        client.receivesAll();
        bed.passes(server, server.answerTo(seen), client);
        bed.passes(client, client.udp(4000, server.ipv4, 5000), server).shows("UDP.sport", seen.text("UDP.sport"));
    }

    @Test
    void req12aAnErrorMayComeFromAnyAddress() {
        Dissection seen = bed.passes(client, client.udp(4000, server.ipv4, 5000), server);
        bed.passes(stranger, stranger.ip(NatBed.UPLINK4) + "/ICMP(type=3,code=1)/" + Quotes.of(seen), client)
                .shows("IP.src", stranger.ipv4, "IPerror.src", client.ipv4);
    }

    @Test
    void req12bDestinationUnreachableIsTranslated() {
        Dissection seen = bed.passes(client, client.udp(4000, server.ipv4, 5000), server);
        for (int code = 0; code < 14; code++) {
            bed.passes(server, server.ip(NatBed.UPLINK4) + "/ICMP(type=3,code=" + code + ")/" + Quotes.of(seen), client)
                    .shows("ICMP.type", 3, "ICMP.code", code, "IP.dst", client.ipv4, "IPerror.src", client.ipv4,
                            "UDPerror.sport", 4000, "UDPerror.dport", 5000);
        }
    }

    @Test
    void req13APacketThatMayNotBeFragmentedIsAnswered() {
        bed.mtu(1400);
        bed.drops(DropReason.MTU, () -> client.sends(client.ip(server.ipv4, "flags='DF'") + "/UDP(sport=4000,dport=5)/(b'x'*1472)"));
        client.receives().shows("ICMP.type", 3, "ICMP.code", 4, "ICMP.nexthopmtu", 1400, "IP.src", "10.0.2.1",
                "IPerror.src", client.ipv4, "UDPerror.sport", 4000);
        server.receivesNothing();
    }

    @Test
    void req13OverIpv6ItIsPacketTooBig() {
        bed.mtu(1400);
        bed.drops(DropReason.MTU, () -> client.sends(client.ip6(server.ipv6) + "/UDP(sport=4000,dport=5)/(b'x'*1452)"));
        client.receives().shows("ICMPv6PacketTooBig.mtu", 1400, "IPv6.dst", client.ipv6, "UDPerror.sport", 4000);
    }

    @Test
    void req13aAPacketThatMayBeFragmentedIsAndItsFragmentsGoInOrder() {
        bed.mtu(1400);
        client.sends(client.ip(server.ipv4, "id=77") + "/UDP(sport=4000,dport=5)/(b'x'*1472)");
        List<Dissection> pieces = server.receivesAll();
        assertThat(pieces).hasSize(2);
        pieces.getFirst().shows("IP.frag", 0, "IP.flags", "MF", "IP.src", NatBed.UPLINK4, "UDP.len", 1480);
        pieces.getLast().shows("IP.flags", "", "IP.src", NatBed.UPLINK4, "IP.id", pieces.getFirst().text("IP.id"));
        int first = pieces.getFirst().number("IP.len") - 20;
        assertThat(pieces.getLast().number("IP.frag") * 8).isEqualTo(first);
        assertThat(first + pieces.getLast().number("IP.len") - 20).isEqualTo(1480);
    }

    @Test
    void req14FragmentsInOrderPassBothWays() {
        client.sends(pieces(client, 4000, server.ipv4, 5000));
        List<Dissection> seen = server.receivesAll();
        assertThat(seen).hasSize(3).allSatisfy(piece -> piece.shows("IP.src", NatBed.UPLINK4));
        assertThat(seen).extracting(piece -> piece.text("IP.id")).containsOnly(seen.getFirst().text("IP.id"));
        server.sends(pieces(server, 5000, NatBed.UPLINK4, seen.getFirst().number("UDP.sport")));
        assertThat(client.receivesAll()).hasSize(3).allSatisfy(piece -> piece.shows("IP.dst", client.ipv4));
    }

    @Test
    void req14FragmentsOutOfOrderPassBothWays() {
        client.sends(pieces(client, 4000, server.ipv4, 5000).reversed());
        List<Dissection> seen = server.receivesAll();
        assertThat(seen).hasSize(3).allSatisfy(piece -> piece.shows("IP.src", NatBed.UPLINK4));
        int port = seen.stream().filter(piece -> piece.has("UDP.sport")).findFirst().orElseThrow().number("UDP.sport");
        server.sends(pieces(server, 5000, NatBed.UPLINK4, port).reversed());
        assertThat(client.receivesAll()).hasSize(3).allSatisfy(piece -> piece.shows("IP.dst", client.ipv4));
    }

    @Test
    void req14aAFloodOfFragmentsLeavesOthersAlone() {
        Dissection seen = bed.passes(neighbour, neighbour.udp(4000, server.ipv4, 5000), server);
        long before = bed.drops().getOrDefault(DropReason.FRAGMENT, 0L);
        for (int batch = 0; batch < 20; batch++) {
            client.sends(bed.scapy.frames("[%s/UDP(sport=1,dport=2)/(b'x'*64) for i in range(%d, %d)]".formatted(
                    client.ip(server.ipv4, "id=i,frag=9,flags='MF'"), batch * 100, batch * 100 + 100)));
        }
        server.receivesNothing();
        server.answers(seen);
        neighbour.receives();
        neighbour.sends(pieces(neighbour, 4000, server.ipv4, 5000));
        assertThat(server.receivesAll()).hasSize(3);
        // Those that waited in vain are counted when they are given up.
        bed.advance(Duration.ofSeconds(60));
        assertThat(bed.drops().get(DropReason.FRAGMENT) - before).isEqualTo(2000);
    }

    private static List<MemorySegment> pieces(NatHost from, int port, String to, int toPort) {
        return bed.scapy.frames("fragment(%s/UDP(sport=%d,dport=%d)/(b'x'*3000),1480)".formatted(
                from.ip(to, "id=" + port), port, toPort));
    }
}
