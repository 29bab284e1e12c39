/**
 * {@code footbridge bench} ({@link io.footbridge.bench.Main}), whose parts stand in the packages below this one, and measurements
 * for those who work on Footbridge: what its bridge and NAT cost beside the kernel's, beside Open vSwitch in user space, and beside a
 * loop that only reads and writes.
 *
 * <h2>Theory of operation</h2>
 *
 * <p>A {@link io.footbridge.bench.TestBed} is a set of hosts (network namespaces) on one bridge of some kind, or on both
 * sides of a NAT; a {@link io.footbridge.bench.Workload} does something over it that ends in one figure.
 * {@link io.footbridge.bench.BridgeFigures} and {@link io.footbridge.bench.NatFigures} set their beds up once and run every
 * workload over each of them in interleaved rounds ({@link io.footbridge.bench.Rounds}). Machines are shared and their
 * speed drifts, so what is compared is each round's own ratio, and what is told is the median of those with the least and
 * the most. A first round is not counted.
 *
 * <p>{@link io.footbridge.bench.RootlessFigures} sets a container's TCP by the host's own sockets beside slirp4netns and pasta.
 * {@link io.footbridge.bench.LongWayFigures} has the server at the far end of a {@link io.footbridge.bench.FrameDelay}.
 *
 * <p>{@link io.footbridge.bench.BareLoop} is the yardstick for what any user-space bridge could reach: one read and one
 * write a frame, nothing in between. The bridge may pass it where it takes more frames per system call or wake-up.
 *
 * <p>{@link io.footbridge.bench.Soak} and {@link io.footbridge.bench.BoundedWork} drive a whole engine over endpoints in
 * memory ({@link io.footbridge.bench.MemoryLink}): the one for minutes, to see that nothing is left behind, the other with
 * millions of flows, to see that no cycle's work grows with them.
 *
 * <p>JMH benchmarks stand in {@code src/jmh/java}, jcstress tests in {@code src/jcstress/java}; profiles run them, and
 * neither ships.
 */
package io.footbridge.bench;
