package io.footbridge.control.slirp;

import java.io.IOException;

/** Where forwarded ports are opened and closed: the engine, or a test's stand-in. */
interface HostForwarding {
    /**
     * Opens a port.
     *
     * @throws IOException it cannot be opened; one line for a person
     */
    Opened open(HostForward forward) throws IOException;

    /** A port that is open. */
    @FunctionalInterface
    interface Opened {
        /** Closes it. */
        void close();
    }
}
