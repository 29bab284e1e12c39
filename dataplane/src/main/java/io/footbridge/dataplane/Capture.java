package io.footbridge.dataplane;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.footbridge.tap.FrameBuffers;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * A look at the frames of a port or of a whole network, as a pcapng stream.
 *
 * <p>Of a port one sees what it sends and what it is sent; of a network each frame once, as it enters. Frames look as
 * they cross the engine: GSO frames whole, partial checksums partial.
 */
public final class Capture implements AutoCloseable {
    /** The frame came from the endpoint (the value of pcapng's flags). */
    static final int INBOUND = 1;
    /** The frame went to the endpoint (the value of pcapng's flags). */
    static final int OUTBOUND = 2;

    private static final int CAPACITY = 8 << 20;
    private static final long IDLE_NANOS = 5_000_000;
    private static final int BUFFER = 1 << 16;
    private static final String GATEWAY = "gateway";

    private final FrameRing[] rings;
    private final CapturePoint point;
    private final Bridge bridge;
    private final Consumer<Capture> release;
    private final long epochOffset = System.currentTimeMillis() * 1_000_000L - System.nanoTime();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final AtomicBoolean copying = new AtomicBoolean();
    /** Who may still touch the rings: the workers as one, and the reader. */
    private final AtomicInteger users = new AtomicInteger(1);

    Capture(Bridge bridge, CapturePoint point, int workers, Consumer<Capture> release)
            throws IOException {
        this.bridge = bridge;
        this.point = point;
        this.release = release;
        this.rings = new FrameRing[workers];
        for (int i = 0; i < workers; i++) {
            rings[i] = new FrameRing("a capture", CAPACITY);
        }
        point.add(this);
    }

    FrameRing ring(int worker) {
        return rings[worker];
    }

    /**
     * Writes what is captured until {@link #close} or until {@code maxFrames} are written; blocks. One call per
     * capture.
     *
     * @param maxFrames 0 for no limit
     */
    public void copyTo(OutputStream destination, long maxFrames) throws IOException {
        if (!copying.compareAndSet(false, true)) {
            throw new IllegalStateException("a capture is written once");
        }
        if (users.getAndUpdate(count -> count == 0 ? 0 : count + 1) == 0) {
            return;
        }
        try {
            write(destination, maxFrames);
        } finally {
            leave();
        }
    }

    private void write(OutputStream destination, long maxFrames) throws IOException {
        BufferedOutputStream buffered = new BufferedOutputStream(destination, BUFFER);
        Pcapng pcapng = new Pcapng(buffered);
        pcapng.section();
        pcapng.flush();
        Map<Long, Integer> interfaces = new HashMap<>();
        byte[] frame = new byte[FrameBuffers.MAX_FRAME_LENGTH];
        long written = 0;
        while (maxFrames == 0 || written < maxFrames) {
            boolean ended = closed.get();
            long limit = maxFrames == 0 ? Long.MAX_VALUE : maxFrames - written;
            long now = drain(pcapng, interfaces, frame, limit);
            written += now;
            if (now == 0) {
                pcapng.flush();
                if (ended) {
                    break;
                }
                LockSupport.parkNanos(IDLE_NANOS);
            }
        }
        pcapng.flush();
    }

    private long drain(Pcapng pcapng, Map<Long, Integer> interfaces, byte[] frame, long limit) throws IOException {
        long written = 0;
        for (FrameRing ring : rings) {
            int position;
            while (written < limit && (position = ring.next()) >= 0) {
                MemorySegment memory = ring.memory();
                int length = memory.get(JAVA_INT, position);
                long port = memory.get(JAVA_LONG, position + FrameRing.PORT);
                Integer id = interfaces.get(port);
                if (id == null) {
                    id = interfaces.size();
                    interfaces.put(port, id);
                    pcapng.describeInterface(name(port));
                }
                MemorySegment.copy(memory, JAVA_BYTE, position + FrameRing.FRAME, frame, 0, length);
                long time = memory.get(JAVA_LONG, position + FrameRing.TIME) + epochOffset;
                int direction = memory.get(JAVA_INT, position + FrameRing.KIND);
                ring.release(position);
                pcapng.packet(id, time, frame, length, direction);
                written++;
            }
        }
        return written;
    }

    private String name(long serial) {
        return bridge.ports().stream().filter(port -> port.serial() == serial).map(Port::name).findFirst()
                .orElse(serial == 0 ? GATEWAY : "port " + serial);
    }

    /** Frames that were not captured because the reader was too slow. */
    public long dropped() {
        long dropped = 0;
        for (FrameRing ring : rings) {
            dropped += ring.dropped();
        }
        return dropped;
    }

    /** Ends the capture; {@link #copyTo} writes what is left and returns. Any thread; again does nothing. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            point.remove(this);
            release.accept(this);
        }
    }

    /** The workers, or the reader, will not touch the rings again; the last one frees them. */
    void leave() {
        if (users.decrementAndGet() == 0) {
            for (FrameRing ring : rings) {
                ring.close();
            }
        }
    }
}
