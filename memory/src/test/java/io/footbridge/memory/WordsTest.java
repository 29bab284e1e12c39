package io.footbridge.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class WordsTest {
    private final MemorySegment segment = Arena.ofAuto().allocate(64, 64);

    @Test
    void everyLongWriteIsReadBackByEveryRead() {
        Words.putLong(segment, 8, 1);
        assertLong(1);
        Words.putLongOpaque(segment, 8, 2);
        assertLong(2);
        Words.putLongRelease(segment, 8, 3);
        assertLong(3);
        Words.putLongVolatile(segment, 8, 4);
        assertLong(4);
        assertThat(Words.casLong(segment, 8, 4, 5)).isTrue();
        assertThat(Words.casLong(segment, 8, 4, 6)).isFalse();
        assertThat(Words.getAndAddLong(segment, 8, -7)).isEqualTo(5);
        assertLong(-2);
        assertThat(Words.getAndBitwiseAndLong(segment, 8, ~4)).isEqualTo(-2);
        assertLong(-6);
        Words.putLong(segment, 8, -2);
        assertThat(segment.get(ValueLayout.JAVA_LONG, 8)).isEqualTo(-2);
    }

    @Test
    void everyIntWriteIsReadBackByEveryRead() {
        Words.putInt(segment, 4, 1);
        assertInt(1);
        Words.putIntOpaque(segment, 4, 2);
        assertInt(2);
        Words.putIntRelease(segment, 4, 3);
        assertInt(3);
        Words.putIntVolatile(segment, 4, 4);
        assertInt(4);
        assertThat(Words.casInt(segment, 4, 4, 5)).isTrue();
        assertThat(Words.casInt(segment, 4, 4, 6)).isFalse();
        assertThat(Words.getAndAddInt(segment, 4, -7)).isEqualTo(5);
        assertInt(-2);
        assertThat(segment.get(ValueLayout.JAVA_INT, 4)).isEqualTo(-2);
    }

    @Test
    void offsetsOutsideOrUnalignedAreRefused() {
        assertThatThrownBy(() -> Words.getLong(segment, 64)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> Words.putInt(segment, -4, 0)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> Words.getLong(segment, 56, 8)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> Words.getInt(segment, 0, -4)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatIllegalArgumentException().isThrownBy(() -> Words.casLong(segment, 4, 0, 1));
    }

    @Test
    void noAddFromTwoThreadsIsLost() {
        CompletableFuture<Void> other = CompletableFuture.runAsync(this::addManyTimes);
        addManyTimes();
        other.join();
        assertThat(Words.getLong(segment, 0)).isEqualTo(200_000);
    }

    private void addManyTimes() {
        for (int i = 0; i < 100_000; i++) {
            Words.getAndAddLong(segment, 0, 1);
        }
    }

    private void assertLong(long value) {
        assertThat(Words.getLong(segment, 0, 8)).isEqualTo(value);
        assertThat(Words.getLong(segment, 8)).isEqualTo(value);
        assertThat(Words.getLongOpaque(segment, 8)).isEqualTo(value);
        assertThat(Words.getLongAcquire(segment, 8)).isEqualTo(value);
        assertThat(Words.getLongVolatile(segment, 8)).isEqualTo(value);
    }

    private void assertInt(int value) {
        assertThat(Words.getInt(segment, 0, 4)).isEqualTo(value);
        assertThat(Words.getInt(segment, 4)).isEqualTo(value);
        assertThat(Words.getIntOpaque(segment, 4)).isEqualTo(value);
        assertThat(Words.getIntAcquire(segment, 4)).isEqualTo(value);
        assertThat(Words.getIntVolatile(segment, 4)).isEqualTo(value);
    }
}
