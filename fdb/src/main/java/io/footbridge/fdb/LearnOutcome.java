package io.footbridge.fdb;

/**
 * What {@link ForwardingTable#learn} did. Codes, not an enum, because a worker adds them up per frame. All but the
 * refusals of {@link #REFUSED_STICKY}, {@link #REFUSED_PERMANENT} and {@link #REFUSED_ADDRESS} let the frame go on.
 */
public final class LearnOutcome {
    /** Known on this port. */
    public static final int REFRESHED = 0;
    /** New, or expired before. */
    public static final int LEARNED = 1;
    /** Was known on another port, and is here now. */
    public static final int MOVED = 2;
    /** The table or the port is at its limit: forward, but do not learn. */
    public static final int REFUSED_LIMIT = 3;
    /** Bound to another port by a sticky entry. */
    public static final int REFUSED_STICKY = 4;
    /** The bridge's own address, or one bound to another port. */
    public static final int REFUSED_PERMANENT = 5;
    /** No address that a station can have: multicast or zero. */
    public static final int REFUSED_ADDRESS = 6;
    /** Another thread enters or removes this very address at this moment: forward; a later frame learns. */
    public static final int BUSY = 7;

    /** How many codes there are: the width of a table of counters. */
    public static final int COUNT = 8;

    private LearnOutcome() {
    }
}
