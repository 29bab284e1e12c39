package io.footbridge.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.nat.Filtering;
import io.footbridge.nat.SessionView;
import io.footbridge.wire.DropReason;
import io.footbridge.wire.Protocol;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What RFC 5382 asks of a NAT for TCP, requirement by requirement. */
class Rfc5382Test {
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
        TcpTalk first = TcpTalk.out(bed, client, 4000, server, 80).open();
        assertThat(first.shownAddress()).isEqualTo(NatBed.UPLINK4);
        assertThat(TcpTalk.out(bed, client, 4000, server, 443).open().shownPort()).isEqualTo(first.shownPort());
        assertThat(TcpTalk.out(bed, client, 4000, stranger, 80).open().shownPort()).isEqualTo(first.shownPort());
    }

    @Test
    void req2AConnectionFromInsideLivesAndEnds() {
        TcpTalk talk = TcpTalk.out(bed, client, 4000, server, 80).open();
        talk.openerSays("PA", "GET /");
        talk.listenerSays("A");
        talk.listenerSays("PA", "200 OK");
        talk.openerSays("A");
        assertThat(state()).isEqualTo("ESTABLISHED");
        talk.close();
        assertThat(state()).isEqualTo("TIME_WAIT");
    }

    @Test
    void req2OverIpv6Too() {
        TcpTalk talk = TcpTalk.out6(bed, client, 4000, server, 80).open();
        assertThat(talk.shownAddress()).isEqualTo(NatBed.UPLINK6);
        talk.openerSays("PA", "GET /");
        talk.listenerSays("PA", "200 OK");
        talk.close();
    }

    @Test
    void req2AConnectionFromOutsideLivesAndEnds() {
        bed.publish(Protocol.TCP, 8080, client, 80);
        TcpTalk talk = new TcpTalk(bed, server, 33_000, NatBed.UPLINK4, 8080, client, 80).open();
        assertThat(talk.shownAddress()).isEqualTo(server.ipv4);
        assertThat(talk.shownPort()).isEqualTo(33_000);
        talk.openerSays("PA", "GET /");
        talk.listenerSays("PA", "200 OK");
        talk.close();
    }

    @Test
    void req2AHalfClosedConnectionGoesOnInTheOtherDirection() {
        TcpTalk talk = TcpTalk.out(bed, client, 4000, server, 80).open();
        talk.openerSays("FA");
        talk.listenerSays("A");
        assertThat(state()).isEqualTo("FIN_WAIT");
        for (int i = 0; i < 5; i++) {
            bed.advance(Duration.ofSeconds(200));
            talk.listenerSays("PA", "more");
            talk.openerSays("A");
        }
        talk.listenerSays("FA");
        talk.openerSays("A");
    }

    @Test
    void req2aSimultaneousOpen() {
        String ours = client.tcp(4000, server.ipv4, 6000, "S");
        int port = bed.passes(client, ours, server).number("TCP.sport");
        String theirs = server.ip(NatBed.UPLINK4) + "/TCP(sport=6000,dport=%d,flags='S',seq=7000)".formatted(port);
        bed.passes(server, theirs, client).shows("TCP.flags", "S", "TCP.dport", 4000, "TCP.seq", 7000);
        bed.passes(client, client.ip(server.ipv4) + "/TCP(sport=4000,dport=6000,flags='SA',seq=1000,ack=7001)", server)
                .shows("TCP.flags", "SA", "TCP.sport", port);
        bed.passes(server, server.ip(NatBed.UPLINK4)
                + "/TCP(sport=6000,dport=%d,flags='SA',seq=7000,ack=1001)".formatted(port), client);
        bed.passes(client, client.ip(server.ipv4) + "/TCP(sport=4000,dport=6000,flags='A',seq=1001,ack=7001)", server);
        bed.passes(server, server.ip(NatBed.UPLINK4) + "/TCP(sport=6000,dport=%d,flags='A',seq=7001,ack=1001)".formatted(port),
                client);
        assertThat(state()).isEqualTo("ESTABLISHED");
        bed.advance(Duration.ofSeconds(7000));
        bed.passes(server, server.ip(NatBed.UPLINK4) + "/TCP(sport=6000,dport=%d,flags='A',seq=7001,ack=1001)".formatted(port),
                client);
    }

    @Test
    void req3ByDefaultOnlyWhoWasSentToMayAnswer() {
        TcpTalk talk = TcpTalk.out(bed, client, 4000, server, 80).open();
        bed.drops(DropReason.UNSOLICITED, () -> server.sends(server.tcp(81, NatBed.UPLINK4, talk.shownPort(), "S")));
        bed.drops(DropReason.UNSOLICITED, () -> stranger.sends(stranger.tcp(80, NatBed.UPLINK4, talk.shownPort(), "S")));
        client.receivesNothing();
    }

    @Test
    void req3EndpointIndependentFilteringCanBeChosen() {
        bed.filtering(Filtering.ENDPOINT);
        TcpTalk talk = TcpTalk.out(bed, client, 4000, server, 80).open();
        new TcpTalk(bed, stranger, 999, NatBed.UPLINK4, talk.shownPort(), client, 4000).open();
    }

    @Test
    void req3AddressDependentFilteringCanBeChosen() {
        bed.filtering(Filtering.ADDRESS);
        TcpTalk talk = TcpTalk.out(bed, client, 4000, server, 80).open();
        new TcpTalk(bed, server, 999, NatBed.UPLINK4, talk.shownPort(), client, 4000).open();
        bed.drops(DropReason.UNSOLICITED, () -> stranger.sends(stranger.tcp(80, NatBed.UPLINK4, talk.shownPort(), "S")));
    }

    @Test
    void req4AnUnsolicitedSynIsNeverAnswered() {
        bed.drops(DropReason.UNSOLICITED, () -> server.sends(server.tcp(6000, NatBed.UPLINK4, 4000, "S")));
        server.receivesNothing();
        for (int i = 0; i < 8; i++) {
            bed.advance(Duration.ofSeconds(1));
            server.receivesNothing();
        }
    }

    @Test
    void req4ASynFromInsideMeanwhileOpensTheConnection() {
        bed.drops(DropReason.UNSOLICITED, () -> server.sends(server.tcp(6000, NatBed.UPLINK4, 4000, "S")));
        bed.advance(Duration.ofSeconds(2));
        Dissection syn = bed.passes(client, client.tcp(4000, server.ipv4, 6000, "S"), server);
        syn.shows("TCP.sport", 4000);
        // The other end says again what was dropped.
        bed.passes(server, server.tcp(6000, NatBed.UPLINK4, 4000, "S"), client).shows("TCP.flags", "S");
        bed.advance(Duration.ofSeconds(7));
        server.receivesNothing();
    }

    @Test
    void req5AnEstablishedConnectionMayBeIdleForTwoHoursAndFourMinutes() {
        TcpTalk talk = TcpTalk.out(bed, client, 4000, server, 80).open();
        bed.advance(Duration.ofSeconds(7439));
        talk.listenerSays("PA", "still there?");
        bed.advance(Duration.ofSeconds(7439));
        talk.openerSays("A");
        bed.advance(Duration.ofSeconds(7441));
        bed.drops(DropReason.UNSOLICITED, () -> server.sends(talk.listenerSegment("A", "")));
    }

    @Test
    void req5AHalfOpenConnectionLastsFourMinutes() {
        TcpTalk talk = TcpTalk.out(bed, client, 4000, server, 80);
        talk.openerSays("S");
        bed.advance(Duration.ofSeconds(239));
        talk.listenerSays("SA");
        bed.advance(Duration.ofSeconds(239));
        talk.openerSays("A");
    }

    @Test
    void req5AHalfOpenConnectionEndsAfterFourMinutes() {
        TcpTalk talk = TcpTalk.out(bed, client, 4000, server, 80);
        talk.openerSays("S");
        bed.advance(Duration.ofSeconds(241));
        bed.drops(DropReason.UNSOLICITED, () -> server.sends(talk.listenerSegment("SA", "")));
    }

    @Test
    void req5AClosedConnectionLastsFourMinutes() {
        TcpTalk talk = TcpTalk.out(bed, client, 4000, server, 80).open().close();
        bed.advance(Duration.ofSeconds(239));
        talk.listenerSays("A");
        bed.advance(Duration.ofSeconds(241));
        bed.drops(DropReason.UNSOLICITED, () -> server.sends(talk.listenerSegment("A", "")));
    }

    @Test
    void req6FtpIsNotLookedInto() {
        TcpTalk talk = TcpTalk.out(bed, client, 4000, server, 21).open();
        talk.openerSays("PA", "PORT 10,0,2,10,15,161");
    }

    @Test
    void req7TwoHostsNeverShareAPort() {
        TcpTalk first = TcpTalk.out(bed, client, 4000, server, 80).open();
        TcpTalk second = TcpTalk.out(bed, neighbour, 4000, stranger, 80).open();
        assertThat(second.shownPort()).isNotEqualTo(first.shownPort()).isBetween(1024, 65_535);
        first.openerSays("PA", "mine");
        second.listenerSays("PA", "yours");
    }

    @Test
    void req8AContainerReachesAnotherByAPublishedPort() {
        bed.publish(Protocol.TCP, 8080, neighbour, 80);
        TcpTalk talk = new TcpTalk(bed, client, 4000, NatBed.UPLINK4, 8080, neighbour, 80).open();
        assertThat(talk.shownAddress()).isEqualTo(NatBed.UPLINK4);
        talk.openerSays("PA", "GET /");
        talk.listenerSays("PA", "200 OK");
        talk.close();
    }

    @Test
    void req8AContainerReachesItselfAndAnotherNetwork() {
        bed.publish(Protocol.TCP, 8080, client, 80);
        new TcpTalk(bed, client, 4000, NatBed.UPLINK4, 8080, client, 80).open().close();
        TcpTalk across = new TcpTalk(bed, bed.other, 4000, NatBed.UPLINK4, 8080, client, 80).open();
        assertThat(across.shownAddress()).isEqualTo(NatBed.UPLINK4);
    }

    @Test
    void req9DestinationUnreachableIsTranslated() {
        Dissection syn = bed.passes(client, client.tcp(4000, server.ipv4, 80, "S"), server);
        for (String quote : List.of(Quotes.of(syn), Quotes.shortOf(syn))) {
            bed.passes(bed.router, bed.router.ip(NatBed.UPLINK4) + "/ICMP(type=3,code=1)/" + quote, client)
                    .shows("ICMP.type", 3, "ICMP.code", 1, "IPerror.src", client.ipv4, "IPerror.dst", server.ipv4,
                            "TCPerror.sport", 4000, "TCPerror.dport", 80, "TCPerror.seq", 1000);
        }
    }

    @Test
    void req10AnErrorEndsNeitherMappingNorConnection() {
        TcpTalk talk = TcpTalk.out(bed, client, 4000, server, 80).open();
        Dissection segment = talk.openerSays("PA", "GET /");
        for (String error : List.of("type=3,code=0", "type=3,code=2", "type=3,code=3", "type=3,code=13", "type=11,code=0")) {
            bed.passes(bed.router, bed.router.ip(NatBed.UPLINK4) + "/ICMP(" + error + ")/" + Quotes.of(segment), client);
        }
        assertThat(state()).isEqualTo("ESTABLISHED");
        talk.listenerSays("PA", "200 OK");
        bed.advance(Duration.ofSeconds(7400));
        talk.openerSays("A");
    }

    /** The state of the only connection. */
    private static String state() {
        List<SessionView> flows = bed.engine.flows(Optional.empty());
        assertThat(flows).hasSize(1);
        return flows.getFirst().state().orElseThrow();
    }
}
