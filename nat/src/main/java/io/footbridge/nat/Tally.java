package io.footbridge.nat;

import java.util.concurrent.atomic.LongAdder;

/** What happened, counted. Any thread. */
final class Tally {
    final LongAdder opened = new LongAdder();
    final LongAdder expired = new LongAdder();
    final LongAdder removed = new LongAdder();
    final LongAdder evicted = new LongAdder();
    final LongAdder refused = new LongAdder();
    final LongAdder reusedPorts = new LongAdder();
}
