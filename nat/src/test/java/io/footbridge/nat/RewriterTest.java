package io.footbridge.nat;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.wire.Frame;
import io.footbridge.wire.Segmenter;
import io.footbridge.wire.Tcp;
import io.footbridge.wire.VirtioNetHeader;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HexFormat;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class RewriterTest {
    private static final int[] PROTOCOLS = {6, 17, 1, 136, 33, 47, 132, 50};

    @Property(tries = 3000)
    void aRewrittenPacketIsTheOneThatTheOtherSideWouldHaveSent(@ForAll boolean ipv6, @ForAll @IntRange(max = 7) int kind,
            @ForAll int address, @ForAll @IntRange(max = 65_535) int port, @ForAll @IntRange(max = 65_535) int remotePort,
            @ForAll boolean destinationToo, @ForAll boolean partial, @ForAll boolean gso, @ForAll boolean reply,
            @ForAll @IntRange(max = 1) int tags, @ForAll @IntRange(max = 200) int length, @ForAll boolean options) {
        Packet before = packet(ipv6, PROTOCOLS[kind], partial, gso, tags, length, options);
        Packet after = packet(ipv6, PROTOCOLS[kind], partial, gso, tags, length, options);
        String other = ipv6 ? "20010db8%08x%016x".formatted(address, address * 0x9E37_79B9_7F4A_7C15L)
                : "%08x".formatted(address);
        after.from(other, port);
        if (before.protocol == 1 || before.protocol == 58) {
            before.icmpType = reply ? ipv6 ? 129 : 0 : before.icmpType;
            after.icmpType = before.icmpType;
        } else if (before.protocol != 6 && before.protocol != 17) {
            after.sourcePort = before.sourcePort;
        } else if (destinationToo) {
            after.to(ipv6 ? Packet.UPLINK6 : Packet.UPLINK, remotePort);
        }
        Translation forth = Translation.of(before, after);
        MemorySegment memory = before.build();
        rewrite(memory, forth);
        assertThat(Packet.content(memory)).isEqualTo(Packet.content(after.build()));
        rewrite(memory, forth.back());
        assertThat(Packet.content(memory)).isEqualTo(Packet.content(before.build()));
    }

    private static Packet packet(boolean ipv6, int number, boolean partial, boolean gso, int tags, int length,
            boolean options) {
        int protocol = ipv6 && number == 1 ? 58 : number;
        Packet packet = ipv6 ? Packet.ipv6(protocol) : Packet.ipv4(protocol);
        packet.payload(length);
        packet.tags = tags;
        packet.ipOptions = options && !ipv6 ? "94040000" : "";
        if (protocol == 6 || protocol == 17) {
            packet.partial = partial;
            packet.tcpOptions = options ? "0101080a0000000100000002" : "";
            if (gso) {
                packet.gso(64).payload(length * 7);
            }
        }
        return packet;
    }

    private static void rewrite(MemorySegment memory, Translation flow) {
        long parsed = Frame.parse(memory, 10, (int) memory.byteSize() - 10);
        assertThat(parsed).isPositive();
        Rewriter.rewrite(memory, 0, 10, parsed, flow.after(), flow.addressDelta(), flow.portDelta());
    }

    @Test
    void aKnownPacketBecomesAKnownPacket() {
        // A SYN of 172.17.0.2:43210 to 192.0.2.80:80, as 198.51.100.10:51000 sends it.
        String link = "00000000000000000000" + "02420a00000102420a0000020800";
        MemorySegment memory = hex(link + "45000028000140004006cc6bac110002c0000250" + "a8ca0050000003e8000000005002ffff947c0000");
        rewrite(memory, Translation.of(Packet.ipv4(6).from("ac110002", 43210).to("c0000250", 80),
                Packet.ipv4(6).from("c633640a", 51000).to("c0000250", 80)));
        assertThat(HexFormat.of().formatHex(Packet.content(memory))).isEqualTo(link
                + "450000280001400040064e41c633640ac0000250" + "c7380050000003e8000000005002fffff7e30000");
    }

    private static MemorySegment hex(String hex) {
        return MemorySegment.ofArray(HexFormat.of().parseHex(hex));
    }

    @Test
    void udpWithoutChecksumStaysWithout() {
        Packet before = Packet.ipv4(17);
        before.noChecksum = true;
        Packet after = Packet.ipv4(17).from(Packet.UPLINK, 1);
        after.noChecksum = true;
        MemorySegment memory = before.build();
        rewrite(memory, Translation.of(before, after));
        assertThat(Packet.content(memory)).isEqualTo(Packet.content(after.build()));
    }

    @Test
    void aUdpChecksumThatBecomesZeroIsSentAsAllOnes() {
        Packet before = Packet.ipv4(17).from(Packet.INSIDE, 0).payload(0);
        byte[] packet = before.packet();
        int port = Packet.word(packet, 26);
        Packet after = Packet.ipv4(17).from(Packet.INSIDE, port).payload(0);
        MemorySegment memory = before.build();
        rewrite(memory, Translation.of(before, after));
        assertThat(Packet.word(Packet.content(memory), 10 + 14 + 26)).isEqualTo(0xFFFF);
        assertThat(Packet.content(memory)).isEqualTo(Packet.content(after.build()));
    }

    @Test
    void anEchoReplyThatBecomesAllZerosVerifies() {
        Packet before = Packet.ipv4(1).from(Packet.OUTSIDE, 5).payload(0);
        before.icmpType = 0;
        Packet after = Packet.ipv4(1).from(Packet.OUTSIDE, 0).payload(0);
        after.icmpType = 0;
        MemorySegment memory = before.build();
        rewrite(memory, Translation.of(before, after));
        assertThat(Packet.content(memory)).isEqualTo(Packet.content(after.build()));
        assertThat(Packet.word(Packet.content(memory), 10 + 14 + 22)).isEqualTo(0xFFFF);
    }

    @Test
    void onlyAddressesOfALaterFragmentChange() {
        for (boolean ipv6 : new boolean[] {false, true}) {
            Packet before = (ipv6 ? Packet.ipv6(17) : Packet.ipv4(17)).fragment(1480, true);
            Packet after = (ipv6 ? Packet.ipv6(17) : Packet.ipv4(17)).fragment(1480, true)
                    .from(ipv6 ? Packet.UPLINK6 : Packet.UPLINK, 5);
            MemorySegment memory = before.build();
            rewrite(memory, Translation.of(before, after));
            assertThat(Packet.content(memory)).isEqualTo(Packet.content(after.build()));
        }
    }

    @Test
    void aFragmentGetsAnotherIdentification() {
        Packet before = Packet.ipv4(17).fragment(1480, false);
        Packet after = Packet.ipv4(17).fragment(1480, false);
        after.identification = 0xFEDC;
        MemorySegment memory = before.build();
        Rewriter.identification(memory, 10, Frame.parse(memory, 10, (int) memory.byteSize() - 10), 0xFEDC);
        assertThat(Packet.content(memory)).isEqualTo(Packet.content(after.build()));
    }

    @Test
    void aChecksumThatIsPartialFurtherInsideIsFullHere() {
        // A tunnel in UDP whose inner packet has the partial checksum.
        Packet before = Packet.ipv4(17);
        Packet after = Packet.ipv4(17).from(Packet.UPLINK, 9);
        MemorySegment memory = before.build();
        VirtioNetHeader.flags(memory, 0, VirtioNetHeader.NEEDS_CSUM);
        VirtioNetHeader.checksumStart(memory, 0, before.transportOffset() + 8);
        VirtioNetHeader.checksumOffset(memory, 0, 16);
        rewrite(memory, Translation.of(before, after));
        assertThat(tail(Packet.content(memory))).isEqualTo(tail(Packet.content(after.build())));
    }

    private static byte[] tail(byte[] content) {
        return Arrays.copyOfRange(content, 10, content.length);
    }

    @Test
    void aVerifiedFrameStaysVerified() {
        Packet before = Packet.ipv4(6);
        MemorySegment memory = before.build();
        VirtioNetHeader.flags(memory, 0, VirtioNetHeader.DATA_VALID);
        Packet after = Packet.ipv4(6).from(Packet.UPLINK, 9);
        rewrite(memory, Translation.of(before, after));
        assertThat(VirtioNetHeader.flags(memory, 0)).isEqualTo(VirtioNetHeader.DATA_VALID);
        assertThat(tail(Packet.content(memory))).isEqualTo(tail(Packet.content(after.build())));
    }

    @Test
    void theSegmentsOfARewrittenGsoFrameVerify() {
        Packet before = Packet.ipv4(6).gso(100).payload(950);
        MemorySegment memory = before.build();
        rewrite(memory, Translation.of(before, Packet.ipv4(6).from(Packet.UPLINK, 9)));
        int length = (int) memory.byteSize() - 10;
        MemorySegment output = MemorySegment.ofArray(new byte[2000]);
        for (int index = 0; index < 10; index++) {
            int written = Segmenter.segment(memory, 0, 10, length, index, output, 0);
            byte[] segment = Arrays.copyOfRange(Packet.content(output), 24, 10 + written);
            assertThat(Packet.verifies(segment, false)).isTrue();
        }
    }

    @Test
    void aSynOffersNoMoreThanTheWayTakes() {
        for (boolean ipv6 : new boolean[] {false, true}) {
            for (boolean partial : new boolean[] {false, true}) {
                Packet syn = (ipv6 ? Packet.ipv6(6) : Packet.ipv4(6)).flags(Tcp.SYN);
                syn.partial = partial;
                syn.tcpOptions = "020405b4";
                MemorySegment memory = syn.build();
                long parsed = Frame.parse(memory, 10, (int) memory.byteSize() - 10);
                Rewriter.clampSegmentSize(memory, 0, 10, parsed, 1400);
                syn.tcpOptions = ipv6 ? "0204053c" : "02040550";
                assertThat(Packet.content(memory)).isEqualTo(Packet.content(syn.build()));
            }
        }
    }

    @Test
    void whatIsNoSynOrOffersLessIsNotClamped() {
        Packet data = Packet.ipv4(6);
        data.tcpOptions = "020405b4";
        Packet small = Packet.ipv4(6).flags(Tcp.SYN);
        small.tcpOptions = "02040200";
        for (Packet packet : new Packet[] {data, small, Packet.ipv4(17), Packet.ipv4(6).fragment(8, false)}) {
            MemorySegment memory = packet.build();
            Rewriter.clampSegmentSize(memory, 0, 10, Frame.parse(memory, 10, (int) memory.byteSize() - 10), 1400);
            assertThat(Packet.content(memory)).isEqualTo(Packet.content(packet.build()));
        }
    }
}
