package io.footbridge.proxy;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.footbridge.tap.Errno;
import io.footbridge.tap.PipeCalls;
import io.footbridge.tap.SocketCalls;
import java.lang.foreign.MemorySegment;

/**
 * One direction of a connection: takes bytes from one socket and gives them to the other, never more than one chunk
 * ahead of what the other takes, so that a slow reader slows the sender and nothing grows. Owning worker only.
 *
 * <p>A message that fits the worker's buffer is received and sent, two system calls. One that fills it shows a stream:
 * from then on bytes go through a borrowed pipe without being copied, until chunks are small again.
 */
final class Flow {
    /** Bytes moved in one turn; then other connections have theirs. */
    private static final long TURN = 1 << 20;
    /** A spliced chunk below this ends the stream mode. */
    private static final int SMALL = 4 << 10;
    private static final int SPLICE = PipeCalls.SPLICE_F_MOVE | PipeCalls.SPLICE_F_NONBLOCK;

    private final Side from;
    private final Side to;
    private final Counter bytes;
    private Pipe pipe;
    private int inPipe;
    private Worker.Remainder remainder;
    private int kept;
    private int keptFrom;
    private boolean streaming;
    private boolean sourceEnded;
    private boolean abandoned;
    private boolean finished;

    /** From one side to the other, counting into {@code bytes}. */
    Flow(Side from, Side to, Counter bytes) {
        this.from = from;
        this.to = to;
        this.bytes = bytes;
    }

    /** Puts bytes before the first that the source sends; at most {@link Worker#COPY}. */
    void prepend(Worker worker, byte[] header) {
        MemorySegment.copy(header, 0, worker.buffer(), JAVA_BYTE, 0, header.length);
        keep(worker, 0, header.length);
    }

    /** Moves what can be moved now, at most a turn's worth; true if anything was. */
    boolean pump(Worker worker) {
        long moved = 0;
        while (!abandoned && flush(worker)) {
            if (sourceEnded || !from.readable) {
                break;
            }
            if (moved >= TURN) {
                from.lookAgain();
                break;
            }
            long n = streaming && lend(worker) ? splice(worker) : copy(worker);
            if (n <= 0) {
                continue;
            }
            moved += n;
        }
        if (pipe != null && inPipe == 0) {
            worker.pipes().giveBack(pipe);
            pipe = null;
        }
        if (moved > 0) {
            bytes.add(moved);
        }
        if (sourceEnded && !abandoned && !finished && inFlight() == 0 && !from.reset) {
            SocketCalls.shutdown(worker.state(), to.descriptor, SocketCalls.SHUT_WR);
            finished = true;
        }
        return moved > 0;
    }

    /** The source has ended and the other side has been given all and told so; or nobody wants it any more. */
    boolean finished() {
        return finished || abandoned;
    }

    /** The source is at its end, or broken, and nothing of it is left here. */
    boolean drained() {
        return abandoned || sourceEnded && inFlight() == 0;
    }

    /** Gives up what is in flight: the side it was meant for is gone, or the connection is. */
    void abandon(Worker worker) {
        abandoned = true;
        if (pipe != null) {
            if (inPipe == 0) {
                worker.pipes().giveBack(pipe);
            } else {
                worker.pipes().discard(worker.state(), pipe);
            }
            pipe = null;
            inPipe = 0;
        }
        if (remainder != null) {
            worker.giveBack(remainder);
            remainder = null;
            kept = 0;
        }
    }

    private int inFlight() {
        return inPipe + kept;
    }

    private boolean lend(Worker worker) {
        if (pipe == null) {
            pipe = worker.pipes().borrow(worker.state());
        }
        return pipe != null;
    }

    private long splice(Worker worker) {
        long n = PipeCalls.splice(worker.state(), from.descriptor, pipe.sink(), pipe.size(), SPLICE);
        if (n > 0) {
            inPipe = (int) n;
            streaming = n >= SMALL;
            return n;
        }
        return received(n);
    }

    private long copy(Worker worker) {
        long address = worker.buffer().address();
        long n = SocketCalls.recv(worker.state(), from.descriptor, address, Worker.COPY, 0);
        if (n <= 0) {
            return received(n);
        }
        streaming = n == Worker.COPY;
        // Less than was asked for: the queue is empty, and what comes next makes an edge of its own.
        from.readable = streaming || from.ending;
        long sent = SocketCalls.send(worker.state(), to.descriptor, address, n, SocketCalls.MSG_NOSIGNAL);
        if (sent < n) {
            keep(worker, (int) Math.max(sent, 0), (int) n);
            if (sent < 0) {
                sent(worker, sent);
            } else {
                to.writable = false;
            }
        }
        return n;
    }

    private void keep(Worker worker, int start, int end) {
        remainder = worker.takeRemainder();
        MemorySegment.copy(worker.buffer(), start, remainder.segment, 0, end - start);
        keptFrom = 0;
        kept = end - start;
    }

    /** What a read that gave nothing means. */
    private long received(long result) {
        if (Errno.EAGAIN.is(result)) {
            from.readable = false;
        } else if (!Errno.EINTR.is(result)) {
            from.reset |= result < 0;
            sourceEnded = true;
        }
        return 0;
    }

    /** Gives the other side what is in flight; true when nothing is left. */
    private boolean flush(Worker worker) {
        while (kept > 0 && to.writable) {
            long n = SocketCalls.send(worker.state(), to.descriptor, remainder.segment.address() + keptFrom, kept,
                    SocketCalls.MSG_NOSIGNAL);
            if (sent(worker, n)) {
                keptFrom += (int) n;
                kept -= (int) n;
            }
        }
        while (inPipe > 0 && to.writable) {
            long n = PipeCalls.splice(worker.state(), pipe.source(), to.descriptor, inPipe, SPLICE);
            if (sent(worker, n)) {
                inPipe -= (int) n;
            }
        }
        if (kept == 0 && remainder != null) {
            worker.giveBack(remainder);
            remainder = null;
        }
        return inFlight() == 0 && !abandoned;
    }

    private boolean sent(Worker worker, long result) {
        if (result > 0) {
            return true;
        }
        if (Errno.EAGAIN.is(result)) {
            to.writable = false;
        } else if (!Errno.EINTR.is(result)) {
            to.reset = true;
            // What the lost side had sent before it went is still to be read.
            to.readable = true;
            abandon(worker);
        }
        return false;
    }
}
