package io.footbridge.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.wire.DropReason;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Protocol;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What RFC 5508 asks of a NAT for ICMP, requirement by requirement. */
class Rfc5508Test {
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

    private String errorFromOutside(String kind, String quote) {
        return bed.router.ip(NatBed.UPLINK4) + "/ICMP(" + kind + ")/" + quote;
    }

    @Test
    void req1QueriesGoOutAndTheirAnswersComeBack() {
        Dissection echo = bed.passes(client, client.echo(7, server.ipv4), server);
        echo.shows("IP.src", NatBed.UPLINK4, "ICMP.type", 8, "ICMP.seq", 1);
        bed.passes(server, server.answerTo(echo), client).shows("ICMP.type", 0, "ICMP.id", 7, "IP.dst", client.ipv4);
        Dissection stamp = bed.passes(client, client.ip(server.ipv4) + "/ICMP(type=13,id=8,seq=2)", server);
        stamp.shows("ICMP.type", 13);
        bed.passes(server, server.ip(NatBed.UPLINK4) + "/ICMP(type=14,id=%s,seq=2)".formatted(stamp.text("ICMP.id")), client)
                .shows("ICMP.type", 14, "ICMP.id", 8);
    }

    @Test
    void req1OverIpv6Too() {
        Dissection echo = bed.passes(client, client.echo(7, server.ipv6), server);
        echo.shows("IPv6.src", NatBed.UPLINK6);
        bed.passes(server, server.answerTo(echo), client).shows("ICMPv6EchoReply.id", 7, "IPv6.dst", client.ipv6);
    }

    @Test
    void req1aTheIdentifierIsTheSameForAllDestinations() {
        String identifier = bed.passes(client, client.echo(7, server.ipv4), server).text("ICMP.id");
        bed.passes(client, client.echo(7, stranger.ipv4), stranger).shows("ICMP.id", identifier);
        assertThat(bed.passes(neighbour, neighbour.echo(7, server.ipv4), server).text("ICMP.id")).isNotEqualTo(identifier);
    }

    @Test
    void req2AQueryMayBeAnsweredForAMinute() {
        Dissection echo = bed.passes(client, client.echo(7, server.ipv4), server);
        bed.advance(Duration.ofSeconds(59));
        bed.passes(server, server.answerTo(echo), client);
        bed.advance(Duration.ofSeconds(61));
        bed.drops(DropReason.UNSOLICITED, () -> server.answers(echo));
    }

    @Test
    void req3AnErrorWithAWrongChecksumIsDropped() {
        Dissection seen = bed.passes(client, client.udp(4000, server.ipv4, 5000), server);
        bed.drops(DropReason.BAD_CHECKSUM, () -> bed.router.sends(errorFromOutside("type=3,code=3,chksum=1", Quotes.of(seen))));
        client.receivesNothing();
    }

    @Test
    void req3aAnErrorThatQuotesAWrongIpChecksumIsDropped() {
        byte[] quote = Quotes.bytes(bed.passes(client, client.udp(4000, server.ipv4, 5000), server));
        quote[10] ^= 1;
        bed.drops(DropReason.BAD_QUOTE, () -> bed.router.sends(errorFromOutside("type=3,code=3", Quotes.of(quote))));
        client.receivesNothing();
    }

    @Test
    void req3bOptionsOfTheQuotedPacketAreSkipped() {
        Dissection seen = bed.passes(client, client.ip(server.ipv4, "options=[IPOption_NOP()]*8")
                + "/UDP(sport=4000,dport=5000)/b'hello'", server);
        bed.passes(bed.router, errorFromOutside("type=3,code=3", Quotes.of(seen)), client)
                .shows("IPerror.ihl", 7, "IPerror.src", client.ipv4, "UDPerror.sport", 4000);
    }

    @Test
    void req3cTheQuotedTransportChecksumIsNotChecked() {
        byte[] quote = Quotes.bytes(bed.passes(client, client.udp(4000, server.ipv4, 5000), server));
        quote[26] ^= 1;
        bed.router.sends(errorFromOutside("type=3,code=3", Quotes.of(quote)));
        assertThat(bed.client.link().inbox()).hasSize(1);
        Dissection error = bed.scapy.dissect(bed.client.link().inbox().removeFirst());
        error.shows("IPerror.src", client.ipv4, "UDPerror.sport", 4000);
        assertThat(error.faults()).containsExactly("quoted UDP.chksum");
    }

