package io.footbridge.dataplane;

/** Where workers find what to route by. Any thread. */
final class Routes {
    private volatile Topology topology = Topology.NONE;

    /** What there is to route between now. */
    Topology topology() {
        return topology;
    }

    /** Replaces it. */
    void topology(Topology changed) {
        topology = changed;
    }
}
