package io.footbridge.wire;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Random;

/** Good frames of every kind, and what chance makes of them. */
final class Corpus {
    private static final List<MemorySegment> GOOD = List.of(
            FrameBuilder.ipv4(6).build(),
            FrameBuilder.ipv4(6).tcpOptions("020405b4010303070402080a0000000100000002").partial().build(),
            FrameBuilder.ipv4(6).gso(100).payload(950).build(),
            FrameBuilder.ipv4(6).gso(100).payload(50).ipOptions("94040000").tagged(0x8100).build(),
            FrameBuilder.ipv4(17).gso(64).payload(300).build(),
            FrameBuilder.ipv4(17).payload(10).padding(8).tagged(0x88A8).tagged(0x8100).build(),
            FrameBuilder.ipv4(1).payload(56).build(),
            FrameBuilder.ipv4(132).payload(20).build(),
            sctp(),
            FrameBuilder.ipv6(6).gso(100).payload(950).build(),
            FrameBuilder.ipv6(6).extensions(0, "3c00050200000000" + "0600010400000000").gso(100).payload(250).build(),
            FrameBuilder.ipv6(17).gso(64).payload(300).tagged(0x8100).build(),
            FrameBuilder.ipv6(17).extensions(44, "1100000100000007").payload(30).build(),
            FrameBuilder.ipv6(17).extensions(51, "1104000000000001000000020000000300000004" + "00000005").build(),
            FrameBuilder.ipv6(58).payload(56).build(),
            arp(), neighbour(false), neighbour(true), routerAdvertisement());

    private Corpus() {
    }

    static List<MemorySegment> good() {
        return GOOD;
    }

    /** A frame with its header: as good, with some bytes changed, cut short, or all chance. */
    static MemorySegment mutated(Random random) {
        if (random.nextInt(8) == 0) {
            byte[] noise = new byte[VirtioNetHeader.LENGTH + random.nextInt(120)];
            random.nextBytes(noise);
            return MemorySegment.ofArray(noise);
        }
        byte[] bytes = GOOD.get(random.nextInt(GOOD.size())).toArray(ValueLayout.JAVA_BYTE);
        int changes = random.nextInt(6);
        for (int i = 0; i < changes; i++) {
            int at = random.nextInt(Math.min(bytes.length, random.nextBoolean() ? 60 : 140));
            bytes[at] = random.nextBoolean() ? (byte) random.nextInt() : (byte) (bytes[at] ^ 1 << random.nextInt(8));
        }
        if (random.nextInt(3) == 0) {
            int length = VirtioNetHeader.LENGTH + random.nextInt(bytes.length - VirtioNetHeader.LENGTH + 1);
            return MemorySegment.ofArray(FrameBuilder.slice(bytes, 0, length));
        }
        return MemorySegment.ofArray(bytes);
    }

    static int length(MemorySegment memory) {
        return (int) memory.byteSize() - VirtioNetHeader.LENGTH;
    }

    private static MemorySegment sctp() {
        MemorySegment memory = FrameBuilder.ipv6(132).payload(20).partial().build();
        VirtioNetHeader.checksumOffset(memory, 0, 8);
        return memory;
    }

    private static MemorySegment arp() {
        MemorySegment memory = MemorySegment.ofArray(new byte[10 + 14 + 28]);
        Ethernet.write(memory, 10, MacAddress.BROADCAST, 0x0242_0A00_0001L, Ethernet.ARP);
        Arp.writeRequest(memory, 24, 0x0242_0A00_0001L, 0x0A00_0001, 0x0A00_0002);
        return memory;
    }

    private static MemorySegment neighbour(boolean advertisement) {
        MemorySegment memory = MemorySegment.ofArray(new byte[10 + 14 + 72]);
        Ethernet.write(memory, 10, 0x3333_FF00_0002L, 0x0242_0A00_0001L, Ethernet.IPV6);
        if (advertisement) {
            NeighbourDiscovery.writeAdvertisement(memory, 24, Ipv6.LINK_LOCAL_HIGH, 2, Ipv6.LINK_LOCAL_HIGH, 1,
                    NeighbourDiscovery.SOLICITED_FLAG, 0x0242_0A00_0001L);
        } else {
            NeighbourDiscovery.writeSolicitation(memory, 24, Ipv6.LINK_LOCAL_HIGH, 1, Ipv6.LINK_LOCAL_HIGH, 2,
                    0x0242_0A00_0001L);
        }
        return memory;
    }

    private static MemorySegment routerAdvertisement() {
        RouterAdvertisement advertisement = new RouterAdvertisement(0x0242_0A00_0001L, 64, 0x80, 1800, 1500,
                List.of(Ipv6Prefix.parse("fd00:17::1/64")), 86400, List.of(Ipv6Address.parse("fd00:17::1")), 600);
        MemorySegment memory = MemorySegment.ofArray(new byte[10 + 14 + advertisement.length()]);
        Ethernet.write(memory, 10, 0x3333_0000_0001L, 0x0242_0A00_0001L, Ethernet.IPV6);
        advertisement.write(memory, 24, MacAddress.eui64(0x0242_0A00_0001L), Ipv6.LINK_MULTICAST_HIGH,
                Ipv6.ALL_NODES_LOW);
        return memory;
    }
}
