package io.footbridge.wire;

import static io.footbridge.wire.FrameBuilder.hex;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class EthernetTest {
    @Test
    void aHeaderIsWrittenByteForByte() {
        MemorySegment memory = MemorySegment.ofArray(new byte[14]);
        Ethernet.write(memory, 0, 0x0242_AC11_0002L, 0x0242_AC11_0003L, Ethernet.IPV6);
        assertThat(hex(memory)).isEqualTo("0242ac1100020242ac11000386dd");
        assertThat(Ethernet.describe(memory, 0)).isEqualTo("02:42:ac:11:00:03 > 02:42:ac:11:00:02, IPv6");
        assertThat(Ethernet.check(14)).isEqualTo(14);
        assertThat(Ethernet.check(13)).isEqualTo(DropReason.RUNT.code());
    }

    @Test
    void aTagIsPutInAndTakenOut() {
        MemorySegment memory = hex("00000000 0242ac110002 0242ac110003 0800 4500");
        assertThat(Vlan.insert(memory, 4, Ethernet.VLAN, 0xA00A)).isZero();
        assertThat(hex(memory)).isEqualTo("0242ac1100020242ac1100038100a00a08004500");
        assertThat(Vlan.check(18)).isEqualTo(4);
        assertThat(Vlan.check(17)).isEqualTo(DropReason.RUNT.code());
        assertThat(Vlan.id(memory, 0)).isEqualTo(10);
        assertThat(Vlan.priority(memory, 0)).isEqualTo(5);
        Vlan.id(memory, 0, 4094);
        assertThat(Vlan.tci(memory, 0)).isEqualTo(0xAFFE);
        assertThat(Vlan.describe(memory, 0)).isEqualTo("vlan 4094, priority 5");
        assertThat(Vlan.remove(memory, 0)).isEqualTo(4);
        assertThat(hex(memory.asSlice(4))).isEqualTo("0242ac1100020242ac11000308004500");
    }

    @Test
    void arpMessagesAreWrittenByteForByte() {
        MemorySegment memory = MemorySegment.ofArray(new byte[28]);
        assertThat(Arp.writeRequest(memory, 0, 0x0242_AC11_0002L, 0xAC11_0002, 0xAC11_0001)).isEqualTo(28);
        assertThat(hex(memory)).isEqualTo("00010800060400010242ac110002ac110002000000000000ac110001");
        assertThat(Arp.check(memory, 0, 28)).isEqualTo(28);
        assertThat(Arp.describe(memory, 0)).isEqualTo("who has 172.17.0.1? tell 172.17.0.2");
        Arp.writeReply(memory, 0, 0x0242_AC11_0001L, 0xAC11_0001, 0x0242_AC11_0002L, 0xAC11_0002);
        assertThat(hex(memory)).isEqualTo("00010800060400020242ac110001ac1100010242ac110002ac110002");
        assertThat(Arp.describe(memory, 0)).isEqualTo("172.17.0.1 is at 02:42:ac:11:00:01");
    }

    @Test
    void onlyArpForIpv4OverEthernetPasses() {
        String good = "00010800060400010242ac110002ac110002000000000000ac110001";
        assertThat(Arp.check(hex(good), 0, 27)).isEqualTo(DropReason.RUNT.code());
        for (int at = 0; at < 8; at++) {
            MemorySegment memory = hex(good);
            BigEndian.u8(memory, at, 0x7F);
            assertThat(Arp.check(memory, 0, 28)).as("byte %d", at).isEqualTo(DropReason.BAD_HEADER.code());
        }
    }

    @Test
    void dropReasonsComeBackFromTheirCodes() {
        for (DropReason reason : DropReason.values()) {
            assertThat(reason.code()).isNegative();
            assertThat(DropReason.ofCode(reason.code())).isSameAs(reason);
        }
        assertThat(DropReason.values()).extracting(DropReason::label).doesNotHaveDuplicates()
                .allMatch(label -> label.matches("[a-z-]+")).hasSize(DropReason.count());
    }
}
