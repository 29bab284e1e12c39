package io.footbridge.dataplane;

import io.footbridge.tap.FrameBatch;

/** What one worker keeps of one port: its counters, and the frames it is about to send there. Owning worker only. */
final class PortLane {
    final Port port;
    final PortCounters counters = new PortCounters();
    final FrameBatch pending = new FrameBatch();

    PortLane(Port port) {
        this.port = port;
    }
}
