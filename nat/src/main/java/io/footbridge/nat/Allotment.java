package io.footbridge.nat;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * What a lane has counted in ahead for the flows that a batch is about to open: a step of many is no dearer than a step of
 * one. Nothing is counted in ahead close to a limit, so that nobody is refused for what is given back a moment later.
 * The lane's thread only.
 */
final class Allotment {
    /** Fewer flows are counted in one by one. */
    private static final int FEW = 4;
    /** What all lanes together may have counted in ahead, at most a batch each. */
    private final int margin;

    private Owner owner;
    private int flows;
    private int ports;
    private SessionTable sessions;
    private int room;

    /** @param margin how far from a limit to stay */
    Allotment(int margin) {
        this.margin = margin;
    }

    /** Counts many in with one step; false, and nothing is, where that would pass a limit or others are just counted. */
    static boolean countIn(AtomicInteger count, int many, int limit) {
        int before = count.get();
        return before <= limit - many && count.compareAndSet(before, before + many);
    }

    /** Counts in ahead what so many flows of an owner may take, each a port of its own; after {@link #giveBack}. */
    void take(Owner of, SessionTable in, int count) {
        if (count < FEW) {
            return;
        }
        if (in.reserve(count, margin)) {
            sessions = in;
            room = count;
        }
        // Ports only with flows: an owner that has gone is given neither.
        if (of.takeFlows(count, margin)) {
            owner = of;
            flows = count;
            ports = of.takePorts(count, margin) ? count : 0;
        }
    }

    /** Counts out what was not used. */
    void giveBack() {
        if (room > 0) {
            sessions.unreserve(room);
            room = 0;
        }
        if (flows > 0) {
            owner.releaseFlows(flows);
            flows = 0;
        }
        if (ports > 0) {
            owner.releasePorts(ports);
            ports = 0;
        }
    }

    /** Whether there is room for a session that was counted in ahead; takes it. */
    boolean takeRoom(SessionTable in) {
        if (room == 0 || sessions != in) {
            return false;
        }
        room--;
        return true;
    }

    /** Counts a flow in, unless its owner has all it may have, or gets no more. */
    boolean takeFlow(Owner of) {
        if (flows == 0 || owner != of) {
            return of.takeFlow();
        }
        flows--;
        return true;
    }

    /** Counts a port in, unless its owner has all it may have. */
    boolean takePort(Owner of) {
        if (ports == 0 || owner != of) {
            return of.takePort();
        }
        ports--;
        return true;
    }
}
