package io.footbridge.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.nat.NatSettings;
import io.footbridge.nat.Timeouts;
import io.footbridge.wire.DropReason;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The table is as the engine's settings say, where these are other than the defaults; each time-out is its own. */
class EngineNatSettingsTest {
    private static final int OPENING = 20;
    private static final int ESTABLISHED = 9000;
    private static final int CLOSING = 40;
    private static final int UDP = 400;
    private static final int UDP_UNREPLIED = 30;
    private static final int QUERY = 90;
    private static final int OTHER = 50;

    private static NatBed bed;
    private NatHost client;
    private NatHost server;

    @BeforeAll
    static void start() {
        bed = new NatBed(new NatSettings(2048, new Timeouts(OPENING, ESTABLISHED, CLOSING, UDP, UDP_UNREPLIED, QUERY, OTHER)));
    }

    @AfterAll
    static void stop() {
        bed.close();
    }

    @BeforeEach
    void begin() {
        bed.reset();
        client = bed.client;
        server = bed.server;
    }

    /** The only flow is there until so many seconds have gone by, and not after. */
    private static void assertLasts(int seconds) {
        bed.advance(Duration.ofSeconds(seconds - 1));
        assertThat(bed.flows()).isOne();
        bed.advance(Duration.ofSeconds(2));
        assertThat(bed.flows()).isZero();
    }

    @Test
    void udpMappingsLastAsLongAsIsSet() {
        Dissection seen = bed.passes(client, client.udp(4000, server.ipv4, 5000), server);
        assertLasts(UDP_UNREPLIED);
        bed.drops(DropReason.UNSOLICITED, () -> server.answers(seen));
        server.receives().shows("ICMP.type", 3, "ICMP.code", 3);
        Dissection again = bed.passes(client, client.udp(4000, server.ipv4, 5000), server);
        bed.passes(server, server.answerTo(again), client);
        assertLasts(UDP);
    }

    @Test
    void halfOpenConnectionsLastAsLongAsIsSet() {
        TcpTalk.out(bed, client, 4000, server, 80).openerSays("S");
        assertLasts(OPENING);
    }

    @Test
    void establishedConnectionsLastAsLongAsIsSetAndSoDoHalfClosedOnes() {
        TcpTalk talk = TcpTalk.out(bed, client, 4000, server, 80).open();
        bed.advance(Duration.ofSeconds(ESTABLISHED - 1));
        talk.openerSays("FA");
        assertLasts(ESTABLISHED);
    }

    @Test
    void closedAndResetConnectionsLastAsLongAsIsSet() {
        TcpTalk.out(bed, client, 4000, server, 80).open().close();
        assertLasts(CLOSING);
        TcpTalk.out(bed, client, 4001, server, 80).open().openerSays("R");
        assertLasts(CLOSING);
    }

    @Test
    void queriesLastAsLongAsIsSet() {
        bed.passes(client, client.echo(7, server.ipv4), server);
        assertLasts(QUERY);
        bed.passes(client, client.echo(7, server.ipv6), server);
        assertLasts(QUERY);
    }

    @Test
    void otherProtocolsLastAsLongAsIsSet() {
        bed.passes(client, client.ip(server.ipv4, "proto=47") + "/Raw(b'\\x00\\x00\\x08\\x00hello')", server);
        assertLasts(OTHER);
    }

    @Test
    void capacityIsThatOfEachFamily() {
        assertThat(bed.engine.flowStatistics().capacity()).isEqualTo(2048);
    }
}
