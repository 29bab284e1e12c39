package io.footbridge.nat;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Whose sessions and mappings are counted and limited together, and go together: usually a container. Made by
 * {@link ConnectionTable#newOwner}; any thread.
 */
public final class Owner {
    private final int id;
    private final AtomicInteger flows = new AtomicInteger();
    private final AtomicInteger ports = new AtomicInteger();
    private volatile int flowLimit;
    private volatile int portLimit;

    Owner(int id, int flowLimit, int portLimit) {
        this.id = id;
        this.flowLimit = flowLimit;
        this.portLimit = portLimit;
    }

    int id() {
        return id;
    }

    /** Changes the limits; what it has beyond them stays. */
    public void limits(int ofFlows, int ofPorts) {
        flowLimit = ofFlows;
        portLimit = ofPorts;
    }

    /** Sessions it has. */
    public int flows() {
        return flows.get();
    }

    /** Outside ports it has. */
    public int ports() {
        return ports.get();
    }

    /** Counts a session in, unless it has all it may have. */
    boolean takeFlow() {
        return take(flows, flowLimit);
    }

    void releaseFlow() {
        flows.decrementAndGet();
    }

    /** Counts an outside port in, unless it has all it may have. */
    boolean takePort() {
        return take(ports, portLimit);
    }

    void releasePort() {
        ports.decrementAndGet();
    }

    private static boolean take(AtomicInteger count, int limit) {
        if (count.incrementAndGet() <= limit) {
            return true;
        }
        count.decrementAndGet();
        return false;
    }
}
