package io.footbridge.proxy;

import io.footbridge.tap.CallState;
import io.footbridge.tap.FileCalls;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Sockets towards back ends behind doors that one worker had made ahead, while its clients come one after the other: going
 * through a door takes two threads and four calls, and each socket of a stock spares them. They are kept for a tenth of a
 * second, no longer, for each keeps its namespace alive, and leads into that one even when another is behind the door. For streams
 * alone: a datagram socket would lead there as long as its client speaks. Owning worker only.
 */
final class SocketStock {
    /** How long a socket is good for. */
    static final long KEPT_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    /** Two that come within this time show a stream of clients. */
    private static final long CLOSE_TOGETHER_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final int MOST = 32;

    private final Map<Key, Shelf> shelves = new HashMap<>();
    private final LongSupplier clock;
    private boolean closed;

    /** With a monotonic clock in nanoseconds. */
    SocketStock(LongSupplier clock) {
        this.clock = clock;
    }

    /**
     * What sockets have in common.
     *
     * @param door the way to their namespace
     * @param family AF_INET and so on
     */
    record Key(BackEnd.Door door, int family) {
    }

    /** What is there of one kind. */
    static final class Shelf {
        private final ArrayDeque<Socket> sockets = new ArrayDeque<>();
        private long lastTaken;
        private int ahead;
        private boolean ordered;
    }

    /**
     * One of them.
     *
     * @param madeAt when, by the clock
     */
    record Socket(int descriptor, long madeAt) {
    }

    /** A socket that is still good, or -1. */
    int take(CallState state, Key key) {
        long now = clock.getAsLong();
        Shelf shelf = shelves.computeIfAbsent(key, _ -> new Shelf());
        boolean stream = shelf.lastTaken != 0 && now - shelf.lastTaken < CLOSE_TOGETHER_NANOS;
        shelf.lastTaken = now;
        shelf.ahead = stream ? Math.clamp(2L * shelf.ahead, 2, MOST) : 0;
        expire(state, shelf, now);
        Socket socket = shelf.sockets.pollFirst();
        return socket == null ? -1 : socket.descriptor();
    }

    /** How many are to be made now for the time to come, 0 while others are being made or enough are there. */
    int order(Key key) {
        Shelf shelf = shelves.get(key);
        if (shelf == null || shelf.ordered || 2 * shelf.sockets.size() > shelf.ahead) {
            return 0;
        }
        int wanted = shelf.ahead - shelf.sockets.size();
        shelf.ordered = wanted > 0;
        return wanted;
    }

    /** What was ordered has come, as far as it could be made; after the end it is closed. */
    void put(CallState state, Key key, int[] made) {
        if (closed) {
            for (int descriptor : made) {
                FileCalls.close(state, descriptor);
            }
            return;
        }
        Shelf shelf = shelves.computeIfAbsent(key, _ -> new Shelf());
        shelf.ordered = false;
        long now = clock.getAsLong();
        for (int descriptor : made) {
            shelf.sockets.addLast(new Socket(descriptor, now));
        }
    }

    /** Closes what is no longer good; whether anything is left. */
    boolean expire(CallState state) {
        long now = clock.getAsLong();
        shelves.values().removeIf(shelf -> {
            expire(state, shelf, now);
            return shelf.sockets.isEmpty() && !shelf.ordered && now - shelf.lastTaken >= CLOSE_TOGETHER_NANOS;
        });
        return !shelves.isEmpty();
    }

    private static void expire(CallState state, Shelf shelf, long now) {
        while (!shelf.sockets.isEmpty() && now - shelf.sockets.peekFirst().madeAt() >= KEPT_NANOS) {
            FileCalls.close(state, shelf.sockets.pollFirst().descriptor());
        }
    }

    /** Whether nothing is there that would expire. */
    boolean isEmpty() {
        return shelves.isEmpty();
    }

    /** Closes all, and what comes later. */
    void close(CallState state) {
        closed = true;
        for (Shelf shelf : shelves.values()) {
            shelf.sockets.forEach(socket -> FileCalls.close(state, socket.descriptor()));
        }
        shelves.clear();
    }
}