    @Test
    void req3dExtensionsBehindTheQuoteAreLeftAlone() {
        Dissection seen = bed.passes(client, client.udp(4000, server.ipv4, 5000), server);
        byte[] quote = Arrays.copyOf(Quotes.bytes(seen), 128);
        String extension = "bytes.fromhex('2000f7a400080101000001ff')";
        String whole = errorFromOutside("type=11,code=0,length=32", Quotes.of(quote) + "/Raw(" + extension + ")");
        Dissection error = bed.passes(bed.router, whole, client);
        error.shows("ICMP.length", 32, "IPerror.src", client.ipv4, "UDPerror.sport", 4000);
        byte[] bytes = Quotes.bytes(error);
        assertThat(HexFormat.of().formatHex(bytes, bytes.length - 12, bytes.length))
                .isEqualTo("2000f7a400080101000001ff");
    }

    @Test
    void req4AnErrorFromOutsideIsRevertedAsAWhole() {
        String sent = client.ip(server.ipv4, "flags='DF',id=99") + "/UDP(sport=4000,dport=5000)/b'hello'";
        Dissection seen = bed.passes(client, sent, server);
        Dissection error = bed.passes(bed.router, errorFromOutside("type=3,code=10", Quotes.of(seen)), client);
        error.shows("IP.src", bed.router.ipv4, "IP.dst", client.ipv4, "ICMP.type", 3, "ICMP.code", 10);
        byte[] quoted = Arrays.copyOfRange(Quotes.bytes(error), 28, 28 + 33);
        byte[] original = Quotes.bytes(bed.scapy.dissect(bed.scapy.frame(sent.replace("id=99", "id=99,ttl=63"))));
        assertThat(quoted).isEqualTo(original);
    }

    @Test
    void req4OverIpv6Too() {
        Dissection seen = bed.passes(client, client.udp(4000, server.ipv6, 5000), server);
        for (String kind : List.of("ICMPv6DestUnreach(code=4)", "ICMPv6PacketTooBig(mtu=1280)", "ICMPv6TimeExceeded()")) {
            bed.passes(bed.router, bed.router.ip6(NatBed.UPLINK6) + "/" + kind + "/" + Quotes.of(seen), client)
                    .shows("IPv6.src", bed.router.ipv6, "IPv6.dst", client.ipv6, "IPerror6.src", client.ipv6,
                            "IPerror6.dst", server.ipv6, "UDPerror.sport", 4000);
        }
    }

    @Test
    void req4AnErrorAboutAQueryFindsItsAsker() {
        Dissection echo = bed.passes(client, client.echo(7, server.ipv4), server);
        bed.passes(bed.router, errorFromOutside("type=11,code=0", Quotes.of(echo)), client)
                .shows("ICMP.type", 11, "IPerror.src", client.ipv4, "ICMPerror.type", 8, "ICMPerror.id", 7);
    }

    @Test
    void req4AnErrorAboutNothingOfOursIsDropped() {
        String quote = "IP(src='" + NatBed.UPLINK4 + "',dst='203.0.113.5')/UDP(sport=4444,dport=5)/b'hello'";
        bed.drops(DropReason.BAD_QUOTE, () -> bed.router.sends(errorFromOutside("type=3,code=3", quote)));
        client.receivesNothing();
    }

    @Test
    void req5AnErrorFromInsideCarriesTheUplinksAddress() {
        Dissection seen = bed.passes(client, client.udp(4000, server.ipv4, 5000), server);
        Dissection answer = bed.passes(server, server.answerTo(seen), client);
        Dissection error = bed.passes(client, client.ip(server.ipv4) + "/ICMP(type=3,code=3)/" + Quotes.of(answer), server);
        error.shows("IP.src", NatBed.UPLINK4, "ICMP.type", 3, "ICMP.code", 3, "IPerror.src", server.ipv4, "IPerror.dst",
                NatBed.UPLINK4, "UDPerror.dport", seen.text("UDP.sport"), "UDPerror.sport", 5000);
    }

    @Test
    void req5AnErrorFromInsideAboutNothingOfItsIsDropped() {
        String quote = "IP(src='203.0.113.5',dst='10.0.2.10')/UDP(sport=5,dport=4)/b'hello'";
        bed.drops(DropReason.BAD_QUOTE, () -> client.sends(client.ip(server.ipv4) + "/ICMP(type=3,code=3)/" + quote));
        server.receivesNothing();
    }

