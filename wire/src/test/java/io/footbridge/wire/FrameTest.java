package io.footbridge.wire;

import static io.footbridge.wire.FrameBuilder.hex;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class FrameTest {
    @Test
    void everyLayerIsFound() {
        for (FrameBuilder builder : new FrameBuilder[] {FrameBuilder.ipv4(6), FrameBuilder.ipv4(17).tagged(0x8100),
            FrameBuilder.ipv4(1).ipOptions("94040000").padding(9), FrameBuilder.ipv6(58),
            FrameBuilder.ipv6(6).tagged(0x88A8).tagged(0x8100), FrameBuilder.ipv6(132).padding(5)}) {
            MemorySegment memory = builder.build();
            long parsed = Frame.parse(memory, 10, builder.frameLength());
            assertThat(Frame.etherType(parsed)).isEqualTo(builder.ipv6 ? Ethernet.IPV6 : Ethernet.IPV4);
            assertThat(Frame.tags(parsed)).isEqualTo(builder.tags.size());
            assertThat(Frame.networkOffset(parsed)).isEqualTo(builder.linkLength());
            assertThat(Frame.transportOffset(parsed)).isEqualTo(builder.transportOffset());
            assertThat(Frame.protocol(parsed)).isEqualTo(builder.protocol);
            assertThat(Frame.fragment(parsed)).isEqualTo(Fragment.WHOLE);
            assertThat(Frame.packetEnd(parsed)).isEqualTo(builder.frameLength() - builder.padding);
            assertThat(Frame.transportLength(parsed)).isEqualTo(builder.transportHeader() + builder.payload);
        }
    }

    @Test
    void theLinkAloneIsReadWhateverIsInside() {
        MemorySegment memory = hex("ffffffffffff 020000000001 88a8 0064 8100 0065 9999 0102");
        long link = Frame.parseLink(memory, 0, 24);
        assertThat(Frame.tags(link)).isEqualTo(2);
        assertThat(Frame.etherType(link)).isEqualTo(0x9999);
        assertThat(Frame.packetLength(link)).isEqualTo(2);
        assertThat(Frame.transportOffset(link)).isZero();
        assertThat(Frame.parse(memory, 0, 24)).isEqualTo(link);
    }

    @Test
    void aThirdTagIsTheEtherType() {
        MemorySegment memory = hex("ffffffffffff 020000000001 8100 0001 8100 0002 8100 0003 0800");
        assertThat(Frame.etherType(Frame.parse(memory, 0, 26))).isEqualTo(Ethernet.VLAN);
    }

    @Test
    void shortAndLongFramesAreDropped() {
        MemorySegment memory = hex("ffffffffffff 020000000001 8100 0001 8100 0002");
        for (int length : new int[] {-1, 0, 13, 14, 17, 20}) {
            assertThat(Frame.parseLink(memory, 0, length)).isEqualTo(DropReason.RUNT.code());
        }
        assertThat(Frame.parseLink(memory, 0, Frame.MAX_LENGTH + 1)).isEqualTo(DropReason.OVERSIZE.code());
    }

    @Test
    void theLargestFrameKeepsItsLength() {
        FrameBuilder builder = FrameBuilder.ipv6(6).tagged(0x88A8).tagged(0x8100).payload(65_515);
        MemorySegment memory = builder.build();
        assertThat(builder.frameLength()).isEqualTo(Frame.MAX_LENGTH);
        long parsed = Frame.parse(memory, 10, builder.frameLength());
        assertThat(Frame.packetLength(parsed)).isEqualTo(65_575);
        assertThat(Frame.packetEnd(parsed)).isEqualTo(Frame.MAX_LENGTH);
    }

    @Test
    void onlyAWholePacketOfIpv4ThatIsNotToBeFragmentedIsAtomic() {
        for (FrameBuilder builder : new FrameBuilder[] {FrameBuilder.ipv4(6), FrameBuilder.ipv4(17).tagged(0x8100),
            FrameBuilder.ipv4(1).ipOptions("94040000")}) {
            MemorySegment memory = builder.build();
            int packet = 10 + builder.linkLength();
            for (int flags : new int[] {0, Ipv4.DONT_FRAGMENT, Ipv4.DONT_FRAGMENT | Ipv4.MORE_FRAGMENTS, Ipv4.DONT_FRAGMENT | 1}) {
                Ipv4.flagsAndFragmentOffset(memory, packet, flags);
                long parsed = Frame.parse(memory, 10, builder.frameLength());
                assertThat(Frame.isAtomic(parsed)).as("%x", flags).isEqualTo(flags == Ipv4.DONT_FRAGMENT);
            }
        }
        FrameBuilder ipv6 = FrameBuilder.ipv6(6);
        assertThat(Frame.isAtomic(Frame.parse(ipv6.build(), 10, ipv6.frameLength()))).isFalse();
    }

    @Test
    void fragmentsAreTold() {
        FrameBuilder builder = FrameBuilder.ipv4(17);
        MemorySegment memory = builder.build();
        Ipv4.flagsAndFragmentOffset(memory, 24, Ipv4.MORE_FRAGMENTS);
        Udp.length(memory, 10 + builder.transportOffset(), 9000);
        assertThat(Frame.fragment(Frame.parse(memory, 10, builder.frameLength()))).isEqualTo(Fragment.FIRST);
        Ipv4.flagsAndFragmentOffset(memory, 24, 1);
        long later = Frame.parse(memory, 10, builder.frameLength());
        assertThat(Frame.fragment(later)).isEqualTo(Fragment.LATER);
        assertThat(Frame.protocol(later)).isEqualTo(Protocol.UDP);
        Ipv4.flagsAndFragmentOffset(memory, 24, 0);
        assertThat(Frame.parse(memory, 10, builder.frameLength())).isEqualTo(DropReason.BAD_HEADER.code());
    }

    @Test
    void headersThatLieAreDropped() {
        FrameBuilder builder = FrameBuilder.ipv4(6);
        MemorySegment memory = builder.build();
        int length = builder.frameLength();
        assertThat(Frame.parse(memory, 10, length - 1)).isEqualTo(DropReason.BAD_HEADER.code());
        Tcp.headerLength(memory, 44, 16);
        assertThat(Frame.parse(memory, 10, length)).isEqualTo(DropReason.BAD_HEADER.code());
        Ipv4.totalLength(memory, 24, 39);
        assertThat(Frame.parse(memory, 10, length)).isEqualTo(DropReason.RUNT.code());
    }

    @Test
    void anOrdinaryFrameIsAsLongAsItsPacket() {
        FrameBuilder plain = FrameBuilder.ipv4(6).payload(1460);
        assertThat(networkLength(plain)).isEqualTo(1500);
        assertThat(networkLength(FrameBuilder.ipv4(6).payload(1460).tagged(0x8100))).isEqualTo(1500);
        assertThat(networkLength(FrameBuilder.ipv6(6).payload(1440).tagged(0x88A8).tagged(0x8100))).isEqualTo(1500);
        assertThat(Frame.networkLength(plain.build(), 0, 10, 13)).isEqualTo(DropReason.RUNT.code());
        MemorySegment tagged = FrameBuilder.ipv4(6).tagged(0x8100).build();
        assertThat(Frame.networkLength(tagged, 0, 10, 17)).isEqualTo(DropReason.RUNT.code());
    }

    @Test
    void aGsoFrameIsAsLongAsItsLongestSegment() {
        String timestamps = "0101080a0000000100000002";
        assertThat(networkLength(FrameBuilder.ipv4(6).tcpOptions(timestamps).gso(1448).payload(60_000)))
                .isEqualTo(1500);
        assertThat(networkLength(FrameBuilder.ipv6(17).gso(1000).payload(9000).tagged(0x8100))).isEqualTo(1048);
        assertThat(networkLength(FrameBuilder.ipv4(6).gso(1448).payload(10))).isEqualTo(50);
    }

    @Test
    void aGsoFrameWhoseHeadersLieHasNoLength() {
        FrameBuilder builder = FrameBuilder.ipv4(6).gso(1448).payload(5000);
        MemorySegment memory = builder.build();
        VirtioNetHeader.headerLength(memory, 0, 7);
        assertThat(Frame.networkLength(memory, 0, 10, builder.frameLength())).isEqualTo(1488);
        VirtioNetHeader.checksumStart(memory, 0, 38);
        assertThat(Frame.networkLength(memory, 0, 10, builder.frameLength()))
                .isEqualTo(DropReason.BAD_VIRTIO_HEADER.code());
        VirtioNetHeader.checksumStart(memory, 0, 34);
        Ipv4.flagsAndFragmentOffset(memory, 24, Ipv4.MORE_FRAGMENTS);
        assertThat(Frame.networkLength(memory, 0, 10, builder.frameLength()))
                .isEqualTo(DropReason.BAD_VIRTIO_HEADER.code());
    }

    private static int networkLength(FrameBuilder builder) {
        return Frame.networkLength(builder.build(), 0, 10, builder.frameLength());
    }

    @Test
    void aFrameIsDescribedLayerByLayer() {
        assertThat(describe(FrameBuilder.ipv4(6).tagged(0x8100).build())).isEqualTo("02:42:0a:00:00:01 > "
                + "02:42:0a:00:00:02, 802.1Q: vlan 100, priority 1, IPv4: 10.0.0.1 > 10.0.0.2, TCP, ttl 64, id 4660, "
                + "length 140: TCP 40000 > 80, flags A, seq 4294963200, ack 16909060, win 512");
        assertThat(describe(Corpus.good().get(15)))
                .isEqualTo("02:42:0a:00:00:01 > ff:ff:ff:ff:ff:ff, ARP: who has 10.0.0.2? tell 10.0.0.1");
        assertThat(describe(Corpus.good().get(16))).endsWith("hop limit 255, payload 32: who has fe80::2?");
        assertThat(describe(hex("00000000000000000000 0102"))).isEqualTo("runt, 2 bytes");
    }

    private static String describe(MemorySegment memory) {
        return Frame.describe(memory, 10, Corpus.length(memory));
    }
}
