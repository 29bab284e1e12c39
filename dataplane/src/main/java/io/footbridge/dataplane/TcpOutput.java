package io.footbridge.dataplane;

import static io.footbridge.dataplane.TcpState.ENDING;
import static io.footbridge.dataplane.TcpState.EOF;
import static io.footbridge.dataplane.TcpState.FIN_SENT;
import static io.footbridge.dataplane.TcpState.PEEK_OFFSET;
import static io.footbridge.dataplane.TcpState.READABLE;
import static io.footbridge.dataplane.TcpState.RECOVERY;
import static io.footbridge.dataplane.TcpState.RETRANSMIT;
import static io.footbridge.dataplane.TcpState.URGENT;

import io.footbridge.tap.Errno;
import io.footbridge.wire.Tcp;

/**
 * From the socket to the container. Bytes stay in the socket's receive queue until the container has acknowledged them: each
 * is peeked straight into a GSO frame, and if it is lost, peeked again. The queue is emptied by as much as was acknowledged,
 * so the peer's window, which the kernel tells it, is the container's.
 *
 * <p>How much may be under way is the container's window, and at most {@value #LIMIT} bytes: the container is near, and what is
 * peeked is found by walking the queue from its head. Owning worker only.
 */
final class TcpOutput {
    /** Bytes under way to a container at most. */
    static final int LIMIT = 1 << 20;

    /** Result of {@link #push}: nothing more can be sent for now. */
    static final int DONE = 0;
    /** Result of {@link #push}: there is more, for the next cycle. */
    static final int MORE = 1;
    /** Result of {@link #push}: the socket has failed. */
    static final int FAILED = 2;

    /** Bytes sent to a connection in a cycle at most: others wait. */
    private static final int BUDGET = 4 * TcpSegments.MAX_PAYLOAD;

    private final TcpRecords records;
    private final HostStreams host;
    private final TcpSegments segments;

    TcpOutput(TcpRecords records, HostStreams host, TcpSegments segments) {
        this.records = records;
        this.host = host;
        this.segments = segments;
    }

    /** Where the data ends: the FIN's place, or what was never sent. */
    private int dataEnd(int c) {
        return records.is(c, FIN_SENT) ? records.sndMax(c) - 1 : records.sndMax(c);
    }

    /** Forgets what the container has acknowledged; false where the socket has failed. */
    boolean discard(int c) {
        int end = dataEnd(c);
        int acknowledged = records.sndUna(c);
        int until = acknowledged - end > 0 ? end : acknowledged;
        int length = until - records.consumed(c);
        while (length > 0) {
            long discarded = host.discard(records.socket(c), length);
            if (discarded <= 0) {
                return Errno.EAGAIN.is(discarded);
            }
            int consumed = records.consumed(c) + (int) discarded;
            records.consumed(c, consumed);
            if (consumed - records.peekAt(c) > 0) {
                records.peekAt(c, consumed);
            }
            // Less than asked for only where urgent data begins.
            length -= (int) discarded;
        }
        return true;
    }

    /** Sends what there is, as far as the container's window and the cycle's share reach. */
    int push(int c) {
        int budget = BUDGET;
        while (true) {
            int next = records.sndNxt(c);
            int end = dataEnd(c);
            boolean again = next - end < 0;
            if (!again && records.is(c, EOF)) {
                finish(c, next, end);
                return DONE;
            }
            if (!again && !records.is(c, READABLE)) {
                return DONE;
            }
            if (budget <= 0) {
                return MORE;
            }
            int mss = records.mss(c);
            int room = Math.min(room(c), TcpSegments.MAX_PAYLOAD - TcpSegments.MAX_PAYLOAD % mss);
            if (again) {
                room = Math.min(room, end - next);
            }
            if (room <= 0 || !again && next != records.sndUna(c) && room < Math.min(mss, records.sndWnd(c) >> 1)) {
                // Rather a whole segment later than a sliver now (RFC 9293 section 3.8.6.2.1).
                return DONE;
            }
            int sent = send(c, next, room, again);
            if (sent < 0) {
                return FAILED;
            }
            if (sent == 0) {
                return DONE;
            }
            budget -= sent;
        }
    }

    /** Bytes that may be sent now. */
    int room(int c) {
        return records.sndUna(c) + Math.min(records.sndWnd(c), LIMIT) - records.sndNxt(c);
    }

