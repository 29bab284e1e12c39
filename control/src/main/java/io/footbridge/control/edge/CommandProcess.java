package io.footbridge.control.edge;

import io.footbridge.tap.CallState;
import io.footbridge.tap.Epoll;
import io.footbridge.tap.Errno;
import io.footbridge.tap.FileCalls;
import io.footbridge.tap.ProcessCalls;
import io.footbridge.tap.SystemCallException;
import java.util.Optional;

/** A process that is waited for, held by a pidfd: its number may be another's later. */
public final class CommandProcess implements AutoCloseable {
    private static final int SIGKILL = 9;

    private final int pid;
    private final int pidfd;

    private CommandProcess(int pid, int pidfd) {
        this.pid = pid;
        this.pidfd = pidfd;
    }

    /** The process of that number; empty where there is none any more. */
    public static Optional<CommandProcess> open(int pid) throws SystemCallException {
        int pidfd = ProcessCalls.pidfdOpen(CallState.ofThread(), pid);
        if (Errno.ESRCH.is(pidfd)) {
            return Optional.empty();
        }
        if (pidfd < 0) {
            throw new SystemCallException("pidfd_open of process " + pid, -pidfd);
        }
        return Optional.of(new CommandProcess(pid, pidfd));
    }

    /** Its number. */
    public int pid() {
        return pid;
    }

    /** Ends it at once; one that has ended is left alone. */
    public void kill() throws SystemCallException {
        int result = ProcessCalls.pidfdSendSignal(CallState.ofThread(), pidfd, SIGKILL);
        if (result < 0 && !Errno.ESRCH.is(result)) {
            throw new SystemCallException("kill process " + pid, -result);
        }
    }

    /** Returns when it has ended, whoever reaps it. */
    public void awaitEnd() throws SystemCallException {
        try (Epoll epoll = new Epoll()) {
            epoll.add(pidfd, pid);
            while (epoll.await(-1) == 0) {
                // A signal came.
            }
        }
    }

    /** Whether it has ended. */
    public boolean hasEnded() throws SystemCallException {
        try (Epoll epoll = new Epoll()) {
            epoll.add(pidfd, pid);
            return epoll.await(0) > 0;
        }
    }

    /** Lets it go. */
    @Override
    public void close() {
        FileCalls.close(CallState.ofThread(), pidfd);
    }
}
