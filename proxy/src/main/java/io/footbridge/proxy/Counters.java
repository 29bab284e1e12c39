package io.footbridge.proxy;

/** What one worker has done; written by it alone. */
final class Counters {
    final Counter accepted = new Counter();
    final Counter open = new Counter();
    final Counter refused = new Counter();
    final Counter resets = new Counter();
    final Counter acceptPauses = new Counter();
    final Counter bytesToBackEnd = new Counter();
    final Counter bytesToClient = new Counter();
    final Counter datagramsToBackEnd = new Counter();
    final Counter datagramsToClient = new Counter();
    final Counter datagramsLost = new Counter();
    final Counter udpClients = new Counter();
}
