package io.footbridge.nat;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.wire.DropReason;
import io.footbridge.wire.Frame;
import io.footbridge.wire.Protocol;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Packets and ICMP errors looked up in a table and rewritten as their flows want. */
class TranslatedPacketTest {
    private static final String HOST = "0a000002";
    private static final String SERVER = "c6336401";
    private static final String OUTSIDE = "cb007101";
    private static final String ROUTER = "c0000263";

    private TestTable nat;
    private Rewriter rewriter;
    private IcmpErrors errors;
    private final Tuple tuple = new Tuple();

    @BeforeEach
    void open() throws IOException {
        nat = new TestTable(1024);
        rewriter = new Rewriter(nat.table);
        errors = new IcmpErrors(nat.table, TestTable.LANE);
    }

    @AfterEach
    void close() {
        nat.close();
    }

    private static long parse(MemorySegment memory) {
        return Frame.parse(memory, 10, (int) memory.byteSize() - 10);
    }

    private void translates(Packet from, int realm, Packet to) {
        MemorySegment memory = from.build();
        long parsed = parse(memory);
        tuple.read(memory, 10, parsed, realm);
        int flow = nat.find(tuple);
        assertThat(flow).isNotEqualTo(ConnectionTable.NONE);
        rewriter.rewrite(memory, 0, 10, parsed, flow);
        assertThat(Packet.content(memory)).isEqualTo(Packet.content(to.build()));
    }

    /** The error as it is after its flow's crossing; its flow's other realm is where it goes. */
    private MemorySegment crosses(MemorySegment memory, int realm, int target) {
        long parsed = parse(memory);
        int flow = errors.find(memory, 0, 10, parsed, realm, nat.now);
        assertThat(flow).isNotNegative();
        assertThat(nat.table.targetRealm(flow)).isEqualTo(target);
        errors.rewrite(memory, 10, parsed, flow);
        return memory;
    }

    private static Packet unreachable(Packet about, String from) {
        byte[] quote = about.packet();
        return Packet.ipv4(1).error(3, 3, Arrays.copyOf(quote, Math.min(quote.length, 68))).from(from, 0).to(about.source, 0);
    }

    private static Packet packet(int protocol, String source, int sourcePort, String destination, int destinationPort) {
        Packet packet = Packet.ipv4(protocol).from(source, sourcePort).to(destination, destinationPort);
        packet.icmpType = destinationPort == 8 ? 8 : 0;
        packet.sourcePort = protocol == 1 && destinationPort != 8 ? destinationPort : sourcePort;
        return packet;
    }

    @Test
    void packetsLeaveMasqueradedAndRepliesComeBack() {
        for (int protocol : new int[] {Protocol.TCP, Protocol.UDP, Protocol.ICMP}) {
            int port = protocol == Protocol.ICMP ? 8 : 80;
            int flow = nat.masquerade(protocol, TestTable.host(2), 40000, TestTable.SERVER, port);
            int outside = nat.outsidePort(flow);
            translates(packet(protocol, HOST, 40000, SERVER, port), TestTable.INSIDE_REALM,
                    packet(protocol, OUTSIDE, outside, SERVER, port));
            translates(packet(protocol, SERVER, port, OUTSIDE, outside), TestTable.OUTSIDE_REALM,
                    packet(protocol, SERVER, port, HOST, 40000));
        }
    }

    @Test
    void otherProtocolsAreTranslatedByAddress() {
        nat.masquerade(47, TestTable.host(2), 0, TestTable.SERVER, 0);
        translates(packet(47, HOST, 0, SERVER, 0), TestTable.INSIDE_REALM, packet(47, OUTSIDE, 0, SERVER, 0));
        translates(packet(47, SERVER, 0, OUTSIDE, 0), TestTable.OUTSIDE_REALM, packet(47, SERVER, 0, HOST, 0));
    }

    @Test
    void anErrorFromOutsideReachesTheHostWithItsOwnPacketQuoted() {
        for (int protocol : new int[] {Protocol.TCP, Protocol.UDP, Protocol.ICMP, 47}) {
            int port = protocol == Protocol.ICMP ? 8 : protocol == 47 ? 0 : 80;
            int source = protocol == 47 ? 0 : 40000;
            int flow = nat.masquerade(protocol, TestTable.host(2), source, TestTable.SERVER, port);
            int outside = nat.outsidePort(flow);
            MemorySegment error = unreachable(packet(protocol, OUTSIDE, outside, SERVER, port), ROUTER).build();
            crosses(error, TestTable.OUTSIDE_REALM, TestTable.INSIDE_REALM);
            assertThat(Packet.content(error))
                    .isEqualTo(Packet.content(unreachable(packet(protocol, HOST, source, SERVER, port), ROUTER).build()));
        }
    }

