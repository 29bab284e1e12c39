package io.footbridge.nat;

import io.footbridge.memory.Words;
import io.footbridge.wire.DropReason;
import io.footbridge.wire.Tcp;
import java.lang.foreign.MemorySegment;

/**
 * Whether a TCP segment can be of its connection, by sequence and acknowledgement numbers (after G. van Rooij, "Real
 * Stateful TCP Packet Filtering in IP Filter", as Linux's conntrack has it). Static; each direction's receiver writes that
 * direction's 16 bytes, and reads the other's.
 *
 * <pre>
 * offset  width  name
 *      0      4  end: behind the last byte that this direction has sent
 *      4      4  allowed: behind the last byte that this direction has allowed the other to send
 *      8      4  acknowledged: behind the last byte that this direction has acknowledged
 *     12      4  bits  0..23  the largest window that this direction has offered, in units of 64 bytes, rounded up
 *                bits 24..27  the shift that its SYN has announced
 *                bit      28  its SYN has announced one
 *                bit      29  it has acknowledged something: the two words above mean something
 *                bit      31  its SYN has been seen; a direction without is not checked
 * </pre>
 *
 * <p>A segment must not begin beyond what the other end allows, nor end further back than the other end's window and
 * 66,000 bytes reach; it must not acknowledge what was not sent, nor what was acknowledged longer ago than that.
 * A RST must not lie before what the other end has acknowledged; only one that stands just there, or just behind what its
 * sender has sent, closes the session. Any other passes, for the other end to challenge (RFC 5961 section 3).
 */
final class TcpWindow {
    /** Bytes of a direction. */
    static final int SIZE = 16;
    /** Where in them the flags are that say whether the rest means anything. */
    static final int FLAGS = 12;
    /** {@link #check}: the segment passes, but is not to change the session's state, nor to keep it alive. */
    static final int DOUBTFUL = 1;

    private static final int END = 0;
    private static final int ALLOWED = 4;
    private static final int ACKNOWLEDGED = 8;

    private static final int WINDOW_MASK = 0xFF_FFFF;
    private static final int WINDOW_SHIFT = 6;
    private static final int SCALE_SHIFT = 24;
    private static final int MAX_SCALE = 14;
    private static final int SCALED = 1 << 28;
    private static final int ANSWERED = 1 << 29;
    private static final int SEEN = 1 << 31;

    /** How far back is not too far in any case: a GSO frame that begins inside the window may end so far behind it. */
    private static final int LEAST_REACH = 66_000;

    private TcpWindow() {
    }

    /**
     * Checks a segment and notes what it says.
     *
     * @param windows where the connection's two directions stand
     * @param at where that of the segment stands; the other's is at this xor 16
     * @param transport offset of the checked TCP header
     * @param payload bytes behind the TCP header
     * @param phase of the session before the segment
     * @return 0, {@link #DOUBTFUL}, or the code of {@link DropReason#BAD_WINDOW}
     */
    static int check(MemorySegment windows, long at, MemorySegment memory, long transport, int payload, int phase) {
        int flags = Tcp.flags(memory, transport);
        if ((flags & Tcp.RST) != 0) {
            return checkReset(windows, at, memory, transport, flags, phase);
        }
        if ((flags & Tcp.SYN) != 0) {
            return checkSyn(windows, at, memory, transport, payload, flags, phase);
        }
        long other = at ^ SIZE;
        int own = Words.getInt(windows, at + FLAGS);
        int others = Words.getIntAcquire(windows, other + FLAGS);
        if (phase == State.SYN_SENT || own >= 0 || others >= 0) {
            return 0;
        }
        int sequence = Tcp.sequence(memory, transport);
        int end = sequence + payload + (flags & Tcp.FIN);
        int acknowledgement = Tcp.acknowledgement(memory, transport);
        int sent = Words.getInt(windows, at + END);
        int otherSent = Words.getIntOpaque(windows, other + END);
        if ((others & ANSWERED) != 0 && sequence - Words.getIntOpaque(windows, other + ALLOWED) > 0
                || end - sent < -reach(others) || acknowledgement - otherSent > 0
                || acknowledgement - otherSent < -reach(own)) {
            return DropReason.BAD_WINDOW.code();
        }
        if (end - sent > 0) {
            Words.putIntOpaque(windows, at + END, end);
        }
        int scale = (own & others & SCALED) == 0 ? 0 : own >>> SCALE_SHIFT & 0xF;
        acknowledge(windows, at, own, acknowledgement, Tcp.window(memory, transport) << scale);
        return 0;
    }

