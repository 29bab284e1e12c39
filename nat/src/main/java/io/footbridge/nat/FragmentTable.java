package io.footbridge.nat;

import java.lang.foreign.MemorySegment;

/**
 * Virtual reassembly: later fragments learn their ports from the first, and wait for it where it comes late. Of fixed
 * memory; owning worker only, since all fragments of a packet come in by one port.
 */
public final class FragmentTable implements AutoCloseable {
    /** What {@link #accept} says of a fragment that was kept until the first one comes. */
    public static final long HELD = 1L << 32;

    /**
     * Takes a fragment.
     *
     * @param header offset of the virtio-net header
     * @param frame offset of the Ethernet header
     * @param length of the frame
     * @param parsed what Frame.parse made of it: a first or later fragment
     * @param realm that it came from
     * @return the packet's ports (source in the upper 16 bits, destination in the lower, of 32) as a {@link Tuple} has
     *     them; {@link #HELD}; or the negative code of a reason to drop
     */
    public long accept(MemorySegment memory, long header, long frame, int length, long parsed, int realm, int now) {
        throw new UnsupportedOperationException();
    }

    /**
     * After a first fragment was accepted: gives back one that was kept for it.
     *
     * @param frame where to put its Ethernet header; the virtio-net header goes before it
     * @return the frame's length, or 0 when there is none left
     */
    public int release(MemorySegment memory, long frame) {
        throw new UnsupportedOperationException();
    }

    /** The identification that the fragments of the packet last accepted are to carry after SNAT (RFC 6864). */
    public int identification() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
