package io.footbridge.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.nat.Filtering;
import io.footbridge.nat.SessionView;
import io.footbridge.wire.DropReason;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What RFC 7857 changes in the requirements before it, by its sections. */
class Rfc7857Test {
    private static NatBed bed;
    private NatHost client;
    private NatHost neighbour;
    private NatHost server;

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
    }

    @Test
    void section2TheStatesOfFigure1() {
        TcpTalk talk = TcpTalk.out(bed, client, 4000, server, 80);
        talk.openerSays("S");
        assertThat(state()).isEqualTo("SYN_SENT");
        talk.listenerSays("SA");
        assertThat(state()).isEqualTo("SYN_RECV");
        talk.openerSays("A");
        assertThat(state()).isEqualTo("ESTABLISHED");
        talk.listenerSays("FA");
        assertThat(state()).isEqualTo("CLOSE_WAIT");
        talk.openerSays("A");
        talk.openerSays("FA");
        assertThat(state()).isEqualTo("TIME_WAIT");
    }

    @Test
    void section2FinsFromBothAtOnce() {
        TcpTalk talk = TcpTalk.out(bed, client, 4000, server, 80).open();
        talk.openerSays("FA");
        talk.listenerSays("FA");
        talk.openerSays("A");
        talk.listenerSays("A");
        assertThat(state()).isEqualTo("TIME_WAIT");
    }

    @Test
    void section2ASynReopensAClosedConnectionWithItsPort() {
        TcpTalk talk = TcpTalk.out(bed, client, 4000, server, 80).open().close();
        TcpTalk again = TcpTalk.out(bed, client, 4000, server, 80).open();
        assertThat(again.shownPort()).isEqualTo(talk.shownPort());
        assertThat(state()).isEqualTo("ESTABLISHED");
        bed.advance(Duration.ofSeconds(7000));
        again.listenerSays("PA", "still there");
    }

    @Test
    void section21HalfOpenAndClosedConnectionsEndAfterFourMinutes() {
        TcpTalk.out(bed, client, 4000, server, 80).openerSays("S");
        TcpTalk.out(bed, client, 4001, server, 80).open().close();
        bed.advance(Duration.ofSeconds(239));
        assertThat(bed.flows()).isEqualTo(2);
        bed.advance(Duration.ofSeconds(2));
        assertThat(bed.flows()).isZero();
    }

    @Test
    void section22AResetIsTranslatedAndTheStateKeptForFourMinutes() {
        TcpTalk talk = TcpTalk.out(bed, client, 4000, server, 80).open();
        bed.passes(server, talk.listenerSegment("R", ""), client).shows("TCP.flags", "R", "TCP.dport", 4000);
        assertThat(state()).isEqualTo("CLOSE");
        bed.advance(Duration.ofSeconds(239));
        talk.openerSays("A");
        bed.advance(Duration.ofSeconds(241));
        bed.drops(DropReason.UNSOLICITED, () -> server.sends(talk.listenerSegment("A", "")));
        assertThat(bed.flows()).isZero();
    }

    @Test
    void section22AResetFromInsideToo() {
        TcpTalk talk = TcpTalk.out(bed, client, 4000, server, 80).open();
        talk.openerSays("RA");
        assertThat(state()).isEqualTo("CLOSE");
        bed.advance(Duration.ofSeconds(239));
        talk.listenerSays("A");
    }

    @Test
    void section3PortsAreSharedOnlyUnderPressure() {
        Set<Integer> ports = new HashSet<>();
        for (NatHost host : List.of(client, neighbour, bed.other)) {
            ports.add(bed.passes(host, host.udp(4000, server.ipv4, 5000), server).number("UDP.sport"));
        }
        assertThat(ports).hasSize(3);
        assertThat(bed.engine.flowStatistics().reusedPorts()).isZero();
    }

    @Test
    void section4AHostKeepsOneAddressForAllProtocols() {
        bed.pool("198.51.100.20", "198.51.100.21", "198.51.100.22", "198.51.100.23");
        String address = bed.passes(client, client.udp(4000, server.ipv4, 5000), server).text("IP.src");
        TcpTalk talk = TcpTalk.out(bed, client, 4000, server, 80);
        talk.openerSays("S");
        assertThat(talk.shownAddress()).isEqualTo(address);
        bed.passes(client, client.echo(9, server.ipv4), server).shows("IP.src", address);
    }

    @Test
    void section5MappingsOfEachProtocolAreTheirOwn() {
        bed.passes(client, client.udp(4000, server.ipv4, 5000), server).shows("UDP.sport", 4000);
        Dissection syn = bed.passes(neighbour, neighbour.tcp(4000, server.ipv4, 5000, "S"), server);
        syn.shows("TCP.sport", 4000);
        bed.drops(DropReason.UNSOLICITED, () -> server.sends(server.tcp(5000, NatBed.UPLINK4, 4001, "SA")));
        bed.passes(server, server.udp(5000, NatBed.UPLINK4, 4000), client);
        bed.passes(server, server.answerTo(syn), neighbour);
    }

    @Test
    void section6FilteringIsOfEachProtocol() {
        bed.filtering(Filtering.ENDPOINT);
        Dissection seen = bed.passes(client, client.udp(4000, server.ipv4, 5000), server);
        bed.passes(bed.stranger, bed.stranger.udp(9, NatBed.UPLINK4, seen.number("UDP.sport")), client);
        bed.drops(DropReason.UNSOLICITED, () -> server.sends(server.tcp(5000, NatBed.UPLINK4, seen.number("UDP.sport"), "S")));
        client.receivesNothing();
    }

    @Test
    void section7WhatIsDroppedRefreshesNothing() {
        Dissection seen = bed.passes(client, client.udp(4000, server.ipv4, 5000), server);
        for (int i = 0; i < 11; i++) {
            bed.advance(Duration.ofSeconds(11));
            bed.drops(DropReason.UNSOLICITED,
                    () -> bed.stranger.sends(bed.stranger.udp(9, NatBed.UPLINK4, seen.number("UDP.sport"))));
        }
        assertThat(bed.flows()).isZero();
    }

    @Test
    void section71ErrorsAndResetsOfTheInsideRefreshNothing() {
        Dissection seen = bed.passes(client, client.udp(4000, server.ipv4, 5000), server);
        Dissection answer = bed.passes(server, server.answerTo(seen), client);
        for (int i = 0; i < 2; i++) {
            bed.advance(Duration.ofSeconds(149));
            bed.passes(client, client.ip(server.ipv4) + "/ICMP(type=3,code=3)/" + Quotes.of(answer), server);
        }
        bed.advance(Duration.ofSeconds(5));
        bed.drops(DropReason.UNSOLICITED, () -> server.answers(seen));
    }

    @Test
    void section8ParityIsNotKeptByForce() {
        bed.passes(client, client.udp(4000, server.ipv4, 5000), server).shows("UDP.sport", 4000);
        Set<Integer> parities = new HashSet<>();
        for (int port = 7000; port < 7020; port += 2) {
            bed.passes(client, client.udp(port, server.ipv4, 5000), server);
            parities.add(bed.passes(neighbour, neighbour.udp(port, server.ipv4, 5000), server).number("UDP.sport") & 1);
        }
        assertThat(parities).containsExactlyInAnyOrder(0, 1);
    }

    @Test
    void section9PortsThatAreChosenAreRandom() {
        Set<Integer> distances = new HashSet<>();
        int last = 0;
        for (int port = 7000; port < 7010; port++) {
            bed.passes(client, client.udp(port, server.ipv4, 5000), server);
            int chosen = bed.passes(neighbour, neighbour.udp(port, server.ipv4, 5000), server).number("UDP.sport");
            distances.add(Math.abs(chosen - last));
            last = chosen;
        }
        assertThat(distances).hasSizeGreaterThan(8).noneMatch(distance -> distance <= 1);
    }

    @Test
    void section10FragmentsOfTwoHostsDoNotMeetUnderOneIdentification() {
        Set<String> identifications = new HashSet<>();
        for (NatHost host : List.of(client, neighbour)) {
            host.sends("fragment(%s/UDP(sport=4000,dport=5000)/(b'x'*3000),1480)".formatted(host.ip(server.ipv4, "id=7")));
            List<Dissection> pieces = server.receivesAll();
            assertThat(pieces).hasSize(3);
            assertThat(pieces).extracting(piece -> piece.text("IP.id")).containsOnly(pieces.getFirst().text("IP.id"));
            identifications.add(pieces.getFirst().text("IP.id"));
        }
        assertThat(identifications).hasSize(2);
    }

    @Test
    void section11AnIcmpMappingEndsWithItsLastSession() {
        bed.passes(client, client.echo(9, server.ipv4), server);
        bed.advance(Duration.ofSeconds(61));
        // Somebody else asks with the same identifier, and may have it.
        bed.passes(neighbour, neighbour.echo(9, server.ipv4), server).shows("ICMP.id", 9);
    }

    @Test
    void section12TheUplinksAddressAnswersPingsFromInside() {
        bed.passes(client, client.echo(9, NatBed.UPLINK4), client).shows("ICMP.type", 0, "ICMP.id", 9, "IP.src", NatBed.UPLINK4);
    }

    /** The state of the only connection. */
    private static String state() {
        List<SessionView> flows = bed.engine.flows(Optional.empty());
        assertThat(flows).hasSize(1);
        return flows.getFirst().state().orElseThrow();
    }
}
