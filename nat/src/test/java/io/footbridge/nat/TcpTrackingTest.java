package io.footbridge.nat;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.wire.Tcp;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Sequences of segments, each as direction and flags: {@code >} original, {@code <} reply; S, A, F, R. The first SYN has
 * opened the session.
 */
class TcpTrackingTest {
    private static final long GENERATION = 0x1234_5678_0000_0000L;
    private static final long OPENED = GENERATION | State.SYN_SENT;
    private static final List<String> PHASES = List.of("FREE", "SYN_SENT", "SYN_SENT2", "SYN_RECEIVED", "ESTABLISHED",
            "FIN_WAIT", "CLOSE_WAIT", "TIME_WAIT", "CLOSED");
    private static final String HANDSHAKE = ">S <SA >A ";
    private static final int[] KINDS = {Tcp.SYN, Tcp.SYN | Tcp.ACK, Tcp.ACK, Tcp.FIN | Tcp.ACK, Tcp.RST, Tcp.RST | Tcp.ACK};

    private static int flags(String segment) {
        int flags = 0;
        for (char flag : segment.substring(1).toCharArray()) {
            flags |= switch (flag) {
                case 'S' -> Tcp.SYN;
                case 'A' -> Tcp.ACK;
                case 'F' -> Tcp.FIN;
                case 'R' -> Tcp.RST;
                case 'P' -> Tcp.PSH;
                case 'U' -> Tcp.URG;
                case 'E' -> Tcp.ECE;
                case 'C' -> Tcp.CWR;
                default -> throw new IllegalArgumentException(segment);
            };
        }
        return flags;
    }

    private static long after(String segments) {
        long state = OPENED;
        for (String segment : segments.trim().split(" +")) {
            long next = TcpTracking.next(state, segment.charAt(0) == '<', flags(segment));
            if (next == TcpTracking.INVALID) {
                return next;
            }
            state = next;
        }
        return state;
    }

    private static String phase(String segments) {
        long state = after(segments);
        return state == TcpTracking.INVALID ? "INVALID" : PHASES.get(State.phase(state));
    }

    @ParameterizedTest
    @CsvSource({
        ">S, SYN_SENT", ">S >S, SYN_SENT", ">S <SA, SYN_RECEIVED", ">S <SA <SA, SYN_RECEIVED",
        ">S <SA >S <SA, SYN_RECEIVED", ">S <SA >A, ESTABLISHED", ">S <SA >A <SA >A, ESTABLISHED",
        ">S <SA >A >S, ESTABLISHED", ">S <SA <A, SYN_RECEIVED", ">S <SA >FA, FIN_WAIT", ">S <SA <FA, SYN_RECEIVED",
        ">S <SA <FA >A, CLOSE_WAIT"})
    void theHandshakeEstablishes(String segments, String phase) {
        assertThat(phase(segments)).isEqualTo(phase);
    }

    @ParameterizedTest
    @CsvSource({
        ">S <S, SYN_SENT2", ">S <S >SA, SYN_RECEIVED", ">S <S <SA, SYN_RECEIVED", ">S <S >SA <SA, ESTABLISHED",
        ">S <S <SA >SA, ESTABLISHED", ">S <S >S <S >SA <SA, ESTABLISHED", ">S <S >SA <A, ESTABLISHED",
        ">S <S <SA >A, ESTABLISHED", ">S <S >SA <SA >A <A >SA, ESTABLISHED"})
    void aSimultaneousOpenEstablishes(String segments, String phase) {
        assertThat(phase(segments)).isEqualTo(phase);
    }

    @ParameterizedTest
    @CsvSource({
        ">FA, FIN_WAIT", ">FA <A, FIN_WAIT", ">FA <A <FA, TIME_WAIT", ">FA <A <FA >A, TIME_WAIT", "<FA, CLOSE_WAIT",
        "<FA >A >A <A, CLOSE_WAIT", "<FA >FA, TIME_WAIT", "<FA >FA <A, TIME_WAIT", ">FA <FA >A <A, TIME_WAIT",
        ">FA >FA, FIN_WAIT", ">FA <A <A >A, FIN_WAIT", ">FA <FA <FA >FA, TIME_WAIT", ">FA <FA <SA, TIME_WAIT"})
    void finsCloseFromInsideFromOutsideAndSimultaneously(String segments, String phase) {
        assertThat(phase(HANDSHAKE + segments)).isEqualTo(phase);
    }

