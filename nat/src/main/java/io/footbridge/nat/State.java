package io.footbridge.nat;

/**
 * What both directions of a session decide together, as one 64-bit word that is changed by compare-and-set.
 *
 * <pre>
 *  bits    name
 *  0..3    phase, one of the constants; 0: the record holds no session
 *     4    replied: a packet came back
 *     5    assured: not to be evicted (TCP: three-way handshake seen; others: replied, and older than 2 s)
 *     6    a FIN came in the original direction
 *     7    a FIN came in the reply direction
 *  8..31   TCP tracking's own (see TcpTracking)
 * 32..62   generation: another number for each session that the record ever held
 *    63     the session is being opened (see SessionStore); kept with the generation
 * </pre>
 */
final class State {
    /** No session. */
    static final int FREE = 0;
    /** TCP: a SYN was seen in the original direction. */
    static final int SYN_SENT = 1;
    /** TCP: a SYN was seen in each direction, no SYN-ACK yet (simultaneous open). */
    static final int SYN_SENT2 = 2;
    /** TCP: a SYN-ACK was seen. */
    static final int SYN_RECEIVED = 3;
    /** TCP: the handshake is complete. */
    static final int ESTABLISHED = 4;
    /** TCP: a FIN from the originator. */
    static final int FIN_WAIT = 5;
    /** TCP: a FIN from the other end. */
    static final int CLOSE_WAIT = 6;
    /** TCP: a FIN from each. */
    static final int TIME_WAIT = 7;
    /** TCP: reset. */
    static final int CLOSED = 8;
    /** Not TCP. */
    static final int STATELESS = 9;

    static final long REPLIED = 1 << 4;
    static final long ASSURED = 1 << 5;
    static final long FIN_ORIGINAL = 1 << 6;
    static final long FIN_REPLY = 1 << 7;

    private static final long PHASE = 0xF;
    private static final long GENERATION = 0xFFFF_FFFF_0000_0000L;

    private State() {
    }

    static int phase(long state) {
        return (int) (state & PHASE);
    }

    static long withPhase(long state, int phase) {
        return state & ~PHASE | phase;
    }

    static boolean isReplied(long state) {
        return (state & REPLIED) != 0;
    }

    static boolean isAssured(long state) {
        return (state & ASSURED) != 0;
    }

    /** The part that no state of another session in the same record has. */
    static long generation(long state) {
        return state & GENERATION;
    }
}
