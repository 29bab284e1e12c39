/**
 * Off-heap memory, seeded hashing, and epochs: what every table and every frame buffer stands on.
 *
 * <h2>Theory of operation</h2>
 *
 * <p>Frames, sessions and MAC addresses do not live on the Java heap. A {@link io.footbridge.memory.Region} is one
 * private anonymous mapping, aligned for huge pages and touched when it is made, so that neither the collector nor a
 * page fault ever holds a worker up. Code on the frame path takes the region's segment in a local variable and passes
 * it on together with a {@code long} offset; no object stands for a record.
 *
 * <p>Words that more than one thread touches are aligned longs and ints, read and written through
 * {@link io.footbridge.memory.Words}, which names the order each access needs: acquire for what leads to other data,
 * release for what publishes it, compare-and-set for what several threads may change.
 *
 * <p>{@link io.footbridge.memory.SeededHash} places keys in tables. Whoever sends frames chooses the keys, so the
 * hash depends on a seed that is drawn at each start and never shown.
 *
 * <p>{@link io.footbridge.memory.Epochs} answers the one question that lock-free readers leave open: when may
 * something that was taken out of use (a replaced snapshot, a freed session index, an endpoint's descriptor) be
 * reused or closed? Readers announce nothing per access. Each worker says once per cycle that it holds nothing from
 * the cycle before, and what was retired is released when every worker has said so.
 * {@link io.footbridge.memory.Reclaimer} keeps what waits for that.
 *
 * <p>{@link io.footbridge.memory.CleanPages} is the other end of it: what a process has in memory only because it once read a
 * file that it has mapped.
 *
 * <h2>Choices</h2>
 *
 * <ul>
 * <li>Segments are bounded, and an offset outside its region is an exception in all tests; but where assertions are off,
 *     words and wire fields are reached by address ({@link io.footbridge.memory.DirectAccess}). A routed frame has some
 *     hundred accesses, between calls and barriers over which the compiler cannot carry a check: they cost 60 ns of 230.</li>
 * <li>A region belongs to a shared arena, so that any thread may close it: by way of the epochs, and when no other thread
 *     lists what is in it.</li>
 * <li>Quiescent states, not hazard pointers: a pass costs one load and one compare in most cycles, whatever the number
 *     of lookups in it. The price is that a worker which never reaches the end of its cycle holds up every release;
 *     workers never block inside a cycle, and say so before they block at its end.</li>
 * </ul>
 */
package io.footbridge.memory;
