package io.footbridge.dataplane;

import io.footbridge.tap.Epoll;

/**
 * The window that a container is told: the free space of the socket's send buffer. Owning worker only.
 *
 * <p><b>Acknowledgements</b> are given for what the socket has taken, not for what its peer has acknowledged: so the
 * container needs no window as large as the way to the peer is long, and does not take that way's delays for losses, while the
 * socket's send buffer is fitted to that way by the kernel. What the container is told of the peer is the window, since only the
 * peer's acknowledgements and window empty that buffer.
 *
 * <p><b>Space.</b> The kernel lets a send buffer grow only where somebody has found it full; a container that keeps to the
 * window never does. So where it is nearly full, by the kernel's own measure, epoll is asked to tell of space, which counts as
 * that, and tells when the container is to be sent an update.
 *
 * <p><b>Fill.</b> Bytes are not all that a buffer is full of: many small segments do not fit where one large one would. How
 * much of it is payload is measured while it is not nearly empty, and only so much of the space is told of; as Linux does with
 * its receive buffers ({@code scaling_ratio}). Small writes that wait for acknowledgements say little of the bulk that may come
 * after them; so at least half of the space is taken for payload, and an empty buffer's window is never less than half of the
 * largest one told: a sender waits for as much, or for a whole segment (RFC 9293 section 3.8.6.2.1), or else for its timer. More
 * than that many small segments at once do not fit; the window is closed by then, or it is an overrun.
 *
 * <p><b>Overrun.</b> What yet did not fit is not acknowledged, and the window is closed; when there is space
 * again the container gets the update and with it as many duplicates as make it send again at once (RFC 5681 section 3.2).
 */
final class TcpReceiveWindow {
    /** What epoll tells of a socket. */
    static final int EVENTS = Epoll.IN | Epoll.PRI | Epoll.OUT | Epoll.RDHUP | Epoll.EDGE;

    private static final int REMINDERS = 3;
    private static final int FILL_SHIFT = 8;
    /** The least that is taken for payload, and what is until it is measured; frames of 1500 bytes, each kept by itself, fill 0.63. */
    private static final int LEAST_FILL = 1 << FILL_SHIFT - 1;
    /** A buffer less than an eighth full tells little of what will fill it. */
    private static final int MEASURED_SHIFT = 3;
    /** An eighth of what may be told is not. */
    private static final int RESERVE_SHIFT = 3;
    /** A lower fill counts at once, a higher one by and by. */
    private static final int RISE_SHIFT = 3;

    private final TcpRecords records;
    private final HostStreams host;
    private final TcpSegments segments;
    private final Epoll epoll;

    TcpReceiveWindow(TcpRecords records, HostStreams host, TcpSegments segments, Epoll epoll) {
        this.records = records;
        this.host = host;
        this.segments = segments;
        this.epoll = epoll;
    }

    /**
     * How much is told of some free space.
     *
     * @param fill of 256 bytes so many are payload; 0 where that is not known
     */
    static int told(int space, int fill) {
        int payload = (int) ((long) space * (fill == 0 ? LEAST_FILL : fill) >> FILL_SHIFT);
        return payload - (payload >> RESERVE_SHIFT);
    }

    /**
     * What is taken for payload after a measurement.
     *
     * @param before the fill until then; 0 where that is not known
     * @param payload bytes in a buffer that {@code queued} bytes of memory are used of
     */
    static int fill(int before, int payload, int queued) {
        int measured = (int) Math.clamp(((long) payload << FILL_SHIFT) / queued, LEAST_FILL, 1L << FILL_SHIFT);
        int known = before == 0 ? LEAST_FILL : before;
        return measured < known ? measured : known + (measured - known + (1 << RISE_SHIFT) - 1 >> RISE_SHIFT);
    }

    /**
     * Measures, and returns the space after that. The payload is asked for first: what is acknowledged between the two lets the
     * buffer look fuller of it than it is, and only a lower fill counts at once.
     */
    private int measure(int c, int socket) {
        int payload = host.unacknowledged(socket);
        int space = host.space(socket);
        if (payload >= 0 && host.queued() > 0) {
            records.fill(c, fill(records.fill(c), payload, host.queued()));
        }
        return space;
    }

    /** The socket has space. */
    void writable(int c) {
        if (records.is(c, TcpState.AWAITS_SPACE)) {
            records.lower(c, TcpState.AWAITS_SPACE);
            records.raise(c, TcpState.SPACE_DUE | TcpState.ACK_DUE);
        }
    }

    /** Sets the window to what the socket has room for, which the next segment tells. */
    void update(int c, int token) {
        records.lower(c, TcpState.SPACE_DUE);
        int socket = records.socket(c);
        int space = host.space(socket);
        if (host.queued() > host.sendBuffer() >> MEASURED_SHIFT) {
            space = measure(c, socket);
        }
        int edge = records.rcvNxt(c) + told(space, records.fill(c));
        boolean overrun = records.is(c, TcpState.OVERRUN);
        if (overrun || edge - records.rcvEdge(c) > 0) {
            records.rcvEdge(c, edge);
        }
        int queued = host.sendBuffer() - space;
        if (space < queued >> 1) {
            if (!records.is(c, TcpState.AWAITS_SPACE)) {
                records.raise(c, TcpState.AWAITS_SPACE);
                epoll.modify(socket, token, EVENTS);
            }
        } else if (overrun) {
            records.lower(c, TcpState.OVERRUN);
            for (int i = 0; i < REMINDERS; i++) {
                segments.acknowledge(c);
            }
            records.raise(c, TcpState.ACK_DUE);
        }
    }
}
