package io.footbridge.dataplane;

import io.footbridge.memory.SeededHash;
import io.footbridge.memory.Words;
import io.footbridge.wire.IpAddress;
import io.footbridge.wire.Ipv4Address;
import io.footbridge.wire.Ipv6Address;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The gateway's neighbour table: IP address to MAC, off-heap, of fixed size, written by any worker.
 *
 * <p>IPv4 addresses stand as IPv4-mapped IPv6 ones. An address has its place within {@value #WINDOW} records from where
 * its hash points; when they are all taken, the one that was heard of longest ago gives way, never a permanent one.
 * One thread writes at a time. A worker that finds another at it does without: a neighbour is heard of again. Each record
 * is a seqlock for those who read meanwhile: an odd version means that it is being written.
 *
 * <table>
 * <caption>A record, {@value #RECORD} bytes</caption>
 * <tr><th>offset</th><th>width</th><th>name</th><th>meaning</th></tr>
 * <tr><td>0</td><td>8</td><td>version</td><td>odd while it is written</td></tr>
 * <tr><td>8</td><td>8</td><td>mac</td><td>bits 0–47 MAC, bit 48 used, bit 49 permanent</td></tr>
 * <tr><td>16</td><td>8</td><td>high</td><td>upper half of the address</td></tr>
 * <tr><td>24</td><td>8</td><td>low</td><td>lower half of the address</td></tr>
 * <tr><td>32</td><td>8</td><td>heard</td><td>tick of the last message, 100 ms</td></tr>
 * <tr><td>40</td><td>8</td><td>probe</td><td>bits 0–31 tick of the last probe, 32–39 probes sent, bit 40 probing</td></tr>
 * </table>
 *
 * <p>An entry that was not heard of for {@value #REACHABLE_TICKS} ticks is stale: it is used on, and whoever uses it
 * probes it ({@link #probe}): after a second's delay, by three questions a second apart. If nothing is heard it goes.
 */
final class Neighbours {
    static final int RECORD = 64;
    static final int WINDOW = 8;

    /** Result of {@link #lookup}: nothing is known. */
    static final long UNKNOWN = -1;
    /** Bit of a result of {@link #lookup}: it is stale, and {@link #probe} says what to do. */
    static final long STALE = 1L << 50;
    /** Result of {@link #probe}: nothing is to be done now. */
    static final int WAIT = 0;
    /** Result of {@link #probe}: ask it now. */
    static final int ASK = 1;
    /** Result of {@link #probe}: it did not answer, and is forgotten. */
    static final int FORGOTTEN = 2;

    private static final int MAC = 8;
    private static final int HIGH = 16;
    private static final int LOW = 24;
    private static final int HEARD = 32;
    private static final int PROBE = 40;
    private static final long MAC_MASK = 0xffff_ffff_ffffL;
    private static final long USED = 1L << 48;
    private static final long PERMANENT = 1L << 49;
    private static final long MAPPED = 0xffff_0000_0000L;
    private static final int REACHABLE_TICKS = 300;
    private static final int PROBE_TICKS = 10;
    private static final int MAX_PROBES = 3;
    private static final int PROBES_SHIFT = 32;
    private static final long PROBING = 1L << 40;

    private final MemorySegment memory;
    private final int mask;
    private final SeededHash hash;
    private final Runnable changed;
    private final AtomicBoolean writing = new AtomicBoolean();
    /** Changes with every MAC that comes, changes or goes; written by whose turn it is. */
    private volatile int generation;

    /** @param records a power of two, at least {@value #WINDOW} */
    Neighbours(MemorySegment memory, int records, SeededHash hash) {
        this(memory, records, hash, () -> { });
    }

    /** @param changed is told, on the thread that heard it, when an address is new or has another MAC */
    Neighbours(MemorySegment memory, int records, SeededHash hash, Runnable changed) {
        this.memory = memory;
        this.mask = records - 1;
        this.hash = hash;
        this.changed = changed;
    }

    /** How much memory a table of so many records takes. */
    static long bytes(int records) {
        return (long) records * RECORD;
    }

    /** Notes that an IPv4 neighbour was heard of; frame path. */
    void heard(int address, long mac, long tick) {
        heard(0, mapped(address), mac, tick);
    }

    /** Notes that an IPv6 neighbour was heard of; frame path. */
    void heard(long high, long low, long mac, long tick) {
        long present = find(high, low);
        if (isAsHeard(present, mac, tick)) {
            return;
        }
        boolean news = present < 0 || (Words.getLongAcquire(memory, present + MAC) & MAC_MASK) != mac;
        if (writing.compareAndSet(false, true)) {
            try {
                put(high, low, mac, tick, 0);
            } finally {
                writing.set(false);
            }
            if (news) {
                changed.run();
            }
        }
    }

    /** As {@link #heard(long, long, long, long)}, of one that speaks to others: only if it is known (RFC 826). */
    void update(long high, long low, long mac, long tick) {
        if (find(high, low) >= 0) {
            heard(high, low, mac, tick);
        }
    }

    /**
     * The MAC of a neighbour; frame path.
     *
     * @return the MAC, with {@link #STALE} where it was not heard of lately, or {@link #UNKNOWN}
     */
    long lookup(long high, long low, long tick) {
        int start = start(high, low);
        for (int i = 0; i < WINDOW; i++) {
            long record = record(start + i);
            if (Words.getLongAcquire(memory, record + LOW) == low && Words.getLongAcquire(memory, record + HIGH) == high) {
                long version = Words.getLongAcquire(memory, record);
                long mac = Words.getLongAcquire(memory, record + MAC);
                long heard = Words.getLongAcquire(memory, record + HEARD);
                if ((mac & USED) != 0 && (version & 1) == 0 && matches(record, high, low)
                        && Words.getLongAcquire(memory, record) == version) {
                    boolean fresh = (mac & PERMANENT) != 0 || tick - heard <= REACHABLE_TICKS;
                    return fresh ? mac & MAC_MASK : mac & MAC_MASK | STALE;
                }
            }
        }
        return UNKNOWN;
    }

    /**
     * What is to be done about a stale neighbour that is being used; frame path. Of several workers at once one is told
     * to ask.
     *
     * @return {@link #WAIT}, {@link #ASK} or {@link #FORGOTTEN}
     */
    int probe(long high, long low, int tick) {
        long record = find(high, low);
        if (record < 0) {
            return FORGOTTEN;
        }
        long seen = Words.getLongAcquire(memory, record + PROBE);
        if ((seen & PROBING) == 0) {
            Words.casLong(memory, record + PROBE, seen, PROBING | Integer.toUnsignedLong(tick));
            return WAIT;
        }
        if (tick - (int) seen < PROBE_TICKS) {
            return WAIT;
        }
        int probes = (int) (seen >>> PROBES_SHIFT) & 0xff;
        if (probes < MAX_PROBES) {
            long asked = PROBING | (probes + 1L) << PROBES_SHIFT | Integer.toUnsignedLong(tick);
            return Words.casLong(memory, record + PROBE, seen, asked) ? ASK : WAIT;
        }
        if (!writing.compareAndSet(false, true)) {
            return WAIT;
        }
        try {
            if (Words.getLongAcquire(memory, record + PROBE) == seen && matches(record, high, low)) {
                write(record, 0, 0, 0, 0);
            }
        } finally {
            writing.set(false);
        }
        return FORGOTTEN;
    }

    /** Sets what is known without being heard of. */
    void addPermanent(IpAddress address, long mac) {
        write(() -> put(high(address), low(address), mac, 0, PERMANENT));
        changed.run();
    }

    void remove(IpAddress address) {
        write(() -> remove(high(address), low(address)));
    }

    /** Off the frame path: waits for its turn. */
    private void write(Runnable change) {
        while (!writing.compareAndSet(false, true)) {
            Thread.onSpinWait();
        }
        try {
            change.run();
        } finally {
            writing.set(false);
        }
    }

    private void remove(long high, long low) {
        int start = start(high, low);
        for (int i = 0; i < WINDOW; i++) {
            long record = record(start + i);
            if (matches(record, high, low)) {
                write(record, 0, 0, 0, 0);
            }
        }
    }

    /** The neighbours at this moment; any thread, off the frame path. */
    List<Neighbour> list(long tick) {
        List<Neighbour> found = new ArrayList<>();
        for (int i = 0; i <= mask; i++) {
            long record = record(i);
            long version = Words.getLongAcquire(memory, record);
            long mac = Words.getLongAcquire(memory, record + MAC);
            long high = Words.getLongAcquire(memory, record + HIGH);
            long low = Words.getLongAcquire(memory, record + LOW);
            long heard = Words.getLongAcquire(memory, record + HEARD);
            if ((version & 1) == 0 && (mac & USED) != 0 && Words.getLongAcquire(memory, record) == version) {
                Neighbour.State state = (mac & PERMANENT) != 0 ? Neighbour.State.PERMANENT
                        : tick - heard <= REACHABLE_TICKS ? Neighbour.State.REACHABLE : Neighbour.State.STALE;
                found.add(new Neighbour(address(high, low), mac & MAC_MASK, state));
            }
        }
        return found;
    }

    /** Whether there is nothing to write, so that a chatty neighbour costs reads. */
    private boolean isAsHeard(long record, long mac, long tick) {
        if (record < 0) {
            return false;
        }
        long present = Words.getLongAcquire(memory, record + MAC);
        return (present & PERMANENT) != 0
                || present == (mac | USED) && Words.getLongAcquire(memory, record + HEARD) == tick;
    }

    /** The record of an address, or -1. */
    private long find(long high, long low) {
        int start = start(high, low);
        for (int i = 0; i < WINDOW; i++) {
            long record = record(start + i);
            if (matches(record, high, low)) {
                return record;
            }
        }
        return -1;
    }

    private void put(long high, long low, long mac, long tick, long flags) {
        int start = start(high, low);
        long victim = -1;
        long oldest = Long.MAX_VALUE;
        for (int i = 0; i < WINDOW; i++) {
            long record = record(start + i);
            long present = Words.getLongAcquire(memory, record + MAC);
            if ((present & USED) == 0) {
                if (oldest != Long.MIN_VALUE) {
                    victim = record;
                    oldest = Long.MIN_VALUE;
                }
            } else if (matches(record, high, low)) {
                if ((present & PERMANENT) == 0 || flags != 0) {
                    write(record, high, low, mac | flags | USED, tick);
                }
                return;
            } else if ((present & PERMANENT) == 0 && Words.getLongAcquire(memory, record + HEARD) < oldest) {
                victim = record;
                oldest = Words.getLongAcquire(memory, record + HEARD);
            }
        }
        if (victim >= 0) {
            write(victim, high, low, mac | flags | USED, tick);
        }
    }

    /** Changes whenever what {@link #lookup} finds may be another MAC than before. */
    int generation() {
        return generation;
    }

    /** The writer whose turn it is writes a record. */
    private void write(long record, long high, long low, long mac, long tick) {
        boolean news = Words.getLongAcquire(memory, record + MAC) != mac || !matches(record, high, low);
        long version = Words.getLongAcquire(memory, record);
        Words.casLong(memory, record, version, version + 1);
        Words.putLong(memory, record + HIGH, high);
        Words.putLong(memory, record + LOW, low);
        Words.putLong(memory, record + HEARD, tick);
        Words.putLong(memory, record + PROBE, 0);
        Words.putLong(memory, record + MAC, mac);
        Words.putLongRelease(memory, record, version + 2);
        if (news) {
            generation = generation + 1;
        }
    }

    private boolean matches(long record, long high, long low) {
        return (Words.getLongAcquire(memory, record + MAC) & USED) != 0
                && Words.getLongAcquire(memory, record + LOW) == low
                && Words.getLongAcquire(memory, record + HIGH) == high;
    }

    private int start(long high, long low) {
        return (int) hash.hash(high, low);
    }

    private long record(int position) {
        return (long) (position & mask) * RECORD;
    }

    private static long mapped(int address) {
        return MAPPED | Integer.toUnsignedLong(address);
    }

    private static long high(IpAddress address) {
        return switch (address) {
            case Ipv4Address ignored -> 0;
            case Ipv6Address ipv6 -> ipv6.high();
        };
    }

    private static long low(IpAddress address) {
        return switch (address) {
            case Ipv4Address ipv4 -> mapped(ipv4.address());
            case Ipv6Address ipv6 -> ipv6.low();
        };
    }

    private static IpAddress address(long high, long low) {
        return high == 0 && (low & ~0xffff_ffffL) == MAPPED ? new Ipv4Address((int) low) : new Ipv6Address(high, low);
    }
}
