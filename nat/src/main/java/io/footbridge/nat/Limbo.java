package io.footbridge.nat;

import io.footbridge.memory.Epochs;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The removed records of one kind and lane, until all workers have passed: then they are free. They gather in a chain;
 * chains wait with a ticket. One thread at a time; only {@link #takeAll} is for any.
 */
final class Limbo {
    /** How many gather before the lane draws a ticket by itself. */
    private static final int BATCH = 64;
    /** A power of two. */
    private static final int WAITING = 64;

    private final RecordPool pool;
    private final Epochs epochs;
    private final Release release;
    /** Upper half: the last record of the chain plus 1. Lower half: its first one plus 1. 0: none. */
    private final AtomicLong gathering = new AtomicLong();
    private final long[] chains = new long[WAITING];
    private final long[] tickets = new long[WAITING];
    private int oldest;
    private int next;
    private int gathered;

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

    /** Takes in a record that nobody can find any more. */
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
            advance(Integer.MAX_VALUE);
        }
    }

    /** What has gathered, for another lane that will wait with it; 0 when there is nothing. */
    long takeAll() {
        return gathering.get() == 0 ? 0 : gathering.getAndSet(0);
    }

    /** Frees what has waited long enough; what has gathered begins to wait. */
    void advance(int budget) {
        free(budget);
        if (hasRoom()) {
            gathered = 0;
            long chain = takeAll();
            if (chain != 0) {
                await(chain, epochs.retire());
            }
        }
    }

    /** Whether another chain may wait. */
    boolean hasRoom() {
        return next - oldest < WAITING;
    }

    /** Lets a chain wait; the ticket was drawn after it was taken. */
    void await(long chain, long ticket) {
        chains[next & WAITING - 1] = chain;
        tickets[next++ & WAITING - 1] = ticket;
    }

    /** Frees what has waited long enough; where each record needs a release, at most so many. Returns how many did. */
    int free(int budget) {
        int freed = 0;
        while (oldest != next && freed < budget && epochs.passed(tickets[oldest & WAITING - 1])) {
            int slot = oldest & WAITING - 1;
            int first = (int) chains[slot] - 1;
            int last = (int) (chains[slot] >>> 32) - 1;
            if (release == null) {
                pool.give(first, last);
                oldest++;
                continue;
            }
            while (freed < budget) {
                int following = pool.next(first);
                release.release(first);
                pool.give(first);
                freed++;
                if (first == last) {
                    oldest++;
                    break;
                }
                first = following;
                chains[slot] = chains[slot] & 0xFFFF_FFFF_0000_0000L | first + 1;
            }
        }
        return freed;
    }
}
