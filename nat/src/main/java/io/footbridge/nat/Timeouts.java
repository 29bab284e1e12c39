package io.footbridge.nat;

/**
 * After how many seconds without a packet a session is over. Immutable.
 *
 * @param opening TCP before the handshake is complete (RFC 7857: transitory, 240)
 * @param established TCP with the handshake complete (RFC 5382: at least 7440)
 * @param closing TCP after a FIN or RST (RFC 7857: 240)
 * @param udp UDP that was replied to (RFC 4787: 300)
 * @param udpUnreplied UDP that was never replied to (RFC 4787: at least 120)
 * @param query ICMP queries (RFC 5508: at least 60)
 * @param other other protocols (as UDP)
 */
public record Timeouts(int opening, int established, int closing, int udp, int udpUnreplied, int query, int other) {
    /** What the RFCs ask for. */
    public static final Timeouts DEFAULT = new Timeouts(240, 7440, 240, 300, 120, 60, 300);
}
