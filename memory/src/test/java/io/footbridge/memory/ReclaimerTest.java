package io.footbridge.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReclaimerTest {
    private final Epochs epochs = new Epochs(1);
    private final int worker = epochs.register();
    private final Reclaimer reclaimer = new Reclaimer(epochs);
    private final List<String> released = new ArrayList<>();

    @Test
    void whatIsRetiredIsReleasedInOrderOnceTheWorkerHasPassed() {
        epochs.enter(worker);
        reclaimer.retire(() -> released.add("first"));
        reclaimer.retire(() -> released.add("second"));
        assertThat(reclaimer.drain()).isZero();
        epochs.pass(worker);
        reclaimer.retire(() -> released.add("third"));
        assertThat(reclaimer.drain()).isEqualTo(2);
        assertThat(released).containsExactly("first", "second");
        assertThat(reclaimer.waiting()).isEqualTo(1);
        epochs.leave(worker);
        assertThat(reclaimer.drain()).isEqualTo(1);
        assertThat(released).containsExactly("first", "second", "third");
    }

    @Test
    void aTicketDrawnBeforeCounts() {
        epochs.enter(worker);
        long ticket = epochs.retire();
        epochs.pass(worker);
        reclaimer.retire(ticket, () -> released.add("it"));
        assertThat(reclaimer.drain()).isEqualTo(1);
    }

    @Test
    void anActionThatThrowsIsDoneWithAndTheRestFollows() {
        reclaimer.retire(() -> {
            throw new IllegalStateException("close failed");
        });
        reclaimer.retire(() -> released.add("second"));
        assertThatIllegalStateException().isThrownBy(reclaimer::drain).withMessage("close failed");
        assertThat(reclaimer.drain()).isEqualTo(1);
        assertThat(released).containsExactly("second");
    }

    @Test
    void anActionMayRetireMore() {
        reclaimer.retire(() -> reclaimer.retire(() -> released.add("inner")));
        assertThat(reclaimer.drain()).isEqualTo(2);
        assertThat(released).containsExactly("inner");
    }
}
