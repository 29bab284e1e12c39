package io.footbridge.proxy;

import io.footbridge.tap.CallState;
import io.footbridge.tap.Errno;
import io.footbridge.tap.SocketCalls;
import java.util.concurrent.TimeUnit;

/**
 * A client, its back end and the two flows between them. Owning worker only.
 *
 * <p>Its ways to end: both sides have ended in order; the back end cannot be reached, which the client sees as an end of
 * stream; one side is reset, which the other sees as a reset once it has what was sent before, or as an end of stream if
 * nothing was ever relayed; the relay is closed.
 */
final class TcpConnection {
    private static final long FIRST_CHECK = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long LONGEST_CHECK = TimeUnit.MILLISECONDS.toNanos(100);
    private static final int DISCARDED_AT_MOST = 64;

    private final TcpRelay relay;
    private final Worker worker;
    private final Side client;
    private final byte[] header;
    private Side backEnd;
    private Flow toBackEnd;
    private Flow toClient;
    private State state = State.CONNECTING;
    private boolean relayed;
    private long graceUntil;
    private long nextCheck = FIRST_CHECK;

    /** Neighbours in the relay's list of this worker's connections. */
    TcpConnection previous;
    TcpConnection next;

    private enum State {
        /** Waits for the back end's answer. */
        CONNECTING,
        RELAYING,
        /** One side was reset, the other has not yet got all that was sent before. */
        RESETTING,
        CLOSED
    }

    /** A client that was just accepted; {@code header} is what the back end is to be told first, or empty. */
    TcpConnection(TcpRelay relay, Worker worker, int client, byte[] header) {
        this.relay = relay;
        this.worker = worker;
        this.client = new Side(this, client);
        this.header = header;
    }

    /**
     * Begins; on the worker's thread.
     *
     * @param socket for the back end, not yet connected; or why there is none, a negated error number
     */
    void open(int socket) {
        worker.counters().accepted.add(1);
        worker.counters().open.add(1);
        if (socket < 0) {
            refuse(socket);
            return;
        }
        RelaySockets.prepareStream(worker.state(), socket);
        if (relay.backEnd().here()) {
            CongestionControl.stayHere(worker.state(), socket);
        }
        backEnd = new Side(this, socket);
        if (!client.watch(worker)) {
            close();
            return;
        }
        int result = SocketCalls.connect(worker.state(), socket, relay.target());
        if (result < 0 && !Errno.EINPROGRESS.is(result)) {
            refuse(result);
            return;
        }
        if (!backEnd.watch(worker)) {
            refuse(-Errno.ENOSPC.number());
        }
    }

    /** An event of one of the sockets; {@code broken} if it hints at an error. */
    void ready(Side side, boolean broken) {
        if (broken && state != State.CONNECTING) {
            side.reset |= RelaySockets.pendingError(worker.state(), side.descriptor, worker.scratch()) != 0;
        }
        switch (state) {
            case CONNECTING -> {
                if (side == backEnd && side.writable) {
                    connected();
                } else if (side == client && broken) {
                    client.reset |= RelaySockets.pendingError(worker.state(), client.descriptor, worker.scratch()) != 0;
                    if (client.reset) {
                        close();
                    }
                }
            }
            case RELAYING -> relay();
            case RESETTING -> passReset();
            case CLOSED -> { }
        }
    }

    private void connected() {
        int error = RelaySockets.pendingError(worker.state(), backEnd.descriptor, worker.scratch());
        if (error != 0) {
            refuse(-error);
            return;
        }
        state = State.RELAYING;
        toBackEnd = new Flow(client, backEnd, worker.counters().bytesToBackEnd);
        toClient = new Flow(backEnd, client, worker.counters().bytesToClient);
        if (header.length > 0) {
            toBackEnd.prepend(worker, header);
        }
        relay();
    }

    private void relay() {
        relayed |= toBackEnd.pump(worker);
        relayed |= toClient.pump(worker);
        if (client.reset || backEnd.reset) {
            state = State.RESETTING;
            graceUntil = System.nanoTime() + worker.settings().resetGrace().toNanos();
            passReset();
        } else if (toBackEnd.finished() && toClient.finished()) {
            close();
        }
    }

    /** Ends the connection as soon as the side that is left has what the other sent before it was reset. */
    private void passReset() {
        if (client.reset && backEnd.reset) {
            close();
            return;
        }
        Side left = client.reset ? backEnd : client;
        Flow last = client.reset ? toBackEnd : toClient;
        (client.reset ? toClient : toBackEnd).abandon(worker);
        last.pump(worker);
        if (left.reset) {
            close();
        } else if (!relayed && last.drained()) {
            close();
        } else if (last.drained() && RelaySockets.unacknowledged(worker.state(), left.descriptor, worker.scratch()) == 0
                || System.nanoTime() - graceUntil >= 0) {
            // A close without a reset would tell the side that is left that all went well.
            RelaySockets.resetOnClose(worker.state(), left.descriptor);
            worker.counters().resets.add(1);
            close();
        } else if (nextCheck > 0) {
            long delay = nextCheck;
            nextCheck = -Math.min(2 * delay, LONGEST_CHECK);
            worker.loop().schedule(this::checkAgain, delay, TimeUnit.NANOSECONDS);
        }
    }

    /** No event tells that a peer has acknowledged everything. */
    private void checkAgain() {
        nextCheck = -nextCheck;
        if (state == State.RESETTING) {
            passReset();
        }
    }

    /** The back end cannot be reached: the client sees an end of stream, whatever it has sent meanwhile. */
    private void refuse(int result) {
        worker.counters().refused.add(1);
        relay.refused(-result);
        CallState calls = worker.state();
        SocketCalls.shutdown(calls, client.descriptor, SocketCalls.SHUT_WR);
        // Unread bytes would turn the close into a reset, which may overtake the end of stream.
        for (int i = 0; i < DISCARDED_AT_MOST; i++) {
            if (SocketCalls.recv(calls, client.descriptor, worker.buffer().address(), Worker.COPY, 0) <= 0) {
                break;
            }
        }
        close();
    }

    /** Ends both sides at once. A second close does nothing. */
    void close() {
        if (state == State.CLOSED) {
            return;
        }
        state = State.CLOSED;
        if (toBackEnd != null) {
            toBackEnd.abandon(worker);
            toClient.abandon(worker);
        }
        client.end();
        if (backEnd != null) {
            backEnd.end();
        }
        worker.counters().open.add(-1);
        worker.load(-1);
        relay.forget(this, worker);
    }
}
