package io.footbridge.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.nat.SessionView;
import io.footbridge.wire.DropReason;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv4Prefix;
import io.footbridge.wire.Protocol;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Behaviours that the tests of VPP's NAT44-ED cover, as far as they apply and no requirement of an RFC names them. */
class VppNat44EdTest {
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
    void dynamicTcpUdpAndIcmp() {
        for (String expression : List.of(client.udp(4000, server.ipv4, 5000), client.tcp(4000, server.ipv4, 80, "S"),
                client.echo(4000, server.ipv4))) {
            Dissection seen = bed.passes(client, expression, server);
            seen.shows("IP.src", NatBed.UPLINK4);
            bed.passes(server, server.answerTo(seen), client).shows("IP.src", server.ipv4, "IP.dst", client.ipv4);
        }
        assertThat(bed.flows()).isEqualTo(3);
    }

    @Test
    void icmpEchoReplyTrailer() {
        Dissection echo = bed.passes(client, client.echo(7, server.ipv4), server);
        String padded = server.ip(NatBed.UPLINK4) + "/ICMP(type=0,id=%s)/b'hi'/Padding(b'%s')".formatted(
                echo.text("ICMP.id"), "\\xff".repeat(16));
        bed.passes(server, padded, client).shows("ICMP.type", 0, "ICMP.id", 7, "Raw.load", "6869");
    }

    @Test
    void fragmentsOfAPublishedPort() {
        bed.publish(Protocol.UDP, 8053, client, 53);
        for (boolean reversed : List.of(false, true)) {
            List<MemorySegment> pieces = bed.scapy.frames("fragment(%s/UDP(sport=%d,dport=8053)/(b'x'*3000),1480)".formatted(
                    server.ip(NatBed.UPLINK4, reversed ? "id=3" : "id=4"), reversed ? 3 : 4));
            server.sends(reversed ? pieces.reversed() : pieces);
            assertThat(client.receivesAll()).hasSize(3).allSatisfy(
                    piece -> piece.shows("IP.src", server.ipv4, "IP.dst", client.ipv4));
            client.sends("fragment(%s/UDP(sport=53,dport=%d)/(b'y'*3000),1480)".formatted(
                    client.ip(server.ipv4, reversed ? "id=5" : "id=6"), reversed ? 3 : 4));
            List<Dissection> answers = server.receivesAll();
            assertThat(answers).hasSize(3).allSatisfy(piece -> piece.shows("IP.src", NatBed.UPLINK4));
            answers.getFirst().shows("UDP.sport", 8053);
        }
    }

    @Test
    void fragmentsThatAreNotTranslated() {
        bed.route(_ -> unmasqueraded());
        for (boolean reversed : List.of(false, true)) {
            List<MemorySegment> pieces = bed.scapy.frames("fragment(%s/UDP(sport=4000,dport=5000)/(b'x'*3000),1480)"
                    .formatted(client.ip(server.ipv4, reversed ? "id=3" : "id=4")));
            client.sends(reversed ? pieces.reversed() : pieces);
            assertThat(server.receivesAll()).hasSize(3).allSatisfy(piece -> piece.shows("IP.src", client.ipv4));
        }
    }

    @Test
    void fragmentsThatAreHairpinned() {
        bed.publish(Protocol.UDP, 8053, neighbour, 53);
        for (boolean reversed : List.of(false, true)) {
            List<MemorySegment> pieces = bed.scapy.frames("fragment(%s/UDP(sport=4000,dport=8053)/(b'x'*3000),1480)"
                    .formatted(client.ip(NatBed.UPLINK4, reversed ? "id=3" : "id=4")));
            client.sends(reversed ? pieces.reversed() : pieces);
            assertThat(neighbour.receivesAll()).hasSize(3).allSatisfy(piece -> piece.shows("IP.src", NatBed.UPLINK4));
        }
    }

    @Test
    void forwardingWithoutTranslation() {
        bed.route(_ -> unmasqueraded());
        Dissection seen = bed.passes(client, client.udp(4000, server.ipv4, 5000), server);
        seen.shows("IP.src", client.ipv4, "UDP.sport", 4000, "IP.ttl", 63);
        bed.passes(server, server.answerTo(seen), client).shows("IP.dst", client.ipv4, "UDP.dport", 4000);
        // What nobody asked for still does not come in.
        bed.drops(DropReason.UNSOLICITED, () -> stranger.sends(stranger.udp(1, client.ipv4, 2)));
    }

    @Test
    void outputFeatureService() {
        bed.publish(Protocol.TCP, 8080, client, 80);
        TcpTalk in = new TcpTalk(bed, server, 33_000, NatBed.UPLINK4, 8080, client, 80).open();
        TcpTalk out = TcpTalk.out(bed, client, 80, stranger, 443).open();
        assertThat(in.shownAddress()).isEqualTo(server.ipv4);
        assertThat(out.shownAddress()).isEqualTo(NatBed.UPLINK4);
        in.listenerSays("PA", "one");
        out.listenerSays("PA", "other");
    }