    @Test
    void req6AnErrorNeitherRefreshesNorEndsASession() {
        Dissection echo = bed.passes(client, client.echo(7, server.ipv4), server);
        bed.advance(Duration.ofSeconds(40));
        bed.passes(bed.router, errorFromOutside("type=3,code=1", Quotes.of(echo)), client);
        bed.advance(Duration.ofSeconds(15));
        bed.passes(bed.router, errorFromOutside("type=3,code=1", Quotes.of(echo)), client);
        assertThat(bed.flows()).isOne();
        bed.advance(Duration.ofSeconds(7));
        bed.drops(DropReason.UNSOLICITED, () -> server.answers(echo));
    }

    @Test
    void req7AHairpinnedErrorFindsTheOtherContainer() {
        bed.publish(Protocol.UDP, 8053, neighbour, 53);
        Dissection seen = bed.passes(client, client.udp(4000, NatBed.UPLINK4, 8053), neighbour);
        String refusal = neighbour.ip(NatBed.UPLINK4) + "/ICMP(type=3,code=3)/" + Quotes.of(seen);
        Dissection error = bed.passes(neighbour, refusal, client);
        error.shows("IP.src", NatBed.UPLINK4, "IP.dst", client.ipv4, "IPerror.src", client.ipv4, "IPerror.dst", NatBed.UPLINK4,
                "UDPerror.sport", 4000, "UDPerror.dport", 8053);
    }

    @Test
    void req7AOneToOneAddressTakesHairpinnedQueries() {
        var outside = Ipv4Address.parse("198.51.100.40");
        bed.uplink.assign(outside, neighbour.port(), Ipv4Address.parse(neighbour.ipv4));
        try {
            Dissection echo = bed.passes(client, client.echo(7, "198.51.100.40"), neighbour);
            echo.shows("IP.src", NatBed.UPLINK4);
            bed.passes(neighbour, neighbour.answerTo(echo), client).shows("IP.src", "198.51.100.40", "ICMP.id", 7);
        } finally {
            bed.uplink.withdraw(outside);
        }
    }

    @Test
    void req8WhoFindsNoRoomIsToldThatItIsProhibited() {
        client.port().settings(NatBed.containerSettings(client, 2, 0));
        bed.passes(client, client.udp(4000, server.ipv4, 1), server);
        bed.passes(client, client.udp(4000, server.ipv4, 2), server);
        bed.drops(DropReason.FLOW_LIMIT, () -> client.sends(client.udp(4000, server.ipv4, 3)));
        client.receives().shows("ICMP.type", 3, "ICMP.code", 13, "UDPerror.dport", 3);
        bed.drops(DropReason.FLOW_LIMIT, () -> client.sends(client.tcp(4000, server.ipv4, 3, "S")));
        client.receives().shows("ICMP.type", 3, "ICMP.code", 13, "TCPerror.dport", 3);
        bed.drops(DropReason.FLOW_LIMIT, () -> client.sends(client.udp(4000, server.ipv6, 3)));
        client.receives().shows("ICMPv6DestUnreach.code", 1, "UDPerror.dport", 3);
        server.receivesNothing();
    }

    @Test
    void req9ErrorsOfOursAreLimited() {
        client.port().settings(NatBed.containerSettings(client, 1, 0));
        bed.passes(client, client.udp(4000, server.ipv4, 1), server);
        client.sends("[%s for p in range(2,302)]".formatted(client.udp(4000, server.ipv4, 9999).replace("9999", "p")));
        assertThat(client.receivesAll()).hasSizeBetween(1, 110);
    }

    @Test
    void req10TimeExceededGoesToWhoSentTheLastHop() {
        bed.drops(DropReason.TTL, () -> client.sends(client.ip(server.ipv4, "ttl=1") + "/UDP(sport=4000,dport=33434)/b'hello'"));
        client.receives().shows("ICMP.type", 11, "ICMP.code", 0, "IP.src", "10.0.2.1", "UDPerror.dport", 33_434);
        Dissection second = bed.passes(client, client.ip(server.ipv4, "ttl=2") + "/UDP(sport=4000,dport=33435)/b'hello'", server);
        second.shows("IP.ttl", 1);
        bed.passes(bed.router, errorFromOutside("type=11,code=0", Quotes.of(second)), client).shows("IP.src", bed.router.ipv4);
    }

    @Test
    void req11OtherMessagesAreDropped() {
        bed.passes(client, client.udp(4000, server.ipv4, 5000), server);
        for (String kind : List.of("type=9", "type=10", "type=40")) {
            bed.router.sends(bed.router.ip(NatBed.UPLINK4) + "/ICMP(" + kind + ")/b'hello'");
            client.sends(client.ip(server.ipv4) + "/ICMP(" + kind + ")/b'hello'");
        }
        client.receivesNothing();
        server.receivesNothing();
    }
}
