package io.footbridge.nat;

/**
 * After how many seconds without a packet a session is over, each {@link #MIN_SECONDS} to {@link #MAX_SECONDS}. Immutable.
 * Less than an RFC's floor is taken: what to set is for the administrator to say (RFC 7857 section 2.1).
 *
 * @param opening TCP before the handshake is complete (RFC 5382, RFC 7857: at least 240)
 * @param established TCP with the handshake complete, until a FIN came from both ends or a RST from one (RFC 5382: at
 *     least 7440)
 * @param closing TCP after a FIN from both ends, or a RST (RFC 5382, RFC 7857: at least 240)
 * @param udp UDP that was replied to (RFC 4787: at least 120, better 300)
 * @param udpUnreplied UDP that was never replied to (RFC 4787: at least 120)
 * @param query ICMP queries (RFC 5508: at least 60)
 * @param other other protocols (as UDP)
 */
public record Timeouts(int opening, int established, int closing, int udp, int udpUnreplied, int query, int other) {
    /** The shortest time-out, in seconds. */
    public static final int MIN_SECONDS = 1;
    /** The longest time-out, in seconds: 23 days. */
    public static final int MAX_SECONDS = 2_000_000;
    /** What the RFCs ask for. */
    public static final Timeouts DEFAULT = new Timeouts(240, 7440, 240, 300, 120, 60, 300);

    /** Checks the ranges. */
    public Timeouts {
        check("opening", opening);
        check("established", established);
        check("closing", closing);
        check("udp", udp);
        check("udpUnreplied", udpUnreplied);
        check("query", query);
        check("other", other);
    }

    private static void check(String name, int seconds) {
        if (seconds < MIN_SECONDS || seconds > MAX_SECONDS) {
            throw new IllegalArgumentException("time-out " + name + ": " + MIN_SECONDS + " to " + MAX_SECONDS
                    + " seconds expected, not " + seconds);
        }
    }
}
