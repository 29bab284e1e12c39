package io.footbridge.wire;

import static io.footbridge.wire.FrameBuilder.hex;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class IcmpTest {
    @Test
    void anEchoRequestBecomesItsReply() {
        MemorySegment memory = hex("0800 f7fd 0001 0001");
        assertThat(Icmp.verify(memory, 0, 8)).isTrue();
        assertThat(Icmp.describe(memory, 0)).isEqualTo("ICMP echo request, id 1, seq 1");
        Icmp.toEchoReply(memory, 0);
        assertThat(hex(memory)).isEqualTo("0000fffd00010001");
        assertThat(Icmp.verify(memory, 0, 8)).isTrue();
    }

    @Test
    void anEchoRequestOfIpv6BecomesItsReply() {
        FrameBuilder builder = FrameBuilder.ipv6(58);
        MemorySegment memory = builder.build();
        long message = 10 + builder.transportOffset();
        int length = 8 + builder.payload;
        assertThat(Icmpv6.verify(memory, 24, message, length)).isTrue();
        assertThat(Icmpv6.describe(memory, message)).isEqualTo("ICMPv6 echo request, id 7, seq 1");
        Icmpv6.toEchoReply(memory, message);
        assertThat(Icmpv6.type(memory, message)).isEqualTo(Icmpv6.ECHO_REPLY);
        assertThat(Icmpv6.verify(memory, 24, message, length)).isTrue();
    }

    @Test
    void anErrorQuotesTheWholeOfAShortPacket() {
        MemorySegment packet = FrameBuilder.ipv4(17).payload(100).padding(20).build();
        MemorySegment memory = MemorySegment.ofArray(new byte[28 + 128]);
        int length = Icmp.writeError(memory, 0, 0x0A00_00FE, 0x0A00_0001, Icmp.UNREACHABLE, Icmp.PORT_UNREACHABLE, 0,
                packet, 24);
        assertThat(length).isEqualTo(156);
        assertThat(FrameBuilder.bytes(memory, 28, 128)).isEqualTo(FrameBuilder.bytes(packet, 24, 128));
        assertError(memory, length, Icmp.UNREACHABLE, Icmp.PORT_UNREACHABLE);
        assertThat(Ipv4.source(memory, 0)).isEqualTo(0x0A00_00FE);
        assertThat(Ipv4.destination(memory, 0)).isEqualTo(0x0A00_0001);
    }

    @Test
    void anErrorIsNoLongerThan576Bytes() {
        MemorySegment packet = FrameBuilder.ipv4(6).payload(60_000).build();
        MemorySegment memory = MemorySegment.ofArray(new byte[576]);
        int length = Icmp.writeError(memory, 0, 1, 2, Icmp.UNREACHABLE, Icmp.FRAGMENTATION_NEEDED, 1400, packet, 24);
        assertThat(length).isEqualTo(576);
        assertError(memory, length, Icmp.UNREACHABLE, Icmp.FRAGMENTATION_NEEDED);
        assertThat(Icmp.nextHopMtu(memory, 20)).isEqualTo(1400);
        assertThat(Ipv4.checkQuoted(memory, 28, 576 - 28)).isEqualTo(20);
    }

    private static void assertError(MemorySegment memory, int length, int type, int code) {
        assertThat(Ipv4.check(memory, 0, length)).isEqualTo(20);
        assertThat(Ipv4.verify(memory, 0)).isTrue();
        assertThat(Ipv4.totalLength(memory, 0)).isEqualTo(length);
        assertThat(Ipv4.protocol(memory, 0)).isEqualTo(Protocol.ICMP);
        assertThat(Icmp.verify(memory, 20, length - 20)).isTrue();
        assertThat(Icmp.type(memory, 20)).isEqualTo(type);
        assertThat(Icmp.code(memory, 20)).isEqualTo(code);
    }

    @Test
    void anErrorOfIpv6IsNoLongerThan1280Bytes() {
        for (int payload : new int[] {0, 1184, 1185, 60_000}) {
            MemorySegment packet = FrameBuilder.ipv6(17).payload(payload).build();
            MemorySegment memory = MemorySegment.ofArray(new byte[1280]);
            int length = Icmpv6.writeError(memory, 0, 1, 2, 3, 4, Icmpv6.PACKET_TOO_BIG, 0, 1400, packet, 24);
            assertThat(length).isEqualTo(Math.min(1280, 96 + payload));
            assertThat(Ipv6.check(memory, 0, length)).isEqualTo(40);
            assertThat(Ipv6.payloadLength(memory, 0)).isEqualTo(length - 40);
            assertThat(Icmpv6.verify(memory, 0, 40, length - 40)).isTrue();
            assertThat(Icmpv6.rest(memory, 40)).isEqualTo(1400);
            assertThat(FrameBuilder.bytes(memory, 48, length - 48))
                    .isEqualTo(FrameBuilder.bytes(packet, 24, length - 48));
        }
    }

    @Test
    void errorsAreNotAnsweredWhereTheyMustNotBe() {
        MemorySegment memory = FrameBuilder.ipv4(17).build();
        assertThat(Icmp.mayAnswer(memory, 24)).isTrue();
        for (int source : new int[] {0, 0x7F00_0001, 0xE000_0001, -1}) {
            Ipv4.source(memory, 24, source);
            assertThat(Icmp.mayAnswer(memory, 24)).isFalse();
        }
        Ipv4.source(memory, 24, 0x0A00_0001);
        Ipv4.destination(memory, 24, -1);
        assertThat(Icmp.mayAnswer(memory, 24)).isFalse();
        Ipv4.destination(memory, 24, 0x0A00_0002);
        Ipv4.flagsAndFragmentOffset(memory, 24, 7);
        assertThat(Icmp.mayAnswer(memory, 24)).isFalse();
        MemorySegment message = FrameBuilder.ipv4(1).build();
        assertThat(Icmp.mayAnswer(message, 24)).isTrue();
        Icmp.type(message, 44, Icmp.TIME_EXCEEDED);
        assertThat(Icmp.mayAnswer(message, 24)).isFalse();
    }

    @Test
    void errorsOfIpv6AreNotAnsweredWhereTheyMustNotBe() {
        MemorySegment memory = FrameBuilder.ipv6(17).build();
        assertThat(Icmpv6.mayAnswer(memory, 24, Icmpv6.UNREACHABLE)).isTrue();
        Ipv6.destination(memory, 24, Ipv6.LINK_MULTICAST_HIGH, 1);
        assertThat(Icmpv6.mayAnswer(memory, 24, Icmpv6.UNREACHABLE)).isFalse();
        assertThat(Icmpv6.mayAnswer(memory, 24, Icmpv6.PACKET_TOO_BIG)).isTrue();
        Ipv6.source(memory, 24, 0, 0);
        assertThat(Icmpv6.mayAnswer(memory, 24, Icmpv6.PACKET_TOO_BIG)).isFalse();
        MemorySegment message = FrameBuilder.ipv6(58).build();
        assertThat(Icmpv6.mayAnswer(message, 24, Icmpv6.UNREACHABLE)).isTrue();
        Icmpv6.type(message, 64, Icmpv6.TIME_EXCEEDED);
        assertThat(Icmpv6.mayAnswer(message, 24, Icmpv6.UNREACHABLE)).isFalse();
        Icmpv6.type(message, 64, Icmpv6.REDIRECT);
        assertThat(Icmpv6.mayAnswer(message, 24, Icmpv6.UNREACHABLE)).isFalse();
    }

    @Test
    void shortMessagesAreRunts() {
        assertThat(Icmp.check(7)).isEqualTo(DropReason.RUNT.code());
        assertThat(Icmpv6.check(8)).isEqualTo(8);
    }
}
