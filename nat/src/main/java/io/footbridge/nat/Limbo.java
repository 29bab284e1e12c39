package io.footbridge.nat;

import io.footbridge.memory.Epochs;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The removed records of one kind and lane, until all workers have passed: then they are free. They gather in a chain;
 * chains wait with a ticket, which is drawn for a batch of records, not for each.
 *
 * <p>Records are added by the lane's thread. What has waited is freed by that thread or by the housekeeper, since a worker
 * may have nothing to do for long; whoever finds the other at it leaves it to him.
 */
final class Limbo {
    /** How many gather before the lane draws a ticket by itself. */
    static final int BATCH = 64;
    /** A power of two. */
    private static final int WAITING = 64;

    private final RecordPool pool;
    private final Epochs epochs;
    private final Release release;
    /** Upper half: the last record of the chain plus 1. Lower half: its first one plus 1. 0: none. */
    private final AtomicLong gathering = new AtomicLong();
    private int gathered;
    /** Taken by who reads or writes what follows. */
    private final AtomicBoolean taken = new AtomicBoolean();
    private final long[] chains = new long[WAITING];
    private final long[] tickets = new long[WAITING];
    private int oldest;
    private int next;

    /** What is to be done when a record becomes free, before it does. */
    interface Release {
        void release(int record);
    }

    /** @param release null where nothing is to be done: then chains become free whole */
    Limbo(RecordPool pool, Epochs epochs, Release release) {
        this.pool = pool;
        this.epochs = epochs;
        this.release = release;
    }

    /** Takes in a record that nobody can find any more; the lane's thread. */
    void add(int record) {
        long chain;
        long longer;
        do {
            chain = gathering.get();
            pool.link(record, (int) chain - 1);
            long last = chain == 0 ? record + 1 : chain >>> 32;
            longer = last << 32 | record + 1;
        } while (!gathering.compareAndSet(chain, longer));
        if (++gathered >= BATCH) {
            gathered = 0;
            advance(Integer.MAX_VALUE);
        }
    }

    /**
     * Frees what has waited long enough; what has gathered begins to wait.
     *
     * @param budget records to free one by one at most, where each needs something done
     */
    void advance(int budget) {
        if (gathering.getAcquire() == 0 && oldest == next || !taken.compareAndSet(false, true)) {
            return;
        }
        free(budget);
        if (next - oldest < WAITING) {
            long chain = gathering.getAndSet(0);
            if (chain != 0) {
                chains[next & WAITING - 1] = chain;
                tickets[next++ & WAITING - 1] = epochs.retire();
            }
        }
        taken.setRelease(false);
    }


    private void free(int budget) {
        int left = budget;
        while (oldest != next && left > 0 && epochs.passed(tickets[oldest & WAITING - 1])) {
            int slot = oldest & WAITING - 1;
            int first = (int) chains[slot] - 1;
            int last = (int) (chains[slot] >>> 32) - 1;
            if (release == null) {
                pool.give(first, last);
                oldest++;
            } else if (freeOne(slot, first, last)) {
                oldest++;
            }
            left--;
        }
    }

    /** True when it was the chain's last one. */
    private boolean freeOne(int slot, int first, int last) {
        int following = pool.next(first);
        release.release(first);
        pool.give(first);
        chains[slot] = chains[slot] & 0xFFFF_FFFF_0000_0000L | following + 1;
        return first == last;
    }
}
