/**
 * What a run found: its raw figures, what is made of them, and the file that holds them.
 *
 * <h2>Theory of operation</h2>
 *
 * <p>A {@link io.footbridge.bench.result.Run} holds samples only, a {@link io.footbridge.bench.result.Sample} per mode, workload and
 * round; it is what {@code --json} writes and {@code --compare} reads. {@link io.footbridge.bench.result.Figures} makes of them
 * what people read. Machines are shared and their speed drifts, so what is compared is each round's own ratio to host mode;
 * their median is told with an interval by the bootstrap ({@link io.footbridge.bench.result.Statistics}), or, where there are too
 * few rounds for one, with the least and the most. Two modes are told apart when the interval of the rounds' own ratios of one
 * to the other leaves out 1.
 *
 * <p>{@link io.footbridge.bench.result.Comparison} sets two runs beside each other.
 */
package io.footbridge.bench.result;
