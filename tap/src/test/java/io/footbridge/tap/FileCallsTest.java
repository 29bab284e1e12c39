package io.footbridge.tap;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FileCallsTest {
    private final CallState state = new CallState();
    private final int[] pipe = new int[2];

    @BeforeEach
    void makePipe() {
        assertThat(PipeCalls.pipe(state, pipe)).isZero();
    }

    @AfterEach
    void closePipe() {
        FileCalls.close(state, pipe[0]);
        if (pipe[1] >= 0) {
            FileCalls.close(state, pipe[1]);
        }
    }

    private int[] poll(int events, int... descriptors) {
        int[] happened = new int[descriptors.length];
        Arrays.fill(happened, events);
        FileCalls.poll(state, descriptors, happened, 0);
        return happened;
    }

    @Test
    void pollTellsWhatHasHappenedOnEach() {
        assertThat(poll(FileCalls.POLLIN, pipe[0], -1)).containsExactly(0, 0);
        assertThat(poll(FileCalls.POLLOUT, pipe[1])).containsExactly(FileCalls.POLLOUT);
    }

    @Test
    void pollTellsOfAHangUpThoughNobodyAsks() {
        FileCalls.close(state, pipe[1]);
        pipe[1] = -1;
        assertThat(poll(0, pipe[0])).containsExactly(FileCalls.POLLHUP);
    }

    @Test
    void descriptorThatIsNotOpenIsAnEvent() {
        int nobody = 1 << 20;
        assertThat(poll(0, nobody)[0]).isNotZero();
    }
}
