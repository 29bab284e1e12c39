package io.footbridge.nat;

import io.footbridge.wire.Tcp;

/**
 * What a TCP segment makes of a session's state word: RFC 7857 figure 1 and RFC 6146 section 3.5.2, told apart by the
 * states that conntrack names. Pure functions; any thread.
 *
 * <pre>
 *  bits    name (of the state word, beside those of {@link State})
 *     8    no SYN came in the original direction yet: the session was opened anew from the other end
 *     9    a SYN came in the reply direction
 *    10    the original direction acknowledged the other one's SYN
 *    11    the reply direction acknowledged the other one's SYN
 *    12    reset in the original direction
 *    13    reset in the reply direction
 * </pre>
 *
 * <p>The phase follows from these bits and those of the FINs alone ({@link #derived}), so that a session is the same
 * whatever order two workers saw its segments in:
 * <ul>
 * <li>a SYN in one direction only: SYN_SENT; in both, none acknowledged: SYN_SENT2; one acknowledged: SYN_RECEIVED;
 * <li>both acknowledged: ESTABLISHED, and assured. This is one rule for the three-way handshake and for the simultaneous
 *     open, where each end's SYN-ACK does it;
 * <li>then by FINs: the originator's FIN_WAIT, the other's CLOSE_WAIT, both TIME_WAIT. Until both have come data may flow
 *     for as long as the ends like (RFC 5382 section 5 counts it as established);
 * <li>a RST in either direction: CLOSED, until its sender proves not to have sent it.
 * </ul>
 *
 * <p><b>A RST</b> is translated and the session kept for the closing time-out (RFC 7857 section 2.2). In figure 1 a data
 * packet makes the session established again, because the RST may have been forged; taken literally, data that was under
 * way when a real RST passed would leave dead sessions established. So only a segment of the direction that the RST came in
 * revives the session: an end that has sent RST sends nothing else, and an end that has not goes on acknowledging.
 *
 * <p><b>A SYN on a session that is over</b> (TIME_WAIT, CLOSED) opens it anew, from either end: ports are reused. It takes
 * a SYN from both ends, and their acknowledgement, until it is established again.
 *
 * <p><b>Which segments need not be looked at.</b> A plain one (no SYN, FIN or RST) changes the word only after a SYN or a
 * RST of its own direction. So a direction whose plain segments have been seen to change nothing is settled until it
 * sends a SYN or RST itself ({@link #unsettles}); what the other direction does meanwhile does not matter.
 *
 * <p><b>Time.</b> What changes the word counts as life. Of what changes nothing, a SYN (repeated, or on a session that
 * lives, with ACK or without) and a RST do not ({@link #refreshes}).
 */
final class TcpTracking {
    /** In place of a state word: the segment fits no state that the session may be in. */
    static final long INVALID = 0;

    private static final long NO_SYN_ORIGINAL = 1 << 8;
    private static final long SYN_REPLY = 1 << 9;
    private static final long ACK_ORIGINAL = 1 << 10;
    private static final long ACK_REPLY = 1 << 11;
    private static final long RESET_ORIGINAL = 1 << 12;
    private static final long RESET_REPLY = 1 << 13;
    private static final long ACKS = ACK_ORIGINAL | ACK_REPLY;
    private static final long FINS = State.FIN_ORIGINAL | State.FIN_REPLY;
    private static final long RESETS = RESET_ORIGINAL | RESET_REPLY;
    private static final long HISTORY = NO_SYN_ORIGINAL | SYN_REPLY | ACKS | FINS | RESETS | State.REPLIED
            | State.ASSURED;

    private static final int CONTROL = Tcp.FIN | Tcp.SYN | Tcp.RST;
    private static final int KINDS = CONTROL | Tcp.ACK | Tcp.URG;
    /** One bit for each value of {@link #KINDS} that some TCP sends; ACK and URG stand at bits 4 and 5. */
    private static final long VALID = 1L << Tcp.SYN | 1L << (Tcp.SYN | Tcp.URG) | 1L << (Tcp.SYN | Tcp.ACK)
            | 1L << Tcp.RST | 1L << (Tcp.RST | Tcp.ACK) | 1L << (Tcp.FIN | Tcp.ACK)
            | 1L << (Tcp.FIN | Tcp.ACK | Tcp.URG) | 1L << Tcp.ACK | 1L << (Tcp.ACK | Tcp.URG);

    private TcpTracking() {
    }

    /** Whether some TCP sends these flags together; PSH, ECE and CWR go with any (as Linux's conntrack has it). */
    static boolean isValid(int flags) {
        return (VALID >>> (flags & KINDS) & 1) != 0;
    }

