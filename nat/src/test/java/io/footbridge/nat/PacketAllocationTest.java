package io.footbridge.nat;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.footbridge.wire.Fragment;
import io.footbridge.wire.Frame;
import io.footbridge.wire.Protocol;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.api.Test;

class PacketAllocationTest {
    private static final int WARM = 60_000;
    private static final int WINDOW = 20_000;
    private static final int WINDOWS = 3;
    private static final int SLOT = 4096;
    private static final List<Packet> PACKETS = List.of(Packet.ipv4(6).gso(1000).payload(3000), Packet.ipv4(6), Packet.ipv4(17),
            Packet.ipv4(1), Packet.ipv4(47), Packet.ipv4(6).flags(0x02), Packet.ipv4(6).flags(0x11),
            Packet.ipv4(17).fragment(1480, true), Packet.ipv4(17).fragment(0, true),
            Packet.ipv4(1).error(3, 3, Packet.ipv4(17).packet()).to(Packet.INSIDE, 0));

    private final Tuple tuple = new Tuple();
    private long sink;

    /** The compiler may still be at work in the first window, and until it is done the interpreter allocates. */
    @Test
    void noPacketOfAKnownFlowAllocates() throws IOException {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (Arena arena = Arena.ofConfined(); TestTable nat = new TestTable(1024);
                FragmentTable fragments = new FragmentTable(1)) {
            MemorySegment memory = arena.allocate((long) SLOT * PACKETS.size(), 8);
            MemorySegment room = arena.allocate(16_384, 8);
            int[] flows = new int[PACKETS.size()];
            long[] parsed = new long[PACKETS.size()];
            for (int i = 0; i < flows.length; i++) {
                MemorySegment packet = PACKETS.get(i).build();
                memory.asSlice((long) i * SLOT).copyFrom(packet);
                parsed[i] = Frame.parse(packet, 10, (int) packet.byteSize() - 10);
                int port = PACKETS.get(i).protocol == Protocol.ICMP ? 8 : 80;
                flows[i] = nat.masquerade(PACKETS.get(i).protocol, TestTable.host(2), 40000, TestTable.SERVER, port);
            }
            Tracking tracking = new Tracking(nat.table);
            Rewriter rewriter = new Rewriter(nat.table);
            IcmpErrors errors = new IcmpErrors(nat.table, TestTable.LANE);
            long allocated = Long.MAX_VALUE;
            for (int window = -1; window < WINDOWS && allocated > 0; window++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                for (int round = 0; round < (window < 0 ? WARM : WINDOW); round++) {
                    int i = round % flows.length;
                    long header = (long) i * SLOT;
                    if (Frame.fragment(parsed[i]) != Fragment.WHOLE) {
                        sink += fragments.accept(memory, header, header + 10, 1000, parsed[i], 1, round);
                        sink += fragments.release(room, 64) + fragments.expired(round);
                    } else if (Tracking.isIcmpError(memory, header + 10, parsed[i])) {
                        sink += errors.find(memory, header, header + 10, parsed[i], 1, 0);
                        errors.rewrite(memory, header + 10, parsed[i], flows[2]);
                    } else {
                        tuple.read(memory, header + 10, parsed[i], 1);
                        sink += Tracking.admit(memory, header + 10, parsed[i]);
                        sink += tracking.packet(flows[i], memory, header + 10, parsed[i], false, 0);
                        rewriter.rewrite(memory, header, header + 10, parsed[i], flows[i]);
                    }
                }
                allocated = threads.getCurrentThreadAllocatedBytes() - before;
            }
            assertThat(allocated).isZero();
            assertThat(sink).isNotZero();
        }
    }
}
