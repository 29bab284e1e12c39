package io.footbridge.bench;

import io.footbridge.memory.Epochs;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What a worker's cycle and a control thread pay for the epochs, with eight places for workers. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class EpochsBenchmark {
    private final Epochs epochs = new Epochs(8);
    private int worker;

    @Setup
    public void enter() {
        worker = epochs.register();
        epochs.enter(worker);
    }

    /** The end of nearly every cycle. */
    @Benchmark
    public void pass() {
        epochs.pass(worker);
    }

    /** Around each block in epoll. */
    @Benchmark
    public void leaveAndEnter() {
        epochs.leave(worker);
        epochs.enter(worker);
    }

    @Benchmark
    public boolean retirePassAndAsk() {
        long ticket = epochs.retire();
        epochs.pass(worker);
        return epochs.passed(ticket);
    }
}
