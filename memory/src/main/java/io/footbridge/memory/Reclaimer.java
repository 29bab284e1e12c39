package io.footbridge.memory;

import java.util.ArrayDeque;

/**
 * What waits for the epochs: actions that reuse or close something once no worker can still use it. Any thread but
 * the workers; it locks.
 */
public final class Reclaimer {
    private final Epochs epochs;
    private final ArrayDeque<Retired> waiting = new ArrayDeque<>();

    /** @param epochs those of the workers that may use what is retired */
    public Reclaimer(Epochs epochs) {
        this.epochs = epochs;
    }

    /**
     * Retires what has just been made unreachable.
     *
     * @param release runs on the thread of a later {@link #drain}, when every worker has passed; it must not block
     */
    public synchronized void retire(Runnable release) {
        waiting.add(new Retired(epochs.retire(), release));
    }

    /** As {@link #retire(Runnable)}, for a ticket that was already drawn. */
    public synchronized void retire(long ticket, Runnable release) {
        waiting.add(new Retired(ticket, release));
    }

    /**
     * Runs the actions whose epoch has passed, in the order they were handed in: one whose epoch has not passed holds
     * up those behind it. An action that throws is done with; its exception goes to the caller, and the next call
     * goes on behind it.
     *
     * @return how many were run
     */
    public synchronized int drain() {
        int done = 0;
        while (!waiting.isEmpty() && epochs.passed(waiting.peek().ticket())) {
            waiting.remove().release().run();
            done++;
        }
        return done;
    }

    /** How many actions wait. */
    public synchronized int waiting() {
        return waiting.size();
    }

    private record Retired(long ticket, Runnable release) {
    }
}
