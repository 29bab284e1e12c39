package io.footbridge.proxy;

import java.net.InetSocketAddress;

/** A published port: a listening socket and the way to its back end. Any thread. */
public interface Relay extends AutoCloseable {
    /** Where it listens, with the port that the system chose if none was given. */
    InetSocketAddress address();

    /** Ends the listener and all its connections, and waits until they are closed. A second close does nothing. */
    @Override
    void close();
}
