package io.footbridge.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FrameRingTest {
    private static final int CAPACITY = 8 << 20;
    private static final int LARGEST = 65_557;

    private final MemorySegment source = Arena.ofAuto().allocate(LARGEST + 100);
    private final FrameRing ring = new FrameRing("a test", CAPACITY);

    FrameRingTest() throws IOException {
        for (int i = 0; i < source.byteSize(); i++) {
            source.set(ValueLayout.JAVA_BYTE, i, (byte) (i * 13));
        }
    }

    @AfterEach
    void close() {
        ring.close();
    }

    private void readNext(int length, long port, int direction) {
        int position = ring.next();
        assertThat(position).isNotNegative().matches(at -> at % 8 == 0);
        MemorySegment memory = ring.memory();
        assertThat(memory.get(ValueLayout.JAVA_INT, position)).isEqualTo(length);
        assertThat(memory.get(ValueLayout.JAVA_INT, position + FrameRing.KIND)).isEqualTo(direction);
        assertThat(memory.get(ValueLayout.JAVA_LONG, position + FrameRing.PORT)).isEqualTo(port);
        assertThat(System.nanoTime() - memory.get(ValueLayout.JAVA_LONG, position + FrameRing.TIME)).isNotNegative();
        assertThat(memory.asSlice(position + FrameRing.FRAME, length).mismatch(source.asSlice(port, length))).isEqualTo(-1);
        ring.release(position);
    }

    @Test
    void whatIsRecordedIsReadInOrder() {
        assertThat(ring.next()).isEqualTo(-1);
        ring.record(source, 3, 60, 3, Capture.INBOUND);
        ring.record(source, 4, 1, 4, Capture.OUTBOUND);
        ring.record(source, 5, LARGEST, 5, Capture.INBOUND);
        readNext(60, 3, Capture.INBOUND);
        readNext(1, 4, Capture.OUTBOUND);
        readNext(LARGEST, 5, Capture.INBOUND);
        assertThat(ring.next()).isEqualTo(-1);
        assertThat(ring.dropped()).isZero();
    }

    @Test
    void theRingGoesRoundWithFramesOfEverySize() {
        Random random = new Random(3);
        int waiting = 0;
        int[] lengths = new int[4];
        for (int i = 0; i < 4000; i++) {
            if (waiting == lengths.length) {
                readNext(lengths[i % 4], i - 4 & 0x3f, 1);
                waiting--;
            }
            lengths[i % 4] = random.nextInt(8) == 0 ? LARGEST : 1 + random.nextInt(2000);
            ring.record(source, i & 0x3f, lengths[i % 4], i & 0x3f, 1);
            waiting++;
        }
        assertThat(ring.dropped()).isZero();
    }

    @Test
    void aRecordThatEndsWhereTheRingEndsNeedsNoSkip() {
        int length = CAPACITY / 128 - FrameRing.FRAME;
        for (int i = 0; i < 128; i++) {
            ring.record(source, i, length, i, 1);
        }
        assertThat(ring.dropped()).isZero();
        ring.record(source, 0, 1, 0, 1);
        assertThat(ring.dropped()).isOne();
        for (int i = 0; i < 128; i++) {
            readNext(length, i, 1);
        }
        ring.record(source, 9, 1, 9, 1);
        readNext(1, 9, 1);
    }

    @Test
    void whenItIsFullTheCopyIsCountedAndWhatIsThereStays() {
        int taken = 0;
        while (ring.dropped() == 0) {
            ring.record(source, taken, 5000, taken, 1);
            taken += ring.dropped() == 0 ? 1 : 0;
        }
        assertThat(taken).isEqualTo(CAPACITY / (5000 + FrameRing.FRAME));
        ring.record(source, 0, LARGEST, 0, 1);
        assertThat(ring.dropped()).isEqualTo(2);
        for (int i = 0; i < taken; i++) {
            readNext(5000, i, 1);
        }
        assertThat(ring.next()).isEqualTo(-1);
        ring.record(source, 7, 5000, 7, 2);
        readNext(5000, 7, 2);
    }

    @Test
    void oneThreadWritesWhileAnotherReads() throws InterruptedException {
        Thread writer = Thread.ofPlatform().start(() -> {
            for (int i = 0; i < 200_000; i++) {
                ring.record(source, i & 0x3f, 40 + i % 1500, i & 0x3f, 1);
            }
        });
        long read = 0;
        boolean ended;
        do {
            ended = !writer.isAlive();
            int position;
            while ((position = ring.next()) >= 0) {
                long port = ring.memory().get(ValueLayout.JAVA_LONG, position + FrameRing.PORT);
                int length = ring.memory().get(ValueLayout.JAVA_INT, position);
                assertThat(ring.memory().asSlice(position + FrameRing.FRAME, length)
                        .mismatch(source.asSlice(port, length)) == -1).isTrue();
                ring.release(position);
                read++;
            }
        } while (!ended);
        writer.join();
        assertThat(read + ring.dropped()).isEqualTo(200_000);
    }
}
