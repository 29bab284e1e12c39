package io.footbridge.nat;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.wire.DropReason;
import io.footbridge.wire.Frame;
import io.footbridge.wire.VirtioNetHeader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class IcmpErrorsTest {
    private static final int BAD_QUOTE = DropReason.BAD_QUOTE.code();
    private static final int[] PROTOCOLS = {6, 17, 1, 47, 136, 132};
    private static final String ROUTER = "cb007101";
    private static final String ROUTER6 = "20010db8000000000000000000000099";

    private final Tuple quoted = new Tuple();
    private final Tuple tuple = new Tuple();

    private static long parse(MemorySegment memory) {
        return Frame.parse(memory, 10, (int) memory.byteSize() - 10);
    }

    private int find(MemorySegment memory) {
        return IcmpErrors.tuple(memory, 0, 10, parse(memory), 7, quoted, tuple);
    }

    private static Packet packet(boolean ipv6, int protocol, boolean answer) {
        Packet packet = ipv6 ? Packet.ipv6(protocol == 1 ? 58 : protocol) : Packet.ipv4(protocol);
        if (answer && protocol == 1) {
            packet.icmpType = ipv6 ? 129 : 0;
        }
        return packet;
    }

    /** An error that quotes so many bytes of a packet, and may have something behind the quote. */
    private static Packet error(Packet about, String from, int quote, byte[] behind) {
        byte[] packet = about.packet();
        byte[] quoted = Arrays.copyOf(packet, Math.min(quote, packet.length));
        if (behind.length > 0) {
            quoted = Arrays.copyOf(Arrays.copyOf(quoted, 128), 128 + behind.length);
            System.arraycopy(behind, 0, quoted, 128, behind.length);
        }
        Packet error = (about.ipv6 ? Packet.ipv6(58) : Packet.ipv4(1)).error(about.ipv6 ? 1 : 3, 3, quoted)
                .from(from, 0).to(about.source, 0);
        if (behind.length > 0) {
            error.sourcePort = about.ipv6 ? 16 << 8 : 32;
        }
        return error;
    }

    /**
     * A flow both of whose ends may differ between the sides: its packets go forth as {@code near} and arrive as
     * {@code far}; the error comes back against them.
     */
    @Property(tries = 3000)
    void anErrorReadsAsIfTheOtherSidesPacketHadBeenQuoted(@ForAll boolean ipv6, @ForAll @IntRange(max = 5) int kind,
            @ForAll boolean sourceDiffers, @ForAll boolean destinationDiffers, @ForAll boolean answer,
            @ForAll boolean byRouter, @ForAll @IntRange(min = 0, max = 60) int beyond, @ForAll boolean extended,
            @ForAll boolean noChecksum, @ForAll boolean options, @ForAll boolean partial) {
        Packet near = packet(ipv6, PROTOCOLS[kind], answer);
        Packet far = packet(ipv6, PROTOCOLS[kind], answer);
        boolean ports = PROTOCOLS[kind] == 6 || PROTOCOLS[kind] == 17;
        near.noChecksum = noChecksum && near.protocol == 17 && !ipv6;
        near.ipOptions = options && !ipv6 ? "94040000" : "";
        far.noChecksum = near.noChecksum;
        far.ipOptions = near.ipOptions;
        if (sourceDiffers) {
            far.from(ipv6 ? Packet.UPLINK6 : Packet.UPLINK, ports || near.protocol == 1 || near.protocol == 58 ? 61001
                    : near.sourcePort);
        }
        if (destinationDiffers) {
            far.to(ipv6 ? "fd000000000000000000000000000099" : "0a000099", ports ? 8080 : near.destinationPort);
        }
        int header = ipv6 ? 40 : 20 + near.ipOptions.length() / 2;
        int quote = extended ? 128 : header + (PROTOCOLS[kind] == 47 || PROTOCOLS[kind] == 132 ? 0 : 8) + beyond;
        byte[] behind = extended ? Packet.bytes(20) : new byte[0];
        String sender = byRouter ? ipv6 ? ROUTER6 : ROUTER : far.destination;
        Packet come = error(far, sender, quote, behind);
        come.partial = partial && ipv6;
        // What the near side is to see: its own packet quoted, from the address that it sent to, or from the router.
        String shown = destinationDiffers ? near.destination : sender;
        Packet seen = error(near, shown, quote, behind);
        if (near.protocol == 6 && quote < header + 18) {
            // The checksum is not there whole: the one half that may be is left as it came.
            copyChecksumHalf(come.payload, seen.payload, header, quote);
        }
        MemorySegment memory = come.build();
        assertThat(find(memory)).isZero();
        Translation back = Translation.of(far, near);
        Tuple key = new Tuple();
        key.invert(back.before());
        assertThat(tuple.toString()).isEqualTo(key.toString().replace("realm 1", "realm 7"));
        Tuple to = new Tuple();
        to.invert(back.after());
        IcmpErrors.rewrite(memory, 10, parse(memory), to, new Tuple(), back.addressDelta(), back.portDelta());
        assertThat(Packet.content(memory)).isEqualTo(Packet.content(seen.build()));
    }

    private static void copyChecksumHalf(byte[] from, byte[] to, int header, int quote) {
        if (quote == header + 17) {
            to[header + 16] = from[header + 16];
        }
    }

    @Test
    void anErrorThatWasNotSentToTheQuotedSenderIsForged() {
        Packet about = Packet.ipv4(17).from(Packet.UPLINK, 4000);
        assertThat(find(error(about, ROUTER, 28, new byte[0]).build())).isZero();
        assertThat(find(error(about, ROUTER, 28, new byte[0]).to(Packet.INSIDE, 0).build())).isEqualTo(BAD_QUOTE);
        Packet about6 = Packet.ipv6(17);
        assertThat(find(error(about6, ROUTER6, 48, new byte[0]).to(Packet.UPLINK6, 0).build())).isEqualTo(BAD_QUOTE);
    }

    @Test
    void badChecksumsAreRefused() {
        MemorySegment memory = error(Packet.ipv4(17), ROUTER, 28, new byte[0]).build();
        flip(memory, 10 + 14 + 20 + 5);
        assertThat(find(memory)).isEqualTo(DropReason.BAD_CHECKSUM.code());
        byte[] about = Packet.ipv4(17).packet();
        about[8]--;
        assertThat(find(Packet.ipv4(1).error(3, 3, about).to(Packet.INSIDE, 0).build())).isEqualTo(BAD_QUOTE);
        MemorySegment outer = error(Packet.ipv4(17), ROUTER, 28, new byte[0]).build();
        flip(outer, 10 + 14 + 8);
        assertThat(find(outer)).isEqualTo(DropReason.BAD_CHECKSUM.code());
    }

    private static void flip(MemorySegment memory, long at) {
        memory.set(ValueLayout.JAVA_BYTE, at, (byte) ~memory.get(ValueLayout.JAVA_BYTE, at));
    }

    @Test
    void aPartialChecksumIsCompletedAndTheQuotedOneIsNotVerified() {
        Packet error = error(Packet.ipv6(17).partial(), ROUTER6, 100, new byte[0]).partial();
        MemorySegment memory = error.build();
        assertThat(find(memory)).isZero();
        error.partial = false;
        assertThat(Packet.content(memory)).isEqualTo(Packet.content(error.build()));
        assertThat(VirtioNetHeader.flags(memory, 0)).isZero();
    }

    @Test
    void quotesThatNameNoFlowAreRefused() {
        for (int protocol : new int[] {6, 17, 1}) {
            assertThat(find(error(Packet.ipv4(protocol), ROUTER, 27, new byte[0]).build())).isEqualTo(BAD_QUOTE);
            assertThat(find(error(Packet.ipv4(protocol), ROUTER, 28, new byte[0]).build())).isZero();
        }
        assertThat(find(error(Packet.ipv4(47), ROUTER, 19, new byte[0]).build())).isEqualTo(BAD_QUOTE);
        assertThat(find(error(Packet.ipv4(17).fragment(1480, true), ROUTER, 60, new byte[0]).build()))
                .isEqualTo(BAD_QUOTE);
        assertThat(find(error(Packet.ipv4(17).fragment(0, true), ROUTER, 60, new byte[0]).build())).isZero();
        assertThat(find(error(Packet.ipv6(17).fragment(1480, true), ROUTER6, 90, new byte[0]).build()))
                .isEqualTo(BAD_QUOTE);
        assertThat(find(error(Packet.ipv6(17).fragment(0, true), ROUTER6, 90, new byte[0]).build())).isZero();
        Packet inner = Packet.ipv4(1);
        for (int type : new int[] {3, 4, 5, 11, 12, 9, 10}) {
            inner.icmpType = type;
            assertThat(find(error(inner, ROUTER, 60, new byte[0]).build())).isEqualTo(BAD_QUOTE);
        }
        assertThat(find(error(Packet.ipv4(58), ROUTER, 60, new byte[0]).build())).isEqualTo(BAD_QUOTE);
        assertThat(find(error(Packet.ipv6(1), ROUTER6, 60, new byte[0]).build())).isEqualTo(BAD_QUOTE);
        assertThat(find(Packet.ipv4(1).error(3, 3, Packet.ipv6(17).packet()).to(Packet.INSIDE, 0).build()))
                .isEqualTo(BAD_QUOTE);
    }

    @Test
    void onlyErrorsThatMayCrossARouterDo() {
        for (int type : new int[] {3, 4, 11, 12}) {
            assertThat(find(withType(error(Packet.ipv4(17), ROUTER, 60, new byte[0]), type))).isZero();
        }
        for (int type = 1; type <= 4; type++) {
            assertThat(find(withType(error(Packet.ipv6(17), ROUTER6, 60, new byte[0]), type))).isZero();
        }
        assertThat(find(withType(error(Packet.ipv4(17), ROUTER, 60, new byte[0]), 5))).isEqualTo(BAD_QUOTE);
        assertThat(find(withType(error(Packet.ipv4(17), ROUTER, 60, new byte[0]), 0))).isEqualTo(BAD_QUOTE);
        for (int type : new int[] {0, 5, 100, 127, 128, 137}) {
            assertThat(find(withType(error(Packet.ipv6(17), ROUTER6, 60, new byte[0]), type))).isEqualTo(BAD_QUOTE);
        }
    }

    private static MemorySegment withType(Packet error, int type) {
        error.icmpType = type;
        return error.build();
    }

    @Test
    void whatStandsBehindAQuoteIsNotTakenForPorts() {
        Packet error = error(Packet.ipv4(17), ROUTER, 60, new byte[0]);
        error.sourcePort = 7;
        assertThat(find(error.build())).isZero();
        error.sourcePort = 6;
        assertThat(find(error.build())).isEqualTo(BAD_QUOTE);
        error.icmpType = 4;
        assertThat(find(error.build())).isZero();
        byte[] padded = Arrays.copyOf(Packet.ipv4(17).packet(), 60);
        Packet.put16(padded, 2, 27);
        Packet.put16(padded, 10, 0);
        Packet.put16(padded, 10, ~Packet.sum(padded, 0, 20) & 0xFFFF);
        assertThat(find(Packet.ipv4(1).error(3, 3, padded).to(Packet.INSIDE, 0).build())).isEqualTo(BAD_QUOTE);
    }

    @Test
    void theMtuOfAPacketTooBigIsNoQuoteLength() {
        Packet error = error(Packet.ipv6(17), ROUTER6, 60, new byte[0]);
        error.icmpType = 2;
        error.sourcePort = 0x0500;
        assertThat(find(error.build())).isZero();
        error.icmpType = 1;
        assertThat(find(error.build())).isEqualTo(BAD_QUOTE);
    }

    @Test
    void noBytesThrowOrReachBeyondTheFrame() {
        int found = 0;
        Packet[] good = {error(Packet.ipv4(6), ROUTER, 60, new byte[0]), error(Packet.ipv6(6), ROUTER6, 100, new byte[0]),
            error(Packet.ipv4(17), ROUTER, 28, Packet.bytes(16)), error(Packet.ipv6(58), ROUTER6, 48, new byte[0]),
            error(Packet.ipv6(17).fragment(0, true), ROUTER6, 80, new byte[0]),
            error(Packet.ipv4(136), ROUTER, 28, new byte[0]), error(Packet.ipv4(33), ROUTER, 28, new byte[0])};
        for (int seed = 0; seed < 200_000; seed++) {
            Random random = new Random(seed);
            Packet packet = good[random.nextInt(good.length)];
            byte[] bytes = Packet.content(packet.build());
            int start = 10 + packet.transportOffset();
            for (int change = random.nextInt(4); change > 0; change--) {
                bytes[start + random.nextInt(bytes.length - start)] = (byte) random.nextInt();
            }
            if (random.nextBoolean()) {
                bytes = cut(packet, bytes, start + 8 + random.nextInt(bytes.length - start - 8));
            }
            mend(packet, bytes, start);
            MemorySegment memory = MemorySegment.ofArray(bytes);
            long parsed = parse(memory);
            if (parsed < 0) {
                continue;
            }
            int result = IcmpErrors.tuple(memory, 0, 10, parsed, 7, quoted, tuple);
            assertThat(result).isIn(0, BAD_QUOTE, DropReason.BAD_CHECKSUM.code());
            if (result == 0) {
                found++;
                IcmpErrors.rewrite(memory, 10, parsed, tuple, new Tuple(), random.nextInt(65_536), random.nextInt(65_536));
            }
        }
        assertThat(found).isBetween(20_000, 180_000);
    }

    /** The frame cut short, its IP header saying so. */
    private static byte[] cut(Packet packet, byte[] bytes, int length) {
        byte[] shorter = Arrays.copyOf(bytes, length);
        int network = 10 + packet.networkOffset();
        if (packet.ipv6) {
            Packet.put16(shorter, network + 4, length - network - 40);
        } else {
            Packet.put16(shorter, network + 2, length - network);
            Packet.put16(shorter, network + 10, 0);
            Packet.put16(shorter, network + 10, ~Packet.sum(shorter, network, 20) & 0xFFFF);
        }
        return shorter;
    }

    /** Makes the ICMP checksum right again, and the quoted IP header's. */
    private static void mend(Packet packet, byte[] bytes, int start) {
        int quoted = start + 8;
        if (!packet.ipv6 && bytes.length >= quoted + 60) {
            int header = (bytes[quoted] & 0xF) * 4;
            Packet.put16(bytes, quoted + 10, 0);
            Packet.put16(bytes, quoted + 10, ~Packet.sum(bytes, quoted, header) & 0xFFFF);
        }
        Packet.put16(bytes, start + 2, 0);
        int length = bytes.length - start;
        int sum = Packet.sum(bytes, start, length);
        if (packet.ipv6) {
            sum += Packet.sum(bytes, 10 + packet.networkOffset() + 8, 32) + 58 + length;
        }
        while (sum > 0xFFFF) {
            sum = (sum >>> 16) + (sum & 0xFFFF);
        }
        Packet.put16(bytes, start + 2, ~sum & 0xFFFF);
    }
}
