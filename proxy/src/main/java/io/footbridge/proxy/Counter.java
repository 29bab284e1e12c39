package io.footbridge.proxy;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** A count that one thread writes and any thread reads. */
final class Counter {
    private static final VarHandle VALUE;

    static {
        try {
            VALUE = MethodHandles.lookup().findVarHandle(Counter.class, "value", long.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private long value;

    /** Owning thread only. */
    void add(long more) {
        VALUE.setRelease(this, value + more);
    }

    /** Any thread. */
    long get() {
        return (long) VALUE.getAcquire(this);
    }
}
