package io.footbridge.bench;

import io.footbridge.memory.Epochs;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * What was retired is never used after its ticket passed. The resource is a plain field that the writer clears when he
 * may: a worker that reads 0 through the old snapshot used it too late.
 */
public final class EpochsStress {
    private EpochsStress() {
    }

    /** A snapshot swapped by release, and the epochs of one worker. */
    static class Swap {
        private static final VarHandle CURRENT;

        static {
            try {
                CURRENT = MethodHandles.lookup().findVarHandle(Swap.class, "current", Resource.class);
            } catch (ReflectiveOperationException e) {
                throw new ExceptionInInitializerError(e);
            }
        }

        final Epochs epochs = new Epochs(1);
        final int worker = epochs.register();
        private Resource current = new Resource();

        int use() {
            return ((Resource) CURRENT.getAcquire(this)).content;
        }

        /** 1 when the old one could be closed at once, else 0. */
        int replace() {
            Resource old = current;
            CURRENT.setRelease(this, new Resource());
            if (epochs.passed(epochs.retire())) {
                old.content = 0;
                return 1;
            }
            return 0;
        }
    }

    static final class Resource {
        int content = 1;
    }

    /** The worker comes back from a block just when the writer looks. */
    @JCStressTest
    @Outcome(id = {"1, 1", "1, 0"}, expect = Expect.ACCEPTABLE, desc = "Used while it was whole.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "Used after it was closed.")
    @State
    public static class ReplaceWhileTheWorkerEnters extends Swap {
        @Actor
        public void worker(II_Result result) {
            epochs.enter(worker);
            result.r1 = use();
        }

        @Actor
        public void writer(II_Result result) {
            result.r2 = replace();
        }
    }

    @JCStressTest
    @Outcome(id = {"1, 1", "1, 0"}, expect = Expect.ACCEPTABLE, desc = "Used while it was whole.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "Used after it was closed.")
    @State
    public static class ReplaceWhileTheWorkerPasses extends Swap {
        public ReplaceWhileTheWorkerPasses() {
            epochs.enter(worker);
        }

        @Actor
        public void worker(II_Result result) {
            int before = use();
            epochs.pass(worker);
            result.r1 = before & use();
        }

        @Actor
        public void writer(II_Result result) {
            result.r2 = replace();
        }
    }

    @JCStressTest
    @Outcome(id = {"1, 1", "1, 0"}, expect = Expect.ACCEPTABLE, desc = "Used while it was whole.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "Used after it was closed.")
    @State
    public static class ReplaceWhileTheWorkerLeavesAndEnters extends Swap {
        public ReplaceWhileTheWorkerLeavesAndEnters() {
            epochs.enter(worker);
        }

        @Actor
        public void worker(II_Result result) {
            int before = use();
            epochs.leave(worker);
            epochs.enter(worker);
            result.r1 = before & use();
        }

        @Actor
        public void writer(II_Result result) {
            result.r2 = replace();
        }
    }
}
