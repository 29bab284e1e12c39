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
 * </table>
 */
final class Neighbours {
    static final int RECORD = 64;
    static final int WINDOW = 8;

    private static final int MAC = 8;
    private static final int HIGH = 16;
    private static final int LOW = 24;
    private static final int HEARD = 32;
    private static final long MAC_MASK = 0xffff_ffff_ffffL;
    private static final long USED = 1L << 48;
    private static final long PERMANENT = 1L << 49;
    private static final long MAPPED = 0xffff_0000_0000L;
    private static final int REACHABLE_TICKS = 300;

    private final MemorySegment memory;
    private final int mask;
    private final SeededHash hash;
    private final AtomicBoolean writing = new AtomicBoolean();

    /** @param records a power of two, at least {@value #WINDOW} */
    Neighbours(MemorySegment memory, int records, SeededHash hash) {
        this.memory = memory;
        this.mask = records - 1;
        this.hash = hash;
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
        if (!isAsHeard(high, low, mac, tick) && writing.compareAndSet(false, true)) {
            try {
                put(high, low, mac, tick, 0);
            } finally {
                writing.set(false);
            }
        }
    }

    /** Sets what is known without being heard of. */
    void addPermanent(IpAddress address, long mac) {
        write(() -> put(high(address), low(address), mac, 0, PERMANENT));
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
    private boolean isAsHeard(long high, long low, long mac, long tick) {
        int start = start(high, low);
        for (int i = 0; i < WINDOW; i++) {
            long record = record(start + i);
            if (matches(record, high, low)) {
                long present = Words.getLongAcquire(memory, record + MAC);
                return (present & PERMANENT) != 0
                        || present == (mac | USED) && Words.getLongAcquire(memory, record + HEARD) == tick;
            }
        }
        return false;
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

    /** The writer whose turn it is writes a record. */
    private void write(long record, long high, long low, long mac, long tick) {
        long version = Words.getLongAcquire(memory, record);
        Words.casLong(memory, record, version, version + 1);
        Words.putLong(memory, record + HIGH, high);
        Words.putLong(memory, record + LOW, low);
        Words.putLong(memory, record + HEARD, tick);
        Words.putLong(memory, record + MAC, mac);
        Words.putLongRelease(memory, record, version + 2);
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
