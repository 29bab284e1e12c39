package io.footbridge.nat;

import java.util.concurrent.atomic.LongAdder;

/**
 * A rule that opens sessions, and how often it did: the first packet of each flow, as the kernel's nat table counts. Any
 * thread.
 */
public final class NatRule {
    private final LongAdder packets = new LongAdder();
    private final LongAdder bytes = new LongAdder();

    /** Counts the first packet of a flow. */
    public void count(int length) {
        packets.increment();
        bytes.add(length);
    }

    /** Flows opened. */
    public long packets() {
        return packets.sum();
    }

    /** Bytes of their first packets, from the IP header on. */
    public long bytes() {
        return bytes.sum();
    }
}
