package io.footbridge.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.nat.Tuple;
import io.footbridge.wire.DropReason;
import io.footbridge.wire.Ethernet;
import io.footbridge.wire.Frame;
import io.footbridge.wire.Ipv4;
import io.footbridge.wire.Protocol;
import io.footbridge.wire.Udp;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReassemblyTest {
    private static final int FRAGMENT = DropReason.FRAGMENT.code();
    private static final long FRAME = Reassembly.MEMORY + 64;
    private static final long P = FRAME + Ethernet.HEADER_LENGTH;

    private final TestUplink world = new TestUplink();
    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory = arena.allocate(Reassembly.MEMORY + (1 << 17), 64);
    private final Reassembly reassembly = new Reassembly(memory, 0);
    private final Packet packet = new Packet(memory);
    private final Tuple tuple = new Tuple();

    @AfterEach
    void close() {
        world.close();
        arena.close();
    }

    private byte[] bytes(int length, int seed) {
        byte[] all = new byte[length];
        new Random(seed).nextBytes(all);
        return all;
    }

    /** One piece of a datagram with a payload of these bytes; offsets count from the UDP header. */
    private int piece(TestHost from, byte[] payload, int id, int start, int end, boolean more) {
        Ethernet.write(memory, FRAME, 2, 4, Ethernet.IPV4);
        Ipv4.write(memory, P, from.ipv4.address(), 7, Protocol.UDP, 64, 20 + end - start);
        Ipv4.identification(memory, P, id);
        Ipv4.flagsAndFragmentOffset(memory, P, start / 8 | (more ? Ipv4.MORE_FRAGMENTS : 0));
        Ipv4.writeChecksum(memory, P);
        MemorySegment whole = MemorySegment.ofArray(new byte[8 + payload.length]);
        Udp.write(whole, 0, 1, 2, 8 + payload.length);
        MemorySegment.copy(MemorySegment.ofArray(payload), 0, whole, 8, payload.length);
        MemorySegment.copy(whole, start, memory, P + 20, end - start);
        long parsed = Frame.parse(memory, FRAME, 34 + end - start);
        assertThat(parsed).isPositive();
        packet.ingress = from.port;
        tuple.readAddresses(memory, FRAME, parsed, 1);
        packet.set(FRAME, 20 + end - start, parsed, tuple);
        return reassembly.accept(packet);
    }

    private void assertWhole(byte[] payload) {
        assertThat(reassembly.complete(packet)).isZero();
        assertThat(packet.isFragment()).isFalse();
        assertThat(Ipv4.verify(memory, packet.network())).isTrue();
        assertThat(Udp.length(memory, packet.transport())).isEqualTo(8 + payload.length);
        assertThat(memory.asSlice(packet.transport() + 8, payload.length).mismatch(MemorySegment.ofArray(payload))).isEqualTo(-1);
    }

    @Property(tries = 60)
    void piecesInAnyOrderBehindTheFirstMakeTheDatagram(@ForAll @IntRange(min = 9, max = 65_507) int length, @ForAll int seed) {
        Random random = new Random(seed);
        byte[] payload = bytes(length, seed);
        List<int[]> pieces = new ArrayList<>();
        for (int at = 0; at < 8 + length;) {
            int end = Math.min(8 + length, at + 8 * (1 + random.nextInt(1 + Math.max(1, length / 40))));
            end = at == 0 ? Math.min(end, (length + 7) / 8 * 8) : end;
            pieces.add(new int[] {at, end});
            at = end;
        }
        Collections.shuffle(pieces.subList(1, pieces.size()), random);
        for (int i = 0; i < pieces.size(); i++) {
            int[] piece = pieces.get(i);
            int result = piece(world.a, payload, seed & 0xFFFF, piece[0], piece[1], piece[1] < 8 + length);
            assertThat(result).isEqualTo(i == pieces.size() - 1 ? Reassembly.WHOLE : Reassembly.WAITING);
        }
        assertWhole(payload);
    }

    @Test
    void whatOverlapsEndsItsDatagram() {
        byte[] payload = bytes(4000, 1);
        assertThat(piece(world.a, payload, 1, 0, 1480, true)).isEqualTo(Reassembly.WAITING);
        assertThat(piece(world.a, payload, 1, 1472, 2960, true)).isEqualTo(FRAGMENT);
        assertThat(piece(world.a, payload, 1, 2960, 4008, false)).as("its place is free").isEqualTo(FRAGMENT);
    }

    @Test
    void piecesThatDisagreeAboutTheEndEndTheirDatagram() {
        byte[] payload = bytes(4000, 1);
        assertThat(piece(world.a, payload, 1, 0, 1480, true)).isEqualTo(Reassembly.WAITING);
        assertThat(piece(world.a, payload, 1, 2960, 4008, false)).isEqualTo(Reassembly.WAITING);
        assertThat(piece(world.a, payload, 1, 1480, 2968, false)).isEqualTo(FRAGMENT);
        assertThat(piece(world.a, payload, 2, 8, 16, false)).as("without a first one").isEqualTo(FRAGMENT);
    }

    @Test
    void aContainerHasItsShareAndTheRestIsForOthers() {
        byte[] payload = bytes(3000, 1);
        for (int id = 0; id < 100; id++) {
            assertThat(piece(world.a, payload, id, 0, 1480, true)).isEqualTo(Reassembly.WAITING);
        }
        assertThat(piece(world.b, payload, 1, 0, 1480, true)).isEqualTo(Reassembly.WAITING);
        assertThat(piece(world.b, payload, 1, 1480, 3008, false)).isEqualTo(Reassembly.WHOLE);
        assertWhole(payload);
        assertThat(piece(world.a, payload, 99, 1480, 3008, false)).as("the latest are kept").isEqualTo(Reassembly.WHOLE);
        assertWhole(payload);
        assertThat(piece(world.a, payload, 95, 1480, 3008, false)).as("the oldest give way").isEqualTo(FRAGMENT);
    }

    @Test
    void whatIsNotWholeInTimeIsForgotten() {
        byte[] payload = bytes(3000, 1);
        packet.tick = 5;
        assertThat(piece(world.a, payload, 1, 0, 1480, true)).isEqualTo(Reassembly.WAITING);
        packet.tick = 5 + Reassembly.LIFETIME + 1;
        assertThat(piece(world.a, payload, 1, 1480, 3008, false)).isEqualTo(FRAGMENT);
    }
}
