package io.footbridge.nat;

/**
 * What a new session is to be. A worker has one, fills it in and hands it to {@link ConnectionTable#open}, which answers
 * with the flow of the packet that opens it, or with the negative code of a reason to drop
 * ({@code CONNTRACK_FULL}, {@code FLOW_LIMIT}, {@code PORT_LIMIT}, {@code NO_FREE_PORT}).
 *
 * <p>Where the session exists already, because another worker was faster, that one's flow is the answer.
 */
public final class FlowRequest {
    private final Tuple original = new Tuple();
    private final Tuple translated = new Tuple();
    private OutsideAddress[] pool;
    private Owner owner;
    private NatRule rule;
    private boolean insideIsSource;
    private int tcpFlags;

    /** The packet as it came. */
    public Tuple original() {
        return original;
    }

    /**
     * The packet as it is to leave, in the realm it goes to. Where there is a {@link #pool}, its source is still the
     * inside one, and is chosen.
     */
    public Tuple translated() {
        return translated;
    }

    /** Outside addresses one of which becomes the source, with a port of its own; null to leave the source as it is. */
    public OutsideAddress[] pool() {
        return pool;
    }

    /** Whose session it is; its limits hold. */
    public Owner owner() {
        return owner;
    }

    /** The rule by which it was opened, which counts it. */
    public NatRule rule() {
        return rule;
    }

    /** Whether the opener stands inside: the original tuple, not the reply tuple, is entered first. */
    public boolean insideIsSource() {
        return insideIsSource;
    }

    /** Flags of the TCP segment that opens it; 0 for other protocols. */
    public int tcpFlags() {
        return tcpFlags;
    }

    /** Sets all but the tuples. */
    public void set(Owner of, NatRule by, OutsideAddress[] from, boolean fromInside, int flags) {
        owner = of;
        rule = by;
        pool = from;
        insideIsSource = fromInside;
        tcpFlags = flags;
    }
}