    private static int checkSyn(MemorySegment windows, long at, MemorySegment memory, long transport, int payload, int flags,
            int phase) {
        boolean opening = TcpTracking.isOpening(flags);
        if (phase >= State.ESTABLISHED && (!opening || phase < State.TIME_WAIT)) {
            return 0;
        }
        if (!opening && !acknowledges(windows, at, memory, transport)) {
            return DropReason.BAD_WINDOW.code();
        }
        int announced = Tcp.windowScale(memory, transport);
        int own = announced < 0 ? SEEN : SEEN | SCALED | Math.min(announced, MAX_SCALE) << SCALE_SHIFT;
        int end = Tcp.sequence(memory, transport) + payload + 1;
        int ahead = Words.getInt(windows, at + END) - end;
        // A SYN-ACK may be repeated when data has been sent already.
        if (phase != State.SYN_RECEIVED || Words.getInt(windows, at + FLAGS) >= 0 || ahead < 0 || ahead > LEAST_REACH) {
            Words.putIntOpaque(windows, at + END, end);
        }
        if (opening) {
            Words.putIntRelease(windows, at + FLAGS, own | units(Tcp.window(memory, transport)));
        } else {
            acknowledge(windows, at, own, Tcp.acknowledgement(memory, transport), Tcp.window(memory, transport));
        }
        return 0;
    }

    private static int checkReset(MemorySegment windows, long at, MemorySegment memory, long transport, int flags, int phase) {
        int sequence = Tcp.sequence(memory, transport);
        int own = Words.getInt(windows, at + FLAGS);
        if (phase == State.SYN_SENT) {
            if ((flags & Tcp.ACK) != 0) {
                return acknowledges(windows, at, memory, transport) ? 0 : DropReason.BAD_WINDOW.code();
            }
            return own >= 0 || sequence == Words.getInt(windows, at + END) ? 0 : DOUBTFUL;
        }
        long other = at ^ SIZE;
        int others = Words.getIntAcquire(windows, other + FLAGS);
        if (own >= 0 || others >= 0 || (others & ANSWERED) == 0) {
            return 0;
        }
        int expected = Words.getIntOpaque(windows, other + ACKNOWLEDGED);
        if (sequence - expected < 0 || sequence - Words.getIntOpaque(windows, other + ALLOWED) > 0) {
            return DropReason.BAD_WINDOW.code();
        }
        return sequence == expected || sequence == Words.getInt(windows, at + END) ? 0 : DOUBTFUL;
    }

    /** Whether a segment acknowledges what the other end has sent lately, or the other end's SYN has not been seen. */
    private static boolean acknowledges(MemorySegment windows, long at, MemorySegment memory, long transport) {
        long other = at ^ SIZE;
        int others = Words.getIntAcquire(windows, other + FLAGS);
        int ahead = Tcp.acknowledgement(memory, transport) - Words.getIntOpaque(windows, other + END);
        return others >= 0 || ahead <= 0 && ahead > -LEAST_REACH;
    }

    private static void acknowledge(MemorySegment windows, long at, int own, int acknowledgement, int window) {
        boolean first = (own & ANSWERED) == 0;
        int allowed = acknowledgement + window;
        if (first || allowed - Words.getInt(windows, at + ALLOWED) > 0) {
            Words.putIntOpaque(windows, at + ALLOWED, allowed);
        }
        if (first || acknowledgement - Words.getInt(windows, at + ACKNOWLEDGED) > 0) {
            Words.putIntOpaque(windows, at + ACKNOWLEDGED, acknowledgement);
        }
        int largest = Math.max(own & WINDOW_MASK, units(window));
        int noted = own & ~WINDOW_MASK | largest | ANSWERED;
        if (noted != own || first) {
            Words.putIntRelease(windows, at + FLAGS, noted);
        }
    }

    private static int reach(int flags) {
        return ((flags & WINDOW_MASK) << WINDOW_SHIFT) + LEAST_REACH;
    }

    private static int units(int window) {
        return window + (1 << WINDOW_SHIFT) - 1 >>> WINDOW_SHIFT;
    }
}
