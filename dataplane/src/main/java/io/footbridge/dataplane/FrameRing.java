package io.footbridge.dataplane;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.footbridge.memory.Region;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Copies of frames on their way from one worker to a thread that has time for them. A ring of records in off-heap memory,
 * one writer, one reader; when it is full the copy is refused and counted.
 *
 * <table>
 * <caption>A record, aligned to 8 bytes</caption>
 * <tr><th>offset</th><th>width</th><th>name</th><th>meaning</th></tr>
 * <tr><td>0</td><td>4</td><td>length</td><td>bytes of the frame; -1: nothing until the ring's end</td></tr>
 * <tr><td>4</td><td>4</td><td>kind</td><td>what the writer says of the frame</td></tr>
 * <tr><td>8</td><td>8</td><td>time</td><td>nanoseconds of {@link System#nanoTime}</td></tr>
 * <tr><td>16</td><td>8</td><td>port</td><td>the port's serial number, 0 for the gateway</td></tr>
 * <tr><td>24</td><td>length</td><td>frame</td><td>from the Ethernet header on</td></tr>
 * </table>
 */
final class FrameRing implements AutoCloseable {
    static final int KIND = 4;
    static final int TIME = 8;
    static final int PORT = 16;
    static final int FRAME = 24;

    private static final int WRAP = -1;
    private static final VarHandle HEAD;
    private static final VarHandle TAIL;
    private static final VarHandle DROPPED;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            HEAD = lookup.findVarHandle(FrameRing.class, "head", long.class);
            TAIL = lookup.findVarHandle(FrameRing.class, "tail", long.class);
            DROPPED = lookup.findVarHandle(FrameRing.class, "dropped", long.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private final Region region;
    private final MemorySegment ring;
    private final int capacity;
    private long head;
    private long tail;
    private long dropped;

    /**
     * @param purpose what it is for, as a person would say it
     * @param capacity in bytes, a power of two
     */
    FrameRing(String purpose, int capacity) throws IOException {
        this.capacity = capacity;
        region = Region.map(purpose, capacity);
        ring = region.segment();
    }

    /** Copies a frame; owning worker only. False where there is no room. */
    boolean record(MemorySegment memory, long offset, int length, long port, int kind) {
        long end = tail;
        int needed = FRAME + length + 7 & -8;
        int position = (int) (end & capacity - 1);
        int contiguous = capacity - position;
        int skipped = needed > contiguous ? contiguous : 0;
        if (end + skipped + needed - (long) HEAD.getAcquire(this) > capacity) {
            DROPPED.setOpaque(this, dropped + 1);
            return false;
        }
        if (skipped > 0) {
            ring.set(JAVA_INT, position, WRAP);
            position = 0;
        }
        ring.set(JAVA_INT, position, length);
        ring.set(JAVA_INT, position + KIND, kind);
        ring.set(JAVA_LONG, position + TIME, System.nanoTime());
        ring.set(JAVA_LONG, position + PORT, port);
        MemorySegment.copy(memory, offset, ring, position + FRAME, length);
        TAIL.setRelease(this, end + skipped + needed);
        return true;
    }

    /** Offset of the oldest record in {@link #memory}, or -1 when there is none; reader only. */
    int next() {
        while (head != (long) TAIL.getAcquire(this)) {
            int position = (int) (head & capacity - 1);
            if (ring.get(JAVA_INT, position) != WRAP) {
                return position;
            }
            HEAD.setRelease(this, head + capacity - position);
        }
        return -1;
    }

    /** Gives back the room of the record that {@link #next} found; reader only. */
    void release(int position) {
        HEAD.setRelease(this, head + (FRAME + ring.get(JAVA_INT, position) + 7 & -8));
    }

    MemorySegment memory() {
        return ring;
    }

    /** Frames that found the ring full; any thread. */
    long dropped() {
        return (long) DROPPED.getOpaque(this);
    }

    /** Only when the worker can no longer reach it. */
    @Override
    public void close() {
        region.close();
    }
}
