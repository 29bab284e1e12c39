package io.footbridge.tap;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class SpareDescriptorsTest {
    private static final int COUNT = 5;

    private static long pipeEnds(int original) throws IOException {
        Path target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + original));
        try (var open = Files.list(Path.of("/proc/self/fd"))) {
            return open.filter(each -> {
                try {
                    return Files.readSymbolicLink(each).equals(target);
                } catch (IOException gone) {
                    return false;
                }
            }).count();
        }
    }

    @Test
    void theyAreHeldUntilGivenAwayAndCanBeTakenAgain() throws IOException {
        CallState state = CallState.ofThread();
        int[] ends = new int[2];
        assertThat(PipeCalls.pipe(state, ends)).isZero();
        SpareDescriptors spares = new SpareDescriptors(ends[0], COUNT);
        long none = pipeEnds(ends[0]);
        for (int i = 0; i < 2; i++) {
            assertThat(spares.refill()).isTrue();
            assertThat(spares.refill()).as("those that are held are not taken twice").isTrue();
            assertThat(pipeEnds(ends[0])).isEqualTo(none + COUNT);
            assertThat(spares.giveOne()).isTrue();
            assertThat(pipeEnds(ends[0])).isEqualTo(none + COUNT - 1);
            spares.close();
            assertThat(spares.giveOne()).as("none is left").isFalse();
            assertThat(pipeEnds(ends[0])).isEqualTo(none);
        }
        FileCalls.close(state, ends[0]);
        FileCalls.close(state, ends[1]);
    }
}
