package io.footbridge.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class EpochsTest {
    private final Epochs epochs = new Epochs(3);

    @Test
    void withoutWorkersEveryTicketHasPassed() {
        assertThat(epochs.passed(epochs.retire())).isTrue();
    }

    @Test
    void anOnlineWorkerHoldsATicketUntilItPasses() {
        int worker = epochs.register();
        epochs.enter(worker);
        long ticket = epochs.retire();
        assertThat(epochs.passed(ticket)).isFalse();
        epochs.pass(worker);
        assertThat(epochs.passed(ticket)).isTrue();
        assertThat(epochs.passed(epochs.retire())).isFalse();
    }

    @Test
    void everyWorkerMustPass() {
        int first = epochs.register();
        int second = epochs.register();
        epochs.enter(first);
        epochs.enter(second);
        long ticket = epochs.retire();
        epochs.pass(first);
        assertThat(epochs.passed(ticket)).isFalse();
        epochs.pass(second);
        assertThat(epochs.passed(ticket)).isTrue();
    }

    @Test
    void anOfflineWorkerHoldsNobodyUp() {
        int worker = epochs.register();
        assertThat(epochs.passed(epochs.retire())).isTrue();
        epochs.enter(worker);
        long ticket = epochs.retire();
        epochs.leave(worker);
        assertThat(epochs.passed(ticket)).isTrue();
        epochs.enter(worker);
        assertThat(epochs.passed(ticket)).isTrue();
        assertThat(epochs.passed(epochs.retire())).isFalse();
    }

    @Test
    void ticketsGrow() {
        long ticket = epochs.retire();
        assertThat(epochs.retire()).isGreaterThan(ticket);
    }

    @Test
    void placesAreLimitedAndReused() {
        assertThat(List.of(epochs.register(), epochs.register(), epochs.register())).containsExactly(0, 1, 2);
        assertThatIllegalStateException().isThrownBy(epochs::register)
                .withMessage("register a worker: all 3 places are taken");
        epochs.enter(1);
        long ticket = epochs.retire();
        epochs.unregister(1);
        assertThat(epochs.passed(ticket)).isTrue();
        assertThat(epochs.register()).isEqualTo(1);
        epochs.unregister(1);
        assertThatIllegalStateException().isThrownBy(() -> epochs.unregister(1));
        assertThatIllegalArgumentException().isThrownBy(() -> new Epochs(0));
    }

    /** Workers that pass, leave and enter at random look for a resource that was closed under their hands. */
    @Test
    @Timeout(60)
    void whatWasRetiredIsNeverUsedAfterItsTicketPassed() throws InterruptedException {
        AtomicReference<Resource> current = new AtomicReference<>(new Resource());
        AtomicBoolean stop = new AtomicBoolean();
        AtomicInteger usedAfterClose = new AtomicInteger();
        AtomicLong cycles = new AtomicLong();
        List<Thread> workers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            workers.add(Thread.ofPlatform().start(() -> {
                int worker = epochs.register();
                epochs.enter(worker);
                long cycle = 0;
                while (!stop.get()) {
                    Resource resource = current.getAcquire();
                    for (int use = 0; use < 8; use++) {
                        if (resource.closed) {
                            usedAfterClose.incrementAndGet();
                        }
                    }
                    if (cycle++ % 3 == 0) {
                        epochs.leave(worker);
                        epochs.enter(worker);
                    } else {
                        epochs.pass(worker);
                    }
                }
                epochs.leave(worker);
                epochs.unregister(worker);
                cycles.addAndGet(cycle);
            }));
        }
        Reclaimer reclaimer = new Reclaimer(epochs);
        AtomicInteger closed = new AtomicInteger();
        long end = System.nanoTime() + 1_500_000_000L;
        while (System.nanoTime() - end < 0) {
            Resource old = current.getPlain();
            current.setRelease(new Resource());
            reclaimer.retire(() -> {
                old.closed = true;
                closed.incrementAndGet();
            });
            reclaimer.drain();
        }
        stop.set(true);
        for (Thread worker : workers) {
            worker.join();
        }
        reclaimer.drain();
        assertThat(reclaimer.waiting()).isZero();
        assertThat(usedAfterClose).hasValue(0);
        assertThat(closed).hasValueGreaterThan(100);
        assertThat(cycles).hasValueGreaterThan(100);
    }

    private static final class Resource {
        boolean closed;
    }
}
