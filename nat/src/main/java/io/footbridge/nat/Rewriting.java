package io.footbridge.nat;

/**
 * How the packets of a flow are rewritten, read from the flow's line at once by {@link Rewriter#read}.
 *
 * <p>Mutable, so that a worker has one for each packet of a batch; one thread at a time.
 */
public final class Rewriting {
    /** What the rewriting adds to a checksum that covers addresses. */
    int addressDelta;
    /** What the rewriting adds to a checksum that covers ports. */
    int portDelta;

    private final Tuple reading = new Tuple();

    /** How a packet of the flow is to read, and in which realm. */
    public Tuple reading() {
        return reading;
    }
}
