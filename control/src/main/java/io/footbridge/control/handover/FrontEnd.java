package io.footbridge.control.handover;

import io.footbridge.proxy.DockerProxyArguments;
import io.footbridge.proxy.Relay;
import io.footbridge.tap.CallState;
import io.footbridge.tap.Errno;
import io.footbridge.tap.FileCalls;
import io.footbridge.tap.ProcessCalls;

/** A process that has handed its port over, as long as it lives. The thread of {@link FrontEnds} only. */
final class FrontEnd {
    /** What a front end is told; the numbers are those of x86-64 and aarch64. */
    enum Answer {
        /** Its port is served. */
        SERVED(10),
        /** It is to end. */
        END(12),
        /** It is to serve its port itself. */
        YOURSELF(14);

        /** After how long it is told again first; twice as long each time. */
        static final long FIRST_REPEAT_NANOS = 50_000_000;
        /** Not longer than that. */
        static final long LAST_REPEAT_NANOS = 3_000_000_000L;

        private final int signal;

        Answer(int signal) {
            this.signal = signal;
        }

        int signal() {
            return signal;
        }
    }

    private static final int LISTENER = 4;
    private static final int STATUS = 3;
    private static final int ALIVE = 5;

    private final int pid;
    private final int pidfd;
    private final DockerProxyArguments asked;
    private Relay relay;
    private String complaint = "";
    private Answer answer;
    private long interval;
    private long due;
    private boolean ended;

    /**
     * @param pidfd this object's from here on
     */
    FrontEnd(int pid, int pidfd, DockerProxyArguments asked) {
        this.pid = pid;
        this.pidfd = pidfd;
        this.asked = asked;
    }

    int pid() {
        return pid;
    }

    int pidfd() {
        return pidfd;
    }

    DockerProxyArguments asked() {
        return asked;
    }

    /** A copy of the socket it was given, or the negated error number. */
    int takeListener() {
        return take(pidfd, LISTENER);
    }

    /** A copy of where its status is read, or the negated error number. */
    int takeStatus() {
        return take(pidfd, STATUS);
    }

    /** A copy of what a process waits on, or the negated error number. */
    static int takeAlive(int pidfd) {
        return take(pidfd, ALIVE);
    }

    private static int take(int pidfd, int descriptor) {
        return ProcessCalls.pidfdGetfd(CallState.ofThread(), pidfd, descriptor);
    }

    boolean isServed() {
        return relay != null;
    }

    /** Whether its port is to be had as soon as that can be. */
    boolean isWaiting() {
        return relay == null && answer == null;
    }

    /** Its port is open; closed at once where it has ended meanwhile. */
    void serve(Relay opened) {
        relay = opened;
        if (ended) {
            closePort();
        }
    }

    /** Closes its port, and its connections with it. */
    void closePort() {
        if (relay != null) {
            relay.close();
            relay = null;
        }
    }

    /** Whether a complaint is another than the last. */
    boolean complains(String text) {
        boolean other = !complaint.equals(text);
        complaint = text;
        return other;
    }

    /** Tells it something, from now on in growing intervals. */
    void tell(Answer what, long now) {
        if (ended) {
            return;
        }
        answer = what;
        interval = Answer.FIRST_REPEAT_NANOS;
        due = now + interval;
        send(pidfd, what);
    }

    /** Tells it again what it may not have noticed, if that is due; when to look again, or {@code Long.MAX_VALUE}. */
    long repeat(long now) {
        if (answer == null) {
            return Long.MAX_VALUE;
        }
        if (now - due >= 0) {
            if (answer == Answer.SERVED && hasClosedStatus()) {
                answer = null;
                return Long.MAX_VALUE;
            }
            send(pidfd, answer);
            interval *= 2;
            due = now + interval;
            if (interval > Answer.LAST_REPEAT_NANOS && answer == Answer.SERVED) {
                answer = null;
                return Long.MAX_VALUE;
            }
            interval = Math.min(interval, Answer.LAST_REPEAT_NANOS);
        }
        return due;
    }

    /** Whether it has noticed that it is served, whereupon it closes its status. Looking wakes nobody. */
    private boolean hasClosedStatus() {
        int status = takeStatus();
        if (status >= 0) {
            FileCalls.close(CallState.ofThread(), status);
        }
        return Errno.EBADF.is(status);
    }

    static void send(int pidfd, Answer what) {
        ProcessCalls.pidfdSendSignal(CallState.ofThread(), pidfd, what.signal);
    }

    /** Its process has ended. */
    void forget() {
        ended = true;
        closePort();
        FileCalls.close(CallState.ofThread(), pidfd);
    }
}
