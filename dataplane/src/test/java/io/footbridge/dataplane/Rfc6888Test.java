package io.footbridge.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.nat.Filtering;
import io.footbridge.nat.NatSettings;
import io.footbridge.wire.DropReason;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What RFC 6888 asks of a NAT that many share, as far as it applies to containers on one host. The table is small here. */
class Rfc6888Test {
    private static final int CAPACITY = 1024;

    private static NatBed bed;
    private NatHost client;
    private NatHost neighbour;
    private NatHost server;

    @BeforeAll
    static void start() {
        bed = new NatBed(new NatSettings(CAPACITY, NatSettings.DEFAULT.timeouts()));
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
    void req2AHostKeepsOneAddressOfAPool() {
        bed.pool("198.51.100.20", "198.51.100.21");
        Set<String> addresses = new HashSet<>();
        for (int port = 1; port < 9; port++) {
            addresses.add(bed.passes(client, client.tcp(port, server.ipv4, port, "S"), server).text("IP.src"));
            addresses.add(bed.passes(client, client.udp(port, server.ipv4, port), server).text("IP.src"));
        }
        assertThat(addresses).hasSize(1);
    }

    @Test
    void req4OutsidePortsOfAHostAreLimited() {
        client.port().settings(NatBed.containerSettings(client, 0, 2));
        bed.passes(client, client.udp(1, server.ipv4, 5), server);
        bed.passes(client, client.udp(2, server.ipv4, 5), server);
        bed.drops(DropReason.PORT_LIMIT, () -> client.sends(client.udp(3, server.ipv4, 5)));
        client.receives();
        bed.passes(neighbour, neighbour.udp(3, server.ipv4, 5), server);
    }

    @Test
    void req5OneHostTakesAtMostAQuarterOfTheTable() {
        fill(client, "S", 400);
        assertThat(server.receivesAll()).hasSize(CAPACITY / 4);
        assertThat(bed.flows()).isEqualTo(CAPACITY / 4);
        client.receivesAll();
        bed.passes(neighbour, neighbour.udp(3, server.ipv4, 5), server);
    }

    @Test
    void req7FilteringMayBeEndpointIndependent() {
        bed.filtering(Filtering.ENDPOINT);
        int port = bed.passes(client, client.udp(4000, server.ipv4, 5), server).number("UDP.sport");
        bed.passes(bed.stranger, bed.stranger.udp(1, NatBed.UPLINK4, port), client);
    }

    @Test
    void req11WhatIsEstablishedIsNeverRemovedToMakeRoom() {
        // No limits of their own: whoever comes takes what there is.
        for (NatHost host : List.of(client, neighbour, bed.other)) {
            host.port().settings(NatBed.containerSettings(host, 2 * CAPACITY, 0));
        }
        TcpTalk talk = TcpTalk.out(bed, neighbour, 4000, server, 80).open();
        Dissection asked = bed.passes(neighbour, neighbour.udp(4000, server.ipv4, 53), server);
        bed.passes(server, server.answerTo(asked), neighbour);
        bed.advance(Duration.ofSeconds(3));
        bed.passes(server, server.answerTo(asked), neighbour);
        Map<DropReason, Long> before = bed.drops();
        fill(client, "S", 3 * CAPACITY);
        server.receivesAll();
        client.receivesAll();
        assertThat(bed.flows()).isLessThanOrEqualTo(CAPACITY);
        assertThat(bed.engine.flowStatistics().evicted()).isPositive();
        assertThat(bed.drops().getOrDefault(DropReason.CONNTRACK_FULL, 0L) - before.getOrDefault(DropReason.CONNTRACK_FULL, 0L))
                .isLessThan(CAPACITY);
        talk.listenerSays("PA", "still here");
        bed.passes(server, server.answerTo(asked), neighbour);
    }

    @Test
    void req11AFullTableOfProtectedFlowsRefusesNewcomers() {
        client.port().settings(NatBed.containerSettings(client, 2 * CAPACITY, 0));
        // Whose neighbour the gateway is; then flows that are established from end to end.
        bed.passes(server, server.answerTo(bed.passes(client, client.udp(1, server.ipv4, 5), server)), client);
        bed.engine.flushFlows(Optional.empty());
        bed.advance(Duration.ofSeconds(1));
        for (int first = 1; first <= CAPACITY; first += 64) {
            establish(first, 64);
        }
        long full = bed.flows();
        assertThat(full).isBetween(CAPACITY * 9L / 10, (long) CAPACITY);
        assertThat(bed.engine.flows(Optional.empty())).filteredOn(flow -> !flow.assured()).isEmpty();
        bed.drops(DropReason.CONNTRACK_FULL, () -> neighbour.sends(neighbour.udp(3, server.ipv4, 5)));
        neighbour.receives().shows("ICMP.type", 3, "ICMP.code", 13);
        assertThat(bed.flows()).isEqualTo(full);
    }

    @Test
    void req15PortsThatAreChosenAreNotGuessable() {
        Set<Integer> chosen = new HashSet<>();
        for (int port = 7000; port < 7016; port++) {
            bed.passes(client, client.udp(port, server.ipv4, 5), server);
            chosen.add(bed.passes(neighbour, neighbour.udp(port, server.ipv4, 5), server).number("UDP.sport") / 4096);
        }
        assertThat(chosen).hasSizeGreaterThan(5);
    }

    private void establish(int firstPort, int count) {
        String range = "for p in range(%d,%d)]".formatted(firstPort, firstPort + count);
        client.sends("[" + client.tcp(4000, server.ipv4, 9999, "S").replace("9999", "p") + " " + range);
        List<Dissection> syns = server.receivesAll();
        client.receivesAll();
        server.sends("[" + server.ip(NatBed.UPLINK4) + "/TCP(sport=p,dport=" + syns.getFirst().text("TCP.sport")
                + ",flags='SA',seq=5000,ack=1001) " + range);
        client.sends("[" + client.ip(server.ipv4) + "/TCP(sport=4000,dport=p,flags='A',seq=1001,ack=5001) " + range);
        server.receivesAll();
        client.receivesAll();
    }

    private static void fill(NatHost host, String flags, int count) {
        for (int first = 1; first <= count; first += 64) {
            host.sends("[%s for p in range(%d,%d)]".formatted(host.tcp(5000, bed.server.ipv4, 9999, flags).replace("9999", "p"),
                    first, Math.min(first + 64, count + 1)));
        }
    }
}
