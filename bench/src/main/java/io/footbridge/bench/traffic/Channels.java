package io.footbridge.bench.traffic;

import java.io.IOException;
import java.nio.channels.Channel;
import java.nio.channels.ClosedChannelException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The open channels of one task or one responder, so that any thread may end them all. */
final class Channels implements AutoCloseable {
    private final Set<Channel> open = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /** Takes a channel in; closes it where all is over already. */
    <C extends Channel> C add(C channel) throws IOException {
        open.add(channel);
        if (closed) {
            channel.close();
            throw new ClosedChannelException();
        }
        return channel;
    }

    /** Closes a channel and forgets it. */
    void close(Channel channel) {
        open.remove(channel);
        try {
            channel.close();
        } catch (IOException gone) {
            // It is closed all the same.
        }
    }

    /** Closes those that are open now; others may come. */
    void closeOpen() {
        open.forEach(this::close);
    }

    @Override
    public void close() {
        closed = true;
        closeOpen();
    }
}