    /** Sends at most {@code room} bytes from {@code next} on; how many, or -1 where the socket has failed. */
    private int send(int c, int next, int room, boolean again) {
        long frame = segments.begin(c, room);
        long peeked = peek(c, next, segments.payload(c, frame), room);
        if (peeked < 0) {
            if (!Errno.EAGAIN.is(peeked)) {
                return -1;
            }
            if (!records.is(c, URGENT) || next == records.consumed(c)) {
                // Without offset nobody peeks across urgent data: it is for when what is before is acknowledged.
                records.lower(c, READABLE);
            }
            return 0;
        }
        if (peeked == 0) {
            if (again) {
                return -1;
            }
            records.raise(c, EOF);
            records.lower(c, READABLE);
            finish(c, next, next);
            return 0;
        }
        int length = (int) peeked;
        boolean all = !again && length < room;
        if (all && !records.is(c, ENDING | URGENT)) {
            records.lower(c, READABLE);
        }
        segments.send(c, frame, all ? Tcp.ACK | Tcp.PSH : Tcp.ACK, next, length);
        advance(c, next + length);
        return length;
    }

    private void advance(int c, int next) {
        records.sndNxt(c, next);
        if (next - records.sndMax(c) > 0) {
            records.sndMax(c, next);
        }
    }

    private long peek(int c, int sequence, long to, int length) {
        int socket = records.socket(c);
        int offset = sequence - records.consumed(c);
        if (!records.is(c, PEEK_OFFSET)) {
            return peekAgain(c, offset, to, length);
        }
        if (records.peekAt(c) != sequence) {
            int result = host.peekOffset(socket, offset);
            if (result < 0) {
                return result;
            }
        }
        long peeked = host.peek(socket, segments.memory().address() + to, length);
        records.peekAt(c, sequence + (int) Math.max(0, peeked));
        return peeked;
    }

    /** As {@link #peek}, without offset: what is before is read again, and does not tell the stream's end from a pause. */
    private long peekAgain(int c, int offset, long to, int length) {
        int socket = records.socket(c);
        if (offset > HostStreams.MAX_SKIP) {
            return -Errno.EAGAIN.number();
        }
        long peeked = host.peek(socket, offset, segments.memory().address() + to, length);
        if (peeked != 0 || offset == 0) {
            return peeked;
        }
        return records.is(c, ENDING) ? -host.error(socket) : -Errno.EAGAIN.number();
    }

    /** Sends the FIN, if it has not been sent since what is before it was. */
    private void finish(int c, int next, int end) {
        if (next == end) {
            records.raise(c, FIN_SENT);
            segments.send(c, segments.begin(c, 0), Tcp.FIN | Tcp.ACK, next, 0);
            advance(c, next + 1);
        }
    }

    /** Begins to repair a loss that the container's acknowledgements tell of (RFC 6582). */
    void recover(int c) {
        records.recover(c, records.sndMax(c));
        records.raise(c, RECOVERY | RETRANSMIT);
    }

    /** Takes all that is under way for lost, after a time-out. */
    void rewind(int c) {
        records.sndNxt(c, records.sndUna(c));
        records.lower(c, RECOVERY | RETRANSMIT);
        records.dupAcks(c, 0);
    }

    /**
     * Sends again what begins at SND.UNA: up to what the container has of later data, or a segment where it told nothing of
     * that. False where the socket has failed.
     */
    boolean retransmit(int c) {
        records.lower(c, RETRANSMIT);
        int from = records.sndUna(c);
        int end = dataEnd(c);
        int next = records.sndNxt(c);
        if (next - from <= 0) {
            return true;
        }
        if (from - end >= 0) {
            segments.send(c, segments.begin(c, 0), Tcp.FIN | Tcp.ACK, end, 0);
            return true;
        }
        int hole = records.holeEnd(c) - from;
        int length = Math.min(Math.min(end, next) - from, hole > 0 ? Math.min(hole, TcpSegments.MAX_PAYLOAD) : records.mss(c));
        long frame = segments.begin(c, length);
        long peeked = peek(c, from, segments.payload(c, frame), length);
        if (peeked <= 0) {
            return Errno.EAGAIN.is(peeked);
        }
        segments.send(c, frame, Tcp.ACK, from, (int) peeked);
        return true;
    }
}