    /** Whether a segment of valid flags asks to open a connection: SYN without ACK. */
    static boolean isOpening(int flags) {
        return (flags & (CONTROL | Tcp.ACK)) == Tcp.SYN;
    }

    /** Whether a segment has ACK, and neither SYN, FIN nor RST: the flags are valid then. */
    static boolean isPlain(int flags) {
        return (flags & (CONTROL | Tcp.ACK)) == Tcp.ACK;
    }

    /** Whether plain segments change nothing in this state, in either direction. */
    static boolean isSettled(long state) {
        return State.phase(state) >= State.ESTABLISHED && State.phase(state) <= State.TIME_WAIT;
    }

    /** Whether plain segments that follow this one in its direction may change the word. */
    static boolean unsettles(int flags) {
        return (flags & (Tcp.SYN | Tcp.RST)) != 0;
    }

    /**
     * What a session becomes by a segment.
     *
     * @param state the word before
     * @param reply whether the segment came in the reply direction
     * @param flags its flags, valid together
     * @return the word after, often the same, or {@link #INVALID}
     */
    static long next(long state, boolean reply, int flags) {
        long replied = reply ? state | State.REPLIED : state;
        return switch (flags & CONTROL) {
            case Tcp.RST -> derived(replied | (reply ? RESET_REPLY : RESET_ORIGINAL));
            case Tcp.SYN -> (flags & Tcp.ACK) == 0 ? synchronise(state, replied, reply) : accept(state, replied, reply);
            default -> {
                long revived = derived(replied & ~(reply ? RESET_REPLY : RESET_ORIGINAL));
                yield State.phase(revived) == State.CLOSED ? revived : acknowledge(revived, reply, flags);
            }
        };
    }

    /** Whether a segment keeps its session alive. */
    static boolean refreshes(long before, long after, int flags) {
        return before != after || (flags & (Tcp.RST | Tcp.SYN)) == 0;
    }

    private static long synchronise(long state, long replied, boolean reply) {
        int phase = State.phase(state);
        if (phase == State.TIME_WAIT || phase == State.CLOSED) {
            long anew = replied & ~HISTORY;
            return derived(reply ? anew | NO_SYN_ORIGINAL | SYN_REPLY | State.REPLIED : anew);
        }
        // On a session that lives this is a repetition, or else the other end's challenge ACK sorts it out (RFC 5961).
        return isSettled(state) ? state : derived(withSyn(replied, reply));
    }

    private static long accept(long state, long replied, boolean reply) {
        if (!hasSyn(state, !reply)) {
            return INVALID;
        }
        // On a session that is established or over it is late, or repeated because the last ACK was lost.
        return State.phase(state) >= State.ESTABLISHED ? state : derived(withAck(withSyn(replied, reply), reply));
    }

    private static long acknowledge(long state, boolean reply, int flags) {
        if (!hasSyn(state, !reply)) {
            return INVALID;
        }
        boolean fin = (flags & Tcp.FIN) != 0;
        if (!hasSyn(state, reply)) {
            // An end without a SYN in this life of the session still answers for the one before: a challenge ACK.
            return fin ? INVALID : state;
        }
        long acknowledged = withAck(state, reply);
        return derived(fin ? acknowledged | (reply ? State.FIN_REPLY : State.FIN_ORIGINAL) : acknowledged);
    }

    private static boolean hasSyn(long state, boolean reply) {
        return reply ? (state & SYN_REPLY) != 0 : (state & NO_SYN_ORIGINAL) == 0;
    }

    private static long withSyn(long state, boolean reply) {
        return reply ? state | SYN_REPLY : state & ~NO_SYN_ORIGINAL;
    }

    private static long withAck(long state, boolean reply) {
        return state | (reply ? ACK_REPLY : ACK_ORIGINAL);
    }

    private static long derived(long state) {
        if ((state & RESETS) != 0) {
            return State.withPhase(state, State.CLOSED);
        }
        if (!hasSyn(state, false) || !hasSyn(state, true)) {
            return State.withPhase(state, State.SYN_SENT);
        }
        if ((state & ACKS) != ACKS) {
            return State.withPhase(state, (state & ACKS) == 0 ? State.SYN_SENT2 : State.SYN_RECEIVED);
        }
        long assured = state | State.ASSURED;
        if ((state & FINS) == 0) {
            return State.withPhase(assured, State.ESTABLISHED);
        }
        boolean both = (state & FINS) == FINS;
        boolean original = (state & State.FIN_ORIGINAL) != 0;
        return State.withPhase(assured, both ? State.TIME_WAIT : original ? State.FIN_WAIT : State.CLOSE_WAIT);
    }
}
