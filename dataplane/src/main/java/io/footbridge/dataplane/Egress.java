package io.footbridge.dataplane;

import io.footbridge.tap.Endpoint;
import io.footbridge.tap.Errno;
import io.footbridge.tap.FrameBatch;
import io.footbridge.tap.FrameBuffers;
import io.footbridge.wire.DropReason;
import io.footbridge.wire.Ethernet;
import io.footbridge.wire.Frame;
import io.footbridge.wire.Ipv4Fragmenter;
import io.footbridge.wire.Ipv6Fragmenter;
import io.footbridge.wire.Segmenter;
import io.footbridge.wire.VirtioNetHeader;
import java.lang.foreign.MemorySegment;

/**
 * A worker's way out: frames wait per port until the batch has been decided, then each port gets its own in one go, in
 * the order they came.
 *
 * <p>A frame stays where it was received; only what an egress cannot take as it is gets copied, into the scratch area.
 * Owning worker only.
 */
final class Egress {
    private static final int MAX_DIRTY = 1024;
    private static final int CACHE_LINE = 64;
    /** 64 KiB in segments of 48 bytes, the least that Linux agrees to; more is work that somebody wants to make us do. */
    private static final int MAX_SEGMENTS = 1366;

    private final int worker;
    private final FrameBuffers buffers;
    private final PortLane[] dirty = new PortLane[MAX_DIRTY];
    private int dirtyCount;
    private long scratch;
    /** Of IPv6 packets that are fragmented here. Nobody but the receiver, on the same network, sees it. */
    private int identification;

    Egress(int worker, FrameBuffers buffers) {
        this.worker = worker;
        this.buffers = buffers;
        this.scratch = FrameBuffers.scratch();
    }

    /**
     * Queues a frame for a port. Its bytes must stay until {@link #flush}.
     *
     * @param offset of the Ethernet header in the worker's buffers, the virtio-net header before it
     */
    void send(Port port, long offset, int length) {
        MemorySegment memory = buffers.memory();
        int gso = VirtioNetHeader.gsoType(memory, offset - FrameBuffers.VIRTIO_HEADER_LENGTH);
        if (gso != VirtioNetHeader.GSO_NONE && (port.endpoint().offloads() & offload(gso)) == 0) {
            segment(port, offset, length);
            return;
        }
        enqueue(port.lane(worker), offset, length);
    }

    /**
     * As {@link #send}, for a frame from elsewhere: one that is too long for the port is dropped there, and counted.
     *
     * @param size what is held against the port's MTU
     */
    void forward(Port port, long offset, int length, int size) {
        if (size > port.policy().mtu) {
            port.lane(worker).counters.dropped(DropReason.MTU);
        } else {
            send(port, offset, length);
        }
    }

    /**
     * Room for a frame that is made here, with headroom for its virtio-net header; valid until {@link #flush}.
     *
     * @param length of the frame, at most {@link FrameBuffers#MAX_FRAME_LENGTH}
     * @return offset for its Ethernet header
     */
    long allocate(int length) {
        long needed = FrameBuffers.VIRTIO_HEADER_LENGTH + (long) length + CACHE_LINE & -CACHE_LINE;
        if (scratch + needed > FrameBuffers.scratch() + FrameBuffers.SCRATCH_LENGTH) {
            flush();
        }
        long offset = scratch + FrameBuffers.VIRTIO_HEADER_LENGTH;
        scratch += needed;
        return offset;
    }

    /** Sends all that waits; what was allocated is free again. */
    void flush() {
        for (int i = 0; i < dirtyCount; i++) {
            flush(dirty[i]);
            dirty[i] = null;
        }
        dirtyCount = 0;
        scratch = FrameBuffers.scratch();
    }

    /** Forgets all that waits. */
    void discard() {
        for (int i = 0; i < dirtyCount; i++) {
            dirty[i].pending.clear();
            dirty[i] = null;
        }
        dirtyCount = 0;
        scratch = FrameBuffers.scratch();
    }

    private void enqueue(PortLane lane, long offset, int length) {
        FrameBatch pending = lane.pending;
        int waiting = pending.count();
        if (waiting == 0) {
            if (dirtyCount == MAX_DIRTY) {
                sendDirty();
            }
            dirty[dirtyCount++] = lane;
        } else if (waiting == FrameBatch.CAPACITY) {
            flush(lane);
        }
        pending.add(offset, length);
    }

    /** As {@link #flush()}, but what was allocated stays: the caller may hold some of it. */
    private void sendDirty() {
        for (int i = 0; i < dirtyCount; i++) {
            flush(dirty[i]);
        }
        dirtyCount = 0;
    }

