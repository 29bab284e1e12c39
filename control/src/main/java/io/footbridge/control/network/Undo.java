package io.footbridge.control.network;

import java.util.ArrayDeque;
import java.util.Deque;

/** What must be undone, last first, if something does not come to its end. */
final class Undo implements AutoCloseable {
    private final Deque<Runnable> steps = new ArrayDeque<>();

    /** Notes how to undo what has just been done. */
    void add(Runnable step) {
        steps.push(step);
    }

    /** All is done: nothing will be undone. */
    void commit() {
        steps.clear();
    }

    @Override
    public void close() {
        steps.forEach(Runnable::run);
    }
}
