package io.footbridge.dataplane;

import io.footbridge.wire.DropReason;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * What one worker counts for one port. Written by that worker alone, read by anyone; each block stands in cache lines of
 * its own, so that two workers never write the same line.
 */
final class PortCounters {
    private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(long[].class).withInvokeExactBehavior();

    /** 128 bytes: processors fetch cache lines in pairs. */
    private static final int PADDING = 16;
    private static final int RECEIVED_FRAMES = PADDING;
    private static final int RECEIVED_BYTES = PADDING + 1;
    private static final int TRANSMITTED_FRAMES = PADDING + 2;
    private static final int TRANSMITTED_BYTES = PADDING + 3;
    private static final int DROPS = PADDING + 4;

    private final long[] cells = new long[DROPS + DropReason.count() + PADDING];

    void received(int frames, long bytes) {
        add(RECEIVED_FRAMES, frames);
        add(RECEIVED_BYTES, bytes);
    }

    void transmitted(int frames, long bytes) {
        add(TRANSMITTED_FRAMES, frames);
        add(TRANSMITTED_BYTES, bytes);
    }

    void dropped(DropReason reason) {
        add(DROPS + reason.ordinal(), 1);
    }

    /** As {@link #dropped(DropReason)}, for a reason as its negative code. */
    void dropped(int code) {
        add(DROPS - 1 - code, 1);
    }

    long receivedFrames() {
        return get(RECEIVED_FRAMES);
    }

    long receivedBytes() {
        return get(RECEIVED_BYTES);
    }

    long transmittedFrames() {
        return get(TRANSMITTED_FRAMES);
    }

    long transmittedBytes() {
        return get(TRANSMITTED_BYTES);
    }

    long drops(DropReason reason) {
        return get(DROPS + reason.ordinal());
    }

    private void add(int cell, long amount) {
        CELL.setOpaque(cells, cell, cells[cell] + amount);
    }

    private long get(int cell) {
        return (long) CELL.getOpaque(cells, cell);
    }
}