    @Test
    void anErrorFromInsideLeavesFromTheOutsideAddress() {
        nat.publish(Protocol.UDP, TestTable.SERVER, 5000, 8080, TestTable.host(2), 80);
        Packet reached = packet(17, SERVER, 5000, HOST, 80);
        for (String sender : new String[] {HOST, ROUTER}) {
            MemorySegment error = unreachable(reached, sender).build();
            crosses(error, TestTable.INSIDE_REALM, TestTable.OUTSIDE_REALM);
            assertThat(Packet.content(error)).isEqualTo(
                    Packet.content(unreachable(packet(17, SERVER, 5000, OUTSIDE, 8080), OUTSIDE).build()));
        }
    }

    @Test
    void anErrorBetweenTwoHostsBehindOneAddressCrossesTwice() {
        // Host 2 reaches host 3 by the published port; each half of the way has a session.
        int out = nat.masquerade(Protocol.UDP, TestTable.host(2), 40000, TestTable.OUTSIDE, 8080);
        int port = nat.outsidePort(out);
        nat.publish(Protocol.UDP, TestTable.OUTSIDE, port, 8080, TestTable.host(3), 80);
        MemorySegment error = unreachable(packet(17, OUTSIDE, port, "0a000003", 80), "0a000003").build();
        crosses(error, TestTable.INSIDE_REALM, TestTable.OUTSIDE_REALM);
        crosses(error, TestTable.OUTSIDE_REALM, TestTable.INSIDE_REALM);
        assertThat(Packet.content(error))
                .isEqualTo(Packet.content(unreachable(packet(17, HOST, 40000, OUTSIDE, 8080), OUTSIDE).build()));
    }

    @Test
    void anErrorAboutAPacketThatNobodySentIsRefused() {
        int flow = nat.udp(TestTable.host(2), 40000, TestTable.SERVER);
        int port = nat.outsidePort(flow);
        for (Packet about : new Packet[] {packet(17, OUTSIDE, port ^ 1, SERVER, 53), packet(17, OUTSIDE, port, SERVER, 54),
            packet(17, OUTSIDE, port, ROUTER, 53), packet(6, OUTSIDE, port, SERVER, 53)}) {
            MemorySegment error = unreachable(about, ROUTER).build();
            assertThat(errors.find(error, 0, 10, parse(error), TestTable.OUTSIDE_REALM, nat.now))
                    .isEqualTo(DropReason.BAD_QUOTE.code());
        }
        MemorySegment error = unreachable(packet(17, OUTSIDE, port, SERVER, 53), ROUTER).build();
        assertThat(errors.find(error, 0, 10, parse(error), TestTable.INSIDE_REALM, nat.now))
                .isEqualTo(DropReason.BAD_QUOTE.code());
    }

    @Test
    void anErrorNeitherKeepsASessionNorEndsIt() {
        int flow = nat.udp(TestTable.host(2), 40000, TestTable.SERVER);
        long state = nat.table.state(flow);
        nat.seconds(100);
        MemorySegment error = unreachable(packet(17, OUTSIDE, nat.outsidePort(flow), SERVER, 53), ROUTER).build();
        crosses(error, TestTable.OUTSIDE_REALM, TestTable.INSIDE_REALM);
        assertThat(nat.table.state(flow)).isEqualTo(state);
        nat.seconds(20);
        assertThat(nat.find(nat.replyOf(flow))).isNotEqualTo(ConnectionTable.NONE);
        nat.seconds(1);
        assertThat(nat.find(nat.replyOf(flow))).isEqualTo(ConnectionTable.NONE);
    }

    @Test
    void ipv6PacketsAndErrorsAreTranslatedToo() throws IOException {
        nat.table.enableIpv6();
        FlowRequest request = new FlowRequest();
        request.original().set(Translation.tuple(Packet.ipv6(17)));
        request.translated().set(Translation.tuple(Packet.ipv6(17).from(Packet.UPLINK6, 61000)));
        request.translated().realm(TestTable.OUTSIDE_REALM);
        request.set(nat.owner, null, null, true, 0);
        assertThat(nat.table.open(TestTable.LANE, request, nat.now)).isNotNegative();
        translates(Packet.ipv6(17), TestTable.INSIDE_REALM, Packet.ipv6(17).from(Packet.UPLINK6, 61000));
        Packet outside = Packet.ipv6(17).from(Packet.UPLINK6, 61000);
        MemorySegment error = Packet.ipv6(58).error(2, 0, outside.packet()).from(Packet.OUTSIDE6, 0)
                .to(Packet.UPLINK6, 0).build();
        crosses(error, TestTable.OUTSIDE_REALM, TestTable.INSIDE_REALM);
        assertThat(Packet.content(error)).isEqualTo(Packet.content(Packet.ipv6(58)
                .error(2, 0, Packet.ipv6(17).packet()).from(Packet.OUTSIDE6, 0).to(Packet.INSIDE6, 0).build()));
    }
}
