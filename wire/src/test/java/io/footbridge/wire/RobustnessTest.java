package io.footbridge.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * No bytes make a check throw or read past the frame: each frame ends where its segment ends, so that a read beyond it
 * throws.
 */
class RobustnessTest {
    private static final int ROUNDS = 400_000;
    private static final MemorySegment OUTPUT = MemorySegment.ofArray(new byte[2 * 65_536]);

    @Test
    void noFrameMakesACheckThrow() {
        int accepted = 0;
        int refused = 0;
        for (int seed = 0; seed < ROUNDS; seed++) {
            MemorySegment memory = Corpus.mutated(new Random(seed));
            try {
                if (visit(memory, seed)) {
                    accepted++;
                } else {
                    refused++;
                }
            } catch (RuntimeException e) {
                fail("seed " + seed + ": " + FrameBuilder.hex(memory), e);
            }
        }
        assertThat(accepted).isGreaterThan(ROUNDS / 10);
        assertThat(refused).isGreaterThan(ROUNDS / 10);
    }

    private static boolean visit(MemorySegment memory, int seed) {
        int length = Corpus.length(memory);
        int fits = VirtioNetHeader.check(memory, 0, 10, length);
        assertThat(fits).isBetween(-DropReason.count(), 0);
        assertThat(Frame.networkLength(memory, 0, 10, length)).isBetween(-DropReason.count(), Frame.MAX_LENGTH);
        segment(memory, length);
        long link = Frame.parseLink(memory, 10, length);
        long parsed = Frame.parse(memory, 10, length);
        if (parsed >= 0) {
            assertThat(Frame.packetEnd(parsed)).isLessThanOrEqualTo(length);
            assertThat(Frame.transportOffset(parsed)).isLessThanOrEqualTo(Frame.packetEnd(parsed));
        }
        if (link >= 0) {
            network(memory, 10 + Frame.networkOffset(link), Frame.packetLength(link));
        }
        if (parsed >= 0 && Frame.transportOffset(parsed) > 0 && Frame.fragment(parsed) != Fragment.LATER) {
            transport(memory, parsed, seed);
        }
        if (seed % 16 == 0) {
            assertThat(Frame.describe(memory, 10, length)).isNotBlank().doesNotContain("\n");
        }
        Checksum.complete(memory, 0, 10, length);
        return parsed >= 0 && fits == 0;
    }

    private static void segment(MemorySegment memory, int length) {
        int count = Segmenter.count(memory, 0, 10, length);
        assertThat(count).isBetween(-DropReason.count(), 65_536);
        for (int index : new int[] {0, 1, count - 1, count}) {
            int written = Segmenter.segment(memory, 0, 10, length, index, OUTPUT, 7);
            assertThat(written).isBetween(-DropReason.count(), length);
            assertThat(written >= 0).isEqualTo(
                    count > 0 && index >= 0 && (index < count || !VirtioNetHeader.isGso(memory, 0)));
        }
    }

    private static void network(MemorySegment memory, long offset, int available) {
        if (Arp.check(memory, offset, available) >= 0) {
            assertThat(Arp.describe(memory, offset)).isNotBlank();
        }
        if (Ipv4.check(memory, offset, available) >= 0) {
            Ipv4.verify(memory, offset);
            if (Icmp.mayAnswer(memory, offset)) {
                assertThat(Icmp.writeError(OUTPUT, 3, 1, 2, 3, 4, 5, memory, offset)).isBetween(28 + 20, 576);
            }
        }
        int quotedHeader = Ipv4.checkQuoted(memory, offset, available);
        assertThat(quotedHeader).isLessThanOrEqualTo(Math.max(0, available));
        if (Ipv6.check(memory, offset, available) >= 0
                && Icmpv6.mayAnswer(memory, offset, Icmpv6.PACKET_TOO_BIG)) {
            assertThat(Icmpv6.writeError(OUTPUT, 3, 1, 2, 3, 4, 1, 0, 5, memory, offset)).isBetween(48 + 40, 1280);
        }
        if (Ipv6.checkQuoted(memory, offset, available) >= 0) {
            long walk = Ipv6.walk(memory, offset, available);
            assertThat(walk < 0 || Ipv6.walkedTransport(walk) <= available).isTrue();
        }
    }

    private static void transport(MemorySegment memory, long parsed, int seed) {
        long offset = 10 + Frame.transportOffset(parsed);
        int length = Frame.transportLength(parsed);
        boolean ipv6 = Frame.etherType(parsed) == Ethernet.IPV6;
        long network = 10 + Frame.networkOffset(parsed);
        switch (Frame.protocol(parsed)) {
            case Protocol.TCP -> {
                for (int at = Tcp.firstOption(memory, offset); at >= 0; at = Tcp.nextOption(memory, offset, at)) {
                    assertThat(at + Tcp.optionLength(memory, offset, at))
                            .isLessThanOrEqualTo(Tcp.headerLength(memory, offset));
                }
                Tcp.windowScale(memory, offset);
                Tcp.clampMaxSegmentSize(memory, offset, 1000 + seed % 3, false);
                assertThat(Tcp.maxSegmentSize(memory, offset)).isBetween(-1, 1002);
            }
            case Protocol.UDP -> {
                if (Frame.fragment(parsed) == Fragment.WHOLE) {
                    Udp.verify(memory, offset, 0);
                }
            }
            case Protocol.ICMPV6 -> {
                if (ipv6) {
                    Icmpv6.verify(memory, network, offset, length);
                    neighbour(memory, network, offset, length);
                }
            }
            case Protocol.ICMP -> Icmp.verify(memory, offset, length);
            default -> { }
        }
    }

    private static void neighbour(MemorySegment memory, long network, long offset, int length) {
        if (NeighbourDiscovery.check(memory, network, offset, length) < 0) {
            return;
        }
        for (int kind = 0; kind < 256; kind++) {
            int at = NeighbourDiscovery.option(memory, offset, length, kind);
            if (at < 0) {
                continue;
            }
            assertThat(at + NeighbourDiscovery.optionLength(memory, offset, at)).isLessThanOrEqualTo(length);
            NeighbourDiscovery.linkLayerAddress(memory, offset, at);
            if (kind == NeighbourDiscovery.PREFIX) {
                NeighbourDiscovery.prefixHigh(memory, offset, at);
                NeighbourDiscovery.prefixLow(memory, offset, at);
            } else if (kind == NeighbourDiscovery.ROUTE) {
                NeighbourDiscovery.routeHigh(memory, offset, at);
                NeighbourDiscovery.routeLow(memory, offset, at);
            } else if (kind == NeighbourDiscovery.RDNSS) {
                NeighbourDiscovery.serverLow(memory, offset, at,
                        NeighbourDiscovery.serverCount(memory, offset, at) - 1);
            }
        }
        assertThat(NeighbourDiscovery.describe(memory, offset)).isNotBlank();
    }
}
