package io.footbridge.nat;

/**
 * How a connection table is made. Immutable.
 *
 * @param capacity sessions of each family, {@link #MIN_CAPACITY} to {@link #MAX_CAPACITY}
 * @param timeouts when sessions expire
 */
public record NatSettings(int capacity, Timeouts timeouts) {
    /** The smallest table. */
    public static final int MIN_CAPACITY = 1024;
    /** The largest table. */
    public static final int MAX_CAPACITY = 1 << 24;
    /** 262,144 sessions and the RFCs' time-outs. */
    public static final NatSettings DEFAULT = new NatSettings(262_144, Timeouts.DEFAULT);

    /** Checks the capacity. */
    public NatSettings {
        if (capacity < MIN_CAPACITY || capacity > MAX_CAPACITY) {
            throw new IllegalArgumentException("connection table: " + MIN_CAPACITY + " to " + MAX_CAPACITY
                    + " sessions expected, not " + capacity);
        }
    }
}
