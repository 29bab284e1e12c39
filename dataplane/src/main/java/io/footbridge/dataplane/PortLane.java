package io.footbridge.dataplane;

import io.footbridge.tap.FrameBatch;

/**
 * What one worker keeps of one port: its counters, the frames it is about to send there, and how many TCP connections by host
 * sockets lead there. Owning worker only.
 */
final class PortLane {
    final Port port;
    final PortCounters counters = new PortCounters();
    final FrameBatch pending = new FrameBatch();
    int connections;

    PortLane(Port port) {
        this.port = port;
    }
}
