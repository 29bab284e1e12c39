package io.footbridge.control.handover;

import io.footbridge.control.handover.FrontEnd.Answer;
import io.footbridge.tap.CallState;
import io.footbridge.tap.Errno;
import io.footbridge.tap.FileCalls;
import io.footbridge.tap.ProcessCalls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * A process that is to serve its port itself. It may not notice that it is told so, and is told again for as long as it waits: then
 * it catches the signal, which would end the program that it becomes afterwards. No descriptor is held between. One thread at a time.
 */
final class Declined {
    private static final String CAUGHT = "SigCgt:";
    private static final long ALARM = 1L << Answer.YOURSELF.signal() - 1;

    private final int pid;
    private long interval = Answer.FIRST_REPEAT_NANOS;
    private long due;
    /** When the process started, lest another that has its number by now is told; null where that could not be read yet. */
    private String started;

    /** A process that was told just now. */
    Declined(int pid, long now) {
        this.pid = pid;
        this.due = now + interval;
        try {
            started = HandOverFiles.startOf(pid);
        } catch (IOException noDescriptor) {
            started = null;
        }
    }

    int pid() {
        return pid;
    }

    /** When it is to be told again. */
    long due() {
        return due;
    }

    boolean isDue(long now) {
        return now - due >= 0;
    }

    /** Tells it again; false once it has noticed, or was told for long enough. */
    boolean repeat(long now) {
        if (interval > Answer.LAST_REPEAT_NANOS || !tell()) {
            return false;
        }
        interval *= 2;
        due = now + interval;
        return true;
    }

    private boolean tell() {
        CallState state = CallState.ofThread();
        int pidfd = ProcessCalls.pidfdOpen(state, pid);
        if (pidfd < 0) {
            return Errno.isExhausted(pidfd);
        }
        try {
            String start = HandOverFiles.startOf(pid);
            started = started == null ? start : started;
            if (!start.equals(started) || !catchesAlarm(Files.readString(Path.of("/proc/" + pid + "/status")))) {
                return false;
            }
            FrontEnd.send(pidfd, Answer.YOURSELF);
            return true;
        } catch (NoSuchFileException gone) {
            return false;
        } catch (IOException noDescriptor) {
            return true;
        } finally {
            FileCalls.close(state, pidfd);
        }
    }

    /** Whether a process catches the signal, by its file in /proc (proc(5), status). */
    static boolean catchesAlarm(String status) {
        int caught = status.indexOf(CAUGHT);
        if (caught < 0) {
            return false;
        }
        String rest = status.substring(caught + CAUGHT.length());
        return (Long.parseUnsignedLong(rest.substring(0, rest.indexOf('\n')).strip(), 16) & ALARM) != 0;
    }
}
