package io.footbridge.nat;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.wire.DropReason;
import io.footbridge.wire.Frame;
import io.footbridge.wire.Tcp;
import io.footbridge.wire.VirtioNetHeader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class TrackingTest {
    private static long parse(MemorySegment memory) {
        return Frame.parse(memory, 10, (int) memory.byteSize() - 10);
    }

    private static int admit(Packet packet) {
        MemorySegment memory = packet.build();
        return Tracking.admit(memory, 10, parse(memory));
    }

    private static boolean opens(Packet packet) {
        MemorySegment memory = packet.build();
        return Tracking.opens(memory, 10, parse(memory));
    }

    private static int verify(MemorySegment memory) {
        return Tracking.verify(memory, 0, 10, parse(memory));
    }

    private static Packet icmp(int type) {
        Packet packet = Packet.ipv4(1);
        packet.icmpType = type;
        return packet;
    }

    private static Packet icmpv6(int type) {
        Packet packet = Packet.ipv6(58);
        packet.icmpType = type;
        return packet;
    }

    @Test
    void impossibleFlagsAreRefused() {
        assertThat(admit(Packet.ipv4(6).flags(Tcp.SYN))).isZero();
        assertThat(admit(Packet.ipv6(6).flags(Tcp.FIN | Tcp.ACK))).isZero();
        assertThat(admit(Packet.ipv4(6).flags(Tcp.SYN | Tcp.FIN))).isEqualTo(DropReason.BAD_STATE.code());
        assertThat(admit(Packet.ipv6(6).flags(0))).isEqualTo(DropReason.BAD_STATE.code());
        assertThat(admit(Packet.ipv4(6).fragment(1480, false).payload(new byte[40]))).isZero();
    }

    @Test
    void icmpOfTheOtherVersionIsRefused() {
        assertThat(admit(icmp(8))).isZero();
        assertThat(admit(icmpv6(128))).isZero();
        assertThat(admit(Packet.ipv4(58))).isEqualTo(DropReason.BAD_HEADER.code());
        assertThat(admit(Packet.ipv6(1))).isEqualTo(DropReason.BAD_HEADER.code());
    }

    @Test
    void onlySynsAndQueriesOpenTcpAndIcmp() {
        assertThat(opens(Packet.ipv4(6).flags(Tcp.SYN))).isTrue();
        assertThat(opens(Packet.ipv4(6).flags(Tcp.SYN | Tcp.ECE | Tcp.CWR))).isTrue();
        for (int flags : new int[] {Tcp.SYN | Tcp.ACK, Tcp.ACK, Tcp.RST, Tcp.FIN | Tcp.ACK, Tcp.RST | Tcp.ACK}) {
            assertThat(opens(Packet.ipv4(6).flags(flags))).isFalse();
        }
        for (int type = 0; type < 256; type++) {
            assertThat(opens(icmp(type))).isEqualTo(type == 8 || type == 13 || type == 15 || type == 17);
            assertThat(opens(icmpv6(type))).isEqualTo(type == 128);
        }
    }

    @Test
    void anythingOfAnotherProtocolOpens() {
        for (int protocol : new int[] {17, 47, 50, 132, 136}) {
            assertThat(opens(Packet.ipv4(protocol))).isTrue();
            assertThat(opens(Packet.ipv6(protocol))).isTrue();
        }
        assertThat(opens(Packet.ipv4(47).fragment(1480, true))).isTrue();
    }

    @Test
    void aLaterFragmentOfTcpOrIcmpOpensNothing() {
        assertThat(opens(Packet.ipv4(6).fragment(1480, false).payload(new byte[0]))).isFalse();
        assertThat(opens(Packet.ipv4(1).fragment(1480, false).payload(new byte[] {8}))).isFalse();
        assertThat(opens(Packet.ipv6(58).fragment(1480, false).payload(new byte[] {(byte) 128}))).isFalse();
    }

    @Test
    void errorsAreToldFromQueries() {
        for (int type : new int[] {3, 4, 5, 11, 12}) {
            MemorySegment memory = icmp(type).build();
            assertThat(Tracking.isIcmpError(memory, 10, parse(memory))).isTrue();
        }
        for (Packet packet : new Packet[] {icmp(0), icmp(8), icmp(13), icmpv6(128), icmpv6(135), Packet.ipv4(6),
            Packet.ipv4(1).fragment(8, false).payload(new byte[] {3})}) {
            MemorySegment memory = packet.build();
            assertThat(Tracking.isIcmpError(memory, 10, parse(memory))).isFalse();
        }
        MemorySegment memory = icmpv6(2).build();
        assertThat(Tracking.isIcmpError(memory, 10, parse(memory))).isTrue();
    }

    @Test
    void badIpAndIcmpChecksumsAreRefusedAndTransportOnesAreNotLookedAt() {
        for (Packet packet : new Packet[] {Packet.ipv4(6), Packet.ipv6(17), icmp(8), icmp(3), icmpv6(128), icmpv6(1)}) {
            MemorySegment memory = packet.build();
            assertThat(verify(memory)).isZero();
            flip(memory, packet.transportOffset() + 9);
            boolean icmp = packet.protocol == 1 || packet.protocol == 58;
            assertThat(verify(memory)).isEqualTo(icmp ? DropReason.BAD_CHECKSUM.code() : 0);
            VirtioNetHeader.flags(memory, 0, VirtioNetHeader.DATA_VALID);
            assertThat(verify(memory)).isZero();
            flip(memory, packet.networkOffset() + 8);
            assertThat(verify(memory)).isEqualTo(packet.ipv6 ? 0 : DropReason.BAD_CHECKSUM.code());
        }
        MemorySegment fragment = icmp(8).fragment(0, true).build();
        flip(fragment, 40);
        assertThat(verify(fragment)).isZero();
    }

    private static void flip(MemorySegment memory, int at) {
        memory.set(ValueLayout.JAVA_BYTE, 10 + at, (byte) ~memory.get(ValueLayout.JAVA_BYTE, 10 + at));
    }

    @Test
    void aSessionWithoutHandshakeIsAssuredWhenItWasRepliedToAndIsOlderThanTwoSeconds() {
        long fresh = 7L << 32 | State.STATELESS;
        assertThat(Tracking.noted(fresh, false, 1000)).isEqualTo(fresh);
        assertThat(Tracking.noted(fresh, true, 20)).isEqualTo(fresh | State.REPLIED);
        assertThat(Tracking.noted(fresh | State.REPLIED, false, 20)).isEqualTo(fresh | State.REPLIED);
        assertThat(Tracking.noted(fresh | State.REPLIED, false, 21))
                .isEqualTo(fresh | State.REPLIED | State.ASSURED);
        assertThat(Tracking.noted(fresh, true, 21)).isEqualTo(fresh | State.REPLIED | State.ASSURED);
    }
}
