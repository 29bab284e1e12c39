package io.footbridge.control.edge;

import io.footbridge.tap.Endpoint;

/**
 * What is attached: where its frames enter and leave, and how to take the rest away.
 *
 * @param endpoint the caller's from now on, to close
 * @param mac the interface's MAC in the low 48 bits
 * @param mtu its longest network-layer packet in bytes
 * @param release takes away what closing the endpoint leaves behind; to be run after that, once
 */
public record Attachment(Endpoint endpoint, long mac, int mtu, Runnable release) {
    /** Closes the endpoint and takes the rest away. */
    public void discard() {
        endpoint.close();
        release.run();
    }
}
