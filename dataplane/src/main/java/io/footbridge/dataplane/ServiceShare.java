package io.footbridge.dataplane;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many questions to the gateway's services a port has under way, from the worker's copy until the answer is sent. One
 * port's are limited, so that whoever asks without end fills neither the ring nor the servers behind it. Lock-free.
 */
final class ServiceShare {
    /** Questions that a port may have under way. */
    static final int LIMIT = 128;

    private final AtomicInteger underWay = new AtomicInteger();

    /** Takes a place if one is free; the port's owning worker only. */
    boolean take() {
        if (underWay.get() >= LIMIT) {
            return false;
        }
        underWay.incrementAndGet();
        return true;
    }

    /** Gives a place back; any thread. */
    void giveBack() {
        underWay.decrementAndGet();
    }

    /** How many are under way; any thread. */
    int underWay() {
        return underWay.get();
    }
}
