package io.footbridge.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class Ipv6FragmenterTest {
    private static final int MTU_CODE = DropReason.MTU.code();
    private static final int F = VirtioNetHeader.LENGTH;
    private static final int P = F + Ethernet.HEADER_LENGTH;
    private static final int U = P + Ipv6.HEADER_LENGTH;

    private static MemorySegment datagram(int payload) {
        byte[] bytes = new byte[U + Udp.HEADER_LENGTH + payload];
        new Random(payload).nextBytes(bytes);
        MemorySegment memory = MemorySegment.ofArray(bytes);
        VirtioNetHeader.clear(memory, 0);
        Ethernet.write(memory, F, 2, 4, Ethernet.IPV6);
        Ipv6.write(memory, P, 1, 2, 3, 4, Protocol.UDP, 64, Udp.HEADER_LENGTH + payload);
        Udp.write(memory, U, 5, 6, Udp.HEADER_LENGTH + payload);
        Udp.writeChecksum(memory, U, Ipv6.pseudoHeader(memory, P, Protocol.UDP, Udp.HEADER_LENGTH + payload));
        return memory;
    }

    private static long parse(MemorySegment memory) {
        return Frame.parse(memory, F, (int) memory.byteSize() - F);
    }

    @Property(tries = 300)
    void fragmentsMakeUpThePacket(@ForAll @IntRange(min = 0, max = 65_527) int payload, @ForAll @IntRange(min = 1280, max = 9000) int mtu) {
        MemorySegment memory = datagram(payload);
        long parsed = parse(memory);
        int count = Ipv6Fragmenter.count(memory, 0, F, parsed, mtu);
        assertThat(count).isPositive();
        byte[] joined = new byte[Udp.HEADER_LENGTH + payload];
        for (int i = 0; i < count; i++) {
            MemorySegment room = MemorySegment.ofArray(new byte[P + mtu]);
            int length = Ipv6Fragmenter.fragment(memory, 0, F, parsed, mtu, 99, i, room, 0);
            long part = Frame.parse(room, F, length);
            assertThat(part).isPositive();
            assertThat(Frame.packetEnd(part)).isEqualTo(length);
            int from = 0;
            int header = U;
            if (count > 1) {
                assertThat(Frame.fragment(part)).isEqualTo(i == 0 ? Fragment.FIRST : Fragment.LATER);
                assertThat(Ipv6.fragmentHeader(room, P)).isEqualTo(Ipv6.HEADER_LENGTH);
                assertThat(Ipv6.identification(room, U)).isEqualTo(99);
                assertThat(Ipv6.moreFragments(room, U)).isEqualTo(i < count - 1);
                from = Ipv6.fragmentOffset(room, U);
                header += Ipv6.FRAGMENT_HEADER_LENGTH;
            }
            assertThat(Frame.protocol(part)).isEqualTo(Protocol.UDP);
            MemorySegment.copy(room, ValueLayout.JAVA_BYTE, header, joined, from, F + length - header);
        }
        assertThat(joined).isEqualTo(memory.asSlice(U).toArray(ValueLayout.JAVA_BYTE));
        MemorySegment room = MemorySegment.ofArray(new byte[70_000]);
        assertThat(Ipv6Fragmenter.fragment(memory, 0, F, parsed, mtu, 99, count, room, 0)).isEqualTo(MTU_CODE);
        assertThat(Ipv6Fragmenter.fragment(memory, 0, F, parsed, mtu, 99, -1, room, 0)).isEqualTo(MTU_CODE);
    }

    @Test
    void aPartialChecksumIsCompletedFirst() {
        MemorySegment memory = datagram(3000);
        int full = Udp.checksum(memory, U);
        VirtioNetHeader.flags(memory, 0, VirtioNetHeader.NEEDS_CSUM);
        VirtioNetHeader.checksumStart(memory, 0, U - F);
        VirtioNetHeader.checksumOffset(memory, 0, Udp.CHECKSUM);
        Udp.checksum(memory, U, Ipv6.pseudoHeader(memory, P, Protocol.UDP, 3008));
        assertThat(Ipv6Fragmenter.count(memory, 0, F, parse(memory), 1500)).isEqualTo(3);
        assertThat(Udp.checksum(memory, U)).isEqualTo(full);
    }

    @Test
    void whatCannotBeCutIsRefused() {
        MemorySegment memory = datagram(3000);
        assertThat(Ipv6Fragmenter.count(memory, 0, F, parse(memory), 55)).isEqualTo(MTU_CODE);
        VirtioNetHeader.gsoType(memory, 0, VirtioNetHeader.GSO_UDP_L4);
        assertThat(Ipv6Fragmenter.count(memory, 0, F, parse(memory), 1500)).isEqualTo(MTU_CODE);
        VirtioNetHeader.clear(memory, 0);
        Ipv6.nextHeader(memory, P, Protocol.DESTINATION_OPTIONS);
        BigEndian.u16(memory, U, Protocol.UDP << 8);
        assertThat(Ipv6Fragmenter.count(memory, 0, F, parse(memory), 1500)).isEqualTo(MTU_CODE);
    }
}
