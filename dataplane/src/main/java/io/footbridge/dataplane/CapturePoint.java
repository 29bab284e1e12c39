package io.footbridge.dataplane;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** Where captures may listen: a port or a bridge. Costs one read where nobody does. */
final class CapturePoint {
    private static final Capture[] NONE = {};

    private volatile Capture[] captures = NONE;

    boolean isActive() {
        return captures.length != 0;
    }

    /**
     * Copies a frame to everyone who listens; owning worker only.
     *
     * @param port serial number of the port it crosses, 0 for the gateway
     */
    void record(int worker, MemorySegment memory, long offset, int length, long port, int direction) {
        for (Capture capture : captures) {
            capture.ring(worker).record(memory, offset, length, port, direction);
        }
    }

    /** Ends all captures: there is nothing more to come. */
    void end() {
        for (Capture capture : captures) {
            capture.close();
        }
    }

    synchronized void add(Capture capture) {
        Capture[] grown = Arrays.copyOf(captures, captures.length + 1);
        grown[captures.length] = capture;
        captures = grown;
    }

    synchronized void remove(Capture capture) {
        captures = Arrays.stream(captures).filter(other -> other != capture).toArray(Capture[]::new);
    }
}