    @Test
    void selfTwiceNat() {
        bed.publish(Protocol.TCP, 8080, client, 80);
        TcpTalk talk = new TcpTalk(bed, client, 4000, NatBed.UPLINK4, 8080, client, 80).open();
        assertThat(talk.shownAddress()).isEqualTo(NatBed.UPLINK4);
        talk.listenerSays("PA", "hello, me");
    }

    @Test
    void staticWithPortOut2() {
        bed.publish(Protocol.TCP, 8080, client, 80);
        TcpTalk first = new TcpTalk(bed, server, 33_000, NatBed.UPLINK4, 8080, client, 80).open();
        first.close();
        bed.advance(Duration.ofSeconds(300));
        new TcpTalk(bed, server, 33_000, NatBed.UPLINK4, 8080, client, 80).open();
        new TcpTalk(bed, stranger, 33_000, NatBed.UPLINK4, 8080, client, 80).open();
    }

    @Test
    void oneToOneAddress() {
        Ipv4Address outside = Ipv4Address.parse("198.51.100.40");
        bed.uplink.assign(outside, client.port(), Ipv4Address.parse(client.ipv4));
        try {
            bed.passes(client, client.udp(4000, server.ipv4, 5000), server).shows("IP.src", "198.51.100.40", "UDP.sport", 4000);
            bed.passes(stranger, stranger.tcp(5, "198.51.100.40", 22, "S"), client).shows("IP.src", stranger.ipv4, "TCP.dport", 22);
            bed.passes(stranger, stranger.ip("198.51.100.40", "proto=47") + "/Raw(b'\\x00\\x00\\x08\\x00hello')", client);
        } finally {
            bed.uplink.withdraw(outside);
        }
    }

    @Test
    void multipleVrf() throws Exception {
        // The same addresses once more, in a network of their own.
        NatHost twin = bed.addNetwork("twin", Ipv4Prefix.parse("10.0.2.1/24"), client.ipv4, client.ipv6);
        try {
            Dissection ours = bed.passes(client, client.udp(4000, server.ipv4, 5000), server);
            Dissection theirs = bed.passes(twin, twin.udp(4000, server.ipv4, 5000), server);
            assertThat(theirs.text("UDP.sport")).isNotEqualTo(ours.text("UDP.sport"));
            bed.passes(server, server.answerTo(theirs), twin);
            bed.passes(server, server.answerTo(ours), client);
        } finally {
            bed.removeNetwork(twin);
        }
    }

    @Test
    void outsideAddressDistribution() {
        bed.pool("198.51.100.20", "198.51.100.21", "198.51.100.22", "198.51.100.23");
        for (NatHost host : List.of(client, neighbour, bed.other)) {
            Set<String> addresses = new HashSet<>();
            for (int port = 4000; port < 4008; port++) {
                addresses.add(bed.passes(host, host.udp(port, server.ipv4, port), server).text("IP.src"));
            }
            assertThat(addresses).hasSize(1);
        }
    }

    @Test
    void dynamicEdgePorts() {
        for (int port : List.of(1, 1023, 1024, 65_535)) {
            Dissection seen = bed.passes(client, client.udp(port, server.ipv4, 5000), server);
            seen.shows("UDP.sport", port);
            bed.passes(server, server.answerTo(seen), client).shows("UDP.dport", port);
        }
    }

    @Test
    void dynamicPortsExhausted() {
        client.port().settings(NatBed.containerSettings(client, 0, 3));
        for (int port = 4000; port < 4003; port++) {
            bed.passes(client, client.udp(port, server.ipv4, 5000), server);
        }
        bed.drops(DropReason.PORT_LIMIT, () -> client.sends(client.udp(4003, server.ipv4, 5000)));
        client.receives().shows("ICMP.type", 3, "ICMP.code", 13);
        bed.passes(client, client.udp(4000, stranger.ipv4, 5000), stranger);
        bed.passes(neighbour, neighbour.udp(4003, server.ipv4, 5000), server);
    }

    @Test
    void sessionRstTimeout() {
        TcpTalk talk = TcpTalk.out(bed, client, 4000, server, 80);
        talk.openerSays("S");
        talk.listenerSays("RA");
        bed.advance(Duration.ofSeconds(241));
        bed.drops(DropReason.UNSOLICITED, () -> server.sends(talk.listenerSegment("SA", "")));
    }

