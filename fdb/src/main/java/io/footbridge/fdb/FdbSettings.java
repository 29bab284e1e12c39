package io.footbridge.fdb;

/**
 * How large a forwarding table is, and what may be learned into it.
 *
 * @param capacity entries of any kind, {@value #MIN_CAPACITY} to {@value #MAX_CAPACITY}
 * @param ports how many port indexes there are, 1 to {@value #MAX_PORTS}
 * @param learnLimit entries of any kind from which on nothing more is learned, at most the capacity; what lies between
 *         the two is for entries made by hand
 * @param portLimit how many entries a port may learn, unless {@link ForwardingTable#limit} says otherwise
 * @param ageing ticks of 100 ms after which a learned entry that was not seen expires; 0 means at once
 */
public record FdbSettings(int capacity, int ports, int learnLimit, int portLimit, int ageing) {
    public static final int MIN_CAPACITY = 256;
    public static final int MAX_CAPACITY = 1 << 28;
    public static final int MAX_PORTS = 1 << 16;
    /** 300 s, as a Linux bridge. */
    public static final int DEFAULT_AGEING = 3000;
    /** A year: far from where ticks wrap. */
    public static final int MAX_AGEING = 365 * 24 * 3600 * 10;

    public FdbSettings {
        check("capacity", capacity, MIN_CAPACITY, MAX_CAPACITY);
        check("ports", ports, 1, MAX_PORTS);
        check("learn limit", learnLimit, 0, capacity);
        check("port limit", portLimit, 0, Integer.MAX_VALUE);
        check("ageing", ageing, 0, MAX_AGEING);
    }

    /** The default limits: all but a sixteenth of the capacity may be learned, and a port may learn a sixteenth of that. */
    public static FdbSettings of(int capacity, int ports) {
        int learnLimit = capacity - capacity / 16;
        return new FdbSettings(capacity, ports, learnLimit, Math.max(1, learnLimit / 16), DEFAULT_AGEING);
    }

    /** The same with another number of entries from which on nothing more is learned. */
    public FdbSettings withLearnLimit(int entries) {
        return new FdbSettings(capacity, ports, entries, portLimit, ageing);
    }

    /** The same with another number of entries that a port may learn. */
    public FdbSettings withPortLimit(int entries) {
        return new FdbSettings(capacity, ports, learnLimit, entries, ageing);
    }

    /** The same with another age in ticks of 100 ms at which entries expire. */
    public FdbSettings withAgeing(int ticks) {
        return new FdbSettings(capacity, ports, learnLimit, portLimit, ticks);
    }

    /** The memory a table of these settings needs: at most 24 bytes an entry. */
    public long bytes() {
        return lines() * Entry.LINE;
    }

    /** Three lines of four entries for eight entries of capacity. */
    long lines() {
        return capacity * 3L / 8;
    }

    static void check(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    "forwarding table: " + name + " " + value + " is not between " + least + " and " + most);
        }
    }
}