    @ParameterizedTest
    @CsvSource({
        // A RST closes in every phase.
        ">S >R, CLOSED", ">S <RA, CLOSED", ">S <SA >R, CLOSED", ">S <SA >A >R, CLOSED", ">S <SA >A <R, CLOSED",
        ">S <SA >A >FA <FA >R, CLOSED", ">S <S >R, CLOSED",
        // What the other end sent before it knew does not bring the session back.
        ">S <SA >A >RA <A <A <FA, CLOSED", ">S <SA >A <FA >A >A >RA <A, CLOSED", ">S <SA >R <SA, CLOSED",
        // An end that goes on did not send the RST.
        ">S <SA >A <R <A, ESTABLISHED", ">S <SA >A >R >A, ESTABLISHED", ">S <SA >A >FA <R <A, FIN_WAIT",
        ">S <SA >A <R <FA, CLOSE_WAIT", ">S <SA >A <FA >R >FA, TIME_WAIT", ">S <SA <R <A, SYN_RECEIVED",
        // Both must show it where both are said to have reset.
        ">S <SA >A >R <R >A, CLOSED", ">S <SA >A >R <R >A <A, ESTABLISHED", ">S <SA >A <R <R <A, ESTABLISHED"})
    void aResetClosesUntilItsSenderGoesOn(String segments, String phase) {
        assertThat(phase(segments)).isEqualTo(phase);
    }

    @ParameterizedTest
    @CsvSource({
        // Half reopened from inside, and from outside.
        ">S, SYN_SENT", "<S, SYN_SENT", ">S >A, INVALID", "<S <A, INVALID", ">S <A, SYN_SENT", "<S >A, SYN_SENT",
        // Whole.
        ">S <SA, SYN_RECEIVED", ">S <SA >A, ESTABLISHED", "<S >SA, SYN_RECEIVED", "<S >SA <A, ESTABLISHED",
        ">S <S, SYN_SENT2", "<S >S, SYN_SENT2", "<S >S <SA >SA, ESTABLISHED", "<S >SA <A >FA, FIN_WAIT",
        // The other end still knows the old connection: it answers with an ACK, is reset, and the SYN comes again.
        ">S <A >R >S <SA >A, ESTABLISHED", ">S <FA, INVALID", "<S >FA, INVALID"})
    void aSynReopensWhatIsOver(String segments, String phase) {
        for (String over : new String[] {HANDSHAKE + ">FA <FA >A ", HANDSHAKE + ">R ", HANDSHAKE + "<R ", ">S <RA "}) {
            assertThat(phase(over + segments)).as(over + segments).isEqualTo(phase);
        }
    }

    @ParameterizedTest
    @CsvSource({">S >A", ">S >SA", ">S >FA", ">S <FA"})
    void whatFitsNoStateIsInvalid(String segments) {
        assertThat(phase(segments)).isEqualTo("INVALID");
    }

    @Test
    void aHandshakeAssuresAndAReopeningDoesNot() {
        assertThat(State.isAssured(after(">S <SA"))).isFalse();
        assertThat(State.isReplied(after(">S <SA"))).isTrue();
        assertThat(State.isReplied(after(">S >S"))).isFalse();
        assertThat(State.isAssured(after(HANDSHAKE))).isTrue();
        assertThat(State.isAssured(after(HANDSHAKE + ">R"))).isTrue();
        assertThat(after(HANDSHAKE + ">FA <FA >S")).isEqualTo(OPENED);
        assertThat(State.isAssured(after(HANDSHAKE + ">FA <FA <S >SA"))).isFalse();
        assertThat(State.isReplied(after(HANDSHAKE + ">FA <FA <S"))).isTrue();
    }