    @Test
    void tcpSessionCloseOut() {
        TcpTalk talk = TcpTalk.out(bed, client, 4000, server, 80).open();
        talk.listenerSays("FA");
        talk.openerSays("A");
        talk.openerSays("FA");
        talk.listenerSays("A");
        assertThat(state()).isEqualTo("TIME_WAIT");
        bed.advance(Duration.ofSeconds(241));
        bed.drops(DropReason.UNSOLICITED, () -> server.sends(talk.listenerSegment("A", "")));
    }

    @Test
    void tcpSessionHalfReopenInside() {
        TcpTalk.out(bed, client, 4000, server, 80).open().close();
        bed.passes(client, client.tcp(4000, server.ipv4, 80, "S"), server);
        assertThat(state()).isEqualTo("SYN_SENT");
        bed.advance(Duration.ofSeconds(241));
        bed.drops(DropReason.UNSOLICITED, () -> server.sends(server.tcp(80, NatBed.UPLINK4, 4000, "SA")));
    }

    @Test
    void tcpSessionHalfReopenOutside() {
        TcpTalk.out(bed, client, 4000, server, 80).open().close();
        // Whether it passes or not, a SYN of the other end alone makes nothing that lasts.
        server.sends(server.tcp(80, NatBed.UPLINK4, 4000, "S"));
        client.receivesAll();
        assertThat(state()).isNotEqualTo("ESTABLISHED");
        bed.advance(Duration.ofSeconds(241));
        bed.drops(DropReason.UNSOLICITED, () -> server.sends(server.tcp(80, NatBed.UPLINK4, 4000, "A")));
    }

    @Test
    void tcpSessionOpenRetransmit() {
        TcpTalk talk = TcpTalk.out(bed, client, 4000, server, 80);
        String syn = talk.openerSegment("S", "");
        bed.passes(client, syn, server);
        talk.openerSays("S");
        String synAck = talk.listenerSegment("SA", "");
        talk.listenerSays("SA");
        bed.passes(server, synAck, client);
        assertThat(state()).isEqualTo("SYN_RECV");
        talk.openerSays("A");
        bed.passes(server, synAck, client);
        assertThat(state()).isEqualTo("ESTABLISHED");
        bed.advance(Duration.ofSeconds(7000));
        talk.listenerSays("PA", "still there");
    }

    @Test
    void unknownProto() {
        for (int protocol : List.of(47, 50, 132)) {
            String packet = "/Raw(b'\\x00\\x00\\x08\\x00hello')";
            bed.passes(client, client.ip(server.ipv4, "proto=" + protocol) + packet, server)
                    .shows("IP.src", NatBed.UPLINK4, "IP.proto", protocol);
            bed.passes(server, server.ip(NatBed.UPLINK4, "proto=" + protocol) + packet, client).shows("IP.dst", client.ipv4);
            bed.drops(DropReason.UNSOLICITED, () -> stranger.sends(stranger.ip(NatBed.UPLINK4, "proto=" + protocol) + packet));
        }
    }

    @Test
    void unknownProtoOfTwoContainersToOneServer() {
        String packet = "/Raw(b'\\x00\\x00\\x08\\x00hello')";
        bed.passes(client, client.ip(server.ipv4, "proto=47") + packet, server);
        // There are no ports that could tell their answers apart: the second must not take the first one's.
        bed.drops(DropReason.NO_FREE_PORT, () -> neighbour.sends(neighbour.ip(server.ipv4, "proto=47") + packet));
        bed.passes(server, server.ip(NatBed.UPLINK4, "proto=47") + packet, client);
        bed.passes(neighbour, neighbour.ip(stranger.ipv4, "proto=47") + packet, stranger);
    }

    @Test
    void deleteInterfaceEndsItsFlows() throws Exception {
        NatHost guest = bed.addNetwork("guests", Ipv4Prefix.parse("10.0.9.1/24"), "10.0.9.10", "fd00:0:0:9::a");
        bed.publish(Protocol.UDP, 8053, guest, 53);
        Dissection seen = bed.passes(guest, guest.udp(4000, server.ipv4, 5000), server);
        assertThat(bed.flows()).isOne();
        bed.uplink.published().forEach(bed.uplink::unpublish);
        bed.removeNetwork(guest);
        assertThat(bed.flows()).isZero();
        bed.drops(DropReason.UNSOLICITED, () -> server.answers(seen));
        server.receives().shows("ICMP.type", 3, "ICMP.code", 3);
        bed.passes(client, client.udp(4000, server.ipv4, 5000), server);
    }

    private static RouteSettings unmasqueraded() {
        RouteSettings usual = RouteSettings.by(bed.uplink);
        return new RouteSettings(usual.uplink(), false, List.of(), usual.filtering(), usual.mss(), false);
    }

    private static String state() {
        List<SessionView> flows = bed.engine.flows(Optional.empty());
        assertThat(flows).hasSize(1);
        return flows.getFirst().state().orElseThrow();
    }
}
