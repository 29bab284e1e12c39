/**
 * A run from beginning to end: modes are set up, workloads run over them in interleaved rounds, and everything is taken down.
 *
 * <h2>Theory of operation</h2>
 *
 * <p>{@link io.footbridge.bench.run.Bench} sets every mode up once and keeps it for all rounds. A mode that cannot be built, or
 * whose data plane dies in the middle, says so in its rows, and the rest goes on. After a warm-up, which is not counted, and a
 * look at what the machine does by itself (the idle baseline), each round runs each workload over each mode, one right after the
 * other, in an order that is shuffled anew: whatever drifts or disturbs hits all modes alike, and each round's own ratio to
 * host mode takes most of it out.
 *
 * <p>{@link io.footbridge.bench.run.CrossChecker} repeats some of it with known tools in pairs with ours, in case ours are wrong.
 *
 * <p>{@link io.footbridge.bench.run.Progress} knows how long every step is meant to take and tells how much is left.
 *
 * <p><b>The end.</b> Whoever wants all to end closes the {@link io.footbridge.bench.run.Bench}, from any thread: sites are
 * closed, traffic breaks off, and the main thread runs into an exception wherever it is. The shutdown hook of
 * {@link io.footbridge.bench.Main} does nothing else.
 */
package io.footbridge.bench.run;
