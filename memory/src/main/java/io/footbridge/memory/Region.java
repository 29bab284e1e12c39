package io.footbridge.memory;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Locale;

/**
 * Off-heap memory for tables and frame buffers: one private anonymous mapping, zeroed, present from the start.
 *
 * <p>From 2 MiB on a region is aligned to 2 MiB and asks for huge pages (MADV_HUGEPAGE): a random lookup in a table of
 * some hundred MiB then costs one miss, not a walk of the page tables as well. Smaller ones are aligned to a page.
 * So a record whose offset is a multiple of 64 stands at the start of a cache line.
 */
public final class Region implements AutoCloseable {
    /** A multiple of every page size that Linux uses on x86-64 and aarch64. */
    private static final long PAGE = 64 << 10;
    private static final long HUGE_PAGE = 2 << 20;
    private static final long SMALLEST_PAGE = 4096;

    private final Arena arena;
    private final MemorySegment segment;

    private Region(Arena arena, MemorySegment segment) {
        this.arena = arena;
        this.segment = segment;
    }

    /**
     * Maps a region and touches each of its pages.
     *
     * @param purpose what it is for, as a person would say it: {@code the forwarding table}
     * @param bytes at least 1; rounded up to 64 KiB, from 2 MiB on to 2 MiB
     * @throws IOException the system has not that much memory for this process; one line, to be shown as it is
     */
    public static Region map(String purpose, long bytes) throws IOException {
        if (bytes < 1) {
            throw new IllegalArgumentException("map " + purpose + ": " + bytes + " bytes; at least 1 is needed");
        }
        boolean huge = bytes >= HUGE_PAGE;
        long alignment = huge ? HUGE_PAGE : PAGE;
        if (bytes > Long.MAX_VALUE - 2 * HUGE_PAGE) {
            throw failure(purpose, bytes, Libc.ENOMEM);
        }
        long size = roundUp(bytes, alignment);
        long address = mapAligned(purpose, size, huge ? HUGE_PAGE : 0);
        if (huge) {
            // Advice only: a kernel without huge pages refuses it, and the region works all the same.
            Libc.madvise(address, size, Libc.MADV_HUGEPAGE);
        }
        int errno = touch(address, size);
        if (errno != 0) {
            Libc.munmap(address, size);
            throw failure(purpose, bytes, errno);
        }
        Arena arena = Arena.ofShared();
        MemorySegment segment = MemorySegment.ofAddress(address)
                .reinterpret(size, arena, mapped -> Libc.munmap(mapped.address(), size));
        return new Region(arena, segment);
    }

    /** The whole region; any thread may access it until it is closed. */
    public MemorySegment segment() {
        return segment;
    }

    /** Bytes, as rounded up. */
    public long size() {
        return segment.byteSize();
    }

    /** The address of its first byte, for system calls. */
    public long address() {
        return segment.address();
    }

    /**
     * Unmaps the region; any thread; again does nothing. An access through the segment is an
     * {@link IllegalStateException} from then on, but one by address ({@link DirectAccess}) is a crash: close when the epochs
     * say that no worker uses it, and nobody else does.
     *
     * @throws IllegalStateException a system call that was given the segment is still running; the region stays open
     */
    @Override
    public synchronized void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }

    private static long mapAligned(String purpose, long size, long alignment) throws IOException {
        long reserved = size + alignment;
        long start = Libc.mmap(reserved);
        if (start < 0) {
            throw failure(purpose, size, (int) -start);
        }
        if (alignment == 0) {
            return start;
        }
        long aligned = roundUp(start, alignment);
        long before = aligned - start;
        long after = reserved - size - before;
        if (before > 0) {
            Libc.munmap(start, before);
        }
        if (after > 0) {
            Libc.munmap(aligned + size, after);
        }
        return aligned;
    }

    /** Makes all pages present; returns an error number or 0. */
    private static int touch(long address, long size) {
        int errno = Libc.madvise(address, size, Libc.MADV_POPULATE_WRITE);
        if (errno != Libc.EINVAL) {
            return errno;
        }
        // Kernels before 5.14 do not know that advice.
        MemorySegment pages = MemorySegment.ofAddress(address).reinterpret(size);
        for (long offset = 0; offset < size; offset += SMALLEST_PAGE) {
            pages.set(ValueLayout.JAVA_BYTE, offset, (byte) 0);
        }
        return 0;
    }

    private static long roundUp(long value, long alignment) {
        return (value + alignment - 1) & -alignment;
    }

    private static IOException failure(String purpose, long bytes, int errno) {
        String answer = errno == Libc.ENOMEM ? "Cannot allocate memory" : "error " + errno;
        return new IOException(String.format(Locale.ROOT,
                "map %,d KiB for %s: %s; set a smaller size, or raise the process's memory limit",
                (bytes + 1023) / 1024, purpose, answer));
    }
}
