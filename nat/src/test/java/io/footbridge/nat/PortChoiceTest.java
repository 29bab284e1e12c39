package io.footbridge.nat;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.wire.DropReason;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Protocol;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PortChoiceTest {
    private static final int SERVER = TestTable.SERVER;
    private static final int HOST = TestTable.host(2);

    private TestTable bed;

    @BeforeEach
    void make() throws IOException {
        bed = new TestTable(16_384);
    }

    @AfterEach
    void close() {
        bed.close();
    }

    @Test
    void aFreePortIsKept() {
        assertThat(bed.outsidePort(bed.udp(HOST, 40_000, SERVER))).isEqualTo(40_000);
        assertThat(bed.outsidePort(bed.tcp(HOST, 22, SERVER))).isEqualTo(22);
        assertThat(bed.outsidePort(bed.masquerade(Protocol.ICMP, HOST, 0, SERVER, 8))).isZero();
    }

    @Test
    void aTakenPortIsReplacedByOneOfItsClass() {
        Set<Integer> upper = new HashSet<>();
        Set<Integer> lower = new HashSet<>();
        for (int i = 0; i < 200; i++) {
            upper.add(bed.outsidePort(bed.udp(HOST + i, 40_000, SERVER)));
            lower.add(bed.outsidePort(bed.udp(HOST + i, 500, SERVER)));
        }
        assertThat(upper).hasSize(200).allMatch(port -> port >= 1024 && port <= 65_535);
        assertThat(lower).hasSize(200).allMatch(port -> port >= 1 && port <= 1023);
        // At random, not one after the other: few have a neighbour.
        assertThat(upper.stream().filter(port -> upper.contains(port + 1)).count()).isLessThan(20);
    }

    @Test
    void identifiersHaveOneClass() {
        Set<Integer> identifiers = new HashSet<>();
        for (int i = 0; i < 500; i++) {
            identifiers.add(bed.outsidePort(bed.masquerade(Protocol.ICMP, HOST + i, 7, SERVER, 8)));
        }
        assertThat(identifiers).hasSize(500).anyMatch(id -> id > 1023);
    }

    @Test
    void port0IsKeptByNobody() {
        assertThat(bed.outsidePort(bed.udp(HOST, 0, SERVER))).isBetween(1, 1023);
    }

    @Test
    void aReservedPortIsGivenToNobodyButStaysWithWhoHasIt() {
        bed.udp(HOST, 8080, SERVER);
        bed.outside.reserve(Protocol.UDP, 8080, 8081);
        assertThat(bed.outsidePort(bed.udp(HOST, 8080, SERVER + 1))).isEqualTo(8080);
        assertThat(bed.outsidePort(bed.udp(HOST, 8081, SERVER))).isNotEqualTo(8081);
        assertThat(bed.outsidePort(bed.tcp(HOST, 8081, SERVER))).isEqualTo(8081);
        bed.seconds(121);
        bed.settleDown();
        assertThat(bed.outsidePort(bed.udp(HOST, 8080, SERVER))).isNotEqualTo(8080);
        bed.outside.release(Protocol.UDP, 8080, 8081);
        assertThat(bed.outsidePort(bed.udp(HOST + 1, 8080, SERVER))).isEqualTo(8080);
    }

    @Test
    void aPortIsNobodyElsesUntilWorkersHavePassedButItsOwnersAtOnce() {
        bed.table.remove(TestTable.LANE, bed.udp(HOST, 40_000, SERVER));
        bed.table.sweep(1, 0);
        assertThat(bed.outsidePort(bed.udp(HOST + 1, 40_000, SERVER))).isNotEqualTo(40_000);
        assertThat(bed.outsidePort(bed.udp(HOST, 40_000, SERVER))).isEqualTo(40_000);
        bed.settleDown();
        assertThat(bed.outside.taken(Protocol.UDP)).isEqualTo(2);
    }

    @Test
    void oneHostStaysBehindOneAddress() throws IOException {
        pool(4);
        Set<Long> all = new HashSet<>();
        for (int host = 0; host < 64; host++) {
            Set<Long> addresses = new HashSet<>();
            for (int port = 2000; port < 2020; port++) {
                addresses.add(bed.translated(bed.udp(HOST + host, port, SERVER)).sourceLow());
            }
            assertThat(addresses).hasSize(1);
            all.addAll(addresses);
        }
        assertThat(all).hasSize(4);
    }

    @Test
    void anotherAddressServesWhereThePreferredOneIsExhausted() throws IOException {
        pool(2);
        int preferred = bed.pool[0].low() == bed.translated(bed.udp(HOST, 1, SERVER)).sourceLow() ? 0 : 1;
        bed.pool[preferred].reserve(Protocol.UDP, 1, 65_535);
        Tuple translated = bed.translated(bed.udp(HOST, 40_000, SERVER));
        assertThat(translated.sourceLow()).isEqualTo(bed.pool[1 - preferred].low());
        assertThat(translated.sourcePort()).isEqualTo(40_000);
        assertThat(bed.table.statistics().reusedPorts()).isZero();
    }

    @Test
    void anOwnerHasNoMorePortsThanItMay() {
        Owner owner = bed.table.newOwner(100, 3);
        for (int i = 0; i < 3; i++) {
            assertThat(bed.masquerade(owner, Protocol.UDP, HOST, 5000 + i, SERVER, 53)).isNotNegative();
        }
        assertThat(bed.masquerade(owner, Protocol.UDP, HOST, 6000, SERVER, 53)).isEqualTo(DropReason.PORT_LIMIT.code());
        assertThat(owner.flows()).isEqualTo(3);
        // A port that it has may serve another destination.
        assertThat(bed.masquerade(owner, Protocol.UDP, HOST, 5000, SERVER + 1, 53)).isNotNegative();
        owner.limits(0, 0);
        assertThat(bed.masquerade(owner, Protocol.UDP, HOST, 6000, SERVER, 53)).isNotNegative();
    }

    /** All talk to one destination, so none can share: each has to find one of the ports that are left. */
    @Test
    void aFreePortIsFoundWhileATenthOfThemIsLeft() throws IOException {
        try (TestTable crowded = new TestTable(1 << 17)) {
            crowded.owner.limits(1 << 17, OutsideAddress.PORTS);
            int nineTenths = (OutsideAddress.PORTS - 1024) * 9 / 10;
            int refused = 0;
            for (int i = 0; i < nineTenths; i++) {
                refused += crowded.udp(HOST + i, 40_000, SERVER) < 0 ? 1 : 0;
            }
            assertThat(refused).isZero();
            assertThat(crowded.outside.taken(Protocol.UDP)).isEqualTo(nineTenths);
        }
    }

    /** Only one port is left: others share it, each for a destination of its own. */
    @Test
    void underPressureAPortServesAnotherDestination() {
        bed.outside.reserve(Protocol.UDP, 1, 65_535);
        bed.outside.release(Protocol.UDP, 1, 1);
        // Sharing tries ports at random: in this class there are 1,023, and one is open.
        int shared = 0;
        int refused = 0;
        for (int i = 0; i < 2000; i++) {
            int flow = bed.udp(HOST + i, 500, SERVER + i);
            if (flow >= 0) {
                assertThat(bed.outsidePort(flow)).isEqualTo(1);
                assertThat(bed.find(bed.replyOf(flow))).isEqualTo(ConnectionTable.reverse(flow));
                shared++;
            } else {
                assertThat(flow).isEqualTo(DropReason.NO_FREE_PORT.code());
                refused++;
            }
        }
        assertThat(shared).isGreaterThan(10);
        assertThat(refused).isPositive();
        assertThat(bed.table.statistics().reusedPorts()).isEqualTo(shared - 1);
        bed.seconds(121);
        bed.settleDown();
        assertThat(bed.outside.taken(Protocol.UDP)).isZero();
        assertThat(bed.owner.hasAny()).isFalse();
        assertThat(bed.table.indexed()).isZero();
    }

    @Test
    void aPortIsNeverSharedForOneDestination() {
        exhaustLowerClass();
        int refused = 0;
        Set<Integer> ports = new HashSet<>();
        for (int i = 0; i < 50; i++) {
            int flow = bed.udp(HOST + 5000 + i, 500, SERVER);
            refused += flow == DropReason.NO_FREE_PORT.code() ? 1 : 0;
            if (flow >= 0) {
                assertThat(ports.add(bed.outsidePort(flow))).isTrue();
            }
        }
        // All sessions there are went to this destination.
        assertThat(refused).isEqualTo(50);
        int elsewhere = bed.udp(HOST + 5000, 500, SERVER + 1);
        assertThat(elsewhere).isNotNegative();
        assertThat(bed.table.statistics().reusedPorts()).isEqualTo(1);
    }

    @Test
    void aSharingEndKeepsItsPortForFurtherDestinationsAndTakesAnotherWhereThatIsUsed() {
        exhaustLowerClass();
        int flow = bed.udp(HOST + 5000, 500, SERVER + 1);
        int port = bed.outsidePort(flow);
        assertThat(bed.outsidePort(bed.udp(HOST + 5000, 500, SERVER + 2))).isEqualTo(port);
        Tuple first = new Tuple();
        bed.table.inside(bed.outside, Protocol.UDP, port, first);
        int firstHost = (int) first.destinationLow();
        assertThat(firstHost).isNotEqualTo(HOST + 5000);
        // Whose port it was: that destination is taken now, another port serves.
        int moved = bed.masquerade(Protocol.UDP, firstHost, first.destinationPort(), SERVER + 1, 53);
        assertThat(moved).isNotNegative();
        assertThat(bed.outsidePort(moved)).isNotEqualTo(port);
        bed.seconds(121);
        bed.settleDown();
        assertThat(bed.outside.taken(Protocol.UDP)).isZero();
        assertThat(bed.table.mappings()).isZero();
        assertThat(bed.owner.hasAny()).isFalse();
    }

    /** Every port of the lower class has a mapping, each with a session to the one server. */
    private void exhaustLowerClass() {
        for (int port = 1; port < 1024; port++) {
            assertThat(bed.outsidePort(bed.udp(HOST, port, SERVER))).isEqualTo(port);
        }
    }

    @Test
    void protocolsWithoutPortsTakeAnAddressEach() throws IOException {
        pool(2);
        int first = bed.masquerade(47, HOST, 0, SERVER, 0);
        int second = bed.masquerade(47, HOST + 1, 0, SERVER, 0);
        assertThat(bed.translated(first).sourceLow()).isNotEqualTo(bed.translated(second).sourceLow());
        assertThat(bed.masquerade(47, HOST + 2, 0, SERVER, 0)).isEqualTo(DropReason.NO_FREE_PORT.code());
        assertThat(bed.masquerade(47, HOST + 2, 0, SERVER + 1, 0)).isNotNegative();
        assertThat(bed.masquerade(47, HOST, 0, SERVER, 0)).isEqualTo(first);
        assertThat(bed.table.mappings()).isZero();
        assertThat(bed.find(bed.replyOf(second))).isEqualTo(ConnectionTable.reverse(second));
    }

    @Test
    void anAddressThatWasSentToIsKnownWhileASessionLasts() throws IOException {
        bed.table.enableAddressFiltering();
        int flow = bed.udp(HOST, 40_000, SERVER);
        int other = bed.masquerade(Protocol.UDP, HOST, 40_000, SERVER, 54);
        assertThat(hasSentTo(SERVER)).isTrue();
        assertThat(hasSentTo(SERVER + 1)).isFalse();
        assertThat(bed.table.hasSentTo(bed.outside, Protocol.TCP, 40_000, 0, Tuple.mapped(SERVER), 0)).isFalse();
        bed.table.remove(TestTable.LANE, flow);
        assertThat(hasSentTo(SERVER)).isTrue();
        bed.table.remove(TestTable.LANE, other);
        assertThat(hasSentTo(SERVER)).isFalse();
        bed.settleDown();
        assertThat(bed.table.indexed()).isZero();
    }

    private boolean hasSentTo(int address) {
        return bed.table.hasSentTo(bed.outside, Protocol.UDP, 40_000, 0, Tuple.mapped(address), bed.now);
    }

    private void pool(int addresses) throws IOException {
        bed.pool = new OutsideAddress[addresses];
        for (int i = 0; i < addresses; i++) {
            bed.pool[i] = bed.table.newOutside(new Ipv4Address(TestTable.OUTSIDE + i), TestTable.OUTSIDE_REALM);
        }
    }
}
