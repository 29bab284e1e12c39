package io.footbridge.control.slirp;

import io.footbridge.control.slirp.SlirpOptions.Target;
import io.footbridge.tap.CallState;
import io.footbridge.tap.FileCalls;
import io.footbridge.tap.ProcessCalls;
import io.footbridge.tap.SystemCallException;
import io.footbridge.tap.namespace.NetworkNamespace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What ends the process: the exit descriptor's hang-up, or the target's end. One thread.
 *
 * @param exitDescriptor of the client, -1 for none
 * @param pidfd of the target, -1 where the target is no process
 * @param path of the target's namespace, or empty where nothing can be seen of it
 */
record Endings(int exitDescriptor, int pidfd, String path) {
    private static final int PERIOD_MILLIS = 1000;
    private static final Pattern OF_PROCESS = Pattern.compile("/proc/([1-9][0-9]{0,8})/(?:task/[0-9]+/)?ns/net");

    /** What happened. */
    enum Ending {
        /** The exit descriptor was hung up. */
        EXIT_DESCRIPTOR,
        /** The target is no more. */
        TARGET
    }

    /** Finds how the target's end is seen. The pidfd is closed on exec. */
    static Endings of(Target target, OptionalInt exitDescriptor) throws IOException {
        int pid = switch (target) {
            case Target.Process(int number) -> number;
            case Target.File(String path) -> pidIn(path);
        };
        int pidfd = -1;
        if (pid > 0) {
            pidfd = ProcessCalls.pidfdOpen(CallState.ofThread(), pid);
            if (pidfd < 0) {
                throw new SystemCallException("no such process: " + pid, -pidfd);
            }
        }
        return inherited(target, exitDescriptor, pidfd);
    }

    /** As the first stage found it. */
    static Endings inherited(Target target, OptionalInt exitDescriptor, int pidfd) {
        String path = target instanceof Target.File(String file) && pidfd < 0 ? Path.of(file).toAbsolutePath().toString() : "";
        return new Endings(exitDescriptor.orElse(-1), pidfd, path);
    }

    private static int pidIn(String path) {
        Matcher matcher = OF_PROCESS.matcher(path);
        return matcher.matches() ? Integer.parseInt(matcher.group(1)) : -1;
    }

    /** Waits for one of them. */
    Ending await() {
        Optional<Ending> ending = Optional.empty();
        int patience = isVisible() ? PERIOD_MILLIS : -1;
        while (ending.isEmpty()) {
            ending = await(patience);
            if (ending.isEmpty() && patience >= 0 && !isVisible()) {
                ending = Optional.of(Ending.TARGET);
            }
        }
        return ending.get();
    }

    /** Waits on the descriptors, so many milliseconds, -1 for ever. */
    Optional<Ending> await(int milliseconds) {
        int[] events = {FileCalls.POLLHUP, FileCalls.POLLIN};
        FileCalls.poll(CallState.ofThread(), new int[] {exitDescriptor, pidfd}, events, milliseconds);
        if (events[0] != 0) {
            return Optional.of(Ending.EXIT_DESCRIPTOR);
        }
        return events[1] != 0 ? Optional.of(Ending.TARGET) : Optional.empty();
    }

    private boolean isVisible() {
        return !path.isEmpty() && NetworkNamespace.exists(Path.of(path));
    }
}
