package io.footbridge.memory;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.BitSet;

/**
 * Tells when every worker has let go of what was taken out of use (reclamation by quiescent states).
 *
 * <p>The writer's side, any thread:
 * <ol>
 * <li>make the thing unreachable: store the new snapshot's reference, or clear the index, by release or stronger;</li>
 * <li>{@code long ticket = epochs.retire()};</li>
 * <li>once {@code epochs.passed(ticket)}, reuse it or close it.</li>
 * </ol>
 * The worker's side, each on its own thread, in a loop:
 * <ol>
 * <li>{@link #enter} once, before the first cycle and after each block;</li>
 * <li>a cycle: read snapshots by acquire, use them, keep nothing of them beyond the cycle;</li>
 * <li>{@link #pass} at the cycle's end; or, to block, {@link #leave}, block, {@link #enter}.</li>
 * </ol>
 *
 * <h2>Why it holds</h2>
 *
 * <p>A worker's word is the epoch it saw at its last cycle boundary, or {@link #OFFLINE}. A ticket has passed when no
 * word is below it.
 *
 * <p><em>A word at or above the ticket.</em> The worker read the epoch by acquire and found what {@code retire()}
 * wrote, or later: all its reads from then on see the store of step 1. It wrote its word by release after its
 * last read of the old snapshot, and {@code passed()} reads that word by acquire: those reads are over.
 *
 * <p><em>An offline word.</em> {@code leave()} stores it by release, so earlier reads are over. The danger is a worker that
 * is just coming back. {@code enter()} stores its word, then a full fence, then come the worker's reads; the writer
 * stores the snapshot, then a full fence, then reads the words. One of the two fences is first: either the writer sees
 * the word online (at an epoch below the ticket, and waits), or the worker sees the new snapshot. {@code pass()}
 * needs no such fence, because a word that is online and old only makes a writer wait.
 */
public final class Epochs {
    /** The word of a worker that holds nothing: not below any ticket. */
    static final long OFFLINE = Long.MAX_VALUE;
    /** Longs from one word to the next: 128 bytes, since processors fetch lines in pairs. */
    static final int STRIDE = 128 / Long.BYTES;

    private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class).withInvokeExactBehavior();
    /** Where the epoch itself stands; the workers' words follow. A stride before it keeps the array's header away. */
    private static final int EPOCH = STRIDE;

    private final int maxWorkers;
    private final long[] words;
    private final BitSet registered = new BitSet();

    /** @param maxWorkers how many may be registered at a time, at least 1 */
    public Epochs(int maxWorkers) {
        if (maxWorkers < 1) {
            throw new IllegalArgumentException("epochs for " + maxWorkers + " workers; at least 1 is needed");
        }
        this.maxWorkers = maxWorkers;
        words = new long[index(maxWorkers) + STRIDE];
        Arrays.fill(words, OFFLINE);
        words[EPOCH] = 1;
    }

    /**
     * Takes a place for a worker; any thread. It is offline until its own thread calls {@link #enter}.
     *
     * @return the worker's number for the other methods, {@code 0 .. maxWorkers-1}
     * @throws IllegalStateException all places are taken
     */
    public synchronized int register() {
        int worker = registered.nextClearBit(0);
        if (worker >= maxWorkers) {
            throw new IllegalStateException("register a worker: all " + maxWorkers + " places are taken");
        }
        registered.set(worker);
        return worker;
    }

    /** Gives the place back; any thread, once the worker's thread has left for good. */
    public synchronized void unregister(int worker) {
        if (!registered.get(worker)) {
            throw new IllegalStateException("unregister worker " + worker + ": it is not registered");
        }
        WORD.setVolatile(words, index(worker), OFFLINE);
        registered.clear(worker);
    }

    /**
     * Goes online, after a block or at the start; owning worker only. Snapshots must be read after this, never kept
     * from before.
     */
    public void enter(int worker) {
        WORD.setVolatile(words, index(worker), (long) WORD.getAcquire(words, EPOCH));
        VarHandle.fullFence();
    }

    /**
     * At each cycle's boundary, while online; owning worker only. The worker holds nothing that it read before.
     */
    public void pass(int worker) {
        int index = index(worker);
        long seen = (long) WORD.get(words, index);
        assert seen != OFFLINE : "worker " + worker + " passes while offline";
        long epoch = (long) WORD.getAcquire(words, EPOCH);
        if (epoch != seen) {
            WORD.setRelease(words, index, epoch);
        }
    }

    /** Goes offline, before a block; owning worker only. It holds nothing and reads nothing until {@link #enter}. */
    public void leave(int worker) {
        WORD.setRelease(words, index(worker), OFFLINE);
    }

    /**
     * Begins a new epoch; any thread, after what is retired has become unreachable for those who start to look now.
     *
     * @return the ticket for {@link #passed}; later ones are greater
     */
    public long retire() {
        return (long) WORD.getAndAdd(words, EPOCH, 1L) + 1;
    }

    /**
     * Whether no worker can still use what was retired before this ticket was drawn; any thread, off the frame path.
     * Once true it stays true.
     */
    public boolean passed(long ticket) {
        VarHandle.fullFence();
        for (int worker = 0; worker < maxWorkers; worker++) {
            if ((long) WORD.getAcquire(words, index(worker)) < ticket) {
                return false;
            }
        }
        return true;
    }

    private static int index(int worker) {
        return EPOCH + (worker + 1) * STRIDE;
    }
}
