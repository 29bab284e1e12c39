package io.footbridge.wire;

import static io.footbridge.wire.FrameBuilder.hex;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class Ipv4Test {
    private static final String HEADER = "4500 0073 0000 4000 4011 b861 c0a8 0001 c0a8 00c7";

    @Test
    void oneHostMayHaveWhatIsNoNetworksLoopbackOrGroupsAddress() {
        for (String address : new String[] {"1.0.0.0", "10.0.0.1", "126.255.255.255", "128.0.0.0", "169.254.0.1", "223.255.255.255"}) {
            assertThat(Ipv4.isHost(Ipv4Address.parse(address).address())).as(address).isTrue();
        }
        for (String address : new String[] {"0.0.0.0", "0.255.255.255", "127.0.0.0", "127.255.255.255", "224.0.0.0", "239.255.255.255",
            "240.0.0.0", "255.255.255.255"}) {
            assertThat(Ipv4.isHost(Ipv4Address.parse(address).address())).as(address).isFalse();
        }
    }

    @Test
    void fieldsOfAKnownHeader() {
        MemorySegment memory = hex(HEADER);
        assertThat(Ipv4.check(memory, 0, 0x73)).isEqualTo(20);
        assertThat(Ipv4.verify(memory, 0)).isTrue();
        assertThat(Ipv4.totalLength(memory, 0)).isEqualTo(115);
        assertThat(Ipv4.dontFragment(memory, 0)).isTrue();
        assertThat(Ipv4.moreFragments(memory, 0)).isFalse();
        assertThat(Ipv4.timeToLive(memory, 0)).isEqualTo(64);
        assertThat(Ipv4.protocol(memory, 0)).isEqualTo(Protocol.UDP);
        assertThat(Ipv4.checksum(memory, 0)).isEqualTo(0xB861);
        assertThat(Ipv4.source(memory, 0)).isEqualTo(0xC0A8_0001);
        assertThat(Ipv4.destination(memory, 0)).isEqualTo(0xC0A8_00C7);
        assertThat(Ipv4.describe(memory, 0)).isEqualTo("192.168.0.1 > 192.168.0.199, UDP, ttl 64, id 0, length 115");
    }

    @Test
    void theKnownHeaderIsWritten() {
        MemorySegment memory = MemorySegment.ofArray(new byte[20]);
        assertThat(Ipv4.write(memory, 0, 0xC0A8_0001, 0xC0A8_00C7, Protocol.UDP, 64, 0x73)).isEqualTo(20);
        assertThat(hex(memory)).isEqualTo(HEADER.replace(" ", ""));
    }

    @Test
    void aHeaderMustHoldTogether() {
        MemorySegment memory = hex(HEADER);
        assertThat(Ipv4.check(memory, 0, 19)).isEqualTo(DropReason.RUNT.code());
        assertThat(Ipv4.check(memory, 0, 114)).isEqualTo(DropReason.BAD_HEADER.code());
        assertThat(changed(0, 0x65)).isEqualTo(DropReason.BAD_HEADER.code());
        assertThat(changed(0, 0x44)).isEqualTo(DropReason.BAD_HEADER.code());
        assertThat(changed(0, 0x4F)).isEqualTo(60);
        assertThat(changed(3, 19)).isEqualTo(DropReason.BAD_HEADER.code());
    }

    private static int changed(int at, int value) {
        MemorySegment memory = hex(HEADER);
        BigEndian.u8(memory, at, value);
        return Ipv4.check(memory, 0, 0x73);
    }

    @Test
    void aQuotedPacketMayBeCutOff() {
        assertThat(Ipv4.checkQuoted(hex(HEADER), 0, 28)).isEqualTo(20);
        assertThat(Ipv4.checkQuoted(hex(HEADER), 0, 19)).isEqualTo(DropReason.RUNT.code());
        assertThat(Ipv4.checkQuoted(hex("46" + HEADER.substring(2)), 0, 20)).isEqualTo(DropReason.BAD_HEADER.code());
    }

    @Test
    void aHopLessKeepsTheChecksumRight() {
        MemorySegment memory = hex(HEADER);
        for (int hops = 63; hops >= 0; hops--) {
            Ipv4.decrementTimeToLive(memory, 0);
            assertThat(Ipv4.timeToLive(memory, 0)).isEqualTo(hops);
            assertThat(Ipv4.verify(memory, 0)).isTrue();
        }
        assertThat(Ipv4.protocol(memory, 0)).isEqualTo(Protocol.UDP);
    }

    @Test
    void aWrongChecksumIsSeen() {
        MemorySegment memory = hex(HEADER);
        Ipv4.identification(memory, 0, 1);
        assertThat(Ipv4.verify(memory, 0)).isFalse();
        Ipv4.writeChecksum(memory, 0);
        assertThat(Ipv4.verify(memory, 0)).isTrue();
    }

    @Test
    void fragmentsAreTold() {
        MemorySegment memory = hex(HEADER);
        assertThat(Ipv4.fragment(memory, 0)).isEqualTo(Fragment.WHOLE);
        Ipv4.flagsAndFragmentOffset(memory, 0, 0x2000);
        assertThat(Ipv4.fragment(memory, 0)).isEqualTo(Fragment.FIRST);
        Ipv4.flagsAndFragmentOffset(memory, 0, 0x20B9);
        assertThat(Ipv4.fragment(memory, 0)).isEqualTo(Fragment.LATER);
        assertThat(Ipv4.fragmentOffset(memory, 0)).isEqualTo(1480);
        assertThat(Ipv4.describe(memory, 0)).endsWith(", fragment at 1480 and more");
    }
}