    @Test
    void repeatedSynsAndResetsDoNotKeepASessionAlive() {
        assertThat(refreshes(">S", ">S")).isFalse();
        assertThat(refreshes(HANDSHAKE, ">S")).isFalse();
        assertThat(refreshes(HANDSHAKE, ">R")).isTrue();
        assertThat(refreshes(HANDSHAKE + ">R", ">R")).isFalse();
        assertThat(refreshes(HANDSHAKE + ">FA <FA", ">S")).isTrue();
        assertThat(refreshes(">S", "<SA")).isTrue();
        assertThat(refreshes(">S <SA", "<SA")).isFalse();
        assertThat(refreshes(HANDSHAKE, ">A")).isTrue();
        assertThat(refreshes(HANDSHAKE + ">FA", ">FA")).isTrue();
    }

    private static boolean refreshes(String before, String segment) {
        return TcpTracking.refreshes(after(before), after(before.trim() + " " + segment), flags(segment));
    }

    @Test
    void onlyFlagsThatATcpSendsTogetherAreValid() {
        for (String valid : new String[] {">S", ">SA", ">SEC", ">SAE", ">SU", ">A", ">AP", ">AU", ">APU", ">FA", ">FAP",
            ">FAU", ">FAPU", ">R", ">RA", ">RAP", ">AEC"}) {
            assertThat(TcpTracking.isValid(flags(valid))).as(valid).isTrue();
        }
        for (String bad : new String[] {">", ">P", ">U", ">F", ">FU", ">FPU", ">SF", ">SFA", ">SR", ">SRA", ">FR", ">FRA",
            ">SFRAPU", ">SFRPAUEC", ">RU", ">EC", ">SAU"}) {
            assertThat(TcpTracking.isValid(flags(bad))).as(bad).isFalse();
        }
    }

    @Property(tries = 5000)
    void aSettledDirectionMissesNothing(@ForAll @Size(max = 40) List<@IntRange(max = 11) Integer> segments) {
        long state = OPENED;
        boolean[] settled = new boolean[2];
        for (int segment : segments) {
            boolean reply = segment % 2 == 1;
            int flags = KINDS[segment / 2];
            int direction = segment % 2;
            long next = TcpTracking.next(state, reply, flags);
            if (TcpTracking.isPlain(flags) && settled[direction]) {
                assertThat(next).isIn(state, state | State.REPLIED);
                continue;
            }
            if (TcpTracking.unsettles(flags)) {
                settled[direction] = false;
            }
            if (next != TcpTracking.INVALID) {
                state = next;
                settled[direction] |= TcpTracking.isPlain(flags) && TcpTracking.isSettled(state);
            }
            assertThat(State.generation(state)).isEqualTo(GENERATION);
            assertThat(State.phase(state)).isBetween(State.SYN_SENT, State.CLOSED);
        }
    }

    @Property(tries = 5000)
    void onlyAHandshakeOfBothEndsEstablishes(@ForAll @Size(max = 40) List<@IntRange(max = 11) Integer> segments) {
        long state = OPENED;
        boolean[] syn = {true, false};
        boolean[] acknowledged = new boolean[2];
        for (int segment : segments) {
            int flags = KINDS[segment / 2];
            int direction = segment % 2;
            long next = TcpTracking.next(state, direction == 1, flags);
            if (next == TcpTracking.INVALID) {
                continue;
            }
            if ((flags & Tcp.SYN) != 0) {
                if (TcpTracking.isOpening(flags) && State.phase(state) >= State.TIME_WAIT) {
                    syn = new boolean[2];
                    acknowledged = new boolean[2];
                }
                syn[direction] = true;
            }
            acknowledged[direction] |= (flags & Tcp.ACK) != 0 && syn[0] && syn[1];
            state = next;
            if (TcpTracking.isSettled(state)) {
                assertThat(acknowledged).containsExactly(true, true);
                assertThat(State.isAssured(state)).isTrue();
            }
        }
    }
}
