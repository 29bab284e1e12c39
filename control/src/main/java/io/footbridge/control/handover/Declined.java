package io.footbridge.control.handover;

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
    private static final long ALARM = 1L << FrontEnd.Answer.YOURSELF.signal() - 1;
    private static final long FIRST_REPEAT_NANOS = 50_000_000;
    private static final long LAST_REPEAT_NANOS = 3_000_000_000L;

    private final int pid;
    private long interval = FIRST_REPEAT_NANOS;
    private long due;

    /** A process that was told just now. */
    Declined(int pid, long now) {
        this.pid = pid;
        this.due = now + interval;
    }

    /** Tells it again if that is due; when to look again, or {@code Long.MAX_VALUE} once it has noticed, or for good. */
    long repeat(long now) {
        if (now - due >= 0) {
            if (interval > LAST_REPEAT_NANOS || !tell()) {
                return Long.MAX_VALUE;
            }
            interval *= 2;
            due = now + interval;
        }
        return due;
    }

    private boolean tell() {
        CallState state = CallState.ofThread();
        int pidfd = ProcessCalls.pidfdOpen(state, pid);
        if (pidfd < 0) {
            return Errno.isExhausted(pidfd);
        }
        try {
            if (!catchesAlarm(Files.readString(Path.of("/proc/" + pid + "/status")))) {
                return false;
            }
            FrontEnd.send(pidfd, FrontEnd.Answer.YOURSELF);
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
