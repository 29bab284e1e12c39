package io.footbridge.wire;

import static io.footbridge.wire.FrameBuilder.hex;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class Ipv6Test {
    private static final String ADDRESSES =
            "fe80 0000 0000 0000 0042 acff fe11 0002 ff02 0000 0000 0000 0000 0000 0000 0001";

    @Test
    void fieldsOfAKnownHeader() {
        MemorySegment memory = hex("6abc def0 0000 3aff " + ADDRESSES);
        assertThat(Ipv6.check(memory, 0, 40)).isEqualTo(40);
        assertThat(Ipv6.trafficClass(memory, 0)).isEqualTo(0xAB);
        assertThat(Ipv6.flowLabel(memory, 0)).isEqualTo(0xC_DEF0);
        assertThat(Ipv6.nextHeader(memory, 0)).isEqualTo(Protocol.ICMPV6);
        assertThat(Ipv6.hopLimit(memory, 0)).isEqualTo(255);
        assertThat(Ipv6.describe(memory, 0))
                .isEqualTo("fe80::42:acff:fe11:2 > ff02::1, next header 58, hop limit 255, payload 0");
        assertThat(Ipv6.isLinkLocal(Ipv6.sourceHigh(memory, 0))).isTrue();
        assertThat(Ipv6.isMulticast(Ipv6.destinationHigh(memory, 0))).isTrue();
    }

    @Test
    void aHeaderMustHoldTogether() {
        MemorySegment memory = hex("6000 0000 0001 3aff " + ADDRESSES + "00");
        assertThat(Ipv6.check(memory, 0, 41)).isEqualTo(40);
        assertThat(Ipv6.check(memory, 0, 40)).isEqualTo(DropReason.BAD_HEADER.code());
        assertThat(Ipv6.check(memory, 0, 39)).isEqualTo(DropReason.RUNT.code());
        BigEndian.u8(memory, 0, 0x40);
        assertThat(Ipv6.check(memory, 0, 41)).isEqualTo(DropReason.BAD_HEADER.code());
    }

    @Test
    void extensionHeadersAreWalked() {
        String hopByHop = "2b00 0502 0000 0000";
        String routing = "3c02 0000 0000 0000".replace(" ", "") + "00".repeat(16);
        String destination = "3300 0104 0000 0000";
        String authentication = "0604 0000 0000 0001 0000 0002 0000 0003 0000 0004 0000 0005";
        long walk = walk(Protocol.HOP_BY_HOP, hopByHop + routing + destination + authentication + "abcd");
        assertThat(Ipv6.walkedProtocol(walk)).isEqualTo(Protocol.TCP);
        assertThat(Ipv6.walkedTransport(walk)).isEqualTo(40 + 8 + 24 + 8 + 24);
        assertThat(Ipv6.walkedFragment(walk)).isEqualTo(Fragment.WHOLE);
    }

    @Test
    void aLaterFragmentEndsTheWalk() {
        long walk = walk(Protocol.FRAGMENT, "0000 0009 0000 0001 ffff");
        assertThat(Ipv6.walkedFragment(walk)).isEqualTo(Fragment.LATER);
        assertThat(Ipv6.walkedProtocol(walk)).isEqualTo(Protocol.HOP_BY_HOP);
        assertThat(Ipv6.walkedTransport(walk)).isEqualTo(48);
    }

    @Test
    void anAtomicFragmentIsWholeAndAFirstOneStaysFirst() {
        assertThat(Ipv6.walkedFragment(walk(Protocol.FRAGMENT, "1100 0000 0000 0001"))).isEqualTo(Fragment.WHOLE);
        long twice = walk(Protocol.FRAGMENT, "2c00 0001 0000 0001 1100 0000 0000 0002");
        assertThat(Ipv6.walkedFragment(twice)).isEqualTo(Fragment.FIRST);
        assertThat(Ipv6.walkedProtocol(twice)).isEqualTo(Protocol.UDP);
    }

    @Test
    void headersThatAreNotThereAreARunt() {
        assertThat(walk(Protocol.HOP_BY_HOP, "0600 0000 0000 00")).isEqualTo(DropReason.RUNT.code());
        assertThat(walk(Protocol.HOP_BY_HOP, "0601 0000 0000 0000")).isEqualTo(DropReason.RUNT.code());
    }

    @Test
    void moreThanEightExtensionHeadersAreRefused() {
        String options = "3c00 0104 0000 0000";
        String last = "0600 0104 0000 0000";
        assertThat(Ipv6.walkedProtocol(walk(Protocol.DESTINATION_OPTIONS, options.repeat(7) + last)))
                .isEqualTo(Protocol.TCP);
        assertThat(walk(Protocol.DESTINATION_OPTIONS, options.repeat(8) + last))
                .isEqualTo(DropReason.BAD_HEADER.code());
    }

    @Test
    void theFragmentHeaderThatCountsIsFoundAndRead() {
        MemorySegment memory = packet(Protocol.DESTINATION_OPTIONS,
                "2c00 0104 0000 0000" + "2c00 0000 0000 0001" + "1100 05a9 89ab cdef" + "0000 0000");
        int at = Ipv6.fragmentHeader(memory, 0);
        assertThat(at).isEqualTo(56);
        assertThat(Ipv6.fragmentOffset(memory, at)).isEqualTo(0x05A8);
        assertThat(Ipv6.moreFragments(memory, at)).isTrue();
        assertThat(Ipv6.identification(memory, at)).isEqualTo(0x89AB_CDEF);
        assertThat(Ipv6.fragmentHeader(packet(Protocol.FRAGMENT, "1100 0000 0000 0001 0000 0000"), 0)).isEqualTo(-1);
        assertThat(Ipv6.fragmentHeader(packet(Protocol.FRAGMENT, "1100 0001 0000"), 0)).isEqualTo(-1);
        assertThat(Ipv6.fragmentHeader(packet(Protocol.UDP, "1100 0001 0000 0001"), 0)).isEqualTo(-1);
    }

    private static MemorySegment packet(int next, String payload) {
        MemorySegment memory = hex("6000 0000 0000 0040 " + ADDRESSES + payload);
        Ipv6.nextHeader(memory, 0, next);
        Ipv6.payloadLength(memory, 0, (int) memory.byteSize() - 40);
        return memory;
    }

    private static long walk(int next, String payload) {
        MemorySegment memory = packet(next, payload);
        return Ipv6.walk(memory, 0, (int) memory.byteSize());
    }

    @Test
    void solicitedNodeGroups() {
        assertThat(Ipv6Address.format(Ipv6.LINK_MULTICAST_HIGH, Ipv6.solicitedNodeLow(0x1122_3344_5566_7788L)))
                .isEqualTo("ff02::1:ff66:7788");
        assertThat(Ipv6.isSolicitedNode(Ipv6.LINK_MULTICAST_HIGH, 0x1_FF66_7788L)).isTrue();
        assertThat(Ipv6.isSolicitedNode(Ipv6.LINK_MULTICAST_HIGH, Ipv6.ALL_NODES_LOW)).isFalse();
    }
}
