package io.footbridge.proxy;

import io.footbridge.tap.CallState;
import io.footbridge.tap.PipeCalls;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;

/**
 * One worker's pipes, made when first needed and lent only while bytes are in them. Owning worker only; {@link #lent}
 * and {@link #made} are for any thread.
 */
final class PipePool {
    private static final long PAUSE = TimeUnit.SECONDS.toNanos(1);

    private final ArrayDeque<Pipe> free = new ArrayDeque<>();
    private final int[] ends = new int[2];
    private final int size;
    private final int most;
    private volatile int made;
    private volatile int lent;
    private boolean closed;
    /** The system gave none: not asked again before this time (System.nanoTime). */
    private boolean refused;
    private long askAgainAt;

    /** At most {@code most} pipes of {@code size} bytes. */
    PipePool(int size, int most) {
        this.size = size;
        this.most = most;
    }

    /** An empty pipe, or null when all are lent or the system gives none that is worth using. */
    Pipe borrow(CallState state) {
        Pipe pipe = free.pollLast();
        if (pipe == null) {
            pipe = make(state);
        }
        if (pipe != null) {
            lent(lent + 1);
        }
        return pipe;
    }

    /** Takes an empty pipe back. */
    void giveBack(Pipe pipe) {
        free.addLast(pipe);
        lent(lent - 1);
    }

    /** Takes back a pipe that still holds bytes nobody wants: no other stream may see them. */
    void discard(CallState state, Pipe pipe) {
        pipe.close(state);
        made(made - 1);
        lent(lent - 1);
    }

    /** Pipes that hold bytes now. */
    int lent() {
        return lent;
    }

    /** Pipes that exist. */
    int made() {
        return made;
    }

    /** Closes what is not lent, and lends no more. */
    void close(CallState state) {
        closed = true;
        for (Pipe pipe = free.pollLast(); pipe != null; pipe = free.pollLast()) {
            pipe.close(state);
            made(made - 1);
        }
    }

    private Pipe make(CallState state) {
        if (closed || made >= most || refused && System.nanoTime() - askAgainAt < 0) {
            return null;
        }
        refused = false;
        if (PipeCalls.pipe(state, ends) < 0) {
            // No descriptors: streams are copied meanwhile, and connections need them more.
            refuse();
            return null;
        }
        PipeCalls.resize(state, ends[0], size);
        Pipe pipe = new Pipe(ends[0], ends[1], PipeCalls.size(state, ends[0]));
        if (pipe.size() < PipeBudget.LEAST) {
            // The user's share of pipe memory is spent, by us or by others.
            pipe.close(state);
            refuse();
            return null;
        }
        made(made + 1);
        return pipe;
    }

    private void refuse() {
        refused = true;
        askAgainAt = System.nanoTime() + PAUSE;
    }

    private void made(int now) {
        made = now;
    }

    private void lent(int now) {
        lent = now;
    }
}