    private void segment(Port port, long offset, int length) {
        MemorySegment memory = buffers.memory();
        long header = offset - FrameBuffers.VIRTIO_HEADER_LENGTH;
        int segments = Segmenter.count(memory, header, offset, length);
        if (segments < 0 || segments > MAX_SEGMENTS) {
            port.lane(worker).counters.dropped(segments < 0 ? segments : DropReason.BAD_VIRTIO_HEADER.code());
            return;
        }
        for (int i = 0; i < segments; i++) {
            long copy = allocate(FrameBuffers.MAX_FRAME_LENGTH);
            int made = Segmenter.segment(memory, header, offset, length, i, memory,
                    copy - FrameBuffers.VIRTIO_HEADER_LENGTH);
            if (made < 0) {
                port.lane(worker).counters.dropped(made);
                return;
            }
            scratch = copy + made + CACHE_LINE & -CACHE_LINE;
            enqueue(port.lane(worker), copy, made);
        }
    }

    /**
     * As {@link #send}, of a packet that is too long for the port and may be fragmented, of IPv6 one that is made here: in
     * fragments, in order; a GSO frame in segments first.
     */
    void fragment(Port port, long offset, int length, int mtu) {
        MemorySegment memory = buffers.memory();
        long header = offset - FrameBuffers.VIRTIO_HEADER_LENGTH;
        if (!VirtioNetHeader.isGso(memory, header)) {
            cut(port, offset, length, mtu);
            return;
        }
        int segments = Segmenter.count(memory, header, offset, length);
        if (segments < 0 || segments > MAX_SEGMENTS) {
            port.lane(worker).counters.dropped(segments < 0 ? segments : DropReason.BAD_VIRTIO_HEADER.code());
            return;
        }
        for (int i = 0; i < segments; i++) {
            if (scratch + 2L * FrameBuffers.MAX_FRAME_LENGTH > FrameBuffers.scratch() + FrameBuffers.SCRATCH_LENGTH) {
                // So that the segment stays where it is until it is cut.
                flush();
            }
            long copy = allocate(FrameBuffers.MAX_FRAME_LENGTH);
            int made = Segmenter.segment(memory, header, offset, length, i, memory,
                    copy - FrameBuffers.VIRTIO_HEADER_LENGTH);
            if (made < 0) {
                port.lane(worker).counters.dropped(made);
                return;
            }
            scratch = copy + made + CACHE_LINE & -CACHE_LINE;
            cut(port, copy, made, mtu);
        }
    }

    private void cut(Port port, long offset, int length, int mtu) {
        MemorySegment memory = buffers.memory();
        long header = offset - FrameBuffers.VIRTIO_HEADER_LENGTH;
        long parsed = Frame.parse(memory, offset, length);
        boolean ipv6 = Frame.etherType(parsed) == Ethernet.IPV6;
        int fragments = parsed < 0 ? (int) parsed : ipv6 ? Ipv6Fragmenter.count(memory, header, offset, parsed, mtu)
                : Ipv4Fragmenter.count(memory, header, offset, parsed, mtu);
        if (fragments < 0) {
            port.lane(worker).counters.dropped(fragments);
            return;
        }
        identification++;
        for (int i = 0; i < fragments; i++) {
            long copy = allocate(Frame.networkOffset(parsed) + mtu);
            long to = copy - FrameBuffers.VIRTIO_HEADER_LENGTH;
            int made = ipv6 ? Ipv6Fragmenter.fragment(memory, header, offset, parsed, mtu, identification, i, memory, to)
                    : Ipv4Fragmenter.fragment(memory, header, offset, parsed, mtu, i, memory, to);
            if (made < 0) {
                port.lane(worker).counters.dropped(made);
                return;
            }
            enqueue(port.lane(worker), copy, made);
        }
    }

    private void flush(PortLane lane) {
        FrameBatch pending = lane.pending;
        int count = pending.count();
        if (count == 0) {
            return;
        }
        Port port = lane.port;
        port.endpoint().transmit(buffers, pending);
        int sent = 0;
        long bytes = 0;
        for (int i = 0; i < count; i++) {
            int result = pending.result(i);
            if (result == 0) {
                sent++;
                bytes += pending.length(i);
            } else {
                lane.counters.dropped(refusal(result));
            }
        }
        lane.counters.transmitted(sent, bytes);
        CapturePoint captures = port.captures();
        if (captures.isActive()) {
            for (int i = 0; i < count; i++) {
                if (pending.result(i) == 0) {
                    captures.record(worker, buffers.memory(), pending.offset(i), pending.length(i), port.serial(),
                            Capture.OUTBOUND);
                }
            }
        }
        pending.clear();
    }

    private static int offload(int gsoType) {
        return gsoType == VirtioNetHeader.GSO_UDP_L4 ? Endpoint.OFFLOAD_USO : Endpoint.OFFLOAD_TSO;
    }

    private static DropReason refusal(int result) {
        if (Errno.EAGAIN.is(result) || Errno.ENOBUFS.is(result) || Errno.ENOMEM.is(result)) {
            return DropReason.EGRESS_FULL;
        }
        if (Errno.EIO.is(result) || Errno.ENETDOWN.is(result) || Errno.ENXIO.is(result) || Errno.EBADFD.is(result)
                || Errno.ENODEV.is(result) || Errno.EPIPE.is(result) || Errno.ECONNRESET.is(result)) {
            return DropReason.EGRESS_DOWN;
        }
        return Errno.EMSGSIZE.is(result) ? DropReason.MTU : DropReason.EGRESS_REFUSED;
    }
}
